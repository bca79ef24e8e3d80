"""Rows of many futures in one array: what all begin with, then what comes to each, and the events for the first of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..world import World
from ..world.schema import CALL, HEAP_ENTRY, WALK_IN, EventKind
from .present import Present


def rows_a_call(rows: NDArray[np.void]) -> NDArray[np.int64]:
    """Rows of each incident, shape (calls,)."""
    return rows["n_rows"][rows["incident"] == np.arange(len(rows))].astype(np.int64)


def packed(
    before: NDArray[np.void], coming: NDArray[np.void], n_coming: NDArray[np.int64]
) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """Calls in progress, shape (futures, m), then those to come of each future; incidents by row of their future."""
    m = before.shape[1]
    first = np.concatenate([[0], np.cumsum(n_coming + m)]).astype(np.int64)
    rows = np.empty(int(first[-1]), CALL)
    rows[first[:-1, None] + np.arange(m)] = before
    began = np.cumsum(n_coming) - n_coming
    drawn = np.arange(len(coming)) + np.repeat(first[:-1] + m - began, n_coming)
    rows[drawn] = coming
    rows["incident"][drawn] += m - np.repeat(began, n_coming).astype(np.int32)
    return rows, first


def set_first_call(
    entries: NDArray[np.void], keys: NDArray[np.float64], rows: NDArray[np.void], first: NDArray[np.int64], m: int
) -> None:
    """Let the calendar of each future say when its first call comes."""
    column = np.flatnonzero((entries["kind"] == EventKind.CALL_RECEIVED) & (entries["call"] == m))
    if not len(column):  # a call's second unit is being asked for this very second: the law goes on from there
        return
    some = np.diff(first) > m
    keys[:, column[0]] = np.inf
    keys[some, column[0]] = rows["t_received"][first[:-1][some] + m]


def packed_walk_ins(
    waiting: NDArray[np.void], coming: NDArray[np.void], future: NDArray[np.int64], n_hospitals: int
) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """Those who wait now, shape (futures, patients), and those who will come, by future, hospital and time."""
    n, n_waiting = waiting.shape
    both = np.concatenate([waiting.ravel(), coming])
    of = np.concatenate([np.repeat(np.arange(n), n_waiting), future])
    order = np.lexsort((both["t_arrival"], both["hospital"], of))
    both = both[order]
    place = of[order] * n_hospitals + both["hospital"]
    edges = np.searchsorted(place, np.arange(n * n_hospitals + 1)).astype(np.int64)
    walk_first = edges[np.arange(n)[:, None] * n_hospitals + np.arange(n_hospitals + 1)]
    return both, walk_first


def next_walk_ins(
    present: World, walk_ins: NDArray[np.void], walk_first: NDArray[np.int64]
) -> tuple[NDArray[np.void], NDArray[np.float64]]:
    """An event at each hospital for the first who is still to come, and when that is in each future."""
    rooms = present.hospitals
    entries = np.zeros(len(rooms), HEAP_ENTRY)
    entries["kind"], entries["unit"], entries["call"] = EventKind.WALK_IN, -1, np.arange(len(rooms))
    nobody = np.zeros(1, WALK_IN)
    nobody["t_arrival"] = np.inf
    following = walk_first[:, :-1] + (rooms["walk_in_arrived"] - rooms["walk_in_next"])
    times = np.concatenate([walk_ins["t_arrival"], nobody["t_arrival"]])
    return entries, np.where(following < walk_first[:, 1:], times[np.minimum(following, len(walk_ins))], np.inf)


def with_more(
    entries: NDArray[np.void], keys: NDArray[np.float64], more: NDArray[np.void], more_keys: NDArray[np.float64],
    present: Present,
) -> tuple[NDArray[np.void], NDArray[np.float64]]:  # fmt: skip
    """Events that only the futures know, numbered behind those on the calendar."""
    clock = present.world.clock
    more["order"] = clock["next_order"][0] + np.arange(len(more))
    clock["next_order"] += len(more)
    return np.concatenate([entries, more]), np.concatenate([keys, more_keys], axis=1)
