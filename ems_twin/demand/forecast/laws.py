"""Poisson and negative-binomial laws of counts, with mean and dispersion as the forecasts give them.

NB2 has mean μ and variance μ + αμ²; α = 0 is the Poisson law (Cameron & Trivedi, Regression Analysis of Count Data,
section 3.3). Counts stray from their mean in two ways. Levels that are wrong or that change give every cell the same
relative error, ``level · μ²`` in the variance; calls that come in clumps, such as those of one caller who calls again,
add in proportion to the calls, ``clumps · μ``: :class:`Spread` holds both.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

_POISSON_BELOW = 1e-9  # a smaller dispersion is taken as none
_TINY = 1e-300


class Spread(NamedTuple):
    """How far counts of one length of period stray: variance ``μ + clumps · μ + level · μ²``."""

    level: float = 0.0
    """Squared relative error that all means have alike, >= 0."""
    clumps: float = 0.0
    """Variance more than Poisson's in proportion to the mean, >= 0."""

    def dispersion(self, mean: ArrayLike) -> NDArray[np.float64]:
        """NB2 dispersion α of a count with mean μ, ``level + clumps / μ``; the level alone where μ = 0."""
        mu = np.asarray(mean, np.float64)
        return np.asarray(self.level + np.divide(self.clumps, mu, out=np.zeros_like(mu), where=mu > _TINY), np.float64)


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


def moment_spread(y: ArrayLike, mean: ArrayLike) -> Spread:
    """Level and clumps by moments over all cells and periods.

    ``(y - μ)² - μ`` is regressed on μ² and μ, both coefficients at least 0, with the weight ``1 / (μ + 2μ²)``, the
    inverse of its variance under Poisson: so cells with few calls have their say beside those with many, whose μ²
    would settle a single dispersion alone.
    """
    y, mu = np.asarray(y, np.float64), np.asarray(mean, np.float64)
    beyond, weight = (y - mu) ** 2 - mu, 1 / (1 + 2 * mu)  # the 1/μ is cancelled by that of one regressor
    s11, s12, s22 = (float(np.sum(weight * mu**power)) for power in (3, 2, 1))
    t1, t2 = float(np.sum(weight * mu * beyond)), float(np.sum(weight * beyond))
    if s22 <= 0:
        return Spread()
    determinant = s11 * s22 - s12**2
    if determinant > 1e-9 * s11 * s22:
        level, clumps = (t1 * s22 - t2 * s12) / determinant, (t2 * s11 - t1 * s12) / determinant
        if level >= 0 and clumps >= 0:
            return Spread(level, clumps)
    level, clumps = max(t1 / s11, 0.0), max(t2 / s22, 0.0)
    # of the two that are 0 in one of them, the one that takes more off the sum of squares; a single mean has one level
    return Spread(level, 0.0) if level * t1 >= clumps * t2 else Spread(0.0, clumps)
