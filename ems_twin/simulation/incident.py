"""Calls with several units: who waits for whom on scene, and who need not come; and calls that change while they wait.

Each unit's response has a row of its own in the call table (:mod:`ems_twin.world.incidents`). The patient leaves with
the unit of the FIRST row, or, when that cannot take him, with one that assists it and can, or with the one of the
TRANSPORT row, which is asked for when the first unit is on scene.
"""

from __future__ import annotations

import numpy as np

from .._compiled import lean_kernel
from ..policies.motion import RESPONSE, metric_at
from .calendar import is_coming, schedule
from .numbers import (
    C_ASSIGNED,
    C_CANCELLED,
    C_EXPECTED,
    C_HANDED_OVER,
    C_NOT_NEEDED,
    C_ON_SCENE,
    C_QUEUED,
    C_RECEIVED,
    C_RESERVED,
    EN_ROUTE,
    LEFT_SCENE,
    R_ASSIST,
    R_FIRST,
    R_TRANSPORT,
    U_EN_ROUTE,
    UNIT_NEEDED,
)
from .waiting import call_off, dispatch_anew, end_row


@lean_kernel
def takes_patient(world, u, c):  # type: ignore[no-untyped-def]
    """Whether unit ``u`` leaves the scene of row ``c`` with the patient."""
    return world.calls[c].transport != 0 and (world.units[u].skills & 1) != 0


@lean_kernel
def arrived(world, ground, u, c):  # type: ignore[no-untyped-def]
    """A unit of an incident of several rows is on scene: say when it will leave, and ask for who else must come."""
    call = world.calls[c]
    now = world.clock[0].now
    world.units[u].gives_up = 0.0
    schedule(world, now + call.scene_s, LEFT_SCENE, u, c)
    first = world.calls[call.incident]
    if first.status != C_ON_SCENE or not first.transport or takes_patient(world, first.unit, call.incident):
        return  # nobody to take the patient is needed, or not yet
    if call.role == R_FIRST:
        for r in range(c + 1, c + call.n_rows):
            other = world.calls[r]
            if other.role == R_ASSIST and other.status in (C_ASSIGNED, C_ON_SCENE) and _carries(world, other.unit):
                _take_transport(world, ground, r)
                return
        backup = c + call.n_rows - 1
        world.calls[backup].status = C_RECEIVED
        schedule(world, now, UNIT_NEEDED, -1, backup)
    elif call.role == R_ASSIST and _carries(world, u) and is_coming(world.calls[_transport_row(world, c)].status):
        _take_transport(world, ground, c)
    elif call.role == R_TRANSPORT:
        _leave_with_patient(world, ground, c)


@lean_kernel
def _carries(world, u):  # type: ignore[no-untyped-def]
    return (world.units[u].skills & 1) != 0


@lean_kernel
def _transport_row(world, c):  # type: ignore[no-untyped-def]
    """Row of the incident of row ``c`` whose unit is to take the patient from the first; the FIRST itself if none is."""
    first = world.calls[c].incident
    for r in range(first + 1, first + world.calls[c].n_rows):
        if world.calls[r].role == R_TRANSPORT and world.calls[r].status not in (C_NOT_NEEDED, C_CANCELLED):
            return np.int64(r)
    return np.int64(first)


@lean_kernel
def _take_transport(world, ground, r):  # type: ignore[no-untyped-def]
    """The unit of an ASSIST row takes the patient; nobody else need come for that."""
    backup = _transport_row(world, r)
    if world.calls[backup].status == C_EXPECTED:
        end_row(world, backup, C_NOT_NEEDED)
    elif backup != world.calls[r].incident:
        call_off(world, backup, C_CANCELLED)
    row = world.calls[r]
    row.role, row.transport, row.needs = R_TRANSPORT, 1, row.needs | 1
    if row.status == C_ON_SCENE:
        _leave_with_patient(world, ground, r)


@lean_kernel
def _leave_with_patient(world, ground, c):  # type: ignore[no-untyped-def]
    """The unit of row ``c`` is on scene to take the patient from the first: both leave when he has been treated."""
    call = world.calls[c]
    first = world.calls[call.incident]
    leaves = max(world.clock[0].now + ground.rules[0].takeover_scene_s, first.t_on_scene + first.scene_s)
    schedule(world, leaves, LEFT_SCENE, call.unit, c)
    schedule(world, leaves, LEFT_SCENE, first.unit, call.incident)


@lean_kernel
def must_wait(world, ground, u, c):  # type: ignore[no-untyped-def]
    """Whether a unit that is done must stay on scene: for who takes the patient, or until the first leaves.

    When it has waited as long as the rules allow, a neighbouring service is asked to take the patient.
    """
    call, unit = world.calls[c], world.units[u]
    now = world.clock[0].now
    awaited = _transport_row(world, c) if call.role == R_FIRST else np.int64(call.incident)
    other = world.calls[awaited]
    waits = awaited != c and call.role != R_TRANSPORT and is_coming(other.status)
    if call.role == R_ASSIST and other.status == C_ON_SCENE and np.isnan(other.t_left_scene):
        unit.event = -1  # the first lets it go
        return True
    if waits and unit.gives_up == 0.0:
        unit.gives_up = now + ground.rules[0].longest_wait_s
        schedule(world, unit.gives_up, LEFT_SCENE, u, c)
        return True
    if waits and call.role == R_FIRST:
        call_off(world, awaited, C_HANDED_OVER)
    return False


@lean_kernel
def first_leaves(world, c):  # type: ignore[no-untyped-def]
    """The unit of the FIRST row leaves the scene: those that assist it do too, and nobody else need come."""
    for r in range(c + 1, c + world.calls[c].n_rows):
        other = world.calls[r]
        if other.role == R_ASSIST and other.status == C_ON_SCENE:
            schedule(world, world.clock[0].now, LEFT_SCENE, other.unit, r)
        elif other.role == R_ASSIST and is_coming(other.status):
            call_off(world, r, C_CANCELLED)
        elif other.status == C_EXPECTED:
            end_row(world, r, C_NOT_NEEDED)


@lean_kernel
def nobody_comes(world, c):  # type: ignore[no-untyped-def]
    """The row was handed over to a neighbouring service: whoever waits on scene for its unit may leave."""
    call = world.calls[c]
    for r in range(call.incident, call.incident + call.n_rows):
        other = world.calls[r]
        if other.status == C_ON_SCENE and world.units[other.unit].gives_up > 0:
            schedule(world, world.clock[0].now, LEFT_SCENE, other.unit, r)
        elif call.role == R_FIRST and other.role == R_TRANSPORT and other.status == C_EXPECTED:
            end_row(world, r, C_NOT_NEEDED)


@lean_kernel
def cancelled(world, c):  # type: ignore[no-untyped-def]
    """The call is called off, or the caller hung up: nobody need come."""
    for r in range(c, c + world.calls[c].n_rows):
        if world.calls[r].status == C_EXPECTED:
            end_row(world, r, C_NOT_NEEDED)
        elif is_coming(world.calls[r].status):
            call_off(world, r, C_CANCELLED)


@lean_kernel
def worsened(world, ground, c):  # type: ignore[no-untyped-def]
    """The call is more urgent than it was: waiting rows are dispatched anew, units under way drive as fast as they may."""
    to = world.calls[c].worse_priority
    for r in range(c, c + world.calls[c].n_rows):
        call = world.calls[r]
        if call.priority <= to:
            continue
        call.priority = to
        if call.status in (C_QUEUED, C_RESERVED):
            dispatch_anew(world, r)
        elif call.status == C_ASSIGNED and world.units[call.unit].status == U_EN_ROUTE:
            metric = metric_at(ground, RESPONSE, to, world.clock[0].now)
            if metric != world.units[call.unit].metric:
                schedule(world, world.clock[0].now, EN_ROUTE, call.unit, r)
