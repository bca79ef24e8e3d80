"""The law: what a call, a unit and an emergency room do at each event. Both drivers apply these functions.

=================  ==========================  ==================================================================
event              unit's state afterwards     what happens
=================  ==========================  ==================================================================
CALL_RECEIVED                                  call taking begins; the next call of the night is put on the calendar
UNIT_NEEDED        MOBILISING                  policy: which unit? It is notified, or the call joins the queue
EN_ROUTE           EN_ROUTE                    turnout is over; a unit that was on the road turns at the next node
ON_SCENE           ON_SCENE                    the clock of the response stops
LEFT_SCENE         TRANSPORTING or CLEARING    policy: which hospital? Or the patient was treated and released
AT_HOSPITAL        AT_HOSPITAL                 offload begins
TRANSFER_OF_CARE   CLEARING                    the emergency room has the patient
BACK_IN_SERVICE    RETURNING or MOBILISING     the most urgent waiting call; or one it reaches sooner than the unit
                                               under way; or policy: which station?
AT_STATION         AT_STATION                  the unit is parked
STOOD_DOWN         RETURNING                   a unit under way whose call another has taken over drives home
WALK_IN                                        a patient walks into an emergency room (emergency_room.py)
BAY_FREED          AT_HOSPITAL                 a treatment bay is free: the next patient gets it (emergency_room.py)
=================  ==========================  ==================================================================

Two functions are the law's whole face: :func:`~ems_twin.simulation.course.next_event` takes an event and :func:`apply`
lets it happen. Nothing here draws a random number: the call brings its own luck.
"""

from __future__ import annotations

import numpy as np

from .._compiled import lean_kernel
from ..policies.motion import RESPONSE, RETURN, TRANSPORT, arrival, metric_at, next_node, travel_ticks
from .calendar import dequeue, enqueue, schedule
from .emergency_room import bay_freed, divert, offload_ends, patient_arrives, walk_in
from .numbers import (
    AT_HOSPITAL,
    AT_STATION,
    BACK_IN_SERVICE,
    C_ASSIGNED,
    C_AT_HOSPITAL,
    C_ENDED,
    C_HANDED_OVER,
    C_ON_SCENE,
    C_QUEUED,
    C_RECEIVED,
    C_TRANSPORTING,
    CALL_RECEIVED,
    EN_ROUTE,
    LEFT_SCENE,
    ON_SCENE,
    STOOD_DOWN,
    TRANSFER_OF_CARE,
    U_AT_HOSPITAL,
    U_AT_STATION,
    U_CLEARING,
    U_EN_ROUTE,
    U_MOBILISING,
    U_ON_SCENE,
    U_RETURNING,
    U_TRANSPORTING,
    UNIT_NEEDED,
    WALK_IN,
)

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
        patient), the station for BACK_IN_SERVICE (not heeded while calls wait); -1 for all others.
    """
    if kind == CALL_RECEIVED:
        _call_received(world, c)
    elif kind == UNIT_NEEDED:
        _unit_needed(world, ground, c, choice)
    elif kind == EN_ROUTE:
        _en_route(world, ground, u, c)
    elif kind == ON_SCENE:
        _on_scene(world, u, c)
    elif kind == LEFT_SCENE:
        _left_scene(world, ground, u, c, choice)
    elif kind == AT_HOSPITAL:
        _at_hospital(world, ground, u, c)
    elif kind == TRANSFER_OF_CARE:
        _transfer_of_care(world, ground, u, c)
    elif kind == BACK_IN_SERVICE:
        _back_in_service(world, ground, u, c, choice)
    elif kind == AT_STATION:
        _at_station(world, u)
    elif kind == STOOD_DOWN:
        _go_home(world, ground, u)  # another unit has its call
    elif kind == WALK_IN:
        walk_in(world, ground, c)
    else:
        bay_freed(world, ground, c)


@lean_kernel
def _enter(world, u, status):  # type: ignore[no-untyped-def]
    """Close the unit's present spell and begin another."""
    unit = world.units[u]
    now = world.clock[0].now
    unit.status_s[unit.status] += now - unit.since
    unit.since = now
    unit.status = status


@lean_kernel
def _park(world, u):  # type: ignore[no-untyped-def]
    """The unit has come to the end of its trip."""
    unit = world.units[u]
    unit.from_node, unit.t_from = unit.to_node, unit.t_to


@lean_kernel
def _depart(world, ground, u, metric, to_node, drive_ticks, off_m):  # type: ignore[no-untyped-def]
    """Begin a trip from where the unit can turn; returns when it ends.

    ``drive_ticks`` is from the node that :func:`_turn` left the unit at.
    """
    unit = world.units[u]
    speeds = ground.labels.metrics[metric]
    unit.metric = metric
    unit.to_node, unit.off_m = to_node, off_m
    unit.t_to = unit.t_from + drive_ticks * speeds.tick_s + off_m * speeds.off_road_s_per_m
    return unit.t_to


@lean_kernel
def _turn(world, ground, u, metric):  # type: ignore[no-untyped-def]
    """Let a unit's trip end at the first node where it can take another way, at the speeds of its next trip."""
    unit = world.units[u]
    node, t = next_node(world, ground, u, ground.labels.metrics[metric].off_road_s_per_m)
    unit.from_node, unit.t_from = node, t
    unit.to_node, unit.t_to, unit.off_m = node, t, 0.0


@lean_kernel
def _drive_to_place(world, ground, u, place, metric, status):  # type: ignore[no-untyped-def]
    """Begin a trip to a fixed place (a station, or the stations' number plus a hospital); returns its end."""
    unit = world.units[u]
    _turn(world, ground, u, metric)
    _enter(world, u, status)
    n_stations = len(world.stations)
    if place < n_stations:
        node, off_m = world.stations[place].node, world.stations[place].off_m
    else:
        node, off_m = world.hospitals[place - n_stations].node, world.hospitals[place - n_stations].off_m
    drive = ground.places.to_ticks[ground.labels.metrics[metric].row, place, unit.from_node]
    return _depart(world, ground, u, metric, node, drive, off_m)


# ---- calls


@lean_kernel
def _call_received(world, c):  # type: ignore[no-untyped-def]
    """Call ``c`` rings; the one after it is put on the calendar."""
    now = world.clock[0].now
    world.calls[c].status = C_RECEIVED
    schedule(world, now + world.calls[c].dispatch_delay_s, UNIT_NEEDED, -1, c)
    if c + 1 < len(world.calls):
        schedule(world, world.calls[c + 1].t_received, CALL_RECEIVED, -1, c + 1)


@lean_kernel
def _unit_needed(world, ground, c, u):  # type: ignore[no-untyped-def]
    """Call taking is over, or the call has lost its unit: notify the one that was chosen, or let it wait (-1)."""
    call = world.calls[c]
    now = world.clock[0].now
    if np.isnan(call.t_needed):
        call.t_needed = now
    if u < 0 and world.clock[0].n_queued >= ground.rules[0].queue_limit:
        call.status, call.t_ended = C_HANDED_OVER, now
        world.clock[0].n_ended += 1
        return
    if u < 0:
        call.status = C_QUEUED
        call.was_queued = 1
        call.t_queued = now
        enqueue(world, c)
        return
    world.clock[0].unit = u  # the event concerns this unit from here on
    loser = world.units[u].call
    _notify(world, ground, u, c)
    if loser >= 0:
        _bump(world, loser)


@lean_kernel
def _bump(world, c):  # type: ignore[no-untyped-def]
    """The call has lost its unit to another call: what it waited for is counted, and it is dispatched anew."""
    call = world.calls[c]
    now = world.clock[0].now
    call.n_bumps += 1
    call.bumped_s += now - call.t_notified
    call.status, call.unit, call.t_notified, call.t_en_route = C_RECEIVED, -1, np.nan, np.nan
    schedule(world, now, UNIT_NEEDED, -1, c)


@lean_kernel
def _notify(world, ground, u, c):  # type: ignore[no-untyped-def]
    """Tell a unit of its call. At its station it mobilises (or goes on mobilising); on the road it turns."""
    unit, call = world.units[u], world.calls[c]
    now = world.clock[0].now
    if call.status == C_QUEUED:
        call.queued_s += now - call.t_queued
    call.status, call.unit, call.t_notified = C_ASSIGNED, u, now
    if unit.status == U_AT_STATION:
        unit.t_ready = now + call.turnout_s
    elif unit.status != U_MOBILISING or unit.station < 0:
        unit.t_ready = now
        if unit.status != U_CLEARING:  # at a door: the speed off the road is chosen when it leaves
            _turn(world, ground, u, metric_at(ground, RESPONSE, call.priority, now))
        unit.station = -1
    unit.call = c
    if unit.status != U_MOBILISING:
        _enter(world, u, U_MOBILISING)
    schedule(world, unit.t_ready, EN_ROUTE, u, c)


# ---- units


@lean_kernel
def _en_route(world, ground, u, c):  # type: ignore[no-untyped-def]
    """Turnout is over: the unit drives to the scene."""
    unit, call = world.units[u], world.calls[c]
    now = world.clock[0].now
    call.t_en_route = now
    metric = metric_at(ground, RESPONSE, call.priority, now)
    _turn(world, ground, u, metric)
    _enter(world, u, U_EN_ROUTE)
    row = ground.labels.metrics[metric].row
    drive = travel_ticks(ground, row, unit.station, unit.from_node, call.node)
    unit.station = -1
    schedule(world, _depart(world, ground, u, metric, call.node, drive, call.off_m), ON_SCENE, u, c)


@lean_kernel
def _on_scene(world, u, c):  # type: ignore[no-untyped-def]
    """The unit has arrived."""
    call = world.calls[c]
    now = world.clock[0].now
    call.status, call.t_on_scene = C_ON_SCENE, now
    _park(world, u)
    _enter(world, u, U_ON_SCENE)
    world.units[u].n_calls += 1
    schedule(world, now + call.scene_s, LEFT_SCENE, u, c)


@lean_kernel
def _left_scene(world, ground, u, c, h):  # type: ignore[no-untyped-def]
    """Drive to hospital ``h`` that the policy chose, or release the patient (``h`` = -1)."""
    call = world.calls[c]
    now = world.clock[0].now
    call.t_left_scene = now
    if h < 0:
        _enter(world, u, U_CLEARING)
        schedule(world, now, BACK_IN_SERVICE, u, c)
        return
    call.status, call.hospital = C_TRANSPORTING, h
    world.units[u].hospital = h
    world.hospitals[h].inbound += 1
    divert(world, ground, h)
    metric = metric_at(ground, TRANSPORT, call.priority, now)
    arrival = _drive_to_place(world, ground, u, len(world.stations) + h, metric, U_TRANSPORTING)
    schedule(world, arrival, AT_HOSPITAL, u, c)


@lean_kernel
def _at_hospital(world, ground, u, c):  # type: ignore[no-untyped-def]
    """The patient is at the emergency room's door."""
    call, room = world.calls[c], world.hospitals[world.units[u].hospital]
    call.status, call.t_at_hospital = C_AT_HOSPITAL, world.clock[0].now
    _park(world, u)
    _enter(world, u, U_AT_HOSPITAL)
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
    _enter(world, u, U_CLEARING)
    schedule(world, now + call.clear_s, BACK_IN_SERVICE, u, c)


@lean_kernel
def _back_in_service(world, ground, u, c, s):  # type: ignore[no-untyped-def]
    """The call is over: serve the first waiting call, or one that it reaches sooner, or drive to station ``s``."""
    unit, call = world.units[u], world.calls[c]
    now = world.clock[0].now
    call.status, call.t_ended = C_ENDED, now
    world.clock[0].n_ended += 1
    unit.call = unit.hospital = -1
    waiting = dequeue(world)
    if waiting >= 0:
        _notify(world, ground, u, waiting)
        return
    if ground.rules[0].reassign_gain_s < np.inf:
        later = _call_reached_sooner(world, ground, u)
        if later >= 0:
            other = world.calls[later].unit
            _notify(world, ground, u, later)
            world.units[other].call = -1
            schedule(world, now, STOOD_DOWN, other, later)
            return
    unit.home = s
    _go_home(world, ground, u)


@lean_kernel
def _go_home(world, ground, u):  # type: ignore[no-untyped-def]
    home = world.units[u].home
    metric = metric_at(ground, RETURN, 0, world.clock[0].now)
    arrival = _drive_to_place(world, ground, u, home, metric, U_RETURNING)
    world.units[u].station = home
    schedule(world, arrival, AT_STATION, u, -1)


@lean_kernel
def _call_reached_sooner(world, ground, u):  # type: ignore[no-untyped-def]
    """Call that gains most when unit ``u``, just free, takes it over from the unit under way; -1 if none gains enough."""
    best, best_gain = -1, ground.rules[0].reassign_gain_s
    for other in range(len(world.units)):
        c = world.units[other].call
        if world.units[other].status == U_EN_ROUTE and c >= 0:
            gain = world.units[other].t_to - arrival(world, ground, u, c)
            if gain > best_gain:
                best, best_gain = c, gain
    return best


@lean_kernel
def _at_station(world, u):  # type: ignore[no-untyped-def]
    """The unit is parked and rests."""
    _park(world, u)
    _enter(world, u, U_AT_STATION)
    world.units[u].event = -1


@lean_kernel
def close_spells(world, end_s):  # type: ignore[no-untyped-def]
    """Count the units' present spells up to the end of a run."""
    for u in range(len(world.units)):
        unit = world.units[u]
        unit.status_s[unit.status] += end_s - unit.since
        unit.since = end_s
