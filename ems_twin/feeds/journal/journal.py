"""The journal: what came in, what was made of it, and what has to go out, safe on the disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from types import TracebackType

from ..decoded import Refusal
from . import letters, reading, retention, state, writing
from .database import Database
from .records import (
    Applied,
    Letter,
    LetterStatus,
    Message,
    OutboxMessage,
    Outcome,
    Outgoing,
    Receipt,
    Removed,
    Retention,
    StoredEvent,
)
from .schema import JournalError, check_version, migrate

CONSUMER = "mirror"
"""Who applies events, if nothing else is said."""


class Journal:
    """A journal in a database; :func:`~ems_twin.feeds.journal.open_journal` opens one.

    Every method may be called from any thread; one waits for the other. Nothing is kept of a payload but the canonical
    events read from it and, of a dead letter, the fields that its codec uses.

    Raises
    ------
    JournalError
        A method that writes was called on a journal that was opened to read, or a newer program wrote it.
    DatabaseUnavailableError
        The disk is full or the server is gone: nothing of the call was written.
    """

    def __init__(self, database: Database, name: str) -> None:
        self.name = name
        self._database = database
        self._lock = RLock()
        if database.is_writable:
            migrate(database, name)
        elif check_version(database, name) == 0:
            raise JournalError("is empty", file=name, remedy="Start the service that writes it first.")

    def append(self, messages: Sequence[Message]) -> list[Receipt]:
        """Write messages, all or none, and answer when they are safe; a receipt for each."""
        with self._writing():
            return writing.append(self._database, messages)

    def events(
        self,
        *,
        after: int = 0,
        up_to: int | None = None,
        limit: int = 10_000,
        kinds: Collection[str] = (),
        subject: str | None = None,
        known_by: datetime | None = None,
    ) -> list[StoredEvent]:
        """Events after a position in the order in which they were written, at most ``limit``.

        Parameters
        ----------
        kinds, subject
            Only of these kinds (keys of :data:`~ems_twin.feeds.EVENTS`), only about this one.
        known_by
            Only what the twin knew then.
        """
        with self._lock:
            return reading.events(
                self._database, after=after, up_to=up_to, limit=limit, kinds=kinds, subject=subject, known_by=known_by
            )

    def as_known(
        self,
        known_by: datetime,
        *,
        occurred_by: datetime | None = None,
        since: datetime | None = None,
        kinds: Collection[str] = (),
        subject: str | None = None,
    ) -> list[StoredEvent]:
        """What was believed at a time: of each kind and subject the event that occurred last, of those known then.

        ``occurred_by`` asks about an earlier instant with what was known later; ``since`` leaves out what is older.
        """
        with self._lock:
            return reading.as_known(
                self._database, known_by=known_by, occurred_by=occurred_by, since=since, kinds=kinds, subject=subject
            )

    @property
    def position(self) -> int:
        """Of the newest event; 0 before the first."""
        with self._lock:
            return writing.counters(self._database)["event"]

    def apply(
        self,
        position: int,
        snapshot: bytes | None = None,
        outbox: Sequence[OutboxMessage] = (),
        *,
        after: int | None = None,
        consumer: str = CONSUMER,
        at: datetime | None = None,
    ) -> None:
        """Note in one transaction that the events up to a position have been applied, with what follows from them.

        Parameters
        ----------
        snapshot
            The state after them; without one a restart takes the last and applies the events since then again.
        outbox
            What has to be told to others.
        after
            Position from which the caller went on: refused if another process has come in between.

        Raises
        ------
        JournalError
            The position is not ahead, or does not follow ``after``.
        """
        with self._writing():
            state.apply(self._database, consumer, position, snapshot, outbox, after=after, at=at or datetime.now(UTC))

    def applied(self, *, consumer: str = CONSUMER, known_by: datetime | None = None) -> Applied:
        """How far a consumer has come and its newest snapshot; with ``known_by`` the newest that knows nothing later."""
        with self._lock:
            return state.applied(self._database, consumer, known_by)

    def waiting(self, *, consumer: str = CONSUMER, limit: int = 1000) -> list[Outgoing]:
        """Messages of the outbox that have not been sent, the oldest first."""
        with self._lock:
            return state.waiting(self._database, consumer, limit)

    def mark_sent(self, numbers: Sequence[int], *, at: datetime | None = None) -> None:
        """Note that messages of the outbox have gone out."""
        with self._writing():
            state.mark_sent(self._database, numbers, at or datetime.now(UTC))

    def bookmark(self, source: str) -> str | None:
        """Where a source goes on, as its last message said."""
        with self._lock:
            found = self._database.query("SELECT value FROM bookmark WHERE source = ?", (source,))
        return str(found[0][0]) if found else None

    def set_bookmark(self, source: str, value: str) -> None:
        """Note where a source goes on, when there was no message to say it."""
        with self._writing():
            writing.keep_bookmarks(self._database, {source: value})

    def tallies(self) -> dict[str, dict[str, int]]:
        """What was counted for each source since the journal began: messages by outcome, events, refused parts."""
        with self._lock:
            rows = self._database.query("SELECT source, name, total FROM tally ORDER BY source, name")
        found: dict[str, dict[str, int]] = {}
        for source, name, count in rows:
            found.setdefault(str(source), {})[str(name)] = int(count)
        return found

    def letters(
        self,
        *,
        source: str | None = None,
        status: LetterStatus | None = LetterStatus.open,
        numbers: Sequence[int] = (),
        limit: int = 1000,
    ) -> list[Letter]:
        """Dead letters, the newest first; ``status=None`` for all."""
        with self._lock:
            return letters.read_letters(self._database, source=source, status=status, numbers=numbers, limit=limit)

    def count_letters(self, *, since: datetime | None = None) -> dict[str, int]:
        """Open dead letters of each source."""
        with self._lock:
            return letters.count_letters(self._database, since)

    def drop_letters(self, numbers: Sequence[int]) -> int:
        """Mark letters as not needed and forget their payload; returns how many there were."""
        with self._writing():
            return sum(
                letters.mark_letter(self._database, number, LetterStatus.dropped, reasons=None, tried=False)
                for number in numbers
            )

    def settle(self, letter: Letter, message: Message) -> Receipt:
        """Take in what a dead letter holds, now that it was read again; it stays open with what is still refused."""
        with self._writing():
            database = self._database
            stored = writing.known_events(database, message.decoded.events)
            last = writing.counters(database)
            rows: list[tuple[object, ...]] = []
            last["event"] = writing.new_events(message.decoded.events, stored, last["event"], rows)
            writing.insert_events(database, rows)
            writing.keep_counters(database, last)
            refused: tuple[Refusal, ...] = message.decoded.refused
            status = LetterStatus.open if refused else LetterStatus.replayed
            letters.mark_letter(database, letter.number, status, reasons=refused or None, tried=True)
            writing.add_to_tally(
                database, Counter({(letter.source, "events"): len(rows), (letter.source, "replayed"): 1})
            )
            return Receipt(
                message_id=message.message_id, outcome=Outcome.new, position=last["event"], events=len(rows),
                repeated_events=len(message.decoded.events) - len(rows), refused=refused,
            )  # fmt: skip

    def retain(self, rules: Retention | None = None, *, now: datetime | None = None) -> Removed:
        """Remove what is older than the rules say, in short steps; what a restart needs stays."""
        kept, at = rules or Retention(), now or datetime.now(UTC)
        parts: list[Removed] = []
        more = True
        while more:
            with self._writing():
                part, more = retention.remove_old(self._database, kept, at)
            parts.append(part)
        with self._lock:
            self._database.shrink()
            return retention.total(parts, retention.held_back(self._database, kept, at))

    def check(self) -> str | None:
        """What is broken in the stored data, None if nothing is."""
        with self._lock:
            return self._database.check()

    def back_up(self, file: Path) -> None:
        """Copy the journal into a file while it is in use (SQLite only)."""
        with self._lock:
            self._database.back_up(file)

    def close(self) -> None:
        """Release the database."""
        with self._lock:
            self._database.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if not self._database.is_writable:
            raise JournalError("was opened to read only", file=self.name, remedy="Open it with read_only=False.")
        with self._lock, self._database.transaction():
            yield
