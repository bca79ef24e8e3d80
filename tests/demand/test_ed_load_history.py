from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from ed_rooms import START, ZONE, made_up

from ems_twin.demand.ed_load import EDHistory
from ems_twin.demand.ed_load.labels import filled
from ems_twin.demand.ed_load.rolling import civil_of, known_row, rolling_of
from ems_twin.errors import InputError


def read(stamps, values, **options):
    table = np.array(values, dtype=float).reshape(len(stamps), 1)
    rooms = [f"r{i}" for i in range(table.shape[1])]
    return EDHistory.from_stamps(
        stamps, zone=ZONE, rooms=rooms, occupancy=table, present=table, waiting=table, **options
    )


def at(day, hour, minute):
    return datetime(2024, 3, day, hour, minute)


def test_rows_count_for_the_hour_after_their_stamp_and_gaps_stay_open():
    history = read([at(1, 9, 45), at(1, 10, 46), at(1, 13, 0), at(1, 13, 45)], [1, 2, 3, 4])
    assert history.start == datetime(2024, 3, 1, 10, tzinfo=ZONE)
    np.testing.assert_array_equal(history.occupancy[:, 0], [1, 2, np.nan, 3, 4])
    assert history.row(datetime(2024, 3, 1, 10, 59, tzinfo=ZONE)) == 0


def test_of_two_rows_in_one_hour_the_later_counts():
    assert read([at(1, 9, 5), at(1, 9, 45)], [1, 2]).occupancy.tolist() == [[2]]


def test_unsorted_stamps_are_refused_unless_allowed():
    stamps, values = [at(1, 11, 45), at(1, 9, 45), at(1, 10, 45)], [3, 1, 2]
    with pytest.raises(InputError, match="comes after"):
        read(stamps, values)
    assert read(stamps, values, sort=True).occupancy[:, 0].tolist() == [1, 2, 3]


def test_exact_repeats_are_dropped_and_contradictions_refused():
    stamps = [at(1, 9, 45), at(1, 9, 45), at(1, 10, 45)]
    assert read(stamps, [1, 1, 2]).occupancy[:, 0].tolist() == [1, 2]
    with pytest.raises(InputError, match="twice with different figures"):
        read(stamps, [1, 5, 2])


def test_the_clocks_go_forward_and_back():
    spring = read([datetime(2024, 3, 10, 1, 45), datetime(2024, 3, 10, 3, 45)], [1, 2])
    assert spring.occupancy[:, 0].tolist() == [1, 2]  # no hour is missing
    autumn = [datetime(2024, 11, 3, 0, 45), datetime(2024, 11, 3, 1, 45), datetime(2024, 11, 3, 2, 45)]
    np.testing.assert_array_equal(read(autumn, [1, 2, 3]).occupancy[:, 0], [1, 2, np.nan, 3])
    twice = [autumn[0], autumn[1], autumn[1], autumn[2]]
    assert read(twice, [1, 2, 7, 3]).occupancy[:, 0].tolist() == [1, 2, 7, 3]


def test_slots_of_the_week_follow_civil_time_across_the_clocks():
    civil = civil_of(made_up(14, start=datetime(2024, 3, 4, 5, tzinfo=UTC)))  # forward on 10 March
    row = 7 * 24 + 11  # Monday 11 March, 12:00
    assert (civil.weekday[row], civil.hour[row]) == (0, 12)
    assert civil.week_before[row] == row - 167
    assert civil.day_before[row] == row - 24
    assert civil.day_before[row - 24] == row - 24 - 23
    back = civil_of(made_up(7, start=datetime(2024, 11, 1, 4, tzinfo=UTC)))  # back on 3 November
    first, second = np.flatnonzero((back.hour == 1) & (back.weekday == 6))[:2]
    assert second == first + 1
    assert back.day_before[first] == back.day_before[second] == first - 24


def test_no_slot_is_read_before_it_is_known():
    civil = civil_of(made_up(20))
    origin = np.arange(0, 400, 7)
    for ahead in (1, 24, 25, 72):
        row = known_row(civil.day_before, origin + ahead, origin)
        assert (row <= origin).all()
        some = row >= 0
        assert (civil.hour[row[some]] == civil.hour[origin[some] + ahead]).all()


def test_nothing_rolling_reads_what_comes_later():
    history = made_up(40)
    whole, part = rolling_of(history), rolling_of(history.until(700))
    for name in ("last", "week", "day", "spread"):
        np.testing.assert_allclose(getattr(whole, name)[:, :700], getattr(part, name)[:, :700], atol=1e-9)
    for name in ("age_h", "unchanged_h", "low", "high"):
        np.testing.assert_array_equal(getattr(whole, name)[:700], getattr(part, name)[:700])


def test_rolling_figures_are_what_they_say():
    history = made_up(10)
    rolling, last = rolling_of(history), filled(history.occupancy)
    np.testing.assert_allclose(rolling.mean[24][0, 100], last[77:101].mean(axis=0))
    np.testing.assert_array_equal(rolling.high[100], last[77:101].max(axis=0))
    np.testing.assert_array_equal(rolling.low[100], last[77:101].min(axis=0))
    np.testing.assert_allclose(rolling.spread[0, 200], last[:201].std(axis=0), rtol=1e-6)


def test_climatology_is_an_exponential_mean_over_weeks():
    history = made_up(21, gaps=0)
    y, week = history.occupancy, rolling_of(history).week[0]
    expected = y[5] + 0.15 * (y[173] - y[5])
    np.testing.assert_allclose(week[341], expected + 0.15 * (y[341] - expected))


def test_later_rows_are_joined_with_the_gap_left_open():
    history = made_up(3)
    later = replace(history.until(2), start=history.time(75))
    joined = history.extended(later)
    assert joined.hours == 77
    assert np.isnan(joined.occupancy[72:75]).all()
    np.testing.assert_array_equal(joined.occupancy[75:], history.occupancy[:2])
    with pytest.raises(InputError, match="do not follow"):
        joined.extended(later)
    with pytest.raises(InputError, match="no room 'elsewhere'"):
        history.extended(replace(later, rooms=("elsewhere", *later.rooms[1:])))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": START + timedelta(minutes=5)}, "full hour"),
        ({"start": START.replace(tzinfo=None)}, "time zone"),
        ({"rooms": ("a", "a", "b", "c")}, "repeat"),
        ({"waiting": np.zeros((3, 4))}, "shape"),
        ({"occupancy": np.full((72, 4), -1.0)}, "negative"),
        ({"present": np.full((72, 4), np.inf)}, "infinite"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        replace(made_up(3), **change)


def test_rows_and_rooms_are_found_or_refused():
    history = made_up(3)
    assert history.row(history.end) == 71
    assert history.column("room_2") == 2
    with pytest.raises(InputError, match="no room 'room_9'"):
        history.column("room_9")
    with pytest.raises(InputError, match="not within"):
        history.row(history.end + timedelta(hours=1))
    with pytest.raises(InputError, match="no time zone"):
        history.row(datetime(2024, 1, 2))
    with pytest.raises(InputError, match="at least one row"):
        read([], [])
    with pytest.raises(InputError, match="no hours"):
        history.until(0)
