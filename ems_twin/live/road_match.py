"""Reported positions and lines on the roads: which edge, how far along it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..city import RoadNetwork
from ..city.closures.course import lay_course
from ..city.projection import project
from ..city.shapes import edge_lines
from ..feeds.vocabulary import Lines

_AS_NEAR_M = 3.0  # edges so little farther than the nearest are as likely: the other direction, a divided road


class Place(NamedTuple):
    """A point on the roads."""

    edge: int
    along: float
    """Share of the edge that lies behind it, 0 to 1."""
    away_m: float
    """Metres from the point reported to the road."""


class RoadMatch:
    """Finds points and lines on a road network."""

    def __init__(self, roads: RoadNetwork) -> None:
        import shapely

        self.roads = roads
        self._shapely = shapely
        self._tree = shapely.STRtree(edge_lines(roads, np.arange(roads.n_edges)))

    def place(self, lon: float, lat: float, heading_deg: float | None = None) -> Place:
        """The nearest place on the roads; of edges as near as it the one that runs as the heading says.

        Without a heading the edge with the lowest row is taken.
        """
        shapely = self._shapely
        x, y = (float(part) for part in project(self.roads, lon, lat))
        point = shapely.Point(x, y)
        _, nearest_m = self._tree.query_nearest(point, return_distance=True, all_matches=False)
        edges = np.sort(self._tree.query(point, predicate="dwithin", distance=float(nearest_m[0]) + _AS_NEAR_M))
        lines = self._tree.geometries[edges]
        along = shapely.line_locate_point(lines, point, normalized=True)
        best = 0 if heading_deg is None else int(np.argmin(np.round(self._turn(lines, along, heading_deg), 6)))
        return Place(int(edges[best]), float(along[best]), float(shapely.distance(lines[best], point)))

    def _turn(self, lines: NDArray[np.object_], along: NDArray[np.float64], heading_deg: float) -> NDArray[np.float64]:
        """Angle between each line at a place and a heading, degrees."""
        shapely = self._shapely
        length = shapely.length(lines)
        at = np.clip(along * length, 1.0, np.maximum(length - 1.0, 1.0))
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.minimum(at + 1.0, length)))
        behind = shapely.get_coordinates(shapely.line_interpolate_point(lines, at - 1.0))
        way = np.degrees(np.arctan2(ahead[:, 0] - behind[:, 0], ahead[:, 1] - behind[:, 1]))
        return np.asarray(np.abs((way - heading_deg + 180.0) % 360.0 - 180.0), np.float64)

    def node_of(self, place: Place) -> int:
        """The end of the edge that a place is nearer to."""
        return int((self.roads.head if place.along > 0.5 else self.roads.tail)[place.edge])

    def edges_along(self, lines: Lines, *, is_line: bool, names: tuple[str, ...], buffer_m: float) -> NDArray[np.int64]:
        """Edges that a road event means, ascending: those along its lines, of the roads it names if any of them is.

        A line of one point means the edges at that spot. Points that only mark begin and end are taken as a straight line
        about which the named road runs.
        """
        found = [np.zeros(0, np.int64)]
        for line in lines:
            if len(line) == 1:
                place = self.place(*line[0])
                if place.away_m <= 2 * buffer_m:
                    found.append(self._both_ways(place.edge))
            elif len(line) > 1:
                points = np.array(line)
                course = lay_course(self.roads, points, buffer_m if is_line else 4 * buffer_m)
                found.append(self._same_way(course.on, points) if is_line else course.on)
        edges = np.unique(np.concatenate(found))
        wanted = {name.casefold() for name in names}
        named = [i for i, name in enumerate(self.roads.names) if name.casefold() in wanted]
        of_name = edges[np.isin(self.roads.name_id[edges], named)]
        return (of_name if len(of_name) else edges).astype(np.int64)

    def _both_ways(self, edge: int) -> NDArray[np.int64]:
        roads = self.roads
        back = (roads.tail == roads.head[edge]) & (roads.head == roads.tail[edge])
        return np.union1d(np.array([edge]), np.flatnonzero(back)).astype(np.int64)

    def _same_way(self, edges: NDArray[np.int64], line: NDArray[np.float64]) -> NDArray[np.int64]:
        """Those edges that run in the direction of a line, which follows that of travel."""
        roads = self.roads
        x, y = project(roads, line[:, 0], line[:, 1])
        leg = np.hypot(np.diff(x), np.diff(y))
        so_far = np.concatenate([[0.0], np.cumsum(leg)])
        course = self._shapely.LineString(np.column_stack([x, y])) if so_far[-1] > 0 else None
        if course is None:
            return edges
        ends = [
            self._shapely.line_locate_point(course, self._shapely.points(roads.x[node[edges]], roads.y[node[edges]]))
            for node in (roads.tail, roads.head)
        ]
        return edges[ends[1] > ends[0]]
