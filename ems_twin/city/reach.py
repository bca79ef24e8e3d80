"""Which nodes can be driven to and from: with numpy alone, so that reading a bundle imports nothing else."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .roads import RoadNetwork


def strongly_reached(roads: RoadNetwork, node: int = 0) -> NDArray[np.bool_]:
    """Tell which nodes can be reached from ``node`` and can reach it; all of them in a strongly connected graph.

    Returns
    -------
    bool[n]
    """
    forward = _reached(roads.first_out, roads.head, node)
    order = np.argsort(roads.head, kind="stable")
    first_in = np.concatenate(([0], np.cumsum(np.bincount(roads.head, minlength=roads.n_nodes))))
    return forward & _reached(first_in, roads.tail[order], node)


def _reached(first: NDArray[np.integer], target: NDArray[np.int32], node: int) -> NDArray[np.bool_]:
    """Nodes reached from ``node``, ring by ring."""
    seen = np.zeros(len(first) - 1, dtype=bool)
    seen[node] = True
    ring = np.array([node])
    while len(ring):
        degree = first[ring + 1] - first[ring]
        skipped = np.cumsum(degree) - degree
        edges = np.repeat(first[ring] - skipped, degree) + np.arange(degree.sum())
        reached = target[edges]
        ring = np.unique(reached[~seen[reached]])
        seen[ring] = True
    return seen
