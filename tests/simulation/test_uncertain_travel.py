"""Drives that stray from their median by the luck of their call, and the start-up of a response."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from nights import START, assert_is_now, assert_same, fixed_calls, night

from ems_twin.city import City
from ems_twin.city.sample import grid_city
from ems_twin.city.travel import Travel, eta_interval_s
from ems_twin.routing import SIRENS, Router
from ems_twin.simulation import EmergencyTwin, simulate
from ems_twin.simulation.instant import state_at
from ems_twin.world import Rules, UnitStatus

TRAVEL = Travel(start_up_s=45.0, spread=(0.2, 0.0, 0.09))
UNCERTAIN = Rules(uncertain_travel=True)


@pytest.fixture(scope="module")
def city() -> City:
    board = grid_city(9, 11, stations=((0, 0), (8, 10), (4, 5)), hospitals=((1, 8), (7, 2)), units_per_station=2)
    return board.calibrated(TRAVEL)


def run(city, calls, rules=UNCERTAIN, **more):
    return simulate(city, calls, start=START, duration_s=1e5, router=Router(city.roads), rules=rules, **more)


def drive_s(run):
    return run.calls["t_on_scene"] - run.calls["t_en_route"]


def test_a_response_from_a_door_takes_the_start_up_longer_and_a_transport_does_not(city: City) -> None:
    plain = replace(city, travel=None)
    calls = fixed_calls((0.0, 60, 1))
    slow, fast = run(city, calls, Rules()), run(plain, calls, Rules())
    assert drive_s(slow)[0] == pytest.approx(drive_s(fast)[0] + 45.0)
    carried = [r.calls["t_at_hospital"][0] - r.calls["t_left_scene"][0] for r in (slow, fast)]
    assert carried[0] == pytest.approx(carried[1])


@pytest.mark.parametrize("u", [0.02, 0.3, 0.5, 0.9, 0.99999])
def test_a_drive_takes_the_quantile_that_its_call_brought(city: City, u: float) -> None:
    calls = fixed_calls((0.0, 60, 1))
    calls["u_travel"], calls["u_transport"] = u, 1 - u
    sure, unsure = run(city, calls, Rules()), run(city, calls)
    assert drive_s(unsure)[0] == pytest.approx(float(TRAVEL.quantile_s(drive_s(sure)[0], u)), rel=1e-12)
    sure_s, unsure_s = (r.calls["t_at_hospital"][0] - r.calls["t_left_scene"][0] for r in (sure, unsure))
    assert unsure_s == pytest.approx(float(TRAVEL.quantile_s(sure_s, 1 - u)), rel=1e-12)


def test_without_the_rule_or_without_luck_drives_take_their_median(city: City) -> None:
    calls = night(city, 80, gap_s=200)
    calls["u_transport"] = calls["u_travel"][::-1]
    unlucky = calls.copy()
    unlucky["u_travel"] = unlucky["u_transport"] = 0.0
    assert_same(run(city, calls, Rules()).trace, run(city, unlucky).trace)


def test_both_drivers_write_the_same_trace(city: City) -> None:
    rules = Rules(uncertain_travel=True, preempt=((3, 1), (2, 1)), reassign_gain_s=30.0, soon_free=True)
    calls = night(city, 250, gap_s=90, seed=3)
    calls["u_transport"] = np.random.default_rng(5).uniform(0, 1, len(calls))
    calls["n_units"][::9] = 2
    a, b = (run(city, calls, rules, driver=driver) for driver in ("compiled", "mesa"))
    assert_same(a.trace, b.trace)
    ended = a.calls["t_ended"]
    assert np.isfinite(ended).all()
    assert (np.diff(a.trace["time"]) >= 0).all()
    moving = a.trace["from_node"] != a.trace["to_node"]
    assert (a.trace["t_to"] >= a.trace["t_from"])[moving].all()


def test_the_mean_drive_is_that_of_the_law(city: City) -> None:
    calls = fixed_calls(*((20_000.0 * i, 60, 1) for i in range(4000)), transport=False)
    calls["u_travel"] = (np.arange(len(calls)) + 0.5) / len(calls)
    sure = drive_s(run(city, calls[:1], Rules(), keep_trace=False))[0]
    taken = drive_s(run(city, calls, keep_trace=False))
    assert taken.mean() == pytest.approx(float(TRAVEL.mean_s(sure)), rel=0.01)
    assert np.median(taken) == pytest.approx(sure, rel=0.01)


def test_where_a_unit_is_on_its_way_goes_with_its_pace(city: City) -> None:
    calls = fixed_calls((0.0, 60, 1), transport=False)
    calls["u_travel"] = 0.95
    done = run(city, calls)
    call = done.calls[0]
    row = done.trace[(done.trace["status"] == UnitStatus.EN_ROUTE) & (done.trace["unit"] >= 0)][0]
    path = done.router.path(int(row["from_node"]), int(row["to_node"]), metric=int(row["metric"]))
    half = (row["t_from"] + row["t_to"]) / 2
    assert row["t_to"] == call["t_on_scene"]
    there = next(u for u in state_at(done, half).units if u.status == "en_route")
    assert (there.lon, there.lat) == pytest.approx(path.at(path.elapsed_s[-1] / 2))
    assert there.eta_s == pytest.approx(path.duration_s / 2)  # by its median: how it goes on nobody knows
    assert there.eta_90_s == eta_interval_s(there.eta_s, TRAVEL, 0.9)
    assert there.eta_90_s[0] < there.eta_s < there.eta_90_s[1]
    assert all(u.eta_s is None for u in state_at(done, half).units if u.status == "at_station")
    started = next(u for u in state_at(done, float(row["t_from"]) - 1.0).units if u.status == "en_route")
    node = int(row["from_node"])
    assert (started.lon, started.lat) == pytest.approx((city.roads.lon[node], city.roads.lat[node]))


def test_the_log_says_where_everybody_is(city: City) -> None:
    calls = night(city, 60, gap_s=150, seed=9)
    calls["u_transport"] = 0.8
    done = run(city, calls)
    twin = EmergencyTwin(city, calls, router=Router(city.roads), rules=UNCERTAIN)
    for t in (900.0, 3000.0, 7000.0):
        twin.advance_to(t)
        assert_is_now(state_at(done, t), twin.world)


def test_a_unit_that_turns_back_is_where_its_pace_has_brought_it(city: City) -> None:
    """The call is called off half-way: the unit goes home from a node that it can have reached by then."""
    calls = fixed_calls((0.0, 98, 1), transport=False)
    calls["u_travel"] = 0.97
    slow_s = drive_s(run(city, calls, units=1))[0]
    calls["cancel_s"] = 30.0 + 0.5 * slow_s
    done = run(city, calls, units=1)
    back = done.trace[done.trace["status"] == UnitStatus.RETURNING][0]
    start = int(done.trace[done.trace["status"] == UnitStatus.EN_ROUTE][0]["from_node"])
    whole = done.router.travel_s(start, 98, metric=SIRENS)
    so_far = done.router.travel_s(start, int(back["from_node"]), metric=SIRENS)
    assert 0.3 * whole < so_far < 0.8 * whole


def test_two_units_of_one_call_meet_different_luck(city: City) -> None:
    calls = fixed_calls((0.0, 60, 1))
    calls["n_units"] = 2
    rows = run(city, calls).responses
    assert rows["u_travel"][0] != rows["u_travel"][1]
    assert ((rows["u_travel"] > 0) & (rows["u_travel"] < 1)).all()


def test_who_decides_reckons_with_the_median(city: City) -> None:
    """Which unit is sent to each call does not depend on how its drive will turn out."""
    calls = fixed_calls(*((20_000.0 * i, int(v), 1) for i, v in enumerate(range(3, 98, 7))))
    lucky, unlucky = calls.copy(), calls.copy()
    lucky["u_travel"], unlucky["u_travel"] = 0.01, 0.99
    assert run(city, lucky).calls["unit"].tolist() == run(city, unlucky).calls["unit"].tolist()
