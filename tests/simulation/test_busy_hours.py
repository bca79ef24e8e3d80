"""How busy units are by hour of the week, against a walk through the trace minute by minute."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ems_twin.city.sample import grid_city
from ems_twin.demand import defaults_for, generate_calls
from ems_twin.errors import InputError
from ems_twin.simulation import simulate
from ems_twin.simulation.busy import HOUR_BLOCKS, busy_seconds_by_hour, busy_share
from ems_twin.simulation.outcomes import status_spells, utilisation
from ems_twin.world.schema import AVAILABLE


@pytest.fixture(scope="module")
def run():
    city = grid_city(12, 12, stations=((1, 1), (9, 9)), units_per_station=2)
    start = datetime(2024, 3, 30, 20, tzinfo=ZoneInfo("Europe/Rome"))  # the clocks go forward that night
    city = type(city)(**{**vars(city), "timezone": "Europe/Rome"})
    calls = generate_calls(defaults_for(city), city, start=start, duration_s=36_000.0, seed=4, volume_factor=30.0)
    assert len(calls) > 5
    return simulate(city, calls, start=start, duration_s=36_000.0)


def test_hours_add_up_to_the_use_of_the_fleet(run):
    busy_s, on_duty_s = busy_seconds_by_hour(run)
    assert on_duty_s.sum() == pytest.approx(4 * 36_000.0)
    assert busy_s.sum() / on_duty_s.sum() == pytest.approx(utilisation(run)["busy_share"])
    assert busy_share(run) == pytest.approx(utilisation(run)["busy_share"])
    assert (busy_s <= on_duty_s + 1e-6).all()


def test_each_hour_is_that_of_the_clocks(run):
    busy_s, on_duty_s = busy_seconds_by_hour(run)
    sunday = 6 * 24
    assert np.flatnonzero(on_duty_s).tolist() == [*range(140, 146), *range(sunday + 3, sunday + 7)]  # 02:00 is missing
    unit, status, from_s, to_s = status_spells(run, run.duration_s)
    seconds = np.arange(0.5, run.duration_s, 1.0)
    busy = np.zeros(len(seconds))
    for state, a, b in zip(status, from_s, to_s, strict=True):
        if state not in AVAILABLE:
            busy += (seconds >= a) & (seconds < b)
    hour = np.array([run.at(t).weekday() * 24 + run.at(t).hour for t in seconds])
    np.testing.assert_allclose(np.bincount(hour, busy, 168), busy_s, atol=2.0 * len(unit))


def test_spells_leave_no_hole(run):
    unit, _, from_s, to_s = status_spells(run, run.duration_s)
    assert (to_s >= from_s).all()
    same = unit[1:] == unit[:-1]
    assert (from_s[1:][same] == to_s[:-1][same]).all()
    assert np.bincount(unit, to_s - from_s) == pytest.approx(run.duration_s)


def test_weights_choose_hours(run):
    busy_s, on_duty_s = busy_seconds_by_hour(run)
    night = HOUR_BLOCKS["night"]
    assert busy_share(run, night) == pytest.approx(busy_s[night].sum() / on_duty_s[night].sum())
    assert (HOUR_BLOCKS["day"] ^ night).all()
    with pytest.raises(InputError, match="nobody is on duty in these hours"):
        busy_share(run, np.arange(168) == 50)
