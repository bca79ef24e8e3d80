"""PostgreSQL, when a city outgrows one file: the same tables in a schema of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from ..extras import needs
from .database import DatabaseUnavailableError
from .schema import JournalError, Words

if TYPE_CHECKING:
    import psycopg

SCHEMA = "ems_twin_journal"
LOCK = 0x454D534A
"""Number of the advisory lock under which writers take turns."""


class PostgresDatabase:
    """A connection to a server; it is made again after the server was away.

    Parameters
    ----------
    url
        ``postgresql://user@host/database``; a password is better kept in ``PGPASSWORD`` or a password file.
    read_only
        For a second process that looks while the first writes.

    Raises
    ------
    JournalError
        The server cannot be reached, or the extra ``postgres`` is not installed.
    """

    words = Words(integer="BIGINT", data="BYTEA")

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.is_writable = not read_only
        self._url = url
        self._psycopg = needs("psycopg", "postgres", "a journal in PostgreSQL")
        try:
            self._connection = self._connect()
            if not read_only:
                self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        except self._psycopg.Error as error:
            raise JournalError(
                f"cannot be reached ({str(error).strip().splitlines()[0]})",
                file=without_password(url),
                remedy="Check that the server runs, and the user's rights to the database.",
            ) from error

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        only = "" if self.is_writable else " -c default_transaction_read_only=on"
        connection: psycopg.Connection[tuple[Any, ...]] = self._psycopg.connect(
            self._url, autocommit=True, connect_timeout=10, application_name="ems_twin",
            options=f"-c search_path={SCHEMA} -c synchronous_commit=on{only}",
        )  # fmt: skip
        return connection

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows."""
        with self._told() as connection:
            return connection.execute(_marked(statement), parameters).fetchall()

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement; returns how many rows it touched."""
        with self._told() as connection:
            return connection.execute(_marked(statement), parameters).rowcount

    def execute_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run it for each row."""
        with self._told() as connection, connection.cursor() as cursor:
            cursor.executemany(_marked(statement), rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, durable at the end."""
        self._connect_again()
        with self._told() as connection, connection.transaction():
            # without the lock a later position could be seen before an earlier one
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            yield

    def check(self) -> str | None:
        """Nothing: the server looks after its own files."""
        return None

    def shrink(self) -> None:
        """Nothing: the server vacuums by itself."""

    def back_up(self, file: Path) -> None:
        """Refused.

        Raises
        ------
        JournalError
            Always: a server has its own ways.
        """
        raise JournalError("is no file", file=file, remedy="Use pg_dump for a journal in PostgreSQL.")

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def _connect_again(self) -> None:
        if self._connection.closed:
            try:
                self._connection = self._connect()
            except self._psycopg.OperationalError as error:
                raise DatabaseUnavailableError(str(error)) from error

    @contextmanager
    def _told(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        if self._connection.closed:
            self._connect_again()
        try:
            yield self._connection
        except (self._psycopg.OperationalError, self._psycopg.InterfaceError) as error:
            raise DatabaseUnavailableError(str(error)) from error
        except self._psycopg.errors.UndefinedTable:
            raise DatabaseUnavailableError("it has no tables yet") from None


def _marked(statement: str) -> str:
    return statement.replace("?", "%s")


def without_password(url: str) -> str:
    """A URL as it may be shown."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.username}@{parts.hostname}" if parts.username else parts.netloc))
