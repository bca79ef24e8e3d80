"""Scores of count forecasts, element by element: lower is better, except for log-probabilities and densities.

Formulas: Czado, Gneiting & Held 2009 (Biometrics 65:1254-1261) for counts, Gneiting & Raftery 2007 (JASA 102:359-378)
for proper scores, Chainey, Tompson & Uhlig 2008 (Security Journal 21:4-28) for PAI, Hunt 2016 for PEI.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from . import laws

_SUM_TO = 1 - 1e-12  # the sum of the CRPS ends where the distribution function passes this
_MOST_TERMS = 1_000_000


def poisson_deviance(y: ArrayLike, mean: ArrayLike) -> NDArray[np.float64]:
    """``2 [y ln(y/μ) - (y - μ)]``."""
    y, mu = np.asarray(y, np.float64), np.asarray(mean, np.float64)
    return np.asarray(2 * (special.xlogy(y, y) - special.xlogy(y, np.maximum(mu, 1e-300)) - (y - mu)), np.float64)


def nb2_deviance(y: ArrayLike, mean: ArrayLike, dispersion: float) -> NDArray[np.float64]:
    """``2 [y ln(y/μ) - (y + 1/α) ln((1 + αy)/(1 + αμ))]``; the Poisson deviance where α = 0."""
    if dispersion <= 0:
        return poisson_deviance(y, mean)
    y, mu = np.asarray(y, np.float64), np.asarray(mean, np.float64)
    ratio = np.log((1 + dispersion * y) / (1 + dispersion * mu))
    return np.asarray(2 * (special.xlogy(y, y) - special.xlogy(y, mu) - (y + 1 / dispersion) * ratio), np.float64)


def crps(y: ArrayLike, mean: ArrayLike, dispersion: ArrayLike = 0.0) -> NDArray[np.float64]:
    """Continuous ranked probability score of Poisson or NB2 forecasts, in calls.

    Poisson in closed form, ``(y - μ)(2F(y) - 1) + 2μ p(y) - μ e^{-2μ} (I0(2μ) + I1(2μ))`` (Wei & Held 2014, Test
    23:787-805); NB2 by summing ``(F(k) - 1{k >= y})²`` over k.
    """
    y, mu, alpha = np.broadcast_arrays(
        np.asarray(y, np.float64), np.asarray(mean, np.float64), np.asarray(dispersion, np.float64)
    )
    p = np.exp(laws.log_pmf(y, mu))
    closed = (
        (y - mu) * (2 * laws.cdf(y, mu) - 1) + 2 * mu * p - mu * (special.i0e(2 * mu) + special.i1e(2 * mu))
    )  # the scaled Bessel functions carry the exponential
    out = np.array(closed, dtype=np.float64)
    wide = alpha > 1e-9
    if np.any(wide):
        out[wide] = _crps_by_sum(y[wide], mu[wide], alpha[wide])
    return out


def _crps_by_sum(y: NDArray[np.float64], mu: NDArray[np.float64], alpha: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum over k for many forecasts at once; those that are done fall out."""
    total = np.zeros(len(y))
    # probabilities one after the other: p(k + 1) = p(k) (k + 1/α) / (k + 1) · αμ / (1 + αμ)
    size, step = 1 / alpha, alpha * mu / (1 + alpha * mu)
    p = np.exp(-size * np.log1p(alpha * mu))
    f = p.copy()
    live = np.arange(len(y))
    for k in range(_MOST_TERMS):
        total[live] += (f[live] - (k >= y[live])) ** 2
        live = live[(f[live] < _SUM_TO) | (k < y[live])]
        if len(live) == 0:
            break
        p[live] *= (k + size[live]) / (k + 1) * step[live]
        f[live] = np.minimum(f[live] + p[live], 1.0)
    return total


def randomised_pit(
    y: ArrayLike, mean: ArrayLike, dispersion: ArrayLike, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Probability integral transform ``F(y - 1) + v p(y)``, v uniform: uniform on (0, 1) if the forecast is right."""
    y = np.asarray(y, np.float64)
    low, high = laws.cdf(y - 1, mean, dispersion), laws.cdf(y, mean, dispersion)
    return np.asarray(low + rng.random(low.shape) * (high - low), np.float64)


def coverage(y: ArrayLike, mean: ArrayLike, dispersion: ArrayLike = 0.0, level: float = 0.9) -> NDArray[np.float64]:
    """Chance that the randomised PIT of each count falls into the central interval of ``level``.

    Of a discrete law no interval covers exactly 90 %: where most cells have no call, [0, 0] covers more. The
    randomised interval does, and taking the chance over v instead of drawing v adds no noise.
    """
    y = np.asarray(y, np.float64)
    low, high = laws.cdf(y - 1, mean, dispersion), laws.cdf(y, mean, dispersion)
    tail = (1 - level) / 2
    inside = np.minimum(high, 1 - tail) - np.maximum(low, tail)
    return np.asarray(np.clip(inside, 0, None) / np.maximum(high - low, 1e-300), np.float64)


def captured(
    counts: NDArray[np.float64], density: NDArray[np.float64], area_km2: NDArray[np.float64], share: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Calls in the forecast's densest cells, by period: what PAI and PEI are made of.

    Cells are taken in the order of their forecast density until they make up ``share`` of the area; the last one
    counts in part, so that every forecast is granted the same area.

    Parameters
    ----------
    counts
        Calls that came, of shape (cells, periods).
    density
        Forecast calls per km², of the same shape.
    area_km2
        Area of each cell.
    share
        Share of the area, fixed beforehand, such as 0.01.

    Returns
    -------
    found, best, all
        Calls in the chosen cells, calls in the best choice of the same area in hindsight, and all calls, by period.
        ``PAI = (Σfound / Σall) / share`` and ``PEI = Σfound / Σbest``.
    """
    found = _in_first(counts, density, area_km2, share)
    best = _in_first(counts, counts / area_km2[:, None], area_km2, share)
    return found, best, counts.sum(0)


def _in_first(
    counts: NDArray[np.float64], density: NDArray[np.float64], area_km2: NDArray[np.float64], share: float
) -> NDArray[np.float64]:
    order = np.argsort(-density, axis=0, kind="stable")
    area = area_km2[order]
    before = np.cumsum(area, axis=0) - area
    part = np.clip((share * area_km2.sum() - before) / area, 0, 1)
    return np.asarray((np.take_along_axis(counts, order, 0) * part).sum(0), np.float64)
