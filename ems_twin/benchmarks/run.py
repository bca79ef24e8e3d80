"""All measurements in one go: what ``ems-twin bench`` calls."""

from __future__ import annotations

from collections.abc import Callable, Set
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..city import load_city
from .closures import bench_closures
from .decision import bench_decision
from .journal import bench_journal
from .machine import machine
from .rollout import bench_rollout
from .routing import FULL_BUDGET_S, QUICK_BUDGET_S, bench_routing, read_roads
from .simulation import bench_simulation

PARTS = frozenset({"routing", "closures", "simulation", "decision", "rollout", "journal"})
"""What can be measured."""

CITY = "manhattan"
"""The city that is measured on when no other graph is given."""


def run_bench(
    *,
    graph: Path | None = None,
    parts: Set[str] = PARTS,
    quick: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Measure, on this machine, now.

    Parameters
    ----------
    graph
        OSMnx GraphML file to route on, besides Manhattan.
    parts
        Of :data:`PARTS`.
    quick
        Shorter, with fewer questions to the slow peers, 20,000 calls instead of 100,000, 100 futures instead of 500,
        5 s of messages instead of 60 and 5 kills instead of 100.
    progress
        Told what is being measured.

    Returns
    -------
    dict
        ``measured_at``, ``machine``, ``quick``; ``routing`` (one entry a graph), ``closures``, ``simulation``, ``decision``,
        ``rollout`` and ``journal`` where asked for. All of it can be written as JSON.

    Raises
    ------
    ValueError
        For a part that does not exist.
    CityError
        If the graph cannot be read.
    """
    if unknown := set(parts) - PARTS:
        raise ValueError(f"there is no benchmark of {', '.join(sorted(unknown))}; there are {', '.join(sorted(PARTS))}")
    given = None if graph is None else (graph.stem, read_roads(graph))  # a file that cannot be read fails at once
    city = load_city(CITY)
    result: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "quick": quick,
    }
    if "routing" in parts:
        budget_s = QUICK_BUDGET_S if quick else FULL_BUDGET_S
        graphs = [(city.name, city.roads)] + ([given] if given else [])
        result["routing"] = [
            bench_routing(name, roads, budget_s=budget_s, progress=lambda what, name=name: progress(f"{name}, {what}"))  # type: ignore[misc]
            for name, roads in graphs
        ]
    if "closures" in parts:
        result["closures"] = bench_closures(city, quick=quick, progress=progress)
    if "simulation" in parts:
        result["simulation"] = bench_simulation(city, quick=quick, progress=progress)
    if "decision" in parts:
        result["decision"] = bench_decision(city, quick=quick, progress=progress)
    if "rollout" in parts:
        result["rollout"] = bench_rollout(city, quick=quick, progress=progress)
    if "journal" in parts:
        result["journal"] = bench_journal(quick=quick, progress=progress)
    return result
