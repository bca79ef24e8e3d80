"""Which node of the road network is nearest to a point, and how far the nearest road is."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .projection import project
from .roads import RoadNetwork

_TREES: WeakKeyDictionary[RoadNetwork, Any] = WeakKeyDictionary()


def nearest_nodes(roads: RoadNetwork, lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Find the nearest node to each point, as the crow flies.

    The search tree is built at the first question about a network and kept as long as the network.

    Parameters
    ----------
    roads
        Road network.
    lon, lat
        Degrees, shape (k,), or two numbers (then k = 1).

    Returns
    -------
    node : int32[k]
    distance_m : float64[k]
    """
    tree = _TREES.get(roads)
    if tree is None:
        from scipy.spatial import cKDTree  # 0.1 s, and reading a bundle does not need it

        tree = _TREES[roads] = cKDTree(np.column_stack((roads.x, roads.y)))
    x, y = project(roads, np.atleast_1d(lon), np.atleast_1d(lat))
    distance, node = tree.query(np.column_stack((x, y)))
    return node.astype(np.int32), np.asarray(distance, dtype=np.float64)


def nearest_node(roads: RoadNetwork, lon: float, lat: float) -> tuple[int, float]:
    """Nearest node to one point and its distance in metres, without building a search tree."""
    x, y = project(roads, lon, lat)
    squared = (roads.x - x) ** 2 + (roads.y - y) ** 2
    node = int(np.argmin(squared))
    return node, float(np.sqrt(squared[node]))


def road_distance_m(roads: RoadNetwork, lon: float, lat: float) -> float:
    """Distance in metres from a point to the nearest road (not just to the nearest junction)."""
    px, py = project(roads, lon, lat)
    ax, ay, bx, by = _segments(roads)
    ux, uy = bx - ax, by - ay
    long2 = np.maximum(ux * ux + uy * uy, 1e-12)
    along = np.clip(((px - ax) * ux + (py - ay) * uy) / long2, 0.0, 1.0)
    return float(np.sqrt(np.min((ax + along * ux - px) ** 2 + (ay + along * uy - py) ** 2)))


def _segments(roads: RoadNetwork) -> tuple[NDArray[np.float64], ...]:
    """End points (ax, ay, bx, by) of every straight piece of every edge, metres."""
    inner = np.diff(roads.shape_first)
    first = roads.shape_first[:-1] + 2 * np.arange(roads.n_edges)  # row of edge e's tail in the points below
    total = len(roads.shape_lon) + 2 * roads.n_edges
    x, y = np.empty(total), np.empty(total)
    last = first + inner + 1
    x[first], y[first] = roads.x[roads.tail], roads.y[roads.tail]
    x[last], y[last] = roads.x[roads.head], roads.y[roads.head]
    is_inner = np.ones(total, dtype=bool)
    is_inner[first] = is_inner[last] = False
    x[is_inner], y[is_inner] = project(roads, roads.shape_lon, roads.shape_lat)
    starts = np.ones(total, dtype=bool)
    starts[last] = False  # an edge's last point starts no piece
    (rows,) = np.nonzero(starts)
    return x[rows], y[rows], x[rows + 1], y[rows + 1]
