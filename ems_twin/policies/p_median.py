"""p-median: the least mean drive to a call (Hakimi 1964), from the nearest unit that is free.

Written by radii (Cornuejols, Nemhauser and Wolsey 1980): with the sites in order of their drive to point i, the drive is
that of the first site plus, for each m, the step from the m-th to the next if none of the units at the first m is free.
Each is busy a share q of the time: q^N for N units there. So it is an expected cover with a row for each step, and with
q = 0 it is Hakimi's. When nobody is free the drive from the farthest site counts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .expected_cover import Cover, best, greedy, merged
from .siting import MINUTE_S, Busy, Placement, SitingProblem, none_free


def p_median(problem: SitingProblem, *, busy_share: Busy = 0.0, time_limit_s: float = MINUTE_S) -> Placement:
    """Place units for the least drive, summed over the demand.

    The objective is in seconds times the unit of the weights, and smaller is better.

    Parameters
    ----------
    problem
        Demand, sites and units.
    busy_share
        Share q of the time that a unit is busy, from 0 (the classic model, one unit a site) to below 1, or by the hour.
    time_limit_s
        When to be content with what has been found, seconds.

    Raises
    ------
    InputError
        A point with demand cannot be reached from some site, there is no unit, or with q = 0 more units than sites.
    """
    if problem.units < 1:
        raise InputError("somebody must drive", field="units", remedy="Give at least 1 unit.")
    room = problem.room if none_free(busy_share, 1)[1] > 0 else problem.one_each("p-median without busy units")
    steps, farthest = _steps(problem)
    found = best(steps, problem.units, room, busy_share, time_limit_s)
    return Placement(
        units=found.units,
        objective=farthest - found.objective,
        bound=farthest - found.bound,
        status=found.status,
    )


def greedy_p_median(problem: SitingProblem, *, busy_share: Busy) -> Placement:
    """As :func:`p_median`, one unit after the other: for large cases."""
    steps, farthest = _steps(problem)
    found = greedy(steps, problem.units, problem.room, busy_share)
    return Placement(
        units=found.units, objective=farthest - found.objective, bound=farthest - found.bound, status=found.status
    )


def expected_drive_s(problem: SitingProblem, placement: Placement, *, busy_share: Busy) -> NDArray[np.float64]:
    """Drive to each point under a placement as the model reckons it, seconds, shape (points,)."""
    order, nearest_s, step_s = problem.in_order
    nobody_free = none_free(busy_share, int(placement.units.sum()))[np.cumsum(placement.units[order[:-1]], axis=0)]
    expected: NDArray[np.float64] = nearest_s + np.einsum("sp,sp->p", step_s, nobody_free)
    return expected


def mean_drive_s(problem: SitingProblem, placement: Placement, *, busy_share: Busy) -> float:
    """Mean of :func:`expected_drive_s` over the demand, seconds."""
    drive_s = expected_drive_s(problem, placement, busy_share=busy_share)
    return float(np.average(drive_s, weights=problem.weight))


def _steps(problem: SitingProblem) -> tuple[Cover, float]:
    """A row for each step between neighbours in the order of sites, and the sum of drives from the farthest sites."""
    used = np.flatnonzero(problem.weight > 0)
    weight, drive_s = problem.weight[used], problem.drive_s[:, used]
    for point in used[~np.isfinite(drive_s).all(axis=0)]:
        site = int(np.flatnonzero(~np.isfinite(problem.drive_s[:, point]))[0])
        raise InputError(
            f"there is no way from {problem.name_of(site)} to point {point}",
            row=site + 1,
            field="drive_s",
            remedy="Open the road, or take the site or the point out.",
        )
    order = np.argsort(drive_s, axis=0, kind="stable")
    step_s = np.diff(np.take_along_axis(drive_s, order, axis=0), axis=0)
    rank = np.argsort(order, axis=0)
    sets = rank.T[None, :, :] <= np.arange(len(drive_s) - 1)[:, None, None]
    cover = merged((weight * step_s).ravel(), sets.reshape(-1, len(drive_s)))
    return cover, float(weight @ drive_s.max(axis=0))
