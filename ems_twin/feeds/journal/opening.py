"""Open a journal by its file's name or its server's URL."""

from __future__ import annotations

from pathlib import Path

from .database import Database, DatabaseUnavailableError
from .journal import Journal
from .postgres import PostgresDatabase, without_password
from .schema import JournalError
from .sqlite import SqliteDatabase


def open_journal(where: str | Path, *, read_only: bool = False, check: bool = True) -> Journal:
    """Open a journal; made if it is not there and may be written.

    Parameters
    ----------
    where
        A file for SQLite, or ``postgresql://user@host/database``.
    read_only
        For another process than the one that writes: it sees all that is safe, and never waits for the writer (SQLite)
        or makes it wait.
    check
        Whether SQLite's file is checked first (a few seconds for each gigabyte).

    Raises
    ------
    JournalError
        It cannot be reached, is damaged, is something else, or was written by a newer program.
    """
    text = str(where)
    database: Database
    if text.startswith(("postgresql://", "postgres://")):
        name = without_password(text)
        database = PostgresDatabase(text, read_only=read_only)
    elif "://" in text:
        raise JournalError(
            f"'{text.partition(':')[0]}' is no kind of journal", field="journal",
            remedy="Name a file, or a URL that begins with postgresql://.",
        )  # fmt: skip
    else:
        name = text
        database = SqliteDatabase(Path(where), read_only=read_only, check=check)
    try:
        return Journal(database, name)
    except DatabaseUnavailableError as error:
        database.close()
        raise JournalError(
            f"cannot be used now ({error})",
            file=name,
            remedy="Another process may hold it, or nobody has written it yet.",
        ) from error
    except JournalError:
        database.close()
        raise
