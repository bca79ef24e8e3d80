"""Put a unit's positions on the roads: a hidden Markov model of which street it was on.

Newson and Krumm (2009, "Hidden Markov map matching through noise and sparseness", ACM SIGSPATIAL GIS): a position is
normally distributed about the street, and the way along the roads from one position to the next is about as long as the
straight line. Here a state is a place on a directed edge, and the lengths of ways are the router's, exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...city import RoadNetwork
from ...city.shapes import edge_lines
from ...routing import ORDINARY, Router
from ...routing.hierarchy import Hierarchy
from .trips import FASTEST_MPS

Array = NDArray[np.float64]

NOISE_M = 15.0
"""Standard deviation of a position across the street: receivers between houses."""
DETOUR_M = 30.0
"""Mean of how much longer (or shorter) the way is than the straight line between two positions."""
ON_ROAD_M = 50.0
"""A position farther than this from every street is off the road."""
YARD_M = 150.0
"""So far from the street a unit may stand at the ends of a drive: yards, bays, car parks."""
MOST_STREETS = 12
"""Candidates of a position, the nearest."""
MOST_ASTRAY = 0.2
"""If more than this share of a drive's positions fits no road, the drive is not matched."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Match:
    """A drive on the roads."""

    from_node: int
    """Junction nearest, along the street, to where it began."""
    to_node: int
    used: NDArray[np.int64]
    """Positions that were put on a street, the first and the last among them, shape (k,)."""
    metres: Array
    """Driven from the first of them to each, shape (k,)."""
    astray: NDArray[np.int64]
    """Positions that fit no road."""


class Matcher:
    """Finds drives on a road network.

    Parameters
    ----------
    roads
        Road network.
    hierarchy
        Its hierarchy, if there is one.
    """

    def __init__(self, roads: RoadNetwork, hierarchy: Hierarchy | None = None) -> None:
        import shapely

        self.roads = roads
        self._tree = shapely.STRtree(edge_lines(roads, np.arange(roads.n_edges)))
        self._metres = Router(roads, roads.length_m, sirens_factor=1.0, hierarchy=hierarchy)

    def match(self, x: Array, y: Array, t: Array) -> Match | str:
        """Find a drive, or say why there is none.

        Parameters
        ----------
        x, y
            Positions, metres: where it began, those on the way, where it ended; at least two.
        t
            When, seconds.
        """
        last = len(x) - 1
        streets = self._streets(x, y)
        if not len(streets[0][0]) or not len(streets[last][0]):
            return f"drive that {'ends' if len(streets[0][0]) else 'begins'} more than {YARD_M:.0f} m off the road"
        used, back, ways, astray = [0], [np.zeros(0, np.int64)], [np.zeros((0, 0))], []
        score = _seen(streets[0][2])
        for i in range(1, last + 1):
            before = used[-1]
            straight_m = float(np.hypot(x[i] - x[before], y[i] - y[before]))
            if straight_m < 2 * NOISE_M and i < last:
                continue  # as in the source: a step that noise alone could make says nothing of the way
            way_m = self._way_m(streets[before], streets[i])
            log_chance = -np.abs(way_m - straight_m) / DETOUR_M
            log_chance[way_m > FASTEST_MPS * (t[i] - t[before]) + YARD_M] = -np.inf
            reached = score[:, None] + log_chance
            best = reached.max(axis=0, initial=-np.inf) + _seen(streets[i][2])
            if not np.isfinite(best).any():
                if i == last:
                    return "drive that no way along the roads fits"
                astray.append(i)
                continue
            used.append(i)
            back.append(reached.argmax(axis=0))
            ways.append(way_m)
            score = best
        if len(astray) > MOST_ASTRAY * max(last - 1, 1):
            return f"drive of which more than {MOST_ASTRAY:.0%} of the positions fit no road"
        state = [int(score.argmax())]
        for row in back[:0:-1]:
            state.append(int(row[state[-1]]))
        state.reverse()
        steps = [way[state[k], state[k + 1]] for k, way in enumerate(ways[1:])]
        return Match(
            from_node=self._junction(streets[0], state[0]),
            to_node=self._junction(streets[last], state[-1]),
            used=np.array(used),
            metres=np.concatenate([[0.0], np.cumsum(steps)]),
            astray=np.array(astray, dtype=np.int64),
        )

    def _streets(self, x: Array, y: Array) -> list[tuple[NDArray[np.int64], Array, Array]]:
        """Candidates of each position: edge, metres along it, metres away."""
        import shapely

        reach = np.full(len(x), ON_ROAD_M)
        reach[[0, -1]] = YARD_M
        points = shapely.points(x, y)
        which, edge = self._tree.query(points, predicate="dwithin", distance=reach)
        lines = self._tree.geometries[edge]
        away_m = shapely.distance(lines, points[which])
        along_m = shapely.line_locate_point(lines, points[which], normalized=True) * self.roads.length_m[edge]
        found = []
        for i in range(len(x)):
            (rows,) = np.nonzero(which == i)
            rows = rows[np.argsort(away_m[rows], kind="stable")[:MOST_STREETS]]
            found.append((edge[rows].astype(np.int64), along_m[rows], away_m[rows]))
        return found

    def _way_m(
        self, a: tuple[NDArray[np.int64], Array, Array], b: tuple[NDArray[np.int64], Array, Array]
    ) -> NDArray[np.float64]:
        """Metres along the roads from each candidate of a position to each of the next, shape (k, l)."""
        r = self.roads
        if not len(b[0]):
            return np.zeros((len(a[0]), 0))
        between = self._metres.matrix_s(r.head[a[0]], r.tail[b[0]], metric=ORDINARY)
        way = (r.length_m[a[0]] - a[1])[:, None] + between + b[1][None, :]
        ahead = b[1][None, :] - a[1][:, None]
        same = (a[0][:, None] == b[0][None, :]) & (ahead > -2 * NOISE_M)  # noise may set it back a little
        return np.where(same, np.abs(ahead), way)

    def _junction(self, street: tuple[NDArray[np.int64], Array, Array], row: int) -> int:
        edge = street[0][row]
        return int((self.roads.head if street[1][row] > self.roads.length_m[edge] / 2 else self.roads.tail)[edge])


def _seen(away_m: Array) -> Array:
    """Logarithm of how likely a position is from streets so far away, but for a constant."""
    return -0.5 * (away_m / NOISE_M) ** 2
