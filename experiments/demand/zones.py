"""Which polygon a point lies in, or else which is nearest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray


def nearest_polygon(
    x: NDArray[np.float64], y: NDArray[np.float64], polygons: Sequence[shapely.Geometry]
) -> tuple[NDArray[np.intp], int]:
    """Row of the polygon that holds each point or is nearest to it, and how many points lay in none."""
    points = shapely.points(x, y)
    tree = shapely.STRtree(polygons)
    point, polygon = tree.query(points, predicate="intersects")
    row = np.full(len(points), -1, dtype=np.intp)
    row[point[::-1]] = polygon[::-1]  # on a common border the first polygon wins
    outside = np.flatnonzero(row < 0)
    row[outside] = tree.nearest(points[outside])
    return row, len(outside)


def polygon_of_nearest_point(
    x: NDArray[np.float64], y: NDArray[np.float64], row: NDArray[np.intp], polygon: shapely.Geometry
) -> int:
    """Row of the polygon in which the point nearest to the middle of another ``polygon`` lies (neighbours all touch it)."""
    return int(row[np.argmin(shapely.distance(shapely.points(x, y), polygon.centroid))])
