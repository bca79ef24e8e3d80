"""Patients who walk into emergency rooms, and how full they make the bays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy.special import ndtr

from ems_twin.city import load_city
from ems_twin.demand import (
    CALL_DRAW,
    WALK_IN_DRAW,
    CaseMix,
    Delay,
    Demand,
    EmergencyRooms,
    ambulance_load,
    draw_stays,
    generate_calls,
    generate_walk_ins,
    load_demand,
    walk_in_rate,
    walk_in_rates,
)
from ems_twin.demand.bay_load import hospital_share
from ems_twin.demand.room_settings import DEFAULT_FILE, read_emergency_rooms
from ems_twin.errors import CityError, InputError

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 1, 5, tzinfo=NEW_YORK)
DAY_S = 86_400.0
STAY = Delay(median_s=7200, sigma=0.6, longest_s=80_000)
FLAT = EmergencyRooms(ambulance_stay=(STAY,) * 3, walk_in_stay=STAY, hour_of_week=np.ones(168))


def with_rooms(demand: Demand, rooms: EmergencyRooms) -> Demand:
    return replace(demand, emergency_rooms=rooms)


@pytest.fixture(scope="module")
def flat(demand):
    return with_rooms(demand, FLAT)


@pytest.fixture(scope="module")
def quiet(flat):
    """Almost no calls, so that nobody is there by ambulance."""
    return replace(flat, transport_share=np.zeros(3))


def draw(demand, city, rates, **options):
    arguments = {"start": MONDAY, "duration_s": 28 * DAY_S, "seed": 1, "rates": np.asarray(rates, float)} | options
    return generate_walk_ins(demand, city, **arguments)


def test_walk_ins_come_by_hospital_then_time_at_their_rates(quiet, city):
    n = len(city.hospitals)
    rates = np.arange(1, n + 1, dtype=float) * 5
    rows = draw(quiet, city, rates, already_there=False)
    assert rows.dtype == WALK_IN_DRAW
    assert np.all(np.diff(rows["hospital"]) >= 0)
    for h in range(n):
        mine = rows[rows["hospital"] == h]
        expected = rates[h] * 28 * 24
        assert abs(len(mine) - expected) < 5 * np.sqrt(expected)
        assert np.all(np.diff(mine["t_arrival"]) >= 0)
        assert 0 < mine["t_arrival"][0] < mine["t_arrival"][-1] < 28 * DAY_S
        for q in (0.25, 0.5, 0.9):
            below = (mine["stay_s"] <= STAY.quantile_s(q)).mean()
            assert abs(below - q) < 5 * np.sqrt(q * (1 - q) / len(mine))


def test_every_hour_of_the_week_has_its_intensity(quiet, city):
    shape = 1 + np.arange(168) % 24 / 6.0
    demand = with_rooms(quiet, replace(FLAT, hour_of_week=shape))
    rates = np.zeros(len(city.hospitals))
    rates[0] = 200
    rows = draw(demand, city, rates, duration_s=56 * DAY_S, already_there=False)
    slot = (rows["t_arrival"] // 3600).astype(int) % 168
    expected = 8 * 200 * shape / shape.mean()
    z = (np.bincount(slot, minlength=168) - expected) / np.sqrt(expected)
    assert abs(z).max() < 5
    assert abs(np.mean(z**2) - 1) < 5 * np.sqrt(2 / 168)


def test_hours_are_civil_time_on_the_day_the_clocks_go_forward(quiet, city):
    two = np.zeros(168)
    two[6 * 24 + 2] = 1.0  # Sunday, the hour that is skipped
    demand = with_rooms(quiet, replace(FLAT, hour_of_week=two))
    sunday = datetime(2026, 3, 8, tzinfo=NEW_YORK)
    rates = np.full(len(city.hospitals), 50.0)
    assert len(draw(demand, city, rates, start=sunday, duration_s=23 * 3600.0, already_there=False)) == 0
    week_before = draw(demand, city, rates, start=datetime(2026, 3, 1, tzinfo=NEW_YORK), duration_s=DAY_S)
    assert np.all((week_before["t_arrival"] >= 7200) & (week_before["t_arrival"] < 10_800))


def residual_cdf(x: np.ndarray) -> np.ndarray:
    """Equilibrium law of STAY without its cap: the integral of P(S > t) from 0 to x over E[S] (closed form)."""
    mean = STAY.median_s * np.exp(STAY.sigma**2 / 2)
    z = np.log(x / STAY.median_s) / STAY.sigma
    return (x * (1 - ndtr(z)) + mean * ndtr(z - STAY.sigma)) / mean


def test_who_is_there_at_the_start_is_the_infinite_server_queue_in_equilibrium(quiet, city):
    rates = np.full(len(city.hospitals), 400.0)
    there = np.concatenate([draw(quiet, city, rates, duration_s=60.0, seed=s) for s in range(12)])
    there = there[there["t_arrival"] == 0]
    expected = rates.sum() * STAY.mean_s / 3600 * 12
    assert abs(len(there) - expected) < 5 * np.sqrt(expected)
    assert there["stay_s"].min() > 0
    x = np.sort(there["stay_s"])
    distance = np.abs(residual_cdf(x) - (np.arange(len(x)) + 0.5) / len(x)).max()
    assert distance < 1.63 / np.sqrt(len(x))  # Kolmogorov-Smirnov at 1 %


def test_the_number_in_bays_keeps_its_mean_from_the_first_second(quiet, city):
    n = len(city.hospitals)
    rates = np.full(n, 60.0)
    times = np.array([0.0, 600.0, 3600.0, 6 * 3600.0, DAY_S])
    present = np.zeros((40, len(times)))
    for seed in range(40):
        rows = draw(quiet, city, rates, duration_s=1.5 * DAY_S, seed=seed)
        begin, end = rows["t_arrival"], rows["t_arrival"] + rows["stay_s"]
        present[seed] = [np.sum((begin <= t) & (end > t)) for t in times]
    mean = rates.sum() * STAY.mean_s / 3600
    assert np.all(np.abs(present.mean(axis=0) - mean) < 5 * np.sqrt(mean / 40))


def test_patients_by_ambulance_are_there_as_well(demand, city):
    rooms = replace(FLAT, occupancy=0.9)
    hospitals = tuple(replace(h, bays=2000) for h in city.hospitals)
    roomy = replace(city, hospitals=hospitals)
    even = replace(with_rooms(demand, rooms), hour_of_week=np.full(168, 40.0))
    none = np.zeros(len(city.hospitals))
    there = [draw(even, roomy, none, duration_s=60.0, seed=s) for s in range(60)]
    expected = ambulance_load(even, roomy).sum()
    seen = np.mean([len(rows) for rows in there])
    assert abs(seen - expected) < 5 * np.sqrt(expected / 60)
    assert all(np.all(rows["t_arrival"] == 0) for rows in there)
    small = replace(city, hospitals=tuple(replace(h, bays=3) for h in city.hospitals))
    capped = np.mean([len(draw(even, small, none, duration_s=60.0, seed=s)) for s in range(60)])
    most = 0.9 * 3 * len(city.hospitals)
    assert capped < most + 5 * np.sqrt(most / 60)
    assert len(draw(even, roomy, none, already_there=False)) == 0


def test_hospitals_have_their_own_luck(quiet, city):
    n = len(city.hospitals)
    before = draw(quiet, city, np.full(n, 10.0))
    rates = np.full(n, 10.0)
    rates[0] = 30.0
    after = draw(quiet, city, rates)
    np.testing.assert_array_equal(before[before["hospital"] > 0], after[after["hospital"] > 0])
    assert (after["hospital"] == 0).sum() > 2 * (before["hospital"] == 0).sum()


def test_a_longer_run_only_appends_and_seeds_differ(quiet, city):
    rates = np.zeros(len(city.hospitals))
    rates[0] = 10.0
    short, long = draw(quiet, city, rates, duration_s=DAY_S), draw(quiet, city, rates)
    np.testing.assert_allclose(short["t_arrival"], long["t_arrival"][: len(short)], rtol=0, atol=1e-6)
    np.testing.assert_array_equal(short["stay_s"][-5:], long["stay_s"][: len(short)][-5:])
    again = draw(quiet, city, rates, start=MONDAY.astimezone(UTC))
    np.testing.assert_array_equal(long, again)
    others = [draw(quiet, city, rates, seed=2), draw(quiet, city, rates, replication=1)]
    assert len({rows["stay_s"][0] for rows in (long, *others)}) == 3


def test_the_rate_fills_the_bays_to_the_target():
    rate = walk_in_rate([20, 40, 10], occupancy=0.85, mean_stay_s=10_800, ambulance_load=[5, 10, 12])
    np.testing.assert_allclose(rate, [12 / 3, 24 / 3, 0])
    np.testing.assert_allclose(rate[:2] * 3 + [5, 10], [0.85 * 20, 0.85 * 40])


def test_calls_and_walk_ins_offer_the_target_together(demand, city):
    hospitals = tuple(replace(h, bays=300) for h in city.hospitals)
    roomy = replace(city, hospitals=hospitals)
    mix = (CaseMix(refused=0.2), CaseMix(), CaseMix())
    demand = replace(with_rooms(demand, FLAT), case_mix=mix)
    calls = generate_calls(demand, roomy, start=MONDAY, duration_s=28 * DAY_S, seed=1)
    calls = draw_stays(demand, calls, seed=1)
    carried = calls[calls["transport"] == 1]
    walk_ins = generate_walk_ins(demand, roomy, start=MONDAY, duration_s=28 * DAY_S, seed=1, already_there=False)
    load = ((carried["offload_s"] + carried["stay_s"]).sum() + walk_ins["stay_s"].sum()) / (28 * DAY_S)
    assert load / (300 * len(hospitals)) == pytest.approx(0.85, rel=0.01)


def test_shares_of_hospitals_add_up(demand, city):
    share = hospital_share(demand, city)
    assert share.sum() == pytest.approx(1)
    assert np.all(share > 0)


def test_rates_may_be_given(flat, city):
    first = city.hospitals[0]
    rooms = replace(FLAT, walk_ins_per_bay_day=4.0, walk_ins_per_day={first.id: 240.0})
    rates = walk_in_rates(with_rooms(flat, rooms), city)
    assert rates[0] == 10.0
    np.testing.assert_allclose(rates[1:], [h.bays * 4 / 24 for h in city.hospitals[1:]])


def test_stays_are_drawn_with_the_luck_of_the_call(flat, city):
    calls = generate_calls(flat, city, start=MONDAY, duration_s=10 * DAY_S, seed=1)
    stays = draw_stays(flat, calls, seed=1)
    assert not calls["stay_s"].any()
    for q in (0.25, 0.5, 0.9):
        below = (stays["stay_s"] <= STAY.quantile_s(q)).mean()
        assert abs(below - q) < 5 * np.sqrt(q * (1 - q) / len(stays))
    for name in calls.dtype.names:
        if name != "stay_s":
            np.testing.assert_array_equal(calls[name], stays[name])
    stays["stay_s"][::2] = 60
    stays["stay_s"][1::2] = 0
    mended = draw_stays(flat, stays, seed=1)
    assert np.all(mended["stay_s"][::2] == 60)
    np.testing.assert_array_equal(mended["stay_s"][1::2], draw_stays(flat, calls, seed=1)["stay_s"][1::2])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": datetime(2026, 1, 5)}, "has no time zone"),
        ({"duration_s": -1.0}, "not a length of time"),
        ({"seed": -1}, "field 'seed': -1 is negative"),
        ({"rates": np.ones(99)}, "field 'rates': are not one rate for each hospital"),
        ({"rates": np.array([-1.0, 0, 0])}, "field 'rates'"),
    ],
)
def test_bad_arguments(flat, city, change, message):
    with pytest.raises(InputError, match=message):
        generate_walk_ins(flat, city, **({"start": MONDAY, "duration_s": DAY_S, "seed": 1} | change))


def test_a_demand_without_emergency_rooms(demand, city):
    bare = replace(demand, emergency_rooms=None)
    with pytest.raises(InputError, match="knows no stays in treatment bays"):
        generate_walk_ins(bare, city, start=MONDAY, duration_s=DAY_S, seed=1)
    with pytest.raises(InputError, match="knows no stays in treatment bays"):
        draw_stays(bare, np.zeros(0, CALL_DRAW), seed=1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"occupancy": 1.0}, "1.0 is not a share below 1"),
        ({"hour_of_week": np.ones(24)}, r"has shape \(24,\)"),
        ({"hour_of_week": np.zeros(168)}, "one of them above 0"),
        ({"walk_ins_per_bay_day": -1.0}, "field 'walk_ins_per_bay_day': -1.0 a day"),
        ({"walk_ins_per_day": {"a": float("inf")}}, "field 'walk_ins_per_day.a': inf a day"),
        ({"walk_in_stay": Delay(median_s=0, sigma=0, longest_s=0)}, "field 'walk_in_stay': is 0"),
    ],
)
def test_rooms_that_cannot_be(change, message):
    with pytest.raises(InputError, match=message):
        replace(FLAT, **change)


def test_a_hospital_that_does_not_exist(flat, city):
    rooms = replace(FLAT, walk_ins_per_day={"nowhere": 1.0})
    with pytest.raises(InputError, match="there is no hospital 'nowhere'"):
        walk_in_rates(with_rooms(flat, rooms), city)


def test_the_shipped_figures():
    rooms = read_emergency_rooms(DEFAULT_FILE)
    assert rooms.occupancy == 0.85
    assert rooms.walk_in_stay.median_s == 156 * 60
    assert rooms.walk_in_stay.quantile_s([0.25, 0.75]).tolist() == pytest.approx([95 * 60, 239 * 60], rel=0.04)
    assert rooms.ambulance_stay[0].quantile_s([0.25, 0.75]).tolist() == pytest.approx([178 * 60, 397 * 60], rel=0.02)
    assert rooms.hour_of_week[:24].sum() == 5_147_352
    assert "assumed" in " ".join(rooms.notes)
    assert load_demand(load_city("manhattan")).emergency_rooms is not None


def test_a_city_may_have_its_own_file(tmp_path):
    text = DEFAULT_FILE.read_text()
    path = tmp_path / "emergency_rooms.toml"
    law = "{ median_s = 100, sigma = 0.1, longest_s = 900 }"
    lines = [line for line in text.splitlines() if not line.startswith(("ambulance_stay", "occupancy"))]
    given = f"ambulance_stay = [{law}, {law}, {law.replace('100', '50')}]\nwalk_ins_per_bay_day = 3\n"
    path.write_text(given + "\n".join(lines) + "\n[walk_ins_per_day]\nmercy = 80\n")
    rooms = read_emergency_rooms(path)
    assert [law.median_s for law in rooms.ambulance_stay] == [100, 100, 50]
    assert rooms.walk_ins_per_bay_day == 3
    assert rooms.walk_ins_per_day == {"mercy": 80}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("occupancy = 0.85", "occupancy = 1.2", "field 'occupancy': 1.2 is not a share below 1"),
        ("\noccupancy", "\nocupancy", "field 'ocupancy': is not a known entry"),
        ("189027,", "", "field 'walk_in_hours': is not a list of 24 or 168 numbers"),
        ("189027,", "-5,", "field 'walk_in_hours.1': -5 is not a number"),
        ("walk_in_hours", "hours", "field 'walk_in_hours': is missing"),
        ("median_s = 9360", "median_s = 'long'", "field 'walk_in_stay.median_s': 'long' is not a number"),
        ("ambulance_stay = {", "ambulance_stay = [] # {", "field 'ambulance_stay': lists 0 laws"),
    ],
)
def test_a_file_that_cannot_be(tmp_path, old, new, message):
    path = tmp_path / "emergency_rooms.toml"
    text = DEFAULT_FILE.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(CityError, match=message):
        read_emergency_rooms(path)
