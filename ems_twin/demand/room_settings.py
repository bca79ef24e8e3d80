"""Read ``emergency_rooms.toml``: stays in treatment bays and the patients who walk in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .delay import ByPriority
from .entries import Entries
from .rooms import EmergencyRooms
from .sizes import HOURS_A_WEEK, N_PRIORITIES

DEFAULT_FILE = Path(__file__).parent / "default" / "emergency_rooms.toml"
"""Figures for a city that has none of its own."""

_KEYS = (
    "source", "notes", "ambulance_stay", "walk_in_stay", "walk_in_hours", "occupancy", "walk_ins_per_bay_day",
    "walk_ins_per_day",
)  # fmt: skip


def read_emergency_rooms(path: Path) -> EmergencyRooms:
    """Read and check an ``emergency_rooms.toml``.

    ``ambulance_stay`` is one law or a list of three, by priority; ``walk_in_hours`` are 24 numbers by hour of the day
    or 168 by hour of the week from Monday 00:00, on any scale.

    Raises
    ------
    CityError
        The file is missing or is no TOML, or entries are missing, unknown or out of range; all are named.
    """
    file = Entries(path)
    top = file.top
    file.known(top, _KEYS)
    numbers = {key: file.number(top, key) for key in ("occupancy", "walk_ins_per_bay_day") if key in top}
    by_hospital = file.table(top, "walk_ins_per_day")
    known = {id_: file.number(by_hospital, id_, "walk_ins_per_day.") for id_ in by_hospital}
    ambulance_stay, walk_in_stay, hours = _by_priority(file), file.law(top, "walk_in_stay"), _hours(file)
    file.raise_any()
    try:
        return EmergencyRooms(
            ambulance_stay=ambulance_stay,
            walk_in_stay=walk_in_stay,
            hour_of_week=hours,
            walk_ins_per_day=known,
            source=str(top.get("source", "")),
            notes=tuple(str(note) for note in top.get("notes", ())),
            **numbers,
        )
    except InputError as error:
        field = "walk_in_hours" if error.field == "hour_of_week" else str(error.field)
        file.fault(field, error.problem, error.remedy)
        file.raise_any()
        raise


def _by_priority(file: Entries) -> ByPriority:
    laws = file.top.get("ambulance_stay")
    if not isinstance(laws, list):
        law = file.law(file.top, "ambulance_stay")
        return law, law, law
    if len(laws) != N_PRIORITIES:
        file.fault("ambulance_stay", f"lists {len(laws)} laws", f"Give one law, or {N_PRIORITIES} by priority.")
    named = {f"{i + 1}": law for i, law in enumerate(laws)}
    read = [file.law(named, key, "ambulance_stay.") for key in ("1", "2", "3")]
    return read[0], read[1], read[2]


def _hours(file: Entries) -> NDArray[np.float64]:
    """Shape of the week, length 168; a day is repeated."""
    given = file.top.get("walk_in_hours")
    if not isinstance(given, list) or len(given) not in (24, HOURS_A_WEEK):
        problem = "is missing" if given is None else "is not a list of 24 or 168 numbers"
        file.fault("walk_in_hours", problem, "Give one number for each hour of the day, or of the week.")
        return np.ones(HOURS_A_WEEK)
    named = {f"{i + 1}": value for i, value in enumerate(given)}
    shape = np.array([file.number(named, key, "walk_in_hours.") for key in named])
    return np.tile(shape, HOURS_A_WEEK // len(shape))
