"""Events out of the journal: in the order of writing, and as things were known at a time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from ..events import from_json
from .database import Database
from .moments import to_us
from .records import StoredEvent


def events(
    database: Database,
    *,
    after: int,
    up_to: int | None,
    limit: int,
    kinds: Collection[str],
    subject: str | None,
    known_by: datetime | None,
) -> list[StoredEvent]:
    """Events after a position, in the order of writing."""
    where, parameters = ["position > ?"], list[Any]([after])
    if up_to is not None:
        where.append("position <= ?")
        parameters.append(up_to)
    _narrow(where, parameters, kinds, subject, known_by)
    return _stored(
        database.query(
            f"SELECT position, body FROM event WHERE {' AND '.join(where)} ORDER BY position LIMIT ?",
            (*parameters, limit),
        )
    )


def as_known(
    database: Database,
    *,
    known_by: datetime,
    occurred_by: datetime | None,
    since: datetime | None,
    kinds: Collection[str],
    subject: str | None,
) -> list[StoredEvent]:
    """The newest event of each kind about each subject, of those that were known at a time.

    Newest is what occurred last; of two at once, what was written last.
    """
    where, parameters = ["1 = 1"], list[Any]()
    _narrow(where, parameters, kinds, subject, known_by)
    if occurred_by is not None:
        where.append("occurred_us <= ?")
        parameters.append(to_us(occurred_by))
    if since is not None:
        where.append("occurred_us >= ?")
        parameters.append(to_us(since))
    return _stored(
        database.query(
            "SELECT position, body FROM (SELECT position, body, row_number() OVER (PARTITION BY kind, subject "
            f"ORDER BY occurred_us DESC, position DESC) AS place FROM event WHERE {' AND '.join(where)}) AS ranked "
            "WHERE place = 1 ORDER BY position",
            parameters,
        )
    )


def _narrow(
    where: list[str], parameters: list[Any], kinds: Collection[str], subject: str | None, known_by: datetime | None
) -> None:
    if kinds:
        where.append(f"kind IN ({', '.join('?' * len(kinds))})")
        parameters.extend(sorted(kinds))
    if subject is not None:
        where.append("subject = ?")
        parameters.append(subject)
    if known_by is not None:
        where.append("known_us <= ?")
        parameters.append(to_us(known_by))


def _stored(rows: list[tuple[Any, ...]]) -> list[StoredEvent]:
    return [StoredEvent(position=position, event=from_json(bytes(body))) for position, body in rows]
