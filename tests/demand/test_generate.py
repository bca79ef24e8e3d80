from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ems_twin.city.sample import grid_city
from ems_twin.demand import CALL_DRAW, Delay, defaults_for, expected_calls, generate_calls, node_weights
from ems_twin.errors import InputError

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 1, 5, tzinfo=NEW_YORK)
DAY_S = 86_400.0
CONSTANT = (Delay(median_s=60, sigma=0, longest_s=60),) * 3


def test_rows_are_sorted_in_range_and_on_their_nodes(city, demand):
    calls = generate_calls(demand, city, start=MONDAY, duration_s=7 * DAY_S, seed=1)
    assert calls.dtype == CALL_DRAW
    assert np.all(np.diff(calls["t_received"]) >= 0)
    assert calls["t_received"][0] >= 0
    assert calls["t_received"][-1] < 7 * DAY_S
    np.testing.assert_array_equal(calls["lon"], city.roads.lon[calls["node"]])
    np.testing.assert_array_equal(calls["lat"], city.roads.lat[calls["node"]])
    assert set(calls["priority"]) == {1, 2, 3}
    assert set(calls["transport"]) == {0, 1}
    assert np.all((calls["u_travel"] > 0) & (calls["u_travel"] < 1))


def test_frequencies_agree_with_the_rates(city, demand):
    weeks = 10
    calls = generate_calls(demand, city, start=MONDAY, duration_s=7 * weeks * DAY_S * 0.8, seed=2)
    n = len(calls)
    expected = 40 * 24 * 7 * weeks * 0.8
    assert abs(n - expected) < 5 * np.sqrt(expected)
    for p in (1, 2, 3):
        of_p = calls["priority"] == p
        share = demand.priority_share[p - 1]
        assert abs(of_p.mean() - share) < 5 * np.sqrt(share * (1 - share) / n)
        carried = demand.transport_share[p - 1]
        assert abs(calls["transport"][of_p].mean() - carried) < 5 * np.sqrt(carried * (1 - carried) / of_p.sum())
    counts = np.bincount(calls["node"], minlength=city.roads.n_nodes)
    mean = n * node_weights(demand)
    assert np.sum((counts - mean) ** 2 / mean) < 36 + 6 * np.sqrt(2 * 36)  # chi-square with 35 degrees of freedom


def test_every_hour_of_the_week_has_its_rate(city, demand):
    calls = generate_calls(demand, city, start=MONDAY, duration_s=7 * 8 * DAY_S, seed=3)  # no clock change within
    slot = (calls["t_received"] // 3600).astype(int) % 168
    z = (np.bincount(slot, minlength=168) - 8 * demand.hour_of_week) / np.sqrt(8 * demand.hour_of_week)
    assert abs(z).max() < 5
    assert abs(np.mean(z**2) - 1) < 5 * np.sqrt(2 / 168)


@pytest.mark.parametrize(
    ("field", "laws"),
    [
        ("dispatch_delay_s", [("dispatch_delay", None)]),
        ("turnout_s", [("turnout", None)]),
        ("scene_s", [("scene_no_transport", 0), ("scene_transport", 1)]),
        ("offload_s", [("offload", None)]),
        ("clear_s", [("clear", None)]),
    ],
)
def test_delays_have_the_quantiles_of_their_law(city, demand, field, laws):
    calls = generate_calls(demand, city, start=MONDAY, duration_s=40 * DAY_S, seed=4)
    for law, transport in laws:
        for p in (1, 2, 3):
            rows = calls["priority"] == p
            if transport is not None:
                rows &= calls["transport"] == transport
            n = rows.sum()
            delay = getattr(demand, law)[p - 1]
            for q in (0.5, 0.9):
                below = (calls[field][rows] <= delay.quantile_s(q)).mean()
                assert abs(below - q) < 5 * np.sqrt(q * (1 - q) / n), (law, p, q)
            assert calls[field][rows].max() <= delay.longest_s


@pytest.mark.parametrize(
    ("day", "hours"),
    [(datetime(2026, 3, 8, tzinfo=NEW_YORK), 23), (datetime(2026, 11, 1, tzinfo=NEW_YORK), 25)],
)
def test_a_sunday_on_which_the_clocks_change(city, demand, day, hours):
    only_two = np.zeros(168)
    only_two[6 * 24 + (2 if hours == 23 else 1)] = 3000.0  # Sunday, the hour that is skipped or repeated
    changed = replace(demand, hour_of_week=only_two)
    calls = generate_calls(changed, city, start=day, duration_s=hours * 3600.0, seed=5)
    if hours == 23:
        assert len(calls) == 0
        return
    passes = np.bincount((calls["t_received"] // 3600).astype(int), minlength=25)
    assert passes[1] + passes[2] == len(calls)
    assert np.all(abs(passes[1:3] - 3000) < 5 * np.sqrt(3000))


def test_the_start_may_be_given_in_any_time_zone(city, demand):
    here = generate_calls(demand, city, start=MONDAY, duration_s=DAY_S, seed=6)
    there = generate_calls(demand, city, start=MONDAY.astimezone(UTC), duration_s=DAY_S, seed=6)
    np.testing.assert_array_equal(here, there)


def test_quarter_hour_time_zones(demand):
    nepal = replace(grid_city(6, 6), timezone="Asia/Kathmandu")  # 5:45 ahead of UTC
    noon = np.zeros(168)
    noon[12] = 500.0
    start = datetime(2026, 1, 5, tzinfo=ZoneInfo("Asia/Kathmandu"))
    calls = generate_calls(replace(demand, hour_of_week=noon), nepal, start=start, duration_s=DAY_S, seed=1)
    assert calls["t_received"].min() >= 12 * 3600
    assert calls["t_received"].max() < 13 * 3600
    assert len(calls) > 300


@pytest.mark.parametrize(
    ("law", "field"),
    [
        ("dispatch_delay", "dispatch_delay_s"),
        ("turnout", "turnout_s"),
        ("offload", "offload_s"),
        ("clear", "clear_s"),
        ("scene_transport", "scene_s"),
    ],
)
def test_changing_one_law_leaves_every_other_attribute_alone(city, demand, law, field):
    before = generate_calls(demand, city, start=MONDAY, duration_s=DAY_S, seed=7)
    after = generate_calls(replace(demand, **{law: CONSTANT}), city, start=MONDAY, duration_s=DAY_S, seed=7)
    for name in CALL_DRAW.names:
        if name != field:
            np.testing.assert_array_equal(before[name], after[name], err_msg=name)
    assert not np.array_equal(before[field], after[field])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**40), factor=st.floats(0.3, 4.0), hours=st.floats(0.5, 40.0))
def test_call_k_keeps_its_luck_when_volume_and_horizon_change(city, demand, seed, factor, hours):
    base = generate_calls(demand, city, start=MONDAY, duration_s=6 * 3600.0, seed=seed)
    other = generate_calls(demand, city, start=MONDAY, duration_s=hours * 3600.0, seed=seed, volume_factor=factor)
    n = min(len(base), len(other))
    for name in CALL_DRAW.names:
        if name != "t_received":
            np.testing.assert_array_equal(base[name][:n], other[name][:n], err_msg=name)


def test_a_longer_horizon_only_appends(city, demand):
    short = generate_calls(demand, city, start=MONDAY, duration_s=DAY_S, seed=8)
    long = generate_calls(demand, city, start=MONDAY, duration_s=30 * DAY_S, seed=8)
    np.testing.assert_allclose(short["t_received"], long["t_received"][: len(short)], rtol=0, atol=1e-6)


def test_seeds_and_replications_differ(city, demand):
    draws = [
        generate_calls(demand, city, start=MONDAY, duration_s=DAY_S, seed=s, replication=r)
        for s, r in ((1, 0), (1, 1), (2, 0))
    ]
    assert len({tuple(calls["u_travel"][:5]) for calls in draws}) == 3
    again = generate_calls(demand, city, start=MONDAY, duration_s=DAY_S, seed=1, replication=1)
    np.testing.assert_array_equal(draws[1], again)


def test_attributes_are_uncorrelated(city, demand):
    same = Delay(median_s=100, sigma=0.5, longest_s=1e6)
    alike = replace(
        demand, **dict.fromkeys(("dispatch_delay", "turnout", "scene_transport", "scene_no_transport"), (same,) * 3)
    )
    calls = generate_calls(alike, city, start=MONDAY, duration_s=20 * DAY_S, seed=9)
    names = ("dispatch_delay_s", "turnout_s", "scene_s", "u_travel", "node", "priority")
    matrix = np.corrcoef([calls[name].astype(float) for name in names])
    assert abs(matrix - np.eye(len(names))).max() < 5 / np.sqrt(len(calls))


def test_expected_calls_are_the_mean_of_the_draws(city, demand):
    start, duration_s = MONDAY.replace(hour=3), 5.5 * 3600
    expected = expected_calls(demand, city, start=start, duration_s=duration_s)
    seen = [len(generate_calls(demand, city, start=start, duration_s=duration_s, seed=s)) for s in range(50)]
    assert expected < 40 * 5.5 * 0.9  # early on a Monday there are fewer than on average
    assert abs(np.mean(seen) - expected) < 5 * np.sqrt(expected / 50)


def test_no_volume_gives_no_calls(city, demand):
    assert len(generate_calls(demand, city, start=MONDAY, duration_s=DAY_S, seed=1, volume_factor=0.0)) == 0


def test_a_hundred_thousand_calls_take_well_under_a_second(city, demand):
    generate_calls(demand, city, start=MONDAY, duration_s=DAY_S, seed=1)
    begin = time.perf_counter()
    calls = generate_calls(demand, city, start=MONDAY, duration_s=105 * DAY_S, seed=1)
    assert len(calls) > 99_000
    assert time.perf_counter() - begin < 1.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": datetime(2026, 1, 5)}, "has no time zone"),
        ({"duration_s": 0.0}, "not a length of time"),
        ({"duration_s": float("nan")}, "not a length of time"),
        ({"volume_factor": -1.0}, "cannot multiply a rate"),
        ({"volume_factor": float("inf")}, "cannot multiply a rate"),
        ({"seed": -1}, "field 'seed': -1 is negative"),
        ({"replication": -2}, "field 'replication': -2 is negative"),
    ],
)
def test_bad_arguments(city, demand, change, message):
    arguments = {"start": MONDAY, "duration_s": DAY_S, "seed": 1} | change
    with pytest.raises(InputError, match=message):
        generate_calls(demand, city, **arguments)


def test_demand_of_another_city(demand):
    with pytest.raises(InputError, match="knows 36 road nodes, Grid has 16"):
        generate_calls(demand, grid_city(4, 4), start=MONDAY, duration_s=DAY_S, seed=1)


def test_defaults_scale_with_the_streets(city):
    small, large = defaults_for(city), defaults_for(grid_city(12, 12))
    km = 2 * 6 * 5 * 0.2
    assert small.calls_per_day == pytest.approx(km * 320 * 56 / 1000 / 365.25, rel=1e-3)
    assert large.calls_per_day / small.calls_per_day == pytest.approx(12 * 11 / (6 * 5), rel=1e-3)
    assert node_weights(small).sum() == pytest.approx(1)
    assert "assumed" in " ".join(small.notes)
