"""Turn the cells of a call file into values; a cell that cannot be one says why."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from .case_mix import MOST_UNITS, bits_of
from .clock import is_repeated, is_skipped
from .sizes import N_PRIORITIES

_YES, _NO = ("1", "true", "yes", "y"), ("0", "false", "no", "n")

_PATIENT, _CALLED_OFF = "4227001", "4227005"
_DISPOSITIONS = {
    "patient contact made": _PATIENT,
    "cancelled on scene": "4227003",
    "cancelled prior to arrival at scene": _CALLED_OFF,
    "no patient contact": "4227007",
    "no patient found": "4227009",
    "non-patient incident (not otherwise listed)": "4227011",
}  # NEMSIS 3.5.1, eDisposition.27


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


def parse_disposition(text: str) -> int:
    """Read a unit disposition (NEMSIS eDisposition.27, its code or words): 1 when a unit came for nobody, else 0."""
    code = _DISPOSITIONS.get(text.lower(), text)
    if code not in _DISPOSITIONS.values():
        raise CellError(f"'{text}' is no unit disposition of NEMSIS, such as 4227009 or 'No Patient Found'")
    return int(code not in (_PATIENT, _CALLED_OFF))


def parse_units(text: str) -> int:
    """Read how many units a call asks for."""
    value = _number(text)
    if value not in range(1, MOST_UNITS + 1):
        raise CellError(f"'{text}' is not a number of units from 1 to {MOST_UNITS}")
    return int(value)


def parse_names(text: str, known: tuple[str, ...]) -> int:
    """Read names joined by ``+`` as bits, the first of ``known`` being bit 0."""
    names = [name.strip() for name in text.split("+")]
    for name in names:
        if name not in known:
            raise CellError(f"'{name}' is unknown; there are {', '.join(known)}")
    return bits_of("+".join(names), known)


def parse_id(text: str, known: tuple[str, ...]) -> int:
    """Read one of ``known`` as its row, counted from 1."""
    if text not in known:
        raise CellError(f"'{text}' is unknown; there are {', '.join(known)}")
    return known.index(text) + 1


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise CellError(f"'{text}' is not a number") from None
    if not math.isfinite(value):
        raise CellError(f"'{text}' is not a finite number")
    return value
