"""What is kept of a refused message: enough to read it again, and nothing that nobody uses."""

import gzip
import json
import re

import pytest
from feeds_helpers import FILES, NOW, take
from test_privacy import PERSONAL

from ems_twin.feeds import Reading, keeping

WHOLE = {"fhir_bundle.json", "nemsis.csv", "cap_exercise.xml", "wzdx_3.json"}
"""Read as a whole, or known by texts that are not kept: of these only the reasons are."""


def keepable(payload):
    return keeping.keepable(payload, take(payload), Reading(received_at=NOW, source="test"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_what_is_kept_says_the_same_and_nothing_else(file):
    payload = file.read_bytes()
    kept = keepable(payload)
    if file.name in WHOLE:
        assert kept is None
        return
    assert not PERSONAL.search(kept.decode())
    before, after = take(payload), take(kept)
    assert {event.event_id for event in after.events} == {event.event_id for event in before.events}
    assert [refusal.where for refusal in after.refused] == [refusal.where for refusal in before.refused]
    assert after.dropped_fields == ()
    assert keepable(gzip.compress(payload)) == kept


@pytest.mark.parametrize(
    "payload",
    [b"", b"no json", b"{", b"<a>", b'{"unknown": 1}', b"\xff\xfe", b"x" * 2_000_000, b'<!DOCTYPE a><a>x</a>',
     b'{"specversion": "1.0", "type": "t", "data_base64": "e30="}', b'{"specversion": "1.0", "type": "t", "data": "x"}'],
)  # fmt: skip
def test_what_cannot_be_stripped_is_not_kept(payload):
    assert keepable(payload) is None


def test_texts_that_could_be_personal_or_free_keep_their_shape_only():
    told = {
        "_type": "location",
        "tid": "M7",
        "tst": 1,
        "lat": 99,
        "lon": "call 212-555-0100 please",
        "topic": "owntracks/zoe/M7",
    }
    free = {"_type": "location", "tid": "Medic 7", "tst": 1, "lat": 99, "lon": "Zoe fell down the stairs"}
    for message in (told, free):
        kept = json.loads(keepable(json.dumps(message).encode()))
        assert not re.search("555|Zoe|zoe|please|fell", str(kept))
        assert (kept["lat"], kept["tid"]) == (99, message["tid"])


def test_objects_where_a_value_should_be_are_not_kept():
    kept = keepable(b'{"_type": "location", "tid": {"name": "Zoe"}, "lat": ["Zoe", {"a": "Zoe"}], "lon": 1, "tst": 5}')
    assert kept is None or b"name" not in kept
