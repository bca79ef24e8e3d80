"""The one way in: acknowledged only when safe, many to a transaction, nobody stopped by somebody else's nonsense."""

import asyncio
import json
from datetime import timedelta

import pytest
from made_up_codec import decode, feed, said
from made_up_messages import NOON

from ems_twin.feeds import Decoded
from ems_twin.feeds.journal import DatabaseUnavailableError, open_journal
from ems_twin.feeds.sources import BusyError, Ingest


@pytest.fixture
def journal(tmp_path):
    with open_journal(tmp_path / "j.sqlite") as opened:
        yield opened


def run(journal, *feeds, of):
    async def main():
        async with Ingest(journal, feeds or [feed()], clock=lambda: NOON + timedelta(minutes=1)) as ingest:
            return await of(ingest)

    return asyncio.run(main())


def spy(journal, monkeypatch):
    """Sizes of the batches that are written."""
    sizes, append = [], journal.append
    monkeypatch.setattr(journal, "append", lambda messages: sizes.append(len(messages)) or append(messages))
    return sizes


def test_a_receipt_comes_when_the_message_can_be_read_back(journal):
    async def of(ingest):
        receipt = await ingest.receive("avl", said("a", 1))
        return receipt, journal.events()

    receipt, events = run(journal, of=of)
    assert (receipt.outcome, receipt.message_id, receipt.position) == ("new", "a-1", 1)
    assert events[0].event.known_at == NOON + timedelta(minutes=1)


def test_messages_gather_while_one_is_written_and_keep_their_order(journal, monkeypatch):
    sizes = spy(journal, monkeypatch)

    async def of(ingest):
        return await asyncio.gather(*[await ingest.submit("avl", said("a", i)) for i in range(300)])

    receipts = run(journal, of=of)
    assert [receipt.message_id for receipt in receipts] == [f"a-{i}" for i in range(300)]
    assert [one.event.message_id for one in journal.events()] == [f"a-{i}" for i in range(300)]
    assert len(sizes) < 20
    assert sum(sizes) == 300


def test_the_transport_may_name_a_message_that_has_no_name(journal):
    async def of(ingest):
        rows = [json.dumps([{"unit": "a", "s": s}]).encode() for s in (1, 2)]
        return [await ingest.receive("avl", row, message_id="7") for row in rows]

    first, second = run(journal, of=of)
    assert (first.message_id, first.outcome, second.outcome) == ("7", "new", "conflict")
    assert journal.events()[0].event.message_id == "7"


def test_the_rest_of_a_message_is_taken_when_a_part_is_not(journal):
    async def of(ingest):
        rows = [{"unit": "a", "s": 1}, {"unit": "b", "s": 1, "lon": 999}]
        return await ingest.receive("avl", json.dumps(rows).encode()), ingest.health["avl"]

    receipt, health = run(journal, of=of)
    assert (receipt.events, receipt.is_unread, [r.where for r in receipt.refused]) == (1, False, ["[1].lon"])
    assert (health.events, health.refused, health.lag_s) == (1, 1, 59)


def test_a_codec_that_fails_makes_a_dead_letter_and_stops_nobody(journal):
    async def of(ingest):
        futures = [await ingest.submit("avl", said(unit, i)) for i, unit in enumerate(["a", "defect", "b"])]
        return await asyncio.gather(*futures)

    receipts = run(journal, of=of)
    assert [receipt.is_unread for receipt in receipts] == [False, True, False]
    (letter,) = journal.letters()
    assert letter.reasons[0].reason == "the codec 'made_up' failed (ZeroDivisionError)"
    assert journal.position == 2


def test_an_event_that_cannot_be_written_takes_no_other_with_it(journal):
    def torn(payload, reading):
        decoded = decode(payload, reading)
        if decoded.message_id != "b-1":
            return decoded
        event = decoded.events[0].model_copy(update={"occurred_at": "never"})
        return Decoded(codec="made_up", message_id="b-1", events=(event,))

    async def of(ingest):
        return await asyncio.gather(*[await ingest.submit("avl", said(unit, 1)) for unit in "abc"])

    from ems_twin.feeds.sources import Feed

    receipts = run(journal, Feed(name="avl", codec="made_up", decode=torn), of=of)
    assert [receipt.events for receipt in receipts] == [1, 0, 1]
    assert "cannot be written" in receipts[1].refused[0].reason


def test_what_is_too_long_is_not_read(journal):
    receipt = run(journal, feed(max_bytes=50), of=lambda ingest: ingest.receive("avl", said("a", 1, padding="x" * 50)))
    assert receipt.is_unread
    assert "longer than 50 bytes" in receipt.refused[0].reason


def test_nothing_is_acknowledged_that_is_not_written(journal, monkeypatch):
    append, broken = journal.append, [True]

    def fails(messages):
        if broken[0]:
            raise DatabaseUnavailableError("database or disk is full")
        return append(messages)

    monkeypatch.setattr(journal, "append", fails)

    async def of(ingest):
        with pytest.raises(DatabaseUnavailableError):
            await ingest.receive("avl", said("a", 1))
        error, broken[0] = ingest.journal_error, False
        await ingest.receive("avl", said("a", 1))
        return error, ingest.journal_error, ingest.health["avl"].received

    assert run(journal, of=of) == ("database or disk is full", None, 1)


def test_a_bookmark_never_passes_a_message_that_was_lost(journal, monkeypatch):
    append, fail = journal.append, [True]

    def fails_once(messages):
        if fail.pop() if fail else False:
            raise DatabaseUnavailableError("gone")
        return append(messages)

    monkeypatch.setattr(journal, "append", fails_once)

    async def of(ingest):
        ingest.begin("avl")
        with pytest.raises(DatabaseUnavailableError):
            await ingest.receive("avl", said("a", 1), bookmark="1")
        await ingest.receive("avl", said("a", 2), bookmark="2")  # sent before the source has noticed
        before = journal.bookmark("avl")
        ingest.begin("avl")
        await ingest.receive("avl", said("a", 1), bookmark="1")
        return before, journal.bookmark("avl")

    assert run(journal, of=of) == (None, "1")


def test_a_source_that_is_too_fast_waits_or_is_told_to(journal):
    async def of(ingest):
        for i in range(5):
            await ingest.offer("avl", said("a", i))
        with pytest.raises(BusyError) as busy:
            await ingest.offer("avl", said("a", 5))
        begin = asyncio.get_running_loop().time()
        await ingest.receive("avl", said("a", 6))
        return busy.value.retry_after_s, asyncio.get_running_loop().time() - begin

    retry_s, waited_s = run(journal, feed(rate_per_s=5), of=of)
    assert 0 < retry_s <= 0.2
    assert waited_s > 0.05


def test_a_source_may_speak_less_than_once_a_second(journal):
    assert run(journal, feed(rate_per_s=0.5), of=lambda ingest: ingest.receive("avl", said("a", 1))).events == 1


def test_a_source_whose_queue_is_full_leaves_room_to_others(journal, monkeypatch):
    async def of(ingest):
        held = [await ingest.submit("avl", said("a", i)) for i in range(3)]
        with pytest.raises(BusyError):
            await ingest.offer("avl", said("a", 9))
        await (await ingest.offer("cad", said("b", 1)))
        await asyncio.gather(*held)
        await (await ingest.offer("avl", said("a", 9)))

    run(journal, feed(queue=3), feed("cad"), of=of)
    assert journal.position == 5


def test_listeners_hear_of_new_events_only(journal):
    heard = []

    async def of(ingest):
        ingest.on_written(heard.append)
        for s in (1, 1, 2):
            await ingest.receive("avl", said("a", s))

    run(journal, of=of)
    assert heard == [1, 2]


def test_what_was_handed_in_is_written_before_the_end(journal):
    async def of(ingest):
        return [await ingest.submit("avl", said("a", i)) for i in range(50)]

    assert all(future.done() for future in run(journal, of=of))
    assert journal.position == 50


def test_a_caller_that_goes_away_harms_nobody(journal):
    async def of(ingest):
        future = await ingest.submit("avl", said("a", 1))
        future.cancel()
        return await ingest.receive("avl", said("a", 2))

    assert run(journal, of=of).position == 2


def test_silence_and_age_are_told(journal):
    async def of(ingest):
        health = ingest.health["avl"]
        silent = [health.is_silent(NOON + timedelta(seconds=s)) for s in (80, 100)]
        await ingest.receive("avl", said("a", 1), received_at=NOON + timedelta(seconds=90))
        return silent, health.is_silent(NOON + timedelta(seconds=100)), health.to_dict(NOON + timedelta(seconds=95))

    silent, after, told = run(journal, feed(silent_after_s=30), of=of)
    assert (silent, after) == ([False, True], False)
    assert (told["age_s"], told["new"], told["state"]) == (5, 1, "starting")
    json.dumps(told)
