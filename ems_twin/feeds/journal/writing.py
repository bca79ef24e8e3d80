"""Messages into the inbox: each once, with its events and what was refused of it, many in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from ..decoded import Refusal
from ..events import Event
from .database import Database
from .letters import write_letter
from .moments import to_us
from .records import Message, Outcome, Receipt

CHUNK = 500
"""Parameters of one statement; databases have a limit."""

_OTHER = Refusal(
    reason="another message came before under the same identifier",
    where="",
    remedy="Have the source give each message an identifier of its own; a replay takes this one in as well.",
)

T = TypeVar("T")


def append(database: Database, messages: Sequence[Message]) -> list[Receipt]:
    """Write messages, within a transaction; a receipt for each.

    A message is known by its source and identifier, an event by its ``event_id``: the same report in another message
    of the same source is one event.
    """
    known = _known_messages(database, messages)
    doubtful = [m for m in messages if known.get((m.source, m.message_id), m.digest) != m.digest]
    fresh: list[Message] = []
    outcomes: list[Outcome] = []
    for message in messages:
        key = (message.source, message.message_id)
        if key not in known:
            known[key] = message.digest
            fresh.append(message)
            outcomes.append(Outcome.new)
        else:
            outcomes.append(Outcome.repeat if known[key] == message.digest else Outcome.conflict)
    stored = known_events(database, (event for m in (*fresh, *doubtful) for event in m.decoded.events))
    before = counters(database)
    last = dict(before)
    receipts: list[Receipt] = []
    tally: Counter[tuple[str, str]] = Counter()
    rows: list[tuple[Any, ...]] = []
    events: list[tuple[Any, ...]] = []
    for message, outcome in zip(messages, outcomes, strict=True):
        decoded = message.decoded
        if outcome is Outcome.conflict and not decoded.refused and _all_known(decoded.events, stored):
            outcome = Outcome.repeat  # written otherwise, but it says the same
        refused = (_OTHER,) if outcome is Outcome.conflict else decoded.refused
        taken = 0
        if outcome is Outcome.new:
            last["message"] += 1
            taken = -len(events)
            last["event"] = new_events(decoded.events, stored, last["event"], events)
            taken += len(events)
            rows.append(
                (last["message"], message.source, message.message_id, message.digest, decoded.codec,
                 to_us(message.received_at), taken, len(refused))
            )  # fmt: skip
        if refused:
            last["letter"] = write_letter(database, message, refused, last["letter"])
        repeated = len(decoded.events) - taken if outcome is Outcome.new else 0
        receipts.append(
            Receipt(
                message_id=message.message_id, outcome=outcome, position=last["event"], events=taken,
                repeated_events=repeated, refused=refused, is_unread=bool(refused) and not decoded.events,
            )
        )  # fmt: skip
        tally[message.source, outcome.value] += 1
        tally[message.source, "events"] += taken
        tally[message.source, "repeated_events"] += repeated
        if outcome is not Outcome.repeat:
            tally[message.source, "refused"] += len(refused)
    database.execute_many(
        "INSERT INTO message (number, source, message_id, digest, codec, received_us, events, refused) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    insert_events(database, events)
    keep_counters(database, {name: value for name, value in last.items() if value != before[name]})
    add_to_tally(database, tally)
    keep_bookmarks(database, {m.source: m.bookmark for m in messages if m.bookmark is not None})
    return receipts


def known_events(database: Database, events: Iterable[Event]) -> set[str]:
    """Identifiers of those events that are in the journal."""
    found: set[str] = set()
    for some in chunks([event.event_id for event in events], CHUNK):
        marks = ", ".join("?" * len(some))
        found.update(row[0] for row in database.query(f"SELECT event_id FROM event WHERE event_id IN ({marks})", some))
    return found


def new_events(events: Sequence[Event], stored: set[str], last: int, rows: list[tuple[Any, ...]]) -> int:
    """Add rows of those events that are not ``stored``, and their identifiers to it; returns the last position."""
    for event in events:
        if event.event_id in stored:
            continue
        stored.add(event.event_id)
        last += 1
        rows.append(
            (last, event.event_id, event.word, event.subject, event.source,
             to_us(event.occurred_at), to_us(event.known_at), event.to_json())
        )  # fmt: skip
    return last


def insert_events(database: Database, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write rows of :func:`new_events`."""
    database.execute_many(
        "INSERT INTO event (position, event_id, kind, subject, source, occurred_us, known_us, body) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


def counters(database: Database) -> dict[str, int]:
    """The last number given to each sort of row."""
    return {str(name): int(last) for name, last in database.query("SELECT name, last FROM counter")}


def keep_counters(database: Database, last: dict[str, int]) -> None:
    """Write what :func:`counters` read and somebody counted on."""
    database.execute_many("UPDATE counter SET last = ? WHERE name = ?", [(value, name) for name, value in last.items()])


def add_to_tally(database: Database, counts: Counter[tuple[str, str]]) -> None:
    """Add to what is counted for each source since the journal began."""
    database.execute_many(
        "INSERT INTO tally (source, name, total) VALUES (?, ?, ?) "
        "ON CONFLICT (source, name) DO UPDATE SET total = tally.total + excluded.total",
        [(source, name, count) for (source, name), count in counts.items() if count],
    )


def keep_bookmarks(database: Database, bookmarks: dict[str, str]) -> None:
    """Note where each source goes on."""
    database.execute_many(
        "INSERT INTO bookmark (source, value) VALUES (?, ?) ON CONFLICT (source) DO UPDATE SET value = excluded.value",
        list(bookmarks.items()),
    )


def chunks(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Parts of a sequence of at most ``size``."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _known_messages(database: Database, messages: Sequence[Message]) -> dict[tuple[str, str], bytes]:
    by_source: dict[str, list[str]] = {}
    for message in messages:
        by_source.setdefault(message.source, []).append(message.message_id)
    known: dict[tuple[str, str], bytes] = {}
    for source, identifiers in by_source.items():
        for some in chunks(identifiers, CHUNK):
            marks = ", ".join("?" * len(some))
            statement = f"SELECT message_id, digest FROM message WHERE source = ? AND message_id IN ({marks})"
            for message_id, digest in database.query(statement, (source, *some)):
                known[source, message_id] = bytes(digest)
    return known


def _all_known(events: Sequence[Event], stored: set[str]) -> bool:
    return bool(events) and all(event.event_id in stored for event in events)
