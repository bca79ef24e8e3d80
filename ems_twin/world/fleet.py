"""The fleet: where each unit is at home, what it can do, and when it works."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..errors import InputError
from .schema import AGENDA, AGENDA_KINDS, EventKind

EVERYTHING = -1
"""Skills of a unit that can do whatever a call needs: all bits set."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Fleet:
    """Units, one entry a unit."""

    homes: NDArray[np.integer[Any]]
    """Base: row of the station, shape (units,)."""
    skills: NDArray[np.integer[Any]]
    """Bits of what crew and vehicle can do (bit 0: take a patient to hospital), shape (units,)."""
    names: tuple[str, ...] = ()
    """Call signs; empty when units have none."""
    types: tuple[str, ...] = ()
    """Type of each unit, such as ``als``; empty when all are alike."""
    skill_names: tuple[str, ...] = ("transport",)
    """What the bits of ``skills`` mean, bit 0 first."""
    agenda: NDArray[np.void] = field(default_factory=lambda: np.zeros(0, AGENDA))
    """Shifts, breaks and times out of service (:data:`~ems_twin.world.AGENDA`), in any order."""

    @property
    def carries_always(self) -> bool:
        """Whether every unit can take a patient to hospital."""
        return bool((self.skills & 1).all())


def fleet_of(city: City, units: int | None = None) -> Fleet:
    """A fleet of units that are all alike and always on duty, spread as :func:`fleet_homes` says."""
    return _alike(fleet_homes(city, units))


def fleet_by_station(units: NDArray[np.integer[Any]]) -> Fleet:
    """A fleet of units that are all alike and always on duty, so many at each station, shape (stations,)."""
    return _alike(np.repeat(np.arange(len(units), dtype=np.int32), units))


def _alike(homes: NDArray[np.int32]) -> Fleet:
    return Fleet(homes=homes, skills=np.full(len(homes), EVERYTHING, np.int32))


def fleet_homes(city: City, units: int | None = None) -> NDArray[np.int32]:
    """Home station of each unit, ascending, shape (units,).

    A fleet of another size than the city's own keeps the stations' shares, by the method of largest remainders; of
    equal remainders the earlier station goes first.
    """
    own = np.array([station.units for station in city.stations])
    if units is None:
        share = own
    else:
        if units < 1:
            raise InputError(f"a fleet of {units} units", field="units", remedy="Give at least 1.")
        weight = own / own.sum() if own.sum() else np.full(len(own), 1 / len(own))
        exact = units * weight
        share = np.floor(exact).astype(int)
        largest = np.argsort(share - exact, kind="stable")
        share[largest[: units - share.sum()]] += 1
    if share.sum() == 0:
        raise InputError(
            f"the city '{city.name}' has no units at any station",
            field="units",
            remedy="Give the size of the fleet, or the column 'units' of stations.csv.",
        )
    return np.repeat(np.arange(len(share), dtype=np.int32), share)


def checked_agenda(agenda: NDArray[np.void], n_units: int, n_hospitals: int) -> NDArray[np.void]:
    """The agenda in order of time; of rows at one time, shifts end before others begin.

    Raises
    ------
    InputError
        If a row names a unit or hospital that does not exist, or holds a value that cannot be.
    """
    kind, by_hospital = agenda["kind"], agenda["kind"] == EventKind.DIVERSION
    by_unit = ~by_hospital & (kind != EventKind.ROADS_CHANGED)
    for i in np.flatnonzero(~np.isin(kind, AGENDA_KINDS)):
        raise InputError(f"{kind[i]} is not a kind of the agenda", row=int(i) + 1, field="kind")
    for name, n, mine in (("hospital", n_hospitals, by_hospital), ("unit", n_units, by_unit)):
        for i in np.flatnonzero(mine & ((agenda[name] < 0) | (agenda[name] >= n))):
            raise InputError(
                f"{name} {agenda[name][i]} does not exist", row=int(i) + 1, field=name, remedy=f"There are {n}."
            )
    for i in np.flatnonzero(~np.isfinite(agenda["time"]) | ~(agenda["value"] >= 0)):
        raise InputError(
            f"time {agenda['time'][i]}, value {agenda['value'][i]}", row=int(i) + 1, remedy="Give numbers, 0 or more."
        )
    order = np.lexsort((agenda["unit"], agenda["kind"] != EventKind.DUTY_ENDS, agenda["time"]))
    return agenda[order]
