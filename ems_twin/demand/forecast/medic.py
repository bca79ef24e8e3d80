"""MEDIC, the forecast that ambulance services use: the same hour of the last four weeks in the last five years."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .past import PastCalls
from .protocol import HourlyForecaster

LAGS_DAYS = tuple(7 * week + 364 * year for year in range(5) for week in range(1, 5))
"""7, 14, 21, 28, 371, ... 1484 days: 364 days a year keep the weekday (Setzler, Saydam & Park 2009)."""


class Medic(HourlyForecaster):
    """Mean of the counts of a cell in the same civil hour at each of :data:`LAGS_DAYS` that the record holds.

    At a steady rate the mean of L values has a squared error of σ²(1 + 1/L), so no forecast can beat MEDIC by more
    than 1/(L + 1) of it: :meth:`lags_used` says L.
    """

    name = "medic"

    def lags_used(self, hours: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many past values each hour's forecast is the mean of, length t."""
        return np.asarray(np.diff(self._lagged(hours)[1]), np.int64)

    def _fit(self, calls: PastCalls) -> None:
        self._counts = calls.counts()
        self._civil = calls.clock.civil(calls.hours)

    def _lagged(self, hours: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Columns of the past hours behind each hour, one hour after the other, and where each hour's begin."""
        civil = self.calls.clock.civil(hours)
        wanted = (civil[:, None] - 24 * np.array(LAGS_DAYS)).ravel()
        column = np.searchsorted(self._civil, wanted)
        known = (column < len(self._civil)) & (self._civil[np.minimum(column, len(self._civil) - 1)] == wanted)
        used = known.reshape(len(hours), -1).sum(1)
        return column[known], np.concatenate([[0], np.cumsum(used)])

    def _mean(self, hours: NDArray[np.int64]) -> NDArray[np.float64]:
        from scipy import sparse

        column, begin = self._lagged(hours)
        used = np.diff(begin)
        value = np.repeat(1 / np.maximum(used, 1), used)
        pick = sparse.csc_array((value, column, begin), shape=(self._counts.shape[1], len(hours)))
        return np.asarray((self._counts @ pick).toarray(), np.float64)
