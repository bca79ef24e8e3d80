"""A road network with some of its streets opened the other way too: for contraflow, and for a way out of a dead end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .roads import RoadNetwork


def with_reversed(roads: RoadNetwork, edges: NDArray[np.int64]) -> tuple[RoadNetwork, NDArray[np.int64]]:
    """Add the opposite direction of some edges.

    Returns
    -------
    RoadNetwork
        With the same nodes; edges are sorted anew.
    row : int64[m]
        Row in it of each old edge.
    """
    m, k = roads.n_edges, len(edges)
    tail = np.concatenate((roads.tail, roads.head[edges]))
    head = np.concatenate((roads.head, roads.tail[edges]))
    order = np.lexsort((np.arange(m + k), head, tail))
    source = np.concatenate((np.arange(m), edges))[order]
    turned = order >= m
    inner = np.diff(roads.shape_first)[source]
    shape_first = np.concatenate(([0], np.cumsum(inner))).astype(np.int32)
    step = np.arange(shape_first[-1]) - np.repeat(shape_first[:-1], inner)
    first, last = roads.shape_first[source], roads.shape_first[source + 1] - 1
    take = np.where(np.repeat(turned, inner), np.repeat(last, inner) - step, np.repeat(first, inner) + step)
    row = np.empty(m + k, np.int64)
    row[order] = np.arange(m + k)
    wider = replace(
        roads,
        first_out=np.concatenate(([0], np.cumsum(np.bincount(tail, minlength=roads.n_nodes)))).astype(np.int32),
        head=head[order].astype(np.int32),
        length_m=roads.length_m[source],
        speed_mps=roads.speed_mps[source],
        road_class=roads.road_class[source],
        name_id=roads.name_id[source],
        shape_first=shape_first,
        shape_lon=roads.shape_lon[take],
        shape_lat=roads.shape_lat[take],
    )
    return wider, row[:m]
