"""How many stretchers a room has, read from the percentages that it publishes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST_STRETCHERS = 70
"""From about 70 on the steps of whole stretchers are too close to one point for the count to be told."""
_MOST_PERCENT = 600
_FITTING_SHARE = 0.97  # the rest may be typed wrong, or from days with stretchers added
_FEWEST_VALUES = 48


def stretchers_of(occupancy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smallest number of stretchers that explains the occupancies of a room, NaN where none of up to 70 does.

    A room with C stretchers can only show round(100 k / C) percent for whole k. The smallest C of which 97 % of the
    values are such multiples is taken.

    Parameters
    ----------
    occupancy
        Percent, shape (hours, rooms), NaN where unknown. Fewer than 48 values in a room explain nothing.

    Returns
    -------
    float64[rooms]
    """
    found = np.full(occupancy.shape[1], np.nan)
    for room, values in enumerate(occupancy.T):
        known, times = np.unique(values[~np.isnan(values)], return_counts=True)
        if times.sum() < _FEWEST_VALUES or len(known) < 3:
            continue
        sizes = np.arange(3, MOST_STRETCHERS + 1)[:, None]
        fits = np.abs(known - 100 * np.round(known * sizes / 100) / sizes) <= 0.51
        enough = (fits * times).sum(axis=1) >= _FITTING_SHARE * times.sum()
        if enough.any():
            found[room] = sizes[int(np.argmax(enough)), 0]
    return found


def whole_stretchers(occupancy: NDArray[np.float64], stretchers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Nearest occupancy that a whole number of stretchers shows, percent; as it was where ``stretchers`` is NaN.

    Parameters
    ----------
    occupancy
        Percent, shape (..., rooms).
    stretchers
        Shape (rooms,).
    """
    nearest = np.round(100 * np.round(occupancy * stretchers / 100) / stretchers)
    return np.where(np.isnan(nearest), occupancy, nearest)


def shares_of_values(occupancy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the hours at each whole percent from 0 to 600, shape (rooms, 601); zeros for a room without figures."""
    shares = np.zeros((occupancy.shape[1], _MOST_PERCENT + 1))
    for room, values in enumerate(occupancy.T):
        known = np.clip(np.round(values[~np.isnan(values)]), 0, _MOST_PERCENT).astype(np.intp)
        shares[room] = np.bincount(known, minlength=_MOST_PERCENT + 1) / max(len(known), 1)
    return shares
