"""Hours of a city's clocks, as whole numbers, across changes of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..clock import time_zone

HOUR_S = 3600.0
DAYS_TO_MONDAY = 3  # 1970-01-01 was a Thursday
_EPOCH = date(1970, 1, 1).toordinal()
_MARGIN = 24 * 366  # hours added whenever the table of a clock grows
_RULES_OF_S = 1.6e9  # 2020: some zones moved by a quarter of an hour in the last century


class CivilHours:
    """Numbers the hours since 1970 and says what the city's clocks show in each.

    An hour is a true hour: on the day the clocks go back two of them show the same civil hour, on the day they go
    forward one civil hour has none. Hours begin when the city's clocks show a whole hour, also where civil time is a
    half or a quarter of an hour off UTC.

    Parameters
    ----------
    timezone
        IANA name, such as ``America/New_York``.
    """

    def __init__(self, timezone: str) -> None:
        self.timezone = timezone
        self._zone = time_zone(timezone)
        self._shift_s = self._offset_s(_RULES_OF_S) % HOUR_S
        self._first = 0
        self._civil = np.empty(0, dtype=np.int64)

    def hour(self, time_s: ArrayLike) -> NDArray[np.int64]:
        """Number of the hour in which each POSIX time falls, of the shape of the input."""
        return np.floor((np.asarray(time_s, np.float64) + self._shift_s) / HOUR_S).astype(np.int64)

    def start_s(self, hour: ArrayLike) -> NDArray[np.float64]:
        """POSIX time at which each hour begins."""
        return np.asarray(hour, np.float64) * HOUR_S - self._shift_s

    def civil(self, hour: ArrayLike) -> NDArray[np.int64]:
        """Civil hours since 1970-01-01 00:00 that the clocks show in each hour; never falls as hours go on."""
        hour = np.asarray(hour, np.int64)
        if hour.size:
            self._cover(int(hour.min()), int(hour.max()))
        return self._civil[hour - self._first]

    def hour_of_week(self, hour: ArrayLike) -> NDArray[np.int64]:
        """Hour of the week, 0 being Monday 00:00 to 01:00."""
        return (self.civil(hour) + 24 * DAYS_TO_MONDAY) % 168

    def day(self, hour: ArrayLike) -> NDArray[np.int64]:
        """Civil days since 1970-01-01."""
        return self.civil(hour) // 24

    def block(self, hour: ArrayLike, length_h: int) -> NDArray[np.int64]:
        """Number of the civil period of ``length_h`` hours (a divisor of 168), counted from a Monday 00:00.

        Periods of 8 h begin at 0, 8 and 16 o'clock, those of 168 h on Mondays; where the clocks change a period is an
        hour longer or shorter.
        """
        return (self.civil(hour) + 24 * DAYS_TO_MONDAY) // length_h

    def first_hour(self, day: date) -> int:
        """Number of the first hour of a civil day."""
        wanted = (day.toordinal() - _EPOCH) * 24
        hours = np.arange(wanted - 30, wanted + 30)
        return int(hours[np.searchsorted(self.civil(hours), wanted)])

    def _offset_s(self, time_s: float) -> float:
        offset = datetime.fromtimestamp(time_s, UTC).astimezone(self._zone).utcoffset()
        return 0.0 if offset is None else offset.total_seconds()

    def _cover(self, first: int, last: int) -> None:
        if self._first <= first and last < self._first + len(self._civil):
            return
        if len(self._civil):
            first, last = min(first, self._first), max(last, self._first + len(self._civil) - 1)
        first, last = first - _MARGIN, last + _MARGIN
        hours = np.arange(first, last + 1)
        ends = np.append(np.arange(0, len(hours), 24), len(hours) - 1)
        begin = self.start_s(hours)
        known = np.array([self._offset_s(float(s)) for s in begin[ends]])
        offset = np.empty(len(hours))
        for i, (a, b) in enumerate(zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)):
            if known[i] == known[i + 1]:
                offset[a : b + 1] = known[i]
            else:
                offset[a : b + 1] = [self._offset_s(float(s)) for s in begin[a : b + 1]]
        self._first, self._civil = first, np.floor((begin + offset) / HOUR_S + 0.5).astype(np.int64)


def civil_day(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH
