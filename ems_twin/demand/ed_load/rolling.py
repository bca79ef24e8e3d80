"""What is known about the load at each hour from the hours up to it: last values, rolling means, rolling climatology."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from .history import MEASURES, EDHistory
from .labels import filled

LONGEST_H = 72
"""Hours ahead that can be forecast."""
WEEK_MEMORY = 0.15
"""Weight of the newest week in the climatology by hour of the week (1 / 6.7 weeks)."""
DAY_MEMORY = 0.10
"""Weight of the newest day in the climatology by hour of the day (1 / 10 days)."""
_APART_H = 20  # the second pass of an hour that came twice learns from the day before, not from the first pass


@dataclass(frozen=True, kw_only=True, eq=False)
class Civil:
    """Civil time of the rows of a history and of the 72 hours after it, each array shape (hours + 72,)."""

    hour: NDArray[np.intp]
    weekday: NDArray[np.intp]
    """0 is Monday."""
    day_of_year: NDArray[np.intp]
    free: NDArray[np.bool_]
    """Whether the day is a holiday."""
    week_before: NDArray[np.intp]
    """Last earlier row in the same hour of the week, -1 if there is none."""
    day_before: NDArray[np.intp]
    """Last earlier row in the same hour of the day, -1 if there is none."""


def civil_of(history: EDHistory) -> Civil:
    """Civil time of each row, across changes of the clocks."""
    times = [history.time(row) for row in range(history.hours + LONGEST_H)]
    hour = np.array([time.hour for time in times], dtype=np.intp)
    weekday = np.array([time.weekday() for time in times], dtype=np.intp)
    return Civil(
        hour=hour, weekday=weekday, week_before=_same_before(weekday * 24 + hour), day_before=_same_before(hour),
        day_of_year=np.array([time.timetuple().tm_yday for time in times], dtype=np.intp),
        free=np.array([time.date() in history.holidays for time in times]),
    )  # fmt: skip


def _same_before(key: NDArray[np.intp]) -> NDArray[np.intp]:
    before = np.full(len(key), -1, dtype=np.intp)
    latest: dict[int, int] = {}
    for row, slot in enumerate(key.tolist()):
        last = latest.get(slot, -1)
        before[row] = before[last] if last >= 0 and row - last < _APART_H else last
        latest[slot] = row
    return before


@dataclass(frozen=True, kw_only=True, eq=False)
class Rolling:
    """Figures that at row i use rows up to i only.

    Arrays by measure have shape (3, hours + 1, rooms), the measures as in ``MEASURES``. Their last row is NaN, so that
    row -1 reads "before the history began".
    """

    history: EDHistory
    civil: Civil
    last: NDArray[np.float64]
    """Last known value."""
    age_h: NDArray[np.float64]
    """Hours since the occupancy was known, shape (hours + 1, rooms)."""
    unchanged_h: NDArray[np.float64]
    """Hours for which no figure of the room has changed: a table that nobody updates, shape (hours + 1, rooms)."""
    week: NDArray[np.float64]
    """Climatology of the row's hour of the week: exponentially weighted mean over the weeks up to the row."""
    day: NDArray[np.float64]
    """Climatology of the row's hour of the day, over the days up to the row."""
    mean: dict[int, NDArray[np.float64]]
    """Means of the last 3, 24, 168 and 672 hours."""
    spread: NDArray[np.float64]
    """Standard deviation in the last 672 hours."""
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    """Least and largest occupancy in the last 24 hours, shape (hours + 1, rooms)."""


def rolling_of(history: EDHistory) -> Rolling:
    """Everything that the models read, for every row of a history."""
    civil = civil_of(history)
    values = np.stack([getattr(history, name) for name in MEASURES])
    last = np.stack([filled(table) for table in values])
    row = np.arange(history.hours)[:, None]
    same = (last[:, 1:] == last[:, :-1]).all(axis=0)
    change = np.vstack([np.zeros((1, len(history.rooms)), dtype=np.intp), np.where(same, 0, row[1:])])
    known = np.where(np.isnan(values[0]), -1, row)
    mean = {hours: _rolling_mean(last, hours) for hours in (3, 24, 168, 672)}
    square = _rolling_mean(last**2, 672)
    return Rolling(
        history=history, civil=civil, last=_ended(last),
        age_h=_ended((row - np.maximum.accumulate(known, axis=0)).astype(np.float64)),
        unchanged_h=_ended((row - np.maximum.accumulate(change, axis=0)).astype(np.float64)),
        week=_ended(_climatology(values, civil.week_before, WEEK_MEMORY)),
        day=_ended(_climatology(values, civil.day_before, DAY_MEMORY)),
        mean={hours: _ended(table) for hours, table in mean.items()},
        spread=_ended(np.sqrt(np.maximum(square - mean[672] ** 2, 0))),
        low=_ended(-_rolling_max(-last[0], 24)), high=_ended(_rolling_max(last[0], 24)),
    )  # fmt: skip


def known_row(before: NDArray[np.intp], target: NDArray[np.intp], origin: NDArray[np.intp]) -> NDArray[np.intp]:
    """Last row in the slot of ``target`` that is not after ``origin``; -1 if there is none."""
    row = before[target]
    while (late := row > origin).any():
        row = np.where(late, before[row], row)
    return row


def climatology_at(
    rolling: Rolling, measure: int, origin: NDArray[np.intp], target: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Climatology of the target's hour of the week as known at the origin, shape (len(origin), rooms).

    Where that hour was never seen, the climatology of the hour of the day stands in, else the last value.
    """
    civil = rolling.civil
    found = rolling.week[measure, known_row(civil.week_before, target, origin)]
    found = np.where(np.isnan(found), rolling.day[measure, known_row(civil.day_before, target, origin)], found)
    return np.where(np.isnan(found), rolling.last[measure, origin], found)


def _climatology(values: NDArray[np.float64], before: NDArray[np.intp], weight: float) -> NDArray[np.float64]:
    """E[i] = E[b] + weight (y[i] - E[b]), b the row before in the same slot; y[i] itself where there is no E[b]."""
    hours = values.shape[1]
    level = np.full((len(values), hours + 1, values.shape[2]), np.nan)
    gap = np.arange(hours) - before[:hours]
    block = int(gap[before[:hours] >= 0].min(initial=24))  # rows of one block do not depend on each other
    for begin in range(0, hours, block):
        rows = slice(begin, min(begin + block, hours))
        old, new = level[:, before[rows]], values[:, rows]
        moved = np.where(np.isnan(old), new, old + weight * (new - old))
        level[:, rows] = np.where(np.isnan(new), old, moved)
    return level[:, :-1]


def _rolling_mean(values: NDArray[np.float64], hours: int) -> NDArray[np.float64]:
    def total(table: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.cumsum(table, axis=1)
        return np.concatenate([sums[:, :hours], sums[:, hours:] - sums[:, :-hours]], axis=1)

    known = ~np.isnan(values)
    number = np.round(total(known.astype(np.float64)))
    return np.where(number > 0, total(np.where(known, values, 0.0)) / np.maximum(number, 1), np.nan)


def _rolling_max(values: NDArray[np.float64], hours: int) -> NDArray[np.float64]:
    known = np.where(np.isnan(values), -np.inf, values)
    # the filter's window is centred; shifted by half its width it ends at the row
    largest = maximum_filter1d(known, hours, axis=0, mode="constant", cval=-np.inf, origin=(hours - 1) // 2)
    return np.where(np.isinf(largest), np.nan, largest)


def _ended(table: NDArray[np.float64]) -> NDArray[np.float64]:
    end = np.full((*table.shape[:-2], 1, table.shape[-1]), np.nan)
    return np.concatenate([table, end], axis=-2)
