"""A marathon day rehearsed: thirty paired days of three variants, beside the same days under the Mesa driver, and rollout."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from ..city import City
from ..scenario.whatif import answer, prepare, scenario_from
from ..scenario.whatif.run_day import Runner, draw_night

TARGET_S = 20.0
_PAIRS = 30
_MOVES = {"move": "best-move", "parameters": {"least_gain": 0.3}}
_FORECAST = _MOVES | {"knows": {"of": "event"}}
_ROLLOUT = {"futures": 40, "horizon_min": 45, "every_min": 10, "candidates": 8}


def scenario() -> dict[str, Any]:
    """The marathon with the city's own bases: (a) usual practice, (b) relocation, (c) with forecast and free beds, (d) rollout."""
    return {
        "name": "a marathon day",
        "window": {
            "start": "2024-11-03T00:00", "hours": 24, "count_from": "2024-11-03T08:00", "count_to": "2024-11-03T18:00",
        },
        "demand": {"changes": [{
            "id": "finish", "kind": "surge", "city_share": 0.4, "start": "2024-11-03T08:00", "end": "2024-11-03T18:00",
            "place": {"lon": -73.97655, "lat": 40.7729, "radius_m": 1500},
        }]},
        "roads": {"closures": "closures/marathon.toml", "accept_cut_off": True},
        "resources": {"units": 130, "street_posts": 60},
        "hospitals": {"bays_count": True, "occupancy": 0.93, "divert_above": 1.125},
        "variants": [
            {"name": "a"},
            {"name": "b", "policy": _MOVES},
            {"name": "c", "policy": _FORECAST, "hospitals": {"choice": "soonest"}},
            {"name": "d", "policy": _FORECAST | {"rollout": _ROLLOUT}, "hospitals": {"choice": "soonest"}},
        ],
        "replications": _PAIRS,
    }  # fmt: skip


def bench_whatif(city: City, *, quick: bool, progress: Callable[[str], None]) -> dict[str, Any]:
    """Measure on the city of the marathon.

    Parameters
    ----------
    city
        Manhattan.
    quick
        Three pairs instead of thirty; the time of thirty is then reckoned.
    progress
        Told what is being measured.

    Returns
    -------
    dict
        ``asked``, ``rows`` (``days``, ``seconds``, ``day_s``) and ``targets``.
    """
    made = scenario()
    pairs = 3 if quick else _PAIRS
    progress("a marathon day: compiled code")
    answer(prepare(scenario_from(made | {"variants": made["variants"][:3], "replications": 2})))
    begin = perf_counter()
    prepared = prepare(scenario_from(made | {"variants": made["variants"][:3], "replications": pairs}))
    prepared_s = perf_counter() - begin
    found = answer(prepared)
    ours_s = perf_counter() - begin
    days = sum(map(len, found.days.values()))
    progress("a marathon day: the Mesa driver")
    one = prepared.of("", "c")
    runner, night = Runner(prepared, one), draw_night(prepared, one, 0)
    begin = perf_counter()
    again = runner.run(night, driver="mesa")
    mesa_s = perf_counter() - begin
    begin = perf_counter()
    compiled = runner.run(night)
    compiled_s = perf_counter() - begin
    assert np.array_equal(again.calls["t_on_scene"], compiled.calls["t_on_scene"], equal_nan=True)
    progress("a marathon day: rollout")
    rolling = prepare(scenario_from(made | {"variants": made["variants"][3:], "replications": 2}))
    rolls = Runner(rolling, rolling.ready[0])
    begin = perf_counter()
    rolls.run(draw_night(rolling, rolling.ready[0], 0))
    rollout_s = perf_counter() - begin
    for_all_s = ours_s if pairs == _PAIRS else prepared_s + (ours_s - prepared_s) / pairs * _PAIRS
    return {
        "asked": {"city": city.name, "pairs": pairs, "variants": 3, "calls_a_day": len(night.calls)},
        "rows": [
            {"name": f"(a) to (c), {pairs} pairs", "days": days, "seconds": ours_s, "day_s": ours_s / days},
            {"name": "(c), one day", "days": 1, "seconds": compiled_s, "day_s": compiled_s},
            {"name": "(c), one day under the Mesa driver", "days": 1, "seconds": mesa_s, "day_s": mesa_s},
            {"name": "(d) rollout, one day on one core", "days": 1, "seconds": rollout_s, "day_s": rollout_s},
        ],
        "targets": [
            {
                "what": f"{_PAIRS} pairs of (a) to (c), s", "measured": for_all_s, "target": f"at most {TARGET_S:g}",
                "met": for_all_s <= TARGET_S,
            }
        ],
    }  # fmt: skip
