"""Demand points: a city's road nodes gathered into squares, few enough to reckon with at every event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..errors import InputError
from .model import Demand, node_weights

_FINEST_M = 100.0
_COARSER = 2.0**0.5  # each step halves the squares


@dataclass(frozen=True, eq=False, kw_only=True)
class DemandPoints:
    """Places that stand for the demand around them."""

    node: NDArray[np.int32]
    """Road node of a point, the nearest to the middle of its demand, shape (points,)."""
    weight: NDArray[np.float64]
    """Share of all calls, summing to 1, shape (points,)."""
    point_of_node: NDArray[np.int32]
    """Point that a road node belongs to, -1 where no calls fall, shape (n,)."""
    side_m: float
    """Side of the squares, metres."""

    def weigh(self, node_weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """Gather other weights of nodes, such as a forecast's, into weights of points.

        Parameters
        ----------
        node_weight
            Shape (..., n), 0 or more. What lies on nodes that belong to no point is left out.

        Returns
        -------
        float64[..., points]
            Shares, summing to 1 along the last axis (all 0 where all weights are).
        """
        if node_weight.shape[-1:] != self.point_of_node.shape:
            raise InputError(
                f"has shape {node_weight.shape}, not (..., {len(self.point_of_node)})", field="node_weight",
                remedy="Give a weight for each road node.",
            )  # fmt: skip
        inside = self.point_of_node >= 0
        rows = node_weight.reshape(-1, len(inside))[:, inside]
        gathered = np.array([np.bincount(self.point_of_node[inside], row, len(self.node)) for row in rows])
        total = gathered.sum(axis=1, keepdims=True)
        shares = np.divide(gathered, total, out=np.zeros_like(gathered), where=total > 0)
        return shares.reshape(*node_weight.shape[:-1], len(self.node))


def demand_points(city: City, demand: Demand, *, most: int = 300) -> DemandPoints:
    """Gather a city's demand into the smallest squares, of 100 m or more, of which at most ``most`` have any.

    Raises
    ------
    InputError
        If ``most`` is below 1, or the demand is for other roads.
    """
    if most < 1:
        raise InputError(f"is {most}", field="most", remedy="Ask for at least 1 point.")
    roads, weight = city.roads, node_weights(demand)
    if len(weight) != roads.n_nodes:
        raise InputError(f"is for {len(weight)} road nodes and the city has {roads.n_nodes}", field="demand")
    rows = np.flatnonzero(weight)
    side_m = _FINEST_M
    while True:
        east, north = (np.floor((axis[rows] - axis.min()) / side_m).astype(np.int64) for axis in (roads.x, roads.y))
        squares, point = np.unique(east * (int(north.max()) + 1) + north, return_inverse=True)
        if len(squares) <= most:
            break
        side_m *= _COARSER
    total = np.bincount(point, weight[rows])
    x, y = (np.bincount(point, weight[rows] * axis[rows]) / total for axis in (roads.x, roads.y))
    off = (roads.x[rows] - x[point]) ** 2 + (roads.y[rows] - y[point]) ** 2
    by_point = np.lexsort((off, point))
    first = np.searchsorted(point[by_point], np.arange(len(squares)))
    point_of_node = np.full(roads.n_nodes, -1, np.int32)
    point_of_node[rows] = point
    return DemandPoints(
        node=rows[by_point[first]].astype(np.int32), weight=total / total.sum(), point_of_node=point_of_node,
        side_m=side_m,
    )  # fmt: skip
