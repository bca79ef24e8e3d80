"""Where a unit is that could be sent elsewhere, and how soon it could be somewhere else."""

from __future__ import annotations

import numpy as np

from .._compiled import leaf_kernel, lean_kernel
from ..routing.query import next_edge, ticks
from ..world.schema import UnitStatus
from ..world.speeds import Purpose

_AT_STATION, _MOBILISING, _RETURNING = int(UnitStatus.AT_STATION), int(UnitStatus.MOBILISING), int(UnitStatus.RETURNING)
_RELOCATING, _ON_BREAK = int(UnitStatus.RELOCATING), int(UnitStatus.ON_BREAK)
_DAY_S = 86_400.0
RESPONSE, TRANSPORT, RETURN = int(Purpose.RESPONSE), int(Purpose.TRANSPORT), int(Purpose.RETURN)


@leaf_kernel
def is_available(world, u):  # type: ignore[no-untyped-def]
    """Whether a unit can be sent to a call."""
    status = world.units[u].status
    return status in (_AT_STATION, _RETURNING, _RELOCATING)


@leaf_kernel
def moves_of_shift(world, u):  # type: ignore[no-untyped-def]
    """Relocations of a unit in its shift, or in the 24 hours since the first that was counted."""
    unit = world.units[u]
    return 0 if world.clock[0].now >= unit.moves_from + _DAY_S else unit.moves_made


@leaf_kernel
def may_start(world, ground, u, c):  # type: ignore[no-untyped-def]
    """Whether a unit has the skills that call ``c`` needs, and enough of its shift left.

    A unit does not start a job that it is not expected to finish before its shift's grace ends; the most urgent calls
    get any unit whose shift has not ended.
    """
    unit, call = world.units[u], world.calls[c]
    if unit.skills & call.needs != call.needs:
        return False
    if unit.t_off == np.inf:
        return True
    now, rules = world.clock[0].now, ground.rules[0]
    if now >= unit.t_off:
        return False
    return (
        call.priority <= rules.overrun_to_priority or now + rules.expected_job_s <= unit.t_off + rules.overrun_grace_s
    )


@leaf_kernel
def metric_at(ground, purpose, priority, t):  # type: ignore[no-untyped-def]
    """Metric of a trip that begins at ``t``."""
    i = 0
    if len(ground.speeds_from_s) > 1:
        i = max(np.searchsorted(ground.speeds_from_s, t, side="right") - 1, 0)
    return ground.speeds_metric[ground.speeds_set[i], purpose, priority]


@lean_kernel
def next_node(world, ground, u, pace):  # type: ignore[no-untyped-def]
    """Node at which a unit can take another way, and the second of the run when it is there.

    A parked unit leaves the door for the road at the new ``pace`` off the road (seconds a metre). One that drives
    finishes the street it is on; one that has left the road again turns back. How far it has come is kept in its row,
    so that asking often costs no more than driving the way once.
    """
    unit = world.units[u]
    now = world.clock[0].now
    if unit.status == _AT_STATION or unit.t_to <= now:
        return unit.to_node, max(now, unit.t_from) + unit.off_m * pace
    speeds = ground.labels.metrics[unit.metric]
    at_last_node = unit.t_to - unit.off_m * speeds.off_road_s_per_m
    if now >= at_last_node:
        if speeds.off_road_s_per_m == 0.0:
            return unit.to_node, now
        return unit.to_node, now + (now - at_last_node) * pace / speeds.off_road_s_per_m
    node, t = unit.from_node, unit.t_from
    if unit.station >= 0:
        to_edge = ground.places.to_edge[speeds.row, unit.station]
        to_ticks = ground.places.to_ticks[speeds.row, unit.station]
        while t < now and node != unit.to_node:
            node = ground.head[to_edge[node]]
            t = at_last_node - unit.pace * to_ticks[node] * speeds.tick_s
    else:
        while t < now and node != unit.to_node:
            e = next_edge(
                ground.labels, ground.first_out, ground.head, ground.edge_ticks, speeds.row, node, unit.to_node
            )
            node = ground.head[e]
            t = at_last_node - unit.pace * ticks(ground.labels, speeds.row, node, unit.to_node) * speeds.tick_s
    unit.from_node, unit.t_from = node, t
    return node, max(t, now)


@leaf_kernel
def travel_ticks(ground, row, station, node, target):  # type: ignore[no-untyped-def]
    """Ticks from a node to another; the node is that of ``station`` unless that is -1, which saves a query."""
    if station >= 0:
        return ground.places.from_ticks[row, target, station]
    return ticks(ground.labels, row, node, target)


@lean_kernel
def arrival(world, ground, u, c):  # type: ignore[no-untyped-def]
    """Second of the run when unit ``u`` would be expected on scene of call ``c``; infinite if there is no way.

    A unit at its station needs the expected turnout first, one that mobilises already what is left of it.
    """
    unit, call = world.units[u], world.calls[c]
    now = world.clock[0].now
    leaves = now
    if unit.status in (_AT_STATION, _ON_BREAK):
        leaves += ground.rules[0].expected_turnout_s
    elif unit.status == _MOBILISING and unit.station >= 0:
        elapsed = now - world.calls[unit.call].t_notified
        leaves += max(0.0, ground.rules[0].expected_turnout_s - elapsed)
    speeds = ground.labels.metrics[metric_at(ground, RESPONSE, call.priority, leaves)]
    at_door = unit.status in (_AT_STATION, _ON_BREAK) or (unit.status == _MOBILISING and unit.station >= 0)
    if at_door:
        node, t, station = unit.to_node, now + unit.off_m * speeds.off_road_s_per_m, unit.station
        t += ground.drives[0].start_up_s
    else:
        node, t = next_node(world, ground, u, speeds.off_road_s_per_m)
        station = -1
    drive = travel_ticks(ground, speeds.row, station, node, call.node) * speeds.tick_s
    return leaves - now + t + drive + call.off_m * speeds.off_road_s_per_m


@lean_kernel
def expected_end(world, ground, u):  # type: ignore[no-untyped-def]
    """Second of the run when the trip of a unit is expected to end, by where it is: how its drive goes on nobody knows."""
    unit = world.units[u]
    speeds = ground.labels.metrics[unit.metric]
    if ground.drives[0].uncertain == 0 or unit.t_to <= world.clock[0].now:
        return unit.t_to
    node, t = next_node(world, ground, u, speeds.off_road_s_per_m)
    drive = ticks(ground.labels, speeds.row, node, unit.to_node) * speeds.tick_s
    return t + drive + unit.off_m * speeds.off_road_s_per_m


@lean_kernel
def arrival_when_free(world, ground, u, c):  # type: ignore[no-untyped-def]
    """As :func:`arrival`, of a unit that must finish at a hospital first, as soon as the dispatcher expects it to.

    One that takes longer than the usual turnaround is expected to need as long again as it is overdue.
    """
    unit, call = world.units[u], world.calls[c]
    free = world.clock[0].now
    came = world.calls[unit.call].t_at_hospital
    if not np.isnan(came):  # else the patient was released on scene
        free += abs(ground.rules[0].expected_turnaround_s - (free - came))
    speeds = ground.labels.metrics[metric_at(ground, RESPONSE, call.priority, free)]
    drive = ticks(ground.labels, speeds.row, unit.to_node, call.node) * speeds.tick_s
    return free + drive + (unit.off_m + call.off_m) * speeds.off_road_s_per_m
