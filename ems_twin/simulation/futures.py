"""Sampled futures of a world: the calls of the next hours, many times over, behind the same present."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..demand import Demand, draw_stays, generate_calls, generate_walk_ins, walk_in_rates
from ..demand.streams import Stream, generator
from ..errors import InputError
from ..world import Ground, World, incident_rows
from ..world.schema import AGENDA_KINDS, TRANSPORT_SKILL, WALK_IN, CallStatus, EventKind
from .future_rows import next_walk_ins, packed, packed_walk_ins, rows_a_call, set_first_call, with_more
from .present import Present, present_of
from .remaining import Remaining


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
    now_s: float | None = None,
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
    now_s
        Second of the run that it is; by default that of the world's last event.
    volume_factor
        Multiplies every rate.
    skill_names
        As :func:`~ems_twin.demand.generate_calls` takes them.
    peek
        Let calls in progress, and the agenda, go on as the world says they will: for tests of the difference it makes.

    Raises
    ------
    InputError
        As :func:`~ems_twin.demand.generate_calls`, or if ``n`` is below 1 or ``now_s`` not now.
    """
    if n < 1:
        raise InputError(f"{n} futures", field="n", remedy="Give 1 or more.")
    present = present_of(world, ground, now_s=now_s, open_ends=not peek)
    now = present.now
    at = (start.astimezone(UTC) + timedelta(seconds=now)).astimezone(start.tzinfo)
    stretch = _Stretch(demand, city, at, now, horizon_s, n, seed, replication, volume_factor)
    coming, n_rows = stretch.calls(skill_names, carried_always=bool((world.units["skills"] & TRANSPORT_SKILL).all()))
    if peek:
        entries, before = present.entries, np.tile(present.world.calls, (n, 1))
        keys, waiting = np.tile(entries["key"], (n, 1)), np.tile(present.world.walk_ins, (n, 1))
    else:
        present = _without_the_unforeseen(present)
        remaining = Remaining(present, demand, n=n, seed=seed, replication=replication)
        known = ~np.isin(present.entries["kind"], (EventKind.CALL_CANCELLED, EventKind.CONDITION_WORSENED))
        entries = present.entries[known]
        keys, waiting = remaining.keys(entries), remaining.waiting()
        remaining.bays(entries, world, keys)
        entries, keys = with_more(entries, keys, *remaining.turns(), present)
        before = remaining.rows
    rows, first = packed(before, coming, n_rows)
    counts_bays = bool(ground.rules["count_bays"][0])
    patients, of = stretch.walk_ins() if counts_bays else (np.zeros(0, WALK_IN), np.zeros(0, np.int64))
    walk_ins, walk_first = packed_walk_ins(waiting, patients, of, len(world.hospitals))
    if counts_bays:
        others = entries["kind"] != EventKind.WALK_IN
        doors = next_walk_ins(present.world, walk_ins, walk_first)
        entries, keys = with_more(entries[others], keys[:, others], *doors, present)
    set_first_call(entries, keys, rows, first, len(present.world.calls))
    present.world.clock["horizon"] = max(present.world.clock["horizon"][0], now + horizon_s)
    return Futures(
        present=_with_entries(present, entries), until_s=now + horizon_s, rows=rows, first=first, walk_ins=walk_ins,
        walk_first=walk_first, keys=keys,
    )  # fmt: skip


class _Stretch(NamedTuple):
    """The hours ahead, as they are drawn for all futures at once."""

    demand: Demand
    city: City
    at: datetime
    now: float
    horizon_s: float
    n: int
    seed: int
    replication: int
    volume_factor: float

    def calls(
        self, skill_names: tuple[str, ...], *, carried_always: bool
    ) -> tuple[NDArray[np.void], NDArray[np.int64]]:
        """Rows of the calls, by future and time, and how many rows each future has."""
        calls = generate_calls(
            self.demand, self.city, start=self.at, duration_s=self.horizon_s, seed=self.seed,
            replication=self.replication, volume_factor=self.n * self.volume_factor, skill_names=skill_names,
        )  # fmt: skip
        if self.demand.emergency_rooms is not None:
            calls = draw_stays(self.demand, calls, seed=self.seed, replication=self.replication)
        calls["t_received"] += self.now
        future = self._futures(len(calls), 0)
        order = np.argsort(future, kind="stable")
        rows = incident_rows(calls[order], carried_always=carried_always)
        return rows, np.bincount(np.repeat(future[order], rows_a_call(rows)), minlength=self.n)

    def walk_ins(self) -> tuple[NDArray[np.void], NDArray[np.int64]]:
        """Patients who walk in, and the future of each."""
        if self.demand.emergency_rooms is None:
            return np.zeros(0, WALK_IN), np.zeros(0, np.int64)
        drawn = generate_walk_ins(
            self.demand, self.city, start=self.at, duration_s=self.horizon_s, seed=self.seed,
            replication=self.replication, already_there=False,
            rates=self.n * walk_in_rates(self.demand, self.city, volume_factor=self.volume_factor),
        )  # fmt: skip
        patients = np.zeros(len(drawn), WALK_IN)
        for name in drawn.dtype.names or ():
            patients[name] = drawn[name]
        patients["t_arrival"] += self.now
        patients["t_bay"] = np.nan
        return patients, self._futures(len(drawn), 1)

    def _futures(self, size: int, part: int) -> NDArray[np.int64]:
        return generator(self.seed, self.replication, Stream.FUTURE, part).integers(self.n, size=size)


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
    rows, first = packed(present.world.calls[None, :], coming, np.array([len(coming)]))
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


def _with_entries(present: Present, entries: NDArray[np.void]) -> Present:
    present.world.clock["n_pending"] = len(entries)
    return present._replace(world=present.world._replace(calendar=entries))


def _without_the_unforeseen(present: Present) -> Present:
    """Leave the breakdowns and diversions out of what is ahead on the agenda."""
    entries, agenda = present.entries.copy(), present.world.agenda
    due = np.flatnonzero(np.isin(entries["kind"], AGENDA_KINDS))
    if not len(due):
        return present
    ahead = agenda[entries["call"][due[0]] :]
    breakdown = (ahead["kind"] == EventKind.OUT_OF_SERVICE) & (ahead["until"] > 0)
    ahead = ahead[~breakdown & (ahead["kind"] != EventKind.DIVERSION)]
    entries["call"][due] = 0
    entries["key"][due] = ahead["time"][0] if len(ahead) else np.inf
    if len(ahead):
        entries["kind"][due] = ahead["kind"][0]
    return present._replace(world=present.world._replace(calendar=entries, agenda=ahead))
