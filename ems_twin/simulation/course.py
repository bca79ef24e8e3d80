"""The course of events: take the next one off the calendar, and write down what the last one led to."""

from __future__ import annotations

import numpy as np

from .._compiled import leaf_kernel
from .calendar import drop_first, is_live, is_on_agenda
from .numbers import BAY_FREED, WALK_IN


@leaf_kernel
def next_event(world, until):  # type: ignore[no-untyped-def]
    """Write the event just handled to the trace and take the next: its kind, unit and call, -1 where none.

    Where an emergency room alone is concerned, its row stands in the call's place; the agenda's row, where one is due.

    Returns kind -1 when nothing is left to do up to and including ``until``. Time stands at the last event then.
    """
    clock = world.clock[0]
    if clock.kind >= 0:
        _trace(world)
        clock.n_events += 1
        clock.kind = -1
    while clock.n_pending > 0:
        entry = world.calendar[0]
        if entry.key > until:
            break
        live = is_live(world, entry)
        time, kind, u, c = entry.key, entry.kind, entry.unit, entry.call
        drop_first(world.calendar, clock.n_pending)
        clock.n_pending -= 1
        if live:
            clock.now = time
            if is_on_agenda(kind):
                u = world.agenda[c].unit
            clock.kind, clock.unit, clock.call = kind, u, c
            return np.int64(kind), np.int64(u), np.int64(c)
    return np.int64(-1), np.int64(-1), np.int64(-1)


@leaf_kernel
def _trace(world):  # type: ignore[no-untyped-def]
    clock = world.clock[0]
    if len(world.trace) == 0:
        return
    row = world.trace[clock.n_trace]
    clock.n_trace += 1
    row.time, row.kind, row.unit, row.call = clock.now, clock.kind, clock.unit, clock.call
    row.hospital = row.station = row.serves = -1
    if clock.kind in (WALK_IN, BAY_FREED):
        row.hospital, row.call = clock.call, -1
    elif is_on_agenda(clock.kind):
        row.hospital, row.call = world.agenda[clock.call].hospital, -1
    if clock.unit >= 0:
        unit = world.units[clock.unit]
        row.serves, row.since = unit.call, unit.since
        if clock.kind == BAY_FREED:
            row.call = unit.call
        row.status, row.hospital, row.station, row.metric = unit.status, unit.hospital, unit.station, unit.metric
        row.from_node, row.t_from, row.to_node, row.t_to = unit.from_node, unit.t_from, unit.to_node, unit.t_to
