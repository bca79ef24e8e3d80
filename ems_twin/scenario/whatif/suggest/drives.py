"""Expected drives by the hour: what an extra unit, or another street that is open, would be worth before it is simulated.

A unit is busy a share q of an hour, so that the nearest free one is farther than s seconds with chance q^N(s), N(s) being
the units within s of a place; the expected drive is the integral of that chance. It is the expectation of
:mod:`~ems_twin.policies.p_median`. Waits, hospitals and moves are left to the simulation: this only says what is tried first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ....demand import demand_points
from ....routing import SIRENS
from ..day import Day
from ..knowledge import demand_of, rate_by_hour
from ..prepare import Prepared, Ready
from ..spec import Knowledge

_MOST_POINTS = 300
_NEVER_BUSIER = 0.99
_LONGEST_S = 3600.0  # a drive that is longer, or impossible, counts as so long

Hours = NDArray[np.float64]


class Drives:
    """Expected drives of a variant in the hours that count.

    Parameters
    ----------
    prepared, ready
        The scenario and its variant.
    days
        Days that were simulated of it: how busy its units were by the hour.
    """

    def __init__(self, prepared: Prepared, ready: Ready, days: Sequence[Day]) -> None:
        self.prepared = prepared
        clock = prepared.clock
        rate = rate_by_hour(
            ready.overlay, ready.city, ready.demand, clock, ready.sections.demand.factor, Knowledge(of="event")
        )
        edges_s = 3600.0 * np.arange(len(rate) + 1)
        counted_s = np.minimum(edges_s[1:], prepared.count_to_s) - np.maximum(edges_s[:-1], prepared.count_from_s)
        self.hours = np.flatnonzero(counted_s > 0)
        counted = rate[self.hours] * (counted_s[self.hours] / 3600.0)[:, None]
        self.node_weight: NDArray[np.float64] = counted.sum(axis=0)
        """Calls that are expected at each road node in the time that counts, shape (n,)."""
        points = demand_points(demand_of(ready.demand, self.node_weight), prepared.city, most=_MOST_POINTS)
        self.points = points.node
        self.calls: NDArray[np.float64] = counted.sum(axis=1)
        """Calls that are expected in each hour that counts, shape (hours,)."""
        self.share = points.weigh(counted)
        busy, duty = (np.sum([getattr(day, name) for day in days], axis=0) for name in ("hour_busy_s", "hour_duty_s"))
        share = np.divide(busy, duty, out=np.zeros_like(busy), where=duty > 0)[self.hours]
        self.busy: NDArray[np.float64] = np.clip(share, 0.0, _NEVER_BUSIER)

    def from_nodes_s(self, ready: Ready, nodes: NDArray[np.integer]) -> NDArray[np.float64]:
        """Drives from some nodes to the demand points in each hour that counts, shape (hours, nodes, points)."""
        middle_s = 3600.0 * (self.hours + 0.5)
        sets = np.zeros(len(self.hours), np.int64) if ready.roads is None else ready.roads.set_at(middle_s)
        by_set = {
            int(row): np.minimum(ready.router.matrix_s(nodes, self.points, metric=2 * int(row) + SIRENS), _LONGEST_S)
            for row in np.unique(sets)
        }  # fmt: skip
        return np.stack([by_set[int(row)] for row in sets])

    def standing(self, ready: Ready, placement: NDArray[np.int64] | None) -> NDArray[np.float64]:
        """Units that are based at each station and on duty in each hour that counts, shape (hours, stations)."""
        crews, n = ready.crews, len(ready.city.stations)
        if crews.plan is not None:
            base = np.bincount(crews.plan.homes, minlength=n)
        else:
            base = crews.at_station if placement is None else placement
        units = np.tile(base.astype(np.float64), (len(self.hours), 1))
        for unit, home in enumerate(crews.homes):
            spells = [(b, e) for one, b, e in crews.shifts if one == unit]
            units[:, home] += self.overlap(spells) if spells else 1.0
        return units

    def overlap(self, spells: Sequence[tuple[float, float]]) -> Hours:
        """Share of each hour that counts within some stretches of the run, seconds."""
        low, high = 3600.0 * self.hours, 3600.0 * (self.hours + 1)
        inside = [np.maximum(np.minimum(high, end) - np.maximum(low, begin), 0.0) / 3600.0 for begin, end in spells]
        found: Hours = np.minimum(np.sum(inside, axis=0), 1.0)
        return found

    def mean_s(self, drive_s: NDArray[np.float64], units: NDArray[np.float64]) -> float:
        """Expected drive to a call, seconds, of units ``units`` (hours, sites) with drives (hours, sites, points)."""
        found = [float(self.share[h] @ _expected_s(drive_s[h], units[h], self.busy[h])) for h in range(len(self.hours))]
        return float(np.average(found, weights=self.calls))

    def gains(
        self, drive_s: NDArray[np.float64], units: NDArray[np.float64], from_new_s: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Seconds of drive, over all calls of an hour, that one more unit saves at each new site, shape (hours, new sites).

        Parameters
        ----------
        drive_s, units
            Of the units that are there, as in :meth:`mean_s`.
        from_new_s
            Drives from the new sites, shape (hours, new sites, points).
        """
        rows = []
        for h in range(len(self.hours)):
            saved = _saved_s(drive_s[h], units[h], self.busy[h], from_new_s[h])
            rows.append(self.calls[h] * saved @ self.share[h])
        return np.array(rows)


def _expected_s(drive_s: NDArray[np.float64], units: NDArray[np.float64], busy: float) -> NDArray[np.float64]:
    """Expected drive to each point; when nobody is free it takes as long as can be."""
    at, chance, _ = _tail(drive_s, units, busy)
    found: NDArray[np.float64] = (np.diff(at, axis=0) * chance).sum(axis=0)
    return found


def _saved_s(
    drive_s: NDArray[np.float64], units: NDArray[np.float64], busy: float, from_new_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What a unit more at each new site takes off the expected drive to each point, shape (new sites, points).

    Beyond its own drive d the chance that nobody is free is q times what it was: (1 - q) times the integral from d on.
    """
    at, chance, after = _tail(drive_s, units, busy)
    found = np.empty_like(from_new_s)
    for p in range(from_new_s.shape[1]):
        piece = np.clip(np.searchsorted(at[:, p], from_new_s[:, p], side="right") - 1, 0, len(chance) - 1)
        found[:, p] = after[piece, p] - chance[piece, p] * (from_new_s[:, p] - at[piece, p])
    return (1 - busy) * np.maximum(found, 0.0)


def _tail(
    drive_s: NDArray[np.float64], units: NDArray[np.float64], busy: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """For each point, what the integrals are made of.

    Drives in order from 0 to the longest, the chance that nobody is free in each piece between them, and the integral of
    that chance from the begin of each piece on.
    """
    manned = units > 0
    order = np.argsort(drive_s[manned], axis=0, kind="stable")
    sorted_s = np.take_along_axis(drive_s[manned], order, axis=0)
    n_points = drive_s.shape[1]
    at = np.concatenate([np.zeros((1, n_points)), sorted_s, np.full((1, n_points), _LONGEST_S)])
    within = np.concatenate([np.zeros((1, n_points)), np.cumsum(units[manned][order], axis=0)])
    chance = busy**within
    integral = np.diff(at, axis=0) * chance
    after = np.cumsum(integral[::-1], axis=0)[::-1]
    return at, chance, after
