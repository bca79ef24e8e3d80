"""The present, as all futures begin with it: units, rooms and the calls that are not over, and nothing still to come."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..world import Ground, Role, World
from ..world.schema import (
    AGENDA_KINDS,
    CALL,
    ENDED,
    HEAP_ENTRY,
    TRACE,
    TRANSPORT_SKILL,
    CallStatus,
    EventKind,
    UnitStatus,
)
from .handle import make_handle
from .rollout_kernel import live_entries

ROOM_EVENTS = (EventKind.WALK_IN, EventKind.BAY_FREED)
"""Kinds of events of which the row of a hospital stands in the call's place."""


class Present(NamedTuple):
    """A world without its past and its future, and where its calls come from."""

    world: World
    """Rows of the calls that have begun and are not over; the live events in their order, with the next call's as row
    ``len(calls)``; walk-ins that wait for a bay; no trace."""
    source_row: NDArray[np.int64]
    """Row of each call in the world it was taken from, -1 for one that was put in; shape (calls,)."""

    @property
    def now(self) -> float:
        """Second of the run."""
        return float(self.world.clock["now"][0])

    @property
    def entries(self) -> NDArray[np.void]:
        """The pending events."""
        return self.world.calendar

    def row_of(self, call: int) -> int:
        """Row here of a call of the source, -1 if it is over or has not been received."""
        found = np.flatnonzero(self.source_row == call)
        return int(found[0]) if len(found) else -1


def present_of(world: World, ground: Ground, *, now_s: float | None = None, open_ends: bool = True) -> Present:
    """Take the present out of a world, which is not changed.

    Parameters
    ----------
    world, ground
        The world, between two events or in a review, and its ground.
    now_s
        Second of the run that it is; by default that of the last event.
    open_ends
        Give every call whose patient may yet have to be carried by a second unit a row for that unit. The call table
        has one only where it will come to that, which nobody can know beforehand.

    Raises
    ------
    InputError
        If ``now_s`` lies before the last event or after the next.
    """
    source = _open_rows(world)
    rows = world.calls[source]
    first_of = np.searchsorted(source, rows["incident"])
    rows["incident"] = first_of
    if open_ends and not (world.units["skills"] & TRANSPORT_SKILL).all():
        rows, source = _with_second_units(rows, source, world.units)
    new_row = np.full(len(world.calls) + 1, -1, np.int64)  # the last is that of no call, row -1
    known = source >= 0
    new_row[source[known]] = np.flatnonzero(known)
    units, hospitals, queue = (
        world.units.copy(),
        world.hospitals.copy(),
        world.queue[: world.clock["n_queued"][0]].copy(),
    )
    for name in ("call", "next_call"):
        units[name] = new_row[units[name]]
    queue["call"] = queue["order"] = new_row[queue["call"]]  # rows keep their order, so what was a heap is one
    entries = world.calendar[: world.clock["n_pending"][0]][live_entries(make_handle(world, ground))]
    entries = entries[np.lexsort((entries["order"], entries["key"]))]
    if not ground.rules["count_bays"][0]:  # who walks in then changes nothing for anybody
        entries = entries[entries["kind"] != EventKind.WALK_IN]
    entries = _renumbered(entries, new_row, len(rows), world)
    clock = world.clock.copy()
    if now_s is not None:
        if not clock["now"][0] <= now_s <= np.min(entries["key"], initial=np.inf):
            raise InputError(
                f"is {now_s} s; the last event was at {clock['now'][0]} s, and the next is due before", field="now_s",
                remedy="Let everything happen up to now first.",
            )  # fmt: skip
        clock["now"] = now_s
    clock["kind"] = clock["unit"] = clock["call"] = -1
    clock["n_pending"] = len(entries)
    clock["next_order"] += 1
    waiting = [
        world.walk_ins[room["walk_in_next"] : room["walk_in_arrived"]]
        for room in hospitals
        if ground.rules["count_bays"][0]
    ]
    n_waiting = np.array([len(part) for part in waiting] or [0] * len(hospitals), np.int64)
    hospitals["walk_in_next"] = np.cumsum(n_waiting) - n_waiting
    hospitals["walk_in_arrived"] = np.cumsum(n_waiting)
    return Present(
        World(
            units=units, calls=rows, hospitals=hospitals, stations=world.stations.copy(), calendar=entries, queue=queue,
            clock=clock, walk_ins=np.concatenate([world.walk_ins[:0], *waiting]), agenda=world.agenda.copy(),
            scratch=np.zeros(0), trace=np.zeros(0, TRACE),
        ),
        source,
    )  # fmt: skip


def _open_rows(world: World) -> NDArray[np.int64]:
    """Rows of the incidents that have begun and in which something is still to happen."""
    calls = world.calls
    incident = calls["incident"].astype(np.int64)
    status = calls["status"]
    going_on = ~np.isin(status, ENDED) & (status[incident] != CallStatus.EXPECTED)
    is_open = np.zeros(len(calls), np.bool_)
    is_open[incident[going_on]] = True
    rows: NDArray[np.int64] = np.flatnonzero(is_open[incident])
    return rows


def _with_second_units(
    rows: NDArray[np.void], source: NDArray[np.int64], units: NDArray[np.void]
) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """A row TRANSPORT behind each incident that has none and may yet need one; it sleeps."""
    has_one = np.zeros(len(rows), np.bool_)
    has_one[rows["incident"][rows["role"] == Role.TRANSPORT]] = True
    lacks = np.flatnonzero((rows["role"] == Role.FIRST) & ~has_one & may_be_carried(rows, units))
    more = rows[lacks]
    blank = np.zeros(1, CALL)
    for name in CALL.names or ():
        if name.startswith("t_") and name != "t_received":
            more[name] = np.nan
        elif name in ("n_bumps", "bumped_s", "queued_s", "was_queued"):
            more[name] = blank[name]
    more["unit"] = more["hospital"] = more["hospital_wanted"] = -1
    more["role"], more["needs"], more["transport"] = Role.TRANSPORT, TRANSPORT_SKILL, 1
    more["status"] = CallStatus.EXPECTED
    for first in lacks:
        rows["n_rows"][rows["incident"] == first] += 1
    more["n_rows"] += 1
    both = np.concatenate([rows, more])
    order = np.argsort(both["incident"], kind="stable")  # behind the others, since it comes after them here
    both, source = both[order], np.concatenate([source, np.full(len(more), -1)])[order]
    n_rows = both["n_rows"][both["role"] == Role.FIRST].astype(np.int64)
    both["incident"] = np.repeat(np.cumsum(n_rows) - n_rows, n_rows)
    return both, source


def may_be_carried(rows: NDArray[np.void], units: NDArray[np.void]) -> NDArray[np.bool_]:
    """Whether it is still unknown if the patient of each row will go to hospital, shape (rows,).

    It is known when he has left, or when a unit is there that cannot take him and has asked for one that can, or not.
    """
    there = rows["status"] == CallStatus.ON_SCENE
    unable = (units["skills"][rows["unit"]] & TRANSPORT_SKILL) == 0
    unknown: NDArray[np.bool_] = np.isnan(rows["t_left_scene"]) & np.isnan(rows["t_ended"]) & ~(there & unable)
    return unknown


def _renumbered(entries: NDArray[np.void], new_row: NDArray[np.int64], n_rows: int, world: World) -> NDArray[np.void]:
    """Events with the new rows of their calls. The next call to come is row ``n_rows``; if none is, it never comes."""
    kind, call = entries["kind"], entries["call"]
    of_call = (call >= 0) & ~np.isin(kind, (*ROOM_EVENTS, *AGENDA_KINDS))
    entries["call"][of_call] = new_row[call[of_call]]
    coming = kind == EventKind.CALL_RECEIVED
    entries["call"][coming & (entries["call"] < 0)] = n_rows
    if not coming.any():
        never = np.zeros(1, HEAP_ENTRY)
        never["key"], never["order"], never["kind"] = np.inf, world.clock["next_order"], EventKind.CALL_RECEIVED
        never["unit"], never["call"] = -1, n_rows
        entries = np.concatenate([entries, never])
    return entries


def is_mobilising_at_door(units: NDArray[np.void]) -> NDArray[np.bool_]:
    """Whether each unit's turnout is under way at a station, shape (units,)."""
    mobilising: NDArray[np.bool_] = (units["status"] == UnitStatus.MOBILISING) & (units["station"] >= 0)
    return mobilising
