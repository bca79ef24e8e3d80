"""The road network of a city: plain, read-only arrays, one row a node or a directed edge.

Array names, used the same way in every room:

==============  =========  ==============================================================
name            length     one entry is
==============  =========  ==============================================================
``first_out``   n + 1      first edge of node v; its edges are ``first_out[v]:first_out[v + 1]``
``tail, head``  m          the nodes that edge e leaves and enters (rows, never OSM ids)
``length_m``    m          length of edge e, metres
``speed_mps``   m          ordinary driving speed on edge e, metres a second
``shape_first`` m + 1      first inner shape point of edge e in ``shape_lon``, ``shape_lat``
==============  =========  ==============================================================

*node* is always our row number; *osm_id* is OpenStreetMap's. No function takes both.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

ROAD_CLASSES: tuple[str, ...] = (
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "primary",
    "primary_link",
    "secondary",
    "secondary_link",
    "tertiary",
    "tertiary_link",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "unknown",
)
"""OpenStreetMap highway classes an ambulance drives on; ``road_class`` indexes this tuple."""


@dataclass(frozen=True, eq=False, kw_only=True)
class RoadNetwork:
    """A directed road graph in compressed sparse rows, strongly connected, without self-loops.

    Edges are sorted by tail, then head. Parallel edges are allowed.
    """

    lon: NDArray[np.float64]
    """Longitude of node v, degrees east (EPSG:4326)."""
    lat: NDArray[np.float64]
    """Latitude of node v, degrees north (EPSG:4326)."""
    x: NDArray[np.float64]
    """Easting of node v in ``crs``, metres."""
    y: NDArray[np.float64]
    """Northing of node v in ``crs``, metres."""
    osm_id: NDArray[np.int64]
    """OpenStreetMap's (or the source's) id of node v."""
    first_out: NDArray[np.int32]
    """First edge of node v, length n + 1."""
    head: NDArray[np.int32]
    """Node that edge e enters."""
    length_m: NDArray[np.float64]
    """Length of edge e, metres, > 0."""
    speed_mps: NDArray[np.float64]
    """Ordinary driving speed on edge e, metres a second, > 0."""
    road_class: NDArray[np.uint8]
    """Index of edge e's class in :data:`ROAD_CLASSES`."""
    name_id: NDArray[np.int32]
    """Index of edge e's street name in ``names``; ``names[0]`` is the empty name."""
    names: tuple[str, ...]
    """Street names."""
    shape_first: NDArray[np.int32]
    """First inner shape point of edge e, length m + 1."""
    shape_lon: NDArray[np.float64]
    """Longitudes of the points between an edge's end nodes, degrees."""
    shape_lat: NDArray[np.float64]
    """Latitudes of the points between an edge's end nodes, degrees."""
    crs: str
    """Metric coordinate system of ``x`` and ``y``, such as ``EPSG:32618``."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    @property
    def n_nodes(self) -> int:
        """Number of nodes n."""
        return len(self.lon)

    @property
    def n_edges(self) -> int:
        """Number of directed edges m."""
        return len(self.head)

    @cached_property
    def tail(self) -> NDArray[np.int32]:
        """Node that edge e leaves."""
        return np.repeat(np.arange(self.n_nodes, dtype=np.int32), np.diff(self.first_out))

    def edge_lonlat(self, edge: int) -> NDArray[np.float64]:
        """Geometry of an edge from tail to head, shape (k, 2), longitude and latitude in degrees."""
        a, b = self.shape_first[edge], self.shape_first[edge + 1]
        tail, head = self.tail[edge], self.head[edge]
        line = np.empty((b - a + 2, 2))
        line[0] = self.lon[tail], self.lat[tail]
        line[1:-1, 0] = self.shape_lon[a:b]
        line[1:-1, 1] = self.shape_lat[a:b]
        line[-1] = self.lon[head], self.lat[head]
        return line
