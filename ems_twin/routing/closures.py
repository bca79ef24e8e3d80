"""What closures do to travel times: who may drive where, what is cut off, and how it is reached all the same.

A place that cannot be driven to and from is *cut off*. It is reached over one way from the streets that can be driven:
up to the barrier by vehicle (also back out of a one-way street), and along closed streets on foot or led at walking
pace. The time of that way is put on the streets that make it up, both ways, so that every place has a travel time under
every closure. Ways at walking pace end at what is cut off, so they are no short cuts for others; a one-way street beside
the barrier that vehicles back out of may become one, of a block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..city import RoadNetwork
from ..city.closures import PlacedClosure
from ..city.reversed import with_reversed
from .hierarchy import Hierarchy, edges_on_arcs

Edges = NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Access:
    """How the places are reached that cannot be driven to and from. One entry a street that is used for it."""

    edge: Edges
    """Row of the street; it is used both ways."""
    on_foot: NDArray[np.bool_]
    """Whether at walking pace, else by vehicle."""
    cut_off: NDArray[np.bool_]
    """Whether node v is cut off, shape (n,)."""
    walk_m: NDArray[np.float64]
    """Metres to node v at walking pace, shape (n,); 0 where a vehicle gets to the barrier."""


@dataclass(frozen=True, eq=False, kw_only=True)
class RoadState:
    """Who may drive where while some closures are in force."""

    shut: NDArray[np.bool_]
    """Edges that nobody drives through, shape (m,)."""
    speed_factor: NDArray[np.float64]
    """Speed over ordinary speed of the others, shape (m,)."""
    lane: NDArray[np.float64]
    """Speed of an ambulance lane in both directions, metres a second, shape (m,); NaN where there is none."""
    delay_s: NDArray[np.float64]
    """Seconds that a unit is held up on the edge, shape (m,)."""
    access: Access
    """How the places are reached that are cut off."""

    @property
    def is_plain(self) -> bool:
        """Whether sirens shorten every trip alike: nobody is held up, walks, or keeps to the speed of a lane."""
        return bool(np.isnan(self.lane).all()) and not self.delay_s.any() and len(self.access.edge) == 0


def state_of(roads: RoadNetwork, closures: Sequence[PlacedClosure]) -> RoadState:
    """Roads while these closures are in force; of several on one street the strictest counts, then a lane."""
    m = roads.n_edges
    shut, cut, factor = np.zeros(m, bool), np.zeros(m, bool), np.ones(m)
    lane, delay_s = np.full(m, np.nan), np.zeros(m)
    behind = np.zeros(roads.n_nodes, bool)
    for one in closures:
        closure = one.closure
        if closure.speed_factor is not None:
            factor[one.on] = np.minimum(factor[one.on], closure.speed_factor)
            continue
        shut[one.on] = True
        cut[one.cut] = True
        behind[one.nodes] = True
        if closure.ambulance_lane_kmh is not None:
            lane[one.on] = closure.ambulance_lane_kmh / 3.6
        for crossing in one.crossings:
            delay_s[crossing.edges] = np.maximum(delay_s[crossing.edges], crossing.delay_s)
    delay_s[shut | cut] = 0.0
    return RoadState(
        shut=(shut | cut) & np.isnan(lane),
        speed_factor=factor,
        lane=lane,
        delay_s=delay_s,
        access=_find_access(roads, shut, cut, lane, behind),
    )


def _find_access(
    roads: RoadNetwork,
    shut: NDArray[np.bool_],
    cut: NDArray[np.bool_],
    lane: NDArray[np.float64],
    behind: NDArray[np.bool_],
) -> Access:
    """The shortest ways to what is cut off, walking counted a hundred times as long as driving."""
    from scipy.sparse import coo_array, csr_array
    from scipy.sparse.csgraph import connected_components, dijkstra

    n, tail, head = roads.n_nodes, roads.tail.astype(np.int64), roads.head.astype(np.int64)
    open_ = (~shut & ~cut) | ~np.isnan(lane)
    two_way = ~np.isnan(lane)
    a = np.concatenate((tail[open_], head[two_way]))
    b = np.concatenate((head[open_], tail[two_way]))
    graph = csr_array((np.ones(len(a), np.int8), (a, b)), shape=(n, n))
    k, part = connected_components(graph, directed=True, connection="strong")
    main = int(np.argmax(np.bincount(part)))
    cut_off, walk_m = part != main, np.zeros(n)
    if k == 1:
        nothing = np.zeros(0, np.int64)
        return Access(edge=nothing, on_foot=nothing.astype(bool), cut_off=cut_off, walk_m=walk_m)
    edge = np.concatenate((np.arange(roads.n_edges), np.arange(roads.n_edges)))  # each may lead in either way
    start, stop = np.concatenate((tail, head)), np.concatenate((head, tail))
    between = part[start] != part[stop]
    edge, start, stop = edge[between], start[between], stop[between]
    on_foot = shut[edge] & np.isnan(lane[edge]) | (cut[edge] & behind[start])
    cost = roads.length_m[edge] * np.where(on_foot, 100.0, 1.0)
    pair = part[start].astype(np.int64) * k + part[stop]
    order = np.lexsort((cost, pair))
    first = order[np.unique(pair[order], return_index=True)[1]]  # the shortest street between each two parts
    parts = coo_array((cost[first], (part[start[first]], part[stop[first]])), shape=(k, k)).tocsr()
    far, before = dijkstra(parts, indices=main, return_predecessors=True)
    street_of = dict(zip(pair[first].tolist(), first.tolist(), strict=True))
    walk_to_part = np.zeros(k)
    used: list[int] = []
    for p in np.argsort(far, kind="stable").tolist():
        if p == main or before[p] < 0:
            continue
        street = street_of[int(before[p]) * k + p]
        used.append(street)
        walk_to_part[p] = walk_to_part[before[p]] + roads.length_m[edge[street]] * on_foot[street]
    return Access(edge=edge[used], on_foot=on_foot[used], cut_off=cut_off, walk_m=walk_to_part[part])


def _needs_reversed(roads: RoadNetwork, states: Sequence[RoadState]) -> Edges:
    """Edges whose opposite direction is driven in one of some states, and which the network has one way only."""
    n = roads.n_nodes
    used = [np.zeros(0, np.int64)]
    for state in states:
        used += [state.access.edge, np.flatnonzero(~np.isnan(state.lane))]
    edges = np.unique(np.concatenate(used))
    pairs = roads.tail.astype(np.int64) * n + roads.head
    back = roads.head[edges].astype(np.int64) * n + roads.tail[edges]
    one_way = edges[~np.isin(back, pairs)]
    _, first = np.unique(pairs[one_way], return_index=True)
    return one_way[np.sort(first)]


@dataclass(frozen=True, eq=False, kw_only=True)
class StateTimes:
    """Edge times of some states of the roads, on a network that has the opposite directions which they need."""

    roads: RoadNetwork
    """The network."""
    row: Edges
    """Row in it of each edge of the city's own."""
    back: Edges
    """Row in it of an opposite direction of each edge of the city's own, -1 where there is none."""

    def edge_s(
        self,
        state: RoadState,
        *,
        time_factor: NDArray[np.float64] | float = 1.0,
        sirens_factor: float = 1.0,
        on_foot_mps: float,
    ) -> NDArray[np.float64]:
        """Seconds for every edge, infinite where nobody drives.

        Parameters
        ----------
        state
            Of the city's own network.
        time_factor
            Time over ordinary time by edge of the city's own network: the traffic.
        sirens_factor
            Speed over ordinary speed; being held up and walking take as long with sirens as without.
        on_foot_mps
            Pace along closed streets, metres a second.
        """
        length = self.roads.length_m[self.row]
        drive = length / self.roads.speed_mps[self.row] * time_factor / sirens_factor
        own = drive / state.speed_factor + state.delay_s
        own[state.shut] = np.inf
        seconds = np.full(self.roads.n_edges, np.inf)
        seconds[self.row] = own
        lane = np.flatnonzero(~np.isnan(state.lane))
        lane_s = length[lane] / state.lane[lane]
        seconds[self.row[lane]] = lane_s
        np.minimum.at(seconds, self.back[lane], lane_s)
        edge = state.access.edge
        led = np.where(state.access.on_foot, length[edge] / on_foot_mps, drive[edge])
        np.minimum.at(seconds, self.row[edge], led)
        np.minimum.at(seconds, self.back[edge], led)
        return seconds


def network_for(roads: RoadNetwork, states: Sequence[RoadState]) -> StateTimes:
    """The network on which some states of the roads can be driven."""
    wider, row = with_reversed(roads, _needs_reversed(roads, states))
    n = roads.n_nodes
    pairs = wider.tail.astype(np.int64) * n + wider.head
    wanted = roads.head.astype(np.int64) * n + roads.tail
    at = np.minimum(np.searchsorted(pairs, wanted), len(pairs) - 1)
    back = np.where(pairs[at] == wanted, at, -1)
    return StateTimes(roads=wider, row=row, back=back)


def hierarchy_on(hierarchy: Hierarchy, wider: RoadNetwork) -> Hierarchy:
    """The hierarchy of a network for one with the same streets, some of them in both directions."""
    edge_arc, edge_upward = edges_on_arcs(wider, hierarchy.rank_of, hierarchy.up_first, hierarchy.up_head)
    return replace(hierarchy, edge_arc=edge_arc, edge_upward=edge_upward)
