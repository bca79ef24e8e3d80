"""What is old goes, but never what a restart needs."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timedelta

from .database import Database
from .moments import to_us
from .records import Removed, Retention

STEP = 5000
"""Rows that one transaction removes, so that messages never wait long for it."""


def remove_old(database: Database, retention: Retention, now: datetime) -> tuple[Removed, bool]:
    """Remove one step's worth within a transaction; says what went and whether there is more."""

    def before(days: float) -> int:
        return to_us(now - timedelta(days=days))

    found = database.query(
        "SELECT min(coalesce(s.newest, 0)) FROM consumer c LEFT JOIN "
        "(SELECT consumer, max(position) AS newest FROM snapshot GROUP BY consumer) s ON s.consumer = c.name"
    )
    # without a consumer nobody's restart needs them
    in_snapshot = 2**62 if not found or found[0][0] is None else int(found[0][0])
    removed = Removed()
    old: list[tuple[str, tuple[str, ...], int]] = [
        ("kind = ?", (kind,), before(days)) for kind, days in retention.by_kind.items()
    ]
    others = "kind NOT IN (" + ", ".join("?" * len(retention.by_kind)) + ")" if retention.by_kind else "1 = 1"
    old.append((others, tuple(retention.by_kind), before(retention.events)))
    for which, kinds, until in old:
        gone = _remove(
            database, "event", "position", f"{which} AND known_us < ? AND position <= ?", (*kinds, until, in_snapshot)
        )
        held = database.query(
            f"SELECT count(*) FROM event WHERE {which} AND known_us < ? AND position > ?", (*kinds, until, in_snapshot)
        )[0][0]
        removed = replace(removed, events=removed.events + gone, held_back=removed.held_back + int(held))
    removed = replace(
        removed,
        messages=_remove(database, "message", "number", "received_us < ?", (before(retention.events),)),
        letters=_remove(database, "letter", "number", "last_us < ?", (before(retention.letters),)),
        outbox=_remove(database, "outbox", "number", "sent_us < ?", (before(retention.outbox),)),
        snapshots=database.execute(
            "DELETE FROM snapshot WHERE written_us < ? AND position < "
            "(SELECT max(s.position) FROM snapshot s WHERE s.consumer = snapshot.consumer)",
            (before(retention.snapshots),),
        ),
    )
    return removed, max(removed.events, removed.messages, removed.letters, removed.outbox) >= STEP


def total(parts: list[Removed]) -> Removed:
    """What several steps removed; held back is what the last one saw."""
    sums = {f.name: sum(getattr(part, f.name) for part in parts) for f in fields(Removed)}
    return Removed(**sums | {"held_back": parts[-1].held_back if parts else 0})


def _remove(database: Database, table: str, key: str, where: str, parameters: tuple[object, ...]) -> int:
    return database.execute(
        f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {where} LIMIT {STEP})", parameters
    )
