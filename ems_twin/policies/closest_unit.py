"""Dispatch: send the available unit that will be on scene first. Current practice nearly everywhere."""

from __future__ import annotations

import numpy as np

from .._compiled import lean_kernel
from ..world.schema import UnitStatus
from .motion import next_node, travel_ticks

_AT_STATION = int(UnitStatus.AT_STATION)
_RETURNING = int(UnitStatus.RETURNING)


@lean_kernel
def closest_unit(world, ground, c):  # type: ignore[no-untyped-def]
    """Row of the available unit with the earliest expected arrival at call ``c``, -1 if none is available.

    Reads the units' states and ways. A unit at its station needs the expected turnout first; one on its way home
    finishes the street it is on. Of two with the same arrival the lower row goes.
    """
    call = world.calls[c]
    rules = ground.rules[0]
    metric = ground.labels.metrics[0 if call.priority <= rules.sirens_to_priority else 1]
    from_ticks = ground.places.from_ticks[metric.row, call.node]
    best, best_s = -1, np.inf
    for u in range(len(world.units)):
        status = world.units[u].status
        if status == _AT_STATION:
            s = rules.expected_turnout_s + from_ticks[world.units[u].station] * metric.tick_s
        elif status == _RETURNING:
            node, t = next_node(world, ground, u)
            s = t - world.clock[0].now + travel_ticks(ground, metric.row, -1, node, call.node) * metric.tick_s
        else:
            continue
        if s < best_s:
            best, best_s = u, s
    return best
