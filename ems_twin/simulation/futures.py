"""Sampled futures of a world: the calls of the next hours, many times over, behind the same present."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..demand import Demand, draw_stays, generate_calls, generate_walk_ins, walk_in_rates
from ..demand.streams import Stream, generator
from ..errors import InputError
from ..world import Ground, World, incident_rows
from ..world.schema import CALL, HEAP_ENTRY, TRANSPORT_SKILL, WALK_IN, CallStatus, EventKind
from .present import Present, present_of
from .remaining import Remaining

_UNFORESEEN_WHEN_URGENT = EventKind.OUT_OF_SERVICE


@dataclass(frozen=True, eq=False, kw_only=True)
class Futures:
    """Everything that differs from future to future; all candidates meet the same ones (common random numbers)."""

    present: Present
    """What they begin with."""
    until_s: float
    """Second of the run until which calls are received."""
    rows: NDArray[np.void]
    """Calls of all futures, one future after the other, each with those in progress first (CALL)."""
    first: NDArray[np.int64]
    """First row of each future; the last entry is their end. Shape (futures + 1,)."""
    walk_ins: NDArray[np.void]
    """Patients who wait for a bay or will walk in, by future, hospital and time (WALK_IN)."""
    walk_first: NDArray[np.int64]
    """First row in :attr:`walk_ins`, shape (futures, hospitals + 1)."""
    keys: NDArray[np.float64]
    """When each event of the present's calendar comes, infinite for never; shape (futures, entries)."""

    @property
    def n(self) -> int:
        """Number of futures."""
        return len(self.first) - 1


def draw_futures(
    demand: Demand,
    city: City,
    world: World,
    ground: Ground,
    *,
    start: datetime,
    horizon_s: float,
    n: int,
    seed: int,
    replication: int = 0,
    volume_factor: float = 1.0,
    skill_names: tuple[str, ...] = ("transport",),
    peek: bool = False,
) -> Futures:
    """Draw ``n`` futures of a world.

    All are drawn in one go: a Poisson process of n times the rate whose points fall to n futures at random is n
    independent Poisson processes of that rate (colouring theorem; Kingman 1993, chapter 5).

    A simulated world knows its future. None of it is used: calls that were not received are dropped, the rest of every
    step under way is drawn anew (:class:`~ems_twin.simulation.remaining.Remaining`), and so is who walks into emergency
    rooms; breakdowns and diversions that the agenda holds ahead are left out. Shifts, breaks and planned times out of
    service are known beforehand.

    Parameters
    ----------
    demand, city
        What to expect, and where.
    world, ground
        The world, between two events or in a review, which is not changed, and its ground.
    start
        Epoch of the run, with its zone.
    horizon_s
        Length of the futures: calls are received for so long, seconds, > 0.
    n
        Number of futures, 1 or more.
    seed, replication
        Whole numbers >= 0; the same pair gives the same futures.
    volume_factor
        Multiplies every rate.
    skill_names
        As :func:`~ems_twin.demand.generate_calls` takes them.
    peek
        Let calls in progress, and the agenda, go on as the world says they will: for tests of the difference it makes.

    Raises
    ------
    InputError
        As :func:`~ems_twin.demand.generate_calls`, or if ``n`` is below 1.
    """
    if n < 1:
        raise InputError(f"{n} futures", field="n", remedy="Give 1 or more.")
    present = present_of(world, ground, open_ends=not peek)
    now = present.now
    at = (start.astimezone(UTC) + timedelta(seconds=now)).astimezone(start.tzinfo)
    calls = generate_calls(
        demand, city, start=at, duration_s=horizon_s, seed=seed, replication=replication,
        volume_factor=n * volume_factor, skill_names=skill_names,
    )  # fmt: skip
    if demand.emergency_rooms is not None:
        calls = draw_stays(demand, calls, seed=seed, replication=replication)
    calls["t_received"] += now
    colours = generator(seed, replication, Stream.FUTURE)
    future = colours.integers(n, size=len(calls))
    order = np.argsort(future, kind="stable")
    carried_always = bool((world.units["skills"] & TRANSPORT_SKILL).all())
    coming = incident_rows(calls[order], carried_always=carried_always)
    n_rows = np.bincount(np.repeat(future[order], _rows_a_call(coming)), minlength=n)
    n_hospitals = len(world.hospitals)
    counts_bays = bool(ground.rules["count_bays"][0])
    walk_ins = np.zeros(0, WALK_IN)
    walking = np.zeros(0, np.int64)
    if counts_bays and demand.emergency_rooms is not None:
        drawn = generate_walk_ins(
            demand, city, start=at, duration_s=horizon_s, seed=seed, replication=replication, already_there=False,
            rates=n * volume_factor * walk_in_rates(demand, city),
        )  # fmt: skip
        walk_ins = np.zeros(len(drawn), WALK_IN)
        for name in drawn.dtype.names or ():
            walk_ins[name] = drawn[name]
        walk_ins["t_arrival"] += now
        walk_ins["t_bay"] = np.nan
        walking = colours.integers(n, size=len(walk_ins))
    if peek:
        before, entries = np.tile(present.world.calls, (n, 1)), present.entries
        keys = np.tile(entries["key"], (n, 1))
    else:
        present = _without_the_unforeseen(present)
        remaining = Remaining(present, demand, n=n, seed=seed + replication)
        known = ~np.isin(present.entries["kind"], (EventKind.CALL_CANCELLED, EventKind.CONDITION_WORSENED))
        turns, turn_keys = remaining.turns()
        entries = present.entries[known]
        keys = remaining.keys(entries)
        remaining.bays(entries, world, keys)
        entries, keys = _with_more(entries, keys, turns, turn_keys, present)
        before = remaining.rows
    rows, first = _packed(before, coming, n_rows)
    walk_ins, walk_first = _packed_walk_ins(present.world, walk_ins, walking, n, n_hospitals)
    if counts_bays:
        arriving = entries["kind"] == EventKind.WALK_IN
        entries, keys = entries[~arriving], keys[:, ~arriving]
        doors, door_keys = _next_walk_ins(present.world, walk_ins, walk_first)
        entries, keys = _with_more(entries, keys, doors, door_keys, present)
    _first_call(entries, keys, rows, first, len(present.world.calls))
    present.world.clock["horizon"] = max(present.world.clock["horizon"][0], now + horizon_s)
    return Futures(
        present=_with_entries(present, entries), until_s=now + horizon_s, rows=rows, first=first, walk_ins=walk_ins,
        walk_first=walk_first, keys=keys,
    )  # fmt: skip


def true_future(world: World, ground: Ground, *, horizon_s: float) -> Futures:
    """The one future that a simulated world will have if nobody interferes; for tests, and to look back.

    Parameters
    ----------
    world, ground
        The world, which is not changed, and its ground.
    horizon_s
        For how long its calls are looked at, seconds; all that are still to come are there.
    """
    present = present_of(world, ground, open_ends=False)
    status = world.calls["status"]
    coming = world.calls[status[world.calls["incident"]] == CallStatus.EXPECTED]
    if len(coming):
        coming["incident"] -= coming["incident"][0]
    rows, first = _packed(present.world.calls[None, :], coming, np.array([len(coming)]))
    entries, keys = present.entries, present.entries["key"][None, :].copy()
    walk_ins, walk_first = world.walk_ins[:0], np.zeros((1, len(world.hospitals) + 1), np.int64)
    if ground.rules["count_bays"][0]:
        parts = [world.walk_ins[room["walk_in_next"] : room["walk_in_end"]] for room in world.hospitals]
        walk_ins = np.concatenate(parts)
        walk_first[0, 1:] = np.cumsum([len(part) for part in parts])
    return Futures(
        present=_with_entries(present, entries), until_s=present.now + horizon_s, rows=rows, first=first,
        walk_ins=walk_ins, walk_first=walk_first, keys=keys,
    )  # fmt: skip


def _rows_a_call(rows: NDArray[np.void]) -> NDArray[np.int64]:
    return rows["n_rows"][rows["incident"] == np.arange(len(rows))].astype(np.int64)


def _packed(
    before: NDArray[np.void], coming: NDArray[np.void], n_coming: NDArray[np.int64]
) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """Calls in progress, shape (futures, m), then those to come of each future; incidents by row of their future."""
    n, m = before.shape
    first = np.concatenate([[0], np.cumsum(n_coming + m)]).astype(np.int64)
    rows = np.empty(int(first[-1]), CALL)
    rows[first[:-1, None] + np.arange(m)] = before
    began = np.cumsum(n_coming) - n_coming
    rows[np.arange(len(coming)) + np.repeat(first[:-1] + m - began, n_coming)] = coming
    drawn = np.arange(len(coming)) + np.repeat(first[:-1] + m - began, n_coming)
    rows["incident"][drawn] += m - np.repeat(began, n_coming).astype(np.int32)
    return rows, first


def _first_call(
    entries: NDArray[np.void], keys: NDArray[np.float64], rows: NDArray[np.void], first: NDArray[np.int64], m: int
) -> None:
    """Let the calendar of each future say when its first call comes."""
    column = np.flatnonzero((entries["kind"] == EventKind.CALL_RECEIVED) & (entries["call"] == m))
    if not len(column):  # a call's second unit is being asked for this very second: the law goes on from there
        return
    some = np.diff(first) > m
    keys[:, column[0]] = np.inf
    keys[some, column[0]] = rows["t_received"][first[:-1][some] + m]


def _packed_walk_ins(
    present: World, coming: NDArray[np.void], future: NDArray[np.int64], n: int, n_hospitals: int
) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """Those who wait now, in every future, and those who will come, by future, hospital and time."""
    waiting = present.walk_ins
    both = np.concatenate([np.tile(waiting, n), coming])
    of = np.concatenate([np.repeat(np.arange(n), len(waiting)), future])
    order = np.lexsort((both["t_arrival"], both["hospital"], of))
    both = both[order]
    place = of[order] * n_hospitals + both["hospital"]
    edges = np.searchsorted(place, np.arange(n * n_hospitals + 1)).astype(np.int64)
    walk_first = edges[np.arange(n)[:, None] * n_hospitals + np.arange(n_hospitals + 1)]
    return both, walk_first


def _next_walk_ins(
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


def _with_more(
    entries: NDArray[np.void], keys: NDArray[np.float64], more: NDArray[np.void], more_keys: NDArray[np.float64],
    present: Present,
) -> tuple[NDArray[np.void], NDArray[np.float64]]:  # fmt: skip
    """Events that only the futures know, numbered behind those on the calendar."""
    clock = present.world.clock
    more["order"] = clock["next_order"][0] + np.arange(len(more))
    clock["next_order"] += len(more)
    return np.concatenate([entries, more]), np.concatenate([keys, more_keys], axis=1)


def _with_entries(present: Present, entries: NDArray[np.void]) -> Present:
    present.world.clock["n_pending"] = len(entries)
    return present._replace(world=present.world._replace(calendar=entries))


def _without_the_unforeseen(present: Present) -> Present:
    """Leave the breakdowns and diversions out of what is ahead on the agenda."""
    entries, agenda = present.entries.copy(), present.world.agenda
    due = np.flatnonzero(entries["kind"] >= EventKind.DUTY_BEGINS)
    if not len(due):
        return present
    ahead = agenda[entries["call"][due[0]] :]
    breakdown = (ahead["kind"] == _UNFORESEEN_WHEN_URGENT) & (ahead["until"] > 0)
    ahead = ahead[~breakdown & (ahead["kind"] != EventKind.DIVERSION)]
    entries["call"][due] = 0
    entries["key"][due] = ahead["time"][0] if len(ahead) else np.inf
    if len(ahead):
        entries["kind"][due] = ahead["kind"][0]
    return present._replace(world=present.world._replace(calendar=entries, agenda=ahead))
