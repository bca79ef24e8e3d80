"""Which unit is sent when some are missed less than others: cases worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
from doors import choose_unit
from worlds import CITY, NODES, NOW, made

from ems_twin.demand import CALL_DRAW
from ems_twin.world import Objective, Rules, Stationing, World

RULES: dict[str, Any] = {
    "spare_from_priority": 2,
    "spare_target_s": 480.0,
    "spare_guard_s": 60.0,
    "sirens_to_priority": 0,
}


def a_call(node: int, priority: int) -> np.ndarray:
    calls = np.zeros(1, CALL_DRAW)
    calls["node"], calls["priority"], calls["t_received"] = node, priority, NOW - 90.0
    return calls


def dispatched(
    priority: int, *, node: int = 2, weight: tuple[float, float] = (0.9, 0.1), change: Any = None, **rules: Any
) -> int:
    """Unit for a call near station 0 (units 0 and 1), four blocks nearer than to station 1 (units 2 and 3).

    Each of the two stations covers a point of its own, of the given weights.
    """
    penalty = np.array([[0.0, 1.0, 1.0, 1.0], [1.0, 0.0, 1.0, 1.0]])
    objective = Objective(penalty=np.tile(penalty, (2, 1, 1, 1)), weight=np.array([[weight]]), busy_share=0.3)
    world, ground = made(Stationing(objective=objective), a_call(node, priority), Rules(**RULES | rules))
    world.units["status"][4:] = 3
    if change is not None:
        change(world)
    return int(choose_unit(world, ground, 0))


def test_the_unit_that_is_missed_less_goes_if_it_is_there_nearly_as_soon() -> None:
    """Node 2 is two blocks from station 0 and four (40 s more) from station 1."""
    assert dispatched(3) == 2
    assert dispatched(2) == 2
    assert dispatched(1) == 0  # urgent: the closest
    assert dispatched(3, spare_from_priority=0) == 0
    assert dispatched(3, spare_guard_s=39.0) == 0
    assert dispatched(3, weight=(0.1, 0.9)) == 0  # the closest is missed less itself


def test_the_target_counts_from_the_ring() -> None:
    """It rang 90 s ago; a minute of turnout and four blocks are still to come: 230 s."""
    assert dispatched(3, spare_target_s=231.0) == 2
    assert dispatched(3, spare_target_s=229.0) == 0


def test_without_a_target_of_its_own_the_rule_takes_the_citys() -> None:
    """The same call; the city's target of priority 3, and of all less urgent ones, is the last it has."""
    given = CITY.target_s[-1]
    assert dispatched(3, spare_target_s=None, change=lambda world: set_received(world, NOW + 140.0 - given + 1.0)) == 2
    assert dispatched(3, spare_target_s=None, change=lambda world: set_received(world, NOW + 140.0 - given - 1.0)) == 0
    assert dispatched(9, spare_target_s=None) == 2


def set_received(world: World, t_s: float) -> None:
    world.calls["t_received"] = t_s


def test_units_without_the_skill_or_near_the_end_of_their_shift_are_not_sent() -> None:
    def unable(world: World) -> None:
        world.calls["needs"] = 2
        world.units["skills"] = [3, 3, 1, 3, 3, 3, 3, 3]

    def at_the_end(world: World) -> None:
        world.units["t_off"][2:4] = NOW + 60.0

    assert dispatched(3, change=unable) == 3
    assert dispatched(3, change=at_the_end) == 0


def test_of_equals_the_one_there_first_goes() -> None:
    def further_on(world: World) -> None:  # unit 3 has its place at station 1, and is a block nearer
        world.units["status"][3], world.units["metric"][3] = 7, 1
        world.units["from_node"][3], world.units["t_from"][3] = 5, NOW
        world.units["to_node"][3], world.units["t_to"][3] = NODES[1], NOW + 20.0

    assert dispatched(3, change=further_on) == 3


def test_nobody_is_taken_from_a_call_or_waited_for_in_anothers_stead() -> None:
    def closest_is_under_way(world: World) -> None:
        world.units["status"][0], world.units["status"][1] = 1, 3
        world.units["call"][0] = 0
        world.calls["t_notified"] = NOW

    assert dispatched(2, change=closest_is_under_way, preempt=((2, 1),)) == 2
    assert dispatched(3, change=lambda world: world.units["status"].fill(3)) == -1
