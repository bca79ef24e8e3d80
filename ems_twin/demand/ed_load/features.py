"""What the boosted trees see of an emergency room at an origin, for a target hour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .rolling import Rolling, climatology_at, known_row

_LAGS_H = (1, 2, 3, 4, 6, 9, 12, 24, 48)
_ROOM = "room"
_SMALLEST_SPREAD = 0.5  # patients or points; a room in which nothing moves must not divide by zero


def features(
    rolling: Rolling, measure: int, origin: NDArray[np.intp], ahead_h: NDArray[np.intp]
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Features of every room for pairs of origin and horizon; nothing after the origin is read.

    The measure itself is given by differences to its last value, the other two in standard deviations of the last four
    weeks, so that rooms of all sizes share one model. What happens in the others at the same time (a shock to the whole
    city) is the mean of their deviations.

    Parameters
    ----------
    rolling
        What was known at each row.
    measure
        Index in ``MEASURES`` of what is forecast.
    origin
        Rows, shape (pairs,).
    ahead_h
        Hours ahead, shape (pairs,).

    Returns
    -------
    tuple
        float32[pairs, rooms, features] and the names of the features. NaN: not known.
    """
    columns: list[NDArray[np.float64]] = []
    names: list[str] = []
    rooms = len(rolling.history.rooms)
    target, civil = origin + ahead_h, rolling.civil
    week, day = known_row(civil.week_before, target, origin), known_row(civil.day_before, target, origin)
    day_ago, week_ago = civil.day_before[origin], civil.week_before[origin]

    def add(name: str, values: NDArray[np.generic]) -> None:
        by_room = values if values.ndim == 2 else values[:, None]
        columns.append(np.broadcast_to(by_room.astype(np.float64), (len(origin), rooms)))
        names.append(name)

    def back(row: NDArray[np.intp], hours: int) -> NDArray[np.intp]:
        return np.maximum(row - hours, -1)

    last = rolling.last[measure]
    now = last[origin]
    add("now", now)
    add("above_week", now - climatology_at(rolling, measure, back(origin, 1).clip(0), origin))
    add("week", climatology_at(rolling, measure, origin, target) - now)
    add("day", rolling.day[measure, day] - now)
    for hours, mean in rolling.mean.items():
        add(f"mean_{hours}", mean[measure, origin] - now)
    for hours in _LAGS_H:
        add(f"lag_{hours}", last[back(origin, hours)] - now)
    add("same_hour", last[day] - now)
    add("same_hour_1", last[back(day, 1)] - now)
    add("same_hour_24", last[civil.day_before[day]] - now)
    add("same_hour_week", last[week] - now)
    if measure == 0:
        add("low_24", rolling.low[origin] - now)
        add("high_24", rolling.high[origin] - now)
    for other in range(3):
        spread = rolling.spread[other, origin] + _SMALLEST_SPREAD
        value = rolling.last[other]
        # how the hour of the week and of the day usually go on from the origin to the target
        add(f"step_week_{other}", (rolling.week[other, week] - rolling.week[other, week_ago]) / spread)
        add(f"step_day_{other}", (rolling.day[other, day] - rolling.day[other, day_ago]) / spread)
        add(f"step_last_{other}", (rolling.week[other, week] - rolling.week[other, back(week, 1)]) / spread)
        deviations = {
            "week": value[origin] - rolling.week[other, origin],
            "mean": value[origin] - rolling.mean[168][other, origin],
            "change": value[origin] - value[back(origin, 3)],
        }
        for name, deviation in deviations.items():
            add(f"others_{name}_{other}", _mean_of_others(deviation / spread))
        if other != measure:
            add(f"size_{other}", value[origin])
            add(f"above_week_{other}", deviations["week"] / spread)
            add(f"above_mean_{other}", deviations["mean"] / spread)
            add(f"usual_{other}", (rolling.week[other, week] - value[origin]) / spread)
            for hours in (1, 3, 6, 24):
                add(f"change_{hours}_{other}", (value[origin] - value[back(origin, hours)]) / spread)
    add("spread", rolling.spread[measure, origin])
    add("age", rolling.age_h[origin])
    add("unchanged", rolling.unchanged_h[origin])
    add("unchanged_before", rolling.unchanged_h[back(origin, 1)])
    add("hour", civil.hour[target])
    add("weekday", civil.weekday[target])
    add("hour_of_week", civil.weekday[target] * 24 + civil.hour[target])
    add("day_of_year", civil.day_of_year[target])
    add("holiday", civil.free[target])
    add("after_holiday", civil.free[back(target, 24).clip(0)])
    add("before_holiday", civil.free[np.minimum(target + 24, len(civil.free) - 1)])
    add("ahead", ahead_h)
    add(_ROOM, np.arange(rooms)[None, :] + np.zeros((len(origin), 1)))
    return np.stack(columns, axis=-1).astype(np.float32), tuple(names)


def _mean_of_others(values: NDArray[np.float64]) -> NDArray[np.float64]:
    known = ~np.isnan(values)
    value = np.where(known, values, 0.0)
    number = known.sum(axis=1, keepdims=True) - known
    total = value.sum(axis=1, keepdims=True) - value
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)
