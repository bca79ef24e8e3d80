"""What available units stand ready for: demand by point and time, and the penalty of reaching it from each station.

The k-th nearest of the units that are available goes to a call at a point with probability (1 - q) q^(k-1), when each is
busy a share q of the time (Daskin 1983). With the penalty f of a response the unpreparedness of a fleet is

    sum_i d_i [ sum_k (1 - q) q^(k-1) f(k-th nearest, i) + q^m f(nobody) ],

m units being available (van Barneveld 2016). A penalty of 0 within the target and 1 beyond it makes it the demand that
is not covered (DMEXCLP; Jagtenberg, Bhulai and van der Mei 2015), the drive time itself the expected response time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError


class ObjectiveArrays(NamedTuple):
    """The objective as compiled code reads it; all empty when there is none."""

    penalty: NDArray[np.float32]
    """Penalty of a response, by (metric, weight row, point, station)."""
    nearest: NDArray[np.int32]
    """Stations of a point in the order of their penalties, by (metric, weight row, point, rank)."""
    nobody: NDArray[np.float64]
    """Penalty of a call for which no unit is left, one entry."""
    busy_share: NDArray[np.float64]
    """Share q of the time that a unit is busy, by set of weights."""
    weight: NDArray[np.float64]
    """Demand of a point, by (set, weight row, point)."""
    priority: NDArray[np.int64]
    """Priority whose response speeds a weight row is reckoned with, shape (weight rows,)."""
    from_s: NDArray[np.float64]
    """When sets of weights come into force."""
    set_row: NDArray[np.int64]
    """Which set does then."""

    @property
    def n_numbers(self) -> int:
        """Points of all weight rows."""
        return int(self.penalty.shape[1] * self.penalty.shape[2])


@dataclass(frozen=True, eq=False, kw_only=True)
class Objective:
    """Demand and penalties. Weight rows are demands that are reckoned with apart, such as those of each priority.

    Raises
    ------
    InputError
        If arrays do not fit each other or values are out of range: it says all that is wrong.
    """

    penalty: NDArray[Any]
    """Penalty of a response from a station to a point, 0 or more, shape (metrics, weight rows, points, stations): 0 or
    1 for coverage, seconds for response times."""
    weight: NDArray[np.float64]
    """Demand of a point, 0 or more, shape (sets, weight rows, points)."""
    priority: NDArray[np.int64] = field(default_factory=lambda: np.ones(1, np.int64))
    """Priority whose response speeds a weight row is reckoned with, shape (weight rows,)."""
    nobody: float = 1.0
    """Penalty of a call for which no unit is left; at least that of any response."""
    busy_share: float | NDArray[np.float64] = 0.3
    """Share of the time that a unit is busy (Jagtenberg, Bhulai and van der Mei 2015: 0.3): one number, or one for each
    set, shape (sets,)."""
    weights_from_s: NDArray[np.float64] = field(default_factory=lambda: np.zeros(1))
    """Second of the run from which a set of weights is in force, ascending, shape (k,); the first serves all before."""
    weight_set: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))
    """The set that is in force from then on, a row of ``weight``, shape (k,)."""

    def __post_init__(self) -> None:
        faults = [*self._shape_faults(), *self._time_faults()]
        if not faults:
            faults = self._value_faults()
        if faults:
            raise InputError("; ".join(faults), field="objective", remedy="Correct the objective of the policy.")

    def _shape_faults(self) -> list[str]:
        if self.penalty.ndim != 4 or self.penalty.size == 0:
            return [f"penalty has shape {self.penalty.shape}, not (metrics, weight rows, points, stations)"]
        faults = []
        _, rows, points, _ = self.penalty.shape
        if self.weight.ndim != 3 or self.weight.shape[1:] != (rows, points) or len(self.weight) == 0:
            faults.append(f"weight has shape {self.weight.shape}, not (sets, {rows}, {points})")
        if self.priority.shape != (rows,):
            faults.append(f"priority has shape {self.priority.shape}, not ({rows},)")
        if np.ndim(self.busy_share) and np.shape(self.busy_share) != (len(self.weight),):
            faults.append(f"busy_share has shape {np.shape(self.busy_share)}, not ({len(self.weight)},)")
        return faults

    def _time_faults(self) -> list[str]:
        times = self.weights_from_s
        if len(times) == 0 or len(times) != len(self.weight_set) or not (np.diff(times) > 0).all():
            return ["weights_from_s and weight_set must be as long as each other, the times ascending"]
        if self.weight_set.min() < 0 or self.weight_set.max() >= len(self.weight):
            return [f"weight_set names a set outside 0 to {len(self.weight) - 1}"]
        return []

    def _value_faults(self) -> list[str]:
        faults = []
        if not (np.isfinite(self.weight) & (self.weight >= 0)).all():
            faults.append("weight holds a number below 0 or one that is not finite")
        if not np.isfinite(self.nobody):
            faults.append(f"nobody is {self.nobody}, not a finite number")
        elif not ((self.penalty >= 0) & (self.penalty <= np.float32(self.nobody))).all():
            faults.append(f"penalty holds a number outside 0 to {self.nobody:g}, the penalty of nobody")
        if not ((np.asarray(self.busy_share) >= 0) & (np.asarray(self.busy_share) <= 1)).all():
            faults.append(f"busy_share is {self.busy_share}, not from 0 to 1")
        if (self.priority < 1).any():
            faults.append("priority holds a number below 1")
        return faults

    def arrays(self) -> ObjectiveArrays:
        """The objective for compiled code."""
        penalty = np.ascontiguousarray(self.penalty, dtype=np.float32)
        return ObjectiveArrays(
            penalty=penalty,
            nearest=np.argsort(penalty, axis=-1, kind="stable").astype(np.int32),
            nobody=np.array([self.nobody], dtype=np.float64),
            busy_share=np.full(len(self.weight), self.busy_share, dtype=np.float64),
            weight=np.ascontiguousarray(self.weight, dtype=np.float64),
            priority=np.array(self.priority, dtype=np.int64),
            from_s=np.array(self.weights_from_s, dtype=np.float64),
            set_row=np.array(self.weight_set, dtype=np.int64),
        )


def no_objective() -> ObjectiveArrays:
    """Arrays of no objective: policies that need one are refused without."""
    return ObjectiveArrays(
        penalty=np.zeros((0, 0, 0, 0), np.float32),
        nearest=np.zeros((0, 0, 0, 0), np.int32),
        nobody=np.zeros(0),
        busy_share=np.zeros(0),
        weight=np.zeros((0, 0, 0)),
        priority=np.zeros(0, np.int64),
        from_s=np.zeros(0),
        set_row=np.zeros(0, np.int64),
    )
