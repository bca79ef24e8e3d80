"""Calls with several units: who waits for whom on scene, and who need not come; and calls that change while they wait.

Each unit's response has a row of its own in the call table (:mod:`ems_twin.world.incidents`). The patient leaves with
the unit of the FIRST row, or, when that cannot take him, with the one of the TRANSPORT row, which is asked for when
the first unit is on scene.
"""

from __future__ import annotations

from .._compiled import lean_kernel
from ..policies.motion import RESPONSE, metric_at
from .calendar import is_coming, schedule
from .numbers import (
    C_ASSIGNED,
    C_CANCELLED,
    C_EXPECTED,
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
    first = world.calls[call.incident]
    if call.role == R_TRANSPORT:
        leaves = max(now + ground.rules[0].takeover_scene_s, first.t_on_scene + first.scene_s)
        schedule(world, leaves, LEFT_SCENE, u, c)
        schedule(world, leaves, LEFT_SCENE, first.unit, call.incident)
        return
    schedule(world, now + call.scene_s, LEFT_SCENE, u, c)
    if call.role == R_FIRST and call.transport and not takes_patient(world, u, c):
        backup = c + call.n_rows - 1
        world.calls[backup].status = C_RECEIVED
        schedule(world, now, UNIT_NEEDED, -1, backup)


@lean_kernel
def must_wait(world, u, c):  # type: ignore[no-untyped-def]
    """Whether a unit that is done must stay on scene until another has come."""
    call = world.calls[c]
    if call.role == R_FIRST:
        backup = world.calls[c + call.n_rows - 1]
        return backup.role == R_TRANSPORT and not takes_patient(world, u, c) and is_coming(backup.status)
    return call.role == R_ASSIST and is_coming(world.calls[call.incident].status)


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
        if other.status == C_ON_SCENE and world.units[other.unit].event < 0:
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
