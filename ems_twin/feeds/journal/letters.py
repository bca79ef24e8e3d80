"""Dead letters: messages of which something was not taken, with the reasons, to be read again or dropped."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ..decoded import Refusal
from .database import Database
from .moments import from_us, to_us
from .records import Letter, LetterStatus, Message

MOST_LETTERS = 100_000
"""Open letters whose payload is kept; of older ones only the reasons stay."""

_COLUMNS = "number, source, message_id, codec, reasons, first_us, last_us, seen, status, tries, payload, headers"  # in the order in which _letter takes them


def write_letter(database: Database, message: Message, reasons: Sequence[Refusal], last: int) -> int:
    """Write a letter, or count it once more if it is there; returns the last number given."""
    at = to_us(message.received_at)
    key = (message.source, message.message_id, message.digest)
    if database.execute(
        "UPDATE letter SET seen = seen + 1, last_us = ? WHERE source = ? AND message_id = ? AND digest = ?", (at, *key)
    ):
        return last
    last += 1
    database.execute(
        "INSERT INTO letter (number, source, message_id, digest, codec, reasons, first_us, last_us, seen, status, tries, "
        "payload, headers) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, 0, ?, ?)",
        (last, *key, message.decoded.codec, _reasons(reasons), at, at, LetterStatus.open.value, message.keep(),
         json.dumps(dict(message.headers))),
    )  # fmt: skip
    if last > MOST_LETTERS:
        database.execute("UPDATE letter SET payload = NULL WHERE number = ?", (last - MOST_LETTERS,))
    return last


def read_letters(
    database: Database, *, source: str | None, status: LetterStatus | None, numbers: Sequence[int], limit: int
) -> list[Letter]:
    """Letters, the newest first."""
    where, parameters = ["1 = 1"], list[Any]()
    if source is not None:
        where.append("source = ?")
        parameters.append(source)
    if status is not None:
        where.append("status = ?")
        parameters.append(status.value)
    if numbers:
        where.append(f"number IN ({', '.join('?' * len(numbers))})")
        parameters.extend(numbers)
    return [
        _letter(row)
        for row in database.query(
            f"SELECT {_COLUMNS} FROM letter WHERE {' AND '.join(where)} ORDER BY number DESC LIMIT ?",
            (*parameters, limit),
        )
    ]


def mark_letter(
    database: Database, number: int, status: LetterStatus, *, reasons: Sequence[Refusal] | None, tried: bool
) -> bool:
    """Change a letter's status, and its reasons if given; says whether it is there. A dropped one loses its payload."""
    touched = database.execute(
        "UPDATE letter SET status = ?, tries = tries + ? WHERE number = ?", (status.value, int(tried), number)
    )
    if reasons is not None:
        database.execute("UPDATE letter SET reasons = ? WHERE number = ?", (_reasons(reasons), number))
    if status is LetterStatus.dropped:
        database.execute("UPDATE letter SET payload = NULL WHERE number = ?", (number,))
    return touched > 0


def count_letters(database: Database, since: datetime | None) -> dict[str, int]:
    """Open letters of each source, of all times or first seen since."""
    return {
        str(source): int(count)
        for source, count in database.query(
            "SELECT source, count(*) FROM letter WHERE status = ? AND first_us >= ? GROUP BY source ORDER BY source",
            (LetterStatus.open.value, 0 if since is None else to_us(since)),
        )
    }


def _reasons(reasons: Sequence[Refusal]) -> str:
    return json.dumps([reason.to_dict() for reason in reasons], ensure_ascii=False)


def _letter(row: tuple[Any, ...]) -> Letter:
    number, source, message_id, codec, reasons, first, last, seen, status, tries, payload, headers = row
    return Letter(
        number=number, source=source, message_id=message_id, codec=codec,
        reasons=tuple(Refusal(**reason) for reason in json.loads(reasons)),
        first_at=from_us(first), last_at=from_us(last), seen=seen, status=LetterStatus(status), tries=tries,
        payload=None if payload is None else bytes(payload), headers=json.loads(headers),
    )  # fmt: skip
