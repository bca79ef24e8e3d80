"""The clock of a scenario: its times are the city's unless they have an offset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ...demand.clock import instant


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Seconds of the run and the city's civil time."""

    start: datetime
    """Epoch of the run, with its zone."""
    zone: ZoneInfo
    """The city's."""
    duration_s: float
    """Length of the run's window, seconds."""

    def second(self, time: datetime) -> float:
        """Seconds of the run at a time."""
        there = time if time.tzinfo is not None else instant(time, self.zone)
        return there.timestamp() - self.start.timestamp()

    def at(self, t_s: float) -> datetime:
        """Civil time at a second of the run."""
        return (self.start.astimezone(UTC) + timedelta(seconds=t_s)).astimezone(self.start.tzinfo)

    def stretch(self, start: datetime | None, end: datetime | None) -> tuple[float, float]:
        """Begin and end of a stretch that lasts, where nothing is said, as long as the window."""
        return (
            0.0 if start is None else self.second(start), self.duration_s if end is None else self.second(end)
        )  # fmt: skip
