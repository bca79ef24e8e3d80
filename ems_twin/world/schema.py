"""The record arrays that are the world: the dtype is the schema, a copy is a fork, a file is a snapshot.

Times are seconds since the epoch of the run, NaN where something has not happened. Rows refer to each other by
row number, -1 where there is none. Names of times follow NEMSIS v3 (eTimes), states of units follow EIDO.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from ..demand.calls import CALL_DRAW, WALK_IN_DRAW


class UnitStatus(IntEnum):
    """What a unit is doing. EIDO's secondary state is named in the comment."""

    AT_STATION = 0  # Station / Post (Available)
    MOBILISING = 1  # Dispatched: turnout under way
    EN_ROUTE = 2  # EnRoute to the scene
    ON_SCENE = 3  # OnScene
    TRANSPORTING = 4  # Transporting
    AT_HOSPITAL = 5  # Hospital: waiting for or handing over to a treatment bay
    CLEARING = 6  # transfer of care done, cleaning and paperwork
    RETURNING = 7  # InService (Available), driving to its station
    RELOCATING = 8  # InService (Available), driving to another station to stand there
    OFF_DUTY = 9  # OutOfService: no crew
    ON_BREAK = 10  # OutOfService: the crew eats
    OUT_OF_SERVICE = 11  # OutOfService: broken down, restocking, cleaning


class CallStatus(IntEnum):
    """Where a call stands."""

    EXPECTED = 0  # not yet received
    RECEIVED = 1  # call taking (dispatch delay)
    QUEUED = 2  # no unit was free
    ASSIGNED = 3  # unit notified, mobilising or driving
    ON_SCENE = 4
    TRANSPORTING = 5
    AT_HOSPITAL = 6
    ENDED = 7
    HANDED_OVER = 8  # no unit was free and the queue was full: a neighbouring service has it
    CANCELLED = 9  # called off, or the caller hung up, before a unit was on scene
    RESERVED = 10  # waits for a unit that is about to finish with another patient
    NOT_NEEDED = 11  # row of a second unit that nobody had to ask for


class Role(IntEnum):
    """What the unit of a row of the call table is there for. A row is one unit's response to a call."""

    FIRST = 0  # the call's own row
    ASSIST = 1  # one more unit, asked for together with the first
    TRANSPORT = 2  # a unit to take the patient, asked for when the one on scene cannot


class EventKind(IntEnum):
    """What happens at an event. The number is written in traces and logs and never reused."""

    CALL_RECEIVED = 0  # eTimes.01
    UNIT_NEEDED = 1  # call taking done (eTimes.02): a unit is chosen or the call queues
    EN_ROUTE = 2  # eTimes.05, turnout over
    ON_SCENE = 3  # eTimes.06
    LEFT_SCENE = 4  # eTimes.09, or treated and released
    AT_HOSPITAL = 5  # eTimes.11
    TRANSFER_OF_CARE = 6  # eTimes.12
    BACK_IN_SERVICE = 7  # eTimes.13
    AT_STATION = 8  # eTimes.15
    STOOD_DOWN = 9  # eTimes.14 of a unit whose call another unit has taken over
    WALK_IN = 10  # a patient comes to an emergency room by himself
    BAY_FREED = 11  # a patient leaves a treatment bay
    REVIEW = 12  # policy: should available units stand elsewhere?
    RELOCATED = 13  # an available unit is sent to another station
    CALL_CANCELLED = 14  # eTimes.14 of the call: the unit that is coming, if any, is stood down
    CONDITION_WORSENED = 15  # the call becomes more urgent
    BREAK_ENDS = 16  # the crew has eaten
    RESTORED = 17  # the unit can work again
    DUTY_BEGINS = 18  # from here on: kinds of the agenda
    DUTY_ENDS = 19
    BREAK_DUE = 20  # the crew should eat at its next rest at a station
    OUT_OF_SERVICE = 21  # breakdown, restocking, cleaning
    DIVERSION = 22  # a hospital asks for ambulances to go elsewhere, or no longer
    ROADS_CHANGED = 23  # other travel times are in force; to here: kinds of the agenda
    REROUTED = 24  # a unit under way takes another way to where it is going


N_UNIT_STATUSES = len(UnitStatus)
AGENDA_KINDS = tuple(range(EventKind.DUTY_BEGINS, EventKind.ROADS_CHANGED + 1))
"""Kinds of events that come from the agenda: in the calendar its row stands in the call's place."""
AVAILABLE = (UnitStatus.AT_STATION, UnitStatus.RETURNING, UnitStatus.RELOCATING)
"""States in which a unit can be sent to a call."""
UNSTAFFED = (UnitStatus.OFF_DUTY, UnitStatus.ON_BREAK, UnitStatus.OUT_OF_SERVICE)
"""States in which a unit neither works nor is available."""
ENDED = (CallStatus.ENDED, CallStatus.HANDED_OVER, CallStatus.CANCELLED, CallStatus.NOT_NEEDED)
"""States of a call's row that nothing follows."""
TRANSPORT_SKILL = 1
"""Bit of ``UNIT.skills`` and ``CALL.needs``: can take a patient to hospital. All other bits are the fleet's own."""

UNIT = np.dtype(
    [
        ("status", "u1"),
        ("start_status", "u1"),  # when the run began
        ("home", "i4"),  # station the unit returns to
        ("start_station", "i4"),  # its base: where it stood when the run began, and where shifts begin and end
        ("station", "i4"),  # station it stands at or drives to, -1 otherwise
        ("call", "i4"),  # call it serves, -1 when free
        ("hospital", "i4"),  # hospital it drives to or stands at, -1 otherwise
        ("metric", "u1"),  # speeds of the present trip: 0 sirens, 1 ordinary
        ("from_node", "i4"),  # the present trip was known to pass this node ...
        ("t_from", "f8"),  # ... at this time (moves forward as positions are asked for)
        ("trip_node", "i4"),  # node at which the present trip began ...
        ("t_trip", "f8"),  # ... and when it was there; unlike ``from_node`` they stay until the next trip
        ("to_node", "i4"),  # last node of the trip; a parked unit has from_node == to_node
        ("t_to", "f8"),  # when the trip ends, off the road if need be (past for a parked unit)
        ("pace", "f8"),  # time that its way on roads takes over what the router says
        ("off_m", "f8"),  # metres off the road between ``to_node`` and the end of the trip
        ("t_ready", "f8"),  # when its turnout is over; kept when another call takes it while it mobilises
        ("skills", "i4"),  # bits of what crew and vehicle can do, see TRANSPORT_SKILL
        ("t_off", "f8"),  # when its shift ends, infinite without one
        ("break_s", "f8"),  # break that is due, 0 if none
        ("break_by", "f8"),  # latest begin of that break
        ("repair_s", "f8"),  # how long it must be out of service when it is next free, 0 if not
        ("t_repaired", "f8"),  # a time out of service that began while it was off duty ends then
        ("gives_up", "f8"),  # until when it waits on scene for another unit, 0 when it does not
        ("next_call", "i4"),  # call that waits for it to finish with the present one, -1 if none
        ("move_to", "i4"),  # station that a review wants it to stand at, -1 if none
        ("t_moved", "f8"),  # end of the drive of its last relocation, -inf before any
        ("moves_from", "f8"),  # begin of the shift or 24 hours in which moves are counted, -inf before any ...
        ("moves_made", "i4"),  # ... and how many there were
        ("event", "i8"),  # order of the unit's one pending event, -1 if none; entries with another are dead
        ("since", "f8"),  # present status entered at
        ("status_s", "f8", (N_UNIT_STATUSES,)),  # closed spells by status, seconds
        ("n_calls", "i4"),  # arrivals on scene
        ("n_transports", "i4"),  # arrivals at hospital
        ("n_moves", "i4"),  # relocations begun
        ("n_breaks", "i4"),  # breaks taken to their end
        ("n_breaks_missed", "i4"),  # breaks that were due and did not come to their end
        ("overrun_s", "f8"),  # worked past the ends of shifts
    ],
    align=True,
)
"""One row a unit (ambulance)."""

CALL = np.dtype(
    [
        *((name, CALL_DRAW[name]) for name in CALL_DRAW.names or ()),  # what the call brings with it: its own luck
        ("status", "u1"),
        ("role", "u1"),  # Role
        ("incident", "i4"),  # row of the call itself: its own row, or the row of the FIRST that it belongs to
        ("n_rows", "i4"),  # rows of the incident, which stand one after the other
        ("first_priority", "u1"),  # before the condition worsened
        ("t_first", "f8"),  # the first unit of the incident was on scene (in the row of the FIRST)
        ("was_queued", "u1"),
        ("unit", "i4"),
        ("hospital", "i4"),
        ("hospital_wanted", "i4"),  # hospital that was laid down with the call, -1 when the policy chooses
        ("off_m", "f8"),  # metres off the road between ``node`` and the scene
        ("n_bumps", "i4"),  # how often a more urgent call or a closer unit's dispatch took its unit away
        ("bumped_s", "f8"),  # spent on units that were taken away before they arrived
        ("queued_s", "f8"),  # spent in the queue
        ("t_queued", "f8"),  # joined the queue (the last time)
        ("t_bay", "f8"),  # a treatment bay was free for the patient
        ("t_needed", "f8"),  # eTimes.02
        ("t_notified", "f8"),  # eTimes.03
        ("t_en_route", "f8"),  # eTimes.05
        ("t_on_scene", "f8"),  # eTimes.06
        ("t_left_scene", "f8"),  # eTimes.09
        ("t_at_hospital", "f8"),  # eTimes.11
        ("t_transfer", "f8"),  # eTimes.12
        ("t_ended", "f8"),  # eTimes.13 of its unit
    ],
    align=True,
)
"""One row a call, ordered by ``t_received``: the draw it came with, then what became of it."""

HOSPITAL = np.dtype(
    [
        ("node", "i4"),
        ("off_m", "f8"),  # metres off the road
        ("bays", "i4"),
        ("occupied", "i4"),  # bays in use
        ("peak_occupied", "i4"),
        ("units_waiting", "i4"),  # units with a patient for whom there is no bay yet
        ("specialities", "i4"),  # bits of what it can treat, see ``CALL.speciality``
        ("diverting", "u1"),  # 1: send ambulances elsewhere, if there is an elsewhere
        ("closed", "u1"),  # 1: the same, by its own word (a feed, the agenda)
        ("walk_in_next", "i8"),  # first row of its walk-ins that has no bay yet
        ("walk_in_arrived", "i8"),  # first row that has not come yet
        ("walk_in_end", "i8"),  # one past its last row
        ("inbound", "i4"),  # units on their way with a patient
        ("offloading", "i4"),  # units waiting or handing over now
        ("peak_offloading", "i4"),
        ("n_arrivals", "i4"),
        ("offload_s", "f8"),  # sum over arrivals
    ],
    align=True,
)
"""One row a hospital."""

WALK_IN = np.dtype(
    [
        *((name, WALK_IN_DRAW[name]) for name in WALK_IN_DRAW.names or ()),  # what the patient brings with him
        ("t_bay", "f8"),  # a treatment bay was free
    ],
    align=True,
)
"""One row a patient who comes by himself, ordered by hospital, then time."""

STATION = np.dtype(
    [
        ("node", "i4"),
        ("off_m", "f8"),  # metres off the road
        ("n_home", "i4"),  # units at home here at the start
        ("n_available", "i4"),  # available units that belong here, counted by the policy that last asked
        ("gain", "f8"),  # what one more unit here would add, by the policy that last asked
    ],
    align=True,
)
"""One row a station or street post."""

AGENDA = np.dtype(
    [
        ("time", "f8"),
        ("kind", "u1"),  # EventKind from DUTY_BEGINS on
        ("unit", "i4"),  # -1 where a hospital is concerned, or the roads
        ("hospital", "i4"),  # -1 where a unit is concerned, or the roads
        ("value", "f8"),
        ("until", "f8"),
    ],
    align=True,
)
"""One row a thing that is known to happen: shifts, breaks, units out of service, hospitals that divert, roads that change; by time.

``value`` of DUTY_BEGINS: when the shift ends, infinite for never; of BREAK_DUE: length of the break, seconds, which must
begin by ``until``; of OUT_OF_SERVICE: length, seconds, and ``until`` is 1 if it cannot wait until the unit is free (a
breakdown), else 0; of DIVERSION: 1 for on, 0 for off; a ROADS_CHANGED has neither. A unit with a DUTY_BEGINS anywhere is off duty until its first.
"""

HEAP_ENTRY = np.dtype([("key", "f8"), ("order", "i8"), ("kind", "u1"), ("unit", "i4"), ("call", "i4")], align=True)
"""One entry of a binary heap, smallest (key, order) first.

In the calendar an entry is a pending event: key is its time, order the number under which it was scheduled, so that
of two at the same time the one scheduled first comes first. In the queue an entry is a waiting call: key is its
priority, order its row, that is, the order in which calls were received.
"""

CLOCK = np.dtype(
    [
        ("now", "f8"),
        ("horizon", "f8"),  # the agenda is followed until then, and as long as calls are open
        ("next_order", "i8"),
        ("n_pending", "i8"),  # entries of the calendar
        ("n_queued", "i8"),  # entries of the queue
        ("n_trace", "i8"),  # rows written to the trace
        ("n_events", "i8"),  # events handled
        ("n_ended", "i8"),  # calls ended or handed over
        ("kind", "i8"),  # the event being handled, -1 if none ...
        ("unit", "i8"),  # ... its unit
        ("call", "i8"),  # ... and its call
    ],
    align=True,
)
"""One row: the clock, the lengths of the growing parts, and the event being handled."""

TRACE = np.dtype(
    [
        ("time", "f8"),
        ("kind", "u1"),  # EventKind
        ("status", "u1"),  # status of the unit after the event (0 when no unit)
        ("since", "f8"),  # when it entered that status
        ("unit", "i4"),
        ("call", "i4"),  # the call that the event concerns
        ("serves", "i4"),  # the call that the unit serves after the event, -1 for none
        ("hospital", "i4"),
        ("station", "i4"),
        ("metric", "u1"),  # speeds of the trip the unit is on after the event
        ("from_node", "i4"),  # that trip: it passes this node ...
        ("t_from", "f8"),  # ... at this time (later than ``time`` while it finishes the street it was on),
        ("to_node", "i4"),  # and ends here ...
        ("t_to", "f8"),  # ... then. A parked unit has from_node == to_node.
    ],
    align=True,
)
"""One handled event, with the unit's trip after it: enough to rebuild where everybody was at any instant."""
