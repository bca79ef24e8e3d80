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
from ..world.schema import N_UNIT_STATUSES, EventKind, UnitStatus

_EN_ROUTE, _LEFT_SCENE, _BACK = int(EventKind.EN_ROUTE), int(EventKind.LEFT_SCENE), int(EventKind.BACK_IN_SERVICE)
_NEEDED, _STOOD_DOWN = int(EventKind.UNIT_NEEDED), int(EventKind.STOOD_DOWN)
_U_EN_ROUTE, _U_TRANSPORTING, _U_RETURNING = (
    int(UnitStatus.EN_ROUTE), int(UnitStatus.TRANSPORTING), int(UnitStatus.RETURNING),
)  # fmt: skip


def driven_m(world: World, ground: Ground) -> NDArray[np.float64]:
    """Metres driven on roads by each unit in each state, shape (units, states). Needs the world's trace."""
    trace = world.trace[: int(world.clock["n_trace"][0])]
    out = np.zeros((len(world.units), N_UNIT_STATUSES))
    _add_trips(trace, ground, len(world.stations), out)
    return out


@kernel
def _add_trips(trace, ground, n_stations, out):  # type: ignore[no-untyped-def]
    """Add every trip in full when it begins, and take off again what is not driven of one that is broken off."""
    n_units = len(out)
    station = np.full(n_units, -1, np.int64)  # where a unit stands or drives to, -1 where that is not a station
    last = np.full(n_units, -1, np.int64)  # its row before
    for i in range(len(trace)):
        t = trace[i]
        u = t.unit
        if u < 0:
            continue
        row = ground.labels.metrics[t.metric].row
        if last[u] >= 0 and (t.kind == _NEEDED or t.kind == _BACK or t.kind == _STOOD_DOWN):
            before = trace[last[u]]
            old_row = ground.labels.metrics[before.metric].row
            if before.status == _U_RETURNING:
                out[u, _U_RETURNING] -= ground.places.to_m[old_row, station[u], t.from_node]
                station[u] = -1
            elif before.status == _U_EN_ROUTE:
                out[u, _U_EN_ROUTE] -= _walk(ground, old_row, t.from_node, before.to_node)
        if t.kind == _EN_ROUTE:
            if station[u] >= 0:
                out[u, _U_EN_ROUTE] += ground.places.from_m[row, t.to_node, station[u]]
            else:
                out[u, _U_EN_ROUTE] += _walk(ground, row, t.from_node, t.to_node)
            station[u] = -1
        elif t.kind == _LEFT_SCENE and t.status == _U_TRANSPORTING:
            out[u, _U_TRANSPORTING] += ground.places.to_m[row, n_stations + t.hospital, t.from_node]
        elif t.status == _U_RETURNING and (t.kind == _BACK or t.kind == _STOOD_DOWN):
            out[u, _U_RETURNING] += ground.places.to_m[row, t.station, t.from_node]
            station[u] = t.station
        last[u] = i


@lean_kernel
def _walk(ground, row, v, t):  # type: ignore[no-untyped-def]
    metres = 0.0
    while v != t:
        e = next_edge(ground.labels, ground.first_out, ground.head, ground.edge_ticks, row, v, t)
        metres += ground.length_m[e]
        v = ground.head[e]
    return metres
