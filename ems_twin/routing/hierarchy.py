"""The part of routing that does not depend on travel times: who is above whom.

Contracting the nodes in a nested-dissection order turns the road graph into a chordal supergraph. Its upward arcs,
its elimination tree and the labels' layout depend on the streets alone, so they are built once; new travel times
only need :mod:`~ems_twin.routing.customise` again (Customizable Contraction Hierarchies, Dibbelt, Strasser, Wagner
2016).

A node is named by its *rank* here (0 contracted first); ``rank_of[node]`` translates.

=================  ============  =========================================================================
name               length        one entry is
=================  ============  =========================================================================
``up_first``       n + 1         first upward arc of rank v
``up_head``        a             the higher end of arc k, ascending within a node
``down_first``     n + 1         first entry of rank x in the two lists below
``down_tail``      a             a lower neighbour of x, ascending
``down_arc``       a             the arc that joins them
``parent``         n             lowest upward neighbour: the elimination tree; -1 at the root
``depth``          n             number of proper ancestors
``label_first``    n + 1         first label entry; a node has depth + 1 of them, root first
``edge_arc``       m             arc of road edge e; ``edge_upward`` says in which direction it runs
=================  ============  =========================================================================
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._compiled import kernel
from ..city import RoadNetwork
from .order import nested_dissection, undirected_csr

NODE = np.dtype(
    [("label_first", "i8"), ("depth", "i4"), ("inlabel", "i4"), ("ascendant", "i4"), ("rank", "i4")], align=True
)
"""What a query reads of a node, in one cache line: label and place in the elimination tree (by node, not rank)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Hierarchy:
    """Order, chordal supergraph and elimination tree of one road graph. See the module's table."""

    rank_of: NDArray[np.int32]
    node_of: NDArray[np.int32]
    up_first: NDArray[np.int64]
    up_head: NDArray[np.int32]
    down_first: NDArray[np.int64]
    down_tail: NDArray[np.int32]
    down_arc: NDArray[np.int64]
    parent: NDArray[np.int32]
    depth: NDArray[np.int32]
    label_first: NDArray[np.int64]
    edge_arc: NDArray[np.int64]
    edge_upward: NDArray[np.bool_]
    nodes: NDArray[np.void]
    """:data:`NODE` records, one a node."""
    head_depth: NDArray[np.int32]
    """Depth of the topmost node with a given inlabel number (lowest common ancestors)."""

    @property
    def n_arcs(self) -> int:
        """Number of arcs of the chordal supergraph, counted once a pair."""
        return len(self.up_head)

    @property
    def n_label_entries(self) -> int:
        """Length of one direction's labels."""
        return int(self.label_first[-1])


def build_hierarchy(roads: RoadNetwork, *, method: str = "auto") -> Hierarchy:
    """Order the nodes and contract them in that order.

    Parameters
    ----------
    roads
        A connected road graph.
    method
        How to order: see :func:`~ems_twin.routing.order.nested_dissection`.
    """
    n = roads.n_nodes
    rank_of = nested_dissection(roads, method=method)
    node_of = np.empty(n, dtype=np.int32)
    node_of[rank_of] = np.arange(n, dtype=np.int32)
    first, neighbour = undirected_csr(roads)
    up_first, up_head, parent = _contract(first, neighbour, rank_of, node_of)
    down_first, down_tail, down_arc = _turn_round(up_first, up_head)
    depth, label_first = _depths(parent)
    edge_arc, edge_upward = edges_on_arcs(roads, rank_of, up_first, up_head)
    inlabel, ascendant, head_depth = _ancestor_numbers(parent, depth)
    nodes = np.zeros(n, dtype=NODE)
    nodes["label_first"] = label_first[:-1][rank_of]
    nodes["depth"] = depth[rank_of]
    nodes["inlabel"] = inlabel[rank_of]
    nodes["ascendant"] = ascendant[rank_of]
    nodes["rank"] = rank_of
    return Hierarchy(
        rank_of=rank_of,
        node_of=node_of,
        up_first=up_first,
        up_head=up_head,
        down_first=down_first,
        down_tail=down_tail,
        down_arc=down_arc,
        parent=parent,
        depth=depth,
        label_first=label_first,
        edge_arc=edge_arc,
        edge_upward=edge_upward,
        nodes=nodes,
        head_depth=head_depth,
    )


def edges_on_arcs(
    roads: RoadNetwork, rank_of: NDArray[np.int32], up_first: NDArray[np.int64], up_head: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Arc of every road edge, and whether it runs upward. Both directions of a street lie on one arc."""
    tail, head = rank_of[roads.tail], rank_of[roads.head]
    return _find_arcs(up_first, up_head, np.minimum(tail, head), np.maximum(tail, head)), tail < head


@kernel
def _contract(first, neighbour, rank_of, node_of):  # type: ignore[no-untyped-def]
    """Upward arcs of the chordal supergraph: a node passes its upper neighbours on to the lowest of them."""
    n = len(rank_of)
    up_first = np.zeros(n + 1, np.int64)
    capacity = 4 * len(neighbour) + n + 16
    up_head = np.empty(capacity, np.int32)
    parent = np.full(n, -1, np.int32)
    first_child = np.full(n, -1, np.int32)
    next_child = np.full(n, -1, np.int32)
    seen = np.full(n, -1, np.int32)
    buffer = np.empty(n, np.int32)
    for v in range(n):
        count = 0
        seen[v] = v
        node = node_of[v]
        for k in range(first[node], first[node + 1]):
            u = rank_of[neighbour[k]]
            if u > v and seen[u] != v:
                seen[u] = v
                buffer[count] = u
                count += 1
        child = first_child[v]
        while child >= 0:
            for k in range(up_first[child], up_first[child + 1]):
                u = up_head[k]
                if u > v and seen[u] != v:
                    seen[u] = v
                    buffer[count] = u
                    count += 1
            child = next_child[child]
        start = up_first[v]
        if start + count > capacity:
            capacity = 2 * capacity + count
            grown = np.empty(capacity, np.int32)
            grown[:start] = up_head[:start]
            up_head = grown
        up = np.sort(buffer[:count])
        up_head[start : start + count] = up
        up_first[v + 1] = start + count
        if count > 0:
            p = up[0]
            parent[v] = p
            next_child[v] = first_child[p]
            first_child[p] = v
    return up_first, up_head[: up_first[n]].copy(), parent


@kernel
def _turn_round(up_first, up_head):  # type: ignore[no-untyped-def]
    """The same arcs listed at their upper end."""
    n = len(up_first) - 1
    down_first = np.zeros(n + 1, np.int64)
    for k in range(len(up_head)):
        down_first[up_head[k] + 1] += 1
    for x in range(n):
        down_first[x + 1] += down_first[x]
    at = down_first[:-1].copy()
    down_tail = np.empty(len(up_head), np.int32)
    down_arc = np.empty(len(up_head), np.int64)
    for v in range(n):
        for k in range(up_first[v], up_first[v + 1]):
            x = up_head[k]
            down_tail[at[x]] = v
            down_arc[at[x]] = k
            at[x] += 1
    return down_first, down_tail, down_arc


@kernel
def _depths(parent):  # type: ignore[no-untyped-def]
    """Depth of every rank in the elimination tree, and where its label starts."""
    n = len(parent)
    depth = np.zeros(n, np.int32)
    for v in range(n - 1, -1, -1):
        if parent[v] >= 0:
            depth[v] = depth[parent[v]] + 1
    label_first = np.zeros(n + 1, np.int64)
    for v in range(n):
        label_first[v + 1] = label_first[v] + depth[v] + 1
    return depth, label_first


@kernel
def _find_arcs(up_first, up_head, low, high):  # type: ignore[no-untyped-def]
    """Arc between two adjacent ranks, by binary search."""
    arc = np.empty(len(low), np.int64)
    for e in range(len(low)):
        a, b = up_first[low[e]], up_first[low[e] + 1]
        arc[e] = a + np.searchsorted(up_head[a:b], high[e])
    return arc


@kernel
def _ancestor_numbers(parent, depth):  # type: ignore[no-untyped-def]
    """Numbers that give the depth of a lowest common ancestor in constant time (Schieber and Vishkin 1988).

    Nodes are numbered in preorder. ``inlabel`` of a node is the preorder number in its subtree with the most
    trailing zeros; nodes that share it form a path. ``ascendant`` has a bit for each path above the node.
    """
    n = len(parent)
    size = np.ones(n, np.int64)
    for v in range(n):  # children have lower rank than their parent
        if parent[v] >= 0:
            size[parent[v]] += size[v]
    preorder = np.zeros(n, np.int64)
    next_free = np.zeros(n, np.int64)
    root_at = 1
    for v in range(n - 1, -1, -1):
        p = parent[v]
        if p < 0:
            preorder[v] = root_at
            root_at += size[v]
        else:
            preorder[v] = next_free[p]
            next_free[p] += size[v]
        next_free[v] = preorder[v] + 1
    inlabel = np.zeros(n, np.int32)
    top = 1
    while top <= n:
        top *= 2
    head_depth = np.zeros(top, np.int32)
    ascendant = np.zeros(n, np.int32)
    for v in range(n - 1, -1, -1):
        low, high = preorder[v] - 1, preorder[v] + size[v] - 1  # the number with most trailing zeros in (low, high]
        bit = 1
        differ = low ^ high
        while bit * 2 <= differ:
            bit *= 2
        inlabel[v] = np.int32(high & ~(bit - 1))
        lowest = inlabel[v] & -inlabel[v]
        p = parent[v]
        if p < 0:
            ascendant[v] = lowest
            head_depth[inlabel[v]] = depth[v]
        else:
            ascendant[v] = ascendant[p] | lowest
            if inlabel[v] != inlabel[p]:
                head_depth[inlabel[v]] = depth[v]
    return inlabel, ascendant, head_depth


def check_hierarchy(hierarchy: Hierarchy, roads: RoadNetwork) -> None:
    """Walk the whole structure and raise ``AssertionError`` at the first thing that is not as promised."""
    h, n = hierarchy, roads.n_nodes
    assert np.array_equal(np.sort(h.rank_of), np.arange(n)), "the order is not a permutation"
    assert np.array_equal(h.rank_of[h.node_of], np.arange(n)), "node_of is not the inverse of rank_of"
    for v in range(n):
        up = h.up_head[h.up_first[v] : h.up_first[v + 1]]
        assert np.all(up > v), f"rank {v} has an upward arc to a lower rank"
        assert np.all(np.diff(up) > 0), f"upward arcs of rank {v} are not ascending"
        if len(up) == 0:
            assert h.parent[v] == -1, f"rank {v} has a parent but no upward arc"
            continue
        assert h.parent[v] == up[0], f"parent of rank {v} is not its lowest upper neighbour"
        above = h.up_head[h.up_first[up[0]] : h.up_first[up[0] + 1]]
        assert np.isin(up[1:], above).all(), f"upper neighbours of rank {v} are not passed on to its parent"
        assert h.depth[v] == h.depth[up[0]] + 1, f"depth of rank {v}"
    assert np.array_equal(np.diff(h.label_first), h.depth + 1), "labels do not have one entry an ancestor"
    tail, head = h.rank_of[roads.tail], h.rank_of[roads.head]
    arc_tail = np.repeat(np.arange(n), np.diff(h.up_first))
    assert np.array_equal(arc_tail[h.edge_arc], np.minimum(tail, head)), "an edge has the wrong arc"
    assert np.array_equal(h.up_head[h.edge_arc], np.maximum(tail, head)), "an edge has the wrong arc"
