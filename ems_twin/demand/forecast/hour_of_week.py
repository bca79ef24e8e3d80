"""Two forecasts that any model must beat: means by hour of the week, and places that never change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .past import PastCalls
from .protocol import HourlyForecaster


def hours_by_hour_of_week(calls: PastCalls) -> NDArray[np.float64]:
    """How often the record holds each hour of the week, length 168."""
    return np.bincount(calls.clock.hour_of_week(calls.hours), minlength=168).astype(np.float64)


def smoothed(rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights 1/4, 1/2, 1/4 over the hour before, the hour and the hour after, round the week (last axis)."""
    return np.asarray(0.25 * np.roll(rate, 1, -1) + 0.5 * rate + 0.25 * np.roll(rate, -1, -1), np.float64)


def whole_hours(calls: PastCalls) -> PastCalls:
    """The record without parts of hours at its ends."""
    start, end = calls.clock.start_s([calls.first_hour, calls.end_hour])
    return calls.between(float(start), float(end))


class HourOfWeek(HourlyForecaster):
    """Mean count of each cell by hour of the week, smoothed over three hours (Tandberg, Tibbetts & Sklar 1998).

    Smoothed at the hour and summed afterwards: smoothing over longer periods would mix night and day.

    Parameters
    ----------
    weeks
        Only the last weeks of the record count; None takes all.
    """

    name = "hour_of_week"

    def __init__(self, weeks: int | None = None) -> None:
        super().__init__()
        self.weeks = weeks

    def _fit(self, calls: PastCalls) -> None:
        calls = whole_hours(calls)
        if self.weeks is not None:
            calls = calls.between(calls.until_s - self.weeks * 168 * 3600, calls.until_s)
        self.rate = smoothed(calls.by_hour_of_week() / np.maximum(hours_by_hour_of_week(calls), 1))

    def _mean(self, hours: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.asarray(self.rate[:, self.calls.clock.hour_of_week(hours)], np.float64)


class ConstantShares(HourlyForecaster):
    """The city's mean by hour of the week, spread by each cell's share of all past calls: a histogram of places."""

    name = "constant_shares"

    def _fit(self, calls: PastCalls) -> None:
        calls = whole_hours(calls)
        table = calls.by_hour_of_week()
        self._volume = smoothed(table.sum(0) / np.maximum(hours_by_hour_of_week(calls), 1))
        self._share = table.sum(1) / max(float(table.sum()), 1.0)

    def _mean(self, hours: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.outer(self._share, self._volume[self.calls.clock.hour_of_week(hours)])
