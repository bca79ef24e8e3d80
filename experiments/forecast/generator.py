"""Ten thousand weeks drawn from a forecast, against the forecast: volume, map, hours, spread and quantiles.

Every figure is set against what the forecast says with the error that so many draws have by chance: z is the distance
in standard errors. Of many z at once the largest is held against the bound that chance passes in one study of a
hundred (Šidák 1967, JASA 62:626-633), and their squares against the chi-squared law.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
from records import Case, holidays
from scipy import stats

from ems_twin.demand.forecast import laws
from ems_twin.demand.forecast.catalogue import make_models
from ems_twin.demand.forecast.kernels import PlaneKernel
from ems_twin.demand.forecast.past import past_calls
from ems_twin.demand.forecast.result import SPANS_H, DemandForecast
from ems_twin.demand.generate_forecast import forecast_arrivals

WEEKS = 10_000
SEED = 1
ALARM = 0.01
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def study(case: Case) -> tuple[dict[str, Any], list[str]]:
    """The week after the history, as the blend forecasts it, drawn over and over."""
    calls = past_calls(case.time_s, case.cells, case.timezone, lon=case.lon, lat=case.lat)
    begin_s = float(calls.clock.start_s(calls.clock.first_hour(case.start)))
    model = make_models(["blend"], holidays=holidays(), prior=PlaneKernel())["blend"]
    model.fit(calls.between(calls.since_s, begin_s))
    forecast = model.predict(begin_s, 168)
    counts = _drawn(forecast)
    lines = [
        f"{case.title}; the week from {case.start}, {WEEKS:,} draws; source of the history: {case.source}",
        f"{len(forecast.cells)} cells, {forecast.mean.sum():.1f} calls expected",
        "",
    ]
    record: dict[str, Any] = {"weeks": WEEKS, "seed": SEED, "expected": float(forecast.mean.sum())}
    for name, axes in (("volume", (1, 2)), ("cells", (2,)), ("hours of the week", (1,)), ("cells and hours", ())):
        record[name] = entry = _means(counts.sum(axes) if axes else counts, forecast.mean, axes)
        lines.append(
            f"mean, {name:<20}{entry['n']:>6} figures: largest |z| {entry['largest_z']:.2f} (chance: up to "
            f"{entry['bound']:.2f}), chi-squared {entry['chi2']:.1f}, p = {entry['p']:.3f}: {_verdict(entry)}"
        )
    lines += ["", f"{'sums over':>10}{'variance drawn over forecast':>32}{'standard error':>16}{'of Poisson':>12}"]
    for span in SPANS_H:
        record[f"variance_{span}h"] = entry = _variance(counts, forecast, span)
        lines.append(f"{span:>8} h{entry['ratio']:>32.4f}{entry['error']:>16.4f}{entry['over_poisson']:>12.3f}")
    lines += ["", "weekly sums of cells: share of draws up to the forecast's quantile, all cells, against its law"]
    record["quantiles"] = []
    for level, drawn, told, error in _quantiles(counts.sum(2), forecast):
        record["quantiles"].append({"level": level, "drawn": drawn, "forecast": told, "error": error})
        lines.append(f"{level:>10.0%}{drawn:>12.4f}{told:>12.4f}{error:>12.4f}")
    return record, lines


def _drawn(forecast: DemandForecast) -> NDArray[np.int32]:
    """Calls by week, cell and hour."""
    c, t = forecast.mean.shape
    table = np.zeros((WEEKS, c, t), np.int32)
    for week in range(WEEKS):
        at, cell = forecast_arrivals(forecast, seed=SEED, replication=week)
        table[week] = np.bincount(cell * t + (at // 3600).astype(np.int64), minlength=c * t).reshape(c, t)
        if week % 1000 == 999:
            print(f"  week {week + 1:,}", file=sys.stderr, flush=True)
    return table


def _means(drawn: NDArray[np.int32], mean: NDArray[np.float64], axes: tuple[int, ...]) -> dict[str, float]:
    """Means against the forecast's; the error comes from the draws themselves, so that it holds whatever they depend on."""
    told = np.atleast_1d(mean.sum(tuple(axis - 1 for axis in axes)) if axes else mean).ravel()
    found = drawn.reshape(len(drawn), -1)
    error = np.maximum(found.std(0, ddof=1), np.sqrt(np.maximum(told, 1e-12))) / np.sqrt(len(drawn))
    z = (found.mean(0) - told) / error
    n, chi2 = len(z), float(z @ z)
    bound = float(stats.norm.isf((1 - (1 - ALARM) ** (1 / n)) / 2))
    return {"n": n, "largest_z": float(abs(z).max()), "bound": bound, "chi2": chi2, "p": float(stats.chi2.sf(chi2, n))}


def _verdict(entry: dict[str, float]) -> str:
    return "agrees" if entry["largest_z"] <= entry["bound"] and entry["p"] >= ALARM else "DIFFERS"


def _variance(counts: NDArray[np.int32], forecast: DemandForecast, span: int) -> dict[str, float]:
    """Squared distances of sums from their means, over what the forecast says, all cells and periods of a length."""
    told = forecast.summed(span)
    first = np.searchsorted(forecast.hour, told.hour)
    sums = np.add.reduceat(counts, first, axis=2)
    by_week = ((sums - told.mean) ** 2).sum((1, 2))
    variance = float((told.mean + told.dispersion * told.mean**2).sum())
    return {
        "ratio": float(by_week.mean()) / variance,
        "error": float(by_week.std(ddof=1)) / variance / float(np.sqrt(len(by_week))),
        "over_poisson": variance / float(told.mean.sum()),
    }


def _quantiles(sums: NDArray[np.int32], forecast: DemandForecast) -> list[tuple[float, float, float, float]]:
    """By level: share of weekly sums up to the quantile, the law's own share (counts are whole), and the error."""
    week = forecast.summed(168)
    mean, alpha = week.mean.sum(1), week.dispersion[:, 0]
    found = []
    for level in QUANTILES:
        at = laws.quantile(level, mean, alpha)
        below = (sums <= at).mean(1)
        error = float(below.std(ddof=1)) / np.sqrt(len(below))
        found.append((level, float(below.mean()), float(laws.cdf(at, mean, alpha).mean()), float(error)))
    return found
