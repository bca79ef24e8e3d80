"""Any instant of a run, rebuilt from its event log: where every unit was, what it did, who waited."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..city.travel import Travel, eta_interval_s
from ..errors import InputError
from ..world.schema import Role, UnitStatus
from .run import Run

_WITH_ETA = (UnitStatus.EN_ROUTE, UnitStatus.TRANSPORTING)


@dataclass(frozen=True, kw_only=True)
class UnitThen:
    """One unit at an instant."""

    unit: int
    status: str
    """Name of a :class:`~ems_twin.world.UnitStatus`, lower case."""
    lon: float
    lat: float
    call: int | None
    station: int | None
    """Where it stands or drives to."""
    hospital: int | None
    since_s: float
    """Second of the run since when it has been in this status."""
    eta_s: float | None
    """Seconds until it is expected where it drives to with or for a patient, turnout over; None for all others."""
    eta_90_s: tuple[float, float] | None
    """Between which two 90 % of such drives end, as :class:`~ems_twin.city.travel.Travel` has it."""


@dataclass(frozen=True, kw_only=True)
class Instant:
    """A run at an instant."""

    t_s: float
    """Seconds since the start of the run."""
    at: str
    """The same on the city's clock."""
    units: tuple[UnitThen, ...]
    calls_open: tuple[int, ...]
    """Calls received and not ended."""
    calls_waiting: tuple[int, ...]
    """Those of them that no unit is assigned to, call taking over or not."""
    inbound: tuple[int, ...]
    """Units on their way, by hospital."""
    offloading: tuple[int, ...]
    """Units waiting or handing over, by hospital."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def state_at(run: Run, t_s: float) -> Instant:
    """Rebuild the instant ``t_s`` seconds after the start of a run, all events up to and including it applied.

    Raises
    ------
    InputError
        If the run kept no trace, or the instant is not within it.
    """
    if len(run.trace) == 0 and len(run.calls):
        raise InputError("the run kept no event log", remedy="Simulate with keep_trace=True.")
    if not 0 <= t_s <= run.end_s:
        raise InputError(
            f"{t_s:g} s is not within the run", field="at", remedy=f"It has events from 0 to {run.end_s:.0f} s."
        )
    done = run.trace[: int(np.searchsorted(run.trace["time"], t_s, side="right"))]
    units = tuple(_unit_then(run, done[done["unit"] == u], u, t_s) for u in range(len(run.units)))
    calls = run.responses
    first = np.flatnonzero(calls["role"] == Role.FIRST)
    ended = np.maximum.reduceat(calls["t_ended"], first) if len(first) else np.zeros(0)
    is_open = first[(calls["t_received"][first] <= t_s) & ~(ended <= t_s)]
    served = {int(calls["incident"][unit.call]) for unit in units if unit.call is not None}
    status = np.array([UnitStatus[unit.status.upper()] for unit in units])
    hospital = np.array([-1 if unit.hospital is None else unit.hospital for unit in units])

    def by_hospital(wanted: UnitStatus) -> tuple[int, ...]:
        here = hospital[status == wanted]
        return tuple(int((here == h).sum()) for h in range(len(run.city.hospitals)))

    return Instant(
        t_s=t_s,
        at=run.at(t_s).isoformat(timespec="seconds"),
        units=units,
        calls_open=tuple(int(c) for c in is_open),
        calls_waiting=tuple(int(c) for c in is_open if int(c) not in served),
        inbound=by_hospital(UnitStatus.TRANSPORTING),
        offloading=by_hospital(UnitStatus.AT_HOSPITAL),
    )


def _unit_then(run: Run, rows: Any, u: int, t_s: float) -> UnitThen:
    """The unit after its last event; while its trip has not begun, it finishes the street of the one before."""
    if len(rows) == 0:
        station = int(run.units["start_station"][u])
        node = run.city.stations[station].node
        roads = run.city.roads
        return UnitThen(
            unit=u, status=UnitStatus(run.units["start_status"][u]).name.lower(), lon=float(roads.lon[node]), lat=float(roads.lat[node]), call=None,
            station=station, hospital=None, since_s=0.0, eta_s=None, eta_90_s=None,
        )  # fmt: skip
    row = rows[-1]
    trip = row
    for earlier in rows[::-1]:
        trip = earlier
        if earlier["t_from"] <= t_s:
            break
    path = run.router.path(int(trip["from_node"]), int(trip["to_node"]), metric=int(trip["metric"]))
    took_s, path_s = float(trip["t_to"] - trip["t_from"]), float(path.elapsed_s[-1])
    on_road = run.router.metrics["off_road_s_per_m"][int(trip["metric"])] == 0
    pace = took_s / path_s if on_road and path_s > 0 and took_s > 0 else 1.0
    driven_s = (t_s - float(trip["t_from"])) / pace
    lon, lat = path.at(driven_s)
    call = int(row["serves"])
    eta_s = None
    if row["status"] in _WITH_ETA:
        if row["t_from"] > t_s:  # it starts up, or is still on the street before
            path = run.router.path(int(row["from_node"]), int(row["to_node"]), metric=int(row["metric"]))
            driven_s = t_s - float(row["t_from"])
        eta_s = max(path.duration_s - driven_s, 0.0)
    return UnitThen(
        unit=u,
        status=UnitStatus(row["status"]).name.lower(),
        lon=lon,
        lat=lat,
        call=call if call >= 0 else None,
        station=None if row["station"] < 0 else int(row["station"]),
        hospital=None if row["hospital"] < 0 else int(row["hospital"]),
        since_s=float(row["since"]),
        eta_s=eta_s,
        eta_90_s=None if eta_s is None else eta_interval_s(eta_s, run.city.travel or Travel()),
    )
