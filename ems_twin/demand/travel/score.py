"""How well predicted times fit trips that nothing was learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...city import City
from ...city.travel import Travel
from ...routing import ORDINARY, SIRENS, Router
from .fit import Fit
from .model import design_of, median_s
from .spread import share_below
from .trips import Trips

Array = NDArray[np.float64]

RESAMPLES = 1000
"""Sets of weeks drawn for the intervals of scores."""
DISTANCES_KM = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, np.inf)
"""Classes of distance along the way."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Scores:
    """Predictions of k trips beside what was observed. Errors are predicted minus observed, minutes."""

    trips: Trips
    distance_km: Array
    """Length of the way."""
    median_s: Array
    """Median of the calibrated law."""
    mean_s: Array
    """Mean of the calibrated law: the prediction that is scored."""
    low_s: Array
    """5 % quantile."""
    high_s: Array
    """95 % quantile."""
    rank: Array
    """Share of the law below the observation, clocks that cut off seconds allowed for; uniform if the law is right."""
    free_s: Array
    """Free flow: the city's own ordinary speeds, for trips with sirens times its sirens factor."""
    ordinary_s: Array
    """Free flow without a sirens factor."""

    def predictions(self) -> dict[str, Array]:
        """What is compared with the observations, seconds."""
        return {
            "calibrated": self.mean_s, "calibrated_median": self.median_s, "free_flow": self.free_s,
            "free_flow_without_sirens": self.ordinary_s,
        }  # fmt: skip

    def to_dict(self, *, seed: int = 0) -> dict[str, Any]:
        """Scores as plain values: with 95 % intervals over weeks, then by hour, distance, priority and kind of unit."""
        weeks, week = np.unique(self.trips.week, return_inverse=True)
        times = np.random.default_rng(seed).multinomial(len(weeks), np.full(len(weeks), 1 / len(weeks)), RESAMPLES)
        of = {name: _error_scores((s - self.trips.took_s) / 60, week, times) for name, s in self.predictions().items()}
        found: dict[str, Any] = {"trips": len(self.trips), "weeks": len(weeks), "errors_min": of}
        for level in (50, 90):
            inside = self.inside(level)
            found[f"coverage_{level}"] = float(inside.mean())
            found[f"coverage_{level}_interval"] = _bounds(_by_week(inside, week, times))
        found["median_width_90_min"] = float(np.median(self.high_s - self.low_s) / 60)
        hour = self.trips.hour_of_week.astype(int)
        kinds = [self.trips.unit_kinds[k] if k >= 0 else "not said" for k in self.trips.unit_kind]
        found["by_hour"] = self._by(hour % 24, range(24))
        found["by_distance_km"] = self._by(
            np.searchsorted(DISTANCES_KM, self.distance_km, side="right") - 1, DISTANCES_KM[:-1]
        )
        found["by_sirens"] = self._by(np.where(self.trips.sirens, 1, 0), ("without", "with"))
        found["by_unit_kind"] = self._by(np.unique(kinds, return_inverse=True)[1], np.unique(kinds).tolist())
        return found

    def inside(self, level: float) -> NDArray[np.bool_]:
        """Whether each observation is inside the central interval of a level, per cent."""
        tail = (1 - level / 100) / 2
        return (self.rank >= tail) & (self.rank <= 1 - tail)

    def _by(self, part: NDArray[np.integer[Any]], names: Sequence[Any]) -> list[dict[str, Any]]:
        """Counts, means, errors and coverage of parts."""
        rows = []
        for number, name in enumerate(names):
            mine = part == number
            if not mine.any():
                continue
            took = self.trips.took_s[mine] / 60
            error = self.mean_s[mine] / 60 - took
            rows.append(
                {
                    "part": name, "trips": int(mine.sum()), "observed_mean_min": float(took.mean()),
                    "bias_min": float(error.mean()), "sd_min": float(error.std()),
                    "standard_error_min": float(error.std() / np.sqrt(mine.sum())),
                    "free_flow_bias_min": float((self.free_s[mine] / 60 - took).mean()),
                    "coverage_90": float(self.inside(90)[mine].mean()),
                }
            )  # fmt: skip
        return rows


def score(fit: Fit, trips: Trips, city: City, free: Router, *, seed: int = 0) -> Scores:
    """Predict trips by a fit and by free flow.

    Parameters
    ----------
    fit
        Made from other trips.
    trips, city
        The trips and their city, with its own speeds.
    free
        Router at those speeds.
    seed
        Decides where within a minute observations stand that were cut off to minutes.
    """
    design, length_m = design_of(trips, city, fit.router)
    median, _ = median_s(design, fit.x)
    travel: Travel = fit.travel
    v = np.random.default_rng(seed).uniform(size=len(trips))
    ordinary = _between(free, trips, ORDINARY)
    return Scores(
        trips=trips,
        distance_km=length_m / 1000,
        median_s=median,
        mean_s=travel.mean_s(median),
        low_s=travel.quantile_s(median, 0.05),
        high_s=travel.quantile_s(median, 0.95),
        rank=share_below(trips.took_s, trips.resolution_s, median, travel.spread_of(median), v),
        free_s=np.where(trips.sirens, _between(free, trips, SIRENS), ordinary),
        ordinary_s=ordinary,
    )


def _between(router: Router, trips: Trips, metric: int) -> Array:
    """Seconds from start to end of each trip."""
    pairs, which = np.unique(np.stack([trips.from_node, trips.to_node], axis=1), axis=0, return_inverse=True)
    found = np.array([router.travel_s(a, b, metric=metric) for a, b in pairs.tolist()])
    return found[which.ravel()]


def _error_scores(error: Array, week: NDArray[np.intp], times: NDArray[np.int64]) -> dict[str, Any]:
    bias, square = _by_week(error, week, times), _by_week(error**2, week, times)
    return {
        "bias": float(error.mean()), "bias_interval": _bounds(bias),
        "sd": float(error.std()), "sd_interval": _bounds(np.sqrt(square - bias**2)),
        "median_error": float(np.median(error)), "mean_absolute_error": float(np.abs(error).mean()),
    }  # fmt: skip


def _by_week(values: NDArray[Any], week: NDArray[np.intp], times: NDArray[np.int64]) -> Array:
    """Mean of values over each resampled set of weeks."""
    n_weeks = times.shape[1]
    total = times @ np.bincount(week, weights=values.astype(np.float64), minlength=n_weeks)
    found: Array = total / (times @ np.bincount(week, minlength=n_weeks))
    return found


def _bounds(draws: Array) -> list[float]:
    return [float(x) for x in np.quantile(draws, (0.025, 0.975))]
