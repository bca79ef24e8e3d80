"""A service's own fleet: its units, what they can do, its weekly roster and what is known to be out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .fleet import Fleet
from .roster import DAY_MIN, DAYS, AgendaRow, Shift, duty_rows, on_duty
from .schema import AGENDA, EventKind

SPARE_S = 86_400.0
"""How long the roster is followed after the last call of a run was received: a day."""


@dataclass(frozen=True, kw_only=True)
class Spell:
    """A time in which a unit is out of service or a hospital sends ambulances elsewhere."""

    row: int
    """Row of the unit or of the hospital."""
    begin: datetime
    """With its zone."""
    end: datetime
    """With its zone, after ``begin``."""
    at_once: bool = False
    """Whether the unit cannot finish what it is doing (a breakdown)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class FleetPlan:
    """What the files of a fleet say (:func:`~ems_twin.world.read_fleet`), before a run asks for a stretch of it."""

    zone: ZoneInfo
    """Clocks that the roster goes by."""
    homes: NDArray[np.int32]
    """Base: row of the station, shape (units,)."""
    skills: NDArray[np.int32]
    """Bits of what crew and vehicle can do, shape (units,)."""
    names: tuple[str, ...]
    """Call signs."""
    types: tuple[str, ...] = ()
    """Type of each unit; empty when all are alike."""
    skill_names: tuple[str, ...] = ("transport",)
    """What the bits of ``skills`` mean, bit 0 first."""
    shifts: tuple[Shift, ...] = ()
    """The weekly roster; empty when everybody is always on duty."""
    outages: tuple[Spell, ...] = ()
    """Units out of service."""
    diversions: tuple[Spell, ...] = ()
    """Hospitals that ask ambulances to go elsewhere."""

    def fleet(self, start: datetime, duration_s: float) -> Fleet:
        """The fleet of a run that starts at ``start`` and receives calls for ``duration_s`` seconds.

        The agenda follows the roster over changes of the clocks, from the shifts under way at the start to a day after
        ``duration_s``; from then on every unit is on duty, so that calls that are still open find units.

        Raises
        ------
        InputError
            If ``start`` has no zone.
        """
        if start.tzinfo is None:
            raise InputError(
                "the start of the run has no time zone", field="start", remedy="Give a time with its zone."
            )
        until_s = duration_s + SPARE_S
        rows = duty_rows(self.shifts, start=start, until_s=until_s, zone=self.zone)
        rows += [row for spell in self.outages for row in _outage_rows(spell, start, until_s)]
        rows += [row for spell in self.diversions for row in _diversion_rows(spell, start, until_s)]
        rows.sort(key=lambda row: row[0])  # stable: of rows at one time a shift begins before its break is due
        return Fleet(
            homes=self.homes,
            skills=self.skills,
            names=self.names,
            types=self.types,
            skill_names=self.skill_names,
            agenda=np.array(rows, AGENDA),
        )

    @property
    def duty_hours(self) -> NDArray[np.float64]:
        """Hours a week on duty by the clock, shape (units,)."""
        if not self.shifts:
            return np.full(len(self.names), 168.0)
        hours = np.zeros(len(self.names))
        for shift in self.shifts:
            hours[shift.unit] += len(shift.weekdays) * shift.length_min / 60
        return hours

    def to_dict(self) -> dict[str, Any]:
        """Figures of the fleet, plain values for JSON."""
        by_minute = on_duty(self.shifts) if self.shifts else np.full(1, len(self.names))
        fewest = int(by_minute.argmin())
        return {
            "units": len(self.names),
            "types": dict(Counter(self.types)),
            "skills": list(self.skill_names),
            "unit_hours_a_week": float(self.duty_hours.sum()),
            "fewest_on_duty": int(by_minute[fewest]),
            "fewest_at": f"{DAYS[fewest // DAY_MIN]} {fewest % DAY_MIN // 60:02}:{fewest % 60:02}",
            "most_on_duty": int(by_minute.max()),
            "outages": len(self.outages),
            "diversions": len(self.diversions),
        }

    def lines(self) -> list[str]:
        """The figures in words."""
        facts = self.to_dict()
        types = ", ".join(f"{n} {name}" for name, n in facts["types"].items()) or "all alike"
        duty = f"{facts['unit_hours_a_week']:,.0f} unit-hours a week"
        if self.shifts:
            duty += f", {facts['fewest_on_duty']} (first on {facts['fewest_at']}) to {facts['most_on_duty']} units at a time"
        known = f"{len(self.outages)} times out of service, {len(self.diversions)} diversions"
        return [f"Fleet: {facts['units']} units ({types}); {duty}; {known}"]


def _seconds(spell: Spell, start: datetime, until_s: float) -> tuple[float, float] | None:
    """Begin and end of a spell since ``start``, from second 0 on; None if it has nothing to do with the run."""
    begin_s, end_s = spell.begin.timestamp() - start.timestamp(), spell.end.timestamp() - start.timestamp()
    return (max(begin_s, 0.0), end_s) if end_s > 0 and begin_s < until_s else None


def _outage_rows(spell: Spell, start: datetime, until_s: float) -> list[AgendaRow]:
    if (seconds := _seconds(spell, start, until_s)) is None:
        return []
    begin_s, end_s = seconds
    return [(begin_s, EventKind.OUT_OF_SERVICE, spell.row, -1, end_s - begin_s, float(spell.at_once))]


def _diversion_rows(spell: Spell, start: datetime, until_s: float) -> list[AgendaRow]:
    if (seconds := _seconds(spell, start, until_s)) is None:
        return []
    return [
        (time_s, EventKind.DIVERSION, -1, spell.row, on, 0.0) for time_s, on in zip(seconds, (1.0, 0.0), strict=True)
    ]
