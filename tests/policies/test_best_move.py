"""The best single move against all moves tried one by one, and its limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from doors import review
from test_objectives import homes, random_objective, unpreparedness
from worlds import NODES, NOW, SIDE, made, put_on_road, reviewed, scatter, seconds

from ems_twin.world import Moves, Objective, Rules, Stationing, UnitStatus, World


def all_moves(world: World, objective: Objective, per_min: float, times: dict[int, np.ndarray]) -> dict[Any, float]:
    """Discounted worth of each move of a unit that is at a station or returns."""
    there = homes(world)
    before, worth = unpreparedness(objective, there), {}
    for u, drive_s in times.items():
        if world.units[u]["status"] == UnitStatus.RELOCATING:
            continue
        for y in set(range(4)) - {int(world.units[u]["home"])}:
            after = there.copy()
            after[after.index(world.units[u]["home"])] = y
            gain = before - unpreparedness(objective, after)
            worth[u, y] = gain * np.exp(-per_min * drive_s[y] / 60.0)
    return worth


@pytest.mark.parametrize("coverage", [True, False])
def test_the_best_of_all_moves_is_made_and_no_other(coverage: bool) -> None:
    rng = np.random.default_rng(20 + coverage)
    made_one = 0
    for _ in range(60):
        objective = random_objective(rng, coverage=coverage)
        longest_s, per_min = float(rng.choice([100.0, 1e4])), float(rng.choice([0.0, 0.3]))
        least = 0.005 if coverage else 4.0
        plan = Stationing(
            objective=objective, travel_discount_per_min=per_min,
            moves=Moves(longest_drive_s=longest_s, least_gain=least),
        )  # fmt: skip
        world, ground = made(plan)
        movable, drive_s = scatter(world, rng)
        times = dict(zip(movable.tolist(), drive_s, strict=True))
        worth = {
            (u, y): value for (u, y), value in all_moves(world, objective, per_min, times).items()
            if times[u][y] <= longest_s and value >= least
        }  # fmt: skip
        wanted = reviewed(world, ground)
        sent = [(u, y) for u, y in enumerate(wanted) if y >= 0]
        assert len(sent) == bool(worth)
        if sent:
            assert worth[sent[0]] == pytest.approx(max(worth.values()))
            made_one += 1
    assert 5 < made_one < 60


# All eight units stand at station 0; the only demand lies at station 1, six blocks or two minutes away.
@pytest.mark.parametrize(
    ("change", "limits", "expected"),
    [
        ({}, {}, True),
        ({}, {"longest_drive_s": 119.0}, False),
        ({}, {"longest_drive_s": 121.0}, True),
        ({}, {"least_gain": 0.71}, False),  # it adds (1 - q) = 0.7 and takes nothing away
        ({}, {"least_gain": 0.69}, True),
        ({}, {"most_moves": 0}, False),
        ({"moves_made": 2, "moves_from": NOW - 100.0}, {"most_moves": 2}, False),
        ({"moves_made": 2, "moves_from": NOW - 100.0}, {"most_moves": 3}, True),
        ({"moves_made": 2, "moves_from": NOW - 86_400.0}, {"most_moves": 2}, True),  # that was yesterday
        ({"t_moved": NOW - 599.0}, {"rest_s": 600.0}, False),
        ({"t_moved": NOW - 600.0}, {"rest_s": 600.0}, True),
        # its shift: two minutes there, ten of use, then a job of an hour that may end half an hour late
        ({"t_off": NOW + 120 + 600 + 1800 + 1}, {"least_stay_s": 600.0}, True),
        ({"t_off": NOW + 120 + 600 + 1800 - 1}, {"least_stay_s": 600.0}, False),
        ({"break_s": 1200.0}, {}, False),
        ({"repair_s": 60.0}, {}, False),
        ({"status": UnitStatus.ON_SCENE}, {}, False),
        ({"status": UnitStatus.ON_BREAK}, {}, False),
    ],
)
def test_limits(change: dict[str, Any], limits: dict[str, Any], expected: bool) -> None:
    penalty = np.tile(np.array([[1.0, 0.0, 1.0, 1.0]]), (2, 1, 1, 1))
    plan = Stationing(
        objective=Objective(penalty=penalty, weight=np.ones((1, 1, 1)), busy_share=0.3), moves=Moves(**limits)
    )
    world, ground = made(plan, rules=Rules(expected_job_s=3600.0, overrun_grace_s=1800.0))
    world.units["home"] = world.units["station"] = 0
    world.units["from_node"] = world.units["to_node"] = NODES[0]
    for name, value in change.items():
        world.units[name] = value
    assert seconds(int(NODES[0]))[1] == 120.0
    wanted = reviewed(world, ground)
    assert wanted == ([1] if expected else [-1]) + [-1] * 7


def test_a_returning_unit_is_turned_round_if_it_is_nearer_and_a_moving_one_is_not() -> None:
    penalty = np.tile(np.array([[1.0, 0.0, 1.0, 1.0]]), (2, 1, 1, 1))
    objective = Objective(penalty=penalty, weight=np.ones((1, 1, 1)))
    plan = Stationing(objective=objective, moves=Moves(), travel_discount_per_min=0.5)
    for status, expected in ((UnitStatus.RETURNING, 5), (UnitStatus.RELOCATING, 0)):
        world, ground = made(plan)
        world.units["home"] = world.units["station"] = 0
        world.units["from_node"] = world.units["to_node"] = NODES[0]
        put_on_road(world, 5, 1 * SIDE + 4, 0, status)  # a block from station 1
        world.units[5]["t_moved"] = np.inf if status == UnitStatus.RELOCATING else -np.inf
        assert np.flatnonzero(np.array(reviewed(world, ground)) == 1).tolist() == [expected]


def test_a_review_without_room_is_stopped() -> None:
    world, ground = made(Stationing(objective=random_objective(np.random.default_rng(1), coverage=True), moves=Moves()))
    with pytest.raises(ValueError, match="scratch is too short"):
        review(world._replace(scratch=world.scratch[:-1]), ground)
