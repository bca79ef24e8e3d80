"""How many extra calls a change brings, when and where: the mean, before chance draws them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...city import City
from ...city.nearest import nearest_nodes
from ...city.projection import project
from ...demand import Demand
from ...demand.clock import hours_of_week, time_zone
from .changes import Crowd, Factor, MassCasualty, Runners, Surge
from .places import Nodes, runner_weights
from .times import Clock

BIN_S = 600.0
"""Width of the bins in which a rate that changes is held to be constant, seconds."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Intensity:
    """Mean calls by bin of time and road node."""

    edges_s: NDArray[np.float64]
    """Edges of the bins, seconds of the run, ascending, shape (k + 1,)."""
    calls: NDArray[np.float64]
    """Mean calls in each bin, shape (k,)."""
    node: NDArray[np.int64]
    """Rows of the nodes, shape (m,)."""
    weight: NDArray[np.float64]
    """Shares of the nodes in each bin, shape (k, m), or (1, m) where they are always the same; rows sum to 1."""

    @property
    def total(self) -> float:
        """Mean calls over all."""
        return float(self.calls.sum())

    def scaled(self, factor: float) -> Intensity:
        """The same with so many times the calls."""
        return replace(self, calls=self.calls * factor)

    def by_hour(self, n_hours: int, n_nodes: int) -> NDArray[np.float64]:
        """Mean calls by hour of the run and road node, shape (hours, n); what lies outside the hours is left out."""
        found = np.zeros((n_hours, n_nodes))
        for k, calls in enumerate(self.calls):
            low, high = self.edges_s[k], self.edges_s[k + 1]
            row = self.weight[k if len(self.weight) > 1 else 0]
            for hour in range(max(int(low // 3600), 0), min(int(np.ceil(high / 3600)), n_hours)):
                part = min(high, 3600.0 * (hour + 1)) - max(low, 3600.0 * hour)
                if part > 0:
                    np.add.at(found[hour], self.node, calls * part / (high - low) * row)
        return found

    def moved(self, city: City, late_s: float, apart_m: float) -> Intensity:
        """The same calls expected so many seconds later and so many metres to the north-east."""
        node = self.node
        if apart_m:
            roads = city.roads
            # a degree measured at the node: the projection is conformal, so a small step keeps its length
            step = apart_m / np.sqrt(2.0)
            x, y = roads.x[node], roads.y[node]
            east = (project(roads, roads.lon[node] + 1e-4, roads.lat[node])[0] - x) / 1e-4
            north = (project(roads, roads.lon[node], roads.lat[node] + 1e-4)[1] - y) / 1e-4
            node = nearest_nodes(roads, roads.lon[node] + step / east, roads.lat[node] + step / north)[0].astype(
                np.int64
            )
        return replace(self, edges_s=self.edges_s + late_s, node=node)


def usual(demand: Demand, city: City, clock: Clock, start_s: float, end_s: float) -> Intensity:
    """The ordinary calls of a stretch of the run, without a factor; their places are left to the caller."""
    edges_s, hour = hours_of_week(clock.at(start_s), end_s - start_s, time_zone(city.timezone))
    return Intensity(
        edges_s=edges_s + start_s, calls=demand.hour_of_week[hour] * np.diff(edges_s) / 3600.0,
        node=np.zeros(0, np.int64), weight=np.zeros((1, 0)),
    )  # fmt: skip


def of_factor(change: Factor, nodes: Nodes, ordinary: Intensity, node_weight: NDArray[np.float64]) -> Intensity:
    """Extra calls of a factor above 1; the ordinary calls are those of its time."""
    inside = node_weight[nodes.node]
    share = float(inside.sum())
    weight = inside / share if share > 0 else nodes.weight
    return replace(
        ordinary, calls=(change.factor - 1.0) * share * ordinary.calls, node=nodes.node, weight=weight[None, :]
    )


def of_surge(change: Surge, nodes: Nodes, ordinary: Intensity, clock: Clock, start_s: float, end_s: float) -> Intensity:
    """Extra calls of a surge."""
    total = change.calls if change.calls is not None else (change.city_share or 0.0) * ordinary.total
    if change.runners is not None:
        return _running(change.runners, nodes, clock, start_s, end_s, total)
    if change.profile == "usual":
        return replace(
            ordinary, calls=total * ordinary.calls / max(ordinary.total, 1e-300), node=nodes.node,
            weight=nodes.weight[None, :],
        )  # fmt: skip
    return _by_profile(change.profile, nodes, start_s, end_s, total)


def of_crowd(change: Crowd, nodes: Nodes, clock: Clock, start_s: float, end_s: float) -> Intensity:
    """Patients of a crowd, one a person; :mod:`crowds` scales them by the rate that a replication draws."""
    if change.runners is not None:
        return _running(change.runners, nodes, clock, start_s, end_s, float(change.people))
    return _by_profile(change.profile, nodes, start_s, end_s, float(change.people))


def of_casualties(change: MassCasualty, nodes: Nodes, at_s: float) -> Intensity:
    """Patients of a mass-casualty incident."""
    return Intensity(
        edges_s=np.array([at_s, at_s + 60.0 * change.within_min]), calls=np.array([float(change.patients)]),
        node=nodes.node, weight=nodes.weight[None, :],
    )  # fmt: skip


def _bins(start_s: float, end_s: float) -> NDArray[np.float64]:
    n = max(int(np.ceil((end_s - start_s) / BIN_S)), 1)
    return np.linspace(start_s, end_s, n + 1)


def _by_profile(
    profile: tuple[tuple[float, float], ...] | str, nodes: Nodes, start_s: float, end_s: float, total: float
) -> Intensity:
    edges_s = np.array([start_s, end_s])
    calls = np.ones(1)
    if isinstance(profile, tuple):
        edges_s = _bins(start_s, end_s)
        known = np.array(profile)
        middle_h = (0.5 * (edges_s[:-1] + edges_s[1:]) - start_s) / 3600.0
        calls = np.interp(middle_h, known[:, 0], known[:, 1], left=0.0, right=0.0)
    sum_ = calls.sum()
    return Intensity(
        edges_s=edges_s,
        calls=calls * (total / sum_ if sum_ > 0 else 0.0),
        node=nodes.node,
        weight=nodes.weight[None, :],
    )


def _running(runners: Runners, nodes: Nodes, clock: Clock, start_s: float, end_s: float, total: float) -> Intensity:
    edges_s = _bins(start_s, end_s)
    weight = runner_weights(runners, clock.second(runners.start), nodes, 0.5 * (edges_s[:-1] + edges_s[1:]))
    by_bin = weight.sum(axis=1)
    calls = by_bin * (total / by_bin.sum() if by_bin.sum() > 0 else 0.0)
    shares = np.divide(weight, by_bin[:, None], out=np.tile(nodes.weight, (len(weight), 1)), where=by_bin[:, None] > 0)
    return Intensity(edges_s=edges_s, calls=calls, node=nodes.node, weight=shares)
