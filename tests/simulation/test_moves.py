"""Single moves through whole nights, on both drivers: made only within their limits, and of use."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from nights import assert_same, night
from row_worlds import simulated
from test_conservation import random_city, random_fleet

from ems_twin.routing import ORDINARY, Router
from ems_twin.simulation import Run
from ems_twin.simulation.distance import driven_m
from ems_twin.world import EventKind, Fleet, Moves, Objective, Rules, Stationing, StationPolicy, UnitStatus
from ems_twin.world.schema import AVAILABLE

DAY_S = 86_400.0
LIMITS = Moves(longest_drive_s=150.0, least_gain=0.0, rest_s=1200.0, least_stay_s=300.0, most_moves=3, after_freed=True)
RULES = Rules(expected_job_s=1500.0, overrun_grace_s=300.0)


def moved_night(seed: int, driver: str, **limits: Any) -> Run:
    """A day and a half in a small city whose demand is somewhere else every hour, so that units want to be moved."""
    rng = np.random.default_rng(seed)
    city = random_city(rng)
    calls = night(city, 150, gap_s=900.0, seed=seed)
    crews: Fleet = random_fleet(rng, float(calls["t_received"][-1]))
    router = Router(city.roads)
    points = rng.integers(0, city.roads.n_nodes, 8)
    stations = [station.node for station in city.stations]
    drive_s = np.stack([router.matrix_s(stations, points, metric=metric).T for metric in (0, 1)])[:, None]
    hours = np.arange(60)
    objective = Objective(
        penalty=drive_s, nobody=2400.0, weight=rng.dirichlet(np.full(8, 0.05), len(hours))[:, None],
        weights_from_s=3600.0 * hours, weight_set=hours,
    )  # fmt: skip
    plan = Stationing(
        policy=StationPolicy.BEST_STATION, objective=objective, travel_discount_per_min=0.02,
        moves=Moves(**{name: getattr(LIMITS, name) for name in Moves.__dataclass_fields__} | limits),
    )  # fmt: skip
    return simulated(city, calls, driver, fleet=crews, router=router, rules=RULES, stationing=plan)


def moves_of(run: Run, unit: int) -> np.ndarray:
    return run.trace[(run.trace["unit"] == unit) & (run.trace["kind"] == EventKind.RELOCATED)]


@pytest.mark.parametrize("seed", range(4))
def test_limits_hold_through_the_night(seed: int) -> None:
    run = moved_night(seed, "compiled")
    assert run.units["n_moves"].sum() > 5
    agenda, most = run.world.agenda, 0
    for u in range(len(run.units)):
        moves = moves_of(run, u)
        assert len(moves) == run.units["n_moves"][u]
        assert (moves["t_to"] - moves["time"] <= LIMITS.longest_drive_s + 1e-6).all()
        assert (moves["metric"] == ORDINARY).all()
        assert (moves["time"][1:] >= moves["t_to"][:-1] + LIMITS.rest_s).all()
        own = agenda[agenda["unit"] == u]
        begins = own[own["kind"] == EventKind.DUTY_BEGINS]
        counted_from, count = -np.inf, 0
        for t in moves["time"]:
            shift = begins["time"][begins["time"] <= t].max(initial=-np.inf)
            if t >= counted_from + DAY_S or shift > counted_from:
                counted_from, count = t, 0
            count += 1
            assert count <= LIMITS.most_moves
            most = max(most, count)
        for move in moves:
            shifts = begins["value"][begins["time"] <= move["time"]]
            if len(shifts):
                of_use_s = shifts[-1] + RULES.overrun_grace_s - RULES.expected_job_s - move["t_to"]
                assert of_use_s >= LIMITS.least_stay_s - 1e-6
    assert most == LIMITS.most_moves
    assert (driven_m(run.world, run.ground)[:, UnitStatus.RELOCATING] > 0).any()


@pytest.mark.parametrize("change", [{"most_moves": 0}, {"least_gain": 3000.0}, {"longest_drive_s": 0.0}])
def test_limits_can_forbid_all_moves(change: dict[str, Any]) -> None:
    assert moved_night(1, "compiled", **change).units["n_moves"].sum() == 0


def test_both_drivers_move_the_same_units() -> None:
    run, twin = (moved_night(2, driver) for driver in ("compiled", "mesa"))
    assert_same(run.trace, twin.trace)
    assert_same(run.units, twin.units)


def test_after_a_dispatch_at_most_one_unit_is_moved_and_only_an_available_one() -> None:
    run = moved_night(3, "compiled", after_freed=False)
    reviews = run.trace["time"][run.trace["kind"] == EventKind.REVIEW]
    relocated = run.trace[run.trace["kind"] == EventKind.RELOCATED]
    assert len(relocated)
    assert len(relocated) <= len(reviews)
    assert np.isin(relocated["time"], reviews).all()
    assert (relocated["status"] == UnitStatus.RELOCATING).all()
    assert UnitStatus.RELOCATING in AVAILABLE
