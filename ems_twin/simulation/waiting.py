"""Calls that wait for a unit: in the queue, for one that is about to be free, or as theirs was taken away; and who gets them."""

from __future__ import annotations

import numpy as np

from .._compiled import lean_kernel
from ..policies.motion import arrival, arrival_when_free, expected_end, may_start
from .calendar import is_ahead, schedule, take_out
from .numbers import (
    C_ASSIGNED,
    C_QUEUED,
    C_RECEIVED,
    C_RESERVED,
    STOOD_DOWN,
    U_EN_ROUTE,
    UNIT_NEEDED,
)


@lean_kernel
def first_for(world, ground, u):  # type: ignore[no-untyped-def]
    """Place in the queue of the first call that unit ``u`` may start, -1 if there is none."""
    n = world.clock[0].n_queued
    if n > 0 and may_start(world, ground, u, world.queue[0].call):
        return 0
    best = -1
    for i in range(1, n):
        if (best < 0 or is_ahead(world, i, best)) and may_start(world, ground, u, world.queue[i].call):
            best = i
    return best


@lean_kernel
def end_row(world, c, status):  # type: ignore[no-untyped-def]
    """Nothing follows any more in this row of the call table."""
    call = world.calls[c]
    call.status, call.t_ended = status, world.clock[0].now
    world.clock[0].n_ended += 1


@lean_kernel
def dispatch_anew(world, c):  # type: ignore[no-untyped-def]
    """A unit must be found for the call, which has none any more; what it waited so far is counted."""
    call = world.calls[c]
    now = world.clock[0].now
    _stop_waiting(world, c)
    if call.status == C_ASSIGNED:
        call.n_bumps += 1
        call.bumped_s += now - call.t_notified
    call.status, call.unit, call.t_notified, call.t_en_route = C_RECEIVED, -1, np.nan, np.nan
    schedule(world, now, UNIT_NEEDED, -1, c)


@lean_kernel
def call_off(world, c, status):  # type: ignore[no-untyped-def]
    """No unit is wanted any more: the row ends in ``status``, and the unit that is coming, if any, is stood down."""
    call = world.calls[c]
    _stop_waiting(world, c)
    if call.status == C_ASSIGNED:
        world.units[call.unit].call = -1
        schedule(world, world.clock[0].now, STOOD_DOWN, call.unit, c)
    end_row(world, c, status)


@lean_kernel
def _stop_waiting(world, c):  # type: ignore[no-untyped-def]
    """Leave the queue, or the unit that was to come when free."""
    call = world.calls[c]
    if call.status == C_QUEUED:
        for i in range(world.clock[0].n_queued):
            if world.queue[i].call == c:
                take_out(world, i)
                break
    elif call.status == C_RESERVED:
        world.units[call.unit].next_call = -1
    else:
        return
    call.queued_s += world.clock[0].now - call.t_queued


@lean_kernel
def next_call(world, ground, u, reserved):  # type: ignore[no-untyped-def]
    """Call for a free unit, -1 if there is none.

    The first of the queue, unless the one that waits for this very unit is as urgent; else one that it reaches sooner
    than the unit that has it.
    """
    i = first_for(world, ground, u)
    if reserved >= 0:
        if may_start(world, ground, u, reserved) and (i < 0 or world.queue[i].key >= world.calls[reserved].priority):
            return reserved
        dispatch_anew(world, reserved)
    if i >= 0:
        return take_out(world, i)
    return _reached_sooner(world, ground, u)


@lean_kernel
def _reached_sooner(world, ground, u):  # type: ignore[no-untyped-def]
    """Call that gains most when unit ``u``, just free, takes it over from the unit it has; -1 if none gains enough."""
    rules = ground.rules[0]
    best, best_gain = -1, 0.0
    if rules.reassign_gain_s == np.inf and not rules.soon_free:
        return best
    for other in range(len(world.units)):
        c, gain = world.units[other].call, 0.0
        if world.units[other].next_call >= 0:
            c = world.units[other].next_call
            gain = arrival_when_free(world, ground, other, c) - arrival(world, ground, u, c)
        elif world.units[other].status == U_EN_ROUTE and c >= 0:
            gain = expected_end(world, ground, other) - arrival(world, ground, u, c)
            if gain <= rules.reassign_gain_s:
                continue
        if gain > best_gain and may_start(world, ground, u, c):
            best, best_gain = c, gain
    if best >= 0 and world.calls[best].status == C_RESERVED:
        world.units[world.calls[best].unit].next_call = -1
    return best
