"""The law: what a call, a unit and an emergency room do at each event. Both drivers apply these functions.

==================  ==========================  ==================================================================
event               unit's state afterwards     what happens
==================  ==========================  ==================================================================
CALL_RECEIVED                                   call taking begins; the next call of the night is put on the calendar
UNIT_NEEDED         MOBILISING                  policy: which unit? It is notified, or the call waits for one
EN_ROUTE            EN_ROUTE                    turnout is over; a unit that was on the road turns at the next node
ON_SCENE            ON_SCENE                    the clock of the response stops
LEFT_SCENE          TRANSPORTING or CLEARING    policy: which hospital? Or the patient was treated and released. A unit
                                                that must wait for another stays ON_SCENE (incident.py)
AT_HOSPITAL         AT_HOSPITAL                 offload begins
TRANSFER_OF_CARE    CLEARING                    the emergency room has the patient
BACK_IN_SERVICE     RETURNING or MOBILISING     the most urgent waiting call; or one it reaches sooner than the unit
                                                under way; or policy: which station?
AT_STATION          AT_STATION                  the unit is parked: it rests, eats or goes off duty (duty.py)
STOOD_DOWN          RETURNING or MOBILISING     its call is called off, or another unit has taken it over
WALK_IN                                         a patient walks into an emergency room (emergency_room.py)
BAY_FREED           AT_HOSPITAL                 a treatment bay is free: the next patient gets it (emergency_room.py)
REVIEW                                          policy: should available units stand elsewhere?
RELOCATED           RELOCATING                  an available unit drives to another station
CALL_CANCELLED                                  the call is called off; who is coming is stood down
CONDITION_WORSENED                              the call is more urgent now (incident.py)
BREAK_ENDS          AT_STATION or MOBILISING    the crew has eaten
RESTORED            AT_STATION or RETURNING     the unit can work again
DUTY_BEGINS ...                                 what is on the agenda: shifts, breaks, breakdowns, diversions (duty.py)
ROADS_CHANGED                                   other travel times: everybody under way looks for a way anew (duty.py)
REROUTED                                        the unit goes on by another way, at other speeds (movement.py)
==================  ==========================  ==================================================================

Two functions are the law's whole face: :func:`~ems_twin.simulation.course.next_event` takes an event and :func:`apply`
lets it happen. Nothing here draws a random number: the call brings its own luck.
"""

from __future__ import annotations

import numpy as np

from .._compiled import lean_kernel
from ..policies.motion import (
    RESPONSE,
    TRANSPORT,
    is_available,
    metric_at,
)
from .calendar import enqueue, is_on_agenda, schedule
from .duty import break_ends, on_agenda, out_of_service, settle
from .emergency_room import bay_freed, divert, offload_ends, patient_arrives, walk_in
from .incident import arrived, cancelled, first_leaves, must_wait, nobody_comes, worsened
from .movement import drive_to_place, drive_to_scene, enter, go_on, head_for, park, relocate, turn
from .numbers import (
    AT_HOSPITAL,
    AT_STATION,
    BACK_IN_SERVICE,
    BREAK_ENDS,
    C_ASSIGNED,
    C_AT_HOSPITAL,
    C_ENDED,
    C_EXPECTED,
    C_HANDED_OVER,
    C_ON_SCENE,
    C_QUEUED,
    C_RECEIVED,
    C_RESERVED,
    C_TRANSPORTING,
    CALL_CANCELLED,
    CALL_RECEIVED,
    CONDITION_WORSENED,
    EN_ROUTE,
    LEFT_SCENE,
    ON_SCENE,
    R_FIRST,
    R_TRANSPORT,
    RELOCATED,
    REROUTED,
    RESTORED,
    REVIEW,
    STOOD_DOWN,
    TRANSFER_OF_CARE,
    U_AT_HOSPITAL,
    U_AT_STATION,
    U_CLEARING,
    U_MOBILISING,
    U_ON_BREAK,
    U_ON_SCENE,
    U_OUT_OF_SERVICE,
    U_RETURNING,
    U_TRANSPORTING,
    UNIT_NEEDED,
    WALK_IN,
)
from .waiting import dispatch_anew, end_row, next_call

# ---- the course of events


@lean_kernel
def apply(world, ground, kind, u, c, choice):  # type: ignore[no-untyped-def]
    """Let the event that :func:`~ems_twin.simulation.course.next_event` took happen.

    Parameters
    ----------
    world, ground
        :class:`~ems_twin.world.World` and :class:`~ems_twin.world.Ground`.
    kind, u, c : int
        The event.
    choice : int
        What the policy decided: the unit for UNIT_NEEDED (-1: wait), the hospital for LEFT_SCENE (-1: release the
        patient), the station for BACK_IN_SERVICE (not heeded while calls wait); -1 for all others. At a REVIEW the
        policy has written its wishes into the units' ``move_to``.
    """
    is_free, station = False, choice
    if kind == CALL_RECEIVED:
        _call_received(world, c)
    elif kind == UNIT_NEEDED:
        _unit_needed(world, ground, c, choice)
    elif kind == EN_ROUTE:
        if np.isnan(world.calls[c].t_en_route):
            world.calls[c].t_en_route = world.clock[0].now
        drive_to_scene(world, ground, u, c)
    elif kind == ON_SCENE:
        _on_scene(world, ground, u, c)
    elif kind == LEFT_SCENE:
        _left_scene(world, ground, u, c, choice)
    elif kind == AT_HOSPITAL:
        _at_hospital(world, ground, u, c)
    elif kind == TRANSFER_OF_CARE:
        _transfer_of_care(world, ground, u, c)
    elif kind == BACK_IN_SERVICE:
        end_row(world, c, C_ENDED)
        world.units[u].call = world.units[u].hospital = -1
        is_free = True
    elif kind == AT_STATION:
        park(world, u)
        settle(world, ground, u)
    elif kind == REVIEW:
        _reviewed(world)
    elif kind == RELOCATED:
        relocate(world, ground, u)
    elif kind == CALL_CANCELLED:
        cancelled(world, c)
    elif kind == CONDITION_WORSENED:
        worsened(world, ground, c)
    elif kind == WALK_IN:
        walk_in(world, ground, c)
    elif kind == REROUTED:
        go_on(world, ground, u, c)
    elif is_on_agenda(kind):
        is_free = on_agenda(world, ground, kind, c)
        station = -1
    elif kind in (STOOD_DOWN, BREAK_ENDS, RESTORED):
        if kind == BREAK_ENDS:
            break_ends(world, u)
        is_free, station = True, -1
    else:
        bay_freed(world, ground, c)
    if is_free:
        _free(world, ground, u, station)


# ---- calls


@lean_kernel
def _call_received(world, c):  # type: ignore[no-untyped-def]
    """Row ``c`` of the call table rings; the one after it is put on the calendar."""
    call = world.calls[c]
    now = world.clock[0].now
    following = c + 1
    if following < len(world.calls) and world.calls[following].role == R_TRANSPORT:  # sleeps until it is asked for
        following += 1
    if following < len(world.calls):
        schedule(world, world.calls[following].t_received, CALL_RECEIVED, -1, following)
    if call.status != C_EXPECTED:  # called off in the same breath
        return
    call.status = C_RECEIVED
    schedule(world, now + call.dispatch_delay_s, UNIT_NEEDED, -1, c)
    if call.role == R_FIRST:
        if call.cancel_s > 0:
            schedule(world, now + call.cancel_s, CALL_CANCELLED, -1, c)
        if call.worsens_s > 0:
            schedule(world, now + call.worsens_s, CONDITION_WORSENED, -1, c)


@lean_kernel
def _unit_needed(world, ground, c, u):  # type: ignore[no-untyped-def]
    """Call taking is over, or the call has lost its unit: notify the one that was chosen, or let it wait (-1)."""
    call = world.calls[c]
    now = world.clock[0].now
    if np.isnan(call.t_needed):
        call.t_needed = now
    if u < 0 and world.clock[0].n_queued >= ground.rules[0].queue_limit:
        end_row(world, c, C_HANDED_OVER)
        if call.n_rows > 1:
            nobody_comes(world, c)
        return
    if u < 0:
        call.status = C_QUEUED
        call.was_queued = 1
        call.t_queued = now
        enqueue(world, c)
        return
    if world.units[u].status in (U_AT_HOSPITAL, U_CLEARING):
        call.status, call.unit = C_RESERVED, u
        call.was_queued = 1
        call.t_queued = now
        world.units[u].next_call = c
        return
    world.clock[0].unit = u  # the event concerns this unit from here on
    loser = world.units[u].call
    _notify(world, ground, u, c)
    if loser >= 0:
        dispatch_anew(world, loser)


@lean_kernel
def _notify(world, ground, u, c):  # type: ignore[no-untyped-def]
    """Tell a unit of its call. At its station it mobilises (or goes on mobilising); on the road it turns."""
    unit, call = world.units[u], world.calls[c]
    now = world.clock[0].now
    if call.status in (C_QUEUED, C_RESERVED):
        call.queued_s += now - call.t_queued
    call.status, call.unit, call.t_notified, call.t_en_route = C_ASSIGNED, u, now, np.nan
    if unit.status in (U_AT_STATION, U_ON_BREAK):
        unit.t_ready = now + call.turnout_s
    elif unit.status != U_MOBILISING or unit.station < 0:
        unit.t_ready = now
        if unit.status not in (U_CLEARING, U_OUT_OF_SERVICE):  # at a door: the speed off the road is chosen later
            turn(world, ground, u, metric_at(ground, RESPONSE, call.priority, now))
        unit.station = -1
    unit.call = c
    if unit.status != U_MOBILISING:
        enter(world, u, U_MOBILISING)
    schedule(world, unit.t_ready, EN_ROUTE, u, c)
    if ground.stationing.review[0]:
        schedule(world, now, REVIEW, -1, -1)


# ---- units


@lean_kernel
def _on_scene(world, ground, u, c):  # type: ignore[no-untyped-def]
    """The unit has arrived."""
    call = world.calls[c]
    now = world.clock[0].now
    call.status, call.t_on_scene = C_ON_SCENE, now
    if np.isnan(world.calls[call.incident].t_first):
        world.calls[call.incident].t_first = now
    park(world, u)
    enter(world, u, U_ON_SCENE)
    world.units[u].n_calls += 1
    if call.n_rows == 1:
        schedule(world, now + call.scene_s, LEFT_SCENE, u, c)
    else:
        arrived(world, ground, u, c)


@lean_kernel
def _left_scene(world, ground, u, c, h):  # type: ignore[no-untyped-def]
    """Drive to hospital ``h`` that the policy chose, or release the patient (``h`` = -1)."""
    call = world.calls[c]
    now = world.clock[0].now
    if call.n_rows > 1:
        if must_wait(world, ground, u, c):
            return
        if call.role == R_FIRST:
            first_leaves(world, c)
    call.t_left_scene = now
    if h < 0:
        enter(world, u, U_CLEARING)
        schedule(world, now, BACK_IN_SERVICE, u, c)
        return
    call.status, call.hospital = C_TRANSPORTING, h
    world.units[u].hospital = h
    world.hospitals[h].inbound += 1
    divert(world, ground, h)
    metric = metric_at(ground, TRANSPORT, call.priority, now)
    end = drive_to_place(world, ground, u, len(world.stations) + h, metric, U_TRANSPORTING)
    schedule(world, end, AT_HOSPITAL, u, c)


@lean_kernel
def _at_hospital(world, ground, u, c):  # type: ignore[no-untyped-def]
    """The patient is at the emergency room's door."""
    call, room = world.calls[c], world.hospitals[world.units[u].hospital]
    call.status, call.t_at_hospital = C_AT_HOSPITAL, world.clock[0].now
    park(world, u)
    enter(world, u, U_AT_HOSPITAL)
    world.units[u].n_transports += 1
    room.inbound -= 1
    room.n_arrivals += 1
    room.offloading += 1
    room.peak_offloading = max(room.peak_offloading, room.offloading)
    patient_arrives(world, ground, u, c)


@lean_kernel
def _transfer_of_care(world, ground, u, c):  # type: ignore[no-untyped-def]
    """The emergency room takes the patient over."""
    call, room = world.calls[c], world.hospitals[world.units[u].hospital]
    now = world.clock[0].now
    call.t_transfer = now
    room.offloading -= 1
    room.offload_s += now - call.t_at_hospital
    offload_ends(world, ground, world.units[u].hospital, c)
    enter(world, u, U_CLEARING)
    schedule(world, now + call.clear_s, BACK_IN_SERVICE, u, c)


@lean_kernel
def _free(world, ground, u, s):  # type: ignore[no-untyped-def]
    """The unit has no call: serve one that waits, or one that it reaches sooner, or go to station ``s`` (-1: home).

    A unit at a station stays there; one that must be repaired stays where it is; one whose shift is nearly over goes to
    its base.
    """
    unit = world.units[u]
    now = world.clock[0].now
    reserved, unit.next_call = unit.next_call, -1
    if unit.repair_s > 0:
        if reserved >= 0:
            dispatch_anew(world, reserved)
        out_of_service(world, u)
        return
    parked = unit.station >= 0
    if parked and unit.status != U_AT_STATION:
        enter(world, u, U_AT_STATION)
    c = next_call(world, ground, u, reserved)
    if c >= 0:
        if world.calls[c].status == C_ASSIGNED:
            other = world.calls[c].unit
            world.calls[c].n_bumps += 1
            world.calls[c].bumped_s += now - world.calls[c].t_notified
            _notify(world, ground, u, c)
            world.units[other].call = -1
            schedule(world, now, STOOD_DOWN, other, c)
        else:
            _notify(world, ground, u, c)
        return
    if parked:
        settle(world, ground, u)
        return
    if now + ground.rules[0].expected_job_s > unit.t_off + ground.rules[0].overrun_grace_s:
        s = unit.start_station
    elif s < 0:
        s = unit.home
    head_for(world, ground, u, s, U_RETURNING)
    if ground.stationing.review[1]:
        schedule(world, now, REVIEW, -1, -1)


@lean_kernel
def _reviewed(world):  # type: ignore[no-untyped-def]
    """Send the units that the policy wants elsewhere."""
    for u in range(len(world.units)):
        unit = world.units[u]
        if unit.move_to >= 0 and unit.move_to != unit.home and is_available(world, u):
            unit.home = unit.move_to
            schedule(world, world.clock[0].now, RELOCATED, u, -1)
        unit.move_to = -1
