"""Hexagons (H3) that summarise what happens in a place, and their layer on a map."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import folium
import h3
import numpy as np
from numpy.typing import NDArray

from ..city.hexagons import COARSEST, HexGrid, hex_grid_at
from ..city.roads import RoadNetwork

_CALLS_A_HEXAGON = 5


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
    while grid.resolution > COARSEST:
        count = np.bincount(grid.cell_of_node[nodes], minlength=1)
        if len(nodes) == 0 or np.median(count[count > 0]) >= _CALLS_A_HEXAGON:
            break
        grid = hex_grid_at(roads, grid.resolution - 1)
    return grid


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
    return add_shapes(twin_map, [hexagon(grid.cells[row]) for row in rows], name=name, show=show)


def add_shapes(twin_map: folium.Map, geometries: list[dict[str, Any]], *, name: str, show: bool) -> folium.GeoJson:
    """Add GeoJSON geometries as one of the map's shadings; scripts colour them by their place in the list."""
    features = [
        {"type": "Feature", "id": i, "properties": {}, "geometry": geometry} for i, geometry in enumerate(geometries)
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


def hexagon(cell: str) -> dict[str, Any]:
    """GeoJSON geometry of an H3 cell."""
    return polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)])


def polygon(outline: Iterable[tuple[float, float]]) -> dict[str, Any]:
    """GeoJSON geometry of an open outline, longitude and latitude, to a metre."""
    ring = [[round(lon, 5), round(lat, 5)] for lon, lat in outline]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
