"""Replay what sets calls apart: from the columns of a call file where it has them, else drawn from the case mix."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..city import City
from .callrows import CallColumns, Faults
from .mixing import U, check_case_mix, draw_case_mix, refuse
from .model import Demand

_FIELD_OF = {
    "cancelled_at": "cancel_s",
    "unit_disposition": "refused",
    "refused": "refused",
    "worsened_at": "worsens_s",
    "worse_priority": "worsens_s",
    "n_units": "n_units",
    "skills": "needs",
    "speciality": "speciality",
    "known_at": "known_at",
    "stay_s": "stay_s",
}
"""Field of a call that each further column decides."""


def fill_case_mix(
    path: Path,
    calls: NDArray[np.void],
    columns: CallColumns,
    city: City,
    demand: Demand,
    u: U,
    skill_names: tuple[str, ...],
) -> None:
    """Set the fields of the calls, in file order, that are 0 for an ordinary call; all others are set already.

    Raises
    ------
    CallsError
        Columns contradict each other, or no hospital offers what a patient needs.
    InputError
        The case mix asks for a skill or a speciality that nobody has.
    """
    known = {_FIELD_OF[name] for name in columns.extra}
    check_case_mix(demand, city, skill_names, known=known)
    _check(path, calls, columns, city)
    usual = calls.copy()
    draw_case_mix(calls, demand, city, u, skill_names, known=known)
    extra = {name: np.nan_to_num(values, nan=0.0) for name, values in columns.extra.items()}
    for name, field in (
        ("n_units", "n_units"),
        ("skills", "needs"),
        ("speciality", "speciality"),
        ("known_at", "known_at"),
        ("stay_s", "stay_s"),
    ):
        if name in extra:
            calls[field] = extra[name]
    for name, field in (("cancelled_at", "cancel_s"), ("worsened_at", "worsens_s")):
        if name in extra:
            calls[field] = np.nan_to_num(columns.extra[name] - columns.time_s, nan=0.0)
    if "worse_priority" in extra:
        calls["worse_priority"] = extra["worse_priority"]
    if "refused" in known:
        refuse(calls, demand, u, _refused(columns))
    carried = columns.optional["transport"] == 1  # the file's word goes before the luck of the case mix
    for field in ("refused", "transport", "scene_s"):
        calls[field][carried] = usual[field][carried]
    said = ~np.isnan(columns.optional["scene_s"])
    calls["scene_s"][said] = columns.optional["scene_s"][said]


def _refused(columns: CallColumns) -> NDArray[np.bool_]:
    """Whether the file says of each call that a unit came for nobody."""
    none = np.zeros(len(columns.row))
    return (columns.extra.get("refused", none) == 1) | (columns.extra.get("unit_disposition", none) == 1)


def _check(path: Path, calls: NDArray[np.void], columns: CallColumns, city: City) -> None:
    """Raise one error for all rows whose cells contradict each other."""
    faults = Faults(path)
    nothing = np.full(len(calls), np.nan)
    extra = {name: columns.extra.get(name, nothing) for name in _FIELD_OF}

    def add(rows: NDArray[np.bool_], column: str, problem: str) -> None:
        for i in np.flatnonzero(rows):
            faults.add(int(columns.row[i]), column, problem)

    for name in ("cancelled_at", "worsened_at"):
        add(extra[name] <= columns.time_s, name, "is not after the time of the call")
    one = np.isnan(extra["worsened_at"]) != np.isnan(extra["worse_priority"])
    add(one, "worse_priority", "goes with worsened_at: both or neither must be given")
    add(extra["worse_priority"] >= calls["priority"], "worse_priority", "is not more urgent than the call's priority")
    add(
        _refused(columns) & (columns.optional["transport"] == 1),
        "transport",
        "a patient who is not treated is not taken",
    )
    add(
        extra["refused"] + extra["unit_disposition"] == 1, "unit_disposition",
        "says the opposite of the column refused",
    )  # fmt: skip
    offered = [hospital.speciality_bits for hospital in city.hospitals]
    wanted = np.nan_to_num(extra["speciality"], nan=0.0).astype(np.int64)
    add(
        ~np.any([(wanted & bits) == wanted for bits in offered] or [wanted == 0], axis=0),
        "speciality",
        "no hospital offers it",
    )
    faults.raise_any("Mend what is named.")
