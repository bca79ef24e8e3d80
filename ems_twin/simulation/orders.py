"""What a control room may order between two events: a unit to another station, or another unit to a call."""

from __future__ import annotations

import numpy as np

from .._compiled import lean_kernel
from ..policies.motion import RETURN, metric_at, next_node
from . import lifecycle as law
from .calendar import schedule
from .numbers import C_ASSIGNED, REVIEW, STOOD_DOWN, UNIT_NEEDED
from .waiting import dispatch_anew

NOTHING, MOVE, HOLD, SEND = 0, 1, 2, 3
"""Kinds of orders: let everything go on; to station ``target``; to the nearest station; to call ``target``."""


@lean_kernel
def give_order(world, ground, kind, u, target):  # type: ignore[no-untyped-def]
    """Carry an order out now, by the law's own events: a review that wants one unit elsewhere, or a unit chosen.

    Parameters
    ----------
    world, ground
        The world, between two events or in a review, and its ground.
    kind : int
        ``NOTHING``, ``MOVE``, ``HOLD`` or ``SEND``.
    u : int
        The unit; it must be available.
    target : int
        Station of a MOVE; row of the call of a SEND, which must wait or have another unit that is not there yet.
    """
    for other in range(len(world.units)):
        world.units[other].move_to = -1
    if kind == SEND:
        _send(world, ground, u, target)
    elif kind != NOTHING:
        world.units[u].move_to = target if kind == MOVE else _nearest_station(world, ground, u)
        law.apply(world, ground, REVIEW, -1, -1, -1)


@lean_kernel
def _send(world, ground, u, c):  # type: ignore[no-untyped-def]
    """The call is dispatched anew, to this unit; the one it had is stood down."""
    other = -1
    if world.calls[c].status == C_ASSIGNED:
        other = world.calls[c].unit
    dispatch_anew(world, c)
    law.apply(world, ground, UNIT_NEEDED, -1, c, u)
    if other >= 0:
        world.units[other].call = -1
        schedule(world, world.clock[0].now, STOOD_DOWN, other, c)


@lean_kernel
def _nearest_station(world, ground, u):  # type: ignore[no-untyped-def]
    speeds = ground.labels.metrics[metric_at(ground, RETURN, 0, world.clock[0].now)]
    node, _ = next_node(world, ground, u, speeds.off_road_s_per_m)
    best, best_ticks = np.int64(0), ground.places.to_ticks[speeds.row, 0, node]
    for s in range(1, len(world.stations)):
        if ground.places.to_ticks[speeds.row, s, node] < best_ticks:
            best, best_ticks = np.int64(s), ground.places.to_ticks[speeds.row, s, node]
    return best
