"""The peers: routers that people use from Python, each asked the best way that its interface offers."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .peer import Peer
from .questions import COUNTS_PER_S, Questions


class NetworkX(Peer):
    """Dijkstra in Python."""

    name = "networkx"
    package = "networkx"
    how = "single_source_dijkstra_path_length; single: from the call, graph reversed; batch: from each unit"
    searches_one_by_one = True

    def __init__(self, questions: Questions) -> None:
        import networkx as nx

        super().__init__(questions)
        q = questions
        self.graph: Any = nx.DiGraph()
        self.graph.add_weighted_edges_from(
            zip(q.tail.tolist(), q.head.tolist(), q.arc_s.tolist(), strict=True), weight="s"
        )
        self.reversed = self.graph
        self.units, self.calls = q.units.tolist(), q.calls.tolist()

    def reverse(self) -> None:
        self.reversed = self.graph.reverse()

    def _search(self, graph: Any, source: int) -> dict[int, float]:
        import networkx as nx

        found: dict[int, float] = nx.single_source_dijkstra_path_length(graph, source, weight="s")
        return found

    def single(self, call: int) -> Any:
        found = self._search(self.reversed, self.calls[call])
        return [found.get(unit, np.inf) for unit in self.units]

    def batch(self, n_units: int) -> Any:
        rows = []
        for unit in self.units[:n_units]:
            found = self._search(self.graph, unit)
            rows.append([found.get(call, np.inf) for call in self.calls])
        return rows

    def one_to_all(self, unit: int) -> Any:
        return self._search(self.graph, self.units[unit])

    def close(self) -> None:
        pairs = list(
            zip(self.q.tail[self.q.closed_arcs].tolist(), self.q.head[self.q.closed_arcs].tolist(), strict=True)
        )
        self.graph.remove_edges_from(pairs)
        self.reversed.remove_edges_from((v, u) for u, v in pairs)

    def seconds(self, answer: Any) -> NDArray[np.float64]:
        if isinstance(answer, dict):
            return np.array([answer.get(node, np.inf) for node in range(self.q.roads.n_nodes)])
        return super().seconds(answer)


class SciPy(Peer):
    """Dijkstra in compiled code on a sparse matrix."""

    name = "scipy"
    package = "scipy"
    how = "csgraph.dijkstra; single: from the call, matrix transposed; batch: from each unit"
    searches_one_by_one = True

    def __init__(self, questions: Questions) -> None:
        from scipy.sparse import csr_array

        super().__init__(questions)
        q, n = questions, questions.roads.n_nodes
        first = np.concatenate([[0], np.cumsum(np.bincount(q.tail, minlength=n))])  # arcs are sorted by tail, then head
        self.matrix = csr_array((q.arc_s, q.head.astype(np.int32), first.astype(np.int32)), shape=(n, n))
        self.transposed = self.matrix

    def reverse(self) -> None:
        self.transposed = self.matrix.T.tocsr()

    def single(self, call: int) -> Any:
        from scipy.sparse.csgraph import dijkstra

        return dijkstra(self.transposed, indices=self.q.calls[call])[self.q.units]

    def batch(self, n_units: int) -> Any:
        from scipy.sparse.csgraph import dijkstra

        return dijkstra(self.matrix, indices=self.q.units[:n_units])[:, self.q.calls]

    def one_to_all(self, unit: int) -> Any:
        from scipy.sparse.csgraph import dijkstra

        return dijkstra(self.matrix, indices=self.q.units[unit])

    def close(self) -> None:
        self.matrix.data[self.q.closed_arcs] = np.inf
        self.reverse()


class IGraph(Peer):
    """Dijkstra in C."""

    name = "igraph"
    package = "igraph"
    how = "Graph.distances; single: from the call to the units, mode='in'; batch: from each unit"
    searches_one_by_one = True

    def __init__(self, questions: Questions) -> None:
        import igraph

        super().__init__(questions)
        q = questions
        self.graph = igraph.Graph(n=q.roads.n_nodes, edges=np.column_stack([q.tail, q.head]), directed=True)
        self.graph.es["s"] = q.arc_s.tolist()
        self.units, self.calls = q.units.tolist(), q.calls.tolist()
        self.distinct_calls, self.row_of_call = np.unique(q.calls, return_inverse=True)  # it refuses a target twice
        self.distinct_units, self.row_of_unit = np.unique(q.units, return_inverse=True)

    def single(self, call: int) -> Any:
        found = self.graph.distances([self.calls[call]], self.distinct_units.tolist(), weights="s", mode="in")
        return np.asarray(found)[0, self.row_of_unit]

    def batch(self, n_units: int) -> Any:
        found = self.graph.distances(self.units[:n_units], self.distinct_calls.tolist(), weights="s")
        return np.asarray(found)[:, self.row_of_call]

    def one_to_all(self, unit: int) -> Any:
        return self.graph.distances([self.units[unit]], weights="s")[0]

    def close(self) -> None:
        self.graph.es[self.q.closed_arcs.tolist()]["s"] = np.inf


class Pandana(Peer):
    """Contraction hierarchies over pandas. Keeps whole thousandths of its unit: given counts of 1/1024 s as such."""

    name = "pandana"
    package = "pandana"
    how = f"shortest_path_lengths over pairs, {os.cpu_count()} threads; a closure builds anew; integer weights"

    def __init__(self, questions: Questions) -> None:
        super().__init__(questions)
        self._build(np.arange(len(questions.tail)))

    def _build(self, arcs: NDArray[np.int64]) -> None:
        import pandana
        import pandas as pd

        q = self.q
        # a quarter of a count more, because the thousandths are cut off, not rounded
        weights = pd.DataFrame({"thousandths": (q.counts[arcs] + 0.25) / 1000.0})
        with _quiet():
            self.network = pandana.Network(
                pd.Series(q.roads.x), pd.Series(q.roads.y),
                pd.Series(q.tail[arcs]), pd.Series(q.head[arcs]), weights, twoway=False,
            )  # fmt: skip

    def single(self, call: int) -> Any:
        return self.network.shortest_path_lengths(self.q.units, np.full(len(self.q.units), self.q.calls[call]))

    def batch(self, n_units: int) -> Any:
        units, calls = self.q.units[:n_units], self.q.calls
        found = self.network.shortest_path_lengths(np.repeat(units, len(calls)), np.tile(calls, len(units)))
        return np.reshape(found, (len(units), len(calls)))

    def one_to_all(self, unit: int) -> Any:
        n = self.q.roads.n_nodes
        return self.network.shortest_path_lengths(np.full(n, self.q.units[unit]), np.arange(n))

    def close(self) -> None:
        self._build(np.delete(np.arange(len(self.q.tail)), self.q.closed_arcs))

    def seconds(self, answer: Any) -> NDArray[np.float64]:
        counts = np.rint(np.asarray(answer) * 1000.0)
        return np.where(counts >= 2**32 - 1, np.inf, counts / COUNTS_PER_S)


class RoutingKit(Peer):
    """Customizable contraction hierarchies in C++, by Dibbelt, Strasser and Wagner."""

    name = "RoutingKit"
    package = "pyroutingkit"
    how = (
        "CCH distances_many_to_many; single: from the call on a second, reversed graph, whose build is not counted; "
        "closure: partial customisation of both; integer weights"
    )
    can_customise = True

    def __init__(self, questions: Questions) -> None:
        super().__init__(questions)
        self.counts = questions.counts.astype(np.uint32)
        self.units, self.calls = questions.units.astype(np.uint32), questions.calls.astype(np.uint32)
        self.all = np.arange(questions.roads.n_nodes, dtype=np.uint32)
        self.metric = self._built(questions.tail, questions.head)
        self.reversed = self.metric

    def _built(self, tail: NDArray[np.int64], head: NDArray[np.int64]) -> Any:
        import pyroutingkit

        roads = self.q.roads
        topology = pyroutingkit.CCHTopology()
        topology.build(
            tail.astype(np.uint32), head.astype(np.uint32),
            roads.lat.astype(np.float32), roads.lon.astype(np.float32), roads.n_nodes,
        )  # fmt: skip
        metric = pyroutingkit.CCHMetric(topology)
        metric.customize(self.counts)
        return metric

    def reverse(self) -> None:
        self.reversed = self._built(self.q.head, self.q.tail)

    def customise(self) -> None:
        self.metric.customize(self.counts)
        if self.reversed is not self.metric:
            self.reversed.customize(self.counts)

    def single(self, call: int) -> Any:
        return self.reversed.distances_many_to_many(self.calls[call : call + 1], self.units)[0]

    def batch(self, n_units: int) -> Any:
        return self.metric.distances_many_to_many(self.units[:n_units], self.calls)

    def one_to_all(self, unit: int) -> Any:
        return self.metric.distances_many_to_many(self.units[unit : unit + 1], self.all)[0]

    def close(self) -> None:
        import pyroutingkit

        arcs = self.q.closed_arcs.astype(np.uint32)
        shut = np.full(len(arcs), pyroutingkit.INF_WEIGHT, np.uint32)
        for metric in (self.metric, self.reversed):
            metric.update_weights(arcs, shut)

    def seconds(self, answer: Any) -> NDArray[np.float64]:
        import pyroutingkit

        counts = np.asarray(answer)
        return np.where(counts >= pyroutingkit.INF_WEIGHT, np.inf, counts / COUNTS_PER_S)


PEERS: tuple[type[Peer], ...] = (RoutingKit, Pandana, SciPy, IGraph, NetworkX)
"""All peers; those that are not installed get a row that says so."""


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what compiled code prints (progress of a contraction) out of our own output."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)
        for descriptor in (*kept, nowhere):
            os.close(descriptor)
