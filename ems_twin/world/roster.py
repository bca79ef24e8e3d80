"""The weekly roster: who works when and eats when, by the clocks of the city, laid out on its calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ..demand.clock import instant, next_day
from .schema import EventKind

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MIN = 1440
WEEK_MIN = 7 * DAY_MIN

AgendaRow = tuple[float, int, int, int, float, float]
"""A row of :data:`~ems_twin.world.AGENDA`: time, kind, unit, hospital, value, until."""


@dataclass(frozen=True, kw_only=True)
class MealBreak:
    """When the crew of a shift eats; minutes by the clock since the shift began."""

    due_min: int
    """From when on."""
    by_min: int
    """When it must have begun."""
    minutes: float
    """How long it takes."""


@dataclass(frozen=True, kw_only=True)
class Shift:
    """A shift that a unit works every week."""

    unit: int
    """Row of the unit."""
    weekdays: tuple[int, ...]
    """Days on which it begins, 0 for Monday, ascending."""
    from_min: int
    """Minutes after midnight at which it begins."""
    length_min: int
    """How long it is by the clock, 1 to 1440 minutes. On a night when the clocks change the crew works an hour more
    or less."""
    meal: MealBreak | None = None
    """Its meal break, if it has one."""

    def spans(self) -> list[tuple[int, int]]:
        """Begin and end by weekday, minutes since Monday 00:00; the end may lie in the next week."""
        begins = [day * DAY_MIN + self.from_min for day in self.weekdays]
        return [(begin, begin + self.length_min) for begin in begins]


def first_overlap(one: Shift, other: Shift) -> int | None:
    """Minute of the week, since Monday 00:00, at which two shifts of a unit begin to overlap; None if they do not."""
    for begin, end in one.spans():
        for other_begin, other_end in other.spans():
            for week in (-WEEK_MIN, 0, WEEK_MIN):  # Sunday's night shift ends on Monday
                start = max(begin, other_begin + week)
                if start < min(end, other_end + week):
                    return start % WEEK_MIN
    return None


def on_duty(shifts: Iterable[Shift]) -> NDArray[np.int32]:
    """Units on duty in each minute of a week in which no clock changes, from Monday 00:00, shape (10080,)."""
    change = np.zeros(2 * WEEK_MIN + 1, np.int32)
    for shift in shifts:
        for begin, end in shift.spans():
            change[begin] += 1
            change[end] -= 1
    count = np.cumsum(change, dtype=np.int32)
    return count[:WEEK_MIN] + count[WEEK_MIN : 2 * WEEK_MIN]


def duty_rows(shifts: Sequence[Shift], *, start: datetime, until_s: float, zone: ZoneInfo) -> list[AgendaRow]:
    """Shifts and breaks from ``start`` on; a shift that is under way then begins at second 0.

    A break is due from its time on, or from second 0 if it might have begun before and still may. Shifts that begin
    ``until_s`` seconds after ``start`` or later are left out; from then on (or from the end of its last shift on)
    every unit of the roster is on duty for good, so that calls that are still open find units.

    Parameters
    ----------
    shifts
        Shifts of all units; those of one unit do not overlap.
    start
        Epoch of the run, with its zone.
    until_s
        Seconds, > 0.
    zone
        Clocks that the roster goes by.

    Returns
    -------
    list of AgendaRow
        In seconds since ``start``, unit by unit.
    """
    calendar = _Calendar(start, zone)
    days = list(calendar.days(until_s))
    by_unit: dict[int, list[Shift]] = {}
    for shift in shifts:
        by_unit.setdefault(shift.unit, []).append(shift)
    rows: list[AgendaRow] = []
    for unit in sorted(by_unit):
        last_s = until_s
        for begin_s, end_s, shift, day in sorted(_stretches(by_unit[unit], days, calendar), key=lambda s: s[:2]):
            if end_s <= 0 or begin_s >= until_s or end_s <= begin_s:
                continue
            rows.append((max(begin_s, 0.0), EventKind.DUTY_BEGINS, unit, -1, end_s, 0.0))
            if shift.meal is not None:
                due_s = calendar.second(day, shift.from_min + shift.meal.due_min)
                by_s = calendar.second(day, shift.from_min + shift.meal.by_min)
                if by_s >= 0 and due_s < end_s:
                    rows.append((max(due_s, 0.0), EventKind.BREAK_DUE, unit, -1, 60.0 * shift.meal.minutes, by_s))
            rows.append((end_s, EventKind.DUTY_ENDS, unit, -1, 0.0, 0.0))
            last_s = max(last_s, end_s)
        rows.append((last_s, EventKind.DUTY_BEGINS, unit, -1, np.inf, 0.0))
    return rows


def _stretches(
    shifts: Iterable[Shift], days: Iterable[date], calendar: _Calendar
) -> Iterator[tuple[float, float, Shift, date]]:
    """Begin and end in seconds, shift and day of every time that a shift is worked."""
    for day in days:
        for shift in shifts:
            if day.weekday() in shift.weekdays:
                end_s = calendar.second(day, shift.from_min + shift.length_min)
                yield calendar.second(day, shift.from_min), end_s, shift, day


class _Calendar:
    """Seconds since an epoch at which the clocks show a time of a day; many units change shifts at the same ones."""

    def __init__(self, start: datetime, zone: ZoneInfo) -> None:
        self._start, self._zone = start.timestamp(), zone
        self._known: dict[tuple[date, int], float] = {}

    def days(self, until_s: float) -> Iterator[date]:
        """Civil days on which a shift may begin that touches the time from second 0 to ``until_s``."""
        first, last = (
            datetime.fromtimestamp(self._start + s, UTC).astimezone(self._zone).date() for s in (0.0, until_s)
        )
        day = first - timedelta(days=1)
        while day <= last:
            yield day
            day = next_day(day)

    def second(self, day: date, minute: int) -> float:
        """Seconds since the epoch, ``minute`` minutes by the clock after a midnight."""
        if (day, minute) not in self._known:
            local = datetime.combine(day, time.min) + timedelta(minutes=minute)
            self._known[day, minute] = instant(local, self._zone).timestamp() - self._start
        return self._known[day, minute]
