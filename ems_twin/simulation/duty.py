"""What is on the agenda: shifts with overruns, meal breaks, times out of service, diversions, roads that change."""

from __future__ import annotations

from .._compiled import lean_kernel
from ..policies.motion import RETURN, metric_at
from .calendar import schedule
from .movement import count_moves_anew, enter, head_for, turn
from .numbers import (
    BREAK_DUE,
    BREAK_ENDS,
    DIVERSION,
    DUTY_BEGINS,
    DUTY_ENDS,
    EN_ROUTE,
    REROUTED,
    RESTORED,
    ROADS_CHANGED,
    U_AT_STATION,
    U_EN_ROUTE,
    U_MOBILISING,
    U_OFF_DUTY,
    U_ON_BREAK,
    U_OUT_OF_SERVICE,
    U_RELOCATING,
    U_RETURNING,
    U_TRANSPORTING,
)
from .waiting import dispatch_anew


@lean_kernel
def settle(world, ground, u):  # type: ignore[no-untyped-def]
    """What a unit without a call does at a station: go off duty, eat, be repaired, or rest."""
    unit = world.units[u]
    if unit.break_s > 0 or unit.repair_s > 0 or world.clock[0].now >= unit.t_off:
        _settle_otherwise(world, ground, u)
        return
    if unit.status != U_AT_STATION:
        enter(world, u, U_AT_STATION)
    unit.event = -1


@lean_kernel
def _settle_otherwise(world, ground, u):  # type: ignore[no-untyped-def]
    unit = world.units[u]
    now = world.clock[0].now
    if unit.break_s > 0 and (now > unit.break_by or now >= unit.t_off):
        unit.n_breaks_missed += 1
        unit.break_s = 0.0
    if unit.repair_s > 0:
        out_of_service(world, u)
    elif now >= unit.t_off and unit.station != unit.start_station:
        head_for(world, ground, u, unit.start_station, U_RETURNING)
    elif now >= unit.t_off:
        unit.overrun_s += now - unit.t_off
        enter(world, u, U_OFF_DUTY)
        unit.event = -1
    elif unit.break_s > 0:
        enter(world, u, U_ON_BREAK)
        schedule(world, now + unit.break_s, BREAK_ENDS, u, -1)
    else:
        if unit.status != U_AT_STATION:
            enter(world, u, U_AT_STATION)
        unit.event = -1


@lean_kernel
def out_of_service(world, u):  # type: ignore[no-untyped-def]
    """The unit stays where it is until it is repaired, clean or stocked."""
    unit = world.units[u]
    enter(world, u, U_OUT_OF_SERVICE)
    schedule(world, max(world.clock[0].now, unit.t_to) + unit.repair_s, RESTORED, u, -1)
    unit.repair_s = 0.0


@lean_kernel
def break_ends(world, u):  # type: ignore[no-untyped-def]
    """The crew has eaten in peace."""
    world.units[u].break_s = 0.0
    world.units[u].n_breaks += 1


@lean_kernel
def on_agenda(world, ground, kind, row):  # type: ignore[no-untyped-def]
    """Let a row of the agenda happen and put the next on the calendar; returns whether its unit is free for work now."""
    if row + 1 < len(world.agenda):
        schedule(world, world.agenda[row + 1].time, world.agenda[row + 1].kind, -1, row + 1)
    item = world.agenda[row]
    if kind == DIVERSION:
        world.hospitals[item.hospital].closed = item.value > 0
        return False
    if kind == ROADS_CHANGED:
        _look_for_ways_anew(world, ground)
        return False
    u = item.unit
    unit = world.units[u]
    now = world.clock[0].now
    if kind == DUTY_BEGINS:
        unit.t_off = item.value
        count_moves_anew(world, u)
        unit.repair_s += max(0.0, unit.t_repaired - now)
        unit.t_repaired = 0.0
        return unit.status == U_OFF_DUTY
    if kind == DUTY_ENDS:
        if now >= unit.t_off:
            _shift_is_over(world, ground, u)
        return False
    if kind == BREAK_DUE:
        if unit.break_s > 0:
            unit.n_breaks_missed += 1
        unit.break_s, unit.break_by = item.value, item.until
        if unit.status == U_AT_STATION:
            settle(world, ground, u)
        return False
    if unit.status == U_OFF_DUTY:
        unit.t_repaired = max(unit.t_repaired, now + item.value)
        return False
    unit.repair_s += item.value
    if item.until > 0:
        _breaks_down(world, ground, u)
    return unit.status in (U_AT_STATION, U_ON_BREAK)


@lean_kernel
def _look_for_ways_anew(world, ground):  # type: ignore[no-untyped-def]
    """Other travel times are in force: units under way go on by them from their next junction.

    The street that a unit is on it finishes at the speed it began it with, closed or not. Who is past the last junction
    of the trip arrives as expected.
    """
    now = world.clock[0].now
    for u in range(len(world.units)):
        unit = world.units[u]
        if unit.t_to - unit.off_m * ground.labels.metrics[unit.metric].off_road_s_per_m <= now:
            continue
        if unit.status == U_EN_ROUTE:
            schedule(world, now, EN_ROUTE, u, unit.call)
        elif unit.status in (U_TRANSPORTING, U_RETURNING, U_RELOCATING):
            schedule(world, now, REROUTED, u, unit.call)


@lean_kernel
def _shift_is_over(world, ground, u):  # type: ignore[no-untyped-def]
    unit = world.units[u]
    if unit.status in (U_AT_STATION, U_ON_BREAK):
        settle(world, ground, u)
    elif unit.status in (U_RETURNING, U_RELOCATING) and unit.home != unit.start_station:
        head_for(world, ground, u, unit.start_station, U_RETURNING)


@lean_kernel
def _breaks_down(world, ground, u):  # type: ignore[no-untyped-def]
    """A unit on its way stops where it can; its call, if it has one, is dispatched anew. With a patient it goes on."""
    unit = world.units[u]
    if unit.status not in (U_MOBILISING, U_EN_ROUTE, U_RETURNING, U_RELOCATING):
        return
    if unit.call >= 0:
        dispatch_anew(world, unit.call)
        unit.call = -1
    if unit.status != U_MOBILISING or unit.station < 0:
        turn(world, ground, u, metric_at(ground, RETURN, 0, world.clock[0].now))
        unit.station = -1
    out_of_service(world, u)
