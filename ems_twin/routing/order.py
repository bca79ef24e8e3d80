"""The order in which nodes are contracted: nested dissection, separators last.

A good order keeps the hierarchy low: the label of a node has one entry for each of its ancestors. METIS finds the
separators; where its wheel is missing, the graph is halved again and again along its longer side on the map,
which gives labels about half as long again on a city.
"""

from __future__ import annotations

import importlib.util

import numpy as np
from numpy.typing import NDArray

from .._compiled import kernel
from ..city import RoadNetwork

_LEAF_SIZE = 8  # smaller parts are not worth cutting: any order serves


def have_metis() -> bool:
    """Whether pymetis is installed."""
    return importlib.util.find_spec("pymetis") is not None


def undirected_csr(roads: RoadNetwork) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The road graph without direction, parallel edges or self-loops: ``first`` (n + 1) and ``neighbour``."""
    n = roads.n_nodes
    tail, head = roads.tail.astype(np.int64), roads.head.astype(np.int64)
    keys = np.unique(np.concatenate([tail * n + head, head * n + tail]))
    a, b = np.divmod(keys, n)
    keep = a != b
    first = np.zeros(n + 1, dtype=np.int32)
    np.cumsum(np.bincount(a[keep], minlength=n), out=first[1:])
    return first, b[keep].astype(np.int32)


def nested_dissection(roads: RoadNetwork, *, method: str = "auto") -> NDArray[np.int32]:
    """Rank of every node, shape (n,): 0 is contracted first, n - 1 last.

    Parameters
    ----------
    roads
        The road graph.
    method
        ``metis``, ``coordinates``, or ``auto``: METIS where it is installed.

    Raises
    ------
    ValueError
        For an unknown method.
    """
    if method not in ("auto", "metis", "coordinates"):
        raise ValueError(f"method is {method!r}; it must be 'auto', 'metis' or 'coordinates'")
    first, neighbour = undirected_csr(roads)
    if method == "metis" or (method == "auto" and have_metis()):
        import pymetis

        if len(neighbour) == 0:
            return np.arange(roads.n_nodes, dtype=np.int32)
        # fixed seed: the same city gives the same order, hence the same labels and ties, everywhere
        options = pymetis.Options(seed=1)
        _, rank = pymetis.nested_dissection(pymetis.CSRAdjacency(first, neighbour), options=options)
        return np.asarray(rank, dtype=np.int32)
    return _halve_on_the_map(first, neighbour, roads.x.astype(np.float64), roads.y.astype(np.float64), _LEAF_SIZE)


@kernel
def _halve_on_the_map(first, neighbour, x, y, leaf_size):  # type: ignore[no-untyped-def]
    """Recursive halving by coordinates; the separator is the smaller side of the cut edges' ends."""
    n = len(x)
    rank = np.full(n, -1, np.int32)
    node = np.arange(n).astype(np.int32)  # nodes of all parts; a part is a slice of it
    side = np.zeros(n, np.uint8)
    stack_lo = np.empty(4 * 64 + n // 2 + 8, np.int64)
    stack_hi = np.empty_like(stack_lo)
    top = 0
    stack_lo[0], stack_hi[0] = 0, n
    top = 1
    next_rank = n  # ranks are handed out from the top
    while top > 0:
        top -= 1
        lo, hi = stack_lo[top], stack_hi[top]
        size = hi - lo
        if size <= leaf_size:
            for i in range(lo, hi):
                next_rank -= 1
                rank[node[i]] = next_rank
            continue
        part = node[lo:hi].copy()
        px, py = x[part], y[part]
        key = px if px.max() - px.min() >= py.max() - py.min() else py
        order = np.argsort(key)
        half = size // 2
        for i in range(size):
            side[part[order[i]]] = 1 if i < half else 2
        # the ends of cut edges on either side; the smaller set separates the two halves
        n_left, n_right = 0, 0
        for v in part:
            for k in range(first[v], first[v + 1]):
                u = neighbour[k]
                if side[u] != 0 and side[u] != side[v]:
                    if side[v] == 1:
                        n_left += 1
                    else:
                        n_right += 1
                    break
        cut_side = 1 if n_left <= n_right else 2
        i_left, i_right = lo, hi
        separator = np.empty(min(n_left, n_right), np.int32)
        n_sep = 0
        for v in part:
            is_cut = False
            if side[v] == cut_side:
                for k in range(first[v], first[v + 1]):
                    u = neighbour[k]
                    if side[u] != 0 and side[u] != side[v]:
                        is_cut = True
                        break
            if is_cut:
                separator[n_sep] = v
                n_sep += 1
            elif side[v] == 1:
                node[i_left] = v
                i_left += 1
            else:
                i_right -= 1
                node[i_right] = v
        for v in part:
            side[v] = 0
        for i in range(n_sep):
            next_rank -= 1
            rank[separator[i]] = next_rank
        # one part is finished before the other, so that ranks of a part are contiguous
        stack_lo[top], stack_hi[top] = lo, i_left
        stack_lo[top + 1], stack_hi[top + 1] = i_right, hi
        top += 2
    return rank
