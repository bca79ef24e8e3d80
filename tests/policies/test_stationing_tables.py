"""Tables of policies that review where units stand are refused before a run if they cannot serve it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from worlds import slots, zhang

from ems_twin.errors import InputError
from ems_twin.world import Stationing, StationPolicy


@pytest.mark.parametrize(
    ("facts", "messages"),
    [
        ({"policy": StationPolicy.COMP_TABLE}, ["no rows"]),
        (
            {"policy": StationPolicy.COMP_TABLE, "comp_table": np.array([[0, 0], [1, 2], [1, 0]])},
            ["row 1 of comp_table wants no unit", "no row for 2 units"],
        ),
        ({"policy": StationPolicy.COMP_TABLE, "comp_table": np.array([[2, -1]])}, ["a number below 0"]),
        ({"policy": StationPolicy.COMP_TABLE, "comp_table": np.array([[0.5, 0.5]])}, ["whole numbers"]),
        ({"policy": StationPolicy.ZHANG}, ["no slots"]),
        (
            {"policy": StationPolicy.ZHANG, "slot_benefit": slots((3.0, 4.0), (1.0,)), "on_road_discount": -1.0},
            ["station 1 do not decrease: slot 2 is worth 4", "on_road_discount is -1.0"],
        ),
        ({"policy": StationPolicy.ZHANG, "slot_benefit": np.array([[np.nan, 1.0]])}, ["station 1 have a gap"]),
        ({"policy": StationPolicy.ZHANG, "slot_benefit": slots((np.inf,))}, ["infinite benefit"]),
        ({"low_priority": 0}, ["low_priority is 0"]),
        ({"policy": StationPolicy.PRIORITY_LIST}, ["priority_list names no stations"]),
        (
            {"policy": StationPolicy.PRIORITY_LIST, "priority_list": np.array([0, -3])},
            ["place 2 of priority_list is -3"],
        ),
        ({"policy": StationPolicy.PRIORITY_LIST, "priority_list": np.array([0.5])}, ["whole numbers"]),
    ],
)
def test_tables_that_cannot_be_used_are_refused(facts: dict[str, Any], messages: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        Stationing(**facts)
    assert all(message in str(caught.value) for message in messages)


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (Stationing(policy=StationPolicy.COMP_TABLE, comp_table=np.array([[1, 0], [1, 1]])), "no row for 3 units"),
        (Stationing(policy=StationPolicy.COMP_TABLE, comp_table=np.eye(1, 4, dtype=int)), "is for 4 stations"),
        (zhang(slot_benefit=slots((1.0,), (1.0,))), "have 2 slots and there are 3 units"),
        (zhang(), "slot_benefit is for 4 stations and the city has 2"),
        (
            Stationing(policy=StationPolicy.PRIORITY_LIST, priority_list=np.array([0, 1, 2])),
            "priority_list names station 2 and the city has 0 to 1",
        ),
    ],
)
def test_tables_must_fit_the_fleet_and_the_city(plan: Stationing, message: str) -> None:
    with pytest.raises(InputError, match=message):
        plan.scratch_needed(3, 2)
