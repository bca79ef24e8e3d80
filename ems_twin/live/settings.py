"""Numbers of the twin's memory that somebody chose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class MemorySettings:
    """Tolerances of what is taken in; ``rules.py`` says what each decides."""

    future_s: float = 120.0
    """How far ahead of its arrival an event may say that it occurred, seconds; beyond that it is refused."""
    keep_s: float = 86_400.0
    """Reports of units and calls older than this are refused; calls not heard of for so long are forgotten, seconds."""
    keep_units_s: float = 7 * 86_400.0
    """Units that are in no fleet file and not heard of for so long are forgotten, seconds."""
    road_m: float = 100.0
    """A position farther than this from every road is refused: the unit stays where it was, metres."""
    area_m: float = 5_000.0
    """A position farther than this from every road lies outside the service area and is refused, metres."""
    create_units: bool = True
    """Whether a unit that no file names is taken in; else its reports are refused."""
    create_calls: bool = True
    """Whether a call that only a unit's report names is taken in; else that part of the report is dropped."""
    most_units: int = 2000
    """Units that are taken in at most: a source that invents names must not fill the memory."""
    most_calls: int = 20_000
    """Calls that are held at most."""
    hospital_ids: Mapping[str, str] = field(default_factory=dict)
    """Identifier of the city's hospital by a feed's identifier or name, where they differ."""
    station_ids: Mapping[str, str] = field(default_factory=dict)
    """The same for stations."""
    line_m: float = 15.0
    """How far from the line of a road event its edges may run, metres."""
