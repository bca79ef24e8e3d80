"""The operational error on real stations: the share of calls within reach, as forecast and as it came."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import records
from numpy.typing import NDArray

from ems_twin.city import City, build_city, load_city
from ems_twin.city.sources import read_source
from ems_twin.demand import Demand, defaults_for, load_demand
from ems_twin.demand.forecast.backtest import Backtest
from ems_twin.demand.forecast.cells import Cells, zone_cells
from ems_twin.demand.forecast.reach import reach_from_stations
from ems_twin.demand.forecast.report import compare
from ems_twin.demand.forecast.studies import backtest_events
from ems_twin.demand.import_places import OTHER_NAMES
from ems_twin.demand.tables import read_zone_names
from ems_twin.routing import Router

HORIZONS = (1, 8, 24, 168)
MODELS = ("medic", "hour_of_week", "blend")
DRIVES_S = (60.0, 90.0, 120.0, 180.0, 240.0, None)
"""Drives in time, fixed before the first run; None is the city's target less call taking and turnout."""


def study(data: Path) -> tuple[dict[str, Any], list[str]]:
    """San Francisco with its 45 fire stations, and Manhattan as it ships, by ZIP."""
    frisco, york = _san_francisco(data / "san_francisco"), load_city("manhattan")
    lines: list[str] = []
    record: dict[str, Any] = {}
    for case, city, demand in (
        (records.san_francisco(data, 1000.0), frisco, defaults_for(frisco)),
        (records.san_francisco(data, 500.0), frisco, defaults_for(frisco)),
        (records.new_york(data), york, load_demand(york)),
    ):
        smooth = case.lon is not None
        found = backtest_events(
            case.time_s, case.cells, case.timezone, start=case.start,
            cell=None if smooth else case.cell, lon=case.lon, lat=case.lat,
            models=MODELS, horizons_h=HORIZONS, issue_h=168, holidays=records.holidays(), smooth_places=smooth,
            progress=lambda text: print(f"  {text}", file=sys.stderr, flush=True),
        )  # fmt: skip
        router = Router.for_city(city)
        record[case.title] = {
            "source": case.source, "stations": len(city.stations), "drives": [], "cover_90": _calibration(found.record),
        }  # fmt: skip
        lines += [
            f"{case.title}; {len(city.stations)} stations",
            f"{'drive, s':>8}{'reached':>9}{'h':>4}  {'model':<14}{'error, points':>24}{'less hour_of_week':>26}{'less medic':>26}",
        ]
        for drive_s in DRIVES_S:
            reach = reach_from_stations(city, demand, case.cells, router=router, limit_s=drive_s)
            covered = _merged(case.cells, reach.covered, city, demand, router, reach.limit_s)
            calls = case.calls()
            reached = float(covered[calls.cell].mean())
            errors = _errors(found.backtests, covered)
            entry = {"drive_s": reach.limit_s, "calls_reached": reached, "covered": covered.tolist(), "errors": errors}
            record[case.title]["drives"].append(entry)
            for horizon, models in errors.items():
                for name in MODELS:
                    lines.append(f"{reach.limit_s:>8.0f}{reached:>9.1%}{horizon:>4}  {_line(name, models[name])}")
        shown = "; ".join(
            f"{horizon} h " + ", ".join(f"{name} {value:.1%}" for name, value in models.items())
            for horizon, models in record[case.title]["cover_90"].items()
        )
        lines += [f"Coverage of 90 % intervals: {shown}", ""]
    return record, lines


def _merged(
    cells: Cells, covered: NDArray[np.float64], city: City, demand: Demand, router: Router, limit_s: float
) -> NDArray[np.float64]:
    """Reach with that of the area for cells that the city knows only as a part of it."""
    areas = reach_from_stations(city, demand, zone_cells(demand.zone_names), router=router, limit_s=limit_s).covered
    row = {name: i for i, name in enumerate(demand.zone_names)}
    other = (
        {} if city.directory is None else read_zone_names(city.directory / "demand" / OTHER_NAMES, demand.zone_names)
    )
    own = [
        areas[row[other[name]]] if name in other else share for name, share in zip(cells.names, covered, strict=True)
    ]
    return np.array(own)


def _calibration(found: dict[str, Any]) -> dict[str, dict[str, float]]:
    return {
        horizon: {name: entry["models"][name]["cover_90"]["value"] for name in MODELS}
        for horizon, entry in found["horizons"].items()
    }


def _errors(backtests: dict[int, Backtest], covered: NDArray[np.float64]) -> dict[str, dict[str, Any]]:
    """Operational error by horizon and model, as a backtest with these shares gives it."""
    out: dict[str, dict[str, Any]] = {}
    for horizon in HORIZONS:
        found = backtests[horizon]
        scored = found.scores(np.ones(len(covered)), covered)[horizon]
        compared = compare(scored, ("hour_of_week", "medic"), seed=1)
        out[str(horizon)] = {name: compared[name]["coverage_error"] for name in MODELS}
    return out


def _san_francisco(folder: Path) -> City:
    """TIGER's roads at ordinary speeds by class, without one-ways, and the stations of the fire department.

    A city must have hospitals; they have no part in this study, so their bays are not looked up.
    """
    raw = read_source(folder / "roads_tiger2013.graphml.gz")
    with TemporaryDirectory() as made:
        stations = _table(folder / "stations.csv", Path(made), "station", "units,kind", "1,station")
        hospitals = _table(folder / "hospitals.csv", Path(made), "name", "beds,bays", "0,1")
        return build_city(
            raw, name="san_francisco", timezone="America/Los_Angeles", stations=stations, hospitals=hospitals,
            attribution="US Census TIGER/Line",
        )[0]  # fmt: skip


def _table(source: Path, folder: Path, name: str, columns: str, values: str) -> Path:
    """Places of the city's own table in the columns of a bundle."""
    places = pd.read_csv(source)
    table = pd.DataFrame({"id": range(len(places)), "name": places[name], "lon": places["lon"], "lat": places["lat"]})
    for column, value in zip(columns.split(","), values.split(","), strict=True):
        table[column] = value
    table.to_csv(folder / source.name, index=False)
    return folder / source.name


def _line(name: str, error: dict[str, Any]) -> str:
    low, high = (100 * bound for bound in error["interval"])
    shown = f"{100 * error['value']:.3f} [{low:.3f}, {high:.3f}]"
    return f"{name:<14}{shown:>24}{_against(error, 'hour_of_week'):>26}{_against(error, 'medic'):>26}"


def _against(error: dict[str, Any], other: str) -> str:
    if other not in error["against"]:
        return "-"
    change = error["against"][other]
    low, high = (100 * bound for bound in change["interval"])
    return f"{100 * change['change']:+.3f} [{low:+.3f}, {high:+.3f}]"
