"""Boosted trees with Poisson loss, which look for what volume times density has missed.

The trees learn the ratio of the calls to what :class:`VolumeDensity` expected, with that expectation as weight: a
Poisson regression with it as offset. Every row of training has its expectation, and all its other features, from
calls before the week that the row lies in, as it will be in use; from calls of the row's own week the trees would
learn a leak.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..one_thread import one_thread
from .past import PastCalls
from .protocol import HourlyForecaster
from .split import Prior, VolumeDensity, area_prior

FEATURES = (
    "hour",
    "weekday",
    "log_share",
    "log_expected",
    "hour_ratio",
    "month_ratio",
    "quarter_ratio",
    "volume_ratio",
)
_WEEK_S = 168 * 3600.0
_MOST_ROWS = 400_000
_MONTH_H, _QUARTER_H = 28 * 24, 91 * 24


class BoostedTrees(HourlyForecaster):
    """Histogram gradient boosting on top of volume times density.

    Parameters
    ----------
    holidays
        For the volume.
    prior
        Toward which shares cells are shrunk.
    weeks
        Weeks of training, the last before the forecast.
    every
        The expectations behind the training rows are fitted anew every so many weeks.
    trees
        How many trees.
    """

    name = "trees"

    def __init__(
        self,
        holidays: Collection[date] = (),
        *,
        prior: Prior = area_prior,
        weeks: int = 24,
        every: int = 4,
        trees: int = 40,
    ) -> None:
        super().__init__()
        self._holidays, self._prior = holidays, prior
        self.base = VolumeDensity(holidays, prior)
        self.weeks, self.every, self.trees = weeks, every, trees
        self._blocks: dict[float, tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]] = {}
        self._model: Any = None

    def update(self, new_calls: PastCalls) -> None:
        """Move the level of the city's volume."""
        self.base.update(new_calls)

    def _fit(self, calls: PastCalls) -> None:
        from sklearn.ensemble import HistGradientBoostingRegressor

        self.base.fit(calls)
        self._past = Recent(calls, self.base)
        begin = calls.since_s + 8 * _WEEK_S  # below that the expectations are not worth correcting
        length = self.every * _WEEK_S
        wanted = np.floor(calls.until_s / length) * length - length * np.arange(1, self.weeks // self.every + 1)
        for start in wanted[wanted >= begin].tolist():
            if start not in self._blocks:
                self._blocks[start] = self._rows(calls.between(calls.since_s, start + length), start)
        self._blocks = {start: block for start, block in self._blocks.items() if start in wanted}
        if not self._blocks:
            self._model = None
            return
        x, y, expected = (np.concatenate(part) for part in zip(*self._blocks.values(), strict=True))
        self._model = HistGradientBoostingRegressor(
            loss="poisson",
            learning_rate=0.05,
            max_iter=self.trees,
            max_leaf_nodes=8,
            min_samples_leaf=max(100, len(y) // 200),
            max_bins=63,
            l2_regularization=20.0,
            early_stopping=False,
            random_state=0,
        )
        with one_thread():  # the library is loaded by now
            self._model.fit(x, y / expected, sample_weight=expected)

    def _rows(
        self, calls: PastCalls, start: float
    ) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
        """Features, calls and expectation of the hours from ``start`` on, from what was known at ``start``."""
        known = calls.between(calls.since_s, start)
        base = VolumeDensity(self._holidays, self._prior)
        base.fit(known)
        hours = np.arange(known.end_hour, calls.end_hour)
        expected = np.maximum(base.predict(start, len(hours)).mean, 1e-9)
        x = Recent(known, base).features(hours, expected)
        y = calls.counts(int(hours[0]), int(hours[-1]) + 1).toarray().ravel()
        flat = expected.ravel()
        room = _MOST_ROWS * self.every // self.weeks
        if len(y) > room:  # all rows with calls and some of the others, which then stand for the rest
            rng = np.random.default_rng(0)
            empty = np.flatnonzero(y == 0)
            kept = rng.choice(empty, min(len(empty), room), replace=False)
            rows = np.sort(np.concatenate([np.flatnonzero(y > 0), kept]))
            stands_for = np.where(y[rows] == 0, len(empty) / max(len(kept), 1), 1.0)
            # a row that stands for k others has k times their expectation and no call
            return x[rows], y[rows], flat[rows] * stands_for
        return x, y, flat

    def _mean(self, hours: NDArray[np.int64]) -> NDArray[np.float64]:
        expected = np.maximum(self.base.predict(float(self.calls.clock.start_s(hours[0])), len(hours)).mean, 1e-9)
        if self._model is None:
            return expected
        with one_thread():
            ratio = self._model.predict(self._past.features(hours, expected)).reshape(expected.shape)
        return np.asarray(ratio * expected, np.float64)


class Recent:
    """What was known of each cell when a forecast was made."""

    def __init__(self, calls: PastCalls, base: VolumeDensity) -> None:
        self._clock = calls.clock
        share = base.shares.all_hours
        self._log_share = np.log(np.maximum(share, 1e-12))
        self._hour_ratio = base.shares.share / np.maximum(share, 1e-12)[:, None]
        total = float(base.volume.fitted[-_MONTH_H:].sum())
        self._volume_ratio = float(calls.totals()[-_MONTH_H:].sum()) / max(total, 1e-9)
        self._ratios = []
        for span in (_MONTH_H, _QUARTER_H):
            seen = calls.counts(max(calls.end_hour - span, calls.first_hour)).sum(1)
            due = share * float(base.volume.fitted[-span:].sum())
            self._ratios.append((5 + np.asarray(seen)) / (5 + due))

    def features(self, hours: NDArray[np.int64], expected: NDArray[np.float64]) -> NDArray[np.float32]:
        """One row for each cell and hour, in the order of :data:`FEATURES`."""
        c, t = expected.shape
        how = self._clock.hour_of_week(hours)
        columns = [
            np.broadcast_to(how % 24, (c, t)),
            np.broadcast_to(how // 24, (c, t)),
            np.broadcast_to(self._log_share[:, None], (c, t)),
            np.log(expected),
            self._hour_ratio[:, how],
            np.broadcast_to(self._ratios[0][:, None], (c, t)),
            np.broadcast_to(self._ratios[1][:, None], (c, t)),
            np.full((c, t), self._volume_ratio),
        ]
        return np.stack([np.asarray(column, np.float32).ravel() for column in columns], 1)
