"""A weighted mean of models, the weights by horizon from errors out of sample, rounded to what rooms can show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from .baselines import Climatology, Persistence
from .boosted import Boosted
from .history import Measure
from .model import EDModel, between_knots
from .rolling import Rolling
from .stretchers import stretchers_of, whole_stretchers

Rounding = Callable[[NDArray[np.float64]], NDArray[np.float64]]

_STEPS = 8
_BEST = 5
_RECENT_H = 56 * 24


class Blend(EDModel):
    """Stacked models: the weighted mean of their medians, with weights >= 0 that sum to 1.

    The weights of each horizon are those with the least absolute error over the held-out weeks. Medians are rounded to
    whole stretchers, or whole patients: the load takes no other values, so a median between two only adds error.

    Parameters
    ----------
    measure
        As in :class:`EDModel`.
    members
        Models of the same measure. By default persistence, climatology and boosted trees for the median and the mean.
    whole
        Whether to round.
    """

    name: ClassVar[str] = "blend"
    least_h: ClassVar[int] = Boosted.least_h

    def __init__(
        self, measure: Measure = "occupancy", *, members: Sequence[EDModel] | None = None, whole: bool = True
    ) -> None:
        super().__init__(measure)
        self.members: tuple[EDModel, ...] = tuple(
            members
            or (
                Persistence(measure),
                Climatology(measure),
                Boosted(measure),
                Boosted(measure, loss="squared_error"),
            )
        )
        self.whole = whole
        self.weights: NDArray[np.float64] = np.empty(0)
        """Weight of each member, shape (knots, members); rows sum to 1."""
        self._stretchers: NDArray[np.float64] = np.empty(0)

    def simpler(self) -> EDModel:
        """Climatology."""
        return Climatology(self.measure)

    def watch(self, tell: Callable[[str], None]) -> None:
        """Have ``tell`` called by the members as well."""
        super().watch(tell)
        for member in self.members:
            member.watch(tell)

    def follow(self, rolling: Rolling) -> None:
        """Forecast from another state of the history, the members too."""
        super().follow(rolling)
        for member in self.members:
            member.follow(rolling)

    def train(self, rolling: Rolling, stop: int, knots_h: NDArray[np.intp]) -> None:
        """Train the members on the first ``stop`` rows, and weigh them on the rows after that."""
        values = getattr(rolling.history, self.measure)
        self._stretchers = stretchers_of(rolling.history.occupancy[-_RECENT_H:])
        for member in self.members:
            member.follow(rolling)
            member.train(rolling, stop, knots_h)
        self._tell("weighing models on weeks held out")
        weights = []
        for i, ahead in enumerate(knots_h):
            origin = np.arange(stop, rolling.history.hours - ahead)
            forecast = np.stack([member.medians(origin, knots_h[i : i + 1])[:, 0] for member in self.members])
            weights.append(stacking_weights(values[origin + ahead], forecast, self._rounded))
        self.weights = np.stack(weights)

    def medians(self, origin: NDArray[np.intp], horizons_h: NDArray[np.intp]) -> NDArray[np.float64]:
        """Weighted mean of the members, in whole stretchers or patients, shape (origins, horizons, rooms)."""
        weight = between_knots(self._knots, self.weights, horizons_h)
        mean = np.zeros((len(origin), len(horizons_h), len(self.history.rooms)))
        for i, member in enumerate(self.members):
            mean += weight[:, i, None] * member.medians(origin, horizons_h)
        return self._rounded(mean)

    def _rounded(self, load: NDArray[np.float64]) -> NDArray[np.float64]:
        if not self.whole:
            return load
        return whole_stretchers(load, self._stretchers) if self.measure == "occupancy" else np.round(load)


def stacking_weights(
    actual: NDArray[np.float64], forecasts: NDArray[np.float64], rounded: Rounding
) -> NDArray[np.float64]:
    """Weights >= 0 that sum to 1 and give the rounded mean of forecasts a small mean absolute error.

    Rounding makes the error jump, so that least squares would miss the best weights: all of a grid are tried. Their
    errors differ by less than chance at the top, so the mean of the best few is taken.

    Parameters
    ----------
    actual
        Shape (origins, rooms). NaN: not known, left out.
    forecasts
        Shape (members, origins, rooms).
    rounded
        What is done to the mean.

    Returns
    -------
    float64[members]
        All on the first member if nothing is known.
    """
    grid = _grid(len(forecasts))
    if not (~np.isnan(actual) & ~np.isnan(forecasts).any(axis=0)).any():
        return grid[0]
    error = [np.nanmean(np.abs(actual - rounded(np.tensordot(weight, forecasts, axes=1)))) for weight in grid]
    best: NDArray[np.float64] = grid[np.argsort(error)[:_BEST]].mean(axis=0)
    return best


def _grid(members: int) -> NDArray[np.float64]:
    """All weights in steps of an eighth that sum to 1, all on the first member first, shape (points, members)."""
    points = [point for point in product(range(_STEPS, -1, -1), repeat=members) if sum(point) == _STEPS]
    return np.array(points) / _STEPS
