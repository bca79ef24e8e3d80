"""What became of each call, in JEMSS's columns and units: days, degrees, rows from 1, -1 for none."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .jemss_history import AT_CALL, AT_HOSPITAL, GOING_TO_HOSPITAL, JemssHistory
from .jemss_write import AMBULANCE_STATUSES

_NULL = -1.0


def call_results(history: JemssHistory) -> dict[str, Any]:
    """Result columns of ``calls.csv`` (:data:`~ems_twin.interop.CALL_RESULTS`) of a run."""
    calls, arrival = history.run.world.calls, history.run.model.calls.arrival_days
    last = _last_dispatch(history)
    dispatched = history.dispatches["at_days"][last]
    queued, bumped = _waits(history)
    on_scene, at_hospital = _begins(history, AT_CALL), _begins(history, AT_HOSPITAL)
    ended = _event_days(history, "ambBecomesFree")
    return {
        "dispatchTime": dispatched,
        "ambArrivalTime": on_scene,
        "hospitalArrivalTime": at_hospital,
        "numBumps": calls["n_bumps"],
        "wasQueued": calls["was_queued"].astype(int),
        "ambDispatchLoc.x": history.dispatches["x"][last],
        "ambDispatchLoc.y": history.dispatches["y"][last],
        "ambStatusBeforeDispatch": [AMBULANCE_STATUSES[status] for status in history.dispatches["status"][last]],
        "chosenHospitalIndex": np.where(calls["hospital"] >= 0, calls["hospital"] + 1, -1),
        "queuedDuration": queued,
        "bumpedDuration": bumped,
        "waitingForAmbDuration": bumped + (on_scene - dispatched),
        "responseDuration": on_scene - arrival,
        "ambGoingToCallDuration": on_scene - dispatched,
        "transportDuration": np.where(at_hospital == _NULL, 0.0, at_hospital - _begins(history, GOING_TO_HOSPITAL)),
        "serviceDuration": ended - arrival,
    }


def _last_dispatch(history: JemssHistory) -> NDArray[np.int64]:
    """Row of each call's last dispatch."""
    rows = np.zeros(len(history.run.world.calls), np.int64)
    rows[history.dispatches["call"]] = np.arange(len(history.dispatches))
    return rows


def _begins(history: JemssHistory, status: int) -> NDArray[np.float64]:
    """When each call's unit entered a state that it enters once; -1 where it never did."""
    out = np.full(len(history.run.world.calls), _NULL)
    spells = history.spells[history.spells["status"] == status]
    out[spells["call"]] = spells["from_days"]
    return out


def _event_days(history: JemssHistory, name: str) -> NDArray[np.float64]:
    """When each call had an event that it has once."""
    out = np.full(len(history.run.world.calls), _NULL)
    for event, days in zip(history.events, history.event_days, strict=True):
        if event.name == name:
            out[event.call] = days
    return out


def _waits(history: JemssHistory) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Days that each call spent in the queue, and for units that were then taken away.

    Every search for a unit ends in one dispatch, at once or from the queue, and every search but the first begins
    when the unit of the dispatch before is taken away.
    """
    n = len(history.run.world.calls)
    queued, bumped = np.zeros(n), np.zeros(n)
    searched, dispatched = np.zeros(n), np.full(n, np.nan)
    for event, days in zip(history.events, history.event_days, strict=True):
        c = event.call
        if event.name == "considerDispatch":
            searched[c] = days
            if not np.isnan(dispatched[c]):
                bumped[c] += days - dispatched[c]
        elif event.name == "ambDispatched":
            dispatched[c] = days
            queued[c] += days - searched[c]
    return queued, bumped
