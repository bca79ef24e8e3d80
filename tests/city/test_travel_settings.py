"""travel.toml: written, read back, put on a city's roads, and refused where it makes no sense."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from ems_twin.city import load_city, save_city
from ems_twin.city.sample import grid_city
from ems_twin.city.travel import (
    BUDGE,
    Travel,
    TravelError,
    eta_interval_s,
    read_travel,
    t4_quantile,
    write_hours,
    write_travel,
)

HOURS = tuple((1 + 0.1 * np.sin(np.arange(168))).round(3).tolist())
LEARNT = Travel(
    start_up_s=40.0, speed_by_class={"residential": 0.75}, speed_by_hour=HOURS, sirens_factor=1.5, spread=(0.2, 0.0, 0.05),
    interval_90={"start_up_s": (38.0, 42.0)}, source='a "file"', period="2018-01-01 to 2018-09-02", n_trips=900,
)  # fmt: skip


def test_what_is_written_is_read_back(tmp_path):
    assert read_travel(write_travel(LEARNT, tmp_path / "travel.toml")) == LEARNT
    assert read_travel(write_travel(Travel(), tmp_path / "travel.toml")) == Travel()


def test_hours_are_written_as_few_sets_of_speeds(tmp_path):
    import tomllib

    content = tomllib.loads(write_hours(LEARNT, tmp_path / "hours.toml").read_text())
    speed = {one["name"]: one["speed"]["other"] for one in content["sets"]}
    assert len(speed) <= 5
    week = [speed[name] for day in content["week"].values() for name in day.split()]
    np.testing.assert_allclose(week, HOURS, atol=0.0251)


def test_a_bundle_with_it_is_driven_at_those_speeds(tmp_path):
    own = grid_city()
    folder = save_city(own, tmp_path / "grid")
    write_travel(LEARNT, folder / "travel.toml")
    city = load_city(folder)
    is_residential = own.roads.road_class == 11
    np.testing.assert_allclose(city.roads.speed_mps, own.roads.speed_mps * np.where(is_residential, 0.75, 1.0))
    assert (city.sirens_factor, city.travel) == (1.5, LEARNT)
    assert city.content_hash != own.content_hash
    plain = load_city(folder, calibrated=False)
    assert (plain.content_hash, plain.travel, plain.start_up_s) == (own.content_hash, None, 0.0)
    assert city.start_up_s == LEARNT.start_up_s


def test_a_saved_copy_is_not_slowed_down_twice(tmp_path):
    write_travel(LEARNT, save_city(grid_city(), tmp_path / "grid") / "travel.toml")
    city = load_city(tmp_path / "grid")
    again = load_city(save_city(city, tmp_path / "copy"))
    np.testing.assert_array_equal(again.roads.speed_mps, city.roads.speed_mps)
    assert again.sirens_factor == city.sirens_factor
    assert again.travel == replace(LEARNT, speed_by_class={}, sirens_factor=None)


def test_all_that_makes_no_sense_is_said_at_once(tmp_path):
    file = tmp_path / "travel.toml"
    file.write_text(
        'format = 1\nstart_up_s = -3\ncolour = "red"\n[speed_by_class]\nfootway = 1.0\nprimary = "fast"\n'
        "[speed_by_hour]\nmonday = [1.0]\n"
    )
    with pytest.raises(TravelError) as caught:
        read_travel(file)
    assert [fault.field for fault in caught.value.faults] == [
        "start_up_s", "speed_by_class.footway", "speed_by_class.primary", "speed_by_hour.monday", "colour",
    ]  # fmt: skip


def test_calgarys_spread_is_the_published_one():
    """c(m) falls from 0.68 at a minute to 0.23 at ten: Budge, Ingolfsson and Zerom 2010, by their formula."""
    c = Travel().spread_of([60.0, 600.0])
    b0, b1, b2 = BUDGE
    for found, m in zip(c, (1.0, 10.0), strict=True):
        assert found == pytest.approx(np.sqrt(b0 * (b2 + 1) + b1 * (b2 + 1) * m + b2 * m * m) / m)
    np.testing.assert_allclose(t4_quantile([0.05, 0.3, 0.5, 0.9]), stats.t(4).ppf([0.05, 0.3, 0.5, 0.9]), atol=1e-9)


def test_an_interval_holds_its_median_and_widens_with_its_level():
    low, high = eta_interval_s(300.0, Travel(), 0.9)
    inner_low, inner_high = eta_interval_s(300.0, Travel(), 0.5)
    assert low < inner_low < 300 < inner_high < high
    assert eta_interval_s(0.0, Travel()) == (0.0, 0.0)
    assert 300 < Travel().mean_s(300.0) < 330
