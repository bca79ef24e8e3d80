"""Recordings at any speed: order is kept, time passes as told, nothing is missing after a jump."""

import asyncio
import json
from datetime import timedelta

import pytest
from made_up_codec import feed, said
from made_up_messages import NOON

from ems_twin.errors import InputError
from ems_twin.feeds.journal import DatabaseUnavailableError, open_journal
from ems_twin.feeds.sources import Ingest
from ems_twin.feeds.sources.replay import ReplaySource, recorded
from ems_twin.feeds.sources.settings import ReplaySettings


def source(path, speed=None):
    return ReplaySource(ReplaySettings(kind="replay", name="avl", codec="made_up", path=str(path), speed=speed))


def play(tmp_path, playing, beside=None):
    async def main():
        with open_journal(tmp_path / "j.sqlite") as journal:
            async with Ingest(journal, [feed()]) as ingest:
                begin = asyncio.get_running_loop().time()
                task = asyncio.create_task(playing.run(ingest))
                if beside is not None:
                    await beside(playing, journal)
                await task
                took_s = asyncio.get_running_loop().time() - begin
            return [one.event for one in journal.events()], took_s, ingest.health["avl"]

    return asyncio.run(main())


def lines(tmp_path, *messages):
    file = tmp_path / "day.jsonl"
    file.write_bytes(b"\n".join(messages))
    return file


def test_lines_come_in_order_as_fast_as_can_be(tmp_path):
    file = lines(tmp_path, *(said("a", i) for i in (5, 1, 3)), b"", b"no json", said("b", 9))
    events, _, health = play(tmp_path, source(file))
    assert [event.message_id for event in events] == ["a-5", "a-1", "a-3", "b-9"]
    assert (health.received, health.refused, health.state) == (5, 1, "ended")
    assert [event.known_at for event in events] == [NOON + timedelta(seconds=s) for s in (5, 5, 5, 9)]


def test_a_folder_is_played_by_the_names_of_its_files(tmp_path):
    folder = tmp_path / "messages"
    folder.mkdir()
    for number, unit in ((10, "c"), (2, "b"), (1, "a")):
        (folder / f"m{number}.json").write_bytes(said(unit, number))
    (folder / ".hidden").write_bytes(b"?")
    assert [event.unit_id for event in play(tmp_path, source(folder))[0]] == ["a", "b", "c"]


def test_a_recording_says_when_its_messages_came(tmp_path):
    record = {
        "received_at": "2026-03-01T12:00:30+00:00",
        "payload": [{"unit": "a", "s": 1}],
        "message_id": "7",
    }
    text = {"received_at": "2026-03-01T12:00:40Z", "text": said("b", 2).decode(), "headers": {"Content-Type": "text/x"}}
    file = lines(tmp_path, json.dumps(record).encode(), json.dumps(text).encode())
    events = play(tmp_path, source(file))[0]
    assert [(event.message_id, (event.known_at - NOON).seconds) for event in events] == [("7", 30), ("b-2", 40)]
    assert list(recorded(file))[1].headers == {"Content-Type": "text/x"}


def test_time_passes_as_told(tmp_path):
    file = lines(tmp_path, said("a", 0), said("a", 60))
    _, took_s, _ = play(tmp_path, source(file, speed=300))
    assert took_s >= 0.2


def test_speed_pause_and_jump_while_it_plays(tmp_path):
    async def beside(playing, journal):
        while journal.position < 1:
            await asyncio.sleep(0.01)
        playing.pause()
        await asyncio.sleep(0.05)
        then = playing.now
        await asyncio.sleep(0.1)
        assert playing.now == then  # time stands still
        playing.seek(NOON + timedelta(seconds=3600))
        playing.resume()
        while journal.position < 3:  # what lies between is not left out
            await asyncio.sleep(0.01)
        with pytest.raises(InputError, match="has been played"):
            playing.seek(NOON)
        with pytest.raises(InputError, match="no speed"):
            playing.speed = 0
        playing.speed = None

    file = lines(tmp_path, *(said("a", s) for s in (0, 1000, 3600, 90_000)))
    events, took_s, _ = play(tmp_path, source(file, speed=1), beside)
    assert len(events) == 4
    assert took_s < 60


def test_what_could_not_be_written_is_handed_in_again(tmp_path, monkeypatch):
    from ems_twin.feeds.journal import Journal

    append, fail = Journal.append, [True]

    def fails_once(self, messages):
        if fail.pop() if fail else False:
            raise DatabaseUnavailableError("gone")
        return append(self, messages)

    monkeypatch.setattr(Journal, "append", fails_once)
    events, _, health = play(tmp_path, source(lines(tmp_path, said("a", 1), said("a", 2))))
    assert {event.message_id for event in events} == {"a-1", "a-2"}
    assert (health.state, health.reconnects >= 1) == ("ended", True)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        play(tmp_path, source(tmp_path / "none"))
