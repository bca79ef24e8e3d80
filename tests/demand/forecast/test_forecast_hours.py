from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ems_twin.demand.forecast.cells import h3_cells, square_cells, zone_cells
from ems_twin.demand.forecast.hours import CivilHours
from ems_twin.demand.forecast.past import past_calls
from ems_twin.errors import InputError


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Adelaide", "UTC"])
def test_hours_show_what_the_clocks_show(zone):
    clock = CivilHours(zone)
    rng = np.random.default_rng(1)
    times = rng.uniform(1.3e9, 1.8e9, 300)
    hours = clock.hour(times)
    for time_s, how, day in zip(times, clock.hour_of_week(hours), clock.day(hours), strict=True):
        local = datetime.fromtimestamp(time_s, ZoneInfo(zone))
        assert how == local.weekday() * 24 + local.hour
        assert day == local.date().toordinal() - date(1970, 1, 1).toordinal()
    assert np.all(clock.start_s(hours) <= times)
    assert np.all(times < clock.start_s(hours + 1))


def test_a_repeated_hour_comes_twice_and_a_skipped_one_never():
    clock = CivilHours("America/New_York")
    back = clock.first_hour(date(2024, 11, 3)) + np.arange(25)
    assert np.bincount(clock.civil(back) % 24, minlength=24).tolist() == [1, 2] + [1] * 22
    forward = clock.first_hour(date(2024, 3, 10)) + np.arange(23)
    assert 2 not in (clock.civil(forward) % 24).tolist()
    assert clock.first_hour(date(2024, 3, 11)) == forward[-1] + 1


def test_periods_begin_at_civil_hours_also_when_the_clocks_change():
    clock = CivilHours("America/New_York")
    hours = clock.first_hour(date(2024, 11, 3)) + np.arange(25)
    _, length = np.unique(clock.block(hours, 8), return_counts=True)
    assert length.tolist() == [9, 8, 8]
    week = clock.first_hour(date(2024, 10, 28)) + np.arange(169)
    assert len(set(clock.block(week, 168).tolist())) == 1
    assert clock.block(week[-1:] + 1, 168) != clock.block(week[-1:], 168)


def test_points_fall_into_squares_of_the_size_asked_for():
    rng = np.random.default_rng(2)
    lon, lat = rng.uniform(-74.01, -73.97, 200), rng.uniform(40.7, 40.74, 200)
    cells = square_cells(lon, lat, 500.0)
    row = cells.locate(lon, lat)
    assert row.min() >= 0
    assert np.all(cells.area_km2 == 0.25)
    x, y = cells.metres()
    middle = cells.locate(cells.lon, cells.lat)
    assert middle.tolist() == list(range(len(cells)))
    assert cells.locate(-60.0, 40.7).tolist() == [-1]
    assert np.all(np.abs((x / 500) % 1 - 0.5) < 1e-3)
    assert np.all(np.abs((y / 500) % 1 - 0.5) < 1e-3)


def test_hexagons_and_zones_say_where_points_lie():
    from shapely import box

    hexagons = h3_cells([-74.0], [40.7], 8, ring=1)
    assert len(hexagons) == 7
    assert hexagons.locate(hexagons.lon, hexagons.lat).tolist() == list(range(7))
    assert 0.4 < hexagons.area_km2[0] < 1.2
    zones = zone_cells(("west", "east"), polygons=(box(-74.1, 40.7, -74.0, 40.8), box(-74.0, 40.7, -73.9, 40.8)))
    assert zones.locate([-74.05, -73.95, -73.5], [40.75, 40.75, 40.75]).tolist() == [0, 1, -1]
    assert zones.area_km2[0] == pytest.approx(8.43 * 11.12, rel=0.01)
    with pytest.raises(InputError, match="where a point lies"):
        zone_cells(("a",)).locate(0.0, 0.0)


def test_a_record_counts_what_it_was_given():
    cells = zone_cells(("a", "b"))
    clock = CivilHours("America/New_York")
    begin = float(clock.start_s(clock.first_hour(date(2024, 1, 1))))
    times = begin + np.array([7300.0, 10.0, 20.0, 3700.0, 5.0])
    calls = past_calls(times, cells, "America/New_York", cell=[1, 0, 1, 0, -1], since_s=begin, until_s=begin + 10800)
    assert len(calls) == 4
    assert calls.outside == 1
    assert calls.counts().toarray().tolist() == [[1, 1, 0], [1, 0, 1]]
    assert calls.totals().tolist() == [2, 1, 1]
    assert calls.by_hour_of_week()[:, :3].tolist() == [[1, 1, 0], [1, 0, 1]]
    early, late = calls.between(begin, begin + 3600), calls.between(begin + 3600, begin + 10800)
    assert (len(early), len(late)) == (2, 2)
    assert early.followed_by(late).totals().tolist() == [2, 1, 1]


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"cell": [0]}, "shape"),
        ({}, "neither"),
        ({"lon": [1.0]}, "neither"),
    ],
)
def test_a_record_says_what_is_wrong(given, match):
    with pytest.raises(InputError, match=match):
        past_calls([0.0, 1.0], zone_cells(("a",)), "UTC", **given)
