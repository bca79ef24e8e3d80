"""Poisson and negative-binomial laws of counts, with mean and dispersion as the forecasts give them.

NB2 has mean μ and variance μ + αμ²; α = 0 is the Poisson law (Cameron & Trivedi, Regression Analysis of Count Data,
section 3.3).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

_POISSON_BELOW = 1e-9  # a smaller dispersion is taken as none
_TINY = 1e-300


def log_pmf(y: ArrayLike, mean: ArrayLike, dispersion: ArrayLike = 0.0) -> NDArray[np.float64]:
    """Log-probability of counts ``y``, nats; shapes are broadcast."""
    y, mu, alpha = np.broadcast_arrays(
        np.asarray(y, np.float64), np.asarray(mean, np.float64), np.asarray(dispersion, np.float64)
    )
    mu = np.maximum(mu, _TINY)
    poisson = special.xlogy(y, mu) - mu - special.gammaln(y + 1)
    if np.all(alpha <= _POISSON_BELOW):
        return np.asarray(poisson, np.float64)
    size = 1 / np.maximum(alpha, _POISSON_BELOW)
    wide = (
        special.gammaln(y + size)
        - special.gammaln(size)
        - special.gammaln(y + 1)
        - size * np.log1p(alpha * mu)
        + special.xlogy(y, alpha * mu / (1 + alpha * mu))
    )
    return np.where(alpha > _POISSON_BELOW, wide, poisson)


def cdf(y: ArrayLike, mean: ArrayLike, dispersion: ArrayLike = 0.0) -> NDArray[np.float64]:
    """Probability of at most ``y`` calls; 0 for ``y`` below 0."""
    y, mu, alpha = np.broadcast_arrays(
        np.asarray(y, np.float64), np.asarray(mean, np.float64), np.asarray(dispersion, np.float64)
    )
    k = np.maximum(np.floor(y), 0)
    below = special.pdtr(k, mu)
    wide = alpha > _POISSON_BELOW
    if np.any(wide):
        safe = np.where(wide, alpha, 1.0)
        below = np.where(wide, special.betainc(1 / safe, k + 1, 1 / (1 + safe * mu)), below)
    return np.where(y < 0, 0.0, below)


def quantile(p: ArrayLike, mean: ArrayLike, dispersion: ArrayLike = 0.0) -> NDArray[np.float64]:
    """Smallest count whose :func:`cdf` reaches ``p``."""
    p, mu, alpha = np.broadcast_arrays(
        np.asarray(p, np.float64), np.asarray(mean, np.float64), np.asarray(dispersion, np.float64)
    )
    poisson = np.asarray(stats.poisson.ppf(p, mu), np.float64)
    wide = alpha > _POISSON_BELOW
    if not np.any(wide):
        return poisson
    safe = np.where(wide, alpha, 1.0)
    return np.where(wide, stats.nbinom.ppf(p, 1 / safe, 1 / (1 + safe * mu)), poisson)


def moment_dispersion(y: ArrayLike, mean: ArrayLike) -> float:
    """NB2 dispersion α >= 0 by moments, ``Σ[(y - μ)² - μ] / Σμ²`` over all cells and periods."""
    y, mu = np.asarray(y, np.float64), np.asarray(mean, np.float64)
    below = float(np.sum(mu * mu))
    return max(0.0, float(np.sum((y - mu) ** 2 - mu)) / below) if below > 0 else 0.0
