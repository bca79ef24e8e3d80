"""Most expected cover: the program behind MCLP, MEXCLP, p-median and the cover bound.

Row r has a weight w_r and a set of sites that serve it; with N_r units in its set, each busy a share q of the time, it
is worth w_r (1 - q^N_r). Unit k of a set adds w_r (1 - q) q^(k - 1), ever less, so that the program fills units in order
without being told to (Daskin 1983). With q = 0 only the first counts: maximal covering. Where q differs by the hour, as
in TIMEXCLP (Repede and Bernardo 1994), q^N is its mean over the hours; the units stay where they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import milp
from .siting import Busy, Placement, none_free

_TAIL = 1e-4  # share of a row's worth that units are not counted for beyond; the bound makes up for it


@dataclass(frozen=True, eq=False, kw_only=True)
class Cover:
    """Rows with weights and sets of sites."""

    weight: NDArray[np.float64]
    """Weight of each row, shape (rows,)."""
    sets: NDArray[np.bool_]
    """Whether a site serves a row, shape (rows, sites)."""

    def worth(self, units: NDArray[np.integer], busy_share: Busy) -> float:
        """Expected cover by some units, shape (sites,)."""
        return float(self.weight @ (1.0 - none_free(busy_share, int(units.sum()))[self.sets @ units]))

    def gains(self, units: NDArray[np.integer], busy_share: Busy) -> NDArray[np.float64]:
        """What one unit more would add, by site, shape (sites,)."""
        in_reach = self.sets @ units
        chance = none_free(busy_share, int(units.sum()) + 1)
        added: NDArray[np.float64] = (self.weight * (chance[in_reach] - chance[in_reach + 1])) @ self.sets
        return added


def merged(weight: NDArray[np.float64], sets: NDArray[np.bool_]) -> Cover:
    """Rows with the same sites as one; rows without weight or sites are left out."""
    used = (weight > 0) & sets.any(axis=1)
    if not used.any():
        return Cover(weight=np.zeros(0), sets=np.zeros((0, sets.shape[1]), np.bool_))
    packed = np.packbits(sets[used], axis=1)
    _, first, which = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    total = np.asarray(np.bincount(which.reshape(-1), weight[used]), dtype=np.float64)
    return Cover(weight=total, sets=sets[used][first])


def greedy(
    cover: Cover, units: int, room: NDArray[np.int64], busy_share: Busy, *, start: NDArray[np.int64] | None = None
) -> Placement:
    """Add unit after unit where it gains most, to none or to those of ``start``; of equals at the lowest site.

    The objective is monotone and submodular, so from none it is at least 1 - 1/e of the best (Nemhauser, Wolsey and
    Fisher 1978), and no placement gains more over this one than its ``units`` best single gains: that bounds it.
    """
    placed = np.zeros(len(room), dtype=np.int64) if start is None else start.copy()
    for _ in range(units - int(placed.sum())):
        placed[np.argmax(np.where(placed < room, cover.gains(placed, busy_share), -1.0))] += 1
    value = cover.worth(placed, busy_share)
    single = np.sort(np.repeat(cover.gains(placed, busy_share), room))[::-1]
    bound = min(value + float(single[:units].sum()), float(cover.weight.sum()))
    if start is None:
        bound = min(bound, value / (1.0 - 1.0 / np.e))
    return Placement(units=placed, objective=value, bound=max(bound, value), status="greedy")


def best(cover: Cover, units: int, room: NDArray[np.int64], busy_share: Busy, time_limit_s: float) -> Placement:
    """The best placement, or, when time runs out, the best that was found and a bound."""
    fallback = greedy(cover, units, room, busy_share)
    if units == 0 or len(cover.weight) == 0 or fallback.gap == 0.0:
        return Placement(units=fallback.units, objective=fallback.objective, bound=fallback.objective, status="optimal")
    n_sites = len(room)
    gain, rows, upper, tail = program(cover, units, room, busy_share)
    whole = np.arange(len(gain)) < n_sites
    found = milp.maximise(gain, rows, whole=whole, upper=upper, time_limit_s=time_limit_s)
    if found is None:
        return fallback
    placed = np.rint(found.x[:n_sites]).astype(np.int64)
    value = cover.worth(placed, busy_share)
    if value < fallback.objective:
        placed, value = fallback.units, fallback.objective
    bound = max(min(found.bound + tail, fallback.bound), value)
    return Placement(units=placed, objective=value, bound=bound, status=found.status)


def program(
    cover: Cover, units: int, room: NDArray[np.int64], busy_share: Busy
) -> tuple[NDArray[np.float64], milp.Rows, NDArray[np.float64], float]:
    """The linear program: sites first, then the levels of the rows; and the worth that its levels leave out."""
    n_rows, n_sites = cover.sets.shape
    chance = none_free(busy_share, units)
    enough = int((chance >= _TAIL).sum())
    can_hold = np.minimum(cover.sets @ room, units)
    levels = np.minimum(can_hold, enough)
    tail = float(cover.weight @ np.where(can_hold > levels, chance[levels], 0.0))
    row_of = np.repeat(np.arange(n_rows), levels)
    level = np.arange(len(row_of)) - np.repeat(np.cumsum(levels) - levels, levels)
    gain = np.concatenate([np.zeros(n_sites), cover.weight[row_of] * -np.diff(chance)[level]])
    rows = milp.Rows(len(gain))
    set_row, set_site = np.nonzero(cover.sets)
    rows.add(
        np.concatenate([row_of, set_row]),
        np.concatenate([n_sites + np.arange(len(row_of)), set_site]),
        np.concatenate([np.ones(len(row_of)), -np.ones(len(set_row))]),
        n=n_rows,
        high=0.0,
    )
    rows.total(np.arange(n_sites), float(units))
    upper = np.concatenate([room.astype(np.float64), np.ones(len(row_of))])
    return gain, rows, upper, tail
