"""What every unit did, when and over which distance, in JEMSS's states and to JEMSS's precision.

The law's decisions, its events, are carried out once more in the model's own times. JEMSS's states differ from ours: a
unit on the road is dispatched at once, without mobilising; one that is free is never still clearing; and one that is
sent to another station than its own moves up to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..world import Purpose
from .jemss_events import Event, events_of
from .jemss_run import DAY_S, JemssRun
from .jemss_trips import Driving, Trip
from .jemss_write import AMBULANCE_STATUSES

(SLEEPING, IDLE, MOBILISING, GOING_TO_CALL, AT_CALL, GOING_TO_HOSPITAL, AT_HOSPITAL, FREE, RETURNING, MOVING_UP) = (
    range(len(AMBULANCE_STATUSES))
)
TRAVELLING = (GOING_TO_CALL, GOING_TO_HOSPITAL, RETURNING, MOVING_UP)

SPELL = np.dtype(
    [("unit", "i4"), ("call", "i4"), ("status", "u1"), ("from_days", "f8"), ("to_days", "f8"), ("km", "f8")], align=True
)
"""One row a spell of a unit in a state, for a call or none (-1), with the distance driven in it."""

DISPATCH = np.dtype(
    [("unit", "i4"), ("call", "i4"), ("status", "u1"), ("at_days", "f8"), ("x", "f8"), ("y", "f8")], align=True
)
"""One row a dispatch: the unit's state before it, and where the unit was."""

MOVE = np.dtype([("unit", "i4"), ("station", "i4"), ("status", "u1"), ("back", "?")], align=True)
"""One row a move-up: the unit's state before it, and whether it went back to where it was idle before it moved."""


@dataclass(frozen=True, eq=False, kw_only=True)
class JemssHistory:
    """A run told in JEMSS's terms; rows count from 0 and times are days, as in the model."""

    run: JemssRun
    events: list[Event]
    event_days: NDArray[np.float64]
    """When each event was."""
    spells: NDArray[np.void]
    """:data:`SPELL` rows of all units, closed at the last event."""
    dispatches: NDArray[np.void]
    """:data:`DISPATCH` rows in the order of time."""
    moves: NDArray[np.void]
    """:data:`MOVE` rows in the order of time."""
    station: NDArray[np.int32]
    """Each unit's station at the end."""


def history_of(run: JemssRun) -> JemssHistory:
    """Tell what happened in a run in JEMSS's terms."""
    return _Historian(run).tell()


class _Historian:
    """Carries out the events one by one."""

    def __init__(self, run: JemssRun) -> None:
        self._run, self._model = run, run.model
        self._events = events_of(run)
        self._days = np.zeros(len(self._events))
        self._driving = Driving(run)
        self._station: list[int] = self._model.ambulances.station.tolist()
        n, start = len(self._station), self._model.calls.start_days
        self._status, self._since, self._call = [SLEEPING] * n, [start] * n, [-1] * n
        self._trip: list[Trip] = [self._driving.parked(self._model.stations, s, start) for s in self._station]
        self._ready = [start] * n  # when mobilisation is over
        self._idle_at = [-1] * n  # where the unit was idle before its present chain of move-ups
        self._turnout_days: list[float] = (run.world.calls["turnout_s"] / DAY_S).tolist()
        self._spells: list[tuple[int, int, int, float, float, float]] = []
        self._dispatches: list[tuple[int, int, int, float, float, float]] = []
        self._moves: list[tuple[int, int, int, bool]] = []

    def tell(self) -> JemssHistory:
        """Carry out all events."""
        handlers: dict[str, Callable[[Event, float], None]] = {
            "ambWakesUp": self._stands,
            "ambDispatched": self._dispatched,
            "ambMobilised": self._goes_to_call,
            "ambReachesCall": self._reaches_call,
            "ambGoesToHospital": self._goes_to_hospital,
            "ambReachesHospital": self._reaches_hospital,
            "ambBecomesFree": self._becomes_free,
            "ambReturnsToStation": self._returns,
            "ambMoveUpToStation": self._moves_up,
            "ambReachesStation": self._stands,
        }
        for i, event in enumerate(self._events):
            t = self._days[i] = self._when(event)
            if event.name in handlers:
                handlers[event.name](event, float(t))
        end = float(self._days.max(initial=self._model.calls.start_days))
        for u, status in enumerate(self._status):
            self._enter(u, status, end)
        return JemssHistory(
            run=self._run,
            events=self._events,
            event_days=self._days,
            spells=np.array(self._spells, SPELL),
            dispatches=np.array(self._dispatches, DISPATCH),
            moves=np.array(self._moves, MOVE),
            station=np.array(self._station, np.int32),
        )

    def _when(self, event: Event) -> float:
        """When an event is: at once, after what the call brings with it, or at the end of a trip."""
        name, calls, c = event.name, self._model.calls, event.call
        if name == "callArrives":
            return float(calls.arrival_days[c])
        if name == "ambMobilised":
            return self._ready[event.unit]
        if name in ("ambReachesCall", "ambReachesHospital", "ambReachesStation"):
            return self._trip[event.unit].end_days
        if event.parent < 0:
            return calls.start_days
        t, parent = float(self._days[event.parent]), self._events[event.parent].name
        if name == "considerDispatch" and parent == "callArrives":
            return t + float(calls.dispatch_delay_days[c])
        if parent == "ambReachesCall":
            return t + float(calls.on_scene_days[c])
        if parent == "ambReachesHospital":
            return t + float(calls.handover_days[c])
        return t

    def _enter(self, u: int, status: int, t: float) -> None:
        """Close the unit's spell and begin another."""
        km = self._trip[u].driven_km(t) if self._status[u] in TRAVELLING else 0.0
        self._spells.append((u, self._call[u], self._status[u], self._since[u], t, km))
        self._status[u], self._since[u] = status, t

    def _mode(self, purpose: Purpose, c: int, time_s: float) -> int:
        """Travel mode that the law chose for a trip; a unit without a call has priority 0."""
        ground = self._run.ground
        at = max(int(np.searchsorted(ground.speeds_from_s, time_s, side="right")) - 1, 0)
        priority = int(self._model.calls.priority[c]) if c >= 0 else 0
        return int(ground.speeds_metric[ground.speeds_set[at], purpose, priority])

    def _dispatched(self, event: Event, t: float) -> None:
        u, before = event.unit, self._status[event.unit]
        self._dispatches.append((u, event.call, before, t, *self._driving.position(self._trip[u], t)))
        if self._model.mobilisation.use and before in (IDLE, MOBILISING):
            self._enter(u, MOBILISING, t)
            self._call[u] = event.call
            if before == IDLE:
                self._ready[u] = t + self._turnout_days[event.call]
        else:
            self._goes_to_call(event, t)

    def _goes_to_call(self, event: Event, t: float) -> None:
        u, c = event.unit, event.call
        self._enter(u, GOING_TO_CALL, t)
        self._call[u] = c
        mode = self._mode(Purpose.RESPONSE, c, event.time_s)
        self._trip[u] = self._driving.turned(self._trip[u], t, mode, self._model.calls, c)

    def _reaches_call(self, event: Event, t: float) -> None:
        self._enter(event.unit, AT_CALL, t)

    def _goes_to_hospital(self, event: Event, t: float) -> None:
        u, c = event.unit, event.call
        self._enter(u, GOING_TO_HOSPITAL, t)
        mode, hospital = self._mode(Purpose.TRANSPORT, c, event.time_s), int(self._run.world.calls["hospital"][c])
        self._trip[u] = self._driving.turned(self._trip[u], t, mode, self._model.hospitals, hospital)

    def _reaches_hospital(self, event: Event, t: float) -> None:
        self._enter(event.unit, AT_HOSPITAL, t)

    def _becomes_free(self, event: Event, t: float) -> None:
        self._enter(event.unit, FREE, t)
        self._call[event.unit] = -1

    def _returns(self, event: Event, t: float) -> None:
        self._to_station(event, t, RETURNING)

    def _moves_up(self, event: Event, t: float) -> None:
        u, before = event.unit, self._status[event.unit]
        if before == IDLE:
            self._idle_at[u] = self._station[u]
        elif before != MOVING_UP:
            self._idle_at[u] = -1
        back = before == MOVING_UP and self._idle_at[u] == event.station
        self._moves.append((u, event.station, before, back))
        self._to_station(event, t, MOVING_UP)

    def _to_station(self, event: Event, t: float, status: int) -> None:
        u, s = event.unit, event.station
        self._enter(u, status, t)
        self._station[u] = s
        mode = self._mode(Purpose.RETURN, -1, event.time_s)
        self._trip[u] = self._driving.turned(self._trip[u], t, mode, self._model.stations, s)

    def _stands(self, event: Event, t: float) -> None:
        self._enter(event.unit, IDLE, t)
