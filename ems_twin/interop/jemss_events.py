"""What happened in a run as JEMSS tells it: its events, in its order, each with the one that it follows from.

JEMSS lets the event that was added last go first among those of one instant, we the one that was added first. Only
events that follow from each other share an instant, so each chain is told at once, in JEMSS's order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..world.schema import EventKind, UnitStatus
from .jemss_run import JemssRun

_MOVE_WHEN_FREE = ("priority_list", "dmexclp")
"""Modules that choose the station of a freed unit and move no other."""


class Event(NamedTuple):
    """An event of JEMSS; events, units, calls and stations are rows from 0, -1 for none."""

    name: str
    """One of :data:`~ems_twin.interop.jemss_grammar.EVENT_NAMES`."""
    parent: int
    """The event that it follows from; -1 for the arrival of a call and the beginning of the run."""
    unit: int
    call: int
    station: int
    time_s: float
    """When it was by the law's clock, seconds since the start."""


class _Row(NamedTuple):
    """The part of a trace row that is needed."""

    time: float
    kind: int
    status: int
    unit: int
    call: int
    serves: int
    hospital: int
    station: int


def events_of(run: JemssRun) -> list[Event]:
    """Events of a run in JEMSS's order, from its trace."""
    trace = run.world.trace[: int(run.world.clock["n_trace"][0])]
    return _Teller(run).tell([_Row(*values) for values in zip(*(trace[f].tolist() for f in _Row._fields), strict=True)])


class _Teller:
    """Goes through the trace and remembers what each unit's and each call's next event follows from."""

    def __init__(self, run: JemssRun) -> None:
        self._mobilises = run.model.mobilisation.use
        self._moves_when_free = run.model.move_up.module in _MOVE_WHEN_FREE
        self._reviews_dispatch, self._reviews_free = (bool(flag) for flag in run.ground.stationing.review)
        self._home: list[int] = run.model.ambulances.station.tolist()
        self._last: list[_Row | None] = [None] * len(self._home)  # the unit's row before
        self._led = [-1] * len(self._home)  # the event that the unit's next one follows from
        self._asked = [-1] * len(run.world.calls)  # the event that the call's next search for a unit follows from
        self._reviews: Iterator[list[_Row]] = iter(())
        self._events: list[Event] = []

    def tell(self, rows: list[_Row]) -> list[Event]:
        """Events of the rows of a trace."""
        self._reviews = _moves_by_review(rows)
        for u in reversed(range(len(self._home))):  # JEMSS wakes the last unit first
            self._events.append(Event("ambWakesUp", -1, u, -1, self._home[u], 0.0))
        handlers: dict[int, Any] = {
            EventKind.CALL_RECEIVED: self._received,
            EventKind.UNIT_NEEDED: self._unit_needed,
            EventKind.EN_ROUTE: self._en_route,
            EventKind.ON_SCENE: self._on_scene,
            EventKind.LEFT_SCENE: self._left_scene,
            EventKind.AT_HOSPITAL: self._at_hospital,
            EventKind.BACK_IN_SERVICE: self._back_in_service,
            EventKind.AT_STATION: self._at_station,
        }
        for row in rows:
            if row.kind in handlers:
                handlers[row.kind](row)
            if row.unit >= 0:
                self._last[row.unit] = row
        return self._events

    def _add(self, name: str, parent: int, row: _Row, *, unit: int = -1, call: int = -1, station: int = -1) -> int:
        self._events.append(Event(name, parent, unit, call, station, row.time))
        return len(self._events) - 1

    def _goes_on(self, name: str, row: _Row, *, station: int = -1) -> None:
        """The next event of a unit with its call, or alone to a station."""
        u, call = row.unit, row.call if station < 0 else -1
        self._led[u] = self._add(name, self._led[u], row, unit=u, call=call, station=station)

    def _received(self, row: _Row) -> None:
        self._asked[row.call] = self._add("callArrives", -1, row, call=row.call)

    def _unit_needed(self, row: _Row) -> None:
        u, c = row.unit, row.call
        considered = self._add("considerDispatch", self._asked[c], row, call=c)
        if u < 0:
            return  # it waits; the dispatch will follow from the unit that becomes free
        last = self._last[u]
        if last is not None and last.serves >= 0:
            self._asked[last.serves] = considered  # that call has lost its unit
        self._led[u] = self._add("ambDispatched", considered, row, unit=u, call=c)
        if self._reviews_dispatch:
            self._review(u, self._led[u], row)

    def _en_route(self, row: _Row) -> None:
        last = self._last[row.unit]
        at_door = last is not None and last.status == UnitStatus.MOBILISING and last.station >= 0
        if self._mobilises and at_door:
            self._goes_on("ambMobilised", row)

    def _on_scene(self, row: _Row) -> None:
        self._goes_on("ambReachesCall", row)

    def _left_scene(self, row: _Row) -> None:
        if row.hospital >= 0:
            self._goes_on("ambGoesToHospital", row)

    def _at_hospital(self, row: _Row) -> None:
        self._goes_on("ambReachesHospital", row)

    def _at_station(self, row: _Row) -> None:
        self._goes_on("ambReachesStation", row, station=row.station)

    def _back_in_service(self, row: _Row) -> None:
        u = row.unit
        self._goes_on("ambBecomesFree", row)
        if row.serves >= 0:
            self._led[u] = self._add("ambDispatched", self._led[u], row, unit=u, call=row.serves)
            return
        if self._moves_when_free:
            considered = self._add("considerMoveUp", self._led[u], row, unit=u)
            if row.station != self._home[u]:
                self._move(considered, row)
                return
        elif self._reviews_free and u in self._review(u, self._led[u], row):
            return
        self._home[u] = row.station
        self._goes_on("ambReturnsToStation", row, station=row.station)

    def _review(self, u: int, parent: int, row: _Row) -> set[int]:
        """The move-ups considered because of unit ``u``; returns the units that move. The last added goes first."""
        considered = self._add("considerMoveUp", parent, row, unit=u)
        moves = next(self._reviews, [])
        for move in reversed(moves):
            self._move(considered, move)
        return {move.unit for move in moves}

    def _move(self, considered: int, row: _Row) -> None:
        u = row.unit
        self._led[u] = self._add("ambMoveUpToStation", considered, row, unit=u, station=row.station)
        self._home[u] = row.station


def _moves_by_review(rows: list[_Row]) -> Iterator[list[_Row]]:
    """Rows of the units that each review moved; reviews stand in the order of what brought them about."""
    moves: list[list[_Row]] = []
    for row in rows:
        if row.kind == EventKind.REVIEW:
            moves.append([])
        elif row.kind == EventKind.RELOCATED:
            moves[-1].append(row)
    return iter(moves)
