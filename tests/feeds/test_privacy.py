"""Names, telephone numbers and free text of a message come out nowhere: not in events, refusals, dropped fields or ids."""

import re

import orjson
import pytest
from feeds_helpers import FILES, take

from ems_twin.feeds import CODECS

PERSONAL = re.compile(r"zephyrine|quillfeather|5550199887|555-019-9887|collapsed|kitchen", re.IGNORECASE)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_persons_of_a_message_stay_outside(path):
    payload = path.read_bytes()
    decoded = take(payload, headers={"topic": "owntracks/zephyrine/M7"})
    assert decoded.events
    assert not PERSONAL.search(orjson.dumps(decoded.to_dict()).decode())
    for codec in CODECS:  # read as what it is not, too
        assert not PERSONAL.search(orjson.dumps(take(payload, codec_name=codec).to_dict()).decode())


def planted(value, name):
    """Every text of a document exchanged for a person's, in turn."""
    if isinstance(value, dict):
        for key, inner in value.items():
            for changed in planted(inner, name):
                yield {**value, key: changed}
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            for changed in planted(inner, name):
                yield [*value[:i], changed, *value[i + 1 :]]
    else:
        yield name


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".json"], ids=lambda path: path.name)
@pytest.mark.parametrize("person", ["tel:+15550199887", "+1 555 019 9887", "zephyrine@example.org", "555-019-9887"])
def test_a_telephone_number_in_any_field_at_all_stays_outside(path, person):
    document = orjson.loads(path.read_bytes())
    secret = re.compile(r"555.?019.?9887|zephyrine@", re.IGNORECASE)
    for changed in planted(document, person):
        assert not secret.search(orjson.dumps(take(orjson.dumps(changed)).to_dict()).decode())


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".json"], ids=lambda path: path.name)
def test_a_telling_name_of_a_field_is_not_repeated(path):
    document = orjson.loads(path.read_bytes())
    holder = document[0] if isinstance(document, list) else document
    holder["+15550199887"] = holder["Zephyrine Quillfeather"] = 1
    assert not PERSONAL.search(orjson.dumps(take(orjson.dumps(document)).to_dict()).decode())


def test_an_identifier_that_is_a_telephone_number_becomes_a_digest_that_stays_the_same():
    message = '{"resourcesStatus": {"caseId": "tel:+15550199887", "resourceId": "M1", "state": {"status": "DEPART"}}}'
    one, two = (take(message).events[0].call_id for _ in range(2))
    assert one == two
    assert re.fullmatch("id-[0-9a-f]{12}", one)
    assert take(message, source="other").events[0].call_id != one
