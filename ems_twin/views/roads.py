"""The road graph as base map: four tiers of lines on a canvas, drawn from the city's own data."""

from __future__ import annotations

import math
from typing import Any

import folium
import numpy as np
from numpy.typing import NDArray

from ..city.roads import ROAD_CLASSES, RoadNetwork

TIERS = ("major", "main", "middle", "minor")
"""How prominently a street is drawn, most prominent first."""

_TIER_OF_CLASS = {
    "motorway": 0, "motorway_link": 0, "trunk": 0, "trunk_link": 0,
    "primary": 1, "primary_link": 1, "secondary": 1, "secondary_link": 1,
    "tertiary": 2, "tertiary_link": 2,
}  # fmt: skip
_SPEED_TIERS_MPS = (17.0, 11.5)  # 61 and 41 km/h: what divides major, main and minor where no class is known
_TOLERANCE_M = 1.5
_MAX_POINTS = 150_000


def road_tiers(roads: RoadNetwork) -> NDArray[np.int8]:
    """Tier of every edge, length m: by road class, or by speed in a network that has no classes."""
    unknown = roads.road_class == ROAD_CLASSES.index("unknown")
    if 2 * np.count_nonzero(unknown) > roads.n_edges:
        fast, brisk = _SPEED_TIERS_MPS
        return np.where(roads.speed_mps >= fast, 0, np.where(roads.speed_mps >= brisk, 1, 3)).astype(np.int8)
    by_class = np.array([_TIER_OF_CLASS.get(name, 3) for name in ROAD_CLASSES], dtype=np.int8)
    return by_class[roads.road_class]


def road_lines(
    roads: RoadNetwork, *, driven: NDArray[np.bool_] | None = None, max_points: int = _MAX_POINTS
) -> tuple[dict[str, list[list[list[float]]]], int]:
    """Lines of every tier, each street once, blocks joined where nothing branches off, simplified to 1.5 m.

    Parameters
    ----------
    roads
        The network.
    driven
        Edges that some unit drives on, length m: kept longest when a network is too large to draw whole.
    max_points
        Points the page may carry. Beyond it minor streets that nobody drives on are left out.

    Returns
    -------
    lines
        Coordinates (longitude, latitude, 5 decimals) by tier.
    n_left_out
        Edges that are not drawn.
    """
    import shapely

    edges = _one_direction(roads)
    tier = road_tiers(roads)[edges]
    points = 1 + np.diff(roads.shape_first)[edges]
    importance = np.where((tier == 3) & (True if driven is None else ~driven[edges]), 4, tier)
    by_importance = np.argsort(importance, kind="stable")
    fits = np.cumsum(points[by_importance]) <= max_points
    kept = by_importance[fits]
    squeeze = math.cos(math.radians(float(np.mean(roads.lat))))
    metre = 1.0 / 111_320.0
    lines: dict[str, list[list[list[float]]]] = {}
    for rank, name in enumerate(TIERS):
        chosen = edges[kept[tier[kept] == rank]]
        if len(chosen) == 0:
            continue
        parts = shapely.linestrings(
            np.concatenate([roads.edge_lonlat(e) * (squeeze, 1.0) for e in chosen]),
            indices=np.repeat(np.arange(len(chosen)), 2 + np.diff(roads.shape_first)[chosen]),
        )
        merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(parts)))
        simple = shapely.simplify(merged, _TOLERANCE_M * metre, preserve_topology=False)
        lines[name] = [_rounded(shapely.get_coordinates(line) / (squeeze, 1.0)) for line in simple]
    return lines, int(len(edges) - len(kept))


def add_streets(twin_map: folium.Map, lines: dict[str, list[list[list[float]]]]) -> dict[str, Any]:
    """Add the layer of streets; the scripts style it by theme and zoom.

    Returns
    -------
    dict
        The Folium elements, ``streets`` for the group and ``streets_TIER`` for each tier.
    """
    group = folium.FeatureGroup(name="Streets")
    elements: dict[str, Any] = {"streets": group}
    for name, coordinates in lines.items():
        feature = {
            "type": "Feature",
            "properties": {},
            "geometry": {"type": "MultiLineString", "coordinates": coordinates},
        }
        layer = folium.GeoJson(feature, name=name, smooth_factor=0.8, interactive=False, pane="streets")
        elements[f"streets_{name}"] = layer.add_to(group)
    group.add_to(twin_map)
    return elements


def _one_direction(roads: RoadNetwork) -> NDArray[np.int64]:
    """Edges without the second direction of a two-way street."""
    tail, head = roads.tail.astype(np.int64), roads.head.astype(np.int64)
    n = roads.n_nodes
    there, back = tail * n + head, head * n + tail
    return np.flatnonzero((tail < head) | ~np.isin(back, there))


def _rounded(coordinates: NDArray[np.float64]) -> list[list[float]]:
    points: list[list[float]] = np.round(coordinates, 5).tolist()
    return points
