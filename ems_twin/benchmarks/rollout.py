"""Rollout: twenty orders in hundreds of futures of two hours, beside a loop in Python that forks the world for each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from time import perf_counter, process_time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from ..city import City
from ..demand import Demand, expected_calls, generate_calls, load_demand
from ..routing import Router
from ..simulation import Candidate, Futures, Rollout, draw_futures, rollout
from ..simulation.handle import make_handle, run
from ..simulation.rollout_kernel import order_in
from ..world import EventKind, Ground, Role, Rules, UnitStatus, World, make_ground, new_world
from ..world.schema import HEAP_ENTRY

UNITS, CANDIDATES, HORIZON_S = 80, 20, 7200.0
FULL_FUTURES, QUICK_FUTURES = 500, 100
_CALLS_AN_HOUR = 45.0
_MOST_FORKED = 20  # futures of each candidate that the loop in Python runs
_LONGEST_S, _LOOK_EVERY_S = 3600.0, 300.0
_TARGET_S = 1.0
_YEAR = 2019


def bench_rollout(
    city: City, *, quick: bool, progress: Callable[[str], None], demand: Demand | None = None
) -> dict[str, Any]:
    """Measure one rollout, in the middle of a simulated day, at the hour whose rate is nearest to 45 calls an hour.

    Parameters
    ----------
    city
        Where.
    quick
        100 futures instead of 500; they are not judged.
    progress
        Told what is being measured.
    demand
        By default the city's own.

    Returns
    -------
    dict
        ``asked``, one entry a way in ``rows`` (``wall_s``, ``cpu_s`` of all threads, ``futures_per_s``; ``differs_s``:
        largest difference of a future's mean response from the rollout's) and ``targets``.
    """
    progress("drawing futures")
    demand = load_demand(city) if demand is None else demand
    n = QUICK_FUTURES if quick else FULL_FUTURES
    start = datetime(_YEAR, 1, 2, tzinfo=ZoneInfo(city.timezone))
    hour, rate = _hour_of(demand, city, start)
    ground = make_ground(city, Router.for_city(city), Rules())
    calls = generate_calls(demand, city, start=start, duration_s=86_400.0, seed=1)
    world = new_world(city, calls, units=UNITS, horizon_s=86_400.0, keep_trace=False)
    run(make_handle(world, ground), hour * 3600.0, 2**62)
    candidates = _candidates(world)

    def drawn(futures: int) -> Futures:
        return draw_futures(demand, city, world, ground, start=start, horizon_s=HORIZON_S, n=futures, seed=1)

    def asked(futures: Futures, **options: Any) -> Rollout:
        return rollout(candidates, world, ground, futures, target_s=city.target_s, longest_s=_LONGEST_S, **options)

    asked(drawn(2))  # compiles, or loads what was compiled
    progress("rollout")
    draw_s, draw_cpu_s, futures = _timed(lambda: drawn(n))
    rows = []
    for name, options in (
        ("rollout, all futures", {"stop_early": False}),
        ("rollout, all futures, one thread", {"stop_early": False, "threads": 1}),
        ("rollout, stops early", {}),
    ):
        wall_s, cpu_s, found = _timed(lambda options=options: asked(futures, **options))  # type: ignore[misc]
        ran = sum(one.n_futures for one in found.outlooks)
        rows.append(_row(name, draw_s + wall_s, draw_cpu_s + cpu_s, ran))
    progress("fork by fork")
    few = drawn(min(_MOST_FORKED, n))
    reference = asked(few, stop_early=False)
    wall_s, cpu_s, means = _timed(lambda: [_by_forks(few, ground, candidate) for candidate in candidates])
    differs_s = max(abs(a - b.means["response_s"]) for a, b in zip(means, reference.outlooks, strict=True))
    rows.append(_row("World.fork and a drive for each future", wall_s, cpu_s, few.n * len(candidates), differs_s))
    return {
        "asked": {
            "city": city.name, "candidates": len(candidates), "futures": n, "horizon_h": HORIZON_S / 3600,
            "units": UNITS, "calls_an_hour": rate, "calls_in_progress": len(futures.present.source_row),
            "draw_s": draw_s,
        },
        "rows": rows,
        "targets": [] if quick else [
            {
                "what": f"{len(candidates)} orders in {n} futures each, drawing included, s", "measured": rows[0]["wall_s"],
                "target": f"at most {_TARGET_S:g}", "met": rows[0]["wall_s"] <= _TARGET_S,
            }
        ],
    }  # fmt: skip


def _hour_of(demand: Demand, city: City, start: datetime) -> tuple[int, float]:
    """Hour of the day after which calls come at the rate nearest to the one wanted, and that rate."""
    rates = [
        expected_calls(demand, city, start=start + timedelta(hours=hour), duration_s=HORIZON_S) / (HORIZON_S / 3600)
        for hour in range(2, 22)
    ]
    place = int(np.argmin(np.abs(np.array(rates) - _CALLS_AN_HOUR)))
    return place + 2, rates[place]


def _candidates(world: World) -> list[Candidate]:
    """Doing nothing, and moves of parked units to stations further down the list."""
    parked = np.flatnonzero(world.units["status"] == UnitStatus.AT_STATION)
    n_stations = len(world.stations)
    moves = [
        Candidate.move(int(u), int(world.units["home"][u] + step) % n_stations)
        for step in range(1, n_stations)
        for u in parked
    ]
    return [Candidate.nothing(), *moves[: CANDIDATES - 1]]


def _timed(task: Callable[[], Any]) -> tuple[float, float, Any]:
    wall, cpu = perf_counter(), process_time()
    result = task()
    return perf_counter() - wall, process_time() - cpu, result


def _row(name: str, wall_s: float, cpu_s: float, futures: int, differs_s: float | None = None) -> dict[str, Any]:
    return {
        "name": name, "wall_s": wall_s, "cpu_s": cpu_s, "futures": futures, "futures_per_s": futures / wall_s,
        "differs_s": differs_s, "agrees": None if differs_s is None else differs_s <= 1e-6,
    }  # fmt: skip


def _by_forks(futures: Futures, ground: Ground, candidate: Candidate) -> float:
    """Mean response of all futures, as a loop in Python finds it."""
    total, count = 0.0, 0
    for k in range(futures.n):
        before = futures.rows[futures.first[k] : futures.first[k + 1]]
        world = _forked(futures, k)
        handle = make_handle(world, ground)
        order_in(handle, *candidate.order(futures.present).tolist())
        t, cut_s = futures.until_s, futures.until_s + _LONGEST_S
        run(handle, t, 2**62)
        mine = (before["role"] == Role.FIRST) & np.isnan(before["t_first"]) & np.isnan(before["t_ended"])
        while t < cut_s and (np.isnan(world.calls["t_first"]) & np.isnan(world.calls["t_ended"]))[mine].any():
            t = min(t + _LOOK_EVERY_S, cut_s)
            run(handle, t, 2**62)
        calls = world.calls[mine]
        first = np.where(np.isnan(calls["t_first"]) & np.isnan(calls["t_ended"]), cut_s, calls["t_first"])
        response = first - calls["t_received"]
        total += float(np.nansum(response))
        count += int(np.isfinite(response).sum())
    return total / count


def _forked(futures: Futures, k: int) -> World:
    """A world of its own at the begin of future ``k``."""
    present = futures.present.world.fork()
    calls = futures.rows[futures.first[k] : futures.first[k + 1]].copy()
    n = len(present.calendar)
    entries = np.zeros(n + 3 * len(calls) + 4 * len(present.units) + 8, HEAP_ENTRY)
    entries[:n] = present.calendar
    entries["key"][:n] = futures.keys[k]
    entries[:n] = entries[:n][np.lexsort((entries["order"][:n], entries["key"][:n]))]  # what is sorted is a heap
    leaving = entries[:n][entries["kind"][:n] == EventKind.EN_ROUTE]
    leaving = leaving[present.units["status"][leaving["unit"]] == UnitStatus.MOBILISING]
    present.units["t_ready"][leaving["unit"]] = leaving["key"]
    queue = np.concatenate([present.queue, np.zeros(len(calls) + 1, HEAP_ENTRY)])
    present.clock["n_ended"] = int((~np.isnan(calls["t_ended"])).sum())
    return present._replace(calls=calls, calendar=entries, queue=queue)
