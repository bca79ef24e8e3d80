"""Hexagons (H3) that summarise what happens in a place, in a resolution that suits the city."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import folium
import h3
import numpy as np
from numpy.typing import NDArray

from ..city.roads import RoadNetwork

_FINEST, _COARSEST = 10, 4
_MAX_HEXAGONS = 700
_CALLS_A_HEXAGON = 5
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
    for resolution in range(_FINEST, _COARSEST, -1):
        grid = _grid(roads, resolution)
        junctions = np.bincount(grid.cell_of_node)
        if len(grid.cells) <= max_hexagons and np.median(junctions) >= _NODES_A_HEXAGON:
            return grid
    return _grid(roads, _COARSEST)


def hex_grid_for_calls(roads: RoadNetwork, nodes: NDArray[np.integer[Any]], *, finest: HexGrid) -> HexGrid:
    """Coarsen a grid until a hexagon with calls has five of them in the median, so that its figure means something.

    Parameters
    ----------
    roads
        The network.
    nodes
        Node of each call.
    finest
        The finest grid to try.
    """
    grid = finest
    while grid.resolution > _COARSEST:
        count = np.bincount(grid.cell_of_node[nodes], minlength=1)
        if len(nodes) == 0 or np.median(count[count > 0]) >= _CALLS_A_HEXAGON:
            break
        grid = _grid(roads, grid.resolution - 1)
    return grid


def _grid(roads: RoadNetwork, resolution: int) -> HexGrid:
    index = [h3.latlng_to_cell(lat, lon, resolution) for lat, lon in zip(roads.lat, roads.lon, strict=True)]
    cells, cell_of_node = np.unique(np.array(index), return_inverse=True)
    return HexGrid(
        resolution=resolution, cells=tuple(cells.tolist()), cell_of_node=cell_of_node.reshape(-1).astype(np.int32)
    )


def response_by_hexagon(
    grid: HexGrid, nodes: NDArray[np.integer[Any]], response_s: NDArray[np.float64]
) -> list[dict[str, Any]]:
    """Response time (received to first unit on scene) of the calls in each hexagon.

    Parameters
    ----------
    grid
        The hexagons.
    nodes
        Node of each call, shape (k,).
    response_s
        Response time of each call in seconds, NaN where nobody has arrived, shape (k,).

    Returns
    -------
    list
        One entry a hexagon with calls: ``cell`` (row in the grid), ``n``, ``mean``, ``median``, ``p90`` in seconds.
    """
    answered = ~np.isnan(response_s)
    cell, response = grid.cell_of_node[nodes[answered]], response_s[answered]
    order = np.argsort(cell, kind="stable")
    rows, first = np.unique(cell[order], return_index=True)
    return [
        {
            "cell": int(row),
            "n": len(part),
            "mean": round(float(np.mean(part))),
            "median": round(float(np.median(part))),
            "p90": round(float(np.quantile(part, 0.9))),
        }
        for row, part in zip(rows, np.split(response[order], first[1:]), strict=False)
    ]


def add_hexagons(twin_map: folium.Map, grid: HexGrid, rows: list[int], *, name: str, show: bool) -> folium.GeoJson:
    """Add hexagons as one of the map's shadings, of which one is shown at a time; scripts colour them.

    Parameters
    ----------
    twin_map
        The map.
    grid
        The hexagons.
    rows
        Which of them, in the order in which the scripts find their figures.
    name
        Name in the layer control, a text of ours.
    show
        Whether it is the shading that the page opens with.
    """
    features = [
        {
            "type": "Feature",
            "id": i,
            "properties": {},
            "geometry": {"type": "Polygon", "coordinates": [_ring(grid.cells[row])]},
        }
        for i, row in enumerate(rows)
    ]
    layer = folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        name=name,
        overlay=False,
        show=show,
        smooth_factor=0,
        pane="hexagons",
    )
    return layer.add_to(twin_map)


def _ring(cell: str) -> list[list[float]]:
    """Outline of a hexagon, longitude and latitude, closed."""
    ring = [[round(lon, 5), round(lat, 5)] for lat, lon in h3.cell_to_boundary(cell)]
    return [*ring, ring[0]]
