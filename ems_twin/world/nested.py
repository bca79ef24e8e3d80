"""In which order stations are best filled: each further unit goes where it adds most to the objective.

The sets of stations are nested, so a unit more or less on duty moves one unit at most (Sudtachat, Mayorga and McLay 2016),
and as the objective has decreasing gains, no set of k is worth more than 1 / (1 - 1/e) of what the first k add.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .objective import Objective


def fill_in_order(objective: Objective, n: int, *, metric: int = 0) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Stations of the first, second, ... of ``n`` units, and what each adds to the objective.

    Parameters
    ----------
    objective
        Its first set of weights is reckoned with.
    n
        Number of units, 1 or more.
    metric
        Speeds of the responses, a row of ``objective.penalty``.

    Returns
    -------
    station : int64[n]
    gain : float64[n]
        Not increasing, in the unit of the penalty.
    """
    f = np.asarray(objective.penalty[metric], np.float64).reshape(-1, objective.penalty.shape[3])
    demand = np.asarray(objective.weight[0], np.float64).ravel()
    q = float(np.ravel(objective.busy_share)[0])
    points, stations = f.shape
    station, gain = np.empty(n, np.int64), np.empty(n)
    chosen = np.empty((points, 0))  # penalties of the units so far, ascending
    for k in range(n):
        # t[:, r]: mean penalty of a call that the r nearest units cannot take
        t = np.empty((points, k + 1))
        t[:, k] = objective.nobody
        for r in range(k - 1, -1, -1):
            t[:, r] = (1.0 - q) * chosen[:, r] + q * t[:, r + 1]
        rank = np.empty((points, stations), np.int64)
        for i in range(points):
            rank[i] = np.searchsorted(chosen[i], f[i], side="right")
        adds = (demand[:, None] * (1.0 - q) * q**rank * (np.take_along_axis(t, rank, axis=1) - f)).sum(axis=0)
        station[k] = int(np.argmax(adds))
        gain[k] = adds[station[k]]
        chosen = np.sort(np.column_stack([chosen, f[:, station[k]]]), axis=1)
    return station, np.minimum.accumulate(gain)  # rounding apart, they do not increase


def compliance_table(station: NDArray[np.int64], stations: int) -> NDArray[np.int64]:
    """Units by (number of units less one, station) when the first so many stations of an order are filled."""
    table = np.zeros((len(station), stations), np.int64)
    table[np.arange(len(station)), station] = 1
    return np.cumsum(table, axis=0)


def slots_of(station: NDArray[np.int64], gain: NDArray[np.float64], stations: int) -> NDArray[np.float64]:
    """What the first, second, ... unit at each station adds, shape (stations, slots); NaN where the order has no more."""
    slots = np.full((stations, int(np.bincount(station, minlength=stations).max())), np.nan)
    filled = np.zeros(stations, np.int64)
    for s, g in zip(station, gain, strict=True):
        slots[s, filled[s]] = g
        filled[s] += 1
    return slots
