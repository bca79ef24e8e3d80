"""Dispatch: send the unit that will be on scene first. Current practice nearly everywhere."""

from __future__ import annotations

import numpy as np

from .._compiled import leaf_kernel
from ..world.schema import UnitStatus
from .motion import RESPONSE, arrival, arrival_when_free, may_start, metric_at

_AT_STATION, _RETURNING, _RELOCATING = int(UnitStatus.AT_STATION), int(UnitStatus.RETURNING), int(UnitStatus.RELOCATING)
_MOBILISING, _EN_ROUTE, _ON_BREAK = int(UnitStatus.MOBILISING), int(UnitStatus.EN_ROUTE), int(UnitStatus.ON_BREAK)
_AT_HOSPITAL, _CLEARING = int(UnitStatus.AT_HOSPITAL), int(UnitStatus.CLEARING)


@leaf_kernel
def may_be_taken(world, ground, u, c):  # type: ignore[no-untyped-def]
    """Whether a unit is on its way to a call from which the rules let call ``c`` take it."""
    unit = world.units[u]
    return (
        unit.status in (_MOBILISING, _EN_ROUTE)
        and unit.call >= 0
        and ground.may_take[world.calls[unit.call].priority, world.calls[c].priority]
    )


@leaf_kernel
def may_be_waited_for(world, ground, u):  # type: ignore[no-untyped-def]
    """Whether a unit is about to finish at a hospital, and the rules let a call wait for it."""
    unit = world.units[u]
    return (
        ground.rules[0].soon_free and unit.status in (_AT_HOSPITAL, _CLEARING) and unit.call >= 0 and unit.next_call < 0
    )


@leaf_kernel
def closest_unit(world, ground, c):  # type: ignore[no-untyped-def]
    """Row of the unit with the earliest expected arrival at call ``c``, -1 if none may be sent.

    Reads the units' states, skills, shifts and ways. Available units may be sent; so may those on their way to calls
    that the rules let this one take them from, those on a break that it may interrupt, and, if the rules say so, those
    about to finish at a hospital, for which the call then waits. Of two with the same arrival the lower row goes.
    """
    call, units, rules = world.calls[c], world.units, ground.rules[0]
    # for units at their stations, nearly all of them, everything but two numbers is the same: found once
    leaves = world.clock[0].now + rules.expected_turnout_s
    speeds = ground.labels.metrics[metric_at(ground, RESPONSE, call.priority, leaves)]
    tick_s, off_road_s_per_m = speeds.tick_s, speeds.off_road_s_per_m
    from_ticks = ground.places.from_ticks[speeds.row, call.node]
    leaves += call.off_m * off_road_s_per_m + ground.drives[0].start_up_s
    best, best_s = -1, np.inf
    for u in range(len(units)):
        unit = units[u]
        status = unit.status
        if status == _AT_STATION or (status == _ON_BREAK and call.priority <= rules.break_to_priority):
            s = leaves + unit.off_m * off_road_s_per_m + from_ticks[unit.station] * tick_s
        elif status in (_RETURNING, _RELOCATING) or may_be_taken(world, ground, u, c):
            s = arrival(world, ground, u, c)
        elif may_be_waited_for(world, ground, u):
            s = arrival_when_free(world, ground, u, c)
        else:
            continue
        if s < best_s and may_start(world, ground, u, c):
            best, best_s = u, s
    return best
