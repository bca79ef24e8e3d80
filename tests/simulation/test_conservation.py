"""Nothing is lost and nobody is in two places, whatever the rules: random small cities with every rule switched on."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nights import assert_is_now, assert_same, night
from row_worlds import agenda, simulated

from ems_twin.city import City
from ems_twin.city.sample import grid_city
from ems_twin.demand import WALK_IN_DRAW
from ems_twin.routing import Router
from ems_twin.simulation import EmergencyTwin, Run
from ems_twin.simulation.distance import driven_m
from ems_twin.simulation.instant import state_at
from ems_twin.simulation.outcomes import status_seconds
from ems_twin.world import (
    CallStatus,
    EventKind,
    Fleet,
    Moves,
    Objective,
    Role,
    Rules,
    Stationing,
    StationPolicy,
    UnitStatus,
    new_world,
)
from ems_twin.world.schema import ENDED

MOVING = (UnitStatus.EN_ROUTE, UnitStatus.TRANSPORTING, UnitStatus.RETURNING, UnitStatus.RELOCATING)
MAY_FOLLOW = {
    "AT_STATION": {"MOBILISING", "RELOCATING", "OFF_DUTY", "ON_BREAK", "OUT_OF_SERVICE", "RETURNING"},
    "MOBILISING": {"EN_ROUTE", "AT_STATION", "RETURNING", "OUT_OF_SERVICE", "OFF_DUTY", "ON_BREAK"},
    "EN_ROUTE": {"ON_SCENE", "MOBILISING", "RETURNING", "OUT_OF_SERVICE"},
    "ON_SCENE": {"TRANSPORTING", "CLEARING"},
    "TRANSPORTING": {"AT_HOSPITAL"},
    "AT_HOSPITAL": {"CLEARING"},
    "CLEARING": {"RETURNING", "MOBILISING", "OUT_OF_SERVICE"},
    "RETURNING": {"AT_STATION", "MOBILISING", "RELOCATING", "OFF_DUTY", "ON_BREAK", "OUT_OF_SERVICE"},
    "RELOCATING": {"AT_STATION", "MOBILISING", "RETURNING", "OFF_DUTY", "ON_BREAK", "OUT_OF_SERVICE"},
    "OFF_DUTY": {"AT_STATION", "MOBILISING", "OUT_OF_SERVICE"},
    "ON_BREAK": {"AT_STATION", "MOBILISING", "OFF_DUTY", "OUT_OF_SERVICE", "RETURNING"},
    "OUT_OF_SERVICE": {"AT_STATION", "MOBILISING", "RETURNING", "OFF_DUTY", "ON_BREAK"},
}
"""States of a unit that may come after a state; within one instant it may pass through several."""


def random_city(rng: np.random.Generator) -> City:
    rows, cols = int(rng.integers(2, 6)), int(rng.integers(3, 7))
    places = [(int(i) // cols, int(i) % cols) for i in rng.permutation(rows * cols)[:5]]
    return grid_city(
        rows, cols, stations=tuple(places[:3]), hospitals=tuple(places[3:]), units_per_station=2,
        bays=int(rng.integers(1, 4)),
    )  # fmt: skip


def random_calls(city: City, rng: np.random.Generator, n: int, gap_s: float) -> np.ndarray:
    calls = night(city, n, gap_s=gap_s, seed=int(rng.integers(1 << 30)))
    some = [rng.random(n) < share for share in (0.15, 0.15, 0.2, 0.2, 0.1)]
    calls["cancel_s"] = np.where(some[0], rng.exponential(400, n), 0)
    calls["worsens_s"] = np.where(some[1], rng.exponential(300, n), 0)
    calls["worse_priority"] = np.maximum(calls["priority"].astype(int) - 1, 1)
    calls["n_units"] = np.where(some[2], rng.integers(2, 4, n), 1)
    calls["needs"] = np.where(some[3], 2, 0)
    calls["refused"] = some[4]
    calls["stay_s"] = rng.exponential(2000, n)
    return calls


def random_fleet(rng: np.random.Generator, horizon_s: float) -> Fleet:
    """Six units: an ambulance with everything, always on duty; others with shifts, breaks and breakdowns."""
    rows: list[Any] = []
    for unit in range(1, 6):
        t = float(rng.uniform(0, horizon_s / 3))
        while t < horizon_s and unit > 2:
            end = t + float(rng.uniform(2000, 20_000))
            rows += [(t, EventKind.DUTY_BEGINS, unit, end), (end, EventKind.DUTY_ENDS, unit, 0)]
            rows += [(t + 600, EventKind.BREAK_DUE, unit, float(rng.uniform(300, 1800)), t + 3000)]
            t = end + float(rng.uniform(0, 5000)) * (rng.random() < 0.7)
        if unit > 2:
            rows.append((max(t, horizon_s), EventKind.DUTY_BEGINS, unit, np.inf))
        for _ in range(int(rng.integers(0, 3))):
            at_once = float(rng.random() < 0.5)
            rows.append((float(rng.uniform(0, horizon_s)), EventKind.OUT_OF_SERVICE, unit, 900.0, at_once))
    rows += [(float(rng.uniform(0, horizon_s)), EventKind.DIVERSION, 0, float(i % 2)) for i in range(3)]
    return Fleet(
        homes=np.array([0, 0, 1, 1, 2, 2], np.int32), skills=np.array([3, 1, 1, 3, 2, 2], np.int32),
        skill_names=("transport", "als"), agenda=agenda(*rows),
    )  # fmt: skip


def random_rules(rng: np.random.Generator, *, may_spare: bool) -> Rules:
    def yes() -> bool:
        return bool(rng.random() < 0.5)

    return Rules(
        preempt=((3, 1), (2, 1), (3, 2)) if yes() else (), reassign_gain_s=30.0 if yes() else None,
        spare_from_priority=int(rng.integers(0, 4)) * may_spare, spare_target_s=900.0,
        spare_guard_s=float(rng.choice([30.0, 600.0])),
        queue_limit=int(rng.integers(0, 4)) if rng.random() < 0.3 else None, count_bays=yes(), ambulances_first=yes(),
        divert_above=0.8 if yes() else None, soonest_hospital=yes(), soon_free=yes(),
        expected_job_s=float(rng.uniform(600, 4000)), overrun_grace_s=float(rng.uniform(0, 2000)),
        overrun_to_priority=int(rng.integers(0, 3)), break_to_priority=int(rng.integers(0, 3)),
    )  # fmt: skip


def random_stationing(rng: np.random.Generator) -> Stationing:
    """Any policy, with a random objective for moves and dispatches."""
    kind = rng.integers(4)
    if kind < 3:
        penalty = rng.exponential(300.0, (2, 2, 5, 3)) if rng.random() < 0.5 else rng.random((2, 2, 5, 3)) < 0.5
        objective = Objective(
            penalty=penalty, nobody=1e5, weight=rng.dirichlet(np.ones(10), 3).reshape(3, 2, 5),
            priority=np.array([1, 3]), busy_share=rng.uniform(0.1, 0.9, 3), weights_from_s=np.array([0.0, 4e3, 9e3]),
            weight_set=np.array([2, 0, 1]),
        )  # fmt: skip
        moves = Moves(
            longest_drive_s=float(rng.choice([60.0, 1e4])), least_gain=0.0, rest_s=float(rng.choice([0.0, 900.0])),
            least_stay_s=float(rng.choice([0.0, 900.0])), most_moves=int(rng.integers(1, 9)),
            after_freed=bool(rng.random() < 0.5),
        )  # fmt: skip
        return Stationing(
            policy=(StationPolicy.HOME, StationPolicy.PRIORITY_LIST, StationPolicy.BEST_STATION)[kind],
            priority_list=rng.integers(0, 3, 6), objective=objective, moves=moves if rng.random() < 0.7 else None,
            travel_discount_per_min=float(rng.choice([0.0, 0.1])),
        )  # fmt: skip
    table = np.array([np.bincount(rng.integers(0, 3, k), minlength=3) for k in range(1, 7)])
    return Stationing(policy=StationPolicy.COMP_TABLE, comp_table=table)


def random_night(seed: int, n: int, gap_s: float, driver: str) -> Run:
    city, calls, options = random_setting(seed, n, gap_s)
    return simulated(city, calls, driver, **options)


def random_setting(seed: int, n: int, gap_s: float) -> tuple[City, np.ndarray, dict[str, Any]]:
    rng = np.random.default_rng(seed)
    city = random_city(rng)
    calls = random_calls(city, rng, n, gap_s)
    horizon_s = float(calls["t_received"][-1])
    walk_ins = np.zeros(int(rng.integers(0, 30)), WALK_IN_DRAW)
    walk_ins["hospital"] = rng.integers(0, 2, len(walk_ins))
    walk_ins["t_arrival"] = rng.uniform(0, horizon_s, len(walk_ins))
    walk_ins["stay_s"] = rng.exponential(2000, len(walk_ins))
    stationing = random_stationing(rng)
    return city, calls, {
        "fleet": random_fleet(rng, horizon_s), "stationing": stationing,
        "rules": random_rules(rng, may_spare=stationing.objective is not None),
        "walk_ins": walk_ins, "router": Router(city.roads),
    }  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**31), st.integers(1, 80), st.floats(20, 900))
def test_nothing_is_lost_and_both_drivers_agree(seed: int, n: int, gap_s: float) -> None:
    run, twin = (random_night(seed, n, gap_s, driver) for driver in ("compiled", "mesa"))
    assert_same(run.trace, twin.trace)
    for part in ("units", "calls", "hospitals", "walk_ins", "clock"):
        assert_same(getattr(run.world, part), getattr(twin.world, part))
    check_calls_end_once(run, n)
    check_units(run)
    check_ways(run)
    check_rooms(run)


def check_calls_end_once(run: Run, n: int) -> None:
    rows = run.responses
    assert np.isin(rows["status"], ENDED).all()
    assert run.world.clock["n_ended"][0] == len(rows)
    assert run.world.clock["n_queued"][0] == 0
    assert len(run.calls) == n == (rows["role"] == Role.FIRST).sum()
    assert not np.isnan(rows["t_ended"]).any()
    ended = [EventKind.BACK_IN_SERVICE, EventKind.CALL_CANCELLED]
    for c, row in enumerate(rows):
        mine = run.trace[run.trace["call"] == c]
        assert (mine["kind"] == EventKind.BACK_IN_SERVICE).sum() == (row["status"] == CallStatus.ENDED), ended
        served = row["status"] == CallStatus.ENDED
        assert np.isnan(row["t_on_scene"]) == (not served)
        names = ["t_received", "t_needed", "t_notified", "t_en_route", "t_on_scene", "t_left_scene", "t_ended"]
        times = [row[name] for name in names if not np.isnan(row[name])]
        assert times == sorted(times)
        if served:
            wait = row["queued_s"] + row["bumped_s"] + row["t_on_scene"] - row["t_notified"]
            assert row["t_on_scene"] - row["t_needed"] == pytest.approx(wait, abs=1e-6)
    taken = rows[rows["hospital"] >= 0]
    assert len(np.unique(taken["incident"])) == len(taken)  # a patient goes to hospital once
    assert (run.units["skills"][taken["unit"]] & 1).all()
    assert ((run.units["skills"][rows["unit"]] & rows["needs"]) == rows["needs"])[rows["unit"] >= 0].all()


def check_units(run: Run) -> None:
    assert np.all(np.diff(run.trace["time"]) >= 0)
    np.testing.assert_allclose(run.units["status_s"].sum(axis=1), run.end_s)
    np.testing.assert_allclose(status_seconds(run, run.end_s), run.units["status_s"], atol=1e-6)
    assert (run.units["call"] == -1).all()
    assert (run.units["next_call"] == -1).all()
    for u in range(len(run.units)):
        rows = run.trace[run.trace["unit"] == u]
        states = [UnitStatus(run.units["start_status"][u]), *(UnitStatus(s) for s in rows["status"])]
        for before, after in pairwise(states):
            assert before == after or after.name in MAY_FOLLOW[before.name], (before, after)
        own = run.responses[(run.responses["unit"] == u) & (run.responses["status"] == CallStatus.ENDED)]
        own = own[np.argsort(own["t_notified"], kind="stable")]
        assert np.all(own["t_notified"][1:] >= own["t_ended"][:-1])


def check_ways(run: Run) -> None:
    """No unit drives faster than its streets allow, and every trip begins where the one before let it."""
    router, metres = run.router, np.zeros((len(run.units), len(UnitStatus)))
    for u in range(len(run.units)):
        node, arrives = run.city.stations[run.units["start_station"][u]].node, 0.0
        way: Any = None
        for row in run.trace[run.trace["unit"] == u]:
            same = way is not None and (row["to_node"], row["t_to"]) == (way["to_node"], way["t_to"])
            if not same:
                if way is None or way["t_to"] <= row["time"]:
                    assert row["from_node"] == node
                    assert row["t_from"] >= arrives - 1e-6
                else:  # broken off: it turns at a node of its way, when it is there
                    path = router.path(int(way["from_node"]), int(way["to_node"]), metric=int(way["metric"]))
                    at = way["t_from"] + path.elapsed_s
                    here = np.flatnonzero(path.nodes == row["from_node"])
                    assert len(here), "left its way between two nodes"
                    assert np.min(np.abs(at[here] - row["t_from"])) < 1e-5 or row["t_from"] <= way["t_from"] + 1e-5
                    if way["status"] in MOVING:
                        metres[u, way["status"]] -= (
                            path.length_m
                            - router.path(
                                int(way["from_node"]), int(row["from_node"]), metric=int(way["metric"])
                            ).length_m
                        )
                if row["status"] in MOVING:
                    drive = router.travel_s(int(row["from_node"]), int(row["to_node"]), metric=int(row["metric"]))
                    assert row["t_to"] - row["t_from"] == pytest.approx(drive, abs=1e-3)
                    way_m = router.path(int(row["from_node"]), int(row["to_node"]), metric=int(row["metric"])).length_m
                    metres[u, row["status"]] += way_m
                way = row.copy()
            node, arrives = int(row["to_node"]), float(row["t_to"])
    np.testing.assert_allclose(driven_m(run.world, run.ground), metres, atol=1e-6)


def check_rooms(run: Run) -> None:
    rooms = run.hospitals
    if run.rules.count_bays:
        assert (rooms["peak_occupied"] <= rooms["bays"]).all()
    for name in ("occupied", "units_waiting", "inbound", "offloading"):
        assert (rooms[name] == 0).all(), name
    assert not np.isnan(run.world.walk_ins["t_bay"]).any()
    assert run.units["n_transports"].sum() == rooms["n_arrivals"].sum() == (run.responses["hospital"] >= 0).sum()


@pytest.mark.parametrize("seed", range(6))
def test_any_instant_is_rebuilt_from_the_log(seed: int) -> None:
    city, calls, options = random_setting(seed, 60, 300.0)
    run = simulated(city, calls, "compiled", **options)
    world = new_world(
        city, calls, fleet=options["fleet"], walk_ins=options["walk_ins"], horizon_s=run.duration_s, keep_trace=False
    )
    twin = EmergencyTwin(city, calls, router=run.router, world=world, ground=run.ground)
    for t_s in np.sort(np.random.default_rng(seed).uniform(0, run.end_s / 2, 40)):
        twin.advance_to(float(t_s))
        then, world = state_at(run, float(t_s)), twin.world
        assert_is_now(then, world)
