"""What goes into the journal and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from ..decoded import Decoded, Refusal
from ..events import Event


def _nothing() -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message that was read and waits to be written."""

    source: str
    """Name of the feed."""
    message_id: str
    """With ``source`` the key under which it is taken in once."""
    digest: bytes
    """Of the payload as it came, 16 bytes: tells whether a message that comes again is the same."""
    received_at: datetime
    decoded: Decoded
    keep: Callable[[], bytes | None] = _nothing
    """The payload without what the codec does not use, asked for if it becomes a dead letter; None where it cannot be
    stripped so."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The headers that reading it again needs."""
    bookmark: str | None = None
    """Where its source goes on after it, kept in the same transaction."""


class Outcome(StrEnum):
    """What became of a message."""

    new = "new"
    repeat = "repeat"
    """It had come before and was not taken in again."""
    conflict = "conflict"
    """Another message with its identifier had come before; it was not taken in and lies with the dead letters."""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What became of a message, said after it is safe on the disk."""

    message_id: str
    outcome: Outcome
    position: int
    """Of the newest event in the journal when the message was written."""
    events: int = 0
    """Events taken in from it."""
    repeated_events: int = 0
    """Events of it that other messages had told before."""
    refused: tuple[Refusal, ...] = ()
    """Parts that were not taken; they lie with the dead letters."""
    is_unread: bool = False
    """Nothing of it could be taken: it is refused as a whole."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {
            "message_id": self.message_id,
            "outcome": self.outcome.value,
            "events": self.events,
            "repeated_events": self.repeated_events,
            "refused": [refusal.to_dict() for refusal in self.refused],
        }


@dataclass(frozen=True, kw_only=True)
class StoredEvent:
    """An event and where it stands."""

    position: int
    """Counts from 1 in the order in which events were written; never given twice."""
    event: Event


class LetterStatus(StrEnum):
    """Where a dead letter is."""

    open = "open"
    replayed = "replayed"
    """It was read again, and all of it was taken."""
    dropped = "dropped"
    """Somebody decided that it is not needed."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message of which something was not taken."""

    number: int
    source: str
    message_id: str
    codec: str
    reasons: tuple[Refusal, ...]
    first_at: datetime
    last_at: datetime
    seen: int
    """How often it came."""
    status: LetterStatus
    tries: int
    """How often it was read again."""
    payload: bytes | None
    """What of it was kept; None if it cannot be read again."""
    headers: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it, without the payload."""
        return {
            "number": self.number,
            "source": self.source,
            "message_id": self.message_id,
            "codec": self.codec,
            "reasons": [refusal.to_dict() for refusal in self.reasons],
            "first_at": self.first_at.isoformat(),
            "last_at": self.last_at.isoformat(),
            "seen": self.seen,
            "status": self.status.value,
            "tries": self.tries,
            "can_be_replayed": self.payload is not None,
        }


@dataclass(frozen=True, kw_only=True)
class OutboxMessage:
    """Something to be told to others once the state it follows from is safe."""

    key: str
    """The same for the same news: what is put into the outbox twice goes out once."""
    topic: str
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A message of the outbox that waits to be sent."""

    number: int
    key: str
    topic: str
    body: bytes
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Applied:
    """How far a consumer has come, and its newest snapshot."""

    position: int
    """Of the last event that it has applied; 0 before the first."""
    snapshot_position: int = 0
    """Of the last event that the snapshot holds. A restart loads it and applies the events from there to ``position``
    again, without sending anything."""
    snapshot: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long things are kept, days."""

    events: float = 30.0
    """Events, and the record that a message has come: what is sent again later than this is new."""
    by_kind: Mapping[str, float] = field(default_factory=lambda: {"unit_position": 7.0})
    """Other times for some kinds of events. Positions of units are data about their crews."""
    letters: float = 30.0
    outbox: float = 7.0
    """Messages that have been sent; those that wait are kept."""
    snapshots: float = 30.0
    """The newest of each consumer is always kept."""


@dataclass(frozen=True, kw_only=True)
class Removed:
    """What retention removed, and what it would have."""

    events: int = 0
    messages: int = 0
    letters: int = 0
    outbox: int = 0
    snapshots: int = 0
    held_back: int = 0
    """Events that are old enough but stand in no snapshot yet: a restart needs them."""
