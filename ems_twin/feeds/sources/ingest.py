"""The one way in: every message is read by its source's codec, written with others, and acknowledged when it is safe."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from ..decoded import Decoded, Refusal
from ..journal import DatabaseUnavailableError, Journal, Message, Receipt
from .feed import Feed
from .health import SourceHealth
from .pace import RateLimit

MOST_TOGETHER = 500
"""Messages of one transaction."""
MOST_BYTES_TOGETHER = 8_000_000
GATHER_S = 0.004
"""How long messages gather for a transaction when they come fast: writing ten costs little more than writing one."""
_FAST = 3
"""Messages of a transaction from which on they come fast."""


class BusyError(Exception):
    """A source speaks faster than it may, or than can be written: it should try again."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"too many messages; try again in {retry_after_s:.0f} s")
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class _Waiting:
    feed: Feed
    payload: bytes
    message_id: str | None
    headers: Mapping[str, str]
    received_at: datetime
    bookmark: str | None
    turn: int
    receipt: asyncio.Future[Receipt]


class Ingest:
    """Takes messages in, many to a transaction: while one is written the next ones gather.

    Use it as an asynchronous context manager; on leaving, what waits is written.

    Parameters
    ----------
    journal
        Where messages go; only written from one thread of the ingest's own.
    feeds
        The sources that may speak.
    clock
        When a message comes, if its source does not say.
    """

    def __init__(
        self, journal: Journal, feeds: Iterable[Feed], *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.journal = journal
        self.feeds = {feed.name: feed for feed in feeds}
        self.health = {
            feed.name: SourceHealth(feed.name, feed.kind, feed.silent_after_s) for feed in self.feeds.values()
        }
        self.clock = clock
        self.journal_error: str | None = None
        """Why the last transaction failed; None if it did not."""
        self._rates = {feed.name: RateLimit(feed.rate_per_s, max(1.0, feed.rate_per_s)) for feed in self.feeds.values()}
        self._room = {feed.name: asyncio.Semaphore(feed.queue) for feed in self.feeds.values()}
        self._turns = dict.fromkeys(self.feeds, 0)
        self._spoilt: set[str] = set()
        self._queue: deque[_Waiting] = deque()
        self._filled = asyncio.Event()
        self._listeners: list[Callable[[int], None]] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    async def __aenter__(self) -> Ingest:
        now = self.clock()
        for health in self.health.values():
            health.started_at = now
        self._task = asyncio.create_task(self._write_all(), name="journal writer")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing = True
        self._filled.set()
        if self._task is not None:
            await self._task
        self._thread.shutdown()

    def on_written(self, listener: Callable[[int], None]) -> None:
        """Call ``listener`` with the newest position after each transaction that brought events."""
        self._listeners.append(listener)

    def begin(self, source: str) -> None:
        """Say that a source begins at its bookmark: after connecting, and before each poll.

        If a message cannot be written, those after it no longer move the bookmark until then: the source would go on
        behind one that is lost.
        """
        self._turns[source] += 1
        self._spoilt.discard(source)

    async def submit(self, source: str, payload: bytes, **more: Any) -> asyncio.Future[Receipt]:
        """Hand a message in, waiting for room and for the source's turn; the future answers when it is safe.

        ``more`` is that of :meth:`offer`. Messages of one source are written in the order in which they are handed in.
        """
        rate = self._rates[source]
        while (wait_s := rate.wait_s(asyncio.get_running_loop().time())) > 0:
            await asyncio.sleep(wait_s)
        await self._room[source].acquire()
        return self._put(source, payload, **more)

    async def offer(self, source: str, payload: bytes, **more: Any) -> asyncio.Future[Receipt]:
        """Hand a message in if there is room now.

        Parameters
        ----------
        source
            Name of the feed.
        payload
            The message as it came.
        message_id, headers, received_at, bookmark
            See :meth:`~ems_twin.feeds.sources.feed.Feed.read`.

        Raises
        ------
        BusyError
            There is none, or the source has used up its rate.
        """
        if self._room[source].locked():
            raise BusyError(1.0)
        wait_s = self._rates[source].wait_s(asyncio.get_running_loop().time())
        if wait_s > 0:
            raise BusyError(wait_s)
        await self._room[source].acquire()
        return self._put(source, payload, **more)

    async def receive(self, source: str, payload: bytes, **more: Any) -> Receipt:
        """Hand a message in and wait until it is safe.

        Raises
        ------
        DatabaseUnavailableError
            It could not be written; the source should send it again.
        """
        return await (await self.submit(source, payload, **more))

    def _put(
        self,
        source: str,
        payload: bytes,
        *,
        message_id: str | None = None,
        headers: Mapping[str, str] | None = None,
        received_at: datetime | None = None,
        bookmark: str | None = None,
    ) -> asyncio.Future[Receipt]:
        if self._closing:
            raise BusyError(5.0)
        receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._queue.append(
            _Waiting(
                self.feeds[source], payload, message_id, headers or {}, received_at or self.clock(), bookmark,
                self._turns[source], receipt,
            )
        )  # fmt: skip
        self._filled.set()
        return receipt

    async def _write_all(self) -> None:
        loop = asyncio.get_running_loop()
        before = 0
        while True:
            await self._filled.wait()
            if before >= _FAST and len(self._queue) < MOST_TOGETHER and not self._closing:
                await asyncio.sleep(GATHER_S)
            if not self._queue:
                if self._closing:
                    return
                self._filled.clear()
                continue
            batch = self._take()
            before = len(batch)
            in_place = [one.turn == self._turns[one.feed.name] and one.feed.name not in self._spoilt for one in batch]
            try:
                written = await loop.run_in_executor(self._thread, self._write, batch, in_place)
            except Exception as error:
                self.journal_error = str(error)
                for one in batch:
                    self._spoilt.add(one.feed.name)
                    _fail(one.receipt, error)
            else:
                self.journal_error = None
                self._tell(batch, written)
            for one in batch:
                self._room[one.feed.name].release()

    def _take(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size = 0
        while self._queue and len(batch) < MOST_TOGETHER and size < MOST_BYTES_TOGETHER:
            batch.append(self._queue.popleft())
            size += len(batch[-1].payload)
        return batch

    def _write(self, batch: list[_Waiting], in_place: list[bool]) -> list[tuple[Message, Receipt]]:
        """In the writer's thread: read and write a batch."""
        messages = [
            one.feed.read(
                one.payload, message_id=one.message_id, headers=one.headers, received_at=one.received_at,
                bookmark=one.bookmark, moves_bookmark=moves,
            )
            for one, moves in zip(batch, in_place, strict=True)
        ]  # fmt: skip
        try:
            return list(zip(messages, self.journal.append(messages), strict=True))
        except DatabaseUnavailableError:
            raise
        except Exception:  # one of them cannot be written, and must not take the others with it
            return [self._write_alone(message) for message in messages]

    def _write_alone(self, message: Message) -> tuple[Message, Receipt]:
        try:
            return message, self.journal.append([message])[0]
        except DatabaseUnavailableError:
            raise
        except Exception as error:
            failed = Refusal(
                reason=f"cannot be written ({type(error).__name__})",
                where="",
                remedy="This is a defect of the program: report it with a message like this one.",
            )
            decoded = Decoded(codec=message.decoded.codec, message_id=message.message_id, refused=(failed,))
            message = replace(
                message, message_id=message.digest.hex(), decoded=decoded, headers={}, bookmark=None, keep=lambda: None
            )
            return message, self.journal.append([message])[0]

    def _tell(self, batch: list[_Waiting], written: list[tuple[Message, Receipt]]) -> None:
        for one, (message, receipt) in zip(batch, written, strict=True):
            newest = max((event.occurred_at for event in message.decoded.events), default=None)
            self.health[one.feed.name].took(receipt, one.received_at, newest)
            if not one.receipt.done():
                one.receipt.set_result(receipt)
        if any(receipt.events for _, receipt in written):
            for listener in self._listeners:
                listener(written[-1][1].position)


def _fail(receipt: asyncio.Future[Receipt], error: Exception) -> None:
    if not receipt.done():
        receipt.set_exception(error)
        receipt.exception()  # seen: whoever handed it in may have gone
