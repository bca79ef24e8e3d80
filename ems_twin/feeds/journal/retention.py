"""What is old goes, but never what a restart needs."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta

from .database import Database
from .moments import to_us
from .records import Removed, Retention

STEP = 5000
"""Rows that one transaction removes, so that messages never wait long for it."""


def remove_old(database: Database, retention: Retention, now: datetime) -> tuple[Removed, bool]:
    """Remove one step's worth within a transaction; says what went and whether there is more."""
    safe = _in_snapshots(database)
    events = sum(
        _remove(database, "event", "position", f"{which} AND position <= ?", (*parameters, safe))
        for which, parameters in _old_events(retention, now)
    )
    removed = Removed(
        events=events,
        messages=_remove(database, "message", "number", "received_us < ?", (_before(now, retention.events),)),
        letters=_remove(database, "letter", "number", "last_us < ?", (_before(now, retention.letters),)),
        outbox=_remove(database, "outbox", "number", "sent_us < ?", (_before(now, retention.outbox),)),
        snapshots=database.execute(
            "DELETE FROM snapshot WHERE written_us < ? AND position < "
            "(SELECT max(s.position) FROM snapshot s WHERE s.consumer = snapshot.consumer)",
            (_before(now, retention.snapshots),),
        ),
    )
    return removed, max(removed.events, removed.messages, removed.letters, removed.outbox) >= STEP


def held_back(database: Database, retention: Retention, now: datetime) -> int:
    """Events that are old enough to go, and stand in no snapshot yet."""
    safe = _in_snapshots(database)
    return sum(
        int(database.query(f"SELECT count(*) FROM event WHERE {which} AND position > ?", (*parameters, safe))[0][0])
        for which, parameters in _old_events(retention, now)
    )


def _in_snapshots(database: Database) -> int:
    """Position up to which no restart needs events; without a consumer there is none to restart."""
    found = database.query(
        "SELECT min(coalesce(s.newest, 0)) FROM consumer c LEFT JOIN "
        "(SELECT consumer, max(position) AS newest FROM snapshot GROUP BY consumer) s ON s.consumer = c.name"
    )
    return 2**62 if not found or found[0][0] is None else int(found[0][0])


def _old_events(retention: Retention, now: datetime) -> list[tuple[str, tuple[object, ...]]]:
    """Conditions with their parameters: for each kind with a time of its own, and for all others."""
    kinds = tuple(retention.by_kind)
    others = f"kind NOT IN ({', '.join('?' * len(kinds))})" if kinds else "1 = 1"
    return [
        *(("kind = ? AND known_us < ?", (kind, _before(now, days))) for kind, days in retention.by_kind.items()),
        (f"{others} AND known_us < ?", (*kinds, _before(now, retention.events))),
    ]


def _before(now: datetime, days: float) -> int:
    return to_us(now - timedelta(days=days))


def total(parts: list[Removed], held: int) -> Removed:
    """What several steps removed."""
    sums = {f.name: sum(getattr(part, f.name) for part in parts) for f in fields(Removed)}
    return Removed(**sums | {"held_back": held})


def _remove(database: Database, table: str, key: str, where: str, parameters: tuple[object, ...]) -> int:
    return database.execute(
        f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {where} LIMIT {STEP})", parameters
    )
