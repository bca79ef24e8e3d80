"""All scores of one model's forecasts against the calls that came, as sums by week from which ratios are made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import laws, scores
from .counting import binned

AREAS = (0.01, 0.05, 0.10)
"""Shares of the area for PAI and PEI, fixed beforehand."""
PIT_BINS = 10

RELATIVE = frozenset({"mse", "mse_zero", "mse_nonzero", "mae", "mae_zero", "mae_nonzero", "crps", "deviance"})
"""Scores that are compared as a quotient; the others as a difference."""


@dataclass(frozen=True, eq=False, kw_only=True)
class WeekSums:
    """Numerators and denominators of every score by week, and the histogram of the PIT."""

    top: dict[str, NDArray[np.float64]]
    bottom: dict[str, NDArray[np.float64]]
    pit: NDArray[np.float64]
    """Share of randomised PIT values in each of ten bins; 0.1 each if the forecast is right."""

    def value(self, score: str) -> float:
        """Score over all weeks."""
        below = float(self.bottom[score].sum())
        return float(self.top[score].sum()) / below if below else float("nan")


def week_sums(
    counts: NDArray[np.float64],
    mean: NDArray[np.float64],
    dispersion: NDArray[np.float64],
    week: NDArray[np.intp],
    area_km2: NDArray[np.float64],
    *,
    seed: int,
    covered: NDArray[np.float64] | None = None,
) -> WeekSums:
    """Score forecasts.

    Parameters
    ----------
    counts
        Calls that came, of shape (cells, periods).
    mean, dispersion
        Forecast, after the floor, of the same shape.
    week
        Week of each period, from 0.
    area_km2
        Area of each cell.
    seed
        For the randomised PIT.
    covered
        Share of each cell that the units reach in time; with it ``coverage_error`` is the mean over periods of how far
        the covered share of the forecast lies from that of the calls (Zhou et al. 2015, JASA 110:6-15).

    Returns
    -------
    WeekSums
        ``log_density`` (nats a call, per km²), ``count_log_score`` (nats a cell and period), ``deviance`` (Poisson),
        ``mse``, ``mae`` (also over cells and periods with and without calls), ``mse_over_mean``, ``crps``, ``bias``
        (calls forecast a call), ``cover_90``, ``pai_1`` ... ``pei_10``, ``coverage_error``.
    """
    n_weeks = int(week.max()) + 1
    total, came = mean.sum(0), counts.sum(0)
    flat = np.broadcast_to((area_km2 / area_km2.sum())[:, None], mean.shape)
    share = np.divide(mean, total, out=np.array(flat, np.float64), where=total > 0)
    density = share / area_km2[:, None]
    error, cells = mean - counts, np.full(mean.shape[1], float(len(mean)))
    hit = counts > 0
    seen = np.where(hit, counts * np.log(np.maximum(density, 1e-300)), 0.0).sum(0)
    parts: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = {
        "log_density": (seen, came),
        "count_log_score": (-laws.log_pmf(counts, mean, dispersion).sum(0), cells),
        "deviance": (scores.poisson_deviance(counts, mean).sum(0), cells),
        "crps": (scores.crps(counts, mean, dispersion).sum(0), cells),
        "cover_90": (scores.coverage(counts, mean, dispersion).sum(0), cells),
        "bias": (total, came),
        "mse_over_mean": ((error**2).sum(0), came),
    }
    for name, loss in (("mse", error**2), ("mae", np.abs(error))):
        parts[name] = (loss.sum(0), cells)
        parts[f"{name}_zero"] = (np.where(hit, 0.0, loss).sum(0), (~hit).sum(0).astype(np.float64))
        parts[f"{name}_nonzero"] = (np.where(hit, loss, 0.0).sum(0), hit.sum(0).astype(np.float64))
    for area in AREAS:
        found, best, everything = scores.captured(counts, density, area_km2, area)
        parts[f"pai_{area * 100:g}"] = (found / area, everything)
        parts[f"pei_{area * 100:g}"] = (found, best)
    if covered is not None:
        some = came > 0
        real = np.divide(covered @ counts, came, out=np.zeros_like(came), where=some)
        parts["coverage_error"] = (np.where(some, np.abs(covered @ share - real), 0.0), some.astype(np.float64))
    pit = scores.randomised_pit(counts, mean, dispersion, np.random.default_rng(seed))
    bins = np.histogram(pit, PIT_BINS, (0, 1))[0] / pit.size
    return WeekSums(
        top={name: binned(week, n_weeks, top) for name, (top, _) in parts.items()},
        bottom={name: binned(week, n_weeks, bottom) for name, (_, bottom) in parts.items()},
        pit=np.asarray(bins, np.float64),
    )
