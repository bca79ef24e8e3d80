"""The weekly roster on the calendar: every shift once, at the right hour of the city's clocks."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ems_twin.demand.clock import instant
from ems_twin.errors import InputError
from ems_twin.world import AGENDA, EventKind, FleetPlan
from ems_twin.world.fleet import checked_agenda
from ems_twin.world.roster import WEEK_MIN, MealBreak, Shift, first_overlap, on_duty

NEW_YORK = ZoneInfo("America/New_York")
DAY_S = 86_400.0
WEEK_S = 7 * DAY_S
MONDAY = datetime(2024, 5, 6, tzinfo=NEW_YORK)


def plan_of(*shifts: Shift, zone=NEW_YORK, units: int = 1) -> FleetPlan:
    return FleetPlan(
        zone=zone,
        homes=np.zeros(units, np.int32),
        skills=np.full(units, -1, np.int32),
        names=tuple(f"u{i}" for i in range(units)),
        shifts=shifts,
    )


def shift(days, start, length_h, *, unit=0, meal=None) -> Shift:
    return Shift(unit=unit, weekdays=days, from_min=int(60 * start), length_min=int(60 * length_h), meal=meal)


def spells(agenda, unit=0):
    """Begin and end of every spell of duty, from the rows as the world orders them; checks that they alternate."""
    own = agenda[(agenda["unit"] == unit) & np.isin(agenda["kind"], (EventKind.DUTY_BEGINS, EventKind.DUTY_ENDS))]
    found, since, until = [], None, None
    for row in own:
        if row["kind"] == EventKind.DUTY_BEGINS:
            assert since is None
            since, until = row["time"], row["value"]
            assert until > since
        else:
            assert row["time"] == until
            found.append((since, until))
            since = None
    assert since is not None  # on duty at the end, and for good
    assert until == np.inf
    return found


def rows_of(plan, start, days):
    agenda = plan.fleet(start, days * DAY_S).agenda
    assert agenda.dtype == AGENDA
    return checked_agenda(agenda, len(plan.names), 1)


def test_a_week_of_day_shifts():
    agenda = rows_of(plan_of(shift((0, 2), 7, 12)), MONDAY, 6)
    hours = [(begin / 3600, end / 3600) for begin, end in spells(agenda)]
    assert hours == [(7, 19), (48 + 7, 48 + 19)]
    assert agenda["time"][-1] == WEEK_S  # a day after the last call, everybody comes


def test_a_shift_under_way_begins_at_0_and_one_that_ends_then_is_over():
    plan = plan_of(shift((6,), 20, 10, unit=0), shift((6,), 14, 10, unit=1), units=2)
    agenda = rows_of(plan, MONDAY, 2)
    assert spells(agenda, 0) == [(0.0, 6 * 3600.0)]
    assert spells(agenda, 1) == []


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2024, 5, 6, 8), [(4 * 3600.0, 7 * 3600.0)]),
        (datetime(2024, 5, 6, 13), [(0.0, 2 * 3600.0)]),
        (datetime(2024, 5, 6, 15), [(0.0, 0.0)]),
        (datetime(2024, 5, 6, 15, 1), []),
    ],
)
def test_a_break_is_due_as_long_as_it_may_begin(at, expected):
    meal = MealBreak(due_min=5 * 60, by_min=8 * 60, minutes=30)  # 12:00 to 15:00
    agenda = rows_of(plan_of(shift((0,), 7, 12, meal=meal)), at.replace(tzinfo=NEW_YORK), 1)
    breaks = agenda[agenda["kind"] == EventKind.BREAK_DUE]
    assert [(row["time"], row["until"]) for row in breaks] == expected
    assert (breaks["value"] == 1800).all()
    begin = agenda[agenda["kind"] == EventKind.DUTY_BEGINS][0]
    if len(breaks):  # the shift begins before its break is due, also at one and the same second
        assert agenda.tolist().index(begin.tolist()) < agenda.tolist().index(breaks[0].tolist())


@pytest.mark.parametrize(
    ("saturday", "hours"),
    [(datetime(2024, 3, 9), 7), (datetime(2024, 11, 2), 9), (datetime(2024, 5, 4), 8)],
)
def test_nights_on_which_the_clocks_change(saturday, hours):
    night = shift((5,), 22, 8, meal=MealBreak(due_min=6 * 60, by_min=7 * 60, minutes=20))  # 04:00 to 05:00
    start = saturday.replace(hour=12, tzinfo=NEW_YORK)
    agenda = rows_of(plan_of(night), start, 1)
    ((begin, end),) = spells(agenda)
    assert (end - begin) / 3600 == hours
    assert begin == 10 * 3600
    (meal,) = agenda[agenda["kind"] == EventKind.BREAK_DUE]
    due = (start.astimezone(UTC) + timedelta(seconds=float(meal["time"]))).astimezone(NEW_YORK)
    assert (due.hour, due.minute) == (4, 0)


def test_shifts_that_touch_within_a_skipped_hour_still_do():
    plan = plan_of(shift((5,), 18, 8.5), shift((6,), 2.5, 0.5), shift((6,), 3, 5))  # 18:00, 02:30, 03:00
    agenda = rows_of(plan, datetime(2024, 3, 9, 12, tzinfo=NEW_YORK), 1)
    assert [(b / 3600, e / 3600) for b, e in spells(agenda)] == [(6, 14), (14, 19)]


def test_the_start_may_be_given_in_another_zone():
    plan = plan_of(shift((0,), 7, 12))
    there, here = (plan.fleet(t, DAY_S).agenda for t in (MONDAY, MONDAY.astimezone(UTC)))
    np.testing.assert_array_equal(there, here)
    with pytest.raises(InputError, match="no time zone"):
        plan.fleet(datetime(2024, 5, 6), DAY_S)


def test_without_a_roster_nobody_is_ever_off_duty():
    assert len(plan_of().fleet(MONDAY, DAY_S).agenda) == 0
    assert plan_of(units=3).duty_hours.tolist() == [168.0] * 3


def test_skipped_and_repeated_times_are_instants_in_order():
    minutes = [instant(datetime(2024, 3, 10, 1, 45) + timedelta(minutes=m), NEW_YORK) for m in range(90)]
    assert all(a.timestamp() <= b.timestamp() for a, b in pairwise(minutes))
    assert instant(datetime(2024, 3, 10, 2, 30), NEW_YORK) == datetime(2024, 3, 10, 3, tzinfo=NEW_YORK)
    assert instant(datetime(2024, 11, 3, 1, 30), NEW_YORK).utcoffset() == timedelta(hours=-4)  # the first of two


@st.composite
def rosters(draw):
    """Shifts of up to three units, none overlapping: stretches of the week between sorted minutes."""
    shifts = []
    for unit in range(draw(st.integers(1, 3))):
        marks = sorted(draw(st.lists(st.integers(0, WEEK_MIN // 15 - 1), min_size=1, max_size=12, unique=True)))
        ends = [*marks[1:], marks[0] + WEEK_MIN // 15]
        for begin, end in zip(marks, ends, strict=True):
            length = min(15 * (end - begin), draw(st.integers(1, 1440)))
            day, minute = divmod(15 * begin, 1440)
            shifts.append(Shift(unit=unit, weekdays=(day,), from_min=minute, length_min=length))
    return tuple(shifts)


starts = st.datetimes(datetime(2024, 1, 1), datetime(2025, 12, 31))


@given(shifts=rosters(), start=starts, zone=st.sampled_from(["America/New_York", "Australia/Lord_Howe", "UTC"]))
@settings(max_examples=150, deadline=None)
def test_duty_alternates_whatever_the_roster(shifts, start, zone):
    units = 1 + max(shift.unit for shift in shifts)
    plan = plan_of(*shifts, zone=ZoneInfo(zone), units=units)
    agenda = rows_of(plan, start.replace(tzinfo=UTC), 9)
    assert (agenda["time"] >= 0).all()
    for unit in range(units):
        found = spells(agenda, unit)
        assert all(end <= begin for (_, end), (begin, _) in pairwise(found))
        assert all(begin < 10 * DAY_S for begin, _ in found)


@given(shifts=rosters(), start=starts)
@settings(max_examples=100, deadline=None)
def test_a_week_holds_the_rosters_hours(shifts, start):
    units = 1 + max(shift.unit for shift in shifts)
    plan = plan_of(*shifts, zone=ZoneInfo("UTC"), units=units)
    agenda = rows_of(plan, start.replace(tzinfo=UTC), 6)
    for unit in range(units):
        worked = sum(min(end, WEEK_S) - begin for begin, end in spells(agenda, unit))
        assert worked / 3600 == pytest.approx(plan.duty_hours[unit])
    assert on_duty(shifts).sum() / 60 == pytest.approx(plan.duty_hours.sum())


@given(shifts=rosters())
@settings(max_examples=100, deadline=None)
def test_overlaps_are_seen_over_the_turn_of_the_week(shifts):
    for i, one in enumerate(shifts):
        assert all(first_overlap(one, other) is None for other in shifts[:i] if other.unit == one.unit)
        begin = one.weekdays[0] * 1440 + one.from_min + one.length_min - 1  # its last minute
        day, minute = divmod(begin % WEEK_MIN, 1440)
        late = Shift(unit=one.unit, weekdays=(day,), from_min=minute, length_min=30)
        assert first_overlap(one, late) == first_overlap(late, one) == begin % WEEK_MIN
