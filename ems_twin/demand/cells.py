"""Turn the cells of a call file into values; a cell that cannot be one says why."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from .clock import is_repeated, is_skipped
from .sizes import N_PRIORITIES

_YES, _NO = ("1", "true", "yes", "y"), ("0", "false", "no", "n")


class CellError(ValueError):
    """A cell cannot be understood; the text says why."""


def parse_time(text: str, zone: ZoneInfo) -> tuple[datetime, bool]:
    """Read an ISO 8601 time; one without an offset is civil time of the city.

    Returns
    -------
    time
        In UTC.
    repeated
        Whether the clocks showed this time twice; the first is taken.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise CellError(
            f"'{text}' is not an ISO time such as 2026-03-01T08:15:00 or 2026-03-01T08:15:00+01:00"
        ) from None
    if time.tzinfo is not None:
        return time.astimezone(UTC), False
    if is_skipped(time, zone):
        raise CellError(f"'{text}' does not exist in {zone.key}: the clocks went forward over it")
    return time.replace(tzinfo=zone, fold=0).astimezone(UTC), is_repeated(time, zone)


def parse_degrees(text: str, most: float) -> float:
    """Read a longitude (``most`` 180) or latitude (``most`` 90)."""
    value = _number(text)
    if not abs(value) <= most:
        raise CellError(f"'{text}' is not in degrees (-{most:g} to {most:g})")
    return value


def parse_priority(text: str) -> int:
    """Read a priority, 1 to 3."""
    value = _number(text)
    if value not in range(1, N_PRIORITIES + 1):
        raise CellError(f"'{text}' is not a priority: 1 (most urgent), 2 or 3")
    return int(value)


def parse_flag(text: str) -> int:
    """Read a yes or no as 1 or 0."""
    word = text.lower()
    if word in _YES:
        return 1
    if word in _NO:
        return 0
    raise CellError(f"'{text}' is neither yes nor no (1 or 0)")


def parse_seconds(text: str) -> float:
    """Read a length of time, seconds of 0 or more."""
    value = _number(text)
    if value < 0:
        raise CellError(f"'{text}' is a negative time")
    return value


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise CellError(f"'{text}' is not a number") from None
    if not math.isfinite(value):
        raise CellError(f"'{text}' is not a finite number")
    return value
