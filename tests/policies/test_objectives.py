"""Gains and worths of moves against the objective itself, written down as in the literature, on worlds made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from doors import add_up_gains, choose_station, worth_of_move
from worlds import CITY, NODES, ROUTER, made, put_at_hospital, scatter, seconds

from ems_twin.errors import InputError
from ems_twin.world import Ground, Moves, Objective, Rules, Stationing, StationPolicy, World, make_ground

AVAILABLE = (0, 7, 8)


def random_objective(rng: np.random.Generator, *, coverage: bool, **changed: Any) -> Objective:
    points = rng.integers(0, 49, 12)
    drive_s = np.stack([np.stack([seconds(int(node)) / faster for node in points]) for faster in (1.3, 1.0)])[:, None]
    facts = {
        "penalty": drive_s > 120.0 if coverage else drive_s, "nobody": 1.0 if coverage else 2400.0,
        "weight": rng.dirichlet(np.ones(12))[None, None], "busy_share": float(rng.uniform(0.1, 0.8)),
    }  # fmt: skip
    return Objective(**facts | changed)


def unpreparedness(plan: Objective, stations: list[int], *, metric: int = 0, which: int = 0, row: int = 0) -> float:
    """The objective, with units at some stations: the sum over points and their k-th nearest units."""
    q = float(np.broadcast_to(plan.busy_share, len(plan.weight))[which])
    total = 0.0
    for weight, penalty in zip(plan.weight[which, row], plan.penalty[metric, row], strict=True):
        of_units = sorted(float(np.float32(penalty[s])) for s in stations)
        total += weight * sum((1 - q) * q**k * f for k, f in enumerate(of_units))
        total += weight * q ** len(of_units) * plan.nobody
    return total


def homes(world: World) -> list[int]:
    return world.units["home"][np.isin(world.units["status"], AVAILABLE)].tolist()


def scattered(plan: Stationing, rng: np.random.Generator) -> tuple[World, Ground]:
    world, ground = made(plan)
    scatter(world, rng)
    return world, ground


@pytest.mark.parametrize("coverage", [True, False])
def test_gains_and_moves_are_differences_of_the_objective(coverage: bool) -> None:
    rng = np.random.default_rng(coverage)
    for _ in range(40):
        objective = random_objective(rng, coverage=coverage)
        world, ground = scattered(Stationing(objective=objective, moves=Moves()), rng)
        there, at = homes(world), len(world.units) + 5
        before = unpreparedness(objective, there)
        add_up_gains(world, ground, -1, at)
        assert world.stations["n_available"].tolist() == np.bincount(there, minlength=4).tolist()
        for s in range(4):
            assert world.stations["gain"][s] == pytest.approx(before - unpreparedness(objective, [*there, s]), abs=1e-9)
            assert world.scratch[at + 12 * s : at + 12 * s + 12].sum() == pytest.approx(world.stations["gain"][s])
        for x in set(there):
            for y in range(4):
                after = there.copy()
                after[after.index(x)] = y
                expected = before - unpreparedness(objective, after)
                assert worth_of_move(world, ground, x, y, at) == pytest.approx(expected, abs=1e-9)


def test_several_rows_have_speeds_of_their_own_and_a_unit_may_be_left_out() -> None:
    rng = np.random.default_rng(7)
    penalty = rng.exponential(100.0, (2, 2, 12, 4)).astype(np.float32)
    weight = rng.random((1, 2, 12))
    objective = Objective(penalty=penalty, nobody=5000.0, weight=weight, priority=np.array([1, 3]))
    world, ground = scattered(Stationing(objective=objective), rng)
    free = int(np.flatnonzero(world.units["status"] == 0)[0])
    there = homes(world)
    there.remove(int(world.units["home"][free]))
    add_up_gains(world, ground, free, -1)
    for s in range(4):  # priority 1 is driven to with sirens, metric 0, priority 3 without
        expected = sum(
            unpreparedness(objective, there, metric=row, row=row)
            - unpreparedness(objective, [*there, s], metric=row, row=row)
            for row in (0, 1)
        )
        assert world.stations["gain"][s] == pytest.approx(expected)


@pytest.mark.parametrize(("now", "which"), [(0.0, 1), (1799.0, 1), (1800.0, 0), (5399.0, 0), (5401.0, 2), (9e5, 2)])
def test_weights_are_those_of_the_middle_of_the_hour_ahead(now: float, which: int) -> None:
    rng = np.random.default_rng(3)
    objective = random_objective(
        rng, coverage=False, weight=rng.random((3, 1, 12)), busy_share=np.array([0.2, 0.4, 0.6]),
        weights_from_s=np.array([0.0, 3600.0, 7200.0]), weight_set=np.array([1, 0, 2]),
    )  # fmt: skip
    world, ground = made(Stationing(objective=objective))
    world.clock["now"] = now
    add_up_gains(world, ground, -1, -1)
    before = unpreparedness(objective, homes(world), which=which)
    for s in range(4):
        after = unpreparedness(objective, [*homes(world), s], which=which)
        assert world.stations["gain"][s] == pytest.approx(before - after)


@pytest.mark.parametrize("per_min", [0.0, 0.02, 0.5])
@pytest.mark.parametrize("coverage", [True, False])
def test_a_free_unit_goes_where_it_adds_most_less_the_drive(coverage: bool, per_min: float) -> None:
    rng = np.random.default_rng(11)
    chosen = set()
    for _ in range(30):
        objective = random_objective(rng, coverage=coverage)
        plan = Stationing(policy=StationPolicy.BEST_STATION, objective=objective, travel_discount_per_min=per_min)
        world, ground = scattered(plan, rng)
        put_at_hospital(world, 0)
        there = homes(world)
        before = unpreparedness(objective, there)
        gains = np.array([before - unpreparedness(objective, [*there, s]) for s in range(4)])
        worth = gains * np.exp(-per_min * seconds(CITY.hospitals[0].node) / 60.0)
        station = choose_station(world, ground, 0)
        assert worth[station] == pytest.approx(worth.max())
        chosen.add(station)
    assert len(chosen) > 1


def test_the_published_rule_in_a_case_worked_by_hand() -> None:
    """Two points: a unit covers the heavier already, which leaves 0.3 of its 0.7 to gain; the other has 0.3 to gain."""
    penalty = np.array([[0, 1, 1, 1], [1, 0, 1, 1]], dtype=float)
    objective = Objective(penalty=np.tile(penalty, (2, 1, 1, 1)), weight=np.array([[[0.7, 0.3]]]), busy_share=0.3)
    world, ground = made(Stationing(policy=StationPolicy.BEST_STATION, objective=objective))
    world.units["status"][1:] = 3
    assert homes(world) == [0]
    put_at_hospital(world, 7)
    assert choose_station(world, ground, 7) == 1
    assert world.stations["gain"] == pytest.approx([0.7 * 0.7 * 0.3, 0.7 * 0.3, 0.0, 0.0])


@pytest.mark.parametrize(
    ("facts", "messages"),
    [
        ({"penalty": np.zeros((2, 3))}, ["penalty has shape (2, 3)"]),
        (
            {"weight": np.ones((1, 2, 12)), "priority": np.array([1, 2])},
            ["weight has shape", "priority has shape (2,)"],
        ),
        ({"busy_share": np.array([0.1, 0.2])}, ["busy_share has shape (2,), not (1,)"]),
        ({"busy_share": 1.5, "nobody": 10.0}, ["busy_share is 1.5", "outside 0 to 10"]),
        ({"weight": np.full((1, 1, 12), -1.0), "priority": np.array([0])}, ["weight holds", "priority holds"]),
        ({"weights_from_s": np.array([0.0, 0.0]), "weight_set": np.array([0, 0])}, ["ascending"]),
        ({"weight_set": np.array([1])}, ["outside 0 to 0"]),
    ],
)
def test_an_objective_that_makes_no_sense_says_all_that_is_wrong(facts: dict[str, Any], messages: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        random_objective(np.random.default_rng(1), coverage=False, **facts)
    assert all(message in str(caught.value) for message in messages)


def test_policies_are_refused_without_what_they_need() -> None:
    objective = random_objective(np.random.default_rng(1), coverage=True)
    table = np.eye(4, dtype=np.int64)
    for facts, message in (
        ({"policy": StationPolicy.BEST_STATION}, "no objective for stations"),
        ({"moves": Moves()}, "no objective for moves"),
        (
            {"moves": Moves(), "objective": random_objective(np.random.default_rng(1), coverage=True, busy_share=0.0)},
            "is 0",
        ),
        (
            {"moves": Moves(), "objective": objective, "policy": StationPolicy.COMP_TABLE, "comp_table": table},
            "do not go",
        ),
        ({"travel_discount_per_min": -1.0}, "travel_discount_per_min is -1.0"),
    ):
        with pytest.raises(InputError, match=message):
            Stationing(**facts)
    with pytest.raises(InputError, match=r"rest_s is -1.*most_moves is 1\.5"):
        Moves(rest_s=-1, most_moves=1.5)
    with pytest.raises(InputError, match="for 4 stations and the city has 3"):
        Stationing(objective=objective).scratch_needed(2, 3)
    with pytest.raises(InputError, match="no objective that says which unit is missed less"):
        make_ground(CITY, ROUTER, Rules(spare_from_priority=2))
    for changed, message in (
        ({"penalty": objective.penalty[:1]}, "for 1 metrics and the router has 2"),
        ({"priority": np.array([10])}, "priority 10 does not exist"),
    ):
        wrong = random_objective(np.random.default_rng(1), coverage=True, **changed)
        with pytest.raises(InputError, match=message):
            make_ground(CITY, ROUTER, Rules(), stationing=Stationing(objective=wrong))
    world, ground = made(Stationing(objective=objective))
    with pytest.raises(ValueError, match="scratch is too short"):
        add_up_gains(world._replace(scratch=np.zeros(8)), ground, -1, -1)
    assert len(NODES) == len(world.stations)
