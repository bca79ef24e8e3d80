"""Instants rebuilt from the log are those that the twin passed through."""

from __future__ import annotations

import numpy as np
import pytest
from nights import START, assert_is_now, fixed_calls, night

from ems_twin.city.sample import grid_city
from ems_twin.errors import InputError
from ems_twin.routing import Router
from ems_twin.simulation import EmergencyTwin, simulate
from ems_twin.simulation.instant import state_at
from ems_twin.world import CallStatus, Rules


@pytest.mark.parametrize(
    "rules", [Rules(), Rules(preempt=((3, 1), (2, 1)), reassign_gain_s=20.0), Rules(count_bays=True)]
)
def test_an_instant_is_the_twin_at_that_time(rules: Rules) -> None:
    city = grid_city(7, 8, stations=((0, 0), (6, 7)), hospitals=((3, 3), (0, 7)), units_per_station=2, bays=1)
    calls = night(city, 90, gap_s=260)
    router = Router(city.roads)
    run = simulate(city, calls, start=START, duration_s=3e4, router=router, rules=rules)
    twin = EmergencyTwin(city, calls, router=router, rules=rules)
    for t_s in np.sort(np.random.default_rng(2).uniform(0, run.end_s, 60)):
        twin.advance_to(float(t_s))
        then, world = state_at(run, float(t_s)), twin.world
        assert_is_now(then, world)
        open_now = ~np.isin(world.calls["status"], (CallStatus.EXPECTED, CallStatus.ENDED))
        assert then.calls_open == tuple(np.flatnonzero(open_now))
        waiting = np.isin(world.calls["status"], (CallStatus.RECEIVED, CallStatus.QUEUED))
        assert then.calls_waiting == tuple(np.flatnonzero(waiting))


def test_a_unit_is_on_its_street_and_finishes_it_before_it_turns() -> None:
    """Under way home past node 2 it is called: until 210 s it goes on to node 1, then it turns."""
    city = grid_city(2, 10, hospitals=((0, 9),), sirens_factor=2.0)
    calls = np.concatenate([fixed_calls((0, 4, 1), transport=False), fixed_calls((205, 6, 1), transport=False)])
    run = simulate(city, calls, start=START, duration_s=3600.0)
    roads = city.roads
    at_215 = state_at(run, 215.0).units[0]  # needed at 215 s, 45 s after it was free at node 4
    assert at_215.status == "en_route"
    assert at_215.lon == pytest.approx(0.75 * roads.lon[2] + 0.25 * roads.lon[1])
    assert state_at(run, 230.0).units[0].lon == pytest.approx(roads.lon[1])
    assert state_at(run, 235.0).units[0].lon == pytest.approx((roads.lon[1] + roads.lon[2]) / 2)
    assert state_at(run, 0.0).units[0].status == "at_station"
    assert state_at(run, 0.0).at == "2024-05-06T00:00:00+00:00"


@pytest.mark.parametrize("t_s", [-1.0, 1e9, float("nan")])
def test_instants_outside_the_run_are_refused(t_s: float) -> None:
    city = grid_city(1, 3)
    run = simulate(city, fixed_calls((0, 1, 1)), start=START, duration_s=100.0)
    with pytest.raises(InputError, match="is not within the run"):
        state_at(run, t_s)
    blind = simulate(city, fixed_calls((0, 1, 1)), start=START, duration_s=100.0, keep_trace=False)
    with pytest.raises(InputError, match="kept no event log"):
        state_at(blind, 5.0)
