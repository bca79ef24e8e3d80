"""Decisions of the greedy policies: where a free unit goes, which unit is moved, whom a call gets; beside NumPy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..city.posts import with_posts
from ..demand import Demand, generate_calls, load_demand, node_weights
from ..routing import SIRENS, Router
from ..simulation.handle import choose_station, choose_unit, make_handle, review, run
from ..world import Ground, PolicyChoice, Rules, Stationing, World, make_ground, new_world
from ..world.schema import AVAILABLE

UNITS, STATIONS = 80, 100
FULL_MOMENTS, QUICK_MOMENTS = 500, 50
_FROM_S, _EVERY_S = 6 * 3600.0, 90.0
_TARGET_S = 0.005
_YEAR = 2024


def bench_decision(
    city: City,
    *,
    quick: bool,
    progress: Callable[[str], None],
    demand: Demand | None = None,
    stations: int = STATIONS,
) -> dict[str, Any]:
    """Time single decisions at moments of a simulated day.

    Parameters
    ----------
    city
        Where.
    quick
        50 moments instead of 500; they are not judged.
    progress
        Told what is being measured.
    demand
        By default the city's own.
    stations
        Street posts are added until there are so many.

    Returns
    -------
    dict
        ``asked``; ``rows``, one a decision (``median_s``, ``p95_s``, ``most_s``; ``agrees``: whether the peer found the
        same) and ``targets``.
    """
    progress("preparing decisions")
    demand = load_demand(city) if demand is None else demand
    city = with_posts(city, max(stations - len(city.stations), 0), node_weights(demand))
    router = Router.for_city(city)
    start = datetime(_YEAR, 5, 6, tzinfo=ZoneInfo(city.timezone))
    calls = generate_calls(demand, city, start=start, duration_s=86_400.0, seed=1)
    n = QUICK_MOMENTS if quick else FULL_MOMENTS
    rows = []
    for name in ("dmexclp", "expected-response", "best-move"):
        progress(name)
        plan = PolicyChoice.named(name).stationing(city, router, demand)
        world, ground = _at_the_start(city, router, calls, plan)
        took_s, peer_s, same = _time_moments(world, ground, plan, n, moves=name == "best-move", peer=name == "dmexclp")
        rows.append(_row(f"{'move' if name == 'best-move' else 'station'}: {name}", took_s))
        if peer_s:
            rows.append(_row(f"station: {name} in NumPy", peer_s, same))
    progress("dispatch")
    plan = PolicyChoice.named("home").stationing(city, router, demand)
    for name, rules in (("closest unit", Rules()), ("one that is missed less", Rules(spare_from_priority=1))):
        world, ground = _at_the_start(city, router, calls, plan, rules)
        rows.append(_row(f"unit: {name}", _time_dispatches(world, ground, n)))
    ours = [row for row in rows if row["agrees"] is None]
    worst = max(ours, key=lambda row: float(row["p95_s"]))
    return {
        "asked": {
            "city": city.name, "units": UNITS, "stations": len(city.stations), "moments": n,
            "points": plan.objective.weight.shape[2] if plan.objective else 0,
        },
        "rows": rows,
        "targets": [] if quick else [
            {
                "what": f"slowest decision ({worst['name']}), 95th percentile, ms", "measured": 1e3 * worst["p95_s"],
                "target": f"below {1e3 * _TARGET_S:g}", "met": worst["p95_s"] < _TARGET_S,
            }
        ],
    }  # fmt: skip


def _at_the_start(
    city: City, router: Router, calls: NDArray[np.void], plan: Stationing, rules: Rules | None = None
) -> tuple[World, Ground]:
    ground = make_ground(city, router, rules or Rules(), stationing=plan)
    world = new_world(city, calls, units=UNITS, horizon_s=86_400.0, keep_trace=False)
    return world.with_scratch(plan.scratch_needed(UNITS, len(city.stations))), ground


def _time_moments(
    world: World, ground: Ground, plan: Stationing, n: int, *, moves: bool, peer: bool
) -> tuple[list[float], list[float], bool]:
    """Seconds of each decision, of the peer's where there is one, and whether the two found the same."""
    handle = make_handle(world, ground)
    took_s: list[float] = []
    peer_s: list[float] = []
    same = True
    for k in range(-1, n):  # the first compiles
        run(handle, _FROM_S + k * _EVERY_S, 2**62)
        free = np.flatnonzero(np.isin(world.units["status"], AVAILABLE))
        if len(free) == 0:
            continue
        u = int(free[k % len(free)])
        begin = perf_counter()
        if moves:
            review(handle)
        else:
            chosen = int(choose_station(handle, u))
        took_s.append(perf_counter() - begin)
        world.units["move_to"] = -1
        if peer and plan.objective is not None:
            begin = perf_counter()
            covered = plan.objective.penalty[SIRENS, 0] == 0
            gain = _numpy_gain(plan, covered, world.units["home"][free[free != u]])
            theirs = int(np.argmax(gain))
            peer_s.append(perf_counter() - begin)
            same &= bool(np.isclose(gain[chosen], gain[theirs], rtol=1e-9))
    return took_s[1:], peer_s[1:], same


def _numpy_gain(plan: Stationing, covered: NDArray[np.bool_], homes: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
    """What one more unit at each station adds: DMEXCLP as published, with arrays."""
    assert plan.objective is not None  # the caller has looked
    q = float(np.ravel(plan.objective.busy_share)[0])
    there = covered[:, homes].sum(axis=1)
    gain: NDArray[np.float64] = (plan.objective.weight[0, 0] * (1 - q) * q**there) @ covered
    return gain


def _time_dispatches(world: World, ground: Ground, n: int) -> list[float]:
    handle = make_handle(world, ground)
    took_s = []
    for k in range(-1, n):
        run(handle, _FROM_S + k * _EVERY_S, 2**62)
        next_call = min(int(np.searchsorted(world.calls["t_received"], world.clock["now"][0])), len(world.calls) - 1)
        begin = perf_counter()
        choose_unit(handle, next_call)
        took_s.append(perf_counter() - begin)
    return took_s[1:]


def _row(name: str, took_s: list[float], agrees: bool | None = None) -> dict[str, Any]:
    median, p95 = np.percentile(took_s, [50, 95])
    return {
        "name": name, "median_s": float(median), "p95_s": float(p95), "most_s": float(max(took_s)), "agrees": agrees,
    }  # fmt: skip
