"""What became of each call, in JEMSS's columns and units: days, degrees, rows from 1, -1 for none."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..world.schema import EventKind, UnitStatus
from .jemss_run import DAY_S, JemssRun

_STATUS = {
    UnitStatus.AT_STATION: "ambIdleAtStation",
    UnitStatus.MOBILISING: "ambMobilising",
    UnitStatus.EN_ROUTE: "ambGoingToCall",
    UnitStatus.RETURNING: "ambReturningToStation",
    UnitStatus.CLEARING: "ambFreeAfterCall",
}
_NULL = -1.0


def call_results(run: JemssRun) -> dict[str, Any]:
    """Result columns of ``calls.csv`` (:data:`~ems_twin.interop.CALL_RESULTS`) of a run."""
    start_days, calls = run.model.calls.start_days, run.world.calls
    seen = _Dispatches(run)

    def days(name: str) -> NDArray[np.float64]:
        return np.where(np.isnan(calls[name]), _NULL, start_days + calls[name] / DAY_S)

    going_s = calls["t_on_scene"] - calls["t_notified"]
    transport_s = np.where(calls["transport"] > 0, calls["t_at_hospital"] - calls["t_left_scene"], 0.0)
    return {
        "dispatchTime": days("t_notified"),
        "ambArrivalTime": days("t_on_scene"),
        "hospitalArrivalTime": days("t_at_hospital"),
        "numBumps": calls["n_bumps"],
        "wasQueued": calls["was_queued"].astype(int),
        "ambDispatchLoc.x": seen.xy[:, 0],
        "ambDispatchLoc.y": seen.xy[:, 1],
        "ambStatusBeforeDispatch": seen.status,
        "chosenHospitalIndex": np.where(calls["hospital"] >= 0, calls["hospital"] + 1, -1),
        "queuedDuration": calls["queued_s"] / DAY_S,
        "bumpedDuration": calls["bumped_s"] / DAY_S,
        "waitingForAmbDuration": (calls["bumped_s"] + going_s) / DAY_S,
        "responseDuration": (calls["t_on_scene"] - calls["t_received"]) / DAY_S,
        "ambGoingToCallDuration": going_s / DAY_S,
        "transportDuration": transport_s / DAY_S,
        "serviceDuration": (calls["t_ended"] - calls["t_received"]) / DAY_S,
    }


class _Dispatches:
    """Where each call's unit was when it was last dispatched to it, and what it was doing; read off the trace."""

    def __init__(self, run: JemssRun) -> None:
        self._run = run
        model, world = run.model, run.world
        n = len(world.calls)
        self.xy, self.status = np.zeros((n, 2)), [""] * n
        self._stations = np.column_stack([model.stations.x, model.stations.y])
        self._hospitals = np.column_stack([model.hospitals.x, model.hospitals.y])
        self._calls = np.column_stack([model.calls.x, model.calls.y])
        home = model.ambulances.station.copy()
        start = self._stations[home].copy()  # where the present trip of a unit began
        before: list[Any] = [None] * len(home)
        moving_up = np.zeros(len(home), dtype=np.bool_)
        for row in world.trace[: int(world.clock["n_trace"][0])]:
            u, c = int(row["unit"]), int(row["call"])
            if u < 0:
                continue
            kind = EventKind(row["kind"])
            here = self._position(before[u], start[u], home[u], float(row["time"]))
            if kind == EventKind.UNIT_NEEDED:
                self._note(c, here, before[u], moving_up[u])
            elif kind == EventKind.EN_ROUTE and before[u]["kind"] == EventKind.BACK_IN_SERVICE:
                self.xy[c], self.status[c] = here, _STATUS[UnitStatus.CLEARING]  # it came from the queue
            elif kind == EventKind.BACK_IN_SERVICE and row["status"] == UnitStatus.RETURNING:
                moving_up[u] = row["station"] != home[u]
                home[u] = row["station"]
            start[u], before[u] = here, row

    def _note(self, c: int, here: NDArray[np.float64], before: Any, moving_up: bool) -> None:
        status = UnitStatus.AT_STATION if before is None else UnitStatus(before["status"])
        self.xy[c] = here
        up = moving_up and status == UnitStatus.RETURNING
        self.status[c] = "ambMovingUpToStation" if up else _STATUS.get(status, "")

    def _position(self, row: Any, start: NDArray[np.float64], home: int, time: float) -> NDArray[np.float64]:
        """Position on the trip of a row, which began at ``start``: off the road, along it, off it again."""
        if row is None or row["status"] in (UnitStatus.AT_STATION, UnitStatus.MOBILISING):
            return start
        if row["status"] not in (UnitStatus.EN_ROUTE, UnitStatus.TRANSPORTING, UnitStatus.RETURNING):
            return start
        end = {
            UnitStatus.EN_ROUTE: lambda: self._calls[row["call"]],
            UnitStatus.TRANSPORTING: lambda: self._hospitals[row["hospital"]],
            UnitStatus.RETURNING: lambda: self._stations[home],
        }[UnitStatus(row["status"])]()
        model = self._run.model
        path = self._run.router.path(int(row["from_node"]), int(row["to_node"]), metric=int(row["metric"]))
        nodes = np.column_stack([model.nodes.x, model.nodes.y])[path.nodes]
        when = np.r_[float(row["time"]), row["t_from"] + path.elapsed_s, float(row["t_to"])]
        where = np.vstack([start, nodes, end])
        return np.array([np.interp(time, when, where[:, i]) for i in (0, 1)])
