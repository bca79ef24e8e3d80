"""Poisson and negative-binomial regression of a cell's calls on the hour, the kind of day and the two together.

``log μ(c, t) = log volume(t) + log share(c) + x(c, hour of week)'β``: the volume brings trend, season and holidays,
the share the level of the cell, and β, with a ridge penalty, how the cells differ by the hour. All hours of the record
with the same hour of the week have the same x, so they are summed into one row of the regression.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from .counting import binned
from .hour_of_week import whole_hours
from .laws import moment_dispersion
from .past import PastCalls
from .protocol import HourlyForecaster
from .split import Prior, area_prior
from .volume_curve import VolumeCurve

_PRIOR_SD = 0.3  # of a cell's log-deviation by one wave of the clock
_ROUNDS = 3


class CallRegression(HourlyForecaster):
    """Log-linear regression of counts.

    Parameters
    ----------
    holidays
        For the volume.
    negative_binomial
        Fit NB2 instead of Poisson: the same equations with each row's weight divided by ``1 + αμ`` (Hilbe 2011,
        Negative Binomial Regression, chapter 8), α by moments, in a few rounds.
    prior
        Toward which shares cells are shrunk.
    """

    def __init__(
        self, holidays: Collection[date] = (), *, negative_binomial: bool = False, prior: Prior = area_prior
    ) -> None:
        super().__init__()
        self.name = "glm_nb" if negative_binomial else "glm_poisson"
        self.negative_binomial = negative_binomial
        self.volume = VolumeCurve(holidays)
        self.dispersion = 0.0
        """NB2 dispersion of an hour's calls in a cell."""
        self._prior = prior

    def update(self, new_calls: PastCalls) -> None:
        """Move the level of the city's volume."""
        self.volume.update(len(new_calls), new_calls.until_s)

    def _fit(self, calls: PastCalls) -> None:
        from sklearn.linear_model import PoissonRegressor

        self.volume.fit(calls)
        whole, c = whole_hours(calls), len(calls.cells)
        table = whole.by_hour_of_week()
        exposure = binned(calls.clock.hour_of_week(calls.hours), 168, self.volume.fitted)
        n_hours = binned(calls.clock.hour_of_week(calls.hours), 168)
        share = (table.sum(1) + c * self._prior(calls)) / (table.sum() + c)
        due = np.maximum(np.outer(share, exposure), 1e-9)
        x = _features(c)
        self.rate = np.repeat(share[:, None], 168, axis=1)
        weight = np.ones_like(due)
        for _ in range(_ROUNDS if self.negative_binomial else 1):
            w = (due * weight).ravel()
            model: Any = PoissonRegressor(alpha=1 / w.sum(), max_iter=200, fit_intercept=True)
            model.fit(x, (table / due).ravel(), sample_weight=w)
            self.rate = share[:, None] * model.predict(x).reshape(c, 168)
            if self.negative_binomial:
                hourly = self.rate * exposure / np.maximum(n_hours, 1)
                self.dispersion = self._dispersion(whole, hourly)
                weight = 1 / (1 + self.dispersion * hourly)

    def _dispersion(self, calls: PastCalls, hourly: NDArray[np.float64]) -> float:
        """Dispersion by moments over the last weeks of the record, the mean being that of the hour of the week."""
        hours = calls.hours[-168 * 26 :]
        counts = calls.counts(int(hours[0]), int(hours[-1]) + 1).toarray()
        return moment_dispersion(counts, hourly[:, calls.clock.hour_of_week(hours)])

    def _mean(self, hours: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.asarray(self.volume.at(hours) * self.rate[:, self.calls.clock.hour_of_week(hours)], np.float64)


def _features(n_cells: int) -> sparse.csr_array:
    """One row for each cell and hour of the week: waves of the day by cell and kind of day, scaled by their prior."""
    hour, weekend = np.arange(168) % 24, (np.arange(168) >= 120).astype(np.float64)
    angle = 2 * np.pi * hour / 24
    waves = np.stack([np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)], 1)
    week = np.column_stack([waves, weekend[:, None] * waves[:, :2], weekend]) * _PRIOR_SD
    week[:, 2:] *= 0.5
    return sparse.csr_array(sparse.kron(sparse.eye_array(n_cells), week))
