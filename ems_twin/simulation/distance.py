"""How far units drove, worked out from the trips in the trace.

The law does not need metres, so the drivers are spared them. A trip to or from a fixed place is a lookup; one that
begins on the road is walked edge by edge.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._compiled import kernel, lean_kernel
from ..routing.query import next_edge
from ..world import Ground, World
from ..world.schema import N_UNIT_STATUSES
from .numbers import (
    U_AT_STATION,
    U_EN_ROUTE,
    U_MOBILISING,
    U_ON_BREAK,
    U_RELOCATING,
    U_RETURNING,
    U_TRANSPORTING,
)


def driven_m(world: World, ground: Ground) -> NDArray[np.float64]:
    """Metres driven on roads by each unit in each state, shape (units, states). Needs the world's trace."""
    trace = world.trace[: int(world.clock["n_trace"][0])]
    out = np.zeros((len(world.units), N_UNIT_STATUSES))
    _add_trips(trace, ground, len(world.stations), out)
    return out


@kernel
def _add_trips(trace, ground, n_stations, out):  # type: ignore[no-untyped-def]
    """Add every trip in full when it begins, and take off again what is not driven of one that is broken off."""
    last = np.full(len(out), -1, np.int64)  # the unit's row before
    for i in range(len(trace)):
        t = trace[i]
        u = t.unit
        if u < 0:
            continue
        from_door = True  # so that its trip begins at a station
        if last[u] >= 0:
            before = trace[last[u]]
            if t.to_node == before.to_node and t.t_to == before.t_to and t.metric == before.metric:
                last[u] = i
                continue
            from_door = before.status in (U_AT_STATION, U_MOBILISING, U_ON_BREAK) and before.station >= 0
            if before.status in (U_EN_ROUTE, U_TRANSPORTING, U_RETURNING, U_RELOCATING) and before.t_to > t.time:
                out[u, before.status] -= _metres(ground, n_stations, before, t.from_node)
        if t.status in (U_EN_ROUTE, U_TRANSPORTING, U_RETURNING, U_RELOCATING):
            if t.status == U_EN_ROUTE and from_door:
                station = trace[last[u]].station if last[u] >= 0 else -1
                if station >= 0:
                    out[u, t.status] += ground.places.from_m[ground.labels.metrics[t.metric].row, t.to_node, station]
                else:
                    out[u, t.status] += _metres(ground, n_stations, t, t.from_node)
            else:
                out[u, t.status] += _metres(ground, n_stations, t, t.from_node)
        last[u] = i


@lean_kernel
def _metres(ground, n_stations, trip, node):  # type: ignore[no-untyped-def]
    """Metres on the way of a trip from a node on it to its end."""
    row = ground.labels.metrics[trip.metric].row
    if trip.status == U_EN_ROUTE:
        return _walk(ground, row, node, trip.to_node)
    if trip.status == U_TRANSPORTING:
        return ground.places.to_m[row, n_stations + trip.hospital, node]
    return ground.places.to_m[row, trip.station, node]


@lean_kernel
def _walk(ground, row, v, t):  # type: ignore[no-untyped-def]
    metres = 0.0
    while v != t:
        e = next_edge(ground.labels, ground.first_out, ground.head, ground.edge_ticks, row, v, t)
        metres += ground.length_m[e]
        v = ground.head[e]
    return metres
