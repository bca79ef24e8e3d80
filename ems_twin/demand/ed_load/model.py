"""What every model of emergency-room load has in common: fit, update, predict, and intervals from its own errors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from .forecast import LEVELS, MEDIAN, EDForecast
from .history import MEASURES, EDHistory, Measure
from .inbound import Inbound
from .intervals import error_quantiles
from .rolling import LONGEST_H, Rolling, rolling_of
from .stretchers import stretchers_of

KNOTS_H = (1, 2, 3, 4, 6, 8, 12, 16, 24, 30, 36, 48, 60, 72)
"""Horizons at which errors are looked at; between them quantiles and weights are interpolated."""
HELD_OUT_H = 56 * 24
"""Last hours of the history that no model is trained on: they give its errors (a quarter of a shorter history)."""


class EDModel(ABC):
    """Forecasts of one measure from an :class:`EDHistory`.

    A model is trained on the history without its last eight weeks. On those it forecasts every hour, and the quantiles
    of its errors there, by room and horizon, are added to its medians: so intervals are as wide as they must be out of
    sample, whatever the model. A history shorter than ``least_h`` is left to a simpler model, and the forecast says so.

    Parameters
    ----------
    measure
        ``"occupancy"`` (percent of the stretchers) or ``"waiting"`` (patients).

    Raises
    ------
    InputError
        The measure is unknown.
    """

    name: ClassVar[str]
    least_h: ClassVar[int]
    """Hours of history that it takes to fit the model."""

    def __init__(self, measure: Measure = "occupancy") -> None:
        if measure not in ("occupancy", "waiting"):
            raise InputError(
                f"'{measure}' cannot be forecast", field="measure", remedy="Give 'occupancy' or 'waiting'."
            )
        self.measure: Measure = measure
        self._index = MEASURES.index(measure)
        self._rolling: Rolling | None = None
        self._stand_in: EDModel | None = None
        self._errors: NDArray[np.float64] = np.empty(0)
        self._knots: NDArray[np.intp] = np.array(KNOTS_H, dtype=np.intp)
        self._tell: Callable[[str], None] = _silent

    def watch(self, tell: Callable[[str], None]) -> None:
        """Have ``tell`` called with a few words whenever a fit comes to its next part."""
        self._tell = tell

    @abstractmethod
    def medians(self, origin: NDArray[np.intp], horizons_h: NDArray[np.intp]) -> NDArray[np.float64]:
        """Medians from rows of the history, shape (origins, horizons, rooms); each uses rows up to its origin only."""

    @abstractmethod
    def train(self, rolling: Rolling, stop: int, knots_h: NDArray[np.intp]) -> None:
        """Learn what there is to learn from the first ``stop`` rows, for use at these horizons."""

    def simpler(self) -> EDModel | None:
        """Model for a history that is too short for this one; None if there is none."""
        return None

    @property
    def rolling(self) -> Rolling:
        """What the model was fitted and updated with.

        Raises
        ------
        InputError
            The model has not been fitted.
        """
        if self._rolling is None:
            raise InputError(f"{self.name} has not been fitted", field="model", remedy="Call fit(history) first.")
        return self._rolling

    @property
    def history(self) -> EDHistory:
        """History that forecasts are made from."""
        return self.rolling.history

    def fit(self, history: EDHistory, horizons_h: Sequence[int] = KNOTS_H) -> Self:
        """Learn from a history.

        Parameters
        ----------
        history
            Its labels must be whole (see :func:`repair_labels`).
        horizons_h
            Horizons that will be asked for: fewer are learnt faster. All from 1 to 72 by default.
        """
        self._knots = _checked(np.unique(horizons_h))
        self._rolling = rolling_of(history)
        self._stand_in = None
        if history.hours < self.least_h and (other := self.simpler()) is not None:
            self._stand_in = other.fit(history, horizons_h)
            return self
        held_out = min(HELD_OUT_H, history.hours // 4)
        self.train(self._rolling, history.hours - held_out, self._knots)
        self._errors = self._error_quantiles(history.hours - held_out)
        return self

    def update(self, later: EDHistory) -> None:
        """Take in later rows of the same rooms, without learning anew.

        Raises
        ------
        InputError
            The model has not been fitted, or the rows do not follow its history.
        """
        self.follow(rolling_of(self.history.extended(later)))

    def follow(self, rolling: Rolling) -> None:
        """Forecast from another state of the history; shared by the members of a blend."""
        self._rolling = rolling
        if self._stand_in is not None:
            self._stand_in.follow(rolling)

    def predict(
        self, origin: datetime, horizons_h: Sequence[int] = range(1, LONGEST_H + 1), *, inbound: Inbound | None = None
    ) -> EDForecast:
        """Forecast from what was published up to ``origin``.

        Parameters
        ----------
        origin
            With a time zone, within the history; forecasts count from the full hour at or before it.
        horizons_h
            Hours ahead, 1 to 72.
        inbound
            Ambulance arrivals that the twin expects; they shift all quantiles.

        Raises
        ------
        InputError
            The model has not been fitted, or the origin or a horizon is out of range.
        """
        horizons = _checked(np.asarray(horizons_h, dtype=np.intp))
        row = self.history.row(origin)
        quantiles = self.quantiles(np.array([row]), horizons)[0]
        if inbound is not None:
            quantiles = np.maximum(quantiles + inbound.added(horizons, self.measure)[..., None], 0)
        maker, note = self.maker()
        return EDForecast(
            origin=self.history.time(row), measure=self.measure, rooms=self.history.rooms, horizons_h=horizons,
            quantiles=quantiles, model=maker.name, note=note,
        )  # fmt: skip

    def quantiles(self, origin: NDArray[np.intp], horizons_h: NDArray[np.intp]) -> NDArray[np.float64]:
        """Quantiles at ``LEVELS`` from rows of the history, shape (origins, horizons, rooms, levels)."""
        if self._stand_in is not None:
            return self._stand_in.quantiles(origin, horizons_h)
        medians = self.medians(origin, horizons_h)[..., None]
        spread = between_knots(self._knots, self._errors, horizons_h)
        return np.maximum(medians + spread[None], 0)

    def maker(self) -> tuple[EDModel, str]:
        """Model that makes the forecasts, and why if it is another one."""
        if self._stand_in is None:
            return self, ""
        maker, _ = self._stand_in.maker()
        days = self.history.hours / 24
        return maker, f"{self.name} needs {self.least_h / 24:.0f} days of history and has {days:.1f}: {maker.name}"

    def _error_quantiles(self, begin: int) -> NDArray[np.float64]:
        """Quantiles of the errors at origins from ``begin`` on, shape (knots, rooms, levels); 0 at the median."""
        values = getattr(self.history, self.measure)
        step = 100 / stretchers_of(self.history.occupancy) if self.measure == "occupancy" else np.ones(values.shape[1])
        found = np.full((len(self._knots), values.shape[1], len(LEVELS)), np.nan)
        for i, ahead in enumerate(self._knots):
            origin = np.arange(begin, self.history.hours - ahead)
            if len(origin):
                error = values[origin + ahead] - self.medians(origin, self._knots[i : i + 1])[:, 0]
                found[i] = error_quantiles(error, np.nan_to_num(step))
        found[..., MEDIAN] = 0  # a median there is, even without errors to learn intervals from
        return found


def between_knots(
    knots_h: NDArray[np.intp], values: NDArray[np.float64], horizons_h: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Values at horizons by linear interpolation between knots (along axis 0); the nearest knot's outside of them."""
    right = np.clip(np.searchsorted(knots_h, horizons_h), 0, len(knots_h) - 1)
    left = np.where(knots_h[right] > horizons_h, np.maximum(right - 1, 0), right)
    width = knots_h[right] - knots_h[left]
    share = np.where(width > 0, (horizons_h - knots_h[left]) / np.maximum(width, 1), 0.0)
    share = share.reshape(-1, *[1] * (values.ndim - 1))
    return (1 - share) * values[left] + share * values[right]


def _checked(horizons_h: NDArray[np.intp]) -> NDArray[np.intp]:
    if not len(horizons_h) or horizons_h.min() < 1 or horizons_h.max() > LONGEST_H:
        raise InputError(
            f"{horizons_h.tolist()} is not within 1 to {LONGEST_H} hours", field="horizons_h",
            remedy="Give whole hours ahead.",
        )  # fmt: skip
    return horizons_h.astype(np.intp)


def _silent(_words: str) -> None:
    """Tell nobody."""
