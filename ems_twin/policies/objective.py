"""What one more available unit at a station would add to the objective, and what moving one would.

With t the mean penalty of a call at a point that the r nearest units cannot take, a further unit of penalty f among them,
at rank r + 1, adds (1 - q) q^r (t - f): one walk from a point's farthest station to its nearest gives the gains of all
(world/objective.py has the objective itself). Units count where they belong (``home``), not where they are: those on
their way to a station as well (Jagtenberg, Bhulai and van der Mei 2015).
"""

from __future__ import annotations

import numpy as np

from .._compiled import leaf_kernel, lean_kernel
from .motion import RESPONSE, is_available, metric_at

_AHEAD_S = 1800.0  # middle of the hour ahead


@leaf_kernel
def set_ahead(ground, now):  # type: ignore[no-untyped-def]
    """Set of weights in force in the middle of the hour ahead."""
    objective = ground.stationing.objective
    i = 0
    if len(objective.from_s) > 1:
        i = max(np.searchsorted(objective.from_s, now + _AHEAD_S, side="right") - 1, 0)
    return objective.set_row[i]


@lean_kernel
def add_up_gains(world, ground, u, at):  # type: ignore[no-untyped-def]
    """Leave in the stations' rows how many available units belong there and what one more would add.

    Parameters
    ----------
    world, ground
        The first ``len(world.units) + 1`` numbers of ``world.scratch`` are used.
    u : int
        Unit that is not counted, -1 for none.
    at : int
        Where to leave the gains by (station, weight row, point) in ``world.scratch``; -1 for nowhere.
    """
    objective, stations, flat = ground.stationing.objective, world.stations, world.scratch
    n_stations, now = len(stations), world.clock[0].now
    if len(flat) <= len(world.units):
        raise ValueError("the world's scratch is too short for this decision")
    for s in range(n_stations):
        stations[s].n_available = 0
        stations[s].gain = 0.0
    m = 0
    for other in range(len(world.units)):
        if other != u and is_available(world, other):
            stations[world.units[other].home].n_available += 1
            m += 1
    k = set_ahead(ground, now)
    q = objective.busy_share[k]
    flat[0] = 1.0
    for r in range(m):
        flat[r + 1] = flat[r] * q
    n_points = objective.weight.shape[2]
    n_numbers = objective.weight.shape[1] * n_points
    for w in range(objective.weight.shape[1]):
        metric = metric_at(ground, RESPONSE, objective.priority[w], now)
        for i in range(n_points):
            demand = objective.weight[k, w, i] * (1.0 - q)
            t, r = objective.nobody[0], m
            for rank in range(n_stations - 1, -1, -1):
                s = objective.nearest[metric, w, i, rank]
                f = np.float64(objective.penalty[metric, w, i, s])
                for _ in range(stations[s].n_available):
                    t = (1.0 - q) * f + q * t
                    r -= 1
                gain = demand * flat[r] * (t - f)
                stations[s].gain += gain
                if at >= 0:
                    flat[at + s * n_numbers + w * n_points + i] = gain


@lean_kernel
def worth_of_move(world, ground, x, y, at):  # type: ignore[no-untyped-def]
    """What the objective gains when a unit that belongs to station ``x`` belongs to ``y`` instead.

    At a point where ``y`` is the nearer, the unit adds what one more there would and takes away what one more at ``x``
    would; where it is the farther, the same divided by q, as the unit at ``x`` is one of those that are there already.

    Parameters
    ----------
    world, ground, x, y
    at : int
        Where :func:`add_up_gains` has left the gains.
    """
    objective, flat = ground.stationing.objective, world.scratch
    n_numbers = objective.weight.shape[1] * objective.weight.shape[2]
    from_x, to_y = at + x * n_numbers, at + y * n_numbers
    won, lost = 0.0, 0.0
    for i in range(n_numbers):
        change = flat[to_y + i] - flat[from_x + i]
        won += max(change, 0.0)
        lost += min(change, 0.0)
    return won + lost / objective.busy_share[set_ahead(ground, world.clock[0].now)]
