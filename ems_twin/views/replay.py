"""A stretch of a run as compact columns: units moving along streets, calls that come and go.

Times are whole hundredths of a second since the beginning of the window, written as differences. A way through the
city is its first node and one character a junction: which of the streets that leave it is taken. The streets are
the part of the network that some unit drives on; so a day of a city with 80 units takes a few hundred kilobytes.
"""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..world.schema import UnitStatus
from .timeline import Paths, UnitTimeline, Window

if TYPE_CHECKING:
    from ..routing import Router
    from ..simulation import Run

TICKS_A_SECOND = 100
DEGREE_PARTS = 1_000_000  # positions are whole millionths of a degree, 0.11 m
HOPS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#%()*+-.:;=?@[]^_|~"
"""Which of the streets that leave a junction is taken, one character; more than 82 never leave one."""

_WITH_HOSPITAL = [int(UnitStatus.TRANSPORTING), int(UnitStatus.AT_HOSPITAL), int(UnitStatus.CLEARING)]


def encode_replay(window: Window, run: Run, timelines: list[UnitTimeline], paths: Paths) -> dict[str, Any]:
    """Everything that moves in a window, ready for JSON.

    Returns
    -------
    dict
        ``network`` (see :func:`encode_network`), ``paths``, ``units`` and ``calls`` as columns.
    """
    edges = driven_edges(run.router, paths)
    parked = [line.rows["from_node"] for line in timelines]
    ends = [path.nodes[[0, -1]] for path in paths.paths]
    roads = run.city.roads
    nodes = np.unique(np.concatenate([*parked, *ends, roads.tail[edges], roads.head[edges], np.zeros(0, np.int32)]))
    place_of_node = np.full(roads.n_nodes, -1, dtype=np.int64)
    place_of_node[nodes] = np.arange(len(nodes))
    calls, row_of_call = encode_calls(run, window)
    return {
        "network": encode_network(run.router, nodes, edges, set(paths.metrics)),
        "paths": encode_paths(paths, edges, place_of_node, roads.first_out),
        "units": [encode_unit(line, window, place_of_node, row_of_call) for line in timelines],
        "calls": calls,
    }


def driven_edges(router: Router, paths: Paths) -> NDArray[np.int64]:
    """Edges on some way, ascending, so that those of a node stand together."""
    seen = np.zeros(router.roads.n_edges, dtype=bool)
    for path in paths.paths:
        seen[path.edges] = True
    return np.flatnonzero(seen)


def encode_network(
    router: Router, nodes: NDArray[np.int32], edges: NDArray[np.int64], metrics: Set[int]
) -> dict[str, Any]:
    """Part of the road network, by node and by edge; driving times for the metrics that are asked for.

    Returns
    -------
    dict
        ``lon``, ``lat`` of the nodes as differences; ``degree``, edges that leave each node; ``head`` of each edge;
        ``bends``, inner points of each edge, and ``shape``, their longitudes and latitudes as differences along the
        edge from its tail; ``ms``, driving times by metric in milliseconds, null for a metric that is not
        asked for, or whose times are those of the first scaled (a page scales every trip to its times anyway).
    """
    roads = router.roads
    place = np.full(roads.n_nodes, -1, dtype=np.int64)
    place[nodes] = np.arange(len(nodes))
    times = [router.edge_times_s(metric=metric)[edges] for metric in range(max(metrics, default=0) + 1)]
    shape: list[int] = []
    for edge in edges:
        line = np.rint(roads.edge_lonlat(int(edge))[:-1] * DEGREE_PARTS).astype(np.int64)
        shape.extend(np.diff(line, axis=0).ravel().tolist())
    return {
        "lon": _differences(np.rint(roads.lon[nodes] * DEGREE_PARTS)),
        "lat": _differences(np.rint(roads.lat[nodes] * DEGREE_PARTS)),
        "degree": np.bincount(place[roads.tail[edges]], minlength=len(nodes)).tolist(),
        "head": place[roads.head[edges]].tolist(),
        "bends": np.diff(roads.shape_first)[edges].tolist(),
        "shape": shape,
        "ms": [_milliseconds(times[0])]
        + [
            None if number not in metrics or _proportional(times[0], other) else _milliseconds(other)
            for number, other in enumerate(times[1:], start=1)
        ],
    }


def encode_paths(
    paths: Paths, edges: NDArray[np.int64], place_of_node: NDArray[np.int64], first_out: NDArray[np.int32]
) -> dict[str, Any]:
    """Ways as first node, metric and one character of :data:`HOPS` a junction."""
    new_row = np.full(int(first_out[-1]), -1, dtype=np.int64)
    new_row[edges] = np.arange(len(edges))
    hops = []
    for path in paths.paths:
        first_of_tail = np.searchsorted(edges, first_out[path.nodes[:-1]])
        hops.append("".join(HOPS[hop] for hop in new_row[path.edges] - first_of_tail))
    return {
        "from": [int(place_of_node[path.nodes[0]]) for path in paths.paths],
        "metric": paths.metrics,
        "hops": hops,
        "alphabet": HOPS,
    }


def encode_unit(
    line: UnitTimeline, window: Window, place_of_node: NDArray[np.int64], row_of_call: NDArray[np.int64]
) -> dict[str, Any]:
    """Timeline of a unit as columns.

    Returns
    -------
    dict
        ``t`` (differences), ``status``, ``call`` and ``hospital`` it is busy with, ``station`` (-1 for none), ``at`` (path of a moving
        row, node of a parked one), ``lag`` (start of the trip after the row's time; until then the trip before goes
        on) and ``dur`` (0 when parked), all times in ticks.
    """
    rows = line.rows
    moving = line.path >= 0
    start = _ticks(rows["t_from"] - window.from_s)
    time = _ticks(rows["time"] - window.from_s)
    at = np.where(moving, line.path, place_of_node[rows["from_node"]])
    return {
        "t": _differences(time),
        "status": rows["status"].tolist(),
        "call": row_of_call[rows["serves"]].tolist(),
        "hospital": np.where(np.isin(rows["status"], _WITH_HOSPITAL), rows["hospital"], -1).tolist(),
        "station": rows["station"].tolist(),
        "at": at.tolist(),
        "lag": np.where(moving, start - time, np.maximum(start - time, 0)).astype(int).tolist(),
        "dur": np.where(moving, _ticks(rows["t_to"] - window.from_s) - start, 0).astype(int).tolist(),
    }


def encode_calls(run: Run, window: Window) -> tuple[dict[str, Any], NDArray[np.int64]]:
    """Calls that are open at some time of the window, as columns.

    Returns
    -------
    columns
        ``received`` as differences; ``notified``, ``scene``, ``left``, ``hospital_t``, ``ended`` as ticks after
        that, -1 where never; ``lon``, ``lat`` in hundred-thousandths of a degree; ``priority``, ``unit``,
        ``hospital``.
    row_of_call
        Row in these columns of the call of each response, -1 where it has none; one entry more, for "no call".
    """
    calls = run.calls
    ended = np.where(np.isnan(calls["t_ended"]), np.inf, calls["t_ended"])
    shown = np.flatnonzero((calls["t_received"] <= window.to_s) & (ended >= window.from_s))
    row = np.full(len(calls), -1, dtype=np.int64)
    row[shown] = np.arange(len(shown))
    row_of_call = np.append(row[run.call_of_response], -1)
    calls = calls[shown]
    received = calls["t_received"]
    columns: dict[str, Any] = {"id": (shown + 1).tolist(), "received": _differences(_ticks(received - window.from_s))}
    for name, field in (
        ("notified", "t_notified"),
        ("scene", "t_on_scene"),
        ("left", "t_left_scene"),
        ("arrived", "t_at_hospital"),
        ("ended", "t_ended"),
    ):
        after = calls[field] - received
        columns[name] = (
            np.where(np.isnan(after), -1, np.rint(np.nan_to_num(after) * TICKS_A_SECOND)).astype(int).tolist()
        )
    for name in ("lon", "lat"):
        columns[name] = _differences(np.rint(calls[name] * 1e5))
    for name in ("priority", "unit", "hospital"):
        columns[name] = calls[name].tolist()
    return columns, row_of_call


def _ticks(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(seconds * TICKS_A_SECOND).astype(np.int64)


def _differences(values: NDArray[Any]) -> list[int]:
    """First value, then differences."""
    whole = values.astype(np.int64)
    steps: list[int] = np.diff(whole, prepend=0).tolist()
    return steps


def _milliseconds(seconds: NDArray[np.float64]) -> list[int]:
    whole: list[int] = np.rint(np.where(np.isfinite(seconds), seconds, 0.0) * 1000.0).astype(int).tolist()
    return whole


def _proportional(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    if len(one) == 0:
        return True
    if not np.isfinite(one + other).all():  # a street that is closed under one of them
        return False
    ratio = other / one
    return bool(np.all(np.isfinite(ratio)) and np.ptp(ratio) < 1e-3 * float(np.mean(ratio)))
