"""Chance of an observed time under the log-t law, given that clocks cut off seconds: interval-censored, no jitter.

Clocks that show whole minutes r cut a drive of time T off to k r, with k r the difference of two times rounded down. When
it began within its minute is not known, so k r is seen with probability 1 - |T - k r| / r where that is positive. The
chance of k r is the mean of the density over that triangle, found by Gauss-Legendre quadrature; the same with r = 1 s
serves clocks that show seconds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_Z, _W = np.polynomial.legendre.leggauss(6)
_HALF, _HALF_W = (_Z + 1) / 2, _W / 2
_OFFSET = np.concatenate([_HALF - 1, _HALF])
_WEIGHT = np.concatenate([_HALF_W, _HALF_W]) * (1 - np.abs(_OFFSET))

Array = NDArray[np.float64]


def log_chance(took: Array, r: float, median: Array, c: Array) -> tuple[Array, Array, Array]:
    """Logarithm of the chance of each observed time, and its derivatives by median and spread.

    Parameters
    ----------
    took, median
        Observed times and medians of their laws, in one unit, shape (k,).
    r
        What clocks cut off, in the same unit.
    c
        Spreads, shape (k,).
    """
    t = took[:, None] + r * _OFFSET
    possible = t > 1e-9
    t = np.where(possible, t, 1.0)
    z = np.log(t / median[:, None]) / c[:, None]
    density = np.where(possible, 0.375 * (1 + z * z / 4) ** -2.5 / (t * c[:, None]), 0.0) * (_WEIGHT * r)
    slope = 1.25 * z / (1 + z * z / 4)  # -d log g / dz
    total = np.maximum(density.sum(axis=1), 1e-300)
    by_median = (density * slope).sum(axis=1) / (total * c * median)
    by_c = ((density * slope * z).sum(axis=1) / total - 1) / c
    return np.log(total), by_median, by_c


def share_below(took: Array, r: float, median: Array, c: Array, v: Array) -> Array:
    """Randomised probability integral transform of observed times, shape (k,): uniform if the law is right.

    ``v`` are numbers in (0, 1) that decide where within the chance of its own time each observation stands.
    """
    below = _cdf_seen(took - r, r, median, c)
    found: Array = below + v * (_cdf_seen(took, r, median, c) - below)
    return found


def _cdf_seen(k: Array, r: float, median: Array, c: Array) -> Array:
    """Chance of seeing k or less: the drive and what its start was cut off by end before k + r."""
    t = k[:, None] + r * (1 - _HALF)
    possible = t > 1e-9
    z = np.log(np.where(possible, t, 1.0) / median[:, None]) / c[:, None]
    found: Array = (np.where(possible, t4_cdf(z), 0.0) * _HALF_W).sum(axis=1)
    return found


def t4_cdf(z: Array) -> Array:
    """Distribution of Student's t with four degrees of freedom."""
    s = 1 + z * z / 4
    found: Array = 0.5 + 0.375 * z / np.sqrt(s) * (1 - z * z / (12 * s))
    return found
