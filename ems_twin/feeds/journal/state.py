"""What a consumer of events has made of them, how far it has come, and what it has to tell: one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from .database import Database
from .moments import from_us, to_us
from .records import Applied, OutboxMessage, Outgoing
from .schema import JournalError


def apply(
    database: Database, consumer: str, position: int, snapshot: bytes | None, outbox: Sequence[OutboxMessage], *,
    after: int | None, at: datetime,
) -> None:  # fmt: skip
    """Write, within a transaction, that a consumer has applied the events up to a position.

    Raises
    ------
    JournalError
        It had come further, or elsewhere than ``after``, or there are no events up to there.
    """
    found = database.query("SELECT position FROM consumer WHERE name = ?", (consumer,))
    before = int(found[0][0]) if found else 0
    newest = database.query("SELECT last FROM counter WHERE name = 'event'")[0][0]
    if (after is not None and before != after) or not before <= position <= newest:
        raise JournalError(
            f"'{consumer}' has applied events up to {before} of {newest}, and now should go from {after} to {position}",
            remedy="Only one process may apply events for it: end the other one, and start from applied().",
        )
    now = to_us(at)
    database.execute(
        "INSERT INTO consumer (name, position) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET position = excluded.position",
        (consumer, position),
    )
    if snapshot is not None:
        known = database.query(
            "SELECT known_us FROM event WHERE position <= ? ORDER BY position DESC LIMIT 1", (position,)
        )
        database.execute(
            "INSERT INTO snapshot (consumer, position, known_us, written_us, body) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (consumer, position) DO UPDATE SET body = excluded.body, written_us = excluded.written_us",
            (consumer, position, known[0][0] if known else 0, now, snapshot),
        )
    if outbox:
        first = int(database.query("SELECT last FROM counter WHERE name = 'outbox'")[0][0]) + 1
        database.execute_many(
            "INSERT INTO outbox (number, consumer, message_key, topic, body, created_us) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (consumer, message_key) DO NOTHING",
            [(first + i, consumer, m.key, m.topic, m.body, now) for i, m in enumerate(outbox)],
        )
        database.execute("UPDATE counter SET last = ? WHERE name = 'outbox'", (first + len(outbox) - 1,))


def applied(database: Database, consumer: str, known_by: datetime | None) -> Applied:
    """How far a consumer has come; with ``known_by`` its newest snapshot that knows nothing later."""
    found = database.query("SELECT position FROM consumer WHERE name = ?", (consumer,))
    rows = database.query(
        "SELECT position, body FROM snapshot WHERE consumer = ? AND known_us <= ? ORDER BY position DESC LIMIT 1",
        (consumer, to_us(known_by) if known_by is not None else 2**62),
    )
    position = int(found[0][0]) if found else 0
    if not rows:
        return Applied(position=position)
    return Applied(position=position, snapshot_position=int(rows[0][0]), snapshot=bytes(rows[0][1]))


def waiting(database: Database, consumer: str, limit: int) -> list[Outgoing]:
    """Messages of the outbox that have not been sent, the oldest first."""
    return [
        Outgoing(number=number, key=key, topic=topic, body=bytes(body), created_at=from_us(created))
        for number, key, topic, body, created in database.query(
            "SELECT number, message_key, topic, body, created_us FROM outbox "
            "WHERE consumer = ? AND sent_us IS NULL ORDER BY number LIMIT ?",
            (consumer, limit),
        )
    ]


def mark_sent(database: Database, numbers: Sequence[int], at: datetime) -> None:
    """Note that messages of the outbox have gone out."""
    database.execute_many("UPDATE outbox SET sent_us = ? WHERE number = ?", [(to_us(at), number) for number in numbers])
