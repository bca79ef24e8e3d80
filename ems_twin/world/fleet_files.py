"""Read the files by which a service describes its fleet, listing all their faults at once.

A folder holds ``units.csv`` and, optionally, ``unit_types.csv``, ``shifts.csv``, ``outages.csv`` and
``diversions.csv``. A city's bundle may be that folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from ..city import City
from ..city.rows import Row, read_rows
from ..demand.clock import time_zone
from ..faults import Faults, ModelError
from .fleet import EVERYTHING
from .fleet_plan import FleetPlan
from .schema import TRANSPORT_SKILL
from .shift_file import read_shifts
from .spell_file import read_spells

FILES = ("units.csv", "unit_types.csv", "shifts.csv", "outages.csv", "diversions.csv")
"""Files of a fleet; the first must be there."""
TRANSPORT = "transport"
"""Skill of units that can take a patient to hospital."""
MOST_SKILLS = 31
"""Skills that a fleet can tell apart, ``transport`` among them."""


class FleetError(ModelError):
    """Files of a fleet are wrong: all their faults."""

    subject = "the fleet"


def own_fleet(bundle: Path | None) -> Path | None:
    """The folder of a city's bundle if it holds files of a fleet, else None."""
    return bundle if bundle is not None and any((bundle / name).is_file() for name in FILES) else None


def read_fleet(folder: str | Path, city: City | None) -> FleetPlan:
    """Read the files of a fleet.

    - ``units.csv``: ``unit`` (call sign), ``station`` (id in stations.csv), ``type`` (if there is a unit_types.csv)
    - ``unit_types.csv``: ``type``, ``skills`` (words; ``transport``: can take a patient to hospital), ``source``.
      Without it every unit can do everything.
    - ``shifts.csv``: the weekly roster, see :func:`~ems_twin.world.shift_file.read_shifts`. Without it everybody is
      always on duty.
    - ``outages.csv``: ``unit``, ``from``, ``to``, ``at_once`` (yes: the unit cannot finish what it is doing)
    - ``diversions.csv``: ``hospital`` (id in hospitals.csv), ``from``, ``to``: when it asked ambulances to go elsewhere

    Times of the last two are ISO 8601, on the clocks of the city unless they have an offset.

    Parameters
    ----------
    folder
        Where the files are.
    city
        City of the fleet. None if it cannot be read: then only what does not need it is checked, and the plan that
        is returned is of no use.

    Raises
    ------
    FleetError
        With all faults of all files, each with file, row, field and remedy.
    """
    folder = Path(folder)
    faults = Faults(FleetError)
    if not folder.is_dir():
        remedy = f"Give a folder that holds {FILES[0]}."
        faults.add("there is no such folder", file=folder, remedy=remedy)
        faults.raise_if_any()
    zone = ZoneInfo("UTC") if city is None else time_zone(city.timezone)
    stations = None if city is None else [station.id for station in city.stations]
    hospitals = None if city is None else [hospital.id for hospital in city.hospitals]
    types = _read_types(folder / "unit_types.csv", faults)
    units = _read_units(folder / "units.csv", stations, types, faults)
    rows = {unit.name: unit.row for unit in units if unit.name} or None
    shifts = read_shifts(folder / "shifts.csv", rows, faults) if (folder / "shifts.csv").exists() else ()
    outages = read_spells(folder / "outages.csv", "unit", rows, zone, faults)
    diversions = read_spells(folder / "diversions.csv", "hospital", hospitals, zone, faults)
    used = {unit.type for unit in units}
    for name, row in (types.rows if types and units else {}).items():
        if name and name not in used:
            row.fault("type", f"no unit is of type '{name}'", "Give it a unit in units.csv, or take the row out")
    faults.raise_if_any()
    return FleetPlan(
        zone=zone,
        homes=np.array([unit.home for unit in units], np.int32),
        skills=np.array([unit.skills for unit in units], np.int32),
        names=tuple(unit.name for unit in units),
        types=tuple(unit.type for unit in units) if types else (),
        skill_names=types.skill_names if types else ("transport",),
        shifts=shifts,
        outages=outages,
        diversions=diversions,
    )


@dataclass(frozen=True)
class _Types:
    """What unit_types.csv says."""

    skills: dict[str, int]
    """Bits by type."""
    skill_names: tuple[str, ...]
    rows: dict[str, Row]
    """Where each type stands."""


@dataclass(frozen=True)
class _Unit:
    """A row of units.csv."""

    row: Row
    name: str
    home: int
    type: str
    skills: int


def _read_types(path: Path, faults: Faults) -> _Types | None:
    """Types of units with their skills; None without the file."""
    if not path.exists():
        return None
    skills: dict[str, int] = {}
    row_of: dict[str, Row] = {}
    bits = {TRANSPORT: TRANSPORT_SKILL}
    rows = read_rows(path, ("type", "skills"), faults)
    for row in rows:
        name = row.unique("type")
        row.required("skills")
        words = row.words("skills")
        for word in words:
            bits.setdefault(word, 1 << len(bits))
        skills[name] = sum(bits[word] for word in set(words))
        row_of[name] = row
    if len(bits) > MOST_SKILLS:
        problem = f"there are {len(bits)} skills"
        faults.add(problem, file=path, field="skills", remedy=f"At most {MOST_SKILLS} can be told apart.")
    return _Types(skills, tuple(bits), row_of)


def _read_units(path: Path, stations: Sequence[str] | None, types: _Types | None, faults: Faults) -> list[_Unit]:
    required = ("unit", "station") if types is None else ("unit", "station", "type")
    rows = read_rows(path, required, faults, optional=("type",))
    units: list[_Unit] = []
    for row in rows:
        name = row.unique("unit")
        station = row.one_of("station", stations, "station")
        kind = row.text("type") if types is None else row.one_of("type", types.skills, "type of unit")
        home = stations.index(station) if stations is not None and station in stations else -1
        units.append(_Unit(row, name, home, kind, EVERYTHING if types is None else types.skills.get(kind, 0)))
    if types is None and (typed := [unit for unit in units if unit.type]):
        remedy = "Add unit_types.csv with columns type, skills, or take the column out."
        faults.add(f"nothing says what '{typed[0].type}' can do", file=path, field="type", remedy=remedy)
    unknown = types is not None and any(unit.type not in types.skills for unit in units)  # a fault of its own
    if units and not unknown and not any(unit.skills & TRANSPORT_SKILL for unit in units):
        remedy = f"Give at least one unit a type that has the skill {TRANSPORT}."
        faults.add("no unit can take a patient to hospital", file=path, field="type", remedy=remedy)
    return units
