"""The switches of the law: units taken from calls, calls from units, off-road ways, speeds by the clock."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nights import START, assert_same, fixed_calls, night

from ems_twin.city import City
from ems_twin.city.sample import grid_city
from ems_twin.errors import InputError
from ems_twin.routing import Router
from ems_twin.simulation import DRIVERS, Run, simulate
from ems_twin.simulation.run import drive
from ems_twin.world import CallStatus, EventKind, Rules, SpeedPlan, make_ground, new_world

BLOCK_S = 20.0  # 200 m at 36 km/h
SIRENS_S = BLOCK_S / 2
PREEMPT = Rules(preempt=((3, 1), (3, 2), (2, 1)))


@pytest.fixture(scope="module")
def row_city() -> City:
    """Ten junctions in a row, and a second row beside it: station at node 0, hospital at node 9."""
    return grid_city(2, 10, hospitals=((0, 9),), sirens_factor=2.0)


@pytest.fixture(params=DRIVERS)
def driver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def simulated(city: City, calls: np.ndarray, driver: str, **options: Any) -> Run:
    return simulate(city, calls, start=START, duration_s=86_400.0, driver=driver, **options)


def test_a_more_urgent_call_takes_a_unit_that_is_under_way(row_city: City, driver: str) -> None:
    """Under way to node 8 since 30 s, 10 s a block, it is halfway to node 2 at 45 s and turns there at 50 s."""
    calls = fixed_calls((0, 8, 3), (35, 5, 1), transport=False)
    rules = Rules(sirens_to_priority=3, preempt=((3, 1),))
    run = simulated(row_city, calls, driver, rules=rules)
    assert run.calls["t_notified"][1] == run.calls["t_en_route"][1] == 45
    assert run.calls["t_on_scene"][1] == pytest.approx(50 + 3 * SIRENS_S, abs=1e-3)
    assert run.calls["n_bumps"].tolist() == [1, 0]
    assert run.calls["bumped_s"][0] == pytest.approx(35)  # it had its unit from 10 s to 45 s
    free = 80 + 100
    assert run.calls["queued_s"][0] == pytest.approx(free - 45, abs=1e-3)
    assert run.calls["t_on_scene"][0] == pytest.approx(free + 3 * SIRENS_S, abs=1e-3)
    without = simulated(row_city, calls, driver, rules=Rules(sirens_to_priority=3))
    assert without.calls["t_on_scene"][0] == pytest.approx(30 + 8 * SIRENS_S, abs=1e-3)
    assert without.calls["was_queued"].tolist() == [0, 1]


def test_turnout_goes_on_when_the_call_changes(row_city: City, driver: str) -> None:
    calls = fixed_calls((0, 8, 3), (5, 3, 1), transport=False)  # needed at 10 and 15 s; turnout ends at 30 s
    run = simulated(row_city, calls, driver, rules=PREEMPT)
    assert run.calls["t_notified"][1] == 15
    assert run.calls["t_en_route"][1] == 30
    assert run.calls["t_on_scene"][1] == pytest.approx(30 + 3 * SIRENS_S, abs=1e-3)


def test_a_unit_is_never_taken_for_a_call_that_the_rules_do_not_name(row_city: City, driver: str) -> None:
    calls = fixed_calls((0, 8, 1), (35, 5, 1), (40, 5, 2), transport=False)
    assert simulated(row_city, calls, driver, rules=PREEMPT).calls["n_bumps"].sum() == 0


def test_a_unit_that_becomes_free_takes_over_a_call_that_it_reaches_sooner(driver: str) -> None:
    """Unit 1 (node 19) drives to node 2; unit 0 is free at node 1 while it is still far: it goes, unit 1 turns home."""
    city = grid_city(1, 20, stations=((0, 0), (0, 19)), hospitals=((0, 10),), sirens_factor=1.0)
    calls = fixed_calls((0, 1, 1), (75, 2, 1), transport=False)  # unit 0 is free at 30 + 20 + 100 = 150 s
    kept = simulated(city, calls, driver)
    assert kept.calls["unit"].tolist() == [0, 1]
    assert kept.calls["t_on_scene"][1] == pytest.approx(105 + 17 * BLOCK_S, abs=1e-3)
    run = simulated(city, calls, driver, rules=Rules(reassign_gain_s=60.0))
    assert run.calls["unit"].tolist() == [0, 0]
    assert run.calls["t_on_scene"][1] == pytest.approx(150 + BLOCK_S, abs=1e-3)
    assert EventKind.STOOD_DOWN in run.trace["kind"]
    assert run.units["n_calls"].tolist() == [2, 0]
    home = run.trace[run.trace["unit"] == 1][-1]
    assert (home["kind"], home["to_node"]) == (EventKind.AT_STATION, 19)
    assert home["time"] == pytest.approx(105 + 6 * BLOCK_S, abs=1e-3)  # turned after three blocks, and back
    reluctant = simulated(city, calls, driver, rules=Rules(reassign_gain_s=1000.0))
    assert reluctant.calls["unit"].tolist() == [0, 1]


def test_metres_off_the_road_take_time_at_every_door(row_city: City) -> None:
    """100 m off the road at 5 m/s with sirens and 4 m/s without: the station, the scene, the hospital."""
    router = Router(row_city.roads, sirens_factor=2.0, off_road_mps=(5.0, 4.0))
    world = new_world(row_city, fixed_calls((0, 4, 1)))
    world.put_off_road(np.array([100.0]), np.array([100.0]), np.array([100.0]))
    world = drive(row_city, router, world, make_ground(row_city, router, Rules()))
    call = world.calls[0]
    assert call["t_on_scene"] == pytest.approx(30 + 20 + 4 * SIRENS_S + 20, abs=1e-3)
    assert call["t_at_hospital"] == pytest.approx(call["t_left_scene"] + 25 + 5 * BLOCK_S + 25, abs=1e-3)
    assert world.clock["now"][0] == pytest.approx(call["t_ended"] + 25 + 9 * BLOCK_S + 25, abs=1e-3)


def test_a_unit_that_has_left_the_road_turns_back(row_city: City) -> None:
    """Off the road since 110 s for a scene 100 s away; taken at 121 s, it is back on the road at 132 s."""
    router = Router(row_city.roads, sirens_factor=2.0, off_road_mps=(5.0, 5.0))
    world = new_world(row_city, fixed_calls((0, 4, 3), (111, 6, 1), transport=False))
    world.put_off_road(np.array([500.0, 0.0]), np.zeros(1), np.zeros(1))
    world = drive(row_city, router, world, make_ground(row_city, router, PREEMPT))
    assert world.calls["t_on_scene"][1] == pytest.approx(121 + 11 + 2 * SIRENS_S, abs=1e-3)


def test_speeds_follow_the_clock_and_are_held_for_a_trip(row_city: City, driver: str) -> None:
    """Rush hour from 100 s on: everything at half the speed, but only for trips that begin then."""
    slow = np.stack([20.0 / s * np.ones(row_city.roads.n_edges) for s in (2.0, 1.0, 1.0, 0.5)])
    router = Router(row_city.roads, slow)  # metrics: sirens, ordinary, sirens and ordinary in the rush hour
    metric = np.ones((2, 3, 10), dtype=np.int64)
    metric[0, 0, 1:3], metric[1], metric[1, 0, 1:3] = 0, 3, 2
    plan = SpeedPlan(from_s=np.array([0.0, 100.0]), set_row=np.array([0, 1]), metric=metric)
    calls = fixed_calls((60, 6, 1), (5000, 6, 1), (9000, 3, 3))
    run = simulated(row_city, calls, driver, router=router, speeds=plan)
    assert run.calls["t_on_scene"][0] == pytest.approx(90 + 6 * 10, abs=1e-3)  # began at 90 s
    assert run.calls["t_on_scene"][1] == pytest.approx(5030 + 6 * 20, abs=1e-3)
    assert run.calls["t_on_scene"][2] == pytest.approx(9030 + 3 * 40, abs=1e-3)
    transport = run.calls["t_at_hospital"] - run.calls["t_left_scene"]
    assert transport.tolist() == pytest.approx([3 * 40, 3 * 40, 6 * 40], abs=1e-3)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 80), st.integers(1, 4), st.floats(5, 400), st.integers(0, 10_000), st.booleans())
def test_taking_units_from_each_other_loses_nobody(n: int, units: int, gap_s: float, seed: int, reassign: bool) -> None:
    city = grid_city(5, 6, stations=((0, 0), (4, 5)), hospitals=((2, 2), (0, 5)))
    calls = night(city, n, gap_s=gap_s, seed=seed)
    rules = Rules(preempt=((3, 1), (3, 2), (2, 1)), reassign_gain_s=5.0 if reassign else None)
    router = Router(city.roads)
    run, twin = (simulated(city, calls, d, units=units, rules=rules, router=router) for d in DRIVERS)
    assert_same(run.trace, twin.trace)
    assert_same(run.calls, twin.calls)
    assert (run.calls["status"] == CallStatus.ENDED).all()
    assert run.units["n_calls"].sum() == n
    np.testing.assert_allclose(run.units["status_s"].sum(axis=1), run.end_s)
    if not reassign:  # else the call also had a unit until another took over
        waited = run.calls["dispatch_delay_s"] + run.calls["queued_s"] + run.calls["bumped_s"]
        np.testing.assert_allclose(run.calls["t_notified"] - run.calls["t_received"], waited, atol=1e-6)
    assert (run.calls["n_bumps"][run.calls["priority"] == 1] == 0).all()


def test_the_trace_grows_when_calls_lose_their_units_often() -> None:
    """Many calls at once for one unit, each more urgent than the last: more events than calls pass kinds of events."""
    city = grid_city(1, 60, stations=((0, 0),), hospitals=((0, 59),), sirens_factor=1.0)
    rows = [(i * 15.0, 59, 9 - i) for i in range(9)]
    calls = fixed_calls(*rows, transport=False)
    pairs = tuple((low, high) for high in range(1, 9) for low in range(high + 1, 10))
    world = new_world(city, calls)
    short = world._replace(trace=world.trace[:6].copy())
    router = Router(city.roads)
    ground = make_ground(city, router, Rules(preempt=pairs))
    for driver in DRIVERS:
        end = drive(city, router, short.fork(), ground, driver=driver)
        assert end.clock["n_trace"][0] == end.clock["n_events"][0] > len(short.trace)
        assert end.calls["n_bumps"].sum() == 8
        assert end.trace["time"][: end.clock["n_trace"][0]].max() == end.clock["now"][0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"expected_turnout_s": float("nan")}, "'expected_turnout_s': is nan"),
        ({"reassign_gain_s": -1.0}, "'reassign_gain_s': is -1.0"),
        ({"preempt": ((3, 1), (1, 2), (2, 3))}, "3 -> 1 -> 2 -> 3 take units from each other in a circle"),
    ],
)
def test_rules_refuse_nonsense(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Rules(**change)


def test_a_pair_of_priorities_that_no_call_can_have_is_refused(row_city: City) -> None:
    with pytest.raises(InputError, match=r"the pair \(12, 1\) names a priority that does not exist"):
        simulated(row_city, fixed_calls((0, 1, 1)), "compiled", rules=Rules(preempt=((12, 1),)))


def test_the_example_names_every_rule() -> None:
    """experiments/rules/every_rule.toml is read, and leaves no rule out."""
    file = Path(__file__).parents[2] / "experiments" / "rules" / "every_rule.toml"
    rules = Rules.from_toml(file)
    assert set(tomllib.loads(file.read_text("utf-8"))) == {field.name for field in fields(Rules)}
    assert rules.preempt == ((3, 1), (2, 1))
