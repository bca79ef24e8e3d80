"""The questions that every router is asked: the same streets, the same weights, the same units and calls.

Weights are whole numbers of 1/1024 s, so sums of them are exact in floating point and in integers alike: routers that
keep only integers are given the counts, the others the seconds, and all must agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..city import RoadNetwork

COUNTS_PER_S = 1024
"""Weights are whole multiples of 1/1024 s."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Questions:
    """A road graph with weights, and what is asked of it."""

    roads: RoadNetwork
    """The streets; n nodes, m edges."""
    edge_s: NDArray[np.float64]
    """Seconds for every edge of ``roads``, shape (m,)."""
    tail: NDArray[np.int64]
    """Node that arc a leaves; of parallel edges only the fastest is an arc."""
    head: NDArray[np.int64]
    """Node that arc a enters."""
    counts: NDArray[np.int64]
    """Weight of arc a in 1/1024 s."""
    units: NDArray[np.int64]
    """Nodes where the units are, shape (k,)."""
    calls: NDArray[np.int64]
    """Nodes of the calls, shape (q,): each is one question, all units to one call."""
    closed_edges: NDArray[np.int64]
    """Edges of ``roads`` that a closure shuts, with all their parallels."""
    closed_arcs: NDArray[np.int64]
    """The same streets as rows of ``tail`` and ``head``."""

    @property
    def arc_s(self) -> NDArray[np.float64]:
        """Weight of arc a, seconds."""
        return self.counts / COUNTS_PER_S


def ask(roads: RoadNetwork, *, units: int = 80, calls: int = 2_000, closures: int = 20, seed: int = 1) -> Questions:
    """Draw units, calls and closed streets on a road network, uniformly over its nodes and streets."""
    rng = np.random.default_rng(seed)
    counts = np.maximum(np.rint(roads.length_m / roads.speed_mps * COUNTS_PER_S), 1).astype(np.int64)
    n = roads.n_nodes
    pair = roads.tail.astype(np.int64) * n + roads.head
    arcs, arc_of_edge = np.unique(pair, return_inverse=True)
    arc_counts = np.full(len(arcs), np.iinfo(np.int64).max)
    np.minimum.at(arc_counts, arc_of_edge, counts)
    closed_arcs = np.sort(rng.choice(len(arcs), min(closures, len(arcs)), replace=False))
    return Questions(
        roads=roads,
        edge_s=counts / COUNTS_PER_S,
        tail=arcs // n,
        head=arcs % n,
        counts=arc_counts,
        units=rng.integers(0, n, units),
        calls=rng.integers(0, n, calls),
        closed_edges=np.flatnonzero(np.isin(arc_of_edge, closed_arcs)),
        closed_arcs=closed_arcs,
    )


def median_s(
    task: Callable[[int], Any], *, at_least: int = 3, at_most: int = 1_000, budget_s: float = 2.0
) -> tuple[float, int]:
    """Median time of ``task(0)``, ``task(1)``, ... in seconds, and how many were timed.

    One run beforehand is not counted: it compiles, and fills caches. Stops at ``at_most`` runs, or when the budget is
    spent and ``at_least`` runs are done.
    """
    task(0)
    spent: list[float] = []
    while len(spent) < at_most and (len(spent) < at_least or sum(spent) < budget_s):
        start = perf_counter()
        task(len(spent))
        spent.append(perf_counter() - start)
    return float(np.median(spent)), len(spent)
