"""Routing beside its peers: building, weights, 80 units to one call, 2,000 such questions, one to all, a closure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..city import RoadNetwork
from ..city.assemble import assemble
from ..city.sources import read_source
from ..city.speeds import ordinary_speeds_mps
from .peer import Ours, Peer
from .peers import PEERS
from .questions import Questions, ask, median_s

AGREE_WITHIN_S = 1e-3
"""Answers of two routers that differ by no more are the same."""

CITY_NODES = 40_000
"""The targets are meant for graphs of about 50,000 nodes; on smaller ones they are not judged."""


QUICK_BUDGET_S, FULL_BUDGET_S = 1.0, 5.0
"""Seconds to spend on one kind of question to one router."""


def bench_routing(
    name: str, roads: RoadNetwork, *, budget_s: float = FULL_BUDGET_S, progress: Callable[[str], None]
) -> dict[str, Any]:
    """Measure all routers on one graph.

    Parameters
    ----------
    name
        Of the graph, for the reader.
    roads
        The streets.
    budget_s
        Seconds to spend on one kind of question to one router; the slow ones answer fewer.
    progress
        Told what is being measured.

    Returns
    -------
    dict
        ``graph``, ``asked``, one entry a router in ``rows`` (times in seconds; ``batch_s`` is for one question of the
        batch), ``ratios`` against the fastest peer and ``targets``.
    """
    warm = ask(_small(), units=3, calls=3, closures=1)
    routers: list[type[Peer]] = [Ours, *(peer for peer in PEERS if peer.version() is not None)]
    for router in routers:
        _measure(router, warm, None, 0.01, progress=lambda _: None)  # imports; compiles, or loads what was compiled
    questions = ask(roads)
    ours, answers = _measure(Ours, questions, None, budget_s, progress)
    rows = [ours]
    for peer in PEERS:
        if peer.version() is None:
            rows.append({"name": peer.name, "version": None})
        else:
            rows.append(_measure(peer, questions, answers, budget_s, progress)[0])
    ratios = _ratios(rows)
    return {
        "graph": {"name": name, "nodes": roads.n_nodes, "edges": roads.n_edges},
        "asked": {
            "units": len(questions.units),
            "calls": len(questions.calls),
            "closed_streets": len(questions.closed_arcs),
            "weights": "seconds in whole multiples of 1/1024",
        },
        "rows": rows,
        "ratios": ratios,
        "targets": _targets(ours, ratios, roads.n_nodes),
    }


def read_roads(path: Path) -> RoadNetwork:
    """Streets of an OSMnx GraphML file as they stand there: no chains are joined, so that n is the file's.

    Raises
    ------
    CityError
        If the file cannot be read or holds no streets.
    """
    raw = read_source(path, "graphml")
    speed_mps, _ = ordinary_speeds_mps(raw)
    roads, _ = assemble(raw, speed_mps)
    return roads


def _small() -> RoadNetwork:
    from ..city.sample import grid_city

    return grid_city(4, 4).roads


def _measure(
    peer: type[Peer],
    questions: Questions,
    reference: dict[str, NDArray[np.float64]] | None,
    budget_s: float,
    progress: Callable[[str], None],
) -> tuple[dict[str, Any], dict[str, NDArray[np.float64]]]:
    """One router's row and its answers; ``reference`` are those it is compared with."""
    progress(f"{peer.name}: building")
    start = perf_counter()
    router = peer(questions)
    build_s = perf_counter() - start
    if build_s < 1.0:
        build_s, _ = median_s(lambda _: peer(questions), at_least=2, at_most=5, budget_s=budget_s)
    row: dict[str, Any] = {"name": peer.name, "version": peer.version(), "how": peer.how, "build_s": build_s}
    n_units, n_calls = len(questions.units), len(questions.calls)

    progress(f"{peer.name}: asking")
    row["customise_s"] = (
        median_s(lambda _: router.customise(), at_most=9, budget_s=budget_s)[0] if peer.can_customise else None
    )
    router.reverse()
    row["single_s"], row["single_runs"] = median_s(
        lambda i: router.single(i % n_calls), at_most=n_calls, budget_s=budget_s
    )
    rows_asked = n_units
    if peer.searches_one_by_one:
        one_s, _ = median_s(lambda _: router.batch(1), at_least=1, at_most=1)
        rows_asked = int(np.clip(budget_s / one_s, 2, n_units))
    batch_s, _ = median_s(lambda _: router.batch(rows_asked), at_least=1, at_most=5, budget_s=budget_s)
    row["batch_s"] = batch_s * n_units / rows_asked / n_calls
    row["batch_searches_timed"] = rows_asked if rows_asked < n_units else None
    row["one_to_all_s"], _ = median_s(lambda i: router.one_to_all(i % n_units), at_most=n_units, budget_s=budget_s)
    answers = {
        "single": router.seconds([router.single(i) for i in range(3)]),
        "batch": router.seconds(router.batch(2)),
        "one_to_all": router.seconds(router.one_to_all(0)),
    }

    progress(f"{peer.name}: closing streets")
    spent = []
    for _ in range(5 if peer.can_customise else 1):
        if peer.can_customise:
            router.customise()
        start = perf_counter()
        router.close()
        spent.append(perf_counter() - start)
    row["close_s"] = float(np.median(spent))
    answers["closed"] = router.seconds([router.single(i) for i in range(3)])
    if reference is not None:
        row["differs_s"] = max(_difference(answers[key], reference[key]) for key in answers)
        row["agrees"] = row["differs_s"] <= AGREE_WITHIN_S
    return row, answers


def _difference(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Largest difference in seconds; where only one of them is finite it is infinite."""
    return float(np.max(np.abs(np.subtract(a, b, where=a != b, out=np.zeros(a.shape))), initial=0.0))


def _ratios(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """How many times faster we are than the fastest peer, for each question."""
    ours, peers = rows[0], [row for row in rows[1:] if row["version"] is not None]
    ratios = {}
    for key in ("single_s", "batch_s", "one_to_all_s"):
        if peers:
            fastest = min(peers, key=lambda row: row[key])
            ratios[key] = {"fastest_peer": fastest["name"], "ratio": fastest[key] / ours[key]}
    return ratios


def _targets(ours: dict[str, Any], ratios: dict[str, dict[str, Any]], n_nodes: int) -> list[dict[str, Any]]:
    """What we set out to reach on a city of 50,000 nodes, and whether it is reached."""
    if n_nodes < CITY_NODES:
        return []
    targets = [
        ("80 units to one call, µs", ours["single_s"] * 1e6, "at most", 10.0),
        ("a closure in force, s", ours["close_s"], "at most", 0.3),
    ]
    if ratios:
        targets += [
            ("single question, times the fastest peer", ratios["single_s"]["ratio"], "at least", 50.0),
            ("batch of 2,000, times the fastest peer", ratios["batch_s"]["ratio"], "at least", 2.0),
        ]
    return [
        {
            "what": what,
            "measured": measured,
            "target": f"{bound} {target:g}",
            "met": measured <= target if bound == "at most" else measured >= target,
        }
        for what, measured, bound, target in targets
    ]
