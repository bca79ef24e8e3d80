"""Roads that change under a run: closures and traffic come into force at their times, units under way take other ways."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nights import START, assert_same, fixed_calls, night
from rollout_worlds import demand_of

from ems_twin.city import City, save_city
from ems_twin.city.closures import PlacedPlan, place_closures, plan_from
from ems_twin.city.roads import ROAD_CLASSES
from ems_twin.city.sample import grid_city
from ems_twin.city.traffic import Traffic
from ems_twin.errors import InputError
from ems_twin.routing import Router
from ems_twin.simulation import (
    Candidate,
    EmergencyTwin,
    Run,
    draw_futures,
    read_run,
    rollout,
    simulate,
    write_results,
)
from ems_twin.simulation.distance import driven_m
from ems_twin.world import EventKind, RoadPlan, Rules, UnitStatus, make_ground, new_world, plan_roads

BLOCK_S = 20.0  # 200 m at 36 km/h


@pytest.fixture(scope="module")
def city() -> City:
    return grid_city(5, 9, stations=((0, 0), (4, 8)), hospitals=((2, 8), (4, 1)), units_per_station=2)


@pytest.fixture(scope="module")
def one_base() -> City:
    return grid_city(5, 9, stations=((0, 0),), hospitals=((2, 8),), units_per_station=2)


def after(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).isoformat()


def wall(
    city: City, *, column: int = 4, start_s: float | None = None, end_s: float | None = None, gate: bool = True
) -> dict:
    """A course that runs up a column of the chessboard, with one crossing in row 2."""
    lon, lat = city.roads.lon, city.roads.lat
    ends = [(float(lon[v]), float(lat[v])) for v in (column, 36 + column)]
    middle = 18 + column
    closure = {"id": f"wall-{column}", "line": ends}
    if gate:
        closure["crossings"] = [{"lon": float(lon[middle]), "lat": float(lat[middle]), "delay_s": 60}]
    if start_s is not None:
        closure["start_date"] = after(start_s)
    if end_s is not None:
        closure["end_date"] = after(end_s)
    return closure


def place(city: City, *closures: dict) -> PlacedPlan:
    return place_closures(plan_from({"closures": list(closures)}), city)


def two_speeds(slow: float, *, slow_hours: range) -> Traffic:
    hours = np.zeros((7, 24), np.int64)
    hours[:, list(slow_hours)] = 1
    return Traffic(
        names=("free", "slow"), speed=np.array([np.ones(len(ROAD_CLASSES)), np.full(len(ROAD_CLASSES), slow)]),
        set_of_hour=hours.reshape(168),
    )  # fmt: skip


def plan(city: City, duration_s: float = 1e5, **what: object) -> RoadPlan:
    return plan_roads(city, Router(city.roads), start=START, duration_s=duration_s, **what)


def run(city: City, calls: np.ndarray, roads: RoadPlan, **options: object) -> Run:
    return simulate(city, calls, start=START, duration_s=1e5, roads=roads, **options)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 120), st.floats(20, 600), st.integers(0, 2**31), st.data())
def test_both_drivers_write_the_same_trace_and_time_only_goes_forward(
    city: City, n: int, gap_s: float, seed: int, data: st.DataObject
) -> None:
    calls = night(city, n, gap_s=gap_s, seed=seed)
    last = float(calls["t_received"][-1])
    times = st.floats(1, last + 2000)
    closures = []
    for column in data.draw(st.sets(st.sampled_from([2, 4, 6]), min_size=1)):
        a, b = sorted((data.draw(times), data.draw(times)))
        closures.append(wall(city, column=column, start_s=a, end_s=b + 1, gate=data.draw(st.booleans())))
    traffic = two_speeds(0.5, slow_hours=range(1, 24, 2)) if data.draw(st.booleans()) else None
    roads = plan(city, last, closures=place(city, *closures), traffic=traffic)
    a, b = (run(city, calls, roads, driver=driver) for driver in ("compiled", "mesa"))
    assert_same(a.trace, b.trace)
    for part in ("units", "calls", "hospitals", "clock"):
        assert_same(getattr(a.world, part), getattr(b.world, part))
    assert (a.trace["kind"] == EventKind.ROADS_CHANGED).sum() > 0
    stages = ["t_received", "t_needed", "t_notified", "t_en_route", "t_on_scene", "t_left_scene", "t_at_hospital"]
    times = np.array([a.calls[name] for name in stages])
    assert np.isfinite(times[:5]).all()  # everybody is served, cut off or not
    assert (np.diff(times, axis=0)[np.isfinite(np.diff(times, axis=0))] >= 0).all()
    trips = a.trace[a.trace["unit"] >= 0]
    assert (trips["t_to"] >= trips["t_from"]).all()
    assert (driven_m(a.world, a.ground) >= -1e-6).all()
    assert_trips_join_up(a)


def assert_trips_join_up(run: Run) -> None:
    """No teleport: a trip begins where the one before it ended, or at a junction on its way, at the time it was there."""
    for u in range(len(run.units)):
        rows = run.trace[run.trace["unit"] == u]
        for before, row in pairwise(rows):
            if before["from_node"] == before["to_node"] or row["from_node"] == before["to_node"]:
                assert row["from_node"] == before["to_node"] or before["status"] == UnitStatus.OFF_DUTY
                continue
            way = run.router.path(int(before["from_node"]), int(before["to_node"]), metric=int(before["metric"]))
            at = way.nodes.tolist().index(int(row["from_node"]))
            if (row["from_node"], row["t_from"]) != (before["from_node"], before["t_from"]):
                assert row["t_from"] == pytest.approx(before["t_from"] + way.elapsed_s[at], abs=1e-3)


def test_a_unit_under_way_is_turned_round_when_its_street_is_closed(one_base: City) -> None:
    calls = fixed_calls((0.0, 8, 9), transport=False)  # ordinary speed: eight blocks east along the southern edge
    free = run(one_base, calls, plan(one_base))
    assert free.calls["t_on_scene"][0] == pytest.approx(30 + 8 * BLOCK_S)
    closed = run(one_base, calls, plan(one_base, closures=place(one_base, wall(one_base, start_s=50))))
    # at 50 s it has come one block; from there up two rows to the crossing, and down again
    assert closed.calls["t_on_scene"][0] == pytest.approx(30 + 12 * BLOCK_S + 60)
    assert closed.trace["time"][closed.trace["kind"] == EventKind.ROADS_CHANGED] == pytest.approx([50.0])
    lifted = run(one_base, calls, plan(one_base, closures=place(one_base, wall(one_base, start_s=50, end_s=75))))
    # at 75 s it has not yet turned north, and goes on by the way it had first
    assert lifted.calls["t_on_scene"][0] == pytest.approx(30 + 8 * BLOCK_S)


def test_a_street_that_closes_under_a_unit_is_driven_to_its_end(one_base: City) -> None:
    calls = fixed_calls((0.0, 8, 9), transport=False)
    closed = run(one_base, calls, plan(one_base, closures=place(one_base, wall(one_base, start_s=30 + 3.5 * BLOCK_S))))
    # it is between columns 3 and 4; at junction 4 it is behind the barrier and gets out the way that place is reached
    assert closed.calls["t_on_scene"][0] in (pytest.approx(30 + 8 * BLOCK_S), pytest.approx(30 + 14 * BLOCK_S + 60))


def test_a_closure_without_a_crossing_is_no_end_of_the_run(city: City) -> None:
    calls = night(city, 60, gap_s=100)
    roads = plan(city, closures=place(city, wall(city, start_s=600, end_s=4000, gate=False)))
    done = run(city, calls, roads)
    assert np.isfinite(done.calls["t_on_scene"]).all()
    (note,) = [note for note in roads.notes(calls) if "cannot be driven to" in note]
    assert "barrier" in note


def test_slower_traffic_makes_trips_longer_from_the_hour_it_begins(one_base: City) -> None:
    traffic = two_speeds(0.5, slow_hours=range(1, 24))
    roads = plan(one_base, traffic=traffic)
    assert [one.traffic for one in roads.sets] == ["free", "slow"]
    assert roads.from_s[:2].tolist() == [0.0, 3600.0]
    calls = fixed_calls((0.0, 8, 9), (3600.0 - 30 - 4 * BLOCK_S, 8, 9), (7200.0, 8, 9), transport=False)
    done = run(one_base, calls, roads, units=2)
    drive = done.calls["t_on_scene"] - done.calls["t_en_route"]
    assert drive[0] == pytest.approx(8 * BLOCK_S)
    assert drive[1] == pytest.approx(4 * BLOCK_S + 4 * 2 * BLOCK_S)  # half of it fast, half of it slow
    assert drive[2] == pytest.approx(16 * BLOCK_S)


def test_the_hours_of_traffic_are_those_of_the_citys_clock_across_its_changes() -> None:
    city = City(**{**vars(grid_city(2, 2)), "timezone": "America/New_York"})
    traffic = two_speeds(0.5, slow_hours=range(2, 3))
    for day, at_s in (("2024-05-06", 7200.0), ("2024-11-03", 10_800.0)):  # in November 01:00 to 02:00 comes twice
        start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(city.timezone))
        roads = plan_roads(city, Router(city.roads), start=start, duration_s=86_400, traffic=traffic)
        assert roads.from_s[1] == at_s
    spring = datetime.fromisoformat("2024-03-10").replace(tzinfo=ZoneInfo(city.timezone))  # 02:00 to 03:00 is skipped
    roads = plan_roads(city, Router(city.roads), start=spring, duration_s=86_400, traffic=traffic)
    assert roads.from_s[1] > 86_400


def test_equal_road_sets_are_made_once(city: City) -> None:
    roads = plan(
        city, closures=place(city, wall(city, start_s=100, end_s=200), wall(city, column=6, start_s=150, end_s=9e9))
    )
    assert [one.closures for one in roads.sets] == [(), ("wall-4",), ("wall-4", "wall-6"), ("wall-6",)]
    again = plan(city, closures=place(city, wall(city, start_s=100, end_s=200)))
    assert again.set_row.tolist() == [0, 1, 0]
    assert len(again.router.metrics) == 4
    assert len(again.router.edge_ticks) == 3  # sirens and ordinary share a row where nobody is held up


def test_a_run_on_changing_roads_is_read_back_as_it_was(tmp_path: Path) -> None:
    base = grid_city(5, 9, stations=((0, 0), (4, 8)), hospitals=((2, 8), (4, 1)), units_per_station=2)
    city = City(**{**vars(base), "name": "board"})
    folder = save_city(city, tmp_path / "board")
    city = City(**{**vars(city), "name": str(folder)})
    calls = night(city, 40, gap_s=120)
    roads = plan(
        city,
        closures=place(city, wall(city, start_s=600, end_s=3000)),
        traffic=replace(two_speeds(0.7, slow_hours=range(1, 3)), sirens=0.5),
    )
    done = run(city, calls, roads)
    summary = write_results(done, tmp_path / "out")
    assert summary["roads"]["sets"][1]["closures"] == ["wall-4"]
    back = read_run(tmp_path / "out")
    assert_same(back.trace, done.trace)
    np.testing.assert_array_equal(back.router.edge_ticks, done.router.edge_ticks)
    np.testing.assert_array_equal(driven_m(back.world, back.ground), driven_m(done.world, done.ground))


def test_more_road_sets_than_a_run_can_hold_are_refused(city: City) -> None:
    closures = [wall(city, column=c, start_s=i * 100 + 1, end_s=i * 100 + 50) for i, c in enumerate([4])]
    many = [{"id": f"e{i}", "edges": [i % 20], "start_date": after(10 * i + 1)} for i in range(200)]
    with pytest.raises(InputError, match="sets of roads"):
        plan(city, closures=place(city, *closures, *many))
    with pytest.raises(InputError, match="own router"):
        run(city, night(city, 2, gap_s=60), plan(city), router=Router(city.roads))


def test_futures_go_on_in_the_middle_of_a_change_of_roads(city: City) -> None:
    """Between the change and the moment its units have heard of it, and before the next, futures are run like any time."""
    calls = night(city, 40, gap_s=60)
    roads = plan(city, closures=place(city, wall(city, start_s=900, end_s=2400)))
    rules = Rules()
    ground = make_ground(roads.city, roads.router, rules, speeds=roads.speeds(rules, 9))
    world = new_world(roads.city, calls, agenda=roads.agenda(), horizon_s=1e5)
    twin = EmergencyTwin(roads.city, calls, router=roads.router, world=world, ground=ground)
    for until_s in (899.0, 900.0, 1500.0):
        twin.advance_to(until_s)
        futures = draw_futures(
            demand_of(roads.city, 20.0, plain=True),
            roads.city,
            twin.world,
            ground,
            start=START,
            horizon_s=3600.0,
            n=20,
            seed=1,
        )
        found = rollout([Candidate.nothing()], twin.world, ground, futures, target_s=(480.0,))
        assert np.isfinite([outlook.means["response_s"] for outlook in found.outlooks]).all()
