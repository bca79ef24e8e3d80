"""How a source is doing: for alarms, the health page and metrics."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from ..journal import Receipt


class SourceState(StrEnum):
    """What a source does now."""

    starting = "starting"
    connected = "connected"
    waiting = "waiting"
    """It lost its connection, or was turned away, and tries again soon."""
    ended = "ended"
    """It has told all there was: a file does."""


@dataclass
class SourceHealth:
    """What one source has done since the start."""

    name: str
    kind: str
    silent_after_s: float | None = None
    """Without a message for so long it counts as silent."""
    state: SourceState = SourceState.starting
    started_at: datetime | None = None
    last_message_at: datetime | None = None
    last_event_at: datetime | None = None
    """When the newest event that it told occurred."""
    received: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    events: int = 0
    refused: int = 0
    """Parts of messages that were not taken, whole messages among them."""
    turned_away: Counter[str] = field(default_factory=Counter)
    """Requests that were answered before they were read, by reason."""
    reconnects: int = 0
    last_error: str | None = None
    """In words, without anything that came from outside."""

    def took(self, receipt: Receipt, received_at: datetime, newest: datetime | None) -> None:
        """Count a message that is safe."""
        self.received += 1
        self.outcomes[receipt.outcome.value] += 1
        self.events += receipt.events
        self.refused += len(receipt.refused)
        if self.last_message_at is None or received_at > self.last_message_at:
            self.last_message_at = received_at
        if newest is not None and (self.last_event_at is None or newest > self.last_event_at):
            self.last_event_at = newest

    def connected(self) -> None:
        """The source is there."""
        self.state = SourceState.connected
        self.last_error = None

    def failed(self, error: str) -> None:
        """The source is away."""
        self.state = SourceState.waiting
        self.last_error = error
        self.reconnects += 1

    @property
    def lag_s(self) -> float | None:
        """How much later than the newest event the newest message came, seconds."""
        if self.last_message_at is None or self.last_event_at is None:
            return None
        return (self.last_message_at - self.last_event_at).total_seconds()

    def age_s(self, now: datetime) -> float | None:
        """Seconds since the last message, or since the start; None if it has not started."""
        since = self.last_message_at or self.started_at
        return None if since is None else (now - since).total_seconds()

    def is_silent(self, now: datetime) -> bool:
        """Whether it has said nothing for too long."""
        age = self.age_s(now)
        ended = self.state is SourceState.ended
        return not ended and age is not None and self.silent_after_s is not None and age > self.silent_after_s

    def to_dict(self, now: datetime) -> dict[str, Any]:
        """As JSON takes it."""
        moment = [None if at is None else at.isoformat() for at in (self.last_message_at, self.last_event_at)]
        return {
            "name": self.name,
            "kind": self.kind,
            "state": self.state.value,
            "silent": self.is_silent(now),
            "age_s": self.age_s(now),
            "lag_s": self.lag_s,
            "last_message_at": moment[0],
            "last_event_at": moment[1],
            "received": self.received,
            **{name: self.outcomes[name] for name in ("new", "repeat", "conflict")},
            "events": self.events,
            "refused": self.refused,
            "turned_away": dict(self.turned_away),
            "reconnects": self.reconnects,
            "last_error": self.last_error,
        }
