"""MEXCLP: the most expected cover when units are busy some of the time (Daskin 1983).

max sum_i sum_k d_i (1 - q) q^(k-1) y_ik;  sum_k y_ik <= sum_{j in W_i} x_j;  sum_j x_j = p.
"""

from __future__ import annotations

from .expected_cover import best, greedy, merged
from .siting import MINUTE_S, Busy, Placement, Seconds, SitingProblem, none_free


def mexclp(problem: SitingProblem, *, cover_s: Seconds, busy_share: Busy, time_limit_s: float = MINUTE_S) -> Placement:
    """Place units for the most expected cover.

    Parameters
    ----------
    problem
        Demand, sites and units.
    cover_s
        Drive within which a site covers a point, seconds, > 0: one number, or one a point.
    busy_share
        Share q of the time that a unit is busy, from 0 to below 1, or by the hour.
    time_limit_s
        When to be content with what has been found, seconds.

    Raises
    ------
    InputError
        ``cover_s`` or ``busy_share`` is out of range; or no unit is ever busy and there are more units than sites.
    """
    cover = merged(problem.weight, problem.covers(cover_s).T)
    room = problem.room if none_free(busy_share, 1)[1] > 0 else problem.one_each("MEXCLP without busy units")
    return best(cover, problem.units, room, busy_share, time_limit_s)


def greedy_mexclp(problem: SitingProblem, *, cover_s: Seconds, busy_share: Busy) -> Placement:
    """As :func:`mexclp`, one unit after the other: for large cases, at least 1 - 1/e of the best."""
    cover = merged(problem.weight, problem.covers(cover_s).T)
    return greedy(cover, problem.units, problem.room, busy_share)


def expected_cover(problem: SitingProblem, placement: Placement, *, cover_s: Seconds, busy_share: Busy) -> float:
    """Share of the demand that a placement is expected to cover by a free unit, 0 to 1."""
    cover = merged(problem.weight, problem.covers(cover_s).T)
    return cover.worth(placement.units, busy_share) / float(problem.weight.sum())
