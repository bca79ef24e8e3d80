"""One way through the city: the streets it takes, and where one is on it at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..city import RoadNetwork


@dataclass(frozen=True, eq=False, kw_only=True)
class Path:
    """A shortest path from ``nodes[0]`` to ``nodes[-1]``."""

    roads: RoadNetwork
    """The network it runs on."""
    nodes: NDArray[np.int32]
    """Nodes passed, shape (k + 1,)."""
    edges: NDArray[np.int32]
    """Edges driven, shape (k,)."""
    elapsed_s: NDArray[np.float64]
    """Seconds from the start at each node, shape (k + 1,), starting with 0."""

    @property
    def duration_s(self) -> float:
        """Seconds from end to end."""
        return float(self.elapsed_s[-1])

    @property
    def length_m(self) -> float:
        """Metres from end to end."""
        return float(self.roads.length_m[self.edges].sum())

    def lonlat(self) -> NDArray[np.float64]:
        """Geometry, shape (p, 2): longitude and latitude in degrees; a path without edges is one point."""
        return self._shape[0]

    def shape_s(self) -> NDArray[np.float64]:
        """Seconds from the start at each point of :meth:`lonlat`, shape (p,)."""
        return self._shape[1]

    def at(self, t_s: float) -> tuple[float, float]:
        """Longitude and latitude ``t_s`` seconds after the start; the ends before and after."""
        line, when = self._shape
        return float(np.interp(t_s, when, line[:, 0])), float(np.interp(t_s, when, line[:, 1]))

    @cached_property
    def _shape(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Points and their times: an edge is driven at one speed from end to end."""
        start = self.nodes[0]
        points = [np.array([[self.roads.lon[start], self.roads.lat[start]]])]
        times = [np.zeros(1)]
        squeeze = np.cos(np.radians(self.roads.lat[start]))  # a degree east is shorter than a degree north
        for i, edge in enumerate(self.edges):
            line = self.roads.edge_lonlat(int(edge))
            step = np.hypot(np.diff(line[:, 0]) * squeeze, np.diff(line[:, 1]))
            total = step.sum()
            share = np.cumsum(step) / total if total > 0 else np.linspace(0.0, 1.0, len(step) + 1)[1:]
            share[-1] = 1.0
            points.append(line[1:])
            times.append(self.elapsed_s[i] + share * (self.elapsed_s[i + 1] - self.elapsed_s[i]))
        return np.concatenate(points), np.concatenate(times)
