"""The few things a journal asks of a database, so that SQLite and PostgreSQL share every statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .schema import Words


class Database(Protocol):
    """One connection, used by one thread at a time.

    Statements mark parameters by ``?`` and use neither ``?`` nor ``%`` otherwise. What a database cannot do now is told
    by a :class:`DatabaseUnavailableError`.
    """

    words: Words
    is_writable: bool

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows."""

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement; returns how many rows it touched."""

    def execute_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run it for each row."""

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing, durable at the end.

        Writers of all processes come one after the other, so that positions are seen in order.
        """

    def check(self) -> str | None:
        """What is broken in the stored data, None if nothing is."""

    def shrink(self) -> None:
        """Give space that is no longer used back."""

    def back_up(self, file: Path) -> None:
        """Copy everything into a file while it is in use; raises a JournalError where that cannot be."""

    def close(self) -> None:
        """Release it."""


class DatabaseUnavailableError(Exception):
    """The disk is full, a lock is held too long, or the server is gone: nothing was written, trying again may help."""
