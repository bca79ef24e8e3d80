"""The journal, in SQLite and in PostgreSQL: each message once, all or nothing, and what was known when."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up_messages import NOON, REFUSAL, call, message, position

from ems_twin.feeds.journal import (
    JournalError,
    LetterStatus,
    OutboxMessage,
    Outcome,
    Retention,
    open_journal,
)


def names(stored):
    return [(one.event.subject, one.position) for one in stored]


def test_a_message_is_taken_in_once(journal):
    first = message("m1", position("a", 0), position("b", 0))
    (new,) = journal.append([first])
    (again,) = journal.append([first])
    assert (new.outcome, new.events, again.outcome, again.events) == (Outcome.new, 2, Outcome.repeat, 0)
    assert journal.position == again.position == 2
    assert names(journal.events()) == [("a", 1), ("b", 2)]
    assert journal.tallies() == {"avl": {"new": 1, "repeat": 1, "events": 2}}


def test_twice_in_one_batch_is_once(journal):
    one = message("m1", position("a", 0))
    assert [receipt.outcome for receipt in journal.append([one, one, one])] == ["new", "repeat", "repeat"]
    assert journal.position == 1


def test_two_sources_may_use_the_same_identifiers(journal):
    receipts = journal.append([message("1", position("a", 0)), message("1", call("c", 0), source="cad")])
    assert [receipt.outcome for receipt in receipts] == ["new", "new"]


def test_an_event_told_again_by_another_message_is_one_event(journal):
    journal.append([message("page 1", position("a", 0), position("b", 0))])
    (receipt,) = journal.append([message("page 2", position("b", 0, known_s=60), position("c", 1))])
    assert (receipt.events, receipt.repeated_events) == (1, 1)
    assert [one.event.subject for one in journal.events()] == ["a", "b", "c"]


def test_other_content_under_the_same_identifier_is_kept_as_a_conflict(journal):
    journal.append([message("m1", position("a", 0))])
    other = message("m1", position("a", 0, lon=-73.8), content="other", kept=b"{}")
    assert [r.outcome for r in journal.append([other, other])] == [Outcome.conflict, Outcome.conflict]
    assert journal.position == 1
    (letter,) = journal.letters()
    assert "same identifier" in letter.reasons[0].reason
    assert letter.seen == 2
    receipt = journal.settle(letter, message("m1#2", *other.decoded.events))
    assert receipt.events == 1
    assert journal.letters() == []
    assert [one.event.lon for one in journal.events()] == [-73.9, -73.8]


def test_the_same_content_written_otherwise_is_a_repeat(journal):
    journal.append([message("m1", position("a", 0))])
    (receipt,) = journal.append([message("m1", position("a", 0), content="with spaces")])
    assert receipt.outcome is Outcome.repeat
    assert journal.letters() == []


def test_what_is_refused_is_kept_with_its_reason(journal):
    (receipt,) = journal.append([message("m1", position("a", 0), refused=[REFUSAL], kept=b'{"lat": 946}')])
    assert (receipt.events, receipt.refused) == (1, (REFUSAL,))
    (letter,) = journal.letters(source="avl")
    assert letter.reasons == (REFUSAL,)
    assert (letter.payload, letter.seen, letter.status) == (b'{"lat": 946}', 1, "open")
    assert journal.count_letters() == {"avl": 1}
    assert journal.letters(source="cad") == []
    journal.append([message("m1", position("a", 0), refused=[REFUSAL], received_s=9)])
    (letter,) = journal.letters(numbers=[letter.number])
    assert (letter.seen, letter.last_at) == (2, NOON + timedelta(seconds=9))


def test_a_letter_that_is_read_again_stays_open_with_what_is_still_wrong(journal):
    journal.append([message("m1", refused=[REFUSAL, REFUSAL], kept=b"{}")])
    (letter,) = journal.letters()
    assert journal.settle(letter, message("m1", position("a", 0), refused=[REFUSAL])).events == 1
    (letter,) = journal.letters()
    assert (letter.tries, len(letter.reasons)) == (1, 1)
    assert journal.settle(letter, message("m1", position("a", 0), position("b", 0))).events == 1
    assert journal.letters() == []
    (letter,) = journal.letters(status=LetterStatus.replayed)
    assert letter.tries == 2


def test_a_dropped_letter_forgets_its_payload(journal):
    journal.append([message("m1", refused=[REFUSAL], kept=b"{}")])
    assert journal.drop_letters([1, 77]) == 1
    assert journal.letters() == []
    assert journal.letters(status=LetterStatus.dropped)[0].payload is None


def test_events_are_asked_for_by_position_kind_and_subject(journal):
    journal.append([message(f"m{i}", position("ab"[i % 2], i), call(f"c{i}", i)) for i in range(6)])
    assert [one.position for one in journal.events(after=3, limit=4)] == [4, 5, 6, 7]
    assert [one.position for one in journal.events(after=3, up_to=5)] == [4, 5]
    assert [one.event.subject for one in journal.events(kinds=["call"], limit=2)] == ["c0", "c1"]
    assert len(journal.events(kinds=["unit_position"], subject="a")) == 3


def test_what_was_known_then_is_not_what_is_known_now(journal):
    journal.append([message("m1", call("c", 0, known_s=5)), message("m2", position("a", 10))])
    journal.append([message("m3", call("c", 20, "closed", known_s=100)), message("m4", position("a", 8, known_s=60))])

    def known(at_s, **more):
        found = journal.as_known(NOON + timedelta(seconds=at_s), **more)
        return {one.event.subject: (one.event.occurred_at - NOON).total_seconds() for one in found}

    assert known(4) == {}
    assert known(6) == {"c": 0}
    assert known(60) == {"c": 0, "a": 10}  # a late report is history, not the present
    assert known(100) == {"c": 20, "a": 10}
    assert known(100, occurred_by=NOON + timedelta(seconds=9)) == {"c": 0, "a": 8}
    assert known(100, kinds=["call"]) == {"c": 20}
    assert known(100, since=NOON + timedelta(seconds=15)) == {"c": 20}
    assert [one.position for one in journal.events(known_by=NOON + timedelta(seconds=60))] == [1, 2, 4]


def test_state_outbox_and_position_go_together(journal):
    journal.append(
        [message("m1", position("a", 0)), message("m2", position("a", 30)), message("m3", position("a", 60))]
    )
    news = OutboxMessage(key="move a", topic="advice", body=b"go")
    journal.apply(2, b"state 2", [news], after=0)
    journal.apply(3, None, [news, OutboxMessage(key="move b", topic="advice", body=b"stay")], after=2)
    found = journal.applied()
    assert (found.position, found.snapshot_position, found.snapshot) == (3, 2, b"state 2")
    assert [(one.key, one.body) for one in journal.waiting()] == [("move a", b"go"), ("move b", b"stay")]
    journal.mark_sent([one.number for one in journal.waiting(limit=1)])
    assert [one.key for one in journal.waiting()] == ["move b"]
    assert journal.applied(known_by=NOON + timedelta(seconds=29)).snapshot is None
    assert journal.applied(known_by=NOON + timedelta(seconds=30)).snapshot == b"state 2"
    assert journal.applied(consumer="other").position == 0


@pytest.mark.parametrize(("position", "after"), [(1, None), (3, 1), (4, 2)])
def test_nobody_applies_events_twice_or_ahead(journal, position, after):
    journal.append([message("m", *(globals()["position"]("a", i) for i in range(3)))])
    journal.apply(2, b"state", after=0)
    with pytest.raises(JournalError, match="up to 2 of 3"):
        journal.apply(position, b"other", [OutboxMessage(key="k", topic="t", body=b"")], after=after)
    assert journal.applied().snapshot == b"state"
    assert journal.waiting() == []


def test_a_bookmark_goes_with_its_message(journal):
    assert journal.bookmark("avl") is None
    journal.append([message("m1", position("a", 0), bookmark="17"), message("m2", bookmark="18")])
    assert journal.bookmark("avl") == "18"
    journal.set_bookmark("avl", "20")
    assert journal.bookmark("avl") == "20"


def test_what_is_old_goes_but_not_what_a_restart_needs(journal):
    for day in range(6):
        at = day * 86_400
        journal.append(
            [
                message(f"p{day}", position("a", at), received_s=at),
                message(f"c{day}", call("c", at), source="cad", received_s=at, refused=[REFUSAL]),
            ]
        )
        if day < 4:
            journal.apply(journal.position, f"state {day}".encode(), [OutboxMessage(key=f"{day}", topic="t", body=b"")])
    journal.mark_sent([1], at=NOON)
    now = NOON + timedelta(days=5, hours=1)
    rules = Retention(events=0.5, by_kind={"call": 3}, letters=2, outbox=1, snapshots=0)
    removed = journal.retain(rules, now=now)
    assert removed.events == 4 + 3  # positions in snapshots, and calls of three days and more
    assert removed.held_back == 1  # a position of day 4, which no snapshot has yet
    assert [one.position for one in journal.events()] == [8, 9, 10, 11, 12]
    assert len(journal.letters()) == 2
    assert journal.applied().snapshot == b"state 3"
    assert [one.key for one in journal.waiting()] == ["1", "2", "3"]
    assert journal.append([message("new", position("a", 7 * 86_400))])[0].position == 13  # no position is given twice


def test_without_a_consumer_old_events_simply_go(journal):
    journal.append([message("m", position("a", 0))])
    assert journal.retain(now=NOON + timedelta(days=8)).events == 1


def test_another_process_reads_while_one_writes(where, journal):
    journal.append([message("m1", position("a", 0))])
    with open_journal(where, read_only=True) as other:
        assert other.position == 1
        journal.append([message("m2", position("a", 1))])
        assert other.position == 2
        with pytest.raises(JournalError, match="read only"):
            other.append([message("m3", position("a", 2))])
        with pytest.raises(JournalError, match="read only"):
            other.apply(2, b"")


def test_what_was_written_is_there_after_opening_again(where):
    with open_journal(where) as journal:
        journal.append([message("m1", position("a", 0), bookmark="x")])
        journal.apply(1, b"state")
    with open_journal(where) as journal:
        assert (journal.position, journal.applied().snapshot, journal.bookmark("avl")) == (1, b"state", "x")
        assert journal.append([message("m1", position("a", 0))])[0].outcome is Outcome.repeat
        assert journal.check() is None


def test_a_batch_is_written_whole_or_not_at_all(journal):
    class Torn:
        """An event that cannot be written."""

        word, subject, source, event_id, occurred_at, known_at = "call", "c", "cad", "e", NOON, NOON

        def to_json(self):
            raise RuntimeError("torn")

    with pytest.raises(RuntimeError, match="torn"):
        journal.append([message("m1", position("a", 0), refused=[REFUSAL]), message("m2", Torn())])
    assert (journal.position, journal.tallies(), journal.letters()) == (0, {}, [])
    assert journal.append([message("m1", position("a", 0))])[0].outcome is Outcome.new


MESSAGES = [message(f"m{i}", position(f"u{i % 3}", i), *([position("u9", 0)] if i % 2 else [])) for i in range(12)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(range(12)),
    again=st.lists(st.integers(0, 11), max_size=20),
    size=st.integers(1, 7),
)
def test_order_and_repeats_make_no_difference_to_what_is_in(tmp_path_factory, order, again, size):
    sent = [MESSAGES[i] for i in [*order, *again]]
    with open_journal(tmp_path_factory.mktemp("journal") / "j.sqlite") as journal:
        for start in range(0, len(sent), size):
            journal.append(sent[start : start + size])
        events = journal.events()
        assert {one.event.event_id for one in events} == {e.event_id for m in MESSAGES for e in m.decoded.events}
        assert [one.position for one in events] == list(range(1, 14))
        assert journal.tallies()["avl"]["new"] == 12
        assert journal.tallies()["avl"].get("repeat", 0) == len(again)
        assert journal.letters() == []
