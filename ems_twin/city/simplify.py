"""Nodes where nothing branches become points of a street's shape: fewer nodes, the same trips."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .assemble import edge_lengths_m
from .raw import RawRoads


def join_chains(raw: RawRoads) -> RawRoads:
    """Join the edges through every node that has exactly two neighbours and no choice.

    A node is joined when a street passes it one-way (one edge in, one out) or both ways (two in, two out), and class,
    speed tag and name are the same before and after; so no length, time or direction changes. Nodes nobody uses any
    more are taken out.
    """
    length = edge_lengths_m(raw)
    n, m = len(raw.lon), len(raw.tail)
    in_degree, out_degree = np.bincount(raw.head, minlength=n), np.bincount(raw.tail, minlength=n)
    in_edges, out_edges = _first_two(raw.head, n), _first_two(raw.tail, n)
    follows = np.full(m, -1, dtype=np.int64)  # the edge that continues edge e through its head
    passed = np.zeros(n, dtype=bool)
    for v in np.nonzero((in_degree == out_degree) & ((in_degree == 1) | (in_degree == 2)))[0]:
        pairs = _through(raw, in_edges[v, : in_degree[v]], out_edges[v, : out_degree[v]])
        if pairs:
            passed[v] = True
            for before, after in pairs:
                follows[before] = after
    _spare_a_node_of_each_ring(raw, follows, passed)

    heads_of_chains = np.nonzero(~passed[raw.tail])[0]
    head = raw.head.copy()
    chain_length = length.copy()
    points: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    for e in heads_of_chains.tolist():
        last, lon, lat = e, [_shape(raw, e, raw.shape_lon)], [_shape(raw, e, raw.shape_lat)]
        while follows[last] >= 0:
            node, last = raw.head[last], int(follows[last])
            chain_length[e] += length[last]
            lon += [raw.lon[node : node + 1], _shape(raw, last, raw.shape_lon)]
            lat += [raw.lat[node : node + 1], _shape(raw, last, raw.shape_lat)]
        head[e] = raw.head[last]
        points.append((np.concatenate(lon), np.concatenate(lat)))

    tail, head = raw.tail[heads_of_chains], head[heads_of_chains]
    used = np.zeros(n, dtype=bool)
    used[tail] = used[head] = True
    row = np.cumsum(used, dtype=np.int32) - 1
    counts = np.array([len(lon) for lon, _ in points], dtype=np.int64)
    return replace(
        raw,
        osm_id=raw.osm_id[used],
        lon=raw.lon[used],
        lat=raw.lat[used],
        tail=row[tail],
        head=row[head],
        length_m=chain_length[heads_of_chains],
        tagged_kmh=raw.tagged_kmh[heads_of_chains],
        road_class=raw.road_class[heads_of_chains],
        name_id=raw.name_id[heads_of_chains],
        shape_first=np.concatenate(([0], np.cumsum(counts))).astype(np.int32),
        shape_lon=np.concatenate([np.zeros(0), *(lon for lon, _ in points)]),
        shape_lat=np.concatenate([np.zeros(0), *(lat for _, lat in points)]),
    )


def _shape(raw: RawRoads, edge: int, values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values[raw.shape_first[edge] : raw.shape_first[edge + 1]]


def _first_two(end: NDArray[np.int32], n: int) -> NDArray[np.int64]:
    """Up to two edges at each node, by the given end; shape (n, 2), the rest is -1."""
    order = np.argsort(end, kind="stable")
    first = np.searchsorted(end[order], np.arange(n + 1))
    found = np.full((n, 2), -1, dtype=np.int64)
    for k in range(2):
        has = first[:-1] + k < first[1:]
        found[has, k] = order[first[:-1][has] + k]
    return found


def _through(raw: RawRoads, into: NDArray[np.int64], out: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Pairs (edge in, edge out) that run on through a node, or nothing when the node must stay."""
    node = raw.head[into[0]]
    before, after = raw.tail[into].tolist(), raw.head[out].tolist()
    if node in before or node in after or len(set(before)) < len(before) or len(set(after)) < len(after):
        return []
    if len(into) == 1:
        pairs = [(int(into[0]), int(out[0]))] if before[0] != after[0] else []
    else:
        if set(before) != set(after):
            return []
        pairs = [(int(into[i]), int(out[after.index(before[1 - i])])) for i in range(2)]
    return pairs if all(_alike(raw, a, b) for a, b in pairs) else []


def _alike(raw: RawRoads, a: int, b: int) -> bool:
    same_speed = raw.tagged_kmh[a] == raw.tagged_kmh[b] or bool(np.isnan(raw.tagged_kmh[[a, b]]).all())
    return same_speed and raw.road_class[a] == raw.road_class[b] and raw.name_id[a] == raw.name_id[b]


def _spare_a_node_of_each_ring(raw: RawRoads, follows: NDArray[np.int64], passed: NDArray[np.bool_]) -> None:
    """Keep two nodes of every ring that no junction interrupts, else it would vanish or become a self-loop.

    A chain must also not end where it began: then its middle node is kept.
    """
    seen = ~passed[raw.tail]  # edges that start a chain at a node that stays
    for e in np.nonzero(seen)[0].tolist():
        chain = [e]
        while follows[chain[-1]] >= 0:
            chain.append(int(follows[chain[-1]]))
            seen[chain[-1]] = True
        if len(chain) > 1 and raw.head[chain[-1]] == raw.tail[e]:
            _keep(raw, follows, passed, int(raw.head[chain[len(chain) // 2 - 1]]))
    for e in np.nonzero(~seen)[0].tolist():
        if seen[e]:
            continue
        ring = [e]
        while int(follows[ring[-1]]) not in (e, -1):
            ring.append(int(follows[ring[-1]]))
        seen[ring] = True
        _keep(raw, follows, passed, int(raw.head[ring[-1]]))
        _keep(raw, follows, passed, int(raw.head[ring[len(ring) // 2 - 1]]))


def _keep(raw: RawRoads, follows: NDArray[np.int64], passed: NDArray[np.bool_], node: int) -> None:
    passed[node] = False
    follows[(follows >= 0) & (raw.head == node)] = -1
