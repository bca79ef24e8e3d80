"""Small cities, fleets and agendas that the tests of the law share."""

from __future__ import annotations

from typing import Any

import numpy as np
from nights import START

from ems_twin.city import City
from ems_twin.city.sample import grid_city
from ems_twin.simulation import Run, simulate
from ems_twin.world import AGENDA, EventKind, Fleet

BLOCK_S = 20.0  # 200 m at 36 km/h
SIRENS_S = BLOCK_S / 2
CARRIES, ALS = 1, 2


def row_city(units_per_station: int = 1, stations: tuple[tuple[int, int], ...] = ((0, 0),)) -> City:
    """Ten junctions in a row, and a second row beside it: station at node 0, hospital at node 9."""
    return grid_city(
        2, 10, stations=stations, hospitals=((0, 9),), sirens_factor=2.0, units_per_station=units_per_station
    )


def simulated(city: City, calls: np.ndarray, driver: str, **options: Any) -> Run:
    return simulate(city, calls, start=START, duration_s=86_400.0, driver=driver, **options)


def fleet(*skills: int, homes: tuple[int, ...] | None = None) -> Fleet:
    return Fleet(
        homes=np.array(homes or (0,) * len(skills), np.int32), skills=np.array(skills, np.int32),
        skill_names=("transport", "als"),
    )  # fmt: skip


def agenda(*rows: tuple[float, EventKind, int, float] | tuple[float, EventKind, int, float, float]) -> np.ndarray:
    """Rows (time, kind, unit or hospital, value, until)."""
    out = np.zeros(len(rows), AGENDA)
    out["unit"] = out["hospital"] = -1
    for i, (time, kind, row, value, *until) in enumerate(rows):
        out[i]["time"], out[i]["kind"], out[i]["value"] = time, kind, value
        out[i]["hospital" if kind == EventKind.DIVERSION else "unit"] = row
        out[i]["until"] = until[0] if until else 0.0
    return out


def what_unit_did(run: Run, unit: int) -> list[tuple[str, float]]:
    """Kind and time of a unit's events."""
    rows = run.trace[run.trace["unit"] == unit]
    return [(EventKind(row["kind"]).name, float(row["time"])) for row in rows]
