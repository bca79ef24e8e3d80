"""Simulated response times in Manhattan beside those of New York's incident sample, by priority, with and without traffic.

Run ``python experiments/travel/manhattan_responses.py INCIDENTS.csv.gz``: NYC Open Data "EMS Incident Dispatch Data"
(76xm-jjuj) or a sample of it. Severities 1 to 3, 4 to 6 and 7 to 9 are the bundle's priorities 1, 2 and 3; the clock is
the city's, incident created to first unit on scene, of responses that it calls valid.

Of the bundle one thing was chosen with these times in view: that sirens feel half of the traffic, on the logarithm, where
all of it gives the medians of the last column. All else was not tuned to them: speeds by the hour come from link times,
dispatch and turnout delays from San Francisco, the fleet of 80 units and the sirens factor of 1.3 are assumptions.

A second table tunes one thing more, a factor on the dispatch delays of each priority, since New York holds calls that are not
urgent: the factors are found on the incidents of 2013 and 2014, and judged on those since.
"""

from __future__ import annotations

import csv
import gzip
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ems_twin.city import load_city
from ems_twin.city.traffic import FILE, read_traffic
from ems_twin.demand import generate_calls, load_demand
from ems_twin.routing import Router
from ems_twin.simulation import simulate
from ems_twin.world import plan_roads

DAYS = 28
START = "2024-05-06"
SINCE, ROUNDS = 2015, 6
BLOCKS = {"00-06": range(6), "06-12": range(6, 12), "12-18": range(12, 18), "18-24": range(18, 24)}


def main(incidents: Path) -> None:
    """Print medians by priority, and by part of the day."""
    year, *columns = recorded(incidents)
    seen = (columns[0], columns[1], columns[2])
    city = load_city("manhattan")
    demand, router = load_demand(city), Router.for_city(city)
    start = datetime.fromisoformat(START).replace(tzinfo=ZoneInfo(city.timezone))
    duration_s = DAYS * 86_400.0
    calls = generate_calls(demand, city, start=start, duration_s=duration_s, seed=1)
    traffic = read_traffic(city.directory / FILE)
    plan = plan_roads(city, router, start=start, duration_s=duration_s, traffic=traffic)
    felt = plan_roads(city, router, start=start, duration_s=duration_s, traffic=replace(traffic, sirens=1.0))
    simulated = {}
    for name, how in (("without", {"router": router}), ("with", {"roads": plan}), ("all", {"roads": felt})):
        run = simulate(city, calls, start=start, duration_s=duration_s, **how)
        hour = np.array([run.at(float(t)).hour for t in run.calls["t_received"]])
        response = run.calls["t_on_scene"] - run.calls["t_received"]
        simulated[name] = (run.calls["priority"].astype(int), hour, response)
    print(f"median response, s; {DAYS} days, {len(calls):,} calls simulated, {len(seen[0]):,} recorded")
    print(f"{'':18} {'recorded':>9} {'no traffic':>16}  {'traffic':>16}  {'sirens feel all':>16}")
    for priority in (1, 2, 3):
        line(f"priority {priority}", seen, simulated, lambda p, _hour, priority=priority: p == priority)
    for block, hours in BLOCKS.items():
        line(block, seen, simulated, lambda _p, hour, hours=hours: np.isin(hour, list(hours)))
    early, late = (tuple(column[rows] for column in seen) for rows in (year < SINCE, year >= SINCE))
    factors = dict.fromkeys((1, 2, 3), 1.0)

    def medians() -> dict[int, float]:
        tried = calls.copy()
        for priority, factor in factors.items():
            tried["dispatch_delay_s"][tried["priority"] == priority] *= factor
        run = simulate(city, tried, start=start, duration_s=duration_s, roads=plan, keep_trace=False)
        response = run.calls["t_on_scene"] - run.calls["t_received"]
        return {priority: float(np.nanmedian(response[run.calls["priority"] == priority])) for priority in factors}

    for _ in range(ROUNDS):  # a longer delay lengthens the response by about as much
        found = medians()
        for priority, factor in factors.items():
            delay_s = factor * float(np.median(calls["dispatch_delay_s"][calls["priority"] == priority]))
            short_s = float(np.median(early[2][early[0] == priority])) - found[priority]
            factors[priority] = factor * max((delay_s + short_s) / delay_s, 0.05)
    found = medians()
    print(f"\ndispatch delays tuned on {len(early[0]):,} incidents before {SINCE}, judged on {len(late[0]):,} since")
    print(f"{'':18} {'factor':>9} {'before':>9} {'since':>9} {'simulated':>16}")
    for priority, factor in factors.items():
        before, since = (float(np.median(part[2][part[0] == priority])) for part in (early, late))
        print(
            f"priority {priority:<9} {factor:9.2f} {before:9.0f} {since:9.0f} {found[priority]:9.0f} "
            f"{found[priority] / since - 1:+6.1%}"
        )


def recorded(
    incidents: Path,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Year, priority, hour of the day and response seconds of Manhattan's valid incidents."""
    rows = []
    with gzip.open(incidents, "rt", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["BOROUGH"] == "MANHATTAN" and row["VALID_INCIDENT_RSPNS_TIME_INDC"] in ("1", "Y"):
                seconds = float(row["INCIDENT_RESPONSE_SECONDS_QY"] or 0)
                severity = row["INITIAL_SEVERITY_LEVEL_CODE"]
                if seconds > 0 and severity in "123456789":
                    when = row["INCIDENT_DATETIME"]
                    rows.append((int(when[:4]), (int(severity) + 2) // 3, int(when[11:13]), seconds))
    year, priority, hour, response = (np.array(column) for column in zip(*rows, strict=True))
    return year, priority, hour, response


def line(name: str, seen: tuple, simulated: dict, which: object) -> None:
    """Print one row of medians."""
    target = float(np.median(seen[2][which(seen[0], seen[1])]))
    cells = []
    for priority, hour, response in simulated.values():
        median = float(np.nanmedian(response[which(priority, hour)]))
        cells.append(f"{median:9.0f} {median / target - 1:+6.1%}")
    print(f"{name:18} {target:9.0f} {'  '.join(cells)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
