"""The emergency room's part of the law: treatment bays, who gets the next one, and when to send ambulances elsewhere.

A patient holds a bay from the moment offload begins (or a walk-in sits down) until the stay is over, boarding
included. Where bays are not counted, offload begins at the door and nothing here takes effect.
"""

from __future__ import annotations

import numpy as np

from .._compiled import lean_kernel
from .calendar import schedule
from .numbers import BAY_FREED, TRANSFER_OF_CARE, U_AT_HOSPITAL, WALK_IN


@lean_kernel
def patient_arrives(world, ground, u, c):  # type: ignore[no-untyped-def]
    """A patient by ambulance: into a free bay, or the unit waits with the patient."""
    h = world.units[u].hospital
    room = world.hospitals[h]
    if ground.rules[0].count_bays and room.occupied >= room.bays:
        room.units_waiting += 1
        world.units[u].event = -1
    else:
        begin_offload(world, ground, u, c)
    divert(world, ground, h)


@lean_kernel
def begin_offload(world, ground, u, c):  # type: ignore[no-untyped-def]
    """There is a bay: hand the patient over."""
    now = world.clock[0].now
    world.calls[c].t_bay = now
    if ground.rules[0].count_bays:
        _take_bay(world.hospitals[world.units[u].hospital])
    schedule(world, now + world.calls[c].offload_s, TRANSFER_OF_CARE, u, c)


@lean_kernel
def offload_ends(world, ground, h, c):  # type: ignore[no-untyped-def]
    """The patient stays in the bay; it will be free when the stay is over."""
    if ground.rules[0].count_bays:
        schedule(world, world.clock[0].now + world.calls[c].stay_s, BAY_FREED, -1, h)


@lean_kernel
def walk_in(world, ground, h):  # type: ignore[no-untyped-def]
    """The next patient walks in; the one after is put on the calendar."""
    room = world.hospitals[h]
    room.walk_in_arrived += 1
    if room.walk_in_arrived < room.walk_in_end:
        schedule(world, world.walk_ins[room.walk_in_arrived].t_arrival, WALK_IN, -1, h)
    if not ground.rules[0].count_bays or room.occupied < room.bays:  # with a bay free, nobody else is waiting
        _seat_walk_in(world, ground, h)
    divert(world, ground, h)


@lean_kernel
def bay_freed(world, ground, h):  # type: ignore[no-untyped-def]
    """A bay is free: the next who waits gets it."""
    room = world.hospitals[h]
    room.occupied -= 1
    u = _first_waiting_unit(world, h)
    walk_in_waits = room.walk_in_next < room.walk_in_arrived
    if u >= 0 and walk_in_waits and not ground.rules[0].ambulances_first:
        came = world.walk_ins[room.walk_in_next].t_arrival
        if came <= world.calls[world.units[u].call].t_at_hospital:
            u = -1
    if u >= 0:
        room.units_waiting -= 1
        world.clock[0].unit = u  # the trace tells whose wait is over
        begin_offload(world, ground, u, world.units[u].call)
    elif walk_in_waits:
        _seat_walk_in(world, ground, h)
    divert(world, ground, h)


@lean_kernel
def _take_bay(room):  # type: ignore[no-untyped-def]
    room.occupied += 1
    room.peak_occupied = max(room.peak_occupied, room.occupied)


@lean_kernel
def _seat_walk_in(world, ground, h):  # type: ignore[no-untyped-def]
    """The first who waits takes a bay."""
    room = world.hospitals[h]
    patient = world.walk_ins[room.walk_in_next]
    room.walk_in_next += 1
    patient.t_bay = world.clock[0].now
    if ground.rules[0].count_bays:
        _take_bay(room)
        schedule(world, patient.t_bay + patient.stay_s, BAY_FREED, -1, h)


@lean_kernel
def _first_waiting_unit(world, h):  # type: ignore[no-untyped-def]
    """Unit that has waited longest at a hospital's door, -1 if none waits."""
    if world.hospitals[h].units_waiting == 0:
        return -1
    first, since = -1, np.inf
    for u in range(len(world.units)):
        unit = world.units[u]
        if unit.status == U_AT_HOSPITAL and unit.hospital == h and unit.event < 0 and unit.since < since:
            first, since = u, unit.since
    return first


@lean_kernel
def divert(world, ground, h):  # type: ignore[no-untyped-def]
    """Begin or end diversion by the share of bays in use, waited for or driven to."""
    limit = ground.rules[0].divert_above
    if limit < np.inf:
        room = world.hospitals[h]
        waiting = room.units_waiting + room.inbound + room.walk_in_arrived - room.walk_in_next
        room.diverting = room.occupied + waiting >= limit * room.bays
