"""Intervals from the errors that a model made out of sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .forecast import LEVELS, MEDIAN

_FEWEST_ERRORS = 48


def error_quantiles(error: NDArray[np.float64], step: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles of each room's errors, stretched so that the outer two hold 90 % of the errors of all rooms.

    Load comes in whole stretchers, and so do its errors. An interval that ends on a step holds all errors of that size
    and promises too little. So each error is first spread evenly over one step, and then all quantiles are multiplied by
    the factor with which 90 % of the errors as they were lie within the outer ones, bounds included (the quantile of the
    ratios of error to bound: split conformal prediction with the room's interval as the scale).

    Parameters
    ----------
    error
        Actual less median, shape (origins, rooms), NaN where unknown.
    step
        Smallest change that a room can show, shape (rooms,); 0 if not known.

    Returns
    -------
    float64[rooms, levels]
        0 at the median, at most 0 below and at least 0 above it. NaN for a room with fewer than 48 errors.
    """
    random = np.random.default_rng(0)
    smooth = error + random.uniform(-0.5, 0.5, error.shape) * step
    found = np.full((error.shape[1], len(LEVELS)), np.nan)
    enough = (~np.isnan(error)).sum(axis=0) >= _FEWEST_ERRORS
    if not enough.any():
        return found
    found[enough] = np.nanquantile(smooth[:, enough], LEVELS, axis=0).T
    found[:, :MEDIAN] = np.minimum(found[:, :MEDIAN], 0)
    found[:, MEDIAN + 1 :] = np.maximum(found[:, MEDIAN + 1 :], 0)
    found[:, MEDIAN] = 0
    bound = np.where(error < 0, found[:, 0], found[:, -1])
    ratio = np.where(error == 0, 0.0, np.abs(error) / np.maximum(np.abs(bound), 1e-9))
    factor = np.nanquantile(ratio[:, enough], LEVELS[-1] - LEVELS[0])
    return found * (factor if factor > 0 else 1.0)
