"""Simulation beside a peer: 100,000 calls and 80 units through both drivers and through a SimPy model of the same rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..demand import generate_calls, load_demand
from ..routing import Router
from ..simulation import Run, simulate
from ..world import Rules
from .everything import everything_on
from .machine import version

EQUAL_WITHIN_S = 1e-6
"""Two response times that differ by no more are the same."""

FULL_CALLS, QUICK_CALLS = 100_000, 20_000
UNITS = 80
_TARGET_CALLS_A_SECOND = {"compiled": 200_000, "rich": 100_000, "mesa": 15_000}
_YEAR, _DAY_S = 2019, 86_400.0


def bench_simulation(city: City, *, quick: bool, progress: Callable[[str], None]) -> dict[str, Any]:
    """Measure the drivers on one city.

    Parameters
    ----------
    city
        Where; with its own demand.
    quick
        20,000 calls instead of 100,000.
    progress
        Told what is being measured.

    Returns
    -------
    dict
        ``asked``, one entry a driver in ``rows`` (``calls_per_s``; ``differs_s``: largest difference of a response
        time from the compiled driver's) and ``targets``.
    """
    progress("drawing calls")
    start = datetime(_YEAR, 1, 1, tzinfo=ZoneInfo(city.timezone))
    n_calls = QUICK_CALLS if quick else FULL_CALLS
    calls = draw_calls(city, n_calls, start)
    duration_s = float(calls["t_received"][-1]) + 1.0
    router = Router.for_city(city)

    def run(driver: str, n: int, *, keep_trace: bool) -> Run:
        return simulate(
            city, calls[:n], start=start, duration_s=duration_s, router=router, units=UNITS,
            driver=driver, keep_trace=keep_trace, seed=1,
        )  # fmt: skip

    progress("compiled driver")
    run("compiled", 100, keep_trace=True)  # compiles, or loads what was compiled
    compiled_s, reference = _timed(lambda: run("compiled", n_calls, keep_trace=False), repeats=5)
    traced_s, _ = _timed(lambda: run("compiled", n_calls, keep_trace=True), repeats=3)
    rows = [
        _row("compiled driver", compiled_s, n_calls, reference, reference.calls["t_on_scene"]),
        _row("compiled driver, trace kept", traced_s, n_calls, reference, reference.calls["t_on_scene"]),
    ]
    progress("compiled driver with every rule on")
    rich = everything_on(city, calls, UNITS)
    rich_calls = rich.pop("calls")

    def run_rich(n: int, driver: str = "compiled") -> Run:
        return simulate(
            city, rich_calls[:n], start=start, duration_s=duration_s, router=router, driver=driver, keep_trace=False,
            seed=1, **rich,
        )  # fmt: skip

    run_rich(100)
    rich_s, rich_run = _timed(lambda: run_rich(n_calls), repeats=3)
    rows.append(
        {
            "name": "compiled driver, every rule on", "version": None, "wall_s": rich_s, "calls_per_s": n_calls / rich_s,
            "events": int(rich_run.world.clock["n_events"][0]), "differs_s": None, "agrees": None,
        }
    )  # fmt: skip
    progress("Mesa driver")
    run("mesa", 100, keep_trace=False)
    mesa_s, by_mesa = _timed(lambda: run("mesa", n_calls, keep_trace=False), repeats=1)
    rows.append(_row("Mesa driver", mesa_s, n_calls, reference, by_mesa.calls["t_on_scene"], version("mesa")))
    progress("SimPy twin")
    rows.append(_simpy_row(city, calls, router, reference))
    return {
        "asked": {
            "city": city.name,
            "calls": n_calls,
            "units": UNITS,
            "days": duration_s / _DAY_S,
            "had_to_wait_for_a_unit": float(reference.calls["was_queued"].mean()),
        },
        "rows": rows,
        "targets": [
            _target("compiled driver, calls/s", n_calls / compiled_s, _TARGET_CALLS_A_SECOND["compiled"]),
            _target("compiled driver with every rule on, calls/s", n_calls / rich_s, _TARGET_CALLS_A_SECOND["rich"]),
            _target("Mesa driver, calls/s", n_calls / mesa_s, _TARGET_CALLS_A_SECOND["mesa"]),
        ],
    }


def draw_calls(city: City, n_calls: int, start: datetime) -> NDArray[np.void]:
    """The first ``n_calls`` calls from ``start`` on, at the city's own rates."""
    demand = load_demand(city)
    days = 8.0
    while True:
        calls = generate_calls(demand, city, start=start, duration_s=days * _DAY_S, seed=1)
        if len(calls) >= n_calls:
            return calls[:n_calls]
        days *= 1.1 * n_calls / max(len(calls), n_calls / 100)


def _timed(task: Callable[[], Run], *, repeats: int) -> tuple[float, Run]:
    spent = []
    for _ in range(repeats):
        start = perf_counter()
        result = task()
        spent.append(perf_counter() - start)
    return float(np.median(spent)), result


def _row(
    name: str,
    wall_s: float,
    n_calls: int,
    reference: Run,
    on_scene_s: NDArray[np.float64],
    package_version: str | None = None,
) -> dict[str, Any]:
    differs_s = float(np.max(np.abs(on_scene_s - reference.calls["t_on_scene"])))
    return {
        "name": name,
        "version": package_version,
        "wall_s": wall_s,
        "calls_per_s": n_calls / wall_s,
        "differs_s": differs_s,
        "agrees": differs_s <= EQUAL_WITHIN_S,
    }


def _simpy_row(city: City, calls: NDArray[np.void], router: Router, reference: Run) -> dict[str, Any]:
    installed = version("simpy")
    if installed is None:
        return {"name": "SimPy twin", "version": None, "wall_s": None}
    from .simpy_twin import SimpyTwin, TravelTables

    tables = TravelTables(city, router, Rules())
    start = perf_counter()
    on_scene_s = SimpyTwin(city, calls, tables, units=UNITS, rules=Rules()).run()
    return _row("SimPy twin", perf_counter() - start, len(calls), reference, on_scene_s, installed)


def _target(what: str, measured: float, at_least: float) -> dict[str, Any]:
    return {"what": what, "measured": measured, "target": f"at least {at_least:,}", "met": measured >= at_least}
