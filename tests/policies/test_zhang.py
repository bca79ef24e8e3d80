"""Zhang's program, on worlds made by hand, against scipy's optimum and JEMSS's answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doors import fill_slots, review
from scipy.optimize import linear_sum_assignment
from worlds import BENEFIT, CITY, made, put_at_hospital, reviewed, scatter, seconds, slots, targets, zhang

from ems_twin.city.sample import grid_city
from ems_twin.demand import CALL_DRAW
from ems_twin.routing import Router
from ems_twin.world import Rules, UnitStatus, make_ground, new_world
from ems_twin.world.stationing import assignment_numbers

CASES = Path(__file__).parents[3] / "shared" / "oracles" / "jemss" / "expected_unit_cases.json"
BIG = 1e9


def best_worth(times: np.ndarray, n_movable: int, cost: float) -> float:
    """Greatest worth of a program: movable units come first, the others may also get nothing."""
    columns = [(s, b) for s in range(4) for b in BENEFIT[s][~np.isnan(BENEFIT[s])]]
    worth = np.array([[b - cost * row[s] for s, b in columns] for row in times])
    idle = np.zeros((len(times), len(times) - n_movable))
    idle[:n_movable] = -BIG
    worth = np.hstack([worth, idle])
    return float(worth[linear_sum_assignment(worth, maximize=True)].sum())


def test_zhangs_program_finds_the_greatest_worth() -> None:
    rng = np.random.default_rng(5)
    for _ in range(60):
        plan = zhang(travel_cost_per_s=float(rng.choice([0.001, 0.02, 0.1])))
        world, ground = made(plan)
        movable, times = scatter(world, rng)
        movable, times = movable.tolist(), list(times)
        here = int(rng.integers(8))
        put_at_hospital(world, here)
        if here in movable:
            times.pop(movable.index(here))
            movable.remove(here)
        moves = reviewed(world, ground)
        for i, u in enumerate(movable):
            if world.units[u]["status"] != UnitStatus.AT_STATION:  # to go elsewhere is a regret of 1000 s
                times[i] = times[i] * np.where(np.arange(4) == world.units[u]["station"], 0.5, 1.0)
        times.append(seconds(CITY.hospitals[0].node) + 120.0)
        best = best_worth(np.array(times), len(movable), plan.travel_cost_per_s)
        if not movable:
            assert moves == [-1] * 8
            continue
        for i, u in enumerate(movable):  # held to what was chosen, the program must be worth as much
            times[i] = np.where(np.arange(4) == targets(world)[u], times[i], BIG)
        assert best_worth(np.array(times), len(movable), plan.travel_cost_per_s) == pytest.approx(best)


# One movable unit at node 3, half way between stations 0 (node 0, worth 9) and 1 (node 6, worth 10).
@pytest.mark.parametrize(
    ("change", "plan", "expected"),
    [
        ({}, {}, 1),  # both at full time: the better slot
        ({}, {"regret_limit_s": 0.0, "on_road_discount": 0.0}, -1),  # its own costs nothing, the other 1.2
        ({}, {"regret_limit_s": 120.0, "on_road_discount": 0.0}, 1),  # regret of 3 blocks there and back: 120 s
        ({}, {"regret_limit_s": 119.0, "on_road_discount": 0.0}, -1),
        ({"trip_node": 0, "t_trip": 40.0}, {"regret_limit_s": 0.0, "on_road_discount": 0.0}, 1),  # 1 is on the way
        ({"since": 100.0}, {"regret_limit_s": 0.0, "on_road_discount": 0.0}, 1),  # just freed: nothing is let off
        ({"since": 100.0, "status": 8}, {"regret_limit_s": 0.0, "on_road_discount": 0.0}, -1),  # sent just now
    ],
)
def test_time_on_the_road_is_let_off_if_there_is_little_regret(
    change: dict[str, Any], plan: dict[str, float], expected: int
) -> None:
    city = grid_city(1, 7, stations=((0, 0), (0, 6)), hospitals=((0, 3),))
    stationing = zhang(slot_benefit=slots((9.0,), (10.0,)), **plan)
    world = new_world(city, np.zeros(0, CALL_DRAW), units=1).with_scratch(stationing.scratch_needed(1, 2))
    world.clock["now"] = 100.0
    unit = world.units[0]
    facts = {
        "status": UnitStatus.RETURNING, "home": 0, "station": 0, "since": 40.0, "metric": 1, "from_node": 3,
        "t_from": 100.0, "trip_node": 6, "t_trip": 40.0, "to_node": 0, "t_to": 160.0,
    }  # fmt: skip
    for name, value in (facts | change).items():
        unit[name] = value
    review(world, make_ground(city, Router.for_city(city), Rules(), stationing=stationing))
    assert world.units["move_to"].tolist() == [expected]


def test_a_unit_at_hospital_holds_a_slot_open_unless_a_call_waits_for_it() -> None:
    """The better slot goes to the unit at hospital, next to it, if that comes soon enough and has no other call."""
    city = grid_city(1, 7, stations=((0, 0), (0, 5)), hospitals=((0, 6),), units_per_station=1)
    for handover_s, next_call, expected in ((0.0, -1, -1), (2000.0, -1, 1), (0.0, 0, 1)):
        plan = zhang(slot_benefit=slots((1.0, 0.5), (5.0,)), expected_handover_s=handover_s, travel_cost_per_s=0.02)
        world = new_world(city, np.zeros(0, CALL_DRAW)).with_scratch(plan.scratch_needed(2, 2))
        unit = world.units[1]
        unit["status"], unit["station"], unit["next_call"] = UnitStatus.AT_HOSPITAL, -1, next_call
        unit["from_node"] = unit["to_node"] = 6
        review(world, make_ground(city, Router.for_city(city), Rules(), stationing=plan))
        assert world.units["move_to"].tolist() == [expected, -1]


def jemss_cases() -> list[dict[str, Any]]:
    return json.loads(CASES.read_text("utf-8"))["zhang_ip"]["cases"] if CASES.is_file() else []


def test_zhangs_program_answers_as_jemss_does() -> None:
    cases = jemss_cases()
    if not cases:
        pytest.skip("needs JEMSS's unit cases in ../shared/oracles")
    assert len(cases) == 16
    benefit = np.array([[4.0, 1.0], [3.0, 2.0]])
    for case in cases:
        costs = np.array(case["costs"], dtype=np.float64)
        n = len(costs)
        flat = np.zeros(2 * n + 4 + n + assignment_numbers(n, 4 + n))
        flat[: 2 * n] = costs.ravel()
        assert fill_slots(flat, 0, case["movable"], n, benefit)
        stations = [int(s) + 1 if s >= 0 else -1 for s in flat[:n]]
        assert [stations[: case["movable"]], stations[case["movable"] :]] == case["expect"], case
