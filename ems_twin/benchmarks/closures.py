"""A marathon course closed: from the request to new travel times in force, beside a full rebuild and networkx."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..city.closures import place_closures, read_closures
from ..routing import LiveRouter, Router
from ..routing.closure_check import closed_router
from ..routing.closures import state_of
from .questions import median_s

COURSE = "closures/marathon.toml"
"""The closures, in the city's bundle."""

TARGET_S = 0.5


def bench_closures(city: City, *, quick: bool, progress: Callable[[str], None]) -> dict[str, Any]:
    """Measure on a city whose bundle holds a course.

    Parameters
    ----------
    city
        The city.
    quick
        Fewer rounds.
    progress
        Told what is being measured.

    Returns
    -------
    dict
        ``asked``, a row for each way to put the closure in force in ``rows`` (``in_force_s``: until questions can be
        asked; ``answer_s``: the first one, from all stations to one junction) and ``targets``.
    """
    assert city.directory is not None  # it ships
    base = Router.for_city(city)
    plan = read_closures(city.directory / COURSE)
    stations = np.array([station.node for station in city.stations])
    scene = city.hospitals[0].node
    rounds = 3 if quick else 15

    def close(router: Router) -> Router:
        placed = place_closures(plan, city)
        return closed_router(router, state_of(city.roads, placed.closures), plan.on_foot_mps)

    closed = close(base)
    expected = closed.many_to_one_s(stations, scene)
    progress("closing a course: new labels in the background")
    live = LiveRouter(base)

    def swap(_: int) -> None:
        live.change(close)
        live.wait()

    ours_s, _ = median_s(swap, at_least=rounds, at_most=rounds)
    assert np.array_equal(live.router.many_to_one_s(stations, scene), expected)
    answer_s, _ = median_s(lambda _: live.router.many_to_one_s(stations, scene), at_least=rounds, at_most=rounds)
    placed = place_closures(plan, city)
    place_s, _ = median_s(lambda _: place_closures(plan, city), at_least=rounds, at_most=rounds)
    rows: list[dict[str, Any]] = [
        {"name": "ems_twin", "in_force_s": ours_s, "answer_s": answer_s, "differs_s": 0.0, "of_it_placing_s": place_s}
    ]
    progress("closing a course: order, hierarchy and labels anew")
    edge_s = closed.edge_s
    rebuild_s, _ = median_s(lambda _: Router(closed.roads, edge_s), at_least=2, at_most=3 if quick else 5)
    rows.append(
        {
            "name": "ems_twin, everything anew", "in_force_s": place_s + rebuild_s, "answer_s": answer_s,
            "differs_s": _difference(Router(closed.roads, edge_s).many_to_one_s(stations, scene), expected),
            "of_it_placing_s": place_s,
        }
    )  # fmt: skip
    progress("closing a course: networkx")
    rows.append(_networkx(closed, stations, scene, expected, place_s))
    shut = sum(len(one.on) + len(one.cut) for one in placed.closures)
    return {
        "asked": {
            "city": city.name, "event": plan.name, "closed_edges": shut, "stations": len(stations), "rounds": rounds,
        },
        "rows": rows,
        "targets": [
            {
                "what": "a course closed, new labels in force, s", "measured": ours_s, "target": f"at most {TARGET_S:g}",
                "met": ours_s <= TARGET_S,
            }
        ],
    }  # fmt: skip


def _networkx(
    closed: Router, stations: NDArray[np.int64], scene: int, expected: NDArray[np.float64], place_s: float
) -> dict[str, Any]:
    """The same closed streets as weights of a networkx graph; Dijkstra from the scene on the graph reversed."""
    import networkx as nx

    roads, seconds = closed.roads, closed.edge_times_s()
    tail, head = roads.tail.tolist(), roads.head.tolist()
    graph: Any = nx.MultiDiGraph()
    ordinary = (roads.length_m / roads.speed_mps).tolist()
    graph.add_weighted_edges_from(zip(head, tail, ordinary, strict=True), weight="s")
    start = perf_counter()
    graph.remove_edges_from([(head[e], tail[e]) for e in np.flatnonzero(~np.isfinite(seconds))])
    in_force_s = perf_counter() - start
    graph.clear_edges()  # the question below meets the delays and lanes as well
    kept = np.flatnonzero(np.isfinite(seconds))
    graph.add_weighted_edges_from([(head[e], tail[e], float(seconds[e])) for e in kept], weight="s")
    start = perf_counter()
    far = nx.single_source_dijkstra_path_length(graph, scene, weight="s")
    answers = np.array([far[int(node)] for node in stations])
    answer_s = perf_counter() - start
    return {
        "name": f"networkx {nx.__version__}", "in_force_s": place_s + in_force_s, "answer_s": answer_s,
        "differs_s": _difference(answers, expected), "of_it_placing_s": place_s,
    }  # fmt: skip


def _difference(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(np.max(np.abs(a - b), initial=0.0))
