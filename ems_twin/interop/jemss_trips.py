"""Trips as JEMSS reckons them: in days and kilometres, along arcs, with a leg off the road at either end.

Our own clock rounds driving times to ticks of a fraction of a millisecond. Here the same ways are driven in the
model's own times, so that what is written agrees with JEMSS to its last digits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .jemss_model import Calls, Places
from .jemss_run import JemssRun

Point = tuple[float, float]
"""x and y, degrees."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Trip:
    """A trip: off the road to the first node, along the nodes, off the road to its end."""

    mode: int
    """Travel mode, held until the end."""
    start: Point
    start_days: float
    start_km: float
    """From the start to the first node."""
    nodes: NDArray[np.int32]
    """Nodes passed, shape (k,)."""
    node_days: NDArray[np.float64]
    """When it is at each of them, shape (k,)."""
    node_km: NDArray[np.float64]
    """Distance from the first node to each of them, shape (k,)."""
    end: Point
    end_days: float
    end_km: float
    """From the last node to the end."""

    def left_to_first_km(self, t: float) -> float:
        """Distance to the first node that is still ahead at a time before that node is reached."""
        if t <= self.start_days:
            return self.start_km
        return self.start_km * (self.node_days[0] - t) / (self.node_days[0] - self.start_days)

    def since_last_km(self, t: float) -> float:
        """Distance from the last node at a time after it was passed."""
        if t >= self.end_days:
            return self.end_km
        return self.end_km * (t - self.node_days[-1]) / (self.end_days - self.node_days[-1])

    def next_row(self, t: float) -> int:
        """Row of the first node ahead at a time between the first and the last node."""
        return int(np.searchsorted(self.node_days, t, side="right"))

    def left_on_arc_km(self, t: float, row: int) -> float:
        """Distance to node ``row``, the next one ahead, on its arc."""
        arc_days = self.node_days[row] - self.node_days[row - 1]
        return float((self.node_km[row] - self.node_km[row - 1]) * (self.node_days[row] - t) / arc_days)

    def driven_km(self, t: float) -> float:
        """Distance driven since the start of the trip."""
        if t >= self.end_days or t >= self.node_days[-1]:
            return self.start_km + float(self.node_km[-1]) + self.since_last_km(t)
        if t <= self.node_days[0]:
            return self.start_km - self.left_to_first_km(t)
        row = self.next_row(t)
        return self.start_km + float(self.node_km[row]) - self.left_on_arc_km(t, row)


class Driving:
    """Begins trips on the network of a run."""

    def __init__(self, run: JemssRun) -> None:
        model = run.model
        self._router = run.router
        self._nodes_x, self._nodes_y = model.nodes.x, model.nodes.y
        self._arc_days, self._arc_km = model.arcs.time_days, model.arcs.distance_km
        self._off_road = model.travel.off_road_km_per_day.tolist()

    def parked(self, places: Places, row: int, t: float) -> Trip:
        """The trip of a unit that stands at a place since ``t``."""
        here, km = (float(places.x[row]), float(places.y[row])), float(places.node_km[row])
        return Trip(
            mode=0, start=here, start_days=t, start_km=km, nodes=places.node[row : row + 1], node_days=np.array([t]),
            node_km=np.zeros(1), end=here, end_days=t, end_km=km,
        )  # fmt: skip

    def turned(self, trip: Trip, t: float, mode: int, places: Places | Calls, row: int) -> Trip:
        """The trip of a unit that is sent to a place at ``t``, in a mode, while it is on ``trip`` or at its end."""
        node, ahead_days, ahead_km = self._next_node(trip, t, mode)
        path = self._router.path(node, int(places.node[row]), metric=mode)
        node_days = t + ahead_days + np.r_[0.0, np.cumsum(self._arc_days[mode, path.edges])]
        end_km = float(places.node_km[row])
        return Trip(
            mode=mode,
            start=self.position(trip, t),
            start_days=t,
            start_km=ahead_km,
            nodes=path.nodes,
            node_days=node_days,
            node_km=np.r_[0.0, np.cumsum(self._arc_km[path.edges])],
            end=(float(places.x[row]), float(places.y[row])),
            end_days=float(node_days[-1]) + end_km / self._off_road[mode],
            end_km=end_km,
        )

    def _next_node(self, trip: Trip, t: float, mode: int) -> tuple[int, float, float]:
        """Node at which a unit can take another way, and how far ahead it is: days and kilometres.

        A unit finishes the arc it is on; one that has left the road turns back, at the speed of its next mode.
        """
        if trip.end_days <= t:
            return int(trip.nodes[-1]), trip.end_km / self._off_road[mode], trip.end_km
        if t <= trip.node_days[0]:
            return int(trip.nodes[0]), float(trip.node_days[0]) - t, trip.left_to_first_km(t)
        if t >= trip.node_days[-1]:
            days = (t - float(trip.node_days[-1])) * self._off_road[trip.mode] / self._off_road[mode]
            return int(trip.nodes[-1]), days, trip.since_last_km(t)
        row = trip.next_row(t)
        return int(trip.nodes[row]), float(trip.node_days[row]) - t, trip.left_on_arc_km(t, row)

    def position(self, trip: Trip, t: float) -> Point:
        """Where a unit on a trip is."""
        if t <= trip.start_days:
            return trip.start
        if t >= trip.end_days:
            return trip.end
        when = np.r_[trip.start_days, trip.node_days, trip.end_days]
        return (
            float(np.interp(t, when, np.r_[trip.start[0], self._nodes_x[trip.nodes], trip.end[0]])),
            float(np.interp(t, when, np.r_[trip.start[1], self._nodes_y[trip.nodes], trip.end[1]])),
        )
