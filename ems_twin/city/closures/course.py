"""Which streets a course runs along, which it ends at the barrier, and which pass above or below it.

A street is *on* the course when it keeps within the buffer and runs the same way for most of its length; that it
merely lies in the buffer does not count. A junction at the end of such a street that itself lies in the buffer is on
the course too. Every other street at such a junction meets the course and ends there at the barrier. Where the course
runs along no street that the map has (through a park), streets that it crosses between their junctions are cut; where
it does run along a street they are bridges or tunnels, for a level crossing would be a junction, and stay open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..projection import project
from ..roads import RoadNetwork
from ..shapes import edge_lines, edge_points

_COURSE_STEP_M = 5.0
_EDGE_STEP_M = 8.0
_SAME_WAY = float(np.cos(np.radians(30.0)))  # cosine of the largest angle between a street and the course
_SHARE_ALONG = 0.6  # of a street's length
_OFF_MAP_M = 400.0  # the course is outside the map where every junction is farther
_NO_STREET_M = 60.0  # the course runs along no street where all streets on it are farther than this


@dataclass(frozen=True, eq=False, kw_only=True)
class Course:
    """A course laid over the streets."""

    on: NDArray[np.int64]
    """Edges that the course runs along."""
    nodes: NDArray[np.int64]
    """Junctions on the course."""
    crossed: NDArray[np.int64]
    """Edges that it crosses between junctions where it runs along no street."""
    length_m: float
    """Length of the course."""
    off_map_m: float
    """Of it outside the map."""
    off_street_m: float
    """Of it on the map, where the map has no street that it runs along."""
    miss_m: float
    """Distance from the course to the nearest junction of the map."""


def lay_course(
    roads: RoadNetwork, line: NDArray[np.float64], buffer_m: float, from_km: float = 0.0, to_km: float | None = None
) -> Course:
    """Lay a course over a road network.

    Parameters
    ----------
    roads
        The network.
    line
        Points of the course, shape (k, 2), longitude and latitude.
    buffer_m
        How far from the course a street on it may be.
    from_km, to_km
        The part of the course that counts.
    """
    from scipy.spatial import cKDTree

    points, heading = _in_steps(roads, line, from_km, to_km)
    tree = cKDTree(points)
    from_course, _ = tree.query(np.column_stack((roads.x, roads.y)))
    near = np.flatnonzero(np.minimum(from_course[roads.tail], from_course[roads.head]) <= buffer_m + roads.length_m)
    samples, way, edge = _edge_samples(roads, near)
    distance, nearest = tree.query(samples, distance_upper_bound=buffer_m)
    close = np.isfinite(distance)
    same_way = np.zeros(len(samples), bool)
    same_way[close] = np.abs((way[close] * heading[nearest[close]]).sum(axis=1)) >= _SAME_WAY
    along = np.bincount(edge, weights=same_way, minlength=len(near)) >= _SHARE_ALONG * np.bincount(
        edge, minlength=len(near)
    )
    on = near[along]
    ends = np.unique(np.concatenate((roads.tail[on], roads.head[on])))
    nodes = ends[from_course[ends] <= buffer_m].astype(np.int64)

    steps = np.full(len(points), _COURSE_STEP_M)
    to_junction, _ = cKDTree(np.column_stack((roads.x, roads.y))).query(points)
    inside = to_junction <= _OFF_MAP_M
    on_street = np.zeros(len(points), bool)
    if along.any():
        kept = along[edge]
        to_street, _ = cKDTree(samples[kept]).query(points)
        on_street = to_street <= max(_NO_STREET_M, 2 * buffer_m)
    off_street = inside & ~on_street
    return Course(
        on=on,
        nodes=nodes,
        crossed=_crossed(roads, points, off_street, near, np.concatenate((on, _at(roads, nodes)))),
        length_m=float(steps.sum()),
        off_map_m=float(steps[~inside].sum()),
        off_street_m=float(steps[off_street].sum()),
        miss_m=float(from_course.min()),
    )


def _in_steps(
    roads: RoadNetwork, line: NDArray[np.float64], from_km: float, to_km: float | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points of the course at equal steps, metres, and the way it runs there as unit vectors."""
    x, y = project(roads, line[:, 0], line[:, 1])
    leg = np.hypot(np.diff(x), np.diff(y))
    moved = np.concatenate(([True], leg > 0.01))  # a track repeats points where its owner stood
    x, y = x[moved], y[moved]
    leg = np.hypot(np.diff(x), np.diff(y))
    so_far = np.concatenate(([0.0], np.cumsum(leg)))
    stop = so_far[-1] if to_km is None else min(1000.0 * to_km, so_far[-1])
    at = np.arange(min(1000.0 * from_km, stop), stop + 1e-9, _COURSE_STEP_M)
    if len(leg) == 0:
        return np.column_stack((x[:1], y[:1])), np.array([[1.0, 0.0]])
    leg_of = np.clip(np.searchsorted(so_far, at, side="right") - 1, 0, len(leg) - 1)
    unit = np.column_stack((np.diff(x) / leg, np.diff(y) / leg))
    return np.column_stack((np.interp(at, so_far, x), np.interp(at, so_far, y))), unit[leg_of]


def _edge_samples(
    roads: RoadNetwork, edges: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Points along some edges, the way the edge runs there, and the row in ``edges`` that they belong to."""
    if len(edges) == 0:
        return np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0, np.int64)
    x, y, size = edge_points(roads, edges)
    last = np.cumsum(size) - 1
    leg = np.hypot(np.diff(x), np.diff(y))
    leg[last[:-1]] = 0.0  # from the end of one edge to the beginning of the next nobody drives
    so_far = np.concatenate(([0.0], np.cumsum(leg)))
    begin = so_far[last - size + 1]
    total = so_far[last] - begin
    count = np.maximum(3, (total / _EDGE_STEP_M).astype(np.int64))
    row = np.repeat(np.arange(len(edges)), count)
    number = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    at = begin[row] + (number + 0.5) / count[row] * total[row]
    leg_of = np.clip(np.searchsorted(so_far, at, side="right") - 1, 0, len(leg) - 1)
    safe = np.maximum(leg, 1e-9)
    part = (at - so_far[leg_of]) / safe[leg_of]
    step = np.column_stack((np.diff(x), np.diff(y)))
    points = np.column_stack((x, y))[leg_of] + part[:, None] * step[leg_of]
    return points, (step / safe[:, None])[leg_of], row


def _at(roads: RoadNetwork, nodes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Edges that begin or end at one of some nodes."""
    return np.flatnonzero(np.isin(roads.tail, nodes) | np.isin(roads.head, nodes))


def _crossed(
    roads: RoadNetwork,
    points: NDArray[np.float64],
    off_street: NDArray[np.bool_],
    near: NDArray[np.int64],
    known: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Edges that the parts of the course crosses that run along no street."""
    import shapely

    candidates = near[~np.isin(near, known)]
    steps = np.flatnonzero(off_street[:-1] & off_street[1:])
    if len(candidates) == 0 or len(steps) == 0:
        return np.zeros(0, np.int64)
    pieces = shapely.linestrings(np.stack((points[steps], points[steps + 1]), axis=1))
    _, hit = shapely.STRtree(edge_lines(roads, candidates)).query(pieces, predicate="intersects")
    return candidates[np.unique(hit)]
