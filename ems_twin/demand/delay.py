"""How long a step of a call takes: a log-normal law with a cap."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError


@dataclass(frozen=True, kw_only=True)
class Delay:
    """A log-normal time: ``median_s * exp(sigma * z)`` with z standard normal, never above ``longest_s``.

    Raises
    ------
    InputError
        A number is not finite, the median is negative, sigma is negative, or the cap lies below the median.
    """

    median_s: float
    """Half of all times are shorter, seconds; 0 makes every time 0."""
    sigma: float
    """Standard deviation of the logarithm; 0 makes every time equal to the median."""
    longest_s: float
    """Times above it are set to it, seconds."""

    def __post_init__(self) -> None:
        for field in ("median_s", "sigma", "longest_s"):
            value = getattr(self, field)
            if not (math.isfinite(value) and value >= 0):
                raise InputError(f"{value} is not a number of 0 or more", field=field)
        if self.longest_s < self.median_s:
            raise InputError(
                f"{self.longest_s:g} is below the median of {self.median_s:g} s",
                field="longest_s",
                remedy="Give the longest time that you believe in.",
            )

    def quantile_s(self, u: ArrayLike) -> NDArray[np.float64]:
        """Time below which a share ``u`` in (0, 1) of all times lies, seconds, of the shape of ``u``."""
        return quantiles_s((self,), np.zeros(np.shape(u), dtype=np.intp), np.asarray(u, dtype=np.float64))

    @property
    def mean_s(self) -> float:
        """Mean of the capped law, seconds (closed form of the limited expected value of a log-normal)."""
        if self.sigma == 0 or self.median_s == 0:
            return self.median_s
        z = math.log(self.longest_s / self.median_s) / self.sigma
        below = 0.5 * math.erfc((self.sigma - z) / math.sqrt(2))
        above = 0.5 * math.erfc(z / math.sqrt(2))
        return self.median_s * math.exp(self.sigma**2 / 2) * below + self.longest_s * above


ByPriority = tuple[Delay, Delay, Delay]
"""One delay for each of the priorities 1, 2 and 3."""


def quantiles_s(delays: tuple[Delay, ...], which: NDArray[np.integer], u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantile ``u[i]`` of the delay ``delays[which[i]]``, seconds."""
    from scipy.special import ndtri  # a tenth of a second that the command line's help need not pay

    median = np.array([delay.median_s for delay in delays])[which]
    sigma = np.array([delay.sigma for delay in delays])[which]
    longest = np.array([delay.longest_s for delay in delays])[which]
    time: NDArray[np.float64] = np.minimum(median * np.exp(sigma * ndtri(u)), longest)
    return time
