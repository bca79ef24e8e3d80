"""The commands about journals as a user meets them."""

import json

import pytest
from test_cli import told

from ems_twin.feeds.journal import open_journal
from ems_twin.feeds.sources import Feed

CONFIG = """
[[source]]
name = "avl"
kind = "webhook"
unsigned = true
codec = "owntracks"
area = [-75, 40, -73, 42]
"""


def track(unit, lat, at_s=1_772_366_400):
    return json.dumps(
        {"_type": "location", "tid": unit, "tst": at_s, "lon": -73.9, "lat": lat, "name": "Mr X"}
    ).encode()


@pytest.fixture
def journal(tmp_path):
    """Positions of two units inside an area, and of one outside it."""
    from datetime import UTC, datetime

    feed = Feed.configured(name="avl", codec="owntracks", area=(-74.1, 40.6, -73.8, 40.9))
    with open_journal(tmp_path / "j.sqlite") as opened:
        for i, payload in enumerate(
            [track("a", 40.7), track("b", 41.0), track("c", 99), track("a", 40.8, 1_772_366_500)]
        ):
            at = datetime(2026, 3, 1, 13, i, tzinfo=UTC)
            opened.append([feed.read(payload, message_id=None, headers={}, received_at=at, bookmark=None)])
    return str(tmp_path / "j.sqlite")


def test_a_journal_says_what_it_holds(capsys, journal):
    code, out, _ = told(capsys, "feeds", "journal", journal, "--check")
    assert code == 0
    assert f"{journal}: 2 events, applied up to 0" in out
    assert "avl: events 2, new 4, refused 2; open dead letters 2" in out
    assert "no damage found" in out
    found = json.loads(told(capsys, "feeds", "journal", journal, "--json")[1])
    assert (found["events"], found["dead_letters"]) == (2, {"avl": 2})


def test_what_was_known_then_is_printed(capsys, journal):
    early, late = (
        told(capsys, "feeds", "journal", journal, "--known-at", at)[1] for at in ("2026-03-01T13:00:30", "2026-03-01T15:00+01:00")
    )  # fmt: skip
    assert early == "2026-03-01T12:00:00Z  known 13:00:00Z  unit_position a\n"
    assert late == "2026-03-01T12:01:40Z  known 13:03:00Z  unit_position a\n"
    assert told(capsys, "feeds", "journal", journal, "--known-at", "2026-03-02", "--kind", "call")[1] == ""


def test_letters_are_listed_read_again_and_dropped(capsys, journal, tmp_path):
    code, out, _ = told(capsys, "feeds", "dead-letters", "list", journal)
    assert code == 0
    assert "lies outside the area" in out
    assert "2 shown, 2 open" in out
    assert "Mr X" not in out
    config = tmp_path / "city.toml"
    config.write_text(CONFIG)
    _, out, _ = told(capsys, "feeds", "dead-letters", "replay", journal, "--config", str(config))
    assert out == "2 read again, 1 events taken; 1 still refused, 0 hold no message\n"
    with open_journal(journal) as opened:
        (event,) = (stored.event for stored in opened.events(after=2))
        assert (event.unit_id, event.occurred_at.isoformat()) == ("b", "2026-03-01T12:00:00+00:00")
        assert event.known_at.year >= 2026
        assert event.known_at > opened.events()[0].event.known_at  # known from now on, not from then
    (letter,) = json.loads(told(capsys, "feeds", "dead-letters", "list", journal, "--json")[1])
    assert (letter["tries"], letter["status"], letter["can_be_replayed"]) == (1, "open", True)
    number = str(letter["number"])
    assert told(capsys, "feeds", "dead-letters", "drop", journal, number)[1] == "1 dropped\n"
    assert told(capsys, "feeds", "dead-letters", "list", journal)[1] == "0 shown, 0 open\n"
    assert len(json.loads(told(capsys, "feeds", "dead-letters", "list", journal, "--all", "--json")[1])) == 2


def test_nothing_personal_lies_with_the_letters(journal):
    with open_journal(journal) as opened:
        payloads = [letter.payload for letter in opened.letters()]
    assert all(b"Mr X" not in payload and b"lat" in payload for payload in payloads)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("journal", "none.sqlite"), "there is no such journal"),
        (("dead-letters", "list", "none.sqlite"), "there is no such journal"),
        (("journal", "JOURNAL", "--known-at", "noon"), "'noon' is not a time"),
        (("journal", "JOURNAL", "--kind", "pigeon"), "no kind of event 'pigeon'"),
        (("dead-letters", "drop", "JOURNAL"), "would drop every open letter"),
        (("dead-letters", "replay", "JOURNAL", "77"), "no open letter 77"),
    ],
)
def test_what_is_wrong_is_said(capsys, journal, words, problem):
    code, _, err = told(capsys, "feeds", *(journal if word == "JOURNAL" else word for word in words))
    assert code == 2
    assert problem in err


def test_the_present_is_told_as_it_was_reported_and_as_it_was_known_then(capsys, tmp_path):
    from datetime import UTC, datetime

    feed = Feed.configured(name="avl", codec="owntracks")
    with open_journal(tmp_path / "j.sqlite") as opened:
        for minute, (unit, lon, lat) in enumerate([("a", -73.9862, 40.7101), ("b", -74.03, 40.70), ("c", -80.0, 40.7)]):
            at = datetime(2026, 3, 1, 12, minute, tzinfo=UTC)
            payload = json.dumps({"_type": "location", "tid": unit, "tst": at.timestamp(), "lon": lon, "lat": lat})
            opened.append([feed.read(payload.encode(), message_id=None, headers={}, received_at=at, bookmark=None)])
    asked = ("feeds", "state", str(tmp_path / "j.sqlite"), "--city", "manhattan")
    code, out, _ = told(capsys, *asked, "--refused")
    assert code == 0
    assert "As of 2026-03-01T12:02:00" in out
    assert "units (1)" in out
    found = json.loads(told(capsys, *asked, "--refused", "--json")[1])
    assert [(one["id"], one["lat"], one["age_s"]) for one in found["units"]] == [("a", 40.7101, 120.0)]
    assert [(one["subject"], one["rule"]) for one in found["not_taken"]] == [("b", "off_road"), ("c", "outside")]
    early = told(capsys, *asked, "--known-at", "2026-03-01T11:30", "--json")[1]
    assert json.loads(early)["units"] == []
    code, _, complaint = told(capsys, *asked, "--known-at", "noon")
    assert code == 2
    assert "'noon' is not a time" in complaint
