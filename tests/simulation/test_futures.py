"""Sampled futures: the true one is reproduced, drawn ones do not know it, and all run to their end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from nights import START, assert_same
from rollout_worlds import demand_of, new_night, random_present
from test_conservation import random_setting

from ems_twin.city.sample import grid_city
from ems_twin.demand import WALK_IN_DRAW, expected_calls, generate_calls
from ems_twin.errors import InputError
from ems_twin.routing import Router
from ems_twin.simulation.candidates import Candidate
from ems_twin.simulation.futures import draw_futures, true_future
from ems_twin.simulation.handle import make_handle, run
from ems_twin.simulation.rollout import Runner
from ems_twin.world import CallStatus, EventKind, Rules, World, make_ground, new_world
from ems_twin.world.schema import AVAILABLE, CALL, ENDED

NOTHING = Candidate.nothing()
EVER = 1e12


def assert_same_world(a: World, b: World) -> None:
    for name in ("units", "calls", "hospitals", "stations", "calendar", "queue", "clock", "walk_ins", "agenda"):
        assert_same(getattr(a, name), getattr(b, name))


@pytest.mark.parametrize("seed", range(60))
def test_the_true_future_is_what_happens(seed: int) -> None:
    _, _, world, ground = random_present(seed)
    before = world.fork()
    futures = true_future(world, ground, horizon_s=EVER)
    runner = Runner(ground, futures)
    response_s, offload_s = runner.answers()
    there = runner.run(NOTHING.order(futures.present), 0, 1, response_s, offload_s)
    assert_same_world(world, before)
    run(make_handle(world, ground), EVER, 10**9)
    known = futures.present.source_row
    source = np.concatenate([known, np.arange(len(world.calls) - len(futures.rows) + len(known), len(world.calls))])
    calls = world.calls[source]
    for name in CALL.names or ():
        if name != "incident":
            np.testing.assert_array_equal(there.calls[name][: len(calls)], calls[name], err_msg=name)
    for name in world.units.dtype.names or ():
        if name not in ("event", "call", "next_call"):
            np.testing.assert_array_equal(there.units[name], world.units[name], err_msg=name)
    counted = np.isfinite(response_s) & np.isfinite(calls["t_first"])
    np.testing.assert_array_equal(response_s[counted], (calls["t_first"] - calls["t_received"])[counted])
    assert np.isnan(response_s[np.isfinite(futures.rows["t_first"])]).all()
    carried = np.isfinite(offload_s)
    np.testing.assert_array_equal(offload_s[carried], (calls["t_transfer"] - calls["t_at_hospital"])[carried])


@pytest.mark.parametrize("seed", range(25))
def test_drawn_futures_end_under_every_rule_and_order(seed: int) -> None:
    city, fleet, world, ground = random_present(seed + 1000)
    before = world.fork()
    futures = draw_futures(
        demand_of(city, 5.0 + seed), city, world, ground, start=START, horizon_s=3600.0, n=3, seed=seed,
        skill_names=fleet.skill_names,
    )  # fmt: skip
    runner = Runner(ground, futures)
    for candidate in some_orders(world):
        for k in range(futures.n):
            there = runner.run(candidate.order(futures.present), k, k + 1, *runner.answers())
            run(make_handle(there, ground), EVER, 10**9)
            check_all_over(there, int(futures.first[k + 1] - futures.first[k]))
    assert_same_world(world, before)


def some_orders(world: World) -> list[Candidate]:
    available = np.flatnonzero(np.isin(world.units["status"], AVAILABLE))
    orders = [NOTHING]
    for u in available[:2]:
        orders += [Candidate.move(int(u), 1), Candidate.hold(int(u))]
    for c in np.flatnonzero(np.isin(world.calls["status"], (CallStatus.QUEUED, CallStatus.ASSIGNED))):
        orders += [Candidate.send(int(u), int(c)) for u in available if is_legal(Candidate.send(int(u), int(c)), world)]
    return orders[:8]


def is_legal(candidate: Candidate, world: World) -> bool:
    try:
        candidate.check(world)
    except InputError:
        return False
    return True


def check_all_over(world: World, n: int) -> None:
    rows = world.calls[:n]
    assert np.isin(rows["status"], ENDED).all()
    assert world.clock["n_ended"][0] == len(world.calls)
    assert world.clock["n_queued"][0] == 0
    assert (world.units["call"] == -1).all()
    for name in ("occupied", "units_waiting", "inbound", "offloading"):
        assert (world.hospitals[name] == 0).all(), name
    carried = rows[rows["hospital"] >= 0]
    assert len(np.unique(carried["incident"])) == len(carried)
    assert (world.units["skills"][carried["unit"]] & 1).all()
    served = rows[rows["status"] == CallStatus.ENDED]
    wait = served["queued_s"] + served["bumped_s"] + served["t_on_scene"] - served["t_notified"]
    np.testing.assert_allclose(served["t_on_scene"] - served["t_needed"], wait, atol=1e-5)


@pytest.mark.parametrize("seed", range(20))
def test_drawn_futures_know_nothing_of_the_true_one(seed: int) -> None:
    """Two nights that are the same up to now, and in which everything turns out differently afterwards."""
    city, calls, options = random_setting(seed + 2000, 50, 150.0)
    world, ground = new_night(city, calls, options)
    until_s = float(calls["t_received"][30])
    run(make_handle(world, ground), until_s, 10**9)
    others = options | {"walk_ins": with_other_stays(world, until_s)}
    other, _ = new_night(city, with_another_future(calls, world, until_s), others)
    run(make_handle(other, ground), until_s, 10**9)
    for name in ("status", "to_node", "t_to", "home", "since"):
        np.testing.assert_array_equal(world.units[name], other.units[name])
    answers = []
    for one in (world, other):
        futures = draw_futures(
            demand_of(city, 10.0), city, one, ground, start=START, horizon_s=3600.0, n=4, seed=seed,
            skill_names=options["fleet"].skill_names,
        )  # fmt: skip
        runner = Runner(ground, futures)
        found = runner.answers()
        runner.run(NOTHING.order(futures.present), 0, futures.n, *found)
        answers.append(found)
    for a, b in zip(*answers, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def with_other_stays(world: World, now: float) -> np.ndarray:
    """The same walk-ins up to now; others have not come yet, and whoever has not left yet stays longer."""
    walk_ins = np.zeros(len(world.walk_ins), WALK_IN_DRAW)
    for name in WALK_IN_DRAW.names or ():
        walk_ins[name] = world.walk_ins[name]
    walk_ins["t_arrival"][walk_ins["t_arrival"] > now] += 123.0
    walk_ins["stay_s"][~(world.walk_ins["t_bay"] + walk_ins["stay_s"] <= now)] += 777.0
    return walk_ins


def with_another_future(calls: np.ndarray, world: World, now: float) -> np.ndarray:
    """The same calls, of which everything is different that has not shown itself yet."""
    calls = calls.copy()
    first = world.calls[world.calls["incident"] == np.arange(len(world.calls))]
    ahead = calls["t_received"] > now
    calls["node"][ahead], calls["priority"][ahead] = calls["node"][ahead][::-1], 1
    rows = {name: ~(first[name] <= now) for name in ("t_needed", "t_en_route", "t_on_scene", "t_left_scene")}
    done = {int(c): [r for r in world.calls if r["incident"] == c] for c in np.flatnonzero(world.calls["role"] == 0)}
    for i, c in enumerate(done):
        mine = done[c]
        if rows["t_needed"][i]:
            calls["dispatch_delay_s"][i] += 77.0
        if all(np.isnan(r["t_notified"]) and r["n_bumps"] == 0 for r in mine):
            calls["turnout_s"][i] += 33.0
        if all(np.isnan(r["t_on_scene"]) for r in mine):
            calls["transport"][i] = 1 - calls["transport"][i]
            calls["scene_s"][i] += 500.0
            still = first["status"][i] not in (*ENDED, CallStatus.EXPECTED)
            calls["cancel_s"][i] = now - calls["t_received"][i] + 5.0 if still else calls["cancel_s"][i]
        elif len(mine) == 1 and np.isnan(first["t_left_scene"][i]):
            calls["scene_s"][i] += 300.0
        if all(np.isnan(r["t_bay"]) for r in mine):
            calls["offload_s"][i] += 400.0
        elif all(np.isnan(r["t_transfer"]) for r in mine):
            calls["offload_s"][i] += 200.0
        if all(np.isnan(r["t_transfer"]) for r in mine):
            calls["clear_s"][i] += 100.0
        if not any(r["t_transfer"] + r["stay_s"] <= now for r in mine):
            calls["stay_s"][i] += 888.0
    return calls


def test_as_many_calls_as_expected_and_all_futures_different() -> None:
    city, fleet, world, ground = random_present(7)
    demand = demand_of(city, 30.0)
    now = float(world.clock["now"][0])
    futures = draw_futures(
        demand, city, world, ground, start=START, horizon_s=7200.0, n=400, seed=3, skill_names=fleet.skill_names
    )
    of = np.repeat(np.arange(futures.n), np.diff(futures.first))
    comes = (futures.rows["role"] == 0) & (futures.rows["status"] == CallStatus.EXPECTED)
    n = np.bincount(of[comes], minlength=futures.n)
    expected = expected_calls(demand, city, start=START, duration_s=7200.0)
    assert n.mean() == pytest.approx(expected, abs=4 * np.sqrt(expected / futures.n))
    assert n.var() == pytest.approx(expected, rel=0.3)  # Poisson
    times = futures.rows["t_received"][comes]
    assert times.min() > now
    assert times.max() < now + 7200.0
    for k in range(futures.n):
        assert np.all(np.diff(times[of[comes] == k]) >= 0)
    assert len(np.unique(times)) == len(times)


def test_breakdowns_and_diversions_ahead_are_left_out_and_shifts_are_not() -> None:
    seen: set[int] = set()
    for seed in range(30):
        city, fleet, world, ground = random_present(seed)
        futures: Any = draw_futures(
            demand_of(city, 5.0), city, world, ground, start=START, horizon_s=600.0, n=1, seed=1,
            skill_names=fleet.skill_names,
        )  # fmt: skip
        agenda = futures.present.world.agenda
        due = np.flatnonzero(futures.present.entries["kind"] >= EventKind.DUTY_BEGINS)
        if not len(due):
            continue
        assert (agenda["kind"] != EventKind.DIVERSION).all()
        assert not ((agenda["kind"] == EventKind.OUT_OF_SERVICE) & (agenda["until"] > 0)).any()
        seen |= set(agenda["kind"].tolist())
    assert {EventKind.DUTY_BEGINS, EventKind.DUTY_ENDS, EventKind.BREAK_DUE} <= seen


def test_no_futures_are_refused() -> None:
    city, _, world, ground = random_present(1)
    with pytest.raises(InputError, match="0 futures"):
        draw_futures(demand_of(city, 5.0), city, world, ground, start=START, horizon_s=600.0, n=0, seed=1)


def test_drawn_futures_are_like_true_ones() -> None:
    """Over many nights drawn from the demand: of the calls in progress, as many end soon as do so in the futures."""
    city = grid_city(6, 8, stations=((0, 0), (5, 7)), hospitals=((2, 4),), units_per_station=4)
    ground = make_ground(city, Router.for_city(city), Rules())
    demand = demand_of(city, 8.0)
    plain = tuple(replace(mix, skills={}) for mix in demand.case_mix)
    demand = replace(demand, case_mix=plain)
    errors: dict[str, list[float]] = {"ended": [], "carried": [], "called off": []}
    for night in range(120):
        calls = generate_calls(demand, city, start=START, duration_s=7200.0, seed=5, replication=night)
        world = new_world(city, calls, keep_trace=False)
        run(make_handle(world, ground), 5400.0, 10**9)
        futures = draw_futures(
            demand, city, world, ground, start=START, horizon_s=1200.0, n=20, seed=6, replication=night, now_s=5400.0
        )
        m = len(futures.present.source_row)
        runner = Runner(ground, futures, longest_s=0.0)
        order, answers = NOTHING.order(futures.present), runner.answers()
        drawn = [runner.run(order, k, k + 1, *answers).calls[:m].copy() for k in range(futures.n)]
        run(make_handle(world, ground), 6600.0, 10**9)
        true = world.calls[futures.present.source_row]
        for name, count in COUNTS.items():
            errors[name].append(count(true) - float(np.mean([count(rows) for rows in drawn])))
    for name, values in errors.items():
        error = np.array(values)
        assert abs(error.mean()) < 3 * error.std() / np.sqrt(len(error)), name
        assert error.std() > 0, name


COUNTS = {
    "ended": lambda rows: float((rows["status"] == CallStatus.ENDED).sum()),
    "carried": lambda rows: float((rows["hospital"] >= 0).sum()),
    "called off": lambda rows: float((rows["status"] == CallStatus.CANCELLED).sum()),
}
