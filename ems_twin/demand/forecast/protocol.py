"""What every forecaster can do, and what those that forecast by the hour share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ..one_thread import one_thread
from .laws import Spread, moment_spread
from .past import PastCalls
from .result import SPANS_H, DemandForecast

_MEASURED_WEEKS = 8


class Forecaster(Protocol):
    """Learns from past calls and says how many are to come, where and when."""

    name: str
    """Short name, such as ``medic``."""

    def fit(self, calls: PastCalls) -> None:
        """Learn from a record; what was learnt before is dropped, except what was learnt about forecasts given."""

    def predict(self, start_s: float, periods: int) -> DemandForecast:
        """Forecast ``periods`` hours from the hour of POSIX time ``start_s``, from what is known so far."""

    def update(self, new_calls: PastCalls) -> None:
        """Take note of the calls between the end of what is known and ``new_calls.until_s``."""


class HourlyForecaster(ABC):
    """Base of the models here: keeps the record, measures the dispersion, leaves the mean to the model."""

    name = "hourly"

    def __init__(self) -> None:
        self._calls: PastCalls | None = None
        self._by_span = (Spread(),) * len(SPANS_H)

    @property
    def calls(self) -> PastCalls:
        """Calls known at the last fit.

        Raises
        ------
        InputError
            Nothing has been fitted yet.
        """
        if self._calls is None:
            raise InputError(f"'{self.name}' has not been fitted", field="forecaster", remedy="Call fit first.")
        return self._calls

    def fit(self, calls: PastCalls) -> None:
        """Learn from a record.

        Raises
        ------
        InputError
            The record is shorter than a week.
        """
        if len(calls.hours) < 168:
            raise InputError(f"{len(calls.hours)} hours of calls are too few", field="calls", remedy="Give a week.")
        self._calls = calls
        with one_thread():
            self._fit(calls)
            self._by_span = self._measure(calls)

    def predict(self, start_s: float, periods: int) -> DemandForecast:
        """Forecast ``periods`` hours from the hour of POSIX time ``start_s``."""
        calls = self.calls
        hours = int(calls.clock.hour(start_s)) + np.arange(periods)
        mean = self._mean(hours)
        return DemandForecast(
            cells=calls.cells,
            clock=calls.clock,
            hour=hours,
            mean=mean,
            dispersion=self._by_span[0].dispersion(mean),
            by_span=self._by_span,
        )

    def update(self, new_calls: PastCalls) -> None:
        """Take note of calls: nothing to do for models that look at whole weeks, until the next fit."""
        del new_calls

    @abstractmethod
    def _fit(self, calls: PastCalls) -> None: ...

    @abstractmethod
    def _mean(self, hours: NDArray[np.int64]) -> NDArray[np.float64]:
        """Calls expected by cell in each hour, of shape (cells, hours)."""

    def _measure(self, calls: PastCalls) -> tuple[Spread, ...]:
        """How far counts over each of the spans stray, by moments over the last weeks of the record."""
        hours = calls.hours[-168 * _MEASURED_WEEKS :]
        mean, counts = self._mean(hours), calls.counts(int(hours[0]), int(hours[-1]) + 1).toarray()
        found = []
        for span in SPANS_H:
            first = np.flatnonzero(np.diff(calls.clock.block(hours, span), prepend=-1))
            keep = slice(1, -1) if span > 1 and len(first) > 4 else slice(None)  # the ends may be parts of periods
            expected = np.add.reduceat(mean, first, axis=1)[:, keep]
            found.append(moment_spread(np.add.reduceat(counts, first, axis=1)[:, keep], expected))
        return tuple(found)
