"""Tables between every node and a city's fixed places: what most trips of a simulation ask for.

A trip to a station or hospital, and one from a station, is then a lookup instead of a query, and the way of a unit
that drives home is one number an edge. Rows are those of the router's edge times, places are in the order given.
"""

from __future__ import annotations

from threading import Lock
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from .._compiled import kernel
from .customise import CLOSED
from .router import Nodes, Router


class PlaceTables(NamedTuple):
    """Ticks, ways and metres between n nodes and p places."""

    to_ticks: NDArray[np.int32]
    """Shape (rows, p, n): ticks from a node to a place."""
    to_edge: NDArray[np.int32]
    """Shape (rows, p, n): first edge of the way from a node to a place, -1 at the place itself or without a way."""
    to_m: NDArray[np.float64]
    """Shape (rows, p, n): metres of that way."""
    from_ticks: NDArray[np.int32]
    """Shape (rows, n, p): ticks from a place to a node; places lie side by side, as a dispatch reads them."""
    from_m: NDArray[np.float64]
    """Shape (rows, n, p): metres of a shortest way from a place to a node."""


_MOST_KEPT = 2  # sets of places a router: a city with its posts, and without
_kept: WeakKeyDictionary[Router, dict[bytes, PlaceTables]] = WeakKeyDictionary()
_lock = Lock()


def kept_tables(router: Router, places: Nodes) -> PlaceTables:
    """:func:`place_tables`, made once as long as the router lives; many runs on the same ground share them."""
    key = np.asarray(places, dtype=np.int32).tobytes()
    with _lock:
        mine = _kept.setdefault(router, {})
        if key not in mine:
            if len(mine) >= _MOST_KEPT:
                del mine[next(iter(mine))]
            mine[key] = place_tables(router, places)
        return mine[key]


def place_tables(router: Router, places: Nodes) -> PlaceTables:
    """Tables of some nodes under all edge times of a router.

    Parameters
    ----------
    router
        Of the city.
    places
        Nodes of the places, shape (p,).
    """
    places = np.asarray(places, dtype=np.int32)
    n_rows, n, p = len(router.edge_ticks), router.roads.n_nodes, len(places)
    tables = PlaceTables(
        np.empty((n_rows, p, n), np.int32),
        np.empty((n_rows, p, n), np.int32),
        np.empty((n_rows, p, n)),
        np.empty((n_rows, n, p), np.int32),
        np.empty((n_rows, n, p)),
    )
    r = router.roads
    for row in range(n_rows):
        for i, place in enumerate(places):
            tables.to_ticks[row, i] = router.sweep_ticks([place], row, backward=True)
            _ways_to(
                r.first_out, r.head, router.edge_ticks[row], r.length_m, tables.to_ticks[row, i], CLOSED,
                tables.to_edge[row, i], tables.to_m[row, i],
            )  # fmt: skip
            from_place = router.sweep_ticks([place], row)
            tables.from_ticks[row, :, i] = from_place
            tables.from_m[row, :, i] = _metres_from(
                r.first_out, r.head, router.edge_ticks[row], r.length_m, from_place, CLOSED
            )
    return tables


@kernel
def _ways_to(first_out, head, edge_ticks, length_m, to_ticks, closed, to_edge, to_m):  # type: ignore[no-untyped-def]
    """First edges and metres of the ways to one place: follow the first edges until the metres are known."""
    n = len(to_ticks)
    for v in range(n):
        to_edge[v] = -1
        to_m[v] = np.nan
        if to_ticks[v] >= closed:
            to_m[v] = np.inf
        elif to_ticks[v] == 0:
            to_m[v] = 0.0
        else:
            for e in range(first_out[v], first_out[v + 1]):
                if edge_ticks[e] + to_ticks[head[e]] == to_ticks[v]:
                    to_edge[v] = e
                    break
    _add_up(to_m, to_edge, head, length_m)


@kernel
def _metres_from(first_out, head, edge_ticks, length_m, from_ticks, closed):  # type: ignore[no-untyped-def]
    """Metres of a shortest way from one place to every node."""
    n = len(from_ticks)
    last_edge = np.full(n, -1, np.int32)
    tail = np.empty(len(head), np.int32)
    for u in range(n):
        for e in range(first_out[u], first_out[u + 1]):
            v = head[e]
            tail[e] = u
            if last_edge[v] < 0 and from_ticks[u] < closed and from_ticks[u] + edge_ticks[e] == from_ticks[v]:
                last_edge[v] = e
    metres_to = np.full(n, np.nan)
    for v in range(n):
        if from_ticks[v] >= closed:
            metres_to[v] = np.inf
        elif from_ticks[v] == 0:
            metres_to[v] = 0.0
    _add_up(metres_to, last_edge, tail, length_m)
    return metres_to


@kernel
def _add_up(metres, edge_of, other_end, length_m):  # type: ignore[no-untyped-def]
    """Fill in the unknown (NaN) metres: a node's are its edge's and those of the edge's other end."""
    n = len(metres)
    pile = np.empty(n, np.int32)
    for v in range(n):
        height = 0
        u = v
        while np.isnan(metres[u]):
            pile[height] = u
            height += 1
            u = other_end[edge_of[u]]
        total = metres[u]
        while height > 0:
            height -= 1
            u = pile[height]
            total += length_m[edge_of[u]]
            metres[u] = total
