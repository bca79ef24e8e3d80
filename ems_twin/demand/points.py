"""Demand points: a city's road nodes taken together to a few hundred places with weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..city.hexagons import HexGrid, central_nodes, hex_grid
from ..errors import InputError
from .model import Demand, node_weights


@dataclass(frozen=True, eq=False, kw_only=True)
class DemandPoints:
    """Places that stand for all the demand around them."""

    node: NDArray[np.int64]
    """Road node of each point, shape (points,)."""
    weight: NDArray[np.float64]
    """Share of the calls that fall around it, shape (points,), > 0, summing to 1."""
    grid: HexGrid
    """The hexagons of the city."""
    cell: NDArray[np.int64]
    """The hexagon that each point stands for, shape (points,); those without demand have no point."""

    @property
    def point_of_node(self) -> NDArray[np.int64]:
        """Point that a road node belongs to, -1 in a hexagon without demand, shape (n,)."""
        point = np.full(len(self.grid.cells), -1, np.int64)
        point[self.cell] = np.arange(len(self.cell))
        return np.asarray(point[self.grid.cell_of_node], np.int64)

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
        point = self.point_of_node
        if node_weight.shape[-1:] != point.shape:
            raise InputError(
                f"has shape {node_weight.shape}, not (..., {len(point)})", field="node_weight",
                remedy="Give a weight for each road node.",
            )  # fmt: skip
        inside = point >= 0
        rows = node_weight.reshape(-1, len(inside))[:, inside]
        gathered = np.array([np.bincount(point[inside], row, len(self.node)) for row in rows])
        total = gathered.sum(axis=1, keepdims=True)
        shares = np.divide(gathered, total, out=np.zeros_like(gathered), where=total > 0)
        return shares.reshape(*node_weight.shape[:-1], len(self.node))


def demand_points(demand: Demand, city: City, *, most: int = 700) -> DemandPoints:
    """Take the demand of each hexagon together at the node nearest to its weighted mean place.

    Where calls fall does not depend on the hour in :class:`~ems_twin.demand.Demand`, so these are the points of any hour.

    Parameters
    ----------
    demand, city
        The demand and the city it belongs to.
    most
        Most hexagons, > 0: the finest ones that are not more are taken.

    Raises
    ------
    InputError
        The demand belongs to other roads, there is none, or ``most`` is not above 0.
    """
    if most < 1:
        raise InputError(f"at most {most} points", field="most", remedy="Give a number above 0.")
    if len(demand.node_zone) != city.roads.n_nodes:
        raise InputError(
            f"the demand knows {len(demand.node_zone)} road nodes, {city.title} has {city.roads.n_nodes}",
            remedy="Load the demand of this city with load_demand(city).",
        )
    weight = node_weights(demand)
    if not weight.any() or not demand.hour_of_week.any():
        raise InputError(f"nobody ever calls in {city.title}", field="weight", remedy="Give the city a demand.")
    grid = hex_grid(city.roads, max_hexagons=most)
    by_cell = np.bincount(grid.cell_of_node, weight, len(grid.cells))
    used = np.flatnonzero(by_cell > 0)
    return DemandPoints(
        node=central_nodes(city.roads, grid, weight)[used], weight=by_cell[used] / by_cell.sum(), grid=grid, cell=used
    )
