"""The best that any number of idle units could cover, as a bound for all numbers at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from ..errors import InputError
from .expected_cover import merged, program

_MOST_PROGRAMS = 10


def best_cover_by_idle(weight: NDArray[np.float64], chance: NDArray[np.float64], units: int) -> NDArray[np.float64]:
    """Upper bound on the share of demand served in time by the best placement of k = 1, 2, ... idle units.

    max sum_i d_i max_{j in x} c_ij over k sites, relaxed to a linear program (Maxwell et al. 2014 use the covering
    program likewise). The relaxation is concave in k, so its tangent at one k bounds all others: a few k are solved.

    Parameters
    ----------
    weight
        Demand of each point, >= 0, shape (points,).
    chance
        Probability that a unit idle at a site is in time at a point, 0 to 1, shape (sites, points).
    units
        Most idle units.

    Returns
    -------
    float64[units]
        Entry k - 1 is for k idle units; ascending, shares of all demand.

    Raises
    ------
    InputError
        There is no demand, or a chance is not from 0 to 1.
    """
    if not weight.sum() > 0:
        raise InputError("there is no demand", field="weight", remedy="Give at least one point a weight above 0.")
    if not ((chance >= 0) & (chance <= 1)).all():
        raise InputError("a chance is not from 0 to 1", field="chance", remedy="Give probabilities.")
    n_sites = len(chance)
    share = weight / weight.sum()
    order = np.argsort(-chance, axis=0, kind="stable")
    falls = -np.diff(np.take_along_axis(chance, order, axis=0), axis=0, append=0.0)
    sets = np.argsort(order, axis=0).T[None, :, :] <= np.arange(n_sites)[:, None, None]
    cover = merged((share * falls).ravel(), sets.reshape(-1, n_sites))
    everywhere = float(share @ chance.max(axis=0))
    k = np.arange(1, units + 1)
    bound = np.full(units, everywhere)
    room = np.ones(n_sites, dtype=np.int64)
    most = min(units, n_sites - 1)
    for tangent_at in np.unique(np.geomspace(1, max(most, 1), _MOST_PROGRAMS).round().astype(int)):
        if len(cover.weight) == 0 or tangent_at >= n_sites:
            break
        gain, rows, upper, _ = program(cover, int(tangent_at), room, 0.0)
        constraint = rows.constraint()
        found = linprog(
            -gain, A_ub=constraint.A, b_ub=constraint.ub, bounds=np.stack([np.zeros_like(upper), upper], axis=1)
        )
        if found.status != 0:
            continue  # any other tangent will do
        slope = max(-float(found.ineqlin.marginals[-1]), 0.0)
        bound = np.minimum(bound, -float(found.fun) + slope * (k - tangent_at))
    return bound
