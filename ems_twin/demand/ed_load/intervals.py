"""Intervals from the errors that a model made out of sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .forecast import LEVELS, MEDIAN

_FEWEST_ERRORS = 48
_OUTSIDE = 1 - (LEVELS[-1] - LEVELS[0])
_LEAST_OUTSIDE = 0.02  # from a few independent errors no wider interval can be told
_UNCORRELATED = 0.05


def error_quantiles(error: NDArray[np.float64], step: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles of each room's errors, stretched so that the outer two will hold 90 % of the errors to come.

    Load comes in whole stretchers, and so do its errors. An interval that ends on a step holds all errors of that size
    and promises too little. So each error is first spread evenly over one step. Then all quantiles are multiplied by the
    factor with which a share c of the errors as they were lie within the outer ones, bounds included (the quantile of
    the ratios of error to bound: split conformal prediction with the room's interval as the scale).

    c is above 0.9 as the bounds are drawn from the same few errors. Of n independent ones, a new one falls between the
    k-th smallest and the k-th largest with probability 1 - 2 k / (n + 1), and quantiles that hold c lie at
    k = 1 + (n - 1) (1 - c) / 2. Errors of neighbouring hours are alike, so n is the number of hours over the integrated
    autocorrelation time of falling outside.

    Parameters
    ----------
    error
        Actual less median, shape (origins, rooms), of origins an hour apart; NaN where unknown.
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
    number = len(error) / autocorrelation_time((ratio > 1)[:, enough])
    outside = (_OUTSIDE * (number + 1) - 2) / max(number - 1, 1)
    factor = np.nanquantile(ratio[:, enough], 1 - np.clip(outside, _LEAST_OUTSIDE, _OUTSIDE))
    return found * (factor if factor > 0 else 1.0)


def autocorrelation_time(outside: NDArray[np.bool_]) -> float:
    """Integrated autocorrelation time 1 + 2 sum of rho_k, hours, over lags up to the first rho_k below 0.05.

    Parameters
    ----------
    outside
        Shape (hours, rooms); the autocorrelations are pooled over the rooms.
    """
    deviation = outside - outside.mean(axis=0)
    variance = float((deviation**2).mean())
    time = 1.0
    if variance == 0:
        return time
    for lag in range(1, len(deviation)):
        rho = float((deviation[lag:] * deviation[:-lag]).mean()) / variance
        if rho < _UNCORRELATED:
            break
        time += 2 * rho
    return time
