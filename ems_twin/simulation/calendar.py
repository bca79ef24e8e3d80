"""The calendar of pending events and the queue of waiting calls: binary heaps over record arrays."""

from __future__ import annotations

import numpy as np

from .._compiled import leaf_kernel, lean_kernel
from .numbers import (
    C_ASSIGNED,
    C_QUEUED,
    C_RECEIVED,
    C_RESERVED,
    CALL_CANCELLED,
    CONDITION_WORSENED,
    DUTY_BEGINS,
    ROADS_CHANGED,
    UNIT_NEEDED,
)


@leaf_kernel
def _before(heap, i, j):  # type: ignore[no-untyped-def]
    if heap[i].key != heap[j].key:
        return heap[i].key < heap[j].key
    return heap[i].order < heap[j].order


@leaf_kernel
def _swap(heap, i, j):  # type: ignore[no-untyped-def]
    a, b = heap[i], heap[j]
    a.key, b.key = b.key, a.key
    a.order, b.order = b.order, a.order
    a.kind, b.kind = b.kind, a.kind
    a.unit, b.unit = b.unit, a.unit
    a.call, b.call = b.call, a.call


@leaf_kernel
def push(heap, n, key, order, kind, unit, call):  # type: ignore[no-untyped-def]
    """Add an entry to a heap of n; it has n + 1 afterwards."""
    entry = heap[n]
    entry.key, entry.order, entry.kind, entry.unit, entry.call = key, order, kind, unit, call
    _sift_up(heap, n)


@lean_kernel
def _sift_up(heap, i):  # type: ignore[no-untyped-def]
    while i > 0:
        above = (i - 1) // 2
        if not _before(heap, i, above):
            break
        _swap(heap, i, above)
        i = above


@leaf_kernel
def drop_first(heap, n):  # type: ignore[no-untyped-def]
    """Remove the smallest entry of a heap of n; it has n - 1 afterwards."""
    last = n - 1
    _swap(heap, 0, last)
    _sift_down(heap, 0, last)


@leaf_kernel
def _sift_down(heap, i, n):  # type: ignore[no-untyped-def]
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        if child + 1 < n and _before(heap, child + 1, child):
            child += 1
        if not _before(heap, child, i):
            break
        _swap(heap, i, child)
        i = child


@leaf_kernel
def is_on_agenda(kind):  # type: ignore[no-untyped-def]
    """Whether an event of this kind comes from the agenda, whose row stands in the call's place."""
    return DUTY_BEGINS <= kind <= ROADS_CHANGED


@leaf_kernel
def is_coming(status):  # type: ignore[no-untyped-def]
    """Whether a unit is still to come to a call's row in this state, from the queue if need be."""
    return status in (C_RECEIVED, C_QUEUED, C_ASSIGNED, C_RESERVED)


@leaf_kernel
def is_live(world, entry):  # type: ignore[no-untyped-def]
    """Whether an event still counts: a unit sent elsewhere leaves its old event behind, dead; so does a call."""
    if entry.unit >= 0:
        return world.units[entry.unit].event == entry.order
    if entry.kind == UNIT_NEEDED:
        return world.calls[entry.call].status == C_RECEIVED
    if entry.kind == CALL_CANCELLED or entry.kind == CONDITION_WORSENED:
        call = world.calls[entry.call]
        return np.isnan(call.t_first) and is_coming(call.status)
    if is_on_agenda(entry.kind):
        return entry.key <= world.clock[0].horizon or world.clock[0].n_ended < len(world.calls)
    return True


@lean_kernel
def _bury_the_dead(world):  # type: ignore[no-untyped-def]
    """Throw out dead events. There is room afterwards: live ones are at most one a unit and bay, three a call."""
    clock = world.clock[0]
    heap, kept = world.calendar, 0
    for i in range(clock.n_pending):
        if is_live(world, heap[i]):
            if i != kept:
                _swap(heap, i, kept)
            kept += 1
    clock.n_pending = kept
    for i in range(kept // 2 - 1, -1, -1):
        _sift_down(heap, i, kept)


@lean_kernel
def schedule(world, time, kind, u, c):  # type: ignore[no-untyped-def]
    """Put an event on the calendar; it becomes the one pending event of its unit, if it has one."""
    clock = world.clock[0]
    if clock.n_pending == len(world.calendar):
        _bury_the_dead(world)
    order = clock.next_order
    clock.next_order += 1
    if u >= 0:
        world.units[u].event = order
    push(world.calendar, clock.n_pending, time, order, kind, u, c)
    clock.n_pending += 1


@lean_kernel
def enqueue(world, c):  # type: ignore[no-untyped-def]
    """Let a call wait for a unit: the most urgent first, then the one received first."""
    clock = world.clock[0]
    push(world.queue, clock.n_queued, float(world.calls[c].priority), c, 0, -1, c)
    clock.n_queued += 1


@lean_kernel
def is_ahead(world, i, j):  # type: ignore[no-untyped-def]
    """Whether entry ``i`` of the queue comes before entry ``j``."""
    return _before(world.queue, i, j)


@lean_kernel
def take_out(world, i):  # type: ignore[no-untyped-def]
    """Take entry ``i`` out of the queue; returns its call."""
    clock = world.clock[0]
    last = clock.n_queued - 1
    c = world.queue[i].call
    if i != last:
        _swap(world.queue, i, last)
        _sift_down(world.queue, i, last)
        _sift_up(world.queue, i)
    clock.n_queued = last
    return np.int64(c)
