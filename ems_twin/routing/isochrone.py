"""The area that can be reached within a time, as polygons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..city import RoadNetwork

if TYPE_CHECKING:
    from shapely import MultiPolygon

_REACH_BESIDE_ROAD_M = 75.0  # half a long block: what is nearer than this to a reached street counts as reached
_SIMPLIFY_M = 10.0


def reached_area(
    roads: RoadNetwork, from_start_s: NDArray[np.float64], edge_s: NDArray[np.float64], limit_s: float
) -> MultiPolygon:
    """Polygons around every stretch of street that is reached in time, longitude and latitude.

    An edge that is left in time counts up to where the time runs out.

    Parameters
    ----------
    roads
        The network.
    from_start_s
        Seconds to every node, shape (n,); infinite where there is no way.
    edge_s
        Seconds for every edge, shape (m,).
    limit_s
        The time limit, seconds.
    """
    import shapely
    from pyproj import Transformer

    to_lonlat = Transformer.from_crs(roads.crs, "EPSG:4326", always_xy=True)
    to_metres = Transformer.from_crs("EPSG:4326", roads.crs, always_xy=True)
    left_s = limit_s - from_start_s[roads.tail]
    lines = []
    nodes = np.flatnonzero(from_start_s <= limit_s)
    for edge in np.flatnonzero((left_s > 0) & np.isfinite(edge_s)):
        line = roads.edge_lonlat(int(edge))
        metres = np.column_stack(to_metres.transform(line[:, 0], line[:, 1]))
        share = min(1.0, left_s[edge] / edge_s[edge])
        lines.append(metres if share >= 1.0 else _first_part(metres, share))
    if len(nodes) == 0:
        return shapely.MultiPolygon()
    streets = shapely.multilinestrings([shapely.linestrings(line) for line in lines])
    points = shapely.multipoints(np.column_stack([roads.x[nodes], roads.y[nodes]]))
    area = shapely.union_all(
        [
            shapely.buffer(streets, _REACH_BESIDE_ROAD_M, quad_segs=4),
            shapely.buffer(points, _REACH_BESIDE_ROAD_M, quad_segs=4),
        ]
    )
    area = shapely.simplify(area, _SIMPLIFY_M)
    area = shapely.transform(area, lambda xy: np.column_stack(to_lonlat.transform(xy[:, 0], xy[:, 1])))
    return area if isinstance(area, shapely.MultiPolygon) else shapely.MultiPolygon([area])


def _first_part(line: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """The part of a polyline up to a share of its length."""
    step = np.hypot(*np.diff(line, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(step)])
    stop = share * along[-1]
    keep = line[along < stop]
    end = [np.interp(stop, along, line[:, 0]), np.interp(stop, along, line[:, 1])]
    return np.vstack([keep, end])
