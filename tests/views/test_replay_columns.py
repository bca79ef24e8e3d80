"""What is written into a page is what the run and the router say."""

import json
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from made_up_run import made_up_run
from replay_decoder import metres_between, place, sums

from ems_twin.city.roads import RoadNetwork
from ems_twin.city.sample import city_from_drawing, grid_city
from ems_twin.demand import CALL_DRAW
from ems_twin.errors import InputError
from ems_twin.routing import Router
from ems_twin.simulation import simulate
from ems_twin.views.replay import encode_replay
from ems_twin.views.timeline import Paths, choose_window, unit_timelines
from ems_twin.world import Rules
from ems_twin.world.schema import EventKind, UnitStatus


def encoded(run, from_s=0.0, length_s=None):
    window, paths = choose_window(run, from_s, length_s), Paths(run.router)
    lines = unit_timelines(run, window, paths)
    return json.loads(json.dumps(encode_replay(window, run, lines, paths))), window, lines


def true_place(run, unit, t):
    """Where the router says that the unit is, from its trace row."""
    rows = run.trace[(run.trace["unit"] == unit) & (run.trace["time"] <= t)]
    while len(rows) > 1 and rows[-1]["t_from"] > t:
        rows = rows[:-1]
    if len(rows) == 0:
        home = run.city.stations[run.units["start_station"][unit]].node
        return run.city.roads.lon[home], run.city.roads.lat[home]
    row = rows[-1]
    path = run.router.path(int(row["from_node"]), int(row["to_node"]), metric=int(row["metric"]))
    return path.at(t - float(row["t_from"]))


@pytest.mark.parametrize(("from_s", "length_s"), [(0.0, None), (3000.0, 2400.0)])
def test_positions_are_those_of_the_router(run, from_s, length_s):
    replay, window, lines = encoded(run, from_s, length_s)
    rng = np.random.default_rng(5)
    moving = 0
    for _ in range(700):
        unit, t = int(rng.integers(len(run.units))), float(rng.uniform(window.from_s, window.to_s))
        expected = true_place(run, unit, t)
        assert metres_between(place(replay, unit, t - window.from_s), expected) < 1.0
        row = np.searchsorted(lines[unit].rows["time"], t, side="right") - 1
        moving += lines[unit].path[row] >= 0
    assert moving > 60


def test_no_unit_jumps_when_it_is_turned_round():
    """Units taken from calls, and calls taken over: between two looks nobody is farther than sirens can drive."""
    city = grid_city(9, 9, stations=((0, 0), (8, 8), (0, 8)), hospitals=((4, 4),))
    rng = np.random.default_rng(6)
    calls = np.zeros(120, CALL_DRAW)
    calls["t_received"] = np.cumsum(rng.exponential(150.0, 120))
    calls["node"], calls["priority"] = rng.integers(0, 81, 120), rng.integers(1, 4, 120)
    calls["lon"], calls["lat"] = city.roads.lon[calls["node"]], city.roads.lat[calls["node"]]
    calls["scene_s"], calls["turnout_s"] = 240.0, 20.0
    rules = Rules(preempt=((3, 1), (2, 1), (3, 2)), reassign_gain_s=20.0)
    run = simulate(city, calls, start=datetime(2024, 5, 6, tzinfo=UTC), duration_s=2e4, units=4, rules=rules)
    assert run.calls["n_bumps"].sum() > 5
    assert (run.trace["kind"] == EventKind.STOOD_DOWN).sum() > 2
    replay, window, _ = encoded(run)
    step_s, fastest_mps = 2.0, city.roads.speed_mps.max() * city.sirens_factor
    for unit in range(len(run.units)):
        track = [place(replay, unit, t) for t in np.arange(0.0, window.to_s - window.from_s, step_s)]
        moved = [metres_between(a, b) for a, b in pairwise(track)]
        assert max(moved) < step_s * fastest_mps + 1.0
        assert max(moved) > 10.0


def test_bent_streets_and_own_times_for_each_metric_are_followed():
    points = [(0, 0), (400, 0), (400, 400), (0, 400)]
    ring = [(0, 1), (1, 2), (2, 3), (3, 0)]
    city = city_from_drawing(
        points, ring + [(b, a) for a, b in ring], stations=(0, 1, 2), hospitals=(3, 2), units_per_station=2
    )
    roads = bent(city.roads)
    rng = np.random.default_rng(3)
    edge_s = rng.uniform(20.0, 90.0, (2, roads.n_edges))
    run = made_up_run(city, n_calls=25, router=Router(roads, edge_s))
    run.city = city.__class__(**{**city.__dict__, "roads": roads})
    replay, window, _ = encoded(run)
    assert all(replay["network"]["ms"])
    for t in np.linspace(0.0, window.to_s, 400):
        for unit in range(len(run.units)):
            assert metres_between(place(replay, unit, t), true_place(run, unit, float(t))) < 1.0


def bent(roads):
    """The same network with two inner points on every edge, off the straight line."""
    lon = np.empty((roads.n_edges, 2))
    lat = np.empty((roads.n_edges, 2))
    for e in range(roads.n_edges):
        a, b = roads.edge_lonlat(e)
        lon[e] = a[0] + (b[0] - a[0]) * np.array([0.25, 0.6]) + 4e-4
        lat[e] = a[1] + (b[1] - a[1]) * np.array([0.25, 0.6]) + 3e-4
    values = {name: getattr(roads, name) for name in roads.__dataclass_fields__}
    values |= {
        "shape_first": np.arange(0, 2 * roads.n_edges + 1, 2, dtype=np.int32),
        "shape_lon": lon.ravel(),
        "shape_lat": lat.ravel(),
    }
    return RoadNetwork(**values)


def test_times_that_are_scaled_are_not_written_twice(run):
    replay, _, _ = encoded(run)
    assert replay["network"]["ms"][1] is None


def test_calls_read_back(run):
    replay, _, _ = encoded(run)
    columns, calls = replay["calls"], run.calls
    np.testing.assert_allclose(sums(columns["received"], 0.01), calls["t_received"], atol=0.006)
    np.testing.assert_allclose(sums(columns["lon"], 1e-5), calls["lon"], atol=6e-6)
    response = np.array(columns["scene"]) * 0.01
    np.testing.assert_allclose(response, calls["t_on_scene"] - calls["t_received"], atol=0.006)
    never = np.array(columns["arrived"]) == -1
    np.testing.assert_array_equal(never, np.isnan(calls["t_at_hospital"]))


def test_a_window_holds_the_calls_that_are_open_in_it(run):
    replay, window, _ = encoded(run, 3000.0, 2400.0)
    calls = run.calls
    shown = np.flatnonzero((calls["t_received"] <= window.to_s) & (calls["t_ended"] >= window.from_s))
    assert replay["calls"]["id"] == (shown + 1).tolist()
    for columns in replay["units"]:
        assert all(-1 <= row < len(shown) for row in columns["call"])


def test_a_unit_that_is_free_is_on_no_call(run):
    replay, _, _ = encoded(run)
    free = {int(UnitStatus.AT_STATION), int(UnitStatus.RETURNING)}
    for columns in replay["units"]:
        for status, call, hospital in zip(columns["status"], columns["call"], columns["hospital"], strict=True):
            assert (call == -1) == (status in free)
            assert hospital == -1 or status in (4, 5, 6)


@pytest.mark.parametrize(
    ("from_s", "length_s"), [(-1.0, None), (1e9, None), (float("nan"), None), (0.0, 0.0), (0.0, -5.0)]
)
def test_a_window_outside_the_run_is_refused(run, from_s, length_s):
    with pytest.raises(InputError, match="replay"):
        choose_window(run, from_s, length_s)


def test_a_window_takes_at_most_a_day_by_itself(run):
    long = made_up_run(n_calls=8, hours=40.0)
    assert choose_window(long, 0.0, None).to_s == 86_400.0
    assert choose_window(long, 0.0, 1e6).to_s == long.end_s
    assert choose_window(run, 60.0, None).to_s == run.end_s
