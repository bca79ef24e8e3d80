"""Rollout: common luck, gains with intervals, early stopping, and a twin that takes its advice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from nights import START, assert_same, night
from rollout_worlds import demand_of, lopsided, random_present

from ems_twin.city.sample import grid_city
from ems_twin.errors import InputError
from ems_twin.routing import Router
from ems_twin.simulation import Adviser, Candidate, EmergencyTwin, RolloutTwin, draw_futures, reasons, rollout, simulate
from ems_twin.simulation.futures import Futures
from ems_twin.simulation.handle import make_handle, run
from ems_twin.simulation.proposals import covering_moves
from ems_twin.simulation.rollout import Rollout
from ems_twin.simulation.rollout_twin import with_reviews
from ems_twin.world import Ground, Rules, Stationing, StationPolicy, World, make_ground, new_world

TARGET_S = (240.0, 480.0, 900.0)
NOTHING = Candidate.nothing()


def drawn(city, demand, world, ground, *, n=200, seed=1, **options) -> Futures:
    return draw_futures(demand, city, world, ground, start=START, horizon_s=7200.0, n=n, seed=seed, **options)


def test_doing_nothing_is_doing_nothing_to_the_last_bit() -> None:
    city, fleet, world, ground = random_present(3)
    futures = drawn(city, demand_of(city, 10.0), world, ground, n=60, skill_names=fleet.skill_names)
    found = rollout([NOTHING, NOTHING], world, ground, futures, target_s=TARGET_S)
    for name, gain in found.outlooks[1].gains.items():
        assert (gain.mean, gain.low, gain.high) == (0, 0, 0), name
    assert found.best == 0
    assert not found.is_clear
    assert found.n_futures == 60


def test_results_do_not_depend_on_threads() -> None:
    worlds = (random_present(seed) for seed in range(50))
    city, fleet, world, ground = next(found for found in worlds if (found[2].units["status"] == 0).sum() > 2)
    candidates = [
        NOTHING,
        *(Candidate.move(int(u), s) for u in np.flatnonzero(world.units["status"] == 0) for s in (0, 1)),
    ]
    futures = drawn(city, demand_of(city, 10.0), world, ground, n=130, skill_names=fleet.skill_names)
    one, two = (rollout(candidates, world, ground, futures, target_s=TARGET_S, threads=n) for n in (1, 2))
    assert one.best == two.best
    for a, b in zip(one.outlooks, two.outlooks, strict=True):
        assert (a.means, a.gains, a.n_futures) == (b.means, b.gains, b.n_futures)


def test_the_move_that_is_right_is_found_and_nothing_else_is_run_to_the_end() -> None:
    city, demand, world, ground = lopsided(calls_at=9)
    futures = drawn(city, demand, world, ground)
    candidates = [NOTHING, Candidate.move(0, 1), Candidate.hold(1)]
    found = rollout(candidates, world, ground, futures, target_s=TARGET_S)
    assert found.best == 1
    assert found.is_clear
    gain = found.outlooks[1].gains["response_s"]
    assert 0 < gain.low < gain.mean < gain.high
    assert gain.mean <= 9 * 10.0 + 1  # nine blocks of 10 s with sirens are all there is to gain
    assert found.outlooks[1].gains["survival_per_1000"].low > 0
    assert found.n_futures == 50  # one look was enough
    every = rollout(candidates, world, ground, futures, target_s=TARGET_S, stop_early=False)
    assert every.n_futures == futures.n
    assert every.outlooks[1].gains["response_s"].half_width < gain.half_width
    words = reasons(found, city, world, ground)
    assert words[0].startswith("Best: move unit 0 from ")
    assert "3 min drive" in words[0]
    assert "gain" in words[0]
    assert "50 futures" in words[0]


def test_where_nothing_helps_it_says_so() -> None:
    city, demand, world, ground = lopsided(calls_at=0)
    found = rollout(
        [NOTHING, *(Candidate.move(u, 1) for u in range(3))], world, ground, drawn(city, demand, world, ground),
        target_s=TARGET_S,
    )  # fmt: skip
    assert found.best == 0
    assert not found.is_clear
    assert all(one.gains["response_s"].mean <= 0 for one in found.outlooks[1:])
    assert reasons(found, city, world, ground)[0].startswith("Nothing that was tried is better")


def test_sending_another_unit_changes_the_open_call() -> None:
    city, demand, _, ground = lopsided(calls_at=0)
    calls = night(city, 1, gap_s=10.0, transport=0.0)
    calls["node"], calls["priority"], calls["dispatch_delay_s"], calls["turnout_s"] = 9, 1, 1.0, 600.0
    world = new_world(city, calls, keep_trace=False, units=2)
    run(make_handle(world, ground), float(calls["t_received"][0]) + 1.5, 10**9)
    sent = int(world.calls["unit"][0])
    other = 1 - sent
    futures = drawn(
        city, replace(demand, hour_of_week=np.full(168, 1e-9)), world, ground, n=60,
        now_s=float(calls["t_received"][0]) + 31.0,
    )  # fmt: skip
    found = rollout([NOTHING, Candidate.send(other, 0)], world, ground, futures, target_s=TARGET_S, stop_early=False)
    assert world.units["home"].tolist() == [0, 1]
    assert sent == 1  # it stands at the call's door; the other has nine blocks of 10 s to drive, and is told 30 s later
    gain = found.outlooks[1].gains["response_s"]
    assert gain.mean == pytest.approx(-120.0, abs=1e-6)
    assert gain.high < 0
    assert "send unit 0 to call 0 (priority 1) instead of unit 1" in reasons(found, city, world, ground)[1]


@pytest.mark.parametrize(
    ("candidate", "message"),
    [
        (Candidate.move(9, 0), "there is no unit 9"),
        (Candidate.move(0, 9), "there is no station 9"),
        (Candidate.send(0, 0), "call 0 neither waits"),
    ],
)
def test_orders_that_cannot_be_carried_out_are_refused(candidate: Candidate, message: str) -> None:
    city, demand, world, ground = lopsided(calls_at=0)
    with pytest.raises(InputError, match=message):
        rollout([NOTHING, candidate], world, ground, drawn(city, demand, world, ground, n=2), target_s=TARGET_S)


def test_questions_that_have_no_answer_are_refused() -> None:
    city, demand, world, ground = lopsided(calls_at=0)
    two = drawn(city, demand, world, ground, n=2)
    with pytest.raises(InputError, match="no candidates"):
        rollout([], world, ground, two, target_s=TARGET_S)
    with pytest.raises(InputError, match="no measure 'luck'"):
        rollout([NOTHING], world, ground, two, target_s=TARGET_S, by="luck")
    with pytest.raises(InputError, match="1 futures"):
        rollout([NOTHING], world, ground, drawn(city, demand, world, ground, n=1), target_s=TARGET_S)


def test_proposals_name_the_move_that_covers_most() -> None:
    city, _, world, ground = lopsided(calls_at=9)
    weights = np.zeros(city.roads.n_nodes)
    weights[9] = 1.0
    moves = covering_moves(world, ground, weights, target_s=30.0)
    assert moves == [Candidate.move(0, 1)]
    assert covering_moves(world, ground, weights, target_s=30.0, longest_move_s=60.0) == []


def twin_of(world: World, ground: Ground, calls: np.ndarray, adviser: Adviser) -> RolloutTwin:
    city, demand, _, _ = lopsided(calls_at=9)
    return RolloutTwin(
        city, calls, ground=ground, demand=demand, start=START, world=world, router=Router.for_city(city), adviser=adviser,
        propose=lambda w, _: [
            Candidate.move(int(u), s) for u in np.flatnonzero(w.units["status"] == 0) for s in (0, 1)
            if s != w.units["station"][u]
        ],
    )  # fmt: skip


def test_a_twin_takes_the_advice_and_is_better_off() -> None:
    city, _, _, ground = lopsided(calls_at=9)
    calls = night(city, 40, gap_s=3600.0, seed=5)
    calls["node"] = 9

    def world() -> World:
        fleet_world = lopsided(calls_at=9)[2]
        made = new_world(city, calls, units=3, horizon_s=float(calls["t_received"][-1]))
        for name in ("home", "station", "start_station", "from_node", "to_node"):
            made.units[name] = fleet_world.units[name]
        return made

    plain = EmergencyTwin(city, calls, world=world(), ground=ground, router=Router.for_city(city))
    plain.advance_to(np.inf)
    advised = [twin_of(world(), ground, calls, Adviser(horizon_s=7200.0, n_futures=60)) for _ in range(2)]
    for twin in advised:
        twin.advance_to(np.inf)
    assert_same(advised[0].world.calls, advised[1].world.calls)
    clear = [found for _, found in advised[0].asked if found.is_clear]
    assert clear
    assert advised[0].world.units["n_moves"].sum() > 0

    def mean(twin) -> float:
        return float((twin.world.calls["t_on_scene"] - twin.world.calls["t_received"]).mean())

    assert mean(advised[0]) < mean(plain) - 30.0
    times = [t for t, _ in advised[0].asked]
    assert np.all(np.diff(times) >= 300.0)


def test_reviews_are_switched_on_without_a_policy_that_has_them() -> None:
    city = grid_city(3, 4, stations=((0, 0),), hospitals=((2, 3),), units_per_station=2)
    ground = make_ground(city, Router(city.roads), Rules(), stationing=Stationing(policy=StationPolicy.HOME))
    assert with_reviews(ground).stationing.review.tolist() == [1, 1]
    assert with_reviews(ground, when_free=False).stationing.review.tolist() == [1, 0]
    assert ground.stationing.review.tolist() == [0, 0]
    run = simulate(city, night(city, 3, gap_s=500.0), start=START, duration_s=1e4, router=Router(city.roads))
    assert run.world.clock["n_ended"][0] == 3


def test_a_rollout_has_all_it_promises() -> None:
    city, demand, world, ground = lopsided(calls_at=9)
    found: Rollout = rollout(
        [NOTHING, Candidate.move(0, 1)], world, ground, drawn(city, demand, world, ground, n=55), target_s=TARGET_S,
        by="within_target", survival="larsen_1993",
    )  # fmt: skip
    assert found.by == "within_target"
    assert found.seconds > 0
    names = {"response_s", "within_target", "within_target_1", "survival_per_1000", "offload_s"}
    assert names <= set(found.outlooks[0].means)
    assert 0 <= found.outlooks[0].means["within_target"] <= 1
