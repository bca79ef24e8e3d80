"""Whatever bytes come: a codec refuses and never fails."""

import math
import random
import re

import orjson
import pytest
from feeds_helpers import FILES, NOW, take
from hypothesis import given, settings
from hypothesis import strategies as st

from ems_twin.feeds import CODECS, from_json
from ems_twin.feeds.registry import DEFECT

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NASTY = (
    None, True, False, 0, -1, 1e308, -1e308, 10**18, math.pi, "", " ", "\x00", "x" * 5000, "2026-02-30T00:00:00Z", "NaN", "-0",
    "&<>\"'", "\ud7ff", [], {}, [[]], [None], {"$ref": "loc-x"}, {"coding": 3}, [1, "a", None, {}], {"a": {"b": []}}, "=1+1",
    "0001-01-01T00:00:00-14:00", "9999-12-31T23:59:59-14:00",
)  # fmt: skip


def check(decoded):
    assert DEFECT not in str(decoded.refused), decoded.refused
    for event in decoded.events:
        assert from_json(event.to_json()) == event
        assert event.known_at == NOW
    for refusal in decoded.refused:
        assert refusal.reason
        assert refusal.remedy
    orjson.dumps(decoded.to_dict())


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["auto", *CODECS]))
def test_random_bytes(payload, codec):
    check(take(payload, codec_name=codec))


@settings(max_examples=100, deadline=None)
@given(VALUES, st.sampled_from([name for name, codec in CODECS.items() if codec.form == "json"]))
def test_random_json(document, codec):
    try:
        payload = orjson.dumps(document)
    except (TypeError, orjson.JSONEncodeError):
        return
    check(take(payload, codec_name=codec))
    check(take(payload))


def mutated(value, chance):
    """A document with one of its values exchanged, removed or doubled."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        act = chance.random()
        if act < 0.1:
            return {name: inner for name, inner in value.items() if name != key}
        return {**value, key: mutated(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.85:
        i = chance.randrange(len(value))
        return [*value[:i], mutated(value[i], chance), *value[i + (chance.random() < 0.8) :]]
    return chance.choice(NASTY)


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".json"], ids=lambda path: path.name)
def test_mutated_json(path):
    document = orjson.loads(path.read_bytes())
    chance = random.Random(path.name)
    for _ in range(80):
        changed = document
        for _ in range(chance.randrange(1, 4)):
            changed = mutated(changed, chance)
        check(take(orjson.dumps(changed), area=(-180, -90, 180, 90)))
        check(take(orjson.dumps(changed), codec_name=take(path.read_bytes()).codec))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_mutated_text(path):
    """Cut, doubled and overwritten anywhere, as a bad line does; the rest of a message that still opens is read."""
    payload = path.read_bytes()
    chance = random.Random(path.name)
    for _ in range(50):
        begin, length = chance.randrange(len(payload)), chance.randrange(1, 40)
        piece = chance.choice(
            [b"", b"\x00", b"<", b'"', b"9" * 40, b"-", b"&#1;", b"\xc3", payload[begin : begin + 60]]
        )
        check(take(payload[:begin] + piece + payload[begin + length :]))


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".xml"], ids=lambda path: path.name)
def test_mutated_texts_of_elements(path):
    text = path.read_text()
    spots = [match.span(1) for match in re.finditer(r">([^<>]+)<", text)]
    chance = random.Random(path.name)
    for begin, end in spots:
        for piece in chance.sample(
            [str(value) for value in NASTY if "\x00" not in str(value) and "&" not in str(value)], 3
        ):
            check(take((text[:begin] + piece + text[end:]).encode("utf-8", "replace")))
