"""Reviews of where available units stand, by compliance tables: worlds made by hand, against scipy's optimum."""

from __future__ import annotations

import numpy as np
import pytest
from doors import choose_station, review, times_to_stations
from scipy.optimize import linear_sum_assignment
from worlds import BLOCK_S, CITY, NODES, made, reviewed, scatter, seconds, some_table, targets, zhang

from ems_twin.city.sample import grid_city
from ems_twin.demand import CALL_DRAW
from ems_twin.routing import Router
from ems_twin.world import Rules, Stationing, StationPolicy, UnitStatus, make_ground, new_world


@pytest.mark.parametrize("rows_each", [1, 3])
def test_compliance_is_reached_with_the_least_driving_and_the_fewest_moves(rows_each: int) -> None:
    rng = np.random.default_rng(rows_each)
    for _ in range(60):
        table = some_table(rng, 8, rows_each)
        world, ground = made(Stationing(policy=StationPolicy.COMP_TABLE, comp_table=rng.permutation(table)))
        movable, times = scatter(world, rng)
        moves = reviewed(world, ground)
        k = len(movable)
        if k == 0:
            assert moves == [-1] * 8
            continue
        best = []
        for wanted in ground.stationing.comp_table[ground.stationing.comp_table.sum(axis=1) == k]:
            slots = np.repeat(np.arange(4), wanted)
            elsewhere = slots[None, :] != world.units["home"][movable][:, None]
            picked = linear_sum_assignment(times[:, slots] + 1e-3 * elsewhere)
            best.append((times[:, slots][picked].sum(), elsewhere[picked].sum(), wanted.tolist()))
        least_s, n_moves, wanted = min(best, key=lambda entry: entry[0])  # of equals the first row
        chosen = targets(world)[movable]
        assert times[np.arange(k), chosen].sum() == pytest.approx(least_s)
        assert np.bincount(chosen, minlength=4).tolist() == wanted
        assert sum(move >= 0 for move in moves) == n_moves
        assert all(moves[u] == -1 for u in set(range(8)) - set(movable.tolist()))


def test_a_unit_between_two_nodes_finishes_its_street_first() -> None:
    """It drives from node 0 to node 7 and may as well return: in the second block it does, in the fifth no longer."""
    city = grid_city(1, 10, stations=((0, 0), (0, 7)), hospitals=((0, 9),))
    plan = Stationing(policy=StationPolicy.COMP_TABLE, comp_table=np.array([[0, 1], [1, 0], [1, 1]]))
    for now, turns_at, expected in ((30.0, 2, 0), (90.0, 5, -1)):
        world = new_world(city, np.zeros(0, CALL_DRAW), units=1).with_scratch(plan.scratch_needed(1, 2))
        unit = world.units[0]
        unit["status"], unit["home"], unit["station"], unit["metric"] = UnitStatus.RELOCATING, 1, 1, 1
        unit["from_node"], unit["to_node"], unit["t_to"] = 0, 7, 7 * BLOCK_S
        world.clock["now"] = now
        ground = make_ground(city, Router.for_city(city), Rules(), stationing=plan)
        review(world, ground)
        assert world.units["move_to"].tolist() == [expected]
        times_to_stations(world, ground, 0, 0)
        assert world.scratch[:2].tolist() == pytest.approx([10 + turns_at * BLOCK_S, 10 + (7 - turns_at) * BLOCK_S])


def test_times_are_those_of_the_low_priority_and_its_way_off_the_road() -> None:
    """Ordinary speed with 9, sirens when 1 is said to be low; none at all to where the unit stands."""
    router = Router(CITY.roads, sirens_factor=1.3, off_road_mps=(10.0, 5.0))
    for low, faster, pace in ((9, 1.0, 0.2), (1, 1.3, 0.1)):
        world = new_world(CITY, np.zeros(0, CALL_DRAW)).with_scratch(4)
        world.put_off_road(np.zeros(0), np.array([100.0, 0.0, 50.0, 0.0]), np.zeros(1))
        ground = make_ground(CITY, router, Rules(), stationing=Stationing(low_priority=low))
        times_to_stations(world, ground, 0, 0)
        expected = seconds(int(NODES[0])) / faster + pace * np.array([0.0, 100.0, 150.0, 100.0])
        np.testing.assert_allclose(world.scratch, expected, rtol=1e-4)


def test_other_policies_review_nothing() -> None:
    world, ground = made(Stationing())
    assert ground.stationing.review.tolist() == [0, 0]
    assert reviewed(world, ground) == [-1] * 8
    assert zhang().arrays().review.tolist() == [1, 1]
    freed = made(zhang())
    assert [choose_station(*freed, u) for u in range(8)] == freed[0].units["home"].tolist()


def test_a_review_without_room_to_reckon_in_is_stopped() -> None:
    table = some_table(np.random.default_rng(1), 8, 1)
    for plan in (zhang(), Stationing(policy=StationPolicy.COMP_TABLE, comp_table=table)):
        world, ground = made(plan)
        with pytest.raises(ValueError, match="scratch is too short"):
            review(world._replace(scratch=np.zeros(100)), ground)
