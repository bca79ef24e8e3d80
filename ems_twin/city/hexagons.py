"""Hexagons (H3) over a road network, in a resolution that suits the city."""

from __future__ import annotations

from dataclasses import dataclass

import h3
import numpy as np
from numpy.typing import NDArray

from .roads import RoadNetwork

COARSEST = 4
"""Coarsest resolution that is ever used: edges of 26 km."""

_FINEST = 10
_MAX_HEXAGONS = 700
_NODES_A_HEXAGON = 3


@dataclass(frozen=True, eq=False, kw_only=True)
class HexGrid:
    """The hexagons of one H3 resolution that hold at least one node of a road network."""

    resolution: int
    """H3 resolution: 9 has edges of about 200 m, 8 of 530 m, 7 of 1.4 km."""
    cells: tuple[str, ...]
    """H3 index of each hexagon."""
    cell_of_node: NDArray[np.int32]
    """Row of the hexagon that holds node v, length n."""

    @property
    def edge_m(self) -> float:
        """Mean edge length of a hexagon of this resolution, metres."""
        return float(h3.average_hexagon_edge_length(self.resolution, unit="m"))


def hex_grid(roads: RoadNetwork, *, max_hexagons: int = _MAX_HEXAGONS) -> HexGrid:
    """Cover a road network with the finest hexagons that are not too many and leave no holes between the streets.

    There are at most ``max_hexagons``, and the middle one of them holds three junctions or more.
    """
    for resolution in range(_FINEST, COARSEST, -1):
        grid = hex_grid_at(roads, resolution)
        junctions = np.bincount(grid.cell_of_node)
        if len(grid.cells) <= max_hexagons and np.median(junctions) >= _NODES_A_HEXAGON:
            return grid
    return hex_grid_at(roads, COARSEST)


def hex_grid_at(roads: RoadNetwork, resolution: int) -> HexGrid:
    """The hexagons of one resolution, sorted by index."""
    index = [h3.latlng_to_cell(lat, lon, resolution) for lat, lon in zip(roads.lat, roads.lon, strict=True)]
    cells, cell_of_node = np.unique(np.array(index), return_inverse=True)
    return HexGrid(
        resolution=resolution, cells=tuple(cells.tolist()), cell_of_node=cell_of_node.reshape(-1).astype(np.int32)
    )


def central_nodes(roads: RoadNetwork, grid: HexGrid, weight: NDArray[np.float64] | None = None) -> NDArray[np.int64]:
    """Node of each hexagon that is nearest to the (weighted) mean place of its nodes, shape (hexagons,).

    Parameters
    ----------
    roads, grid
        The network and its hexagons.
    weight
        Weight of each node, length n, >= 0; hexagons without any, and by default all, take the plain mean.
    """
    cell, n_cells = grid.cell_of_node, len(grid.cells)
    heavy = np.ones(roads.n_nodes) if weight is None else weight
    total = np.bincount(cell, heavy, n_cells)
    heavy = np.where(total[cell] > 0, heavy, 1.0)
    total = np.bincount(cell, heavy, n_cells)
    apart = np.hypot(*(at - (np.bincount(cell, heavy * at, n_cells) / total)[cell] for at in (roads.x, roads.y)))
    order = np.lexsort((apart, cell))
    central: NDArray[np.int64] = order[np.searchsorted(cell[order], np.arange(n_cells))].astype(np.int64)
    return central
