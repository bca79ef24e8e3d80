"""Forecasts of the past by rolling origin, and how far off they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from .forecast import LEVELS, MEDIAN
from .history import EDHistory
from .model import EDModel
from .rolling import rolling_of


@dataclass(frozen=True, kw_only=True, eq=False)
class EDBacktest:
    """Forecasts beside what came, arrays of shape (origins, horizons, rooms); scores are over all rooms alike."""

    model: str
    rooms: tuple[str, ...]
    horizons_h: NDArray[np.intp]
    quantiles: NDArray[np.float32]
    """Shape (origins, horizons, rooms, levels)."""
    actual: NDArray[np.float32]
    """NaN: nothing was published then, or it is after the end."""

    def absolute_error(self) -> NDArray[np.float64]:
        """Mean absolute error of the median by horizon, points or patients."""
        return _mean(np.abs(self.actual - self.quantiles[..., MEDIAN]))

    def coverage(self, share: float = 0.9) -> NDArray[np.float64]:
        """Share of the actual values within the central interval of probability ``share``, bounds included."""
        low, high = LEVELS.index(round((1 - share) / 2, 2)), LEVELS.index(round((1 + share) / 2, 2))
        inside = (self.actual >= self.quantiles[..., low]) & (self.actual <= self.quantiles[..., high])
        return _mean(np.where(np.isnan(self.actual), np.nan, inside))

    def width(self, share: float = 0.9) -> NDArray[np.float64]:
        """Mean width of the central interval by horizon, points or patients."""
        low, high = LEVELS.index(round((1 - share) / 2, 2)), LEVELS.index(round((1 + share) / 2, 2))
        return _mean(self.quantiles[..., high] - self.quantiles[..., low] + 0 * self.actual)

    def crps(self) -> NDArray[np.float64]:
        """Continuous ranked probability score by horizon, points or patients.

        Twice the mean quantile loss over the 19 levels, which is the score's integral by the midpoint rule.
        """
        level = np.asarray(LEVELS, dtype=np.float32)
        error = self.actual[..., None] - self.quantiles
        return 2 * _mean(np.maximum(level * error, (level - 1) * error).mean(axis=-1))

    def below(self) -> NDArray[np.float64]:
        """Share of the actual values below each quantile, ties counted half, shape (horizons, levels).

        It is the distribution function of the probability integral transform at the levels: equal to them if the
        forecasts are calibrated.
        """
        rank = np.where(self.quantiles == self.actual[..., None], 0.5, self.actual[..., None] < self.quantiles)
        known = ~np.isnan(self.actual)[..., None]
        total: NDArray[np.float64] = np.where(known, rank, 0.0).sum(axis=(0, 2)) / known.sum(axis=(0, 2))
        return total


def backtest(
    model: EDModel,
    history: EDHistory,
    *,
    refits: Sequence[datetime],
    end: datetime | None = None,
    horizons_h: Sequence[int] = (1, 2, 6, 24, 72),
) -> EDBacktest:
    """Forecast every hour from the first refit on, the model being fitted at each with what was known then.

    Parameters
    ----------
    model
        It is fitted anew each time; whatever it was fitted with before is lost.
    history
        Up to the end of the test at least.
    refits
        Instants of the fits, ascending, with time zones.
    end
        First origin that is left out; by default all are taken that have a target.
    horizons_h
        Hours ahead, 1 to 72.

    Raises
    ------
    InputError
        The refits are not ascending, or lie outside of the history.
    """
    rows = [history.row(at) for at in refits]
    stop = history.hours - min(horizons_h) if end is None else history.row(end)
    if not rows or rows != sorted(set(rows)) or stop <= rows[-1]:
        raise InputError(
            f"{[str(at) for at in refits]} do not ascend to the end", field="refits",
            remedy="Give instants an hour apart at least, before the end of the test.",
        )  # fmt: skip
    horizons = np.asarray(horizons_h, dtype=np.intp)
    whole = rolling_of(history)  # at each row it holds what was known then, so one serves all origins
    found = []
    for begin, until in zip(rows, [*rows[1:], stop], strict=True):
        model.fit(history.until(begin + 1), horizons.tolist())
        model.follow(whole)
        found.append(model.quantiles(np.arange(begin, until), horizons).astype(np.float32))
    target = np.arange(rows[0], stop)[:, None] + horizons
    values = getattr(history, model.measure)
    actual = np.where((target < history.hours)[..., None], values[np.minimum(target, history.hours - 1)], np.nan)
    return EDBacktest(
        model=model.name, rooms=history.rooms, horizons_h=horizons, quantiles=np.concatenate(found),
        actual=actual.astype(np.float32),
    )  # fmt: skip


def _mean(values: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.nanmean(values.astype(np.float64), axis=(0, 2))
