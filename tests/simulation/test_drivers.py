"""One law, two drivers: the same trace, event for event; and what only the Mesa driver can do."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import mesa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nights import START, assert_same, fixed_calls, night

from ems_twin.city import City
from ems_twin.city.sample import grid_city
from ems_twin.routing import Router
from ems_twin.simulation import Ambulance, Caller, EmergencyRoom, EmergencyTwin, simulate
from ems_twin.world import UnitStatus


@pytest.fixture(scope="module")
def city() -> City:
    return grid_city(9, 11, stations=((0, 0), (8, 10), (4, 5)), hospitals=((1, 8), (7, 2)), units_per_station=2)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 250), st.integers(1, 9), st.floats(20, 900), st.integers(0, 2**31))
def test_both_drivers_write_the_same_trace(city: City, n: int, units: int, gap_s: float, seed: int) -> None:
    calls = night(city, n, gap_s=gap_s, seed=seed)
    router = Router(city.roads)
    a, b = (
        simulate(city, calls, start=START, duration_s=1e5, router=router, units=units, driver=driver)
        for driver in ("compiled", "mesa")
    )
    assert len(a.trace) >= 6 * n
    assert_same(a.trace, b.trace)
    for part in ("units", "calls", "hospitals", "clock"):
        assert_same(getattr(a.world, part), getattr(b.world, part))


def test_ticks_of_any_length_give_the_same_trace(city: City) -> None:
    calls = night(city, 100, gap_s=120)
    whole = simulate(city, calls, start=START, duration_s=1e5, router=Router(city.roads))
    twin = EmergencyTwin(city, calls, router=Router(city.roads), tick_s=77.7)
    while twin.running:
        twin.step()
    assert_same(twin.world.trace[: len(whole.trace)], whole.trace)
    assert twin.is_over
    frame = twin.datacollector.get_model_vars_dataframe()
    assert len(frame) == twin.steps
    assert frame["available_units"].iloc[-1] == len(twin.ambulances)
    assert frame["calls_open"].max() > 1


def test_agents_are_mesa_agents_that_come_and_go(city: City) -> None:
    twin = EmergencyTwin(city, night(city, 60, gap_s=90), router=Router(city.roads))
    assert isinstance(twin, mesa.Model)
    assert len(twin.agents_by_type[Ambulance]) == 6
    assert len(twin.agents_by_type[EmergencyRoom]) == 2
    twin.advance_to(2700.0)
    callers = twin.agents_by_type[Caller]
    assert len(callers) == len(twin.callers) > 0
    busy = twin.agents_by_type[Ambulance].select(lambda unit: not unit.is_available)
    assert len(busy) == 6 - twin.available_units
    for unit in busy:
        assert unit.status not in (UnitStatus.AT_STATION, UnitStatus.RETURNING)
    twin.advance_to(np.inf)
    assert not twin.callers
    assert sum(len(agents) for kind, agents in twin.agents_by_type.items() if issubclass(kind, Caller)) == 0


class SendsTheLast(Caller):
    """A policy in Python: of the available units the one with the highest row."""

    def choose_unit(self) -> int:
        free = [unit.row for unit in self.twin.ambulances if unit.is_available]
        return max(free, default=-1)


class RestsAtNumberOne(Ambulance):
    """A policy in Python: everybody goes to station 1."""

    def choose_station(self) -> int:
        return 1


def test_a_subclass_is_a_policy(city: City) -> None:
    calls = fixed_calls((0, 0, 1), (2000, 5, 1), (4000, 9, 2))
    twin = EmergencyTwin(city, calls, router=Router(city.roads), caller=SendsTheLast, ambulance=RestsAtNumberOne)
    twin.advance_to(np.inf)
    assert twin.world.calls["unit"].tolist() == [5, 5, 5]
    assert twin.world.units["station"][5] == 1
    assert twin.world.units["to_node"][5] == city.stations[1].node


class Fails(Ambulance):
    """An agent with a defect."""

    def arrives_on_scene(self, call: int) -> None:
        raise KeyError("no such street")


def test_an_agent_that_fails_stops_the_run_and_says_where(city: City) -> None:
    twin = EmergencyTwin(city, fixed_calls((0, 40, 1)), router=Router(city.roads), ambulance=Fails)
    with pytest.raises(RuntimeError, match=r"ON_SCENE of unit \d, call 0 failed at \d+\.\d+ s: 'no such street'"):
        twin.advance_to(np.inf)


@pytest.mark.parametrize("way", [copy.deepcopy, lambda twin: pickle.loads(pickle.dumps(twin))])
def test_a_copy_goes_its_own_way_and_ends_the_same(city: City, way: Any) -> None:
    calls = night(city, 80, gap_s=100)
    twin = EmergencyTwin(city, calls, router=Router(city.roads))
    twin.advance_to(3000.0)
    other = way(twin)
    before = twin.world.units.copy()
    other.advance_to(np.inf)
    assert_same(twin.world.units, before)  # the original has not moved
    twin.advance_to(np.inf)
    assert_same(other.world.trace, twin.world.trace)


@pytest.mark.parametrize("until_s", [float("nan"), 5.0])
def test_time_does_not_go_back(city: City, until_s: float) -> None:
    twin = EmergencyTwin(city, fixed_calls((0, 40, 1)), router=Router(city.roads))
    twin.advance_to(10.0)
    with pytest.raises(ValueError, match="cannot advance to"):
        twin.advance_to(until_s)


def test_mesas_batch_run_runs_the_twin(city: City) -> None:
    rows = mesa.batch_run(
        EmergencyTwin,
        {"city": [city], "calls": [night(city, 20, gap_s=300)], "units": [2, 6], "router": [Router(city.roads)]},
        max_steps=50,
        number_processes=1,
        display_progress=False,
    )
    assert {row["units"] for row in rows} == {2, 6}
    assert all(row["now_s"] > 0 for row in rows)


def test_a_world_forked_in_the_middle_is_a_legal_start_for_the_compiled_driver(city: City) -> None:
    from ems_twin.simulation.handle import make_handle, run

    calls = night(city, 120, gap_s=100)
    twin = EmergencyTwin(city, calls, router=Router(city.roads))
    twin.advance_to(4000.0)
    fork = twin.world.fork()
    run(make_handle(fork, twin.ground), np.inf, 10**9, None)
    twin.advance_to(np.inf)
    assert_same(fork.trace, twin.world.trace)
    assert_same(fork.calls, twin.world.calls)
