"""A user's own policies: the same under both drivers, in Python or for numba, and checked before the law acts on them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from nights import START, assert_same, fixed_calls, night
from rollout_worlds import lopsided

from ems_twin.city import City
from ems_twin.city.sample import grid_city
from ems_twin.errors import InputError
from ems_twin.policies import OwnPolicy, View, compiled_policy
from ems_twin.policies.motion import arrival, is_available, may_start
from ems_twin.policies.own_checks import Fault
from ems_twin.routing import Router
from ems_twin.routing.customise import CLOSED
from ems_twin.simulation import (
    Ambulance,
    AnswerError,
    Caller,
    Candidate,
    EmergencyTwin,
    Run,
    draw_futures,
    rollout,
    simulate,
)  # fmt: skip
from ems_twin.simulation.handle import fault_of, make_handle
from ems_twin.simulation.own_answers import with_policies
from ems_twin.world import Ground, Rules, UnitStatus, World, make_ground, new_world
from ems_twin.world.own_policies import DISPATCH, HOSPITAL, RELOCATION, STATION, keeper_of

DRIVERS = ("compiled", "mesa")
CITY = grid_city(9, 11, stations=((0, 0), (8, 10), (4, 5)), hospitals=((1, 8), (7, 2)), units_per_station=2)
ROUTER = Router(CITY.roads)


def ran(calls: np.ndarray, driver: str, own: OwnPolicy | None = None, city: City = CITY, **options: Any) -> Run:
    return simulate(
        city, calls, start=START, duration_s=1e5, router=ROUTER, driver=driver, policies=own, **options
    )  # fmt: skip


# ---- what users would write


@compiled_policy
def closest(world, ground, c):
    best, best_s = -1, np.inf
    for u in range(len(world.units)):
        if is_available(world, u) and may_start(world, ground, u, c):
            s = arrival(world, ground, u, c)
            if s < best_s:
                best, best_s = u, s
    return best


def closest_in_python(view: View, call: int) -> int | None:
    s = view.arrival_s(call)
    return int(np.argmin(s)) if np.isfinite(s).any() else None


@compiled_policy
def nearest_hospital(world, ground, c):
    best = 0
    row = ground.labels.metrics[1].row
    for h in range(len(world.hospitals)):
        n = len(world.stations)
        node = world.calls[c].node
        if ground.places.to_ticks[row, n + h, node] < ground.places.to_ticks[row, n + best, node]:
            best = h
    return best


def nearest_hospital_in_python(view: View, call: int) -> int:
    return int(np.argmin(view.to_hospital_s(call)))


@compiled_policy
def next_station(world, ground, u):
    return (world.units[u].home + 1) % len(world.stations)


def next_station_in_python(view: View, unit: int) -> int:
    return int((view.units["home"][unit] + 1) % len(view.stations))


@compiled_policy
def all_to_the_last(world, ground):
    for u in range(len(world.units)):
        if is_available(world, u):
            world.units[u].move_to = len(world.stations) - 1


def all_to_the_last_in_python(view: View) -> Mapping[int, int]:
    free = np.isin(view.units["status"], (UnitStatus.AT_STATION, UnitStatus.RETURNING, UnitStatus.RELOCATING))
    return {u: len(view.stations) - 1 for u in np.flatnonzero(free)}


COMPILED = OwnPolicy(
    dispatch=closest, hospital=nearest_hospital, station=next_station, relocation=all_to_the_last, name="mine"
)
IN_PYTHON = OwnPolicy(
    dispatch=closest_in_python, hospital=nearest_hospital_in_python, station=next_station_in_python,
    relocation=all_to_the_last_in_python, name="mine",
)  # fmt: skip


@pytest.mark.parametrize(("n", "gap_s"), [(150, 300.0), (250, 60.0)])
def test_the_closest_unit_written_by_a_user_is_the_built_in_one(n: int, gap_s: float) -> None:
    calls = night(CITY, n, gap_s=gap_s, seed=n)
    built_in = ran(calls, "compiled")
    own = OwnPolicy(dispatch=closest, hospital=nearest_hospital)
    for run in (
        *(ran(calls, driver, own) for driver in DRIVERS),
        ran(calls, "mesa", OwnPolicy(dispatch=closest_in_python, hospital=nearest_hospital_in_python)),
    ):
        assert_same(run.trace, built_in.trace)
        assert_same(run.calls, built_in.calls)


@pytest.mark.parametrize("seed", range(3))
def test_all_four_decisions_are_the_same_under_both_drivers_and_in_python(seed: int) -> None:
    calls = night(CITY, 120, gap_s=200.0, seed=seed)
    runs = [ran(calls, "compiled", COMPILED), ran(calls, "mesa", COMPILED), ran(calls, "mesa", IN_PYTHON)]
    for other in runs[1:]:
        for part in ("units", "calls", "trace"):
            assert_same(getattr(other, part), getattr(runs[0], part))
    assert (runs[0].units["home"] == 2).all()
    assert runs[0].units["n_moves"].sum() > 0
    assert runs[0].units["n_moves"].sum() != ran(calls, "compiled").units["n_moves"].sum()


def test_rules_decide_who_may_be_sent() -> None:
    """Units on their way to less urgent calls, and units at hospital, may be chosen where the rules say so."""
    rules = Rules(preempt=((3, 1), (2, 1)), soon_free=True)
    calls = night(CITY, 250, gap_s=60.0, seed=9)
    built_in = ran(calls, "compiled", rules=rules)
    assert_same(ran(calls, "mesa", OwnPolicy(dispatch=closest_in_python), rules=rules).trace, built_in.trace)
    assert built_in.calls["n_bumps"].sum() > 0


def test_python_is_refused_by_the_compiled_driver() -> None:
    with pytest.raises(
        InputError, match=r"'mine' decides dispatch and hospital and station and relocation in Python.*mesa"
    ):
        ran(fixed_calls((0, 40, 1)), "compiled", IN_PYTHON)


def test_a_run_stays_picklable_and_forkable_with_compiled_policies() -> None:
    calls = night(CITY, 80, gap_s=100, seed=4)
    twin = EmergencyTwin(CITY, calls, router=ROUTER, policies=COMPILED)
    twin.advance_to(3000.0)
    others = [copy.deepcopy(twin), pickle.loads(pickle.dumps(twin))]
    twin.advance_to(np.inf)
    for other in others:
        assert (other.ground.own != 0).all()
        other.advance_to(np.inf)
        assert_same(other.world.trace, twin.world.trace)


def test_a_pickled_ground_carries_no_addresses() -> None:
    ground = with_policies(make_ground(CITY, ROUTER, Rules()), COMPILED)
    _, (_, policies) = ground.__reduce__()
    assert policies == (closest, nearest_hospital, next_station, all_to_the_last)
    again = pickle.loads(pickle.dumps(ground))
    assert [keeper_of(int(address)) for address in again.own] == list(policies)


# ---- what a policy sees


def test_a_view_is_read_only_and_does_not_tell_what_nobody_knows_yet() -> None:
    seen: list[int] = []

    def looks(view: View, call: int) -> int:
        seen.append(len(view.calls))
        assert view.calls["t_received"][-1] <= view.now
        for rows in (view.units, view.calls, view.hospitals, view.stations):
            with pytest.raises(ValueError, match="read-only"):
                rows[0] = rows[0]
        for hidden in ("scene_s", "transport", "cancel_s", "worsens_s", "turnout_s", "u_travel"):
            assert hidden not in (view.calls.dtype.names or ())
        return call  # units 0 to 2

    ran(fixed_calls((0, 1, 1), (30, 5, 1), (4000, 9, 2)), "mesa", OwnPolicy(dispatch=looks))
    assert seen == [1, 2, 3]


# ---- what it may answer


def raises(answer: Any) -> Callable[[View, int], Any]:
    def policy(view: View, row: int) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return policy


@pytest.mark.parametrize(
    ("hook", "answer", "words"),
    [
        ("dispatch", 6, "answered 6, and there is no unit of that row (0 to 5)"),
        ("dispatch", -2, "answered -2, and there is no unit"),
        ("dispatch", 2**40, "and there is no unit"),
        ("dispatch", 1.5, "answered 1.5, which is not a whole number"),
        ("dispatch", float("nan"), "answered nan, which is not a whole number"),
        ("dispatch", "unit 3", "which is not a whole number"),
        ("dispatch", True, "answered True, which is not a whole number"),
        ("dispatch", KeyError("gone"), "failed with KeyError: 'gone' ("),
        ("hospital", None, "asked for a hospital for call 0"),
        ("hospital", 2, "and there is no hospital of that row (0 to 1)"),
        ("hospital", -1, "and there is no hospital"),
        ("station", 3, "asked for a station for unit"),
        ("station", -3, "and there is no station of that row (0 to 2)"),
        ("station", ZeroDivisionError("x"), "failed with ZeroDivisionError"),
    ],
)
def test_what_python_answers_is_checked(hook: str, answer: Any, words: str) -> None:
    with pytest.raises(AnswerError) as caught:
        ran(fixed_calls((0, 40, 1)), "mesa", OwnPolicy(**{hook: raises(answer)}, name="mine"))
    text = str(caught.value)
    assert text.startswith("policy 'mine', asked for a ")
    assert words in text
    assert " at 2024-05-06 00:" in text
    assert (caught.value.policy, caught.value.hook) == ("mine", hook)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([1, 2], "answered [1, 2], which is no mapping of units to stations"),
        ({9: 0}, "and there is no unit 9 (0 to 5)"),
        ({"a": 0}, "and there is no unit 'a'"),
        ({1: 5}, "asked for a station to move unit 1 to"),
        ({1: 0.5}, "answered 0.5, which is not a whole number"),
        ({0: 1}, "answered 1, a unit that is mobilising with call 0"),
    ],
)
def test_where_python_moves_units_is_checked(answer: Any, words: str) -> None:
    with pytest.raises(AnswerError) as caught:
        ran(
            fixed_calls((0, 40, 1)), "mesa",
            OwnPolicy(dispatch=lambda view, call: 0, relocation=lambda view: answer, name="mine"),
        )  # fmt: skip
    assert words in str(caught.value)


@compiled_policy
def sends_the_first(world, ground, c):
    return 0


@compiled_policy
def sends_nobody_there_is(world, ground, c):
    return len(world.units)


@compiled_policy
def nobody_goes(world, ground, c):
    return -1


@compiled_policy
def stumbles(world, ground, row):
    if row >= 0:
        raise ValueError("no idea")
    return 0


@compiled_policy
def goes_nowhere(world, ground, u):
    return np.int32(-7)


@compiled_policy
def moves_the_busy(world, ground):
    world.units[0].move_to = 1


@compiled_policy
def moves_too_far(world, ground):
    world.units[3].move_to = 17


@compiled_policy
def cannot_move(world, ground):
    raise ValueError("no idea")


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize(
    ("own", "words"),
    [
        (OwnPolicy(dispatch=sends_the_first), "'sends_the_first', asked for a unit for call 1 at 2024-05-06 00:00:40"),
        (OwnPolicy(dispatch=sends_the_first), "answered 0, a unit that is en route with call 0"),
        (OwnPolicy(dispatch=sends_nobody_there_is), "answered 6, and there is no unit of that row (0 to 5)"),
        (OwnPolicy(dispatch=stumbles, name="mine"), "'mine', asked for a unit for call 0"),
        (OwnPolicy(dispatch=stumbles), "failed with ValueError: no idea"),
        (OwnPolicy(hospital=sends_nobody_there_is), "answered 6, and there is no hospital of that row (0 to 1)"),
        (OwnPolicy(station=goes_nowhere), "answered -7, and there is no station of that row (0 to 2)"),
        (OwnPolicy(station=stumbles), "asked for a station for unit"),
        (OwnPolicy(dispatch=sends_the_first, relocation=moves_the_busy), "asked for a station to move unit 0 to"),
        (OwnPolicy(relocation=moves_too_far), "answered 17, and there is no station"),
        (OwnPolicy(relocation=cannot_move), "asked for relocations"),
    ],
)
def test_what_compiled_policies_answer_is_checked_under_both_drivers(driver: str, own: OwnPolicy, words: str) -> None:
    with pytest.raises(AnswerError) as caught:
        ran(fixed_calls((0, 40, 1), (30, 41, 1)), driver, own)
    assert words in str(caught.value)


@compiled_policy
def answers_a_time(world, ground, c):
    return world.clock[0].now


@compiled_policy
def sometimes_answers_none(world, ground, c):
    if c > 3:
        return None
    return 1


@compiled_policy
def makes_an_array(world, ground, c):
    return np.argmin(np.zeros(len(world.units)))


@compiled_policy
def misspells(world, ground, c):
    return world.untis[0].home


@pytest.mark.parametrize("policy", [answers_a_time, sometimes_answers_none, makes_an_array, misspells])
def test_what_cannot_be_compiled_is_refused_before_the_run(policy: Any) -> None:
    with pytest.raises(InputError) as caught:
        ran(fixed_calls((0, 40, 1)), "compiled", OwnPolicy(dispatch=policy))
    text = str(caught.value)
    assert text.startswith(f"policy '{policy.__name__}' cannot decide dispatch: ")
    assert len(text) < 500
    assert ("test_own_policies.py" in text) == (policy in (makes_an_array, misspells))


# ---- each fault, in worlds made by hand


def a_world(**facts: Any) -> tuple[World, Ground]:
    calls = fixed_calls((0, 40, 2), (0, 41, 3))
    world = new_world(CITY, calls)
    world.calls["status"] = 1
    return world, make_ground(CITY, ROUTER, Rules(**facts))


def faults(world: World, ground: Ground, hook: int, row: int, *answers: int) -> list[Fault]:
    handle = make_handle(world, ground)
    return [Fault(fault_of(handle, hook, row, answer)) for answer in answers]


def test_faults_of_a_unit() -> None:
    world, ground = a_world()
    assert faults(world, ground, DISPATCH, 0, -1, 0, 5) == [Fault.NONE] * 3
    assert faults(world, ground, DISPATCH, 0, -2, 6, 2**40) == [Fault.NO_SUCH_ROW] * 3
    for status in UnitStatus:
        world.units["status"][1] = status
        world.units["call"][1] = 1 if 1 <= status <= 6 else -1
        fine = status in (UnitStatus.AT_STATION, UnitStatus.RETURNING, UnitStatus.RELOCATING)
        assert faults(world, ground, DISPATCH, 0, 1) == [Fault.NONE if fine else Fault.NOT_FREE]
    world.units["skills"][2], world.calls["needs"][0] = 1, 2
    assert faults(world, ground, DISPATCH, 0, 2) == [Fault.LACKS_SKILL]
    world.units["skills"][2], world.units["t_off"][2] = 3, 60.0
    assert faults(world, ground, DISPATCH, 0, 2) == [Fault.SHIFT_ENDS]


def test_the_rules_say_which_busy_units_may_be_sent() -> None:
    cases = (
        ({"preempt": ((3, 2),)}, UnitStatus.EN_ROUTE), ({"soon_free": True}, UnitStatus.AT_HOSPITAL),
        ({"break_to_priority": 2}, UnitStatus.ON_BREAK),
    )  # fmt: skip
    for facts, status in cases:
        for rules, fault in ((facts, Fault.NONE), ({}, Fault.NOT_FREE)):
            world, ground = a_world(**rules)
            world.units["status"][1] = status
            world.units["call"][1] = -1 if status == UnitStatus.ON_BREAK else 1
            assert faults(world, ground, DISPATCH, 0, 1) == [fault]


def test_faults_of_a_place() -> None:
    world, ground = a_world()
    assert faults(world, ground, HOSPITAL, 0, 0, 1) == [Fault.NONE] * 2
    assert faults(world, ground, HOSPITAL, 0, -1, 2) == [Fault.NO_SUCH_ROW] * 2
    assert faults(world, ground, STATION, 0, -1, 0, 2) == [Fault.NONE] * 3
    assert faults(world, ground, STATION, 0, -2, 3) == [Fault.NO_SUCH_ROW] * 2
    world.hospitals["closed"] = world.hospitals["diverting"] = 1  # the policy may know why
    assert faults(world, ground, HOSPITAL, 0, 1) == [Fault.NONE]
    closed = np.full_like(ground.places.to_ticks, CLOSED)
    ground = ground._replace(places=ground.places._replace(to_ticks=closed))
    assert faults(world, ground, HOSPITAL, 0, 1) == [Fault.NO_WAY]
    assert faults(world, ground, STATION, 0, 2) == [Fault.NO_WAY]


def test_faults_of_a_move() -> None:
    world, ground = a_world()
    world.units["move_to"] = -1
    world.units["status"][1] = UnitStatus.ON_SCENE
    assert faults(world, ground, RELOCATION, 0, 0) == [Fault.NONE]
    for move_to, u, fault in (
        (2, 0, Fault.NONE), (3, 0, Fault.NO_SUCH_ROW), (-2, 0, Fault.NO_SUCH_ROW), (2, 1, Fault.NOT_FREE),
        (0, 1, Fault.NONE),
    ):  # fmt: skip
        world.units["move_to"][u] = move_to
        assert faults(world, ground, RELOCATION, u, 0) == [fault]


# ---- agents of a user's own


class SendsUnit(Caller):
    """Sends one unit to everybody."""

    unit: Any = 0

    def choose_unit(self) -> int:
        return self.unit


class GoesTo(Ambulance):
    """Has one hospital and one station for everybody."""

    hospital: Any = 0
    station: Any = 0

    def choose_hospital(self, call: int) -> int:
        return self.hospital

    def choose_station(self) -> int:
        return self.station


def test_what_agents_of_a_users_own_decide_is_checked_too() -> None:
    cases: tuple[tuple[str, dict[str, Any]], ...] = (
        ("'SendsUnit', asked for a unit for call 1", {"caller": SendsUnit}),
        ("'GoesTo', asked for a hospital for call 0", {"ambulance": type("GoesTo", (GoesTo,), {"hospital": 9})}),
        ("answered 0.5, which is not", {"ambulance": type("GoesTo", (GoesTo,), {"station": 0.5})}),
    )
    for words, agents in cases:
        twin = EmergencyTwin(CITY, fixed_calls((0, 40, 1), (30, 41, 1)), router=ROUTER, **agents)
        with pytest.raises(AnswerError, match=words):
            twin.advance_to(np.inf)


def test_futures_follow_a_compiled_policy_and_check_it() -> None:
    city, demand, world, plain = lopsided(calls_at=9)
    nothing = [Candidate.nothing(), Candidate.move(0, 1)]
    futures = draw_futures(demand, city, world, plain, start=START, horizon_s=3600.0, n=60, seed=1)
    answers = []
    for own in (None, OwnPolicy(dispatch=closest), OwnPolicy(dispatch=nobody_goes)):
        found = rollout(
            nothing, world, with_policies(plain, own), futures, target_s=(480.0,), stop_early=False, threads=2
        )  # fmt: skip
        answers.append([outlook.means["response_s"] for outlook in found.outlooks])
    assert answers[0] == answers[1]
    assert answers[2][0] > answers[0][0]
    bad = with_policies(plain, OwnPolicy(dispatch=sends_nobody_there_is))
    with pytest.raises(AnswerError, match="'sends_nobody_there_is', asked for a unit for call"):
        rollout(nothing, world, bad, futures, target_s=(480.0,))
