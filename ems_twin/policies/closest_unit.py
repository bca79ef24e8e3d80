"""Dispatch: send the unit that will be on scene first. Current practice nearly everywhere."""

from __future__ import annotations

import numpy as np

from .._compiled import lean_kernel
from ..world.schema import UnitStatus
from .motion import RESPONSE, arrival, metric_at

_AT_STATION, _RETURNING = int(UnitStatus.AT_STATION), int(UnitStatus.RETURNING)
_MOBILISING, _EN_ROUTE = int(UnitStatus.MOBILISING), int(UnitStatus.EN_ROUTE)


@lean_kernel
def closest_unit(world, ground, c):  # type: ignore[no-untyped-def]
    """Row of the unit with the earliest expected arrival at call ``c``, -1 if none may be sent.

    Reads the units' states and ways. Available units may be sent, and those on their way to calls that the rules let
    this one take them from. Of two with the same arrival the lower row goes.
    """
    call, units = world.calls[c], world.units
    # for units at their stations, nearly all of them, everything but two numbers is the same: found once
    leaves = world.clock[0].now + ground.rules[0].expected_turnout_s
    speeds = ground.labels.metrics[metric_at(ground, RESPONSE, call.priority, leaves)]
    tick_s, off_road_s_per_m = speeds.tick_s, speeds.off_road_s_per_m
    from_ticks = ground.places.from_ticks[speeds.row, call.node]
    leaves += call.off_m * off_road_s_per_m
    best, best_s = -1, np.inf
    for u in range(len(units)):
        unit = units[u]
        status = unit.status
        if status == _AT_STATION:
            s = leaves + unit.off_m * off_road_s_per_m + from_ticks[unit.station] * tick_s
        elif status == _RETURNING or (
            status in (_MOBILISING, _EN_ROUTE)
            and unit.call >= 0
            and ground.may_take[world.calls[unit.call].priority, call.priority]
        ):
            s = arrival(world, ground, u, c)
        else:
            continue
        if s < best_s:
            best, best_s = u, s
    return best
