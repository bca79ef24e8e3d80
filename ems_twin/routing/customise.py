"""Travel times put on a hierarchy: arcs, then labels. Repeated whenever a road closes or the traffic changes.

Times are whole *ticks*, so that sums are exact and equal on every machine: a tick is the power of two of a second
that keeps the longest trip of the city well below 2^30. A closed road has the time :data:`CLOSED`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._compiled import kernel
from .hierarchy import Hierarchy

CLOSED = 2**30 - 1
"""Ticks of a road that is closed and of a place that cannot be reached; two of them still fit in an int32."""

_HEADROOM = 16  # how many times longer than the bound a trip may become before ticks must be made coarser


class Labels(NamedTuple):
    """All that a query needs, as arrays that compiled code can take. Never changed once made.

    ``up[r, i]`` and ``down[r, i]`` are the ticks from a node up to, and down from, its ancestors in row r of the
    edge times. Metric m reads row ``metrics[m].row`` and a tick of it lasts ``metrics[m].tick_s``: speeds that are a
    constant multiple of others share their row.
    """

    nodes: NDArray[np.void]
    head_depth: NDArray[np.int32]
    up: NDArray[np.int32]
    down: NDArray[np.int32]
    metrics: NDArray[np.void]


METRIC = np.dtype([("row", "i4"), ("tick_s", "f8"), ("off_road_s_per_m", "f8")], align=True)
"""One set of speeds: the row of edge times it reads, the seconds that a tick lasts, and the pace off the road."""


class Arcs(NamedTuple):
    """Ticks of the supergraph's arcs upward and downward, shape (rows, arcs): sweeps over all nodes use them."""

    up: NDArray[np.int32]
    down: NDArray[np.int32]


def choose_tick_s(longest_trip_s: float) -> float:
    """Length of a tick in seconds, a power of two, for a city whose longest trip is at most ``longest_trip_s``."""
    return 2.0 ** -math.floor(math.log2(CLOSED / (_HEADROOM * max(longest_trip_s, 1.0))))


def to_ticks(edge_s: NDArray[np.float64], tick_s: float) -> NDArray[np.int32]:
    """Edge times in ticks: at least one, so that no street is free; infinite times become :data:`CLOSED`."""
    ticks = np.rint(edge_s / tick_s)
    return np.clip(ticks, 1, CLOSED).astype(np.int32)


def customise(hierarchy: Hierarchy, edge_ticks: NDArray[np.int32], metrics: NDArray[np.void]) -> tuple[Labels, Arcs]:
    """Put edge times on the hierarchy.

    Parameters
    ----------
    hierarchy
        Of the road graph.
    edge_ticks
        Shape (rows, m), from :func:`to_ticks`.
    metrics
        :data:`METRIC` records, one a set of speeds.
    """
    h = hierarchy
    n_rows = len(edge_ticks)
    arcs = Arcs(np.empty((n_rows, h.n_arcs), np.int32), np.empty((n_rows, h.n_arcs), np.int32))
    labels = Labels(
        h.nodes,
        h.head_depth,
        np.empty((n_rows, h.n_label_entries), np.int32),
        np.empty((n_rows, h.n_label_entries), np.int32),
        metrics,
    )
    for r in range(n_rows):
        _weigh_arcs(
            h.up_first, h.up_head, h.down_first, h.down_tail, h.down_arc,
            h.edge_arc, h.edge_upward, edge_ticks[r], arcs.up[r], arcs.down[r], CLOSED,
        )  # fmt: skip
        _label(h.up_first, h.up_head, h.label_first, h.depth, arcs.up[r], labels.up[r], CLOSED)
        _label(h.up_first, h.up_head, h.label_first, h.depth, arcs.down[r], labels.down[r], CLOSED)
    return labels, arcs


@kernel
def _weigh_arcs(  # type: ignore[no-untyped-def]
    up_first, up_head, down_first, down_tail, down_arc, edge_arc, edge_upward, edge_ticks, up, down, closed
):
    """Basic customisation: an arc is never longer than the way through any node below both its ends."""
    up[:] = closed
    down[:] = closed
    for e in range(len(edge_arc)):
        k, w = edge_arc[e], edge_ticks[e]
        if edge_upward[e]:
            up[k] = min(up[k], w)
        else:
            down[k] = min(down[k], w)
    n = len(up_first) - 1
    arc_to = np.full(n, -1, np.int64)
    for x in range(n):
        if down_first[x] == down_first[x + 1]:
            continue
        for k in range(up_first[x], up_first[x + 1]):
            arc_to[up_head[k]] = k
        for j in range(down_first[x], down_first[x + 1]):
            v, vx = down_tail[j], down_arc[j]
            to_x, from_x = up[vx], down[vx]
            for vy in range(vx + 1, up_first[v + 1]):  # upper neighbours of v above x: all are neighbours of x too
                k = arc_to[up_head[vy]]
                up[k] = min(up[k], np.int32(from_x + up[vy]))
                down[k] = min(down[k], np.int32(down[vy] + to_x))


@kernel
def _label(up_first, up_head, label_first, depth, arc, label, closed):  # type: ignore[no-untyped-def]
    """Distances along upward arcs from every node to its ancestors, root first, from the top down.

    The entry of an ancestor may be longer than the true distance; the minimum over the common ancestors of two
    nodes is exact all the same, because some shortest path first climbs and then descends.
    """
    n = len(up_first) - 1
    for v in range(n - 1, -1, -1):
        own = label[label_first[v] : label_first[v + 1]]
        own[:] = closed
        for k in range(up_first[v], up_first[v + 1]):
            x, w = up_head[k], np.int32(arc[k])
            above = label[label_first[x] : label_first[x + 1]]
            for i in range(len(above)):
                s = np.int32(above[i] + w)
                own[i] = min(own[i], s)
        own[depth[v]] = 0
