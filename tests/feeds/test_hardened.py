"""Messages that attack their reader are refused with a reason, whole and fast."""

import gzip

import orjson
import pytest
from feeds_helpers import MESSAGES, read, take

from ems_twin.feeds.hardened import MOST_BYTES, shape

BOMB = b"""<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;">]><alert><identifier>&y;</identifier></alert>"""
FILE = b"""<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><alert><identifier>&x;</identifier></alert>"""


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "is in no standard"),
        (b"{", "is no JSON"),
        (b'{"a": NaN}', "is no JSON"),
        (b'{"lat": 1e999}', "is no JSON"),
        (b"[" * 900 + b"]" * 900, "nested more than 64"),
        (b'{"a":' * 100_000, "is no JSON"),
        (BOMB, "declares a document type"),
        (FILE, "declares a document type"),
        (b"<a>" * 200 + b"</a>" * 200, "nested more than 64"),
        (b"<alert>", "is no well-formed XML"),
        (b"<?xml version='1.0' encoding='klingon'?><a/>", "is no well-formed XML"),
        (b"\xff\xfe\x00", "is no UTF-8"),
        (b"\x1f\x8b\x08nonsense", "its packing is torn"),
        (gzip.compress(b'{"a": 1}')[:-4], "its packing is torn"),
        (gzip.compress(b" " * 60_000_000), "unpacks to more than"),
        (b'{"a": 1}', "is in no standard"),
        (b"a,b\n1,2\n", "is in no standard"),
    ],
)
def test_an_attack_or_nonsense_is_refused_with_its_reason(payload, reason):
    decoded = take(payload)
    assert decoded.events == ()
    assert reason in decoded.refused[0].reason
    assert decoded.refused[0].remedy
    assert decoded.message_id


def test_a_message_is_no_longer_than_allowed():
    assert "more than" in take(b" " * (MOST_BYTES + 1)).refused[0].reason


def test_a_packed_message_is_read_like_a_plain_one():
    plain = read("owntracks.json")
    packed = take(gzip.compress(b"\xef\xbb\xbf" + (MESSAGES / "owntracks.json").read_bytes()))
    assert packed.events[0].event_id == plain.events[0].event_id


def test_a_location_inside_json_is_hardened_too():
    message = {
        "$id": "x", "eidoVersion": "1.0", "incidentComponent": {"$id": "i", "locationReference": {"$ref": "l"}},
        "locationComponent": [{"$id": "l", "locationByValue": BOMB.decode()}],
    }  # fmt: skip
    decoded = take(orjson.dumps(message))
    assert decoded.events[0].lon is None
    assert "document type" in decoded.refused[0].reason
    assert decoded.refused[0].where == "locationComponent[0].locationByValue"


def test_what_a_refusal_shows_has_no_content():
    assert shape("Zoé 555-12") == "'aaa 999-99'"
    assert shape("x" * 100) == f"'{'a' * 40}' of 100 characters"
    assert shape(9.464944) == "9.464944"
    assert [shape(value) for value in (None, True, {"a": 1}, [1, 2])] == [
        "nothing", "true", "an object of 1 fields", "a list of 2",
    ]  # fmt: skip
