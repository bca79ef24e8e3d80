"""Travel-time queries in compiled code: the minimum over the common ancestors of two nodes.

A label holds the ticks to a node's ancestors, root first, so the common ancestors of two nodes are a common prefix:
a query is one lowest-common-ancestor step and one pass over two contiguous runs (labels: Ouyang et al. 2018, Farhan
et al. 2023; the order of the entries is what makes them short).
"""

from __future__ import annotations

import numpy as np

from .._compiled import kernel, leaf_kernel, lean_kernel


@leaf_kernel
def _msb(x):  # type: ignore[no-untyped-def]
    """Highest set bit of a positive int32, as a number with that bit alone."""
    x |= x >> 1
    x |= x >> 2
    x |= x >> 4
    x |= x >> 8
    x |= x >> 16
    return x - (x >> 1)


@leaf_kernel
def common_depth(nodes, head_depth, u, v):  # type: ignore[no-untyped-def]
    """Depth of the lowest common ancestor of two nodes (Schieber and Vishkin 1988)."""
    a, b = nodes[u], nodes[v]
    if a.inlabel == b.inlabel:
        return min(a.depth, b.depth)
    i = _msb(a.inlabel ^ b.inlabel)
    common = a.ascendant & b.ascendant & ~(i - 1)
    j = common & -common
    path = (a.inlabel & ~(2 * j - 1)) | j
    depth_a = a.depth
    if a.inlabel != path:
        k = _msb(a.ascendant & (j - 1))
        depth_a = head_depth[(a.inlabel & ~(2 * k - 1)) | k] - 1
    depth_b = b.depth
    if b.inlabel != path:
        k = _msb(b.ascendant & (j - 1))
        depth_b = head_depth[(b.inlabel & ~(2 * k - 1)) | k] - 1
    return min(depth_a, depth_b)


@leaf_kernel
def ticks(labels, row, u, v):  # type: ignore[no-untyped-def]
    """Ticks from node u to node v in a row of edge times; ``CLOSED`` or more where there is no way.

    Parameters
    ----------
    labels : Labels
    row : int
    u, v : int
        Nodes.
    """
    n = common_depth(labels.nodes, labels.head_depth, u, v) + 1
    first_u, first_v = labels.nodes[u].label_first, labels.nodes[v].label_first
    a = labels.up[row, first_u : first_u + n]
    b = labels.down[row, first_v : first_v + n]
    best = np.int32(a[0] + b[0])
    for i in range(1, n):
        best = min(best, np.int32(a[i] + b[i]))
    return best


@leaf_kernel
def seconds(count, tick_s, closed):  # type: ignore[no-untyped-def]
    """Ticks as seconds; infinite where there is no way."""
    return count * tick_s if count < closed else np.inf


@kernel
def matrix_s(labels, metric, sources, targets, closed, out):  # type: ignore[no-untyped-def]
    """``out[i, j]``: seconds from ``sources[i]`` to ``targets[j]``; False if a node does not exist."""
    n = len(labels.nodes)
    for i in range(len(sources)):
        if not 0 <= sources[i] < n:
            return False
    for j in range(len(targets)):  # noqa: SIM110 - a generator does not compile
        if not many_to_one_s(labels, metric, sources, targets[j], closed, out[:, j]):
            return False
    return True


@kernel
def many_to_one_s(labels, metric, sources, target, closed, out):  # type: ignore[no-untyped-def]
    """``out[i]``: seconds from ``sources[i]`` to ``target``; False if a node does not exist.

    Labels of a large city do not fit the processor's caches. The first two rounds only touch what the third reads,
    so that the waits for memory overlap: 14 µs instead of 26 for 80 sources anywhere among 50,000 nodes.
    """
    nodes, head_depth, n = labels.nodes, labels.head_depth, len(labels.nodes)
    row, tick_s = labels.metrics[metric].row, labels.metrics[metric].tick_s
    if not 0 <= target < n:
        return False
    up, first_b = labels.up[row], nodes[target].label_first
    b = labels.down[row, first_b : first_b + nodes[target].depth + 1]
    k = len(sources)
    first = np.empty(k, np.int64)
    length = np.empty(k, np.int64)
    touched = np.int32(0)
    for i in range(k):
        if not 0 <= sources[i] < n:
            return False
        first[i] = nodes[sources[i]].label_first
        touched |= up[first[i]]
    for i in range(k):
        length[i] = common_depth(nodes, head_depth, sources[i], target) + 1
        for j in range(first[i] + 16, first[i] + length[i], 16):  # 16 entries lie in one cache line
            touched |= up[j]
    for i in range(k):
        a = up[first[i] : first[i] + length[i]]
        best = np.int32(a[0] + b[0])
        for j in range(1, length[i]):
            best = min(best, np.int32(a[j] + b[j]))
        out[i] = seconds(best, tick_s, closed)
    return touched >= 0  # ticks are never negative; asking keeps the compiler from dropping the first two rounds


@lean_kernel
def next_edge(labels, first_out, head, edge_ticks, row, v, t):  # type: ignore[no-untyped-def]
    """First edge of a shortest path from v to t (v != t): the out-edge (v, x) with w(v, x) + d(x, t) = d(v, t).

    Exact, because ticks are whole numbers. Of several the first is taken. -1 where t cannot be reached.
    """
    left = ticks(labels, row, v, t)
    for e in range(first_out[v], first_out[v + 1]):
        w = edge_ticks[row, e]
        if w <= left and w + ticks(labels, row, head[e], t) == left:
            return e
    return -1


@kernel
def path_edges(labels, first_out, head, edge_ticks, row, s, t, closed, out):  # type: ignore[no-untyped-def]
    """Edges of a shortest path from s to t into ``out``; returns their number, -1 where t cannot be reached."""
    if ticks(labels, row, s, t) >= closed:
        return -1
    v, count = s, 0
    while v != t:
        e = next_edge(labels, first_out, head, edge_ticks, row, v, t)
        out[count] = e
        count += 1
        v = head[e]
    return count


@kernel
def sweep(up_first, up_head, climb, descend, ranks, start, rank_of, closed, out):  # type: ignore[no-untyped-def]
    """Ticks from the nearest of some nodes to every node: climb from them, then descend once over all arcs (PHAST).

    With ``climb`` and ``descend`` exchanged: ticks from every node *to* the nearest of them. ``start`` is what each
    of ``ranks`` begins with. ``out`` is by node.
    """
    n = len(up_first) - 1
    best = np.full(n, closed, np.int32)
    for i in range(len(ranks)):
        best[ranks[i]] = min(best[ranks[i]], start[i])
    for v in range(n):
        if best[v] < closed:
            for k in range(up_first[v], up_first[v + 1]):
                x = up_head[k]
                best[x] = min(best[x], np.int32(best[v] + climb[k]))
    for v in range(n - 1, -1, -1):
        b = best[v]
        for k in range(up_first[v], up_first[v + 1]):
            b = min(b, np.int32(best[up_head[k]] + descend[k]))
        best[v] = b
    for node in range(len(rank_of)):
        out[node] = best[rank_of[node]]
