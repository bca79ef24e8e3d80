"""Calls that wait for a unit that is about to be free at a hospital."""

from __future__ import annotations

import numpy as np
import pytest
from nights import fixed_calls
from row_worlds import BLOCK_S, SIRENS_S, row_city, simulated

from ems_twin.simulation import DRIVERS
from ems_twin.world import Rules

SOON = Rules(soon_free=True, expected_turnaround_s=100.0)
AT_HOSPITAL = 30 + 4 * SIRENS_S + 100 + 5 * BLOCK_S  # a call at node 4; free 80 s later, at node 9


@pytest.fixture(params=DRIVERS)
def driver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def two_calls(gap_s: float = 0.0) -> np.ndarray:
    """The second, at node 8, is needed when the first unit has been at the hospital for ``gap_s``."""
    return fixed_calls((0, 4, 1), (AT_HOSPITAL - 10 + gap_s, 8, 1))


def test_a_unit_about_to_finish_next_door_is_waited_for(driver: str) -> None:
    city = row_city(units_per_station=2)
    assert simulated(city, two_calls(20), driver).calls["unit"].tolist() == [0, 1]
    run = simulated(city, two_calls(20), driver, rules=SOON)
    assert run.calls["unit"].tolist() == [0, 0]
    assert run.calls["t_notified"][1] == run.calls["t_ended"][0]
    assert run.calls["t_on_scene"][1] == pytest.approx(AT_HOSPITAL + 80 + SIRENS_S, abs=1e-3)
    assert run.calls["queued_s"][1] == pytest.approx(60, abs=1e-3)
    assert run.calls["was_queued"].tolist() == [0, 1]


def test_a_unit_that_would_be_there_sooner_is_sent(driver: str) -> None:
    run = simulated(
        row_city(units_per_station=2), two_calls(20), driver, rules=Rules(soon_free=True, expected_turnaround_s=1000.0)
    )
    assert run.calls["unit"].tolist() == [0, 1]


def test_a_more_urgent_call_comes_first_and_the_other_is_dispatched_anew(driver: str) -> None:
    """One unit: the call that waits for it gives way to the one in the queue that is more urgent."""
    calls = fixed_calls((0, 4, 1), (AT_HOSPITAL, 8, 3), (AT_HOSPITAL + 20, 8, 1), transport=False)
    calls["transport"][0] = 1
    run = simulated(row_city(), calls, driver, rules=SOON)
    assert run.calls["unit"].tolist() == [0, 0, 0]
    assert run.calls["t_on_scene"][2] < run.calls["t_on_scene"][1]
    assert run.calls["t_notified"][1] >= run.calls["t_ended"][2]


def test_a_unit_that_is_free_earlier_than_thought_takes_the_call_over(driver: str) -> None:
    """Unit 1 comes free at node 7 while the call at node 8 waits for unit 0, whose handover drags on."""
    calls = fixed_calls((0, 4, 1), (10, 7, 1), (AT_HOSPITAL - 5, 8, 1), transport=False)
    calls["transport"][0], calls["offload_s"][0], calls["scene_s"][1] = 1, 3000, 200
    run = simulated(
        row_city(units_per_station=2), calls, driver, rules=Rules(soon_free=True, expected_turnaround_s=30.0)
    )
    assert run.calls["unit"].tolist() == [0, 1, 1]
    assert run.calls["t_notified"][2] == run.calls["t_ended"][1]


def test_a_reserved_call_can_be_called_off_and_can_worsen(driver: str) -> None:
    for change in ("cancel", "worsen"):
        calls = two_calls(20)
        if change == "cancel":
            calls["cancel_s"][1] = 30
        else:
            calls["priority"][1], calls["worsens_s"][1], calls["worse_priority"][1] = 2, 30, 1
        run = simulated(row_city(units_per_station=2), calls, driver, rules=SOON)
        assert np.isnan(run.calls["t_on_scene"][1]) == (change == "cancel")
        assert run.units["next_call"].tolist() == [-1, -1]
        assert run.world.clock["n_ended"][0] == 2
