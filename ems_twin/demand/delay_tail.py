"""How much longer a step takes that has lasted so long already."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .delay import Delay, quantiles_s

_LARGEST = 1.0 - 2.0**-53


def share_within(
    delays: tuple[Delay, ...], which: NDArray[np.integer], time_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Share of all times of ``delays[which[i]]`` that are at most ``time_s[i]``."""
    from scipy.special import ndtr

    median = np.array([delay.median_s for delay in delays])[which]
    sigma = np.array([delay.sigma for delay in delays])[which]
    longest = np.array([delay.longest_s for delay in delays])[which]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = ndtr(np.log(time_s / median) / sigma)
    share = np.where((median == 0) | (sigma == 0), time_s >= median, share)
    within: NDArray[np.float64] = np.where(time_s >= longest, 1.0, np.where(time_s <= 0, 0.0, share))
    return within


def longer_than_s(
    delays: tuple[Delay, ...], which: NDArray[np.integer], lasted_s: NDArray[np.float64], u: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Quantile ``u[i]`` of the delay ``delays[which[i]]`` among those that last longer than ``lasted_s[i]``, seconds.

    The law cut off below: F^-1(F(e) + u (1 - F(e))) for a step that has lasted e. One that has outlasted its law
    ends now.
    """
    within = share_within(delays, which, lasted_s)
    drawn = quantiles_s(delays, which, np.minimum(within + u * (1.0 - within), _LARGEST))
    return np.maximum(drawn, lasted_s)
