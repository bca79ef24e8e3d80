"""Outlines of the cells in which calls are forecast, as a layer of a map."""

from __future__ import annotations

from typing import Any

import folium
import h3
import numpy as np
import shapely
from pyproj import Transformer

from ..demand.forecast.cells import Cells
from ..errors import InputError


def cell_geometries(cells: Cells) -> list[dict[str, Any]]:
    """GeoJSON geometry of each cell, longitude and latitude to a metre.

    Raises
    ------
    InputError
        The cells are zones whose areas are not known.
    """
    if cells.resolution >= 0:
        outlines = [[(lon, lat) for lat, lon in h3.cell_to_boundary(name)] for name in cells.names]
    elif cells.size_m:
        corner = np.array([name.split("/") for name in cells.names], dtype=np.float64)
        square = corner[:, None, :] + np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
        to_degrees = Transformer.from_crs(cells.crs, "EPSG:4326", always_xy=True)
        lon, lat = to_degrees.transform(square[..., 0] * cells.size_m, square[..., 1] * cells.size_m)
        outlines = np.stack([lon, lat], 2).tolist()
    elif cells.polygons:
        return [shapely.geometry.mapping(shapely.set_precision(shape, 1e-5)) for shape in cells.polygons]
    else:
        raise InputError(
            "the areas of these zones are not known, so no map can show them", field="cells",
            remedy="Give h3:8 or square:1000.",
        )  # fmt: skip
    return [{"type": "Polygon", "coordinates": [_closed(outline)]} for outline in outlines]


def cell_bounds(geometries: list[dict[str, Any]]) -> list[list[float]]:
    """South-west and north-east corner of some geometries, latitude and longitude in degrees."""
    west, south, east, north = shapely.total_bounds([shapely.geometry.shape(geometry) for geometry in geometries])
    return [[round(float(south), 5), round(float(west), 5)], [round(float(north), 5), round(float(east), 5)]]


def add_cells(twin_map: folium.Map, geometries: list[dict[str, Any]], *, name: str) -> folium.GeoJson:
    """Add cells as the shading of a map; scripts colour them by their place in the list.

    Parameters
    ----------
    twin_map
        The map.
    geometries
        From :func:`cell_geometries`.
    name
        Name in the layer control, a text of ours.
    """
    features = [
        {"type": "Feature", "id": i, "properties": {}, "geometry": geometry} for i, geometry in enumerate(geometries)
    ]
    layer = folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        name=name,
        overlay=False,
        show=True,
        smooth_factor=0,
        pane="hexagons",
    )
    return layer.add_to(twin_map)


def _closed(outline: list[Any]) -> list[list[float]]:
    ring = [[round(lon, 5), round(lat, 5)] for lon, lat in outline]
    return [*ring, ring[0]]
