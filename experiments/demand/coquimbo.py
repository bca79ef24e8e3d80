"""Make La Serena-Coquimbo's demand tables: inhabitants by zone, and stated assumptions for all the rest.

Run from the repository, after ``manhattan.py``::

    python experiments/demand/coquimbo.py --data ../shared/data --model coquimbo.zip

``coquimbo.zip`` is ``aequilibrae/reference_files/coquimbo.zip`` of the package aequilibrae 1.7.2. Run it again
whenever the nodes of ``maps/coquimbo`` change.
"""

from __future__ import annotations

import argparse
import sqlite3
import struct
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).parent))
from bundle import write_hour_of_week, write_toml, write_zones
from intervals import delays_by_step, fit_all
from manhattan import DELAY_SOURCE, hour_of_week, incidents
from zones import nearest_polygon, polygon_of_nearest_point

from ems_twin.city import load_city, project
from ems_twin.demand.volume import street_length_m
from ems_twin.demand.zoning import write_node_zone

ROOT = Path(__file__).parents[2]
INHABITANTS = 448_784
"""Census of 2017: La Serena 221,054 and Coquimbo 227,730."""
CALLS_PER_1000 = 56
"""Emergency responses per 1,000 inhabitants a year, United States 2010 (Wang et al. 2013). An assumption here."""


def read_zones(model: Path) -> tuple[list[str], list[float], list[shapely.Geometry]]:
    """Names, inhabitants and polygons (lon, lat) of the model's zones."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(model) as archive:
        name = next(entry for entry in archive.namelist() if entry.endswith("project_database.sqlite"))
        database = sqlite3.connect(archive.extract(name, folder))
        rows = database.execute("select zone_id, population, geometry from zones order by zone_id").fetchall()
        database.close()
    return [f"z{row[0]:03d}" for row in rows], [row[1] for row in rows], [from_spatialite(row[2]) for row in rows]


def from_spatialite(blob: bytes) -> shapely.Geometry:
    """Geometry from SpatiaLite's storage: a header of 39 bytes, well-known binary without its byte-order mark, 0xFE.

    Parts of a multi-geometry start with 0x69 in place of the byte-order mark.
    """
    order = "<" if blob[1] == 1 else ">"
    mark = bytes([blob[1]])
    body = bytearray(blob[39:-1])
    kind, n_parts = struct.unpack_from(f"{order}II", body)
    if kind == 6:  # MultiPolygon: walk over the parts to find their first bytes
        at = 8
        for _ in range(n_parts):
            body[at : at + 1] = mark
            (n_rings,) = struct.unpack_from(f"{order}I", body, at + 5)
            at += 9
            for _ in range(n_rings):
                (n_points,) = struct.unpack_from(f"{order}I", body, at)
                at += 4 + 16 * n_points
    return shapely.from_wkb(mark + bytes(body))


def main(data: Path, model: Path) -> None:
    """Write ``maps/coquimbo/demand``; print the figures of SOURCE.md."""
    city = load_city(ROOT / "maps" / "coquimbo")
    names, people, polygons = read_zones(model)
    projected = [
        shapely.transform(shape, lambda lonlat: np.column_stack(project(city.roads, *lonlat.T))) for shape in polygons
    ]
    node_zone, outside = nearest_polygon(city.roads.x, city.roads.y, projected)
    weights = dict(zip(names, people, strict=True))
    for row in sorted(set(range(len(names))) - set(node_zone.tolist())):
        near = polygon_of_nearest_point(city.roads.x, city.roads.y, node_zone, projected[row])
        print(f"no road node lies in {names[row]}: its {people[row]:.0f} inhabitants go to {names[near]}")
        weights[names[near]] += weights[names[row]]
        weights[names[row]] = 0.0
    folder = ROOT / "maps" / "coquimbo" / "demand"
    folder.mkdir(exist_ok=True)
    fits, transport, _ = fit_all(data)
    write_hour_of_week(folder / "hour_of_week.csv", hour_of_week(data)[0])
    write_zones(folder / "zones.csv", {name: round(weight, 1) for name, weight in weights.items()})
    write_node_zone(folder / "node_zone.npz", city.roads, tuple(names), node_zone)
    write_toml(
        folder / "demand.toml",
        title="Assumed calls of the inhabitants of La Serena-Coquimbo",
        source="assumption: 56 calls per 1,000 inhabitants a year (Wang et al. 2013); inhabitants census 2017, by zone "
        "AequilibraE's Coquimbo model; week and priorities Manhattan; " + DELAY_SOURCE,
        notes=[
            "No record of calls stands behind these rates: 56 calls per 1,000 inhabitants a year are assumed; week and "
            "priorities are Manhattan's, times San Francisco's."
        ],
        volume={"inhabitants": INHABITANTS, "calls_per_1000_inhabitants_year": CALLS_PER_1000},
        share=incidents(data).p.value_counts(normalize=True).sort_index().tolist(),
        transport_share=transport.tolist(),
        delays=delays_by_step(fits),
    )
    length_km = street_length_m(city.roads).sum() / 1000
    print(
        f"{len(names)} zones, {sum(people):.0f} inhabitants in the model; nodes outside all zones: {outside} of {city.roads.n_nodes}"
    )
    print(
        f"{INHABITANTS * CALLS_PER_1000 / 1000 / 365.25:.1f} calls a day; {INHABITANTS / length_km:.0f} inhabitants per km of street ({length_km:.0f} km)"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder that holds manhattan/ and san_francisco/")
    parser.add_argument("--model", type=Path, required=True, help="AequilibraE's coquimbo.zip")
    arguments = parser.parse_args()
    main(arguments.data, arguments.model)
