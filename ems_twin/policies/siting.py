"""Where units should be based: what a siting model is given, and what it answers.

A model sees demand points, sites, the drive between them and a number of units; it knows neither roads nor calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

Seconds = float | NDArray[np.float64]
"""A time for all points, or one for each, shape (points,)."""

MINUTE_S = 60.0
"""Time after which a solver is stopped unless somebody says more, seconds."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SitingProblem:
    """Demand points, sites and units.

    Raises
    ------
    InputError
        Arrays do not fit each other or hold what cannot be, there is no demand, a site reaches nobody, or the sites
        have no room for the units.
    """

    weight: NDArray[np.float64]
    """Demand of each point, in any unit, >= 0, shape (points,)."""
    drive_s: NDArray[np.float64]
    """Seconds from each site to each point, infinite where there is no way, shape (sites, points)."""
    units: int
    """Units to place."""
    capacity: NDArray[np.int64] | None = None
    """Most units that each site may hold, shape (sites,); None: any number."""
    names: tuple[str, ...] = ()
    """Names of the sites, for messages; may be empty."""

    def __post_init__(self) -> None:
        weight, drive_s = self.weight, self.drive_s
        if drive_s.ndim != 2 or weight.shape != drive_s.shape[1:] or len(drive_s) == 0:
            raise InputError(
                f"{drive_s.shape} drives do not fit {weight.shape} weights",
                field="drive_s",
                remedy="Give one row a site, at least one, and one column a point.",
            )
        if not (np.isfinite(weight) & (weight >= 0)).all():
            raise InputError(
                "a weight is negative or not a number", field="weight", remedy="Give numbers of 0 or more."
            )
        if not weight.any():
            raise InputError("there is no demand", field="weight", remedy="Give at least one point a weight above 0.")
        if not (drive_s >= 0).all():
            raise InputError("a drive is negative or not a number", field="drive_s", remedy="Give seconds, 0 or more.")
        if self.names and len(self.names) != len(drive_s):
            raise InputError(f"{len(self.names)} names for {len(drive_s)} sites", field="names")
        for site in np.flatnonzero(~np.isfinite(drive_s[:, weight > 0]).any(axis=1)):
            raise InputError(
                f"no demand can be reached from {self.name_of(int(site))}",
                row=int(site) + 1,
                field="drive_s",
                remedy="Check the closures, or take the site out.",
            )
        self._check_room()

    @cached_property
    def in_order(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Sites by their drive to each point, (sites, points); the nearest's drive; steps to the next, (sites - 1, points)."""
        order = np.argsort(self.drive_s, axis=0, kind="stable")
        drive_s = np.take_along_axis(self.drive_s, order, axis=0)
        return order, drive_s[0], np.diff(drive_s, axis=0)

    def _check_room(self) -> None:
        if self.units < 0:
            raise InputError(
                f"{self.units} units cannot be placed", field="units", remedy="Give a number of 0 or more."
            )
        if self.capacity is None:
            return
        if self.capacity.shape != (self.n_sites,) or (self.capacity < 0).any():
            raise InputError(
                f"these are no capacities of {self.n_sites} sites", field="capacity", remedy="Give one number a site."
            )
        if self.units > self.capacity.sum():
            raise InputError(
                f"{self.units} units do not fit into {self.n_sites} places with room for {self.capacity.sum()}",
                field="units",
                remedy="Give fewer units, more places or more room.",
            )

    @property
    def n_sites(self) -> int:
        """Number of sites."""
        return len(self.drive_s)

    @property
    def room(self) -> NDArray[np.int64]:
        """Most units that each site can come to hold, shape (sites,)."""
        if self.capacity is None:
            return np.full(self.n_sites, self.units, dtype=np.int64)
        return np.minimum(self.capacity, self.units).astype(np.int64)

    def name_of(self, site: int) -> str:
        """Name of a site for a message."""
        return f"'{self.names[site]}'" if self.names else f"site {site}"

    def covers(self, seconds: Seconds) -> NDArray[np.bool_]:
        """Whether a site reaches a point within a time, shape (sites, points).

        Raises
        ------
        InputError
            A time is not above 0.
        """
        limit = np.broadcast_to(np.asarray(seconds, dtype=np.float64), self.weight.shape)
        for bad in limit[~((limit > 0) & (limit < np.inf))]:
            raise InputError(
                f"a drive of {bad} s covers nothing", field="target", remedy="Give a number of seconds above 0."
            )
        reached: NDArray[np.bool_] = self.drive_s <= limit
        return reached

    def one_each(self, model: str) -> NDArray[np.int64]:
        """Room in a model to which a second unit at a site is of no use, shape (sites,).

        Raises
        ------
        InputError
            There are more units than sites.
        """
        room = np.minimum(self.room, 1)
        if self.units > room.sum():
            raise InputError(
                f"{self.units} units are more than the {room.sum()} places, and {model} puts one unit in each",
                field="units",
                remedy="Give more places (--posts), fewer units, or a model that counts busy units, such as mexclp.",
            )
        return room


@dataclass(frozen=True, eq=False, kw_only=True)
class Placement:
    """Units by site, how good the model finds them, and how good they could be at most."""

    units: NDArray[np.int64]
    """Units of each site, shape (sites,)."""
    objective: float
    """What the model makes most of (or least: p-median), in the unit of the weights (times seconds: p-median)."""
    bound: float
    """No placement has an objective beyond this."""
    status: str
    """``optimal``, ``time limit`` or ``greedy``."""
    notes: tuple[str, ...] = ()
    """What could not be met, for people."""

    @property
    def gap(self) -> float:
        """Distance between objective and bound over the objective; 0 when the placement is surely best."""
        apart = abs(self.bound - self.objective)
        return apart / max(abs(self.objective), 1e-12) if apart > 1e-9 * abs(self.bound) else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "units": self.units.tolist(),
            "objective": self.objective,
            "bound": self.bound,
            "gap": self.gap,
            "status": self.status,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class BusyHours:
    """Busy shares that differ by the hour.

    Within an hour units are busy independently; over hours they are busy together, and a second unit is worth less than
    the mean share says.
    """

    share: NDArray[np.float64]
    """Share of the time that a unit is busy, by hour, each from 0 to below 1, shape (k,)."""
    weight: NDArray[np.float64]
    """How much each hour counts, such as its calls, >= 0, not all 0, shape (k,)."""

    def __post_init__(self) -> None:
        if self.share.shape != self.weight.shape or not (self.weight >= 0).all() or not self.weight.sum() > 0:
            raise InputError(
                "hours and weights do not fit", field="weight", remedy="Give one weight an hour, 0 or more."
            )
        for share in self.share:
            _check_share(float(share))


Busy = float | BusyHours
"""Share of the time that a unit is busy: always the same, or by the hour."""


def none_free(busy: Busy, most: int) -> NDArray[np.float64]:
    """Chance that none of n units is free, for n = 0, 1, ..., ``most``, shape (most + 1,).

    Raises
    ------
    InputError
        A share is not from 0 to below 1.
    """
    n = np.arange(most + 1, dtype=np.float64)
    if isinstance(busy, BusyHours):
        chance: NDArray[np.float64] = (busy.weight / busy.weight.sum()) @ busy.share[:, None] ** n
        return chance
    _check_share(busy)
    return busy**n


def _check_share(busy_share: float) -> None:
    if not 0 <= busy_share < 1:
        raise InputError(
            f"units cannot be busy a share {busy_share} of the time",
            field="busy_share",
            remedy="Give a number from 0 to below 1; with more calls than units can serve there is none.",
        )
