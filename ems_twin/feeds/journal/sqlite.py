"""SQLite, the default: write-ahead log, every commit forced to the disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from .database import DatabaseUnavailableError
from .schema import JournalError, Words

APPLICATION = 0x454D534A
"""``EMSJ`` in the file's header: this is a journal and no other database."""
BUSY_MS = 10_000
"""How long a writer waits for another process that writes."""


class SqliteDatabase:
    """A journal's file.

    Parameters
    ----------
    file
        Made, with its folder, if it is not there and may be written.
    read_only
        For a second process that looks while the first writes.
    check
        Whether the file's pages are checked on opening (a few seconds for each gigabyte).

    Raises
    ------
    JournalError
        It is not there, damaged, or something else than a journal.
    """

    words = Words(integer="INTEGER", data="BLOB")

    def __init__(self, file: Path, *, read_only: bool = False, check: bool = True) -> None:
        self.is_writable = not read_only
        self._file = file
        if read_only and not file.is_file():
            raise JournalError("there is no such journal", file=file, remedy="Check the name.")
        try:
            if not read_only:
                file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                f"{file.resolve().as_uri()}?mode={'ro' if read_only else 'rwc'}",
                uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_MS / 1000,
            )  # fmt: skip
        except (OSError, sqlite3.Error) as error:
            raise JournalError(
                f"cannot be opened ({error})", file=file, remedy="Check the folder and its rights."
            ) from error
        try:
            self._prepare(check)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise JournalError(f"is no journal or damaged ({error})", file=file, remedy=_RESCUE) from error
        except JournalError:
            self._connection.close()
            raise

    def _prepare(self, check: bool) -> None:
        ask = self._connection.execute
        is_new = ask("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
        application = ask("PRAGMA application_id").fetchone()[0]
        if application != APPLICATION and not (is_new and self.is_writable):
            raise JournalError(
                "is a database of something else", file=self._file, remedy="Name another file for the journal."
            )
        if self.is_writable:
            if is_new:
                ask("PRAGMA auto_vacuum = INCREMENTAL")
                ask(f"PRAGMA application_id = {APPLICATION}")
            ask("PRAGMA journal_mode = WAL")
            ask("PRAGMA synchronous = FULL")
            ask("PRAGMA fullfsync = ON")  # macOS: reach the platter, too
            ask("PRAGMA journal_size_limit = 67108864")
        broken = self.check() if check and not is_new else None
        if broken is not None:
            raise JournalError(f"is damaged ({broken})", file=self._file, remedy=_RESCUE)

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows."""
        with _told():
            return self._connection.execute(statement, parameters).fetchall()

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement; returns how many rows it touched."""
        with _told():
            return self._connection.execute(statement, parameters).rowcount

    def execute_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run it for each row."""
        with _told():
            self._connection.executemany(statement, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, durable at the end."""
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def check(self) -> str | None:
        """What is broken in the file, None if nothing is."""
        found = self.query("PRAGMA quick_check(1)")
        return None if found == [("ok",)] else " ".join(str(found[0][0]).split())

    def shrink(self) -> None:
        """Give space that is no longer used back."""
        self.query("PRAGMA incremental_vacuum")
        self.query("PRAGMA wal_checkpoint(TRUNCATE)")

    def back_up(self, file: Path) -> None:
        """Copy the journal while it is in use.

        Raises
        ------
        JournalError
            The copy cannot be written.
        """
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(file)) as copy:
                self._connection.backup(copy)
        except (OSError, sqlite3.Error) as error:
            raise JournalError(
                f"cannot be written ({error})", file=file, remedy="Choose another place for the copy."
            ) from error

    def close(self) -> None:
        """Release the file."""
        self._connection.close()


_RESCUE = "Move it away together with its -wal and -shm files and put a copy back, or start without: a new one is made."


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise DatabaseUnavailableError(str(error)) from error
