"""Outlines of the cells in which calls are forecast."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from ..demand.forecast.cells import Cells
from ..errors import InputError
from .hexes import hexagon, polygon


def cell_geometries(cells: Cells) -> list[dict[str, Any]]:
    """GeoJSON geometry of each cell, longitude and latitude to a metre.

    Raises
    ------
    InputError
        The cells are zones whose areas are not known.
    """
    if cells.resolution >= 0:
        return [hexagon(name) for name in cells.names]
    if cells.size_m:
        corner = np.array([name.split("/") for name in cells.names], dtype=np.float64)
        square = corner[:, None, :] + np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
        to_degrees = Transformer.from_crs(cells.crs, "EPSG:4326", always_xy=True)
        lon, lat = to_degrees.transform(square[..., 0] * cells.size_m, square[..., 1] * cells.size_m)
        return [polygon(outline) for outline in np.stack([lon, lat], 2).tolist()]
    if cells.polygons:
        return [shapely.geometry.mapping(shapely.set_precision(shape, 1e-5)) for shape in cells.polygons]
    raise InputError(
        "the areas of these zones are not known, so no map can show them", field="cells",
        remedy="Give h3:8 or square:1000.",
    )  # fmt: skip


def cell_bounds(geometries: list[dict[str, Any]]) -> list[list[float]]:
    """South-west and north-east corner of some geometries, latitude and longitude in degrees."""
    west, south, east, north = shapely.total_bounds([shapely.geometry.shape(geometry) for geometry in geometries])
    return [[round(float(south), 5), round(float(west), 5)], [round(float(north), 5), round(float(east), 5)]]
