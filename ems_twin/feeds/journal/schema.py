"""Tables of the journal, and the steps from one version of them to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...errors import InputError
from ..events import FORMAT
from .database import Database


class JournalError(InputError):
    """The journal cannot be opened or used as asked."""


@dataclass(frozen=True)
class Words:
    """Names of types that databases call differently."""

    integer: str
    """64 bits."""
    data: str


def _first(words: Words) -> tuple[str, ...]:
    integer, data = words.integer, words.data
    return (
        f"""CREATE TABLE message (
            number {integer} PRIMARY KEY, source TEXT NOT NULL, message_id TEXT NOT NULL, digest {data} NOT NULL,
            codec TEXT NOT NULL, received_us {integer} NOT NULL, events {integer} NOT NULL, refused {integer} NOT NULL,
            UNIQUE (source, message_id))""",
        "CREATE INDEX message_received ON message (received_us)",
        f"""CREATE TABLE event (
            position {integer} PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, subject TEXT NOT NULL,
            source TEXT NOT NULL, occurred_us {integer} NOT NULL, known_us {integer} NOT NULL, body {data} NOT NULL)""",
        "CREATE INDEX event_subject ON event (kind, subject, occurred_us)",
        "CREATE INDEX event_known ON event (known_us)",
        f"""CREATE TABLE letter (
            number {integer} PRIMARY KEY, source TEXT NOT NULL, message_id TEXT NOT NULL, digest {data} NOT NULL,
            codec TEXT NOT NULL, reasons TEXT NOT NULL, first_us {integer} NOT NULL, last_us {integer} NOT NULL,
            seen {integer} NOT NULL, status TEXT NOT NULL, tries {integer} NOT NULL, payload {data},
            headers TEXT NOT NULL, UNIQUE (source, message_id, digest))""",
        f"CREATE TABLE consumer (name TEXT PRIMARY KEY, position {integer} NOT NULL)",
        f"""CREATE TABLE snapshot (
            consumer TEXT NOT NULL, position {integer} NOT NULL, known_us {integer} NOT NULL,
            written_us {integer} NOT NULL, body {data} NOT NULL, PRIMARY KEY (consumer, position))""",
        f"""CREATE TABLE outbox (
            number {integer} PRIMARY KEY, consumer TEXT NOT NULL, message_key TEXT NOT NULL, topic TEXT NOT NULL,
            body {data} NOT NULL, created_us {integer} NOT NULL, sent_us {integer}, UNIQUE (consumer, message_key))""",
        "CREATE TABLE bookmark (source TEXT PRIMARY KEY, value TEXT NOT NULL)",
        f"""CREATE TABLE tally (
            source TEXT NOT NULL, name TEXT NOT NULL, total {integer} NOT NULL, PRIMARY KEY (source, name))""",
        f"CREATE TABLE counter (name TEXT PRIMARY KEY, last {integer} NOT NULL)",
        "INSERT INTO counter (name, last) VALUES ('message', 0), ('event', 0), ('letter', 0), ('outbox', 0)",
    )


MIGRATIONS: tuple[Callable[[Words], tuple[str, ...]], ...] = (_first,)
"""Statements from version ``i`` to version ``i + 1``; a journal of version 0 is empty. Only ever added to."""


def migrate(database: Database, name: str) -> None:
    """Bring the tables to this program's version, each step in a transaction of its own.

    Raises
    ------
    JournalError
        A newer program wrote the journal, or its events have another form.
    """
    while True:
        with database.transaction():
            version = check_version(database, name)
            if version == len(MIGRATIONS):
                return
            for statement in MIGRATIONS[version](database.words):
                database.execute(statement)
            for key, value in (("version", version + 1), ("event_format", FORMAT)):
                database.execute("DELETE FROM about WHERE name = ?", (key,))
                database.execute("INSERT INTO about (name, value) VALUES (?, ?)", (key, str(value)))


def check_version(database: Database, name: str) -> int:
    """Version of the tables; 0 if there are none yet.

    Raises
    ------
    JournalError
        As of :func:`migrate`.
    """
    if database.is_writable:
        database.execute("CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
    found = dict(database.query("SELECT name, value FROM about"))
    version, form = int(found.get("version", 0)), int(found.get("event_format", FORMAT))
    if version > len(MIGRATIONS) or form > FORMAT:
        raise JournalError(
            f"was written by a newer program (tables {version}, events {form})",
            file=name,
            remedy=f"This program reads tables up to {len(MIGRATIONS)} and events up to {FORMAT}: upgrade it.",
        )
    return version
