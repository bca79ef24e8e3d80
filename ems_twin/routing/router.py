"""The Router: what the rest of the twin asks for travel times, paths and reachable areas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..city import City, RoadNetwork
from ..errors import RoutingError
from . import query
from .customise import CLOSED, METRIC, Arcs, Labels, choose_tick_s, customise, to_ticks
from .handle import labels_handle
from .hierarchy import Hierarchy, build_hierarchy
from .path import Path

if TYPE_CHECKING:
    from shapely import MultiPolygon

SIRENS = 0
"""Metric of a response with lights and sirens."""
ORDINARY = 1
"""Metric of an ordinary drive."""

Nodes = Sequence[int] | NDArray[np.integer[Any]]


class Router:
    """Travel times on one city's roads. Immutable: a closure or new traffic gives a new router.

    Ordinary speeds are the road's own; lights and sirens divide every time by ``sirens_factor``, or have edge times of
    their own. Any query may be made from any thread.

    Parameters
    ----------
    roads
        The road network.
    edge_s
        Seconds for every edge, infinite where closed: shape (m,) ordinary, from which both metrics are made; or (k, m)
        for k metrics, of which the first two are sirens and ordinary. By default length over ordinary speed.
    sirens_factor
        Lights-and-sirens speed over ordinary speed, used when ``edge_s`` is (m,).
    metrics
        Row of ``edge_s`` and speed over that row's, one pair a metric, where (k, m) edge times serve more or other metrics
        than one each.
    off_road_mps
        Speed off the road by metric, metres a second; by default the way between road and door takes no time.
    hierarchy
        Of the same network, if it is at hand.
    customised
        Labels (up, down) and arcs (up, down) of the same network and times, if they are at hand: see
        :mod:`~ems_twin.routing.store`.

    Raises
    ------
    RoutingError
        If the edge times have the wrong shape, are negative or not numbers.
    """

    def __init__(
        self,
        roads: RoadNetwork,
        edge_s: NDArray[np.float64] | None = None,
        *,
        sirens_factor: float = 1.3,
        metrics: Sequence[tuple[int, float]] | None = None,
        off_road_mps: Sequence[float] | None = None,
        hierarchy: Hierarchy | None = None,
        customised: tuple[NDArray[np.int32], ...] | None = None,
    ) -> None:
        self.roads = roads
        self.sirens_factor = sirens_factor
        self.hierarchy = build_hierarchy(roads) if hierarchy is None else hierarchy
        self.edge_s = _checked_edge_s(roads, edge_s)
        rows = np.atleast_2d(self.edge_s)
        open_s = np.where(np.isfinite(rows), rows, 0.0)
        self.tick_s = choose_tick_s(float(_longest_trip_s(roads, open_s)))
        self.off_road_mps = off_road_mps
        self._pairs = metrics
        if metrics is None:
            own = [(row, 1.0) for row in range(len(rows))]
            metrics = own if len(rows) > 1 else [(0, sirens_factor), (0, 1.0)]
        self.metrics = _metrics(metrics, len(rows), self.tick_s, off_road_mps)
        self.edge_ticks = to_ticks(rows, self.tick_s)
        self.labels: Labels
        self.arcs: Arcs
        if customised is None:
            self.labels, self.arcs = customise(self.hierarchy, self.edge_ticks, self.metrics)
        else:
            label_up, label_down, arc_up, arc_down = customised
            self.labels = Labels(self.hierarchy.nodes, self.hierarchy.head_depth, label_up, label_down, self.metrics)
            self.arcs = Arcs(arc_up, arc_down)
        self._handle = labels_handle(*self.labels)

    @classmethod
    def for_city(cls, city: City) -> Router:
        """Router of a city, with the labels that are kept beside its bundle where they still fit."""
        from .store import load_or_build

        return load_or_build(city)

    def __repr__(self) -> str:
        closed = int((self.edge_ticks[-1] >= CLOSED).sum())
        return f"Router({self.roads.n_nodes:,} nodes, {self.roads.n_edges:,} edges, {closed} closed)"

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_handle"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._handle = labels_handle(*self.labels)

    # ---- other times on the same streets

    def with_edge_times(self, edge_s: NDArray[np.float64]) -> Router:
        """The same streets with other times: shape (m,) or (k, m), seconds, infinite where closed."""
        return Router(
            self.roads,
            edge_s,
            sirens_factor=self.sirens_factor,
            metrics=self._pairs,
            off_road_mps=self.off_road_mps,
            hierarchy=self.hierarchy,
        )

    def with_closures(self, edges: Nodes) -> Router:
        """The same city with these edges closed to everybody."""
        rows = np.asarray(edges, dtype=np.int64)
        if len(rows) and not (rows.min() >= 0 and rows.max() < self.roads.n_edges):
            raise RoutingError(f"edge {rows.max()} does not exist; edges are 0 to {self.roads.n_edges - 1}")
        edge_s = self.edge_s.copy()
        edge_s[..., rows] = np.inf
        return self.with_edge_times(edge_s)

    def edge_times_s(self, *, metric: int = SIRENS) -> NDArray[np.float64]:
        """Seconds for every edge under a metric, shape (m,), as routed: rounded to ticks, infinite where closed."""
        row, tick_s = self._row(metric)
        return _seconds(self.edge_ticks[row], tick_s)

    # ---- travel times

    def travel_s(self, source: int, target: int, *, metric: int = SIRENS) -> float:
        """Seconds from one node to another; infinite where there is no way."""
        return float(self.many_to_one_s(np.array([source]), target, metric=metric)[0])

    def many_to_one_s(self, sources: Nodes, target: int, *, metric: int = SIRENS) -> NDArray[np.float64]:
        """Seconds from each of k nodes to one, shape (k,): all units to a call."""
        sources = np.asarray(sources, dtype=np.int64)
        out = np.empty(len(sources))
        if not query.many_to_one_s(self._handle, metric, sources, target, CLOSED, out):
            self._refuse(sources, target)
        return out

    def one_to_many_s(self, source: int, targets: Nodes, *, metric: int = SIRENS) -> NDArray[np.float64]:
        """Seconds from one node to each of k, shape (k,): a scene to all hospitals."""
        return self.matrix_s(np.array([source]), targets, metric=metric)[0]

    def matrix_s(self, sources: Nodes, targets: Nodes, *, metric: int = SIRENS) -> NDArray[np.float64]:
        """Seconds from each of k nodes to each of l, shape (k, l)."""
        sources, targets = np.asarray(sources, dtype=np.int64), np.asarray(targets, dtype=np.int64)
        out = np.empty((len(sources), len(targets)))
        if not query.matrix_s(self._handle, metric, sources, targets, CLOSED, out):
            self._refuse(sources, targets)
        return out

    def from_nearest_s(self, sources: Nodes, *, metric: int = SIRENS) -> NDArray[np.float64]:
        """Seconds to every node from the nearest of some nodes, shape (n,)."""
        row, tick_s = self._row(metric)
        return _seconds(self.sweep_ticks(sources, row), tick_s)

    def to_nearest_s(self, targets: Nodes, *, metric: int = SIRENS) -> NDArray[np.float64]:
        """Seconds from every node to the nearest of some nodes, shape (n,)."""
        row, tick_s = self._row(metric)
        return _seconds(self.sweep_ticks(targets, row, backward=True), tick_s)

    def sweep_ticks(self, nodes: Nodes, row: int, *, backward: bool = False) -> NDArray[np.int32]:
        """Ticks from the nearest of some nodes to every node, or back to it, in one row of edge times, shape (n,)."""
        nodes = np.asarray(nodes, dtype=np.int64)
        n = self.roads.n_nodes
        if len(nodes) and not (nodes.min() >= 0 and nodes.max() < n):
            self._refuse(nodes)
        h = self.hierarchy
        climb, descend = (self.arcs.down, self.arcs.up) if backward else (self.arcs.up, self.arcs.down)
        out = np.empty(n, np.int32)
        start = np.zeros(len(nodes), np.int32)
        ranks = h.rank_of[nodes]
        query.sweep(h.up_first, h.up_head, climb[row], descend[row], ranks, start, h.rank_of, CLOSED, out)
        return out

    # ---- paths and areas

    def path(self, source: int, target: int, *, metric: int = SIRENS) -> Path:
        """A shortest path with its geometry and times.

        Raises
        ------
        RoutingError
            If there is no way, or a node does not exist.
        """
        self._refuse_missing(np.array([source, target]))
        row, tick_s = self._row(metric)
        edges = np.empty(self.roads.n_nodes, np.int32)
        r = self.roads
        count = query.path_edges(self.labels, r.first_out, r.head, self.edge_ticks, row, source, target, CLOSED, edges)
        if count < 0:
            raise RoutingError(f"there is no way from node {source} to node {target}", remedy="Is every road closed?")
        edges = edges[:count].copy()
        nodes = np.concatenate([np.array([source], np.int32), r.head[edges]])
        elapsed = np.concatenate([[0.0], np.cumsum(self.edge_ticks[row, edges], dtype=np.int64) * tick_s])
        return Path(roads=r, nodes=nodes, edges=edges, elapsed_s=elapsed)

    def isochrone(self, sources: Nodes, seconds: float, *, metric: int = SIRENS) -> MultiPolygon:
        """Area that is reached within a time from the nearest of some nodes, longitude and latitude."""
        from .isochrone import reached_area

        from_start_s = self.from_nearest_s(sources, metric=metric)
        return reached_area(self.roads, from_start_s, self.edge_times_s(metric=metric), seconds)

    def _row(self, metric: int) -> tuple[int, float]:
        """Row of edge times and seconds a tick of a metric."""
        return int(self.metrics["row"][metric]), float(self.metrics["tick_s"][metric])

    def _refuse(self, *nodes: ArrayLike) -> None:
        self._refuse_missing(np.concatenate([np.atleast_1d(np.asarray(part)) for part in nodes]))

    def _refuse_missing(self, nodes: NDArray[Any]) -> None:
        n = self.roads.n_nodes
        for node in nodes[(nodes < 0) | (nodes >= n)]:
            raise RoutingError(f"node {node} does not exist; nodes are 0 to {n - 1}")


def _seconds(count: NDArray[np.int32], tick_s: float) -> NDArray[np.float64]:
    """Ticks as seconds, infinite where closed."""
    return np.where(count < CLOSED, count * tick_s, np.inf)


def _checked_edge_s(roads: RoadNetwork, edge_s: NDArray[np.float64] | None) -> NDArray[np.float64]:
    if edge_s is None:
        return roads.length_m / roads.speed_mps
    edge_s = np.array(edge_s, dtype=np.float64)
    if edge_s.shape != (roads.n_edges,) and not (
        edge_s.ndim == 2 and edge_s.shape[1] == roads.n_edges and len(edge_s) > 0
    ):
        raise RoutingError(
            f"edge times have shape {edge_s.shape}; this network needs ({roads.n_edges},) or (k, {roads.n_edges}), k > 1"
        )
    if np.isnan(edge_s).any() or (edge_s < 0).any():
        bad = int(np.flatnonzero(np.atleast_2d(np.isnan(edge_s) | (edge_s < 0)).any(axis=0))[0])
        raise RoutingError(f"the time of edge {bad} is negative or not a number", remedy="Use inf for a closed road.")
    return edge_s


def _metrics(
    pairs: Sequence[tuple[int, float]], n_rows: int, tick_s: float, off_road_mps: Sequence[float] | None
) -> NDArray[np.void]:
    """A record a metric: metrics that drive so many times as fast as a row of edge times share it."""
    metrics = np.zeros(len(pairs), METRIC)
    if any(not 0 <= row < n_rows for row, _ in pairs):
        raise RoutingError(f"metrics {pairs} name rows of edge times that there are not; there are {n_rows}")
    metrics["row"] = [row for row, _ in pairs]
    metrics["tick_s"] = [tick_s / factor for _, factor in pairs]
    if off_road_mps is not None:
        if len(off_road_mps) != len(metrics) or not all(speed > 0 for speed in off_road_mps):
            raise RoutingError(f"off-road speeds are {off_road_mps}; {len(metrics)} above 0 are needed, one a metric")
        metrics["off_road_s_per_m"] = 1.0 / np.asarray(off_road_mps, dtype=np.float64)
    return metrics


def _longest_trip_s(roads: RoadNetwork, open_s: NDArray[np.float64]) -> float:
    """A generous length of the longest trip: four times across the map at the slowest tenth's pace.

    Ticks leave room for trips 16 times as long; a real trip longer than that would read as unreachable.
    """
    across_m = float(np.hypot(np.ptp(roads.x), np.ptp(roads.y)))
    pace = np.quantile(open_s / roads.length_m, 0.9) if roads.n_edges else 0.0
    return max(4.0 * across_m * float(pace), float(open_s.max(initial=1.0)))
