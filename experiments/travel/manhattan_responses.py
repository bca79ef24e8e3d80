"""Simulated response times in Manhattan beside those of New York's incident sample, by priority, with and without traffic.

Run ``python experiments/travel/manhattan_responses.py INCIDENTS.csv.gz``: NYC Open Data "EMS Incident Dispatch Data"
(76xm-jjuj) or a sample of it. Severities 1 to 3, 4 to 6 and 7 to 9 are the bundle's priorities 1, 2 and 3; the clock is
the city's, incident created to first unit on scene, of responses that it calls valid.

Of the bundle one thing was chosen with these times in view: that sirens feel half of the traffic, on the logarithm, where
all of it gives the medians of the last column. All else was not tuned to them: speeds by the hour come from link times,
dispatch and turnout delays from San Francisco, the fleet of 80 units and the sirens factor of 1.3 are assumptions.
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
BLOCKS = {"00-06": range(6), "06-12": range(6, 12), "12-18": range(12, 18), "18-24": range(18, 24)}


def main(incidents: Path) -> None:
    """Print medians by priority, and by part of the day."""
    seen = recorded(incidents)
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


def recorded(incidents: Path) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Priority, hour of the day and response seconds of Manhattan's valid incidents."""
    rows = []
    with gzip.open(incidents, "rt", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["BOROUGH"] == "MANHATTAN" and row["VALID_INCIDENT_RSPNS_TIME_INDC"] in ("1", "Y"):
                seconds = float(row["INCIDENT_RESPONSE_SECONDS_QY"] or 0)
                severity = row["INITIAL_SEVERITY_LEVEL_CODE"]
                if seconds > 0 and severity in "123456789":
                    rows.append(((int(severity) + 2) // 3, int(row["INCIDENT_DATETIME"][11:13]), seconds))
    priority, hour, response = (np.array(column) for column in zip(*rows, strict=True))
    return priority, hour, response


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
