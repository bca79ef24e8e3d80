"""The shapes of many edges at once, in a city's metres."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .projection import project
from .roads import RoadNetwork


def edge_points(
    roads: RoadNetwork, edges: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Points of some edges (at least one), one edge after the other, metres, and how many each has."""
    x, y = project(roads, *np.concatenate([roads.edge_lonlat(e) for e in edges.tolist()]).T)
    return x, y, 2 + np.diff(roads.shape_first)[edges].astype(np.int64)


def edge_lines(roads: RoadNetwork, edges: NDArray[np.int64]) -> NDArray[Any]:
    """Some edges (k of them) from tail to head as shapely lines in metres, shape (k,)."""
    import shapely

    if not len(edges):
        return np.zeros(0, dtype=object)
    x, y, size = edge_points(roads, edges)
    lines: NDArray[Any] = shapely.linestrings(np.column_stack((x, y)), indices=np.repeat(np.arange(len(edges)), size))
    return lines
