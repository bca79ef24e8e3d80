"""Many futures of one present in one compiled call: begin each anew in the same arrays, give the order, run, look."""

from __future__ import annotations

import numpy as np

from .._compiled import kernel, lean_kernel
from .._reference import ground_of, world_of
from .calendar import is_coming, is_live, push
from .kernel import run
from .numbers import C_CANCELLED, C_EXPECTED, C_HANDED_OVER, EN_ROUTE, R_FIRST, U_MOBILISING
from .orders import give_order

_LOOK_EVERY_S = 300.0  # after the last call of a future: how often to ask whether somebody still waits
_ANY_NUMBER = 2**62


@kernel
def run_futures(  # type: ignore[no-untyped-def]
    handle, present, rows, first, walk_ins, walk_first, keys, order, lo, hi, until_s, longest_s, response_s, offload_s
):
    """Run futures ``lo`` to ``hi``, each from the same present under the same order.

    Parameters
    ----------
    handle : Handle
        A world to run in; its calls have a row for each of the longest future at least.
    present : Handle
        What all futures begin with (:class:`~ems_twin.simulation.present.Present`); it is not changed.
    rows, first, walk_ins, walk_first, keys
        As :class:`~ems_twin.simulation.futures.Futures` has them.
    order : int64[3]
        Kind, unit and target (:func:`~ems_twin.simulation.orders.give_order`).
    lo, hi : int
        The futures to run.
    until_s : float
        Second of the run until which calls are received.
    longest_s : float
        A future goes on until every call has a unit on scene, at most so many seconds.
    response_s, offload_s : float64[len(rows)]
        Answers, by row. Call received to first unit on scene, in the rows of calls that nobody had reached before;
        cut off at ``until_s + longest_s``, and ``longest_s`` for those handed over; NaN for those called off. Hospital
        arrival to transfer of care as far as it falls before ``until_s``; NaN for others.
    """
    for k in range(lo, hi):
        _one_future(
            world_of(handle), ground_of(handle), world_of(present), rows, first, walk_ins, walk_first, keys, order, k,
            until_s, longest_s, response_s, offload_s,
        )  # fmt: skip


@kernel
def live_entries(handle):  # type: ignore[no-untyped-def]
    """Whether each pending event of a world still counts, shape (pending,)."""
    n = handle.world.clock[0].n_pending
    live = np.zeros(n, np.bool_)
    _mark_live(world_of(handle), live)
    return live


@kernel
def order_in(handle, kind, u, target):  # type: ignore[no-untyped-def]
    """See :func:`ems_twin.simulation.orders.give_order`."""
    give_order(world_of(handle), ground_of(handle), kind, u, target)


@lean_kernel
def _mark_live(world, live):  # type: ignore[no-untyped-def]
    for i in range(len(live)):
        live[i] = is_live(world, world.calendar[i])


@lean_kernel
def _one_future(  # type: ignore[no-untyped-def]
    world, ground, present, rows, first, walk_ins, walk_first, keys, order, k, until_s, longest_s, response_s, offload_s
):
    n = first[k + 1] - first[k]
    _begin(world, present, rows, first[k], n)
    _fill_rooms(world, walk_ins, walk_first[k])
    _fill_calendar(world, present, keys[k])
    give_order(world, ground, order[0], order[1], order[2])
    run(world, ground, until_s, _ANY_NUMBER, 1)
    t, cut_s = until_s, until_s + longest_s
    while t < cut_s and _somebody_waits(world, n):
        t = min(t + _LOOK_EVERY_S, cut_s)
        run(world, ground, t, _ANY_NUMBER, 1)
    for i in range(n):
        before, call = rows[first[k] + i], world.calls[i]
        response_s[first[k] + i] = _response_s(before, call, cut_s, longest_s)
        offload_s[first[k] + i] = np.nan
        if np.isnan(before.t_transfer) and call.t_at_hospital <= until_s:
            ends = until_s if np.isnan(call.t_transfer) else min(call.t_transfer, until_s)
            offload_s[first[k] + i] = ends - call.t_at_hospital


@lean_kernel
def _begin(world, present, rows, at, n):  # type: ignore[no-untyped-def]
    """Put everything where it is now. Rows that this future does not need are a call that never comes."""
    for i in range(n):
        world.calls[i] = rows[at + i]
    if n < len(world.calls):
        never = world.calls[n]
        never.role, never.status, never.t_received = R_FIRST, C_EXPECTED, np.inf
    for u in range(len(world.units)):
        world.units[u] = present.units[u]
    for h in range(len(world.hospitals)):
        world.hospitals[h] = present.hospitals[h]
    for s in range(len(world.stations)):
        world.stations[s] = present.stations[s]
    world.clock[0] = present.clock[0]
    for i in range(world.clock[0].n_queued):
        world.queue[i] = present.queue[i]
    ended = len(world.calls) - n
    for i in range(n):
        if not np.isnan(world.calls[i].t_ended):
            ended += 1
    world.clock[0].n_ended = ended


@lean_kernel
def _fill_rooms(world, walk_ins, first):  # type: ignore[no-untyped-def]
    """Let the patients of this future walk in; the present knows only how many wait."""
    for i in range(first[len(first) - 1] - first[0]):
        world.walk_ins[i] = walk_ins[first[0] + i]
    for h in range(len(world.hospitals)):
        room = world.hospitals[h]
        waiting = room.walk_in_arrived - room.walk_in_next
        room.walk_in_next = first[h] - first[0]
        room.walk_in_arrived = room.walk_in_next + waiting
        room.walk_in_end = first[h + 1] - first[0]


@lean_kernel
def _fill_calendar(world, present, keys):  # type: ignore[no-untyped-def]
    n = present.clock[0].n_pending
    for i in range(n):
        entry = present.calendar[i]
        push(world.calendar, i, keys[i], entry.order, entry.kind, entry.unit, entry.call)
        if entry.kind == EN_ROUTE and world.units[entry.unit].status == U_MOBILISING:
            world.units[entry.unit].t_ready = keys[i]
    world.clock[0].n_pending = n


@lean_kernel
def _somebody_waits(world, n):  # type: ignore[no-untyped-def]
    for i in range(n):
        call = world.calls[i]
        if call.role == R_FIRST and np.isnan(call.t_first) and (is_coming(call.status) or call.status == C_EXPECTED):
            return True
    return False


@lean_kernel
def _response_s(before, call, cut_s, longest_s):  # type: ignore[no-untyped-def]
    if before.role != R_FIRST or not np.isnan(before.t_first) or not np.isnan(before.t_ended):
        return np.nan
    if not np.isnan(call.t_first):
        return call.t_first - call.t_received
    if call.status == C_HANDED_OVER:
        return longest_s
    if call.status == C_CANCELLED:
        return np.nan
    return cut_s - call.t_received
