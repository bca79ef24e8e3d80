"""Kill the process that takes messages in, again and again, and look for what is lost or doubled."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..feeds.journal import Journal, StoredEvent, open_journal
from ..feeds.sources import Feed
from .journal_load import EPOCH_S, UNITS, Connection, free_port, position, running, start, wait_for
from .journal_server import CONSUMER, SOURCE, apply_new

CONNECTIONS = 8
_AGAIN = 0.1
"""Share of messages that are sent a second time although they were acknowledged."""
_AT_START = 0.1
"""Share of kills while the process starts."""


def kill(
    journal: Path, times: int, *, seed: int = 1, progress: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Kill the process with SIGKILL at random moments under load, and start it again.

    What was not acknowledged is sent again, as a sender would. A killed process loses nothing that the system already
    holds for the disk: a power cut is not tried here.

    Returns
    -------
    dict
        ``kills``, ``sent``; ``acknowledged`` before the last start; ``lost`` (acknowledged then, and not in the journal
        after the kill) and ``twice`` (in it more than once); ``outbox_lost`` and ``outbox_twice``; ``repeats`` that were
        recognised, of messages and of what they tell; ``same_state`` as a run that nobody disturbed.
    """
    draw = random.Random(seed)
    sender = _Sender(draw)
    lost: set[int] = set()
    for i in range(times):
        progress(f"kill {i + 1} of {times}")
        port = free_port()
        process = start(journal, port, apply=True)
        try:
            if draw.random() < _AT_START:
                time.sleep(draw.uniform(0.0, 0.8))
            else:
                wait_for(port, process)
                asyncio.run(sender.send_until(port, draw.uniform(0.02, 0.6), process.kill))
        finally:
            process.kill()
            process.wait()
        if journal.exists() and sender.acknowledged:
            with open_journal(journal) as found:
                lost |= sender.acknowledged - set(_numbers(found.events(limit=10**9)))
    acknowledged = len(sender.acknowledged)
    with running(journal, apply=True) as port:
        asyncio.run(sender.finish(port))
        with open_journal(journal, read_only=True) as found:
            while found.applied(consumer=CONSUMER).position < found.position:
                time.sleep(0.02)
    with open_journal(journal, read_only=True) as found:
        events = found.events(limit=10**9)
        told = Counter(one.key for one in found.waiting(consumer=CONSUMER, limit=10**9))
        numbers = _numbers(events)
        lost |= set(range(sender.next)) - set(numbers)
        return {
            "kills": times,
            "sent": sender.sent,
            "acknowledged": acknowledged,
            "lost": len(lost),
            "twice": sum(count > 1 for count in numbers.values()),
            "outbox_lost": sum(stored.event.event_id not in told for stored in events),
            "outbox_twice": sum(count > 1 for count in told.values()),
            "repeats": sum(found.tallies()[SOURCE].get(name, 0) for name in ("repeat", "repeated_events")),
            "same_state": _state(found) == _undisturbed(sender.next),
        }


class _Sender:
    """Sends ever new messages, those again that were not acknowledged, and some that were."""

    def __init__(self, draw: random.Random) -> None:
        self.acknowledged: set[int] = set()
        self.next = 0
        self.sent = 0
        self._draw = draw
        self._open: list[int] = []

    async def send_until(self, port: int, after_s: float, end: Callable[[], None]) -> None:
        """Send, and call ``end`` after a while; returns when all connections are broken."""

        async def work() -> None:
            connection = Connection(port)
            while True:
                if self._open and self._draw.random() < 0.5:
                    number = self._open.pop()
                elif self.next and self._draw.random() < _AGAIN:
                    number = self._draw.randrange(self.next)
                else:
                    number = self.next
                    self.next += 1
                if not await self._post(connection, number):
                    return

        asyncio.get_running_loop().call_later(after_s, end)
        await asyncio.gather(*[work() for _ in range(CONNECTIONS)])

    async def finish(self, port: int) -> None:
        """Send everything that was not acknowledged."""
        connection = Connection(port)
        for number in sorted(set(range(self.next)) - self.acknowledged):
            while not await self._post(connection, number):
                await asyncio.sleep(0.05)
        connection.close()

    async def _post(self, connection: Connection, number: int) -> bool:
        self.sent += 1
        try:
            status = await connection.post(position(number))
        except (EOFError, OSError):
            status = 0
        if status == 202:
            self.acknowledged.add(number)
        elif number not in self.acknowledged:
            self._open.append(number)
        return status == 202


def _numbers(events: list[StoredEvent]) -> Counter[int]:
    """How often each message of :func:`~ems_twin.benchmarks.journal_load.position` is there."""
    return Counter(
        (int(stored.event.occurred_at.timestamp()) - EPOCH_S) * UNITS + int(stored.event.subject[1:])
        for stored in events
    )


def _state(journal: Journal) -> dict[str, Any]:
    snapshot = journal.applied(consumer=CONSUMER).snapshot
    state: dict[str, Any] = {} if snapshot is None else json.loads(snapshot)
    return state


def _undisturbed(count: int) -> dict[str, Any]:
    """The state after each message once, read and written by nobody who is killed."""
    with TemporaryDirectory() as folder, open_journal(Path(folder) / "journal.sqlite") as journal:
        feed = Feed.configured(name=SOURCE, codec="owntracks")
        messages = [
            feed.read(position(i), message_id=None, headers={}, received_at=datetime.now(UTC), bookmark=None)
            for i in range(count)
        ]
        journal.append(messages)
        state: dict[str, Any] = {}
        apply_new(journal, state, 0)
        return state
