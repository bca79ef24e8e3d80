"""What reading a message gives: events, what was refused and why, and the fields nobody uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from ..demand.clock import time_zone
from ..errors import InputError
from .events import Event

Box = tuple[float, float, float, float]
"""West, south, east and north, degrees."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A part of a message, or a whole one, that was not taken; it holds nothing that could be personal."""

    reason: str
    """What is wrong, as a phrase without a final stop."""
    where: str
    """Path to the part, such as ``resourcesInfo.resource[0].state[1].datetime``; empty for the whole message."""
    remedy: str
    """What whoever runs the source, or the twin, can do."""
    fragment: str = ""
    """The offending value: a number as it is, of a text only its shape (``9`` a digit, ``a`` a letter)."""

    def to_dict(self) -> dict[str, str]:
        """As JSON takes it."""
        return {"reason": self.reason, "where": self.where, "remedy": self.remedy, "fragment": self.fragment}

    def __str__(self) -> str:
        value = f" ({self.fragment})" if self.fragment else ""
        return f"{self.where or 'message'}: {self.reason}{value}. {self.remedy}"


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """A message that was read."""

    codec: str
    """Name of the codec that read it."""
    message_id: str
    """Its own identifier; a digest of its bytes where the standard gives none."""
    events: tuple[Event, ...] = ()
    """In the order in which the message tells them."""
    refused: tuple[Refusal, ...] = ()
    dropped_fields: tuple[str, ...] = ()
    """Paths that the message has and the twin does not use, each once, ``[]`` for any place of a list; never a value."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {
            "codec": self.codec,
            "message_id": self.message_id,
            "events": [event.model_dump(mode="json", exclude_none=True) for event in self.events],
            "refused": [refusal.to_dict() for refusal in self.refused],
            "dropped_fields": list(self.dropped_fields),
        }


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How the messages of a source are read.

    Raises
    ------
    InputError
        The area is no box, or the zone is unknown.
    """

    received_at: datetime
    """When the message came, with a zone."""
    source: str
    """Name of the feed."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers it came with, in small letters."""
    area: Box | None = None
    """Where calls, units and hospitals may be; a position outside is refused, and what else the part says is kept."""
    message_id: str | None = None
    """Identifier that the transport gave, such as the key of a webhook; one in the message itself goes before it."""
    timezone: str | None = None
    """Civil time of times that have no zone. Without it those of the open call feeds are their city's, and others are
    taken for UTC and marked as uncertain."""

    def __post_init__(self) -> None:
        if self.received_at.tzinfo is None:
            raise InputError(
                "the time of receipt has no zone", field="received_at", remedy="Give a time with an offset."
            )
        object.__setattr__(self, "received_at", self.received_at.astimezone(UTC))
        object.__setattr__(self, "headers", {name.lower(): value for name, value in self.headers.items()})
        if self.area is not None:
            west, south, east, north = self.area
            if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
                raise InputError(
                    f"{self.area} is no box",
                    field="area",
                    remedy="Give west, south, east and north in degrees, as in --area -74.1,40.6,-73.8,40.9.",
                )
        if self.timezone is not None:
            time_zone(self.timezone)

    @cached_property
    def zone(self) -> ZoneInfo | None:
        """The zone of :attr:`timezone`."""
        return None if self.timezone is None else time_zone(self.timezone)
