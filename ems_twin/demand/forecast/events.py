"""Known events - crowds, closed roads, weather - as multipliers of a forecast, each with its doubt.

A multiplier is lognormal: its mean, and the standard deviation of its logarithm. The doubt enters the dispersion of
the counts, so that an event widens the intervals as well as moving them. As calls come in, :class:`KnownEvents` learns
each event's multiplier: a gamma law of the same mean and variance is the conjugate prior of a Poisson rate, so its
posterior mean is ``(a + calls) / (b + calls expected without the event)`` with ``a = 1 / (exp(doubt²) - 1)`` and
``b = a / mean``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...city.projection import haversine_m
from ...errors import InputError
from .cells import Cells
from .hours import HOUR_S
from .past import PastCalls
from .protocol import Forecaster
from .result import DemandForecast


@dataclass(frozen=True, eq=False, kw_only=True)
class KnownEvent:
    """Something known beforehand that multiplies the calls of some cells for some time.

    Raises
    ------
    InputError
        It ends before it begins, or a multiplier or doubt is negative.
    """

    name: str
    start_s: float
    """POSIX time at which it begins."""
    end_s: float
    """POSIX time at which it ends."""
    cells: NDArray[np.intp]
    """Rows of the cells concerned."""
    multiplier: float
    """Mean of the factor on their calls: 1.4 for 40 % more, 0.5 for half."""
    doubt: float
    """Standard deviation of the factor's logarithm; 0.2 means about 20 % either way."""

    def __post_init__(self) -> None:
        if not self.end_s > self.start_s:
            raise InputError(f"'{self.name}' ends before it begins", field="end_s")
        for field in ("multiplier", "doubt"):
            value = getattr(self, field)
            if not (np.isfinite(value) and value >= 0):
                raise InputError(f"'{self.name}' has {value}", field=field, remedy="Give a number of 0 or more.")

    def overlap(self, start_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of each hour that lies within the event."""
        inside = np.minimum(start_s + HOUR_S, self.end_s) - np.maximum(start_s, self.start_s)
        return np.asarray(np.clip(inside / HOUR_S, 0, 1), np.float64)

    @property
    def interval(self) -> tuple[float, float]:
        """Central 90 % of the multiplier."""
        median = np.log(max(self.multiplier, 1e-12)) - self.doubt**2 / 2
        low, high = np.exp(median - 1.645 * self.doubt), np.exp(median + 1.645 * self.doubt)
        return float(low), float(high)


def near(cells: Cells, lon: ArrayLike, lat: ArrayLike, radius_m: float) -> NDArray[np.intp]:
    """Rows of the cells whose middle lies within ``radius_m`` of any of the points, such as a course's."""
    apart = haversine_m(cells.lon[:, None], cells.lat[:, None], np.atleast_1d(lon), np.atleast_1d(lat))
    return np.flatnonzero(apart.min(1) <= radius_m)


def crowd_multiplier(people: float, patients_per_1000: float, ordinary_calls: float, *, to_city: float = 1.0) -> float:
    """Factor on the ordinary calls of the cells of a crowd.

    Parameters
    ----------
    people
        In the crowd.
    patients_per_1000
        Who ask for help over the event, per thousand (the patient presentation rate).
    ordinary_calls
        Calls that the cells would have over the event without it.
    to_city
        Share of these patients for whom the city's ambulances are called.
    """
    if ordinary_calls <= 0:
        raise InputError(f"{ordinary_calls} ordinary calls cannot be multiplied", field="ordinary_calls")
    return 1 + people / 1000 * patients_per_1000 * to_city / ordinary_calls


def with_events(forecast: DemandForecast, events: Sequence[KnownEvent]) -> DemandForecast:
    """A forecast of hours with events, which multiply each other where they overlap.

    Of an hour that an event fills to the share p the factor is ``1 + p (multiplier - 1)`` on average, with the variance
    ``p² multiplier² (exp(doubt²) - 1)``. With F and V the mean and variance of the product of factors the dispersion
    becomes ``(α (F² + V) + V) / F²``, where α is that of an ordinary hour with F times the calls.
    """
    shape = forecast.mean.shape
    mean, square = np.ones(shape), np.ones(shape)
    for event in events:
        part = event.overlap(forecast.start_s)
        factor = 1 + part * (event.multiplier - 1)
        spread = part**2 * event.multiplier**2 * np.expm1(event.doubt**2)
        mean[event.cells] *= factor
        square[event.cells] *= factor**2 + spread
    changed = forecast.with_mean(forecast.mean * mean)
    alpha, some = changed.dispersion, mean > 0
    dispersion = np.divide(alpha * square + square - mean**2, mean**2, out=np.zeros(shape), where=some)
    return replace(changed, dispersion=dispersion)


def learnt(event: KnownEvent, calls: float, expected: float) -> KnownEvent:
    """The event after ``calls`` came where ``expected`` were due without it."""
    if event.doubt <= 0 or expected <= 0 or event.multiplier <= 0:
        return event
    a = 1 / np.expm1(event.doubt**2)
    b = a / event.multiplier
    shape, rate = a + calls, b + expected
    return replace(event, multiplier=shape / rate, doubt=float(np.sqrt(np.log1p(1 / shape))))


class KnownEvents:
    """Forecaster that knows of events and learns from the live feed how large they turn out.

    Parameters
    ----------
    base
        Forecaster of ordinary days. Of the calls in an event's cells and hours it is told one in as many as the
        event's multiplier says, so that a surge does not raise its idea of an ordinary day.
    events
        What is known.
    """

    name = "known_events"

    def __init__(self, base: Forecaster, events: Sequence[KnownEvent]) -> None:
        self.base = base
        self.events = list(events)
        """Events as they are known by now."""
        self._until_s = -np.inf
        self._owed = [0.0] * len(self.events)

    def fit(self, calls: PastCalls) -> None:
        """Fit the base; events are not in the past that it learns from."""
        self.base.fit(calls)
        self._until_s = calls.until_s

    def predict(self, start_s: float, periods: int) -> DemandForecast:
        """Base forecast with the events."""
        return with_events(self.base.predict(start_s, periods), self.events)

    def update(self, new_calls: PastCalls) -> None:
        """Learn the multipliers of events that are under way; hand the base the calls that are not an event's."""
        begin, end = max(self._until_s, new_calls.since_s), new_calls.until_s
        keep = np.ones(len(new_calls), dtype=bool)
        for i, event in enumerate(self.events):
            a, b = max(begin, event.start_s), min(end, event.end_s)
            if a >= b:
                continue
            inside = np.isin(new_calls.cell, event.cells) & (new_calls.time_s >= a) & (new_calls.time_s < b)
            n = int(inside.sum())
            self.events[i] = event = learnt(event, float(n), self._due(i, a, b))
            self._owed[i] += n / max(event.multiplier, 1.0)
            handed = min(int(self._owed[i]), n)
            self._owed[i] -= handed
            keep[np.flatnonzero(inside)[handed:]] = False
        place = None if new_calls.place is None else new_calls.place[keep]
        kept = replace(new_calls, time_s=new_calls.time_s[keep], cell=new_calls.cell[keep], place=place)
        self.base.update(kept)
        self._until_s = max(self._until_s, end)

    def _due(self, i: int, a: float, b: float) -> float:
        """Calls that the event's cells would have from a to b without it, but with the other events."""
        hours = int(np.ceil((b - a) / HOUR_S)) + 2
        others = [event for j, event in enumerate(self.events) if j != i]
        forecast = with_events(self.base.predict(a, hours), others)
        start = forecast.start_s
        part = np.clip((np.minimum(start + HOUR_S, b) - np.maximum(start, a)) / HOUR_S, 0, 1)
        return float(forecast.mean[self.events[i].cells].sum(0) @ part)
