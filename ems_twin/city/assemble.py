"""From a source's raw arrays to a :class:`RoadNetwork`: measured, connected, sorted, with ordinary speeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import CityError
from .projection import haversine_m, project, utm_crs
from .raw import RawRoads
from .roads import RoadNetwork

SHORTEST_EDGE_M = 0.1
"""Edges shorter than this (two junctions at one spot) are given this length, so that every weight is positive."""


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """What was left out between the source and the network."""

    self_loops: int
    """Edges that end where they start."""
    components: int
    """Strongly connected parts of the source's graph."""
    nodes: int
    """Nodes outside the largest part."""
    edges: int
    """Edges that leave, enter or lie outside it (self-loops not counted)."""
    km: float
    """Their length, km (with the self-loops)."""


def edge_lengths_m(raw: RawRoads) -> NDArray[np.float64]:
    """Length of each edge in metres: the source's where it has one, else measured along the geometry."""
    length = raw.length_m.copy()
    (missing,) = np.nonzero(~(np.isfinite(length) & (length >= 0)))
    for e in missing:
        a, b = raw.shape_first[e], raw.shape_first[e + 1]
        lon = np.concatenate(([raw.lon[raw.tail[e]]], raw.shape_lon[a:b], [raw.lon[raw.head[e]]]))
        lat = np.concatenate(([raw.lat[raw.tail[e]]], raw.shape_lat[a:b], [raw.lat[raw.head[e]]]))
        length[e] = haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum()
    return np.maximum(length, SHORTEST_EDGE_M)


def strong_parts(n: int, tail: ArrayLike, head: ArrayLike) -> tuple[int, NDArray[np.int32]]:
    """Count the strongly connected parts of a graph of n nodes and name the part of each node."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    tail = np.asarray(tail)
    graph = coo_array((np.ones(len(tail), np.int8), (tail, np.asarray(head))), shape=(n, n)).tocsr()
    count, part = connected_components(graph, directed=True, connection="strong")
    return int(count), part


def assemble(raw: RawRoads, speed_mps: NDArray[np.float64], *, crs: str | None = None) -> tuple[RoadNetwork, Dropped]:
    """Build the network of the largest strongly connected part.

    Parameters
    ----------
    raw
        The source's arrays.
    speed_mps
        Ordinary speed of each raw edge, metres a second.
    crs
        UTM zone; by default that of the centre of the nodes.

    Raises
    ------
    CityError
        Nothing is left to drive on.
    """
    length = edge_lengths_m(raw)
    loop = raw.tail == raw.head
    if loop.all():
        raise CityError(f"{raw.source} has no roads between different junctions", remedy="Use a larger extract.")
    count, part = strong_parts(len(raw.lon), raw.tail[~loop], raw.head[~loop])
    keep_node = part == np.bincount(part).argmax()
    keep_edge = ~loop & keep_node[raw.tail] & keep_node[raw.head]
    if not keep_edge.any():
        raise CityError(
            f"no two junctions of {raw.source} can be driven between in both directions",
            remedy="Use a larger extract, or check its one-way tags.",
        )
    dropped = Dropped(
        self_loops=int(loop.sum()),
        components=count,
        nodes=int((~keep_node).sum()),
        edges=int((~keep_edge & ~loop).sum()),
        km=float(length[~keep_edge].sum() / 1000),
    )
    row = np.cumsum(keep_node, dtype=np.int32) - 1
    (kept,) = np.nonzero(keep_edge)
    tail, head = row[raw.tail[kept]], row[raw.head[kept]]
    order = np.lexsort((length[kept], head, tail))
    kept, tail, head = kept[order], tail[order], head[order].astype(np.int32)
    n = int(keep_node.sum())

    inner = np.diff(raw.shape_first)[kept]
    shape_first = np.concatenate(([0], np.cumsum(inner))).astype(np.int32)
    take = np.repeat(raw.shape_first[kept] - shape_first[:-1], inner) + np.arange(shape_first[-1])
    used, name_id = np.unique(np.concatenate(([0], raw.name_id[kept])), return_inverse=True)

    lon, lat = np.round(raw.lon[keep_node], 7), np.round(raw.lat[keep_node], 7)  # OpenStreetMap's resolution, 1 cm
    crs = crs or utm_crs((lon.min() + lon.max()) / 2, (lat.min() + lat.max()) / 2)
    x, y = project(crs, lon, lat)
    network = RoadNetwork(
        lon=lon,
        lat=lat,
        x=x,
        y=y,
        osm_id=raw.osm_id[keep_node].astype(np.int64),
        first_out=np.concatenate(([0], np.cumsum(np.bincount(tail, minlength=n)))).astype(np.int32),
        head=head,
        length_m=np.round(length[kept], 2),
        speed_mps=np.round(speed_mps[kept], 3),
        road_class=raw.road_class[kept].astype(np.uint8),
        name_id=name_id[1:].astype(np.int32),
        names=tuple(raw.names[i] for i in used),
        shape_first=shape_first,
        shape_lon=np.round(raw.shape_lon[take], 7),
        shape_lat=np.round(raw.shape_lat[take], 7),
        crs=crs,
    )
    return network, dropped
