"""Forecasts of demand against practice: the figures in results/, made again.

    python experiments/forecast/study.py                     everything, about half an hour on two cores
    python experiments/forecast/study.py new_york            one part: new_york, san_francisco_1km,
                                                             san_francisco_500m, events, opponents, floor,
                                                             operational, generator, speed

Each part writes results/PART.json and results/PART.txt. Seeds are fixed.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import generator
import numpy as np
import operational
import records
import surge

from ems_twin.demand.forecast.catalogue import make_models
from ems_twin.demand.forecast.cells import square_cells
from ems_twin.demand.forecast.past import past_calls
from ems_twin.demand.forecast.studies import backtest_events

RESULTS = Path(__file__).parent / "results"
HORIZONS = (1, 8, 24, 168)
YEAR_CALLS, CITY_CELLS = 350_000, 1000

Part = tuple[dict[str, Any], list[str]]


def backtests(case: records.Case, *, rolling: tuple[int, ...], smooth_places: bool) -> Part:
    """All models at all horizons: forecasts made once a week, and forecasts made at the beginning of each period.

    ``rolling`` are the lengths of period, hours, of the latter.
    """
    lines = [case.title, f"Source: {case.source}", ""]
    record: dict[str, Any] = {"title": case.title, "source": case.source}
    for name, issue_h, horizons in (("weekly", 168, HORIZONS), ("rolling", None, rolling)):
        found = backtest_events(
            case.time_s,
            case.cells,
            case.timezone,
            start=case.start,
            cell=None if smooth_places else case.cell,
            lon=case.lon if smooth_places else None,
            lat=case.lat if smooth_places else None,
            models=("hour_of_week_year", "glm_poisson", "self_exciting", "blend"),
            horizons_h=horizons,
            issue_h=issue_h,
            holidays=records.holidays(),
            smooth_places=smooth_places,
            progress=lambda text, name=name: print(f"  {name}: {text}", file=sys.stderr, flush=True),
        )
        record[name] = found.record
        lines += [f"--- {name} forecasts ---", "", *found.lines, ""]
    return record, lines


def floor(data: Path) -> Part:
    """How far the gain in log-density depends on the floor ε, which all models have alike."""
    lines = [f"{'case':<64}{'ε':>8}{'h':>4}  nats a call more than hour_of_week"]
    record: dict[str, Any] = {}
    for case in (records.new_york(data), records.san_francisco(data, 1000.0), records.san_francisco(data, 500.0)):
        for epsilon in (1e-4, 1e-3, 1e-2):
            found = backtest_events(
                case.time_s,
                case.cells,
                case.timezone,
                start=case.start,
                cell=case.cell,
                models=("volume_density",),
                horizons_h=(1, 8),
                issue_h=168,
                epsilon=epsilon,
            )
            for horizon in ("1", "8"):
                scored = found.record["horizons"][horizon]["models"]["volume_density"]["log_density"]
                gain = scored["against"]["hour_of_week"]
                record[f"{case.title}, ε = {epsilon:g}, {horizon} h"] = gain
                low, high = gain["interval"]
                lines.append(
                    f"{case.title:<64}{epsilon:>8g}{horizon:>4}  {gain['change']:+.4f} [{low:+.4f}, {high:+.4f}]"
                )
    return record, lines


def opponents(data: Path) -> Part:
    """What is hard to beat at half a kilometre and one hour: places that never change, and MEDIC as a density."""
    case = records.san_francisco(data, 500.0)
    found = backtest_events(
        case.time_s,
        case.cells,
        case.timezone,
        start=case.start,
        cell=case.cell,
        models=("medic_kde", "hour_of_week_year", "constant_shares", "volume_density"),
        horizons_h=(1, 8),
        issue_h=168,
        holidays=records.holidays(),
    )
    lines = [case.title, f"Source: {case.source}", "", *found.lines, "", "volume_density against, nats a call:"]
    for horizon, entry in found.record["horizons"].items():
        for other, gain in entry["models"]["volume_density"]["log_density"]["against"].items():
            low, high = gain["interval"]
            lines.append(f"  {horizon} h  {other:<18}{gain['change']:+.4f} [{low:+.4f}, {high:+.4f}]")
    return found.record, lines


def speed() -> Part:
    """Time and memory on a made-up year of a large city."""
    rng = np.random.default_rng(0)
    x, y = np.meshgrid(np.arange(40), np.arange(25))
    cells = square_cells(-74 + 0.00592 * x.ravel(), 40.6 + 0.0045 * y.ravel(), 500.0)
    hours, begin = 8760, 1704085200.0
    day = 1 + 0.5 * np.sin(np.arange(hours) % 24 / 24 * 2 * np.pi)
    counts = rng.poisson(YEAR_CALLS * day / day.sum())
    time_s = begin + 3600 * np.repeat(np.arange(hours), counts) + rng.uniform(0, 3600, counts.sum())
    share = rng.gamma(0.5, 1, len(cells))
    cell = rng.choice(len(cells), len(time_s), p=share / share.sum())
    end = begin + 3600.0 * hours
    calls = past_calls(time_s, cells, "America/New_York", cell=cell, since_s=begin, until_s=end)
    known = calls.between(begin, end - 86400)
    coming = np.append(end - 86400, calls.time_s[calls.time_s >= end - 86400][:100])
    lines = [
        f"{len(calls)} calls of a year, {len(cells)} cells; targets: fit 120 s, 24 h 200 ms, one call 5 ms, 2 GB",
        f"{'model':<18}{'fit, s':>9}{'24 h, ms':>10}{'one call, ms':>14}{'worst, CPU':>14}{'peak memory, GB':>17}",
    ]
    record: dict[str, Any] = {"calls": len(calls), "cells": len(cells), "machine": platform.platform()}
    for name in ("medic", "hour_of_week", "volume_density", "glm_nb", "st_kde", "trees", "self_exciting", "blend"):
        model = make_models([name])[name]
        clock = time.perf_counter()
        model.fit(known)
        fit_s = time.perf_counter() - clock
        model.predict(end - 86400, 24)
        took = []
        for _ in range(5):
            clock = time.perf_counter()
            model.predict(end - 86400, 24)
            took.append(time.perf_counter() - clock)
        updates = []
        for a, b in pairwise(coming.tolist()):
            one = calls.between(a, b)
            clock, worked = time.perf_counter(), time.thread_time()
            model.update(one)
            updates.append((time.perf_counter() - clock, time.thread_time() - worked))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        predict_ms, update_ms = 1000 * float(np.median(took)), 1000 * float(np.median(updates, axis=0)[0])
        worst_ms = 1000 * max(worked for _, worked in updates)  # other programs' turns on the machine left out
        record[name] = {
            "fit_s": fit_s,
            "predict_24h_ms": predict_ms,
            "update_ms": update_ms,
            "update_cpu_ms_worst": worst_ms,
            "peak_gb": peak,
        }
        lines.append(f"{name:<18}{fit_s:>9.1f}{predict_ms:>10.1f}{update_ms:>14.2f}{worst_ms:>14.2f}{peak:>17.2f}")
    return record, lines


def main() -> None:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(description="Forecasts of demand against practice.")
    parser.add_argument("parts", nargs="*", help="parts to run; all by default")
    parser.add_argument("--data", help="folder with the histories of calls")
    given = parser.parse_args()
    wanted_data = any(name != "speed" for name in given.parts or ["all"])
    data = records.data_folder(given.data) if wanted_data else Path()
    parts: dict[str, Callable[[], Part]] = {
        "new_york": lambda: backtests(records.new_york(data), rolling=(1, 8, 24), smooth_places=False),
        "san_francisco_1km": lambda: backtests(records.san_francisco(data, 1000.0), rolling=(1, 8), smooth_places=True),
        "san_francisco_500m": lambda: backtests(records.san_francisco(data, 500.0), rolling=(1,), smooth_places=True),
        "events": lambda: surge.study(records.san_francisco(data, 500.0)),
        "opponents": lambda: opponents(data),
        "floor": lambda: floor(data),
        "operational": lambda: operational.study(data),
        "generator": lambda: generator.study(records.san_francisco(data, 1000.0)),
        "speed": speed,
    }
    unknown = [name for name in given.parts if name not in parts]
    if unknown:
        parser.error(f"there is no part {unknown[0]}; there are {', '.join(parts)}")
    RESULTS.mkdir(exist_ok=True)
    for name in given.parts or parts:
        clock = time.perf_counter()
        print(f"== {name}", file=sys.stderr, flush=True)
        record, lines = parts[name]()
        seconds = time.perf_counter() - clock
        record["seconds"] = round(seconds, 1)
        lines = [*lines, f"Made by: python experiments/forecast/study.py {name} ({seconds:.0f} s)"]
        text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=True)
        (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        (RESULTS / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        print("\n".join(lines), flush=True)


if __name__ == "__main__":
    main()
