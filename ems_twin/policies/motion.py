"""Where an available unit is, and how soon it could be somewhere else."""

from __future__ import annotations

from .._compiled import lean_kernel
from ..routing.query import ticks
from ..world.schema import UnitStatus

_AT_STATION = int(UnitStatus.AT_STATION)


@lean_kernel
def next_node(world, ground, u):  # type: ignore[no-untyped-def]
    """Node at which an available unit can take another way, and the seconds of the run when it is there.

    A unit at its station can leave at once. One that drives home finishes the street it is on. How far it has come
    is kept in its row, so that asking often costs no more than driving the way once.
    """
    unit = world.units[u]
    now = world.clock[0].now
    if unit.status == _AT_STATION:
        return unit.to_node, now
    metric = ground.labels.metrics[unit.metric]
    to_edge = ground.places.to_edge[metric.row, unit.station]
    to_ticks = ground.places.to_ticks[metric.row, unit.station]
    node, t = unit.from_node, unit.t_from
    while t < now and node != unit.to_node:
        node = ground.head[to_edge[node]]
        t = unit.t_to - to_ticks[node] * metric.tick_s
    unit.from_node, unit.t_from = node, t
    return node, max(t, now)


@lean_kernel
def travel_ticks(ground, row, station, node, target):  # type: ignore[no-untyped-def]
    """Ticks from a node to another; the node is that of ``station`` unless that is -1, which saves a query."""
    if station >= 0:
        return ground.places.from_ticks[row, target, station]
    return ticks(ground.labels, row, node, target)
