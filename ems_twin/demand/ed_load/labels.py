"""Columns that changed owner: which room each column of figures belongs to before and after a change of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from ...errors import InputError
from .history import MEASURES, EDHistory
from .stretchers import shares_of_values

WINDOW_H = 28 * 24
"""Hours on either side of a change that are compared: four weeks, so that weekdays weigh the same."""
_SEAM_H = 3  # a level is a mean of so many hours: short beside the day's swing, long enough to damp single patients
_QUANTILES = np.linspace(0.05, 0.95, 19)
_FORBIDDEN = 1e6


@dataclass(frozen=True, kw_only=True, eq=False)
class Relabelling:
    """How columns map onto each other over one change of the table."""

    at: datetime
    """Instant of the change: rows published later have the new columns."""
    column: NDArray[np.intp]
    """New column of the room that was in each old column, shape (rooms,)."""
    gain: float
    """Cost of leaving the columns as they are, less the cost of this matching; 0 if nothing moved."""
    margin: NDArray[np.float64]
    """Cost added when a room must not go to its column, shape (rooms,): how sure the match is (0: as good as a draw)."""

    @property
    def moved(self) -> int:
        """Number of rooms that changed column."""
        return int((self.column != np.arange(len(self.column))).sum())


def repair_labels(
    history: EDHistory, changes: Sequence[datetime], *, window_h: int = WINDOW_H
) -> tuple[EDHistory, list[Relabelling]]:
    """Put every room's figures into one column, the one that the room has at the end.

    At each change old and new columns are matched one to one at the least total cost (the assignment problem, solved
    by SciPy's Jonker-Volgenant algorithm). The cost of a pair adds, each over its median among all pairs:

    * the jump of the level over the seam, |mean of the first 3 hours after - mean of the last 3 before|, over the
      usual change in 3 hours, summed over the three measures;
    * the distance of the distributions, mean |difference of the 5 % to 95 % quantiles| in standard deviations;
    * the distance of the values that the occupancy takes, half the sum of |difference of shares|: a room with 14
      stretchers shows 7, 14, 21, 29 %, and no other room does unless it has 14 as well.

    The match looks ``window_h`` ahead of a change. A forecast with an origin in those hours has seen the future, if
    only for the labels: begin a test after them.

    Parameters
    ----------
    history
        As published.
    changes
        Instants at which columns may have changed owner, with time zones. They are facts about the table, not found
        here.
    window_h
        Hours on either side that are compared, at least 24; cut at the neighbouring changes.

    Returns
    -------
    tuple
        The repaired history, and what was done at each change in order of time. Columns keep their last labels.

    Raises
    ------
    InputError
        A change lies outside of the history, or has less than 24 hours on one side.
    """
    rows = [history.row(at) + 1 for at in sorted(changes)]
    marks = [0, *rows, history.hours]
    values = np.stack([getattr(history, name) for name in MEASURES])
    found = []
    for i, (at, row) in enumerate(zip(sorted(changes), rows, strict=True)):
        before = values[:, max(marks[i], row - window_h) : row]
        after = values[:, row : min(marks[i + 2], row + window_h)]
        if min(before.shape[1], after.shape[1], window_h) < 24:
            raise InputError(
                f"there are {before.shape[1]} hours before {at} and {after.shape[1]} after it", field="changes",
                remedy="Give changes at least 24 hours apart and away from the ends.",
            )  # fmt: skip
        found.append(_match(before, after, at))
        values[:, :row, found[-1].column] = values[:, :row].copy()
    return replace(history, **dict(zip(MEASURES, values, strict=True))), found


def _match(before: NDArray[np.float64], after: NDArray[np.float64], at: datetime) -> Relabelling:
    told = ~(np.isnan(before).all(axis=(1, 2)) | np.isnan(after).all(axis=(1, 2)))
    said = before[told], after[told]  # a measure that nobody published says nothing
    parts = (_seam_cost(*said), _distribution_cost(*said), _values_cost(before[0], after[0]))
    cost = np.sum([part / max(float(np.nanmedian(part)), 1e-9) for part in parts], axis=0)
    cost = np.where(np.isnan(cost), np.nanmax(cost, initial=1.0), cost)  # a column without figures fits none well
    old, column = linear_sum_assignment(cost)
    best = cost[old, column].sum()
    margin = np.empty(len(old))
    for i in old:
        other = cost.copy()
        other[i, column[i]] = _FORBIDDEN
        margin[i] = other[linear_sum_assignment(other)].sum() - best
    return Relabelling(at=at, column=column.astype(np.intp), gain=float(np.trace(cost) - best), margin=margin)


def _seam_cost(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    cost = np.zeros((before.shape[2],) * 2)
    for old, new in zip(before, after, strict=True):
        old, new = filled(old), filled(new[::-1])[::-1]  # the last value before the seam, the first after it
        usual = (_usual_change(old)[:, None] + _usual_change(new)[None, :]) / 2
        cost += np.abs(old[-_SEAM_H:].mean(axis=0)[:, None] - new[:_SEAM_H].mean(axis=0)[None, :]) / (usual + 1e-9)
    return cost


def _usual_change(values: NDArray[np.float64]) -> NDArray[np.float64]:
    mean = np.lib.stride_tricks.sliding_window_view(values, _SEAM_H, axis=0).mean(axis=2)
    change: NDArray[np.float64] = _mean(np.abs(mean[_SEAM_H:] - mean[:-_SEAM_H]))
    return change


def _distribution_cost(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    cost = np.zeros((before.shape[2],) * 2)
    for old, new in zip(before, after, strict=True):
        spread = (_spread(old)[:, None] + _spread(new)[None, :]) / 2
        gap = np.abs(_quantiles(old).T[:, None, :] - _quantiles(new).T[None, :, :]).mean(axis=2)
        cost += gap / (spread + 1e-9)
    return cost


def _values_cost(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    old, new = shares_of_values(before), shares_of_values(after)
    return np.abs(old[:, None, :] - new[None, :, :]).sum(axis=2) / 2


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    known = ~np.isnan(values)
    return np.where(known, values, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)


def _spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    spread: NDArray[np.float64] = np.sqrt(_mean((values - _mean(values)) ** 2))
    return spread


def _quantiles(values: NDArray[np.float64]) -> NDArray[np.float64]:
    found = np.full((len(_QUANTILES), values.shape[1]), np.nan)
    some = ~np.isnan(values).all(axis=0)
    found[:, some] = np.nanquantile(values[:, some], _QUANTILES, axis=0)
    return found


def filled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each gap filled with the last value before it, along the first axis; NaN where there was none yet."""
    row = np.where(np.isnan(values), -1, np.arange(len(values)).reshape(-1, *[1] * (values.ndim - 1)))
    row = np.maximum.accumulate(row, axis=0)
    return np.where(row < 0, np.nan, np.take_along_axis(values, np.maximum(row, 0), axis=0))
