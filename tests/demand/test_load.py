from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ems_twin.city.sample import grid_city
from ems_twin.demand import Delay, default, load_demand, node_weights
from ems_twin.demand.volume import street_length_m
from ems_twin.demand.zoning import write_node_zone
from ems_twin.errors import CityError, InputError

DEFAULT = Path(default.__file__).parent / "default"


@pytest.fixture
def bundle(tmp_path, city):
    """A city whose west half has three quarters of the calls."""
    folder = tmp_path / "demand"
    folder.mkdir()
    toml = (DEFAULT / "demand.toml").read_text().replace("inhabitants_per_street_km = 320", "inhabitants = 365250")
    (folder / "demand.toml").write_text(toml)
    shutil.copy(DEFAULT / "hour_of_week.csv", folder)
    (folder / "zones.csv").write_text("zone,weight\nwest,30\neast,10\n")
    write_node_zone(folder / "node_zone.npz", city.roads, ("west", "east"), np.arange(36) % 6 >= 3)
    return replace(city, directory=tmp_path)


def edit(bundle, name: str, old: str, new: str) -> None:
    path = bundle.directory / "demand" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_bundle_is_read(bundle):
    demand = load_demand(bundle)
    assert demand.calls_per_day == pytest.approx(365_250 * 56 / 1000 / 365.25)
    assert demand.zone_share.tolist() == [0.75, 0.25]
    weights = node_weights(demand).reshape(6, 6)
    np.testing.assert_allclose(weights[:, :3], 0.75 / 18)
    np.testing.assert_allclose(weights[:, 3:], 0.25 / 18)


def test_without_volume_the_table_is_taken_as_it_stands(bundle):
    path = bundle.directory / "demand" / "demand.toml"
    lines = path.read_text().splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("[volume]"))
    path.write_text("\n".join(lines[:first] + lines[first + 3 :]))
    assert load_demand(bundle).calls_per_day == pytest.approx(1072.7, abs=0.1)


def test_zones_may_stand_in_another_order(bundle):
    before = node_weights(load_demand(bundle))
    (bundle.directory / "demand" / "zones.csv").write_text("zone,weight\neast,10\nwest,30\n")
    np.testing.assert_array_equal(before, node_weights(load_demand(bundle)))


def test_a_city_without_demand_gets_the_default(city):
    assert load_demand(city).zone_names == ("all",)


def test_speeds_may_change_but_nodes_may_not(bundle):
    faster = replace(bundle, roads=replace(bundle.roads, speed_mps=bundle.roads.speed_mps * 2), content_hash="other")
    assert load_demand(faster).zone_share.tolist() == [0.75, 0.25]
    moved = replace(bundle, roads=replace(bundle.roads, lon=bundle.roads.lon + 1e-6))
    with pytest.raises(CityError, match=r"node_zone.npz: was made for other roads .* Make it again for these roads"):
        load_demand(moved)


@pytest.mark.parametrize("name", ["demand.toml", "hour_of_week.csv", "zones.csv", "node_zone.npz"])
def test_a_missing_or_garbled_file(bundle, name):
    path = bundle.directory / "demand" / name
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CityError, match=name):
        load_demand(bundle)
    path.unlink()
    with pytest.raises(CityError, match=name):
        load_demand(bundle)


def test_demand_that_is_a_file(city, tmp_path):
    (tmp_path / "demand").write_text("")
    with pytest.raises(CityError, match="is not a folder"):
        load_demand(replace(city, directory=tmp_path))


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("demand.toml", 'title = "', "title = ", "is not valid TOML"),
        ("demand.toml", "title", "titel", "field 'titel': is not a known entry"),
        ("demand.toml", "share = 0.3377", "share = 0.5", r"field 'share': shares of the priorities sum to 1\.16"),
        ("demand.toml", "share = 0.3377", "share = -1", r"field 'priority\[1\].share': -1 is not a number"),
        ("demand.toml", "share = 0.3377", 'share = "many"', r"field 'priority\[1\].share': 'many' is not a number"),
        ("demand.toml", "share = 0.3377", "part = 0.3377", r"field 'priority\[1\].part': is not a known entry"),
        ("demand.toml", "transport_share = 0.872", "transport_share = 1.2", "at most 1"),
        ("demand.toml", "turnout = {", "turnout = 5 #", r"field 'priority\[1\].turnout': is not a table"),
        ("demand.toml", "sigma = ", "sigma = nan #", "is not a number|is not valid TOML"),
        ("demand.toml", "[[priority]] # 3", "[other]\nx = 1 #", "is not a known entry"),
        ("demand.toml", "calls_per_1000_inhabitants_year", "calls", "field 'volume.calls': is not a known entry"),
        ("demand.toml", "calls_per_1000_inhabitants_year = 56", "", "gives inhabitants without their calls"),
        ("demand.toml", "inhabitants = 365250", "", "gives calls without inhabitants"),
        ("hour_of_week.csv", "Mon,0,", "Moon,0,", "row 1, field 'day': 'Moon' is no day"),
        ("hour_of_week.csv", "Mon,0,", "Mon,24,", "row 1, field 'hour': '24' is no hour"),
        ("hour_of_week.csv", "Mon,1,", "Mon,0,", "row 2: Mon 0:00 comes twice"),
        ("hour_of_week.csv", "Mon,0,", "Mon,0,-", "row 1, field 'calls_per_hour': '-"),
        ("hour_of_week.csv", "calls_per_hour", "calls", "column 'calls_per_hour' is missing"),
        ("zones.csv", "east,10", "east,x", "row 2, field 'weight': 'x' is not a number"),
        ("zones.csv", "east,10", "west,10", "row 2: zone 'west' comes twice"),
        ("zones.csv", "east,10", ",10", "row 2, field 'zone': the zone has no name"),
        ("zones.csv", "east,10", "east", "row 2: has 1 cells, the header has 2"),
        ("zones.csv", "east,10", "north,10", "zone 'east' is not in zones.csv"),
        ("zones.csv", "east,10", "east,10\nnorth,5", "row 3, field 'zone': zone 'north' has a weight but no road node"),
        ("zones.csv", "west,30\neast,10", "west,0\neast,0", "no zone has a weight"),
    ],
)
def test_bad_entries(bundle, name, old, new, message):
    edit(bundle, name, old, new)
    with pytest.raises(CityError, match=message) as caught:
        load_demand(bundle)
    assert name in str(caught.value) or "zones.csv" in str(caught.value)


def test_a_missing_hour(bundle):
    path = bundle.directory / "demand" / "hour_of_week.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-2]) + "\n")
    with pytest.raises(CityError, match="2 of the 168 hours of the week are missing, the first is Sun 22:00"):
        load_demand(bundle)


def test_an_unknown_time_zone(demand):
    from datetime import UTC, datetime

    from ems_twin.demand import generate_calls

    nowhere = replace(grid_city(6, 6), timezone="America/Atlantis")
    with pytest.raises(CityError, match="'America/Atlantis' is not a known time zone"):
        generate_calls(demand, nowhere, start=datetime(2026, 1, 1, tzinfo=UTC), duration_s=60.0, seed=1)


@pytest.mark.parametrize(
    "change",
    [
        {"hour_of_week": np.ones(24)},
        {"priority_share": np.array([0.5, 0.4, 0.0])},
        {"transport_share": np.array([0.5, 0.4, 1.1])},
        {"node_zone": np.ones(36, dtype=np.int32)},
        {"node_weight": np.zeros(36)},
        {"zone_share": np.array([np.nan])},
    ],
)
def test_a_demand_that_contradicts_itself(demand, change):
    with pytest.raises(InputError):
        replace(demand, **change)


def test_delay_mean_is_that_of_its_quantiles():
    delay = Delay(median_s=850, sigma=1.3, longest_s=5300)
    u = (np.arange(400_000) + 0.5) / 400_000
    assert delay.mean_s == pytest.approx(delay.quantile_s(u).mean(), rel=1e-4)
    assert Delay(median_s=7, sigma=0, longest_s=7).mean_s == 7
    assert Delay(median_s=0, sigma=1, longest_s=0).mean_s == 0
    assert delay.quantile_s([0.5, 0.999999]).tolist() == pytest.approx([850, 5300])


@pytest.mark.parametrize("numbers", [(-1, 0, 1), (1, -1, 2), (2, 0.5, 1), (float("nan"), 0, 1), (1, 0.1, float("inf"))])
def test_impossible_delays(numbers):
    with pytest.raises(InputError):
        Delay(median_s=numbers[0], sigma=numbers[1], longest_s=numbers[2])


def test_a_two_way_street_counts_once(city):
    assert street_length_m(city.roads).sum() == pytest.approx(2 * 6 * 5 * 200, rel=1e-6)
