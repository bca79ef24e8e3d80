"""What one simulated day amounts to: figures over the calls that count, and tables by hour, hospital, station and area."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...simulation import Run, response_s
from ...world import N_PRIORITIES
from ...world.schema import AVAILABLE, UNSTAFFED, EventKind, UnitStatus
from ..figures import OUTCOMES, Outcome, Replication, figures_of, is_late

EXTRA: tuple[Outcome, ...] = (
    Outcome(key="travel_queue_s", title="mean wait for a unit and drive, of the response", unit="s", better=-1),
    Outcome(key="transport_min", title="mean drive to hospital", unit="min", better=-1),
    Outcome(key="busy_counted_share", title="time that units are busy, in the hours that count", unit="%", better=0),
    Outcome(key="calls", title="calls that count", unit="", better=0, digits=0),
)  # fmt: skip
ALL_OUTCOMES = (*OUTCOMES, *EXTRA)
"""Figures of a day, in the order of :attr:`Day.values`. All but the units' moves, kilometres and busy time of the whole run
are over the calls that count."""
KEYS = tuple(outcome.key for outcome in ALL_OUTCOMES)

_BUSY = np.ones(len(UnitStatus), bool)
_BUSY[[*AVAILABLE, *UNSTAFFED]] = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Areas:
    """How road nodes are taken together."""

    cell_of_node: NDArray[np.int64]
    """Hexagon of each node, for maps."""
    n_cells: int
    zone_of_node: NDArray[np.int64]
    """Zone of each node, for tables."""
    n_zones: int
    near: NDArray[np.bool_]
    """Whether each node is near the event: within a kilometre of its closures or extra calls."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Day:
    """One day under one variant: numbers in arrays, as they are kept on disk. Hours are those of the run."""

    values: NDArray[np.float64]
    """Figures in the order of :data:`KEYS`; NaN where nothing counts."""
    hour_calls: NDArray[np.float64]
    """Calls received in each hour that a unit reached, shape (hours,)."""
    hour_response_s: NDArray[np.float64]
    """Sum of their responses."""
    hour_late: NDArray[np.float64]
    """Late calls received in each hour."""
    hour_busy_s: NDArray[np.float64]
    """Unit-seconds busy in each hour."""
    hour_duty_s: NDArray[np.float64]
    """Unit-seconds on duty in each hour."""
    room_arrivals: NDArray[np.float64]
    """Patients brought to each hospital in each hour, shape (hospitals, hours)."""
    room_offload_s: NDArray[np.float64]
    """Sum of their offloads."""
    room_offloading_s: NDArray[np.float64]
    """Unit-seconds waiting or handing over."""
    room_bays_s: NDArray[np.float64]
    """Bay-seconds in use, shape (hospitals, hours); 0 where bays do not count."""
    cell_calls: NDArray[np.float64]
    """Calls that count and that a unit reached, by hexagon."""
    cell_response_s: NDArray[np.float64]
    """Sum of their responses."""
    cell_late: NDArray[np.float64]
    """Late ones."""
    zone_calls: NDArray[np.float64]
    """Calls that count and that a unit reached, shape (zones, priorities)."""
    zone_response_s: NDArray[np.float64]
    """Sum of their responses."""
    zone_late: NDArray[np.float64]
    """Late ones."""
    near_calls: NDArray[np.float64]
    """The same elsewhere (row 0) and near the event (row 1), shape (2, priorities)."""
    near_response_s: NDArray[np.float64]
    near_late: NDArray[np.float64]
    near_transports: NDArray[np.float64]
    """Patients from elsewhere and from near the event who left the scene in each hour, shape (2, hours)."""
    near_transport_s: NDArray[np.float64]
    """Sum of their drives to hospital."""
    standing_s: NDArray[np.float64]
    """Unit-seconds idle at each station in each hour, shape (hours, stations)."""
    moves: NDArray[np.int64]
    """Relocations: hour, station left and station sent to, shape (m, 3)."""

    def value(self, key: str) -> float:
        """A figure by its key."""
        return float(self.values[KEYS.index(key)])

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All arrays by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def day_of(run: Run, areas: Areas, *, count_from_s: float, count_to_s: float) -> Day:
    """What a run that kept its trace amounts to.

    Parameters
    ----------
    run
        The run.
    areas
        How nodes are taken together.
    count_from_s, count_to_s
        Calls received in between count.
    """
    n_hours = int(np.ceil(run.duration_s / 3600.0))
    found: Replication = figures_of(run, areas.cell_of_node, areas.n_cells, warm_up_s=count_from_s, until_s=count_to_s)
    calls = run.calls
    response = response_s(calls)
    late = is_late(calls, run.city.targets_s(calls["priority"]))
    hour = np.minimum((calls["t_received"] / 3600.0).astype(np.int64), n_hours - 1)
    reached = np.isfinite(response)
    counted = (calls["t_received"] >= count_from_s) & (calls["t_received"] < count_to_s)
    c = counted & reached
    priority = calls["priority"].astype(np.int64) - 1
    zone = areas.zone_of_node[calls["node"]]
    near = areas.near[calls["node"]].astype(np.int64)

    def by(key: NDArray[np.int64], n: int, keep: NDArray[np.bool_], weight: NDArray[np.float64] | None = None):  # type: ignore[no-untyped-def]
        return np.bincount(key[keep], None if weight is None else weight[keep], n).astype(np.float64)

    zones = zone * N_PRIORITIES + priority
    nears = near * N_PRIORITIES + priority
    shape_z, shape_n = (areas.n_zones, N_PRIORITIES), (2, N_PRIORITIES)
    late_f = late.astype(np.float64)
    drive_s = calls["t_at_hospital"] - calls["t_left_scene"]
    carried = np.isfinite(drive_s)
    left = np.where(carried, np.nan_to_num(calls["t_left_scene"]), 0.0)
    left_hour = near * n_hours + np.minimum((left / 3600.0).astype(np.int64), n_hours - 1)
    spells = _spells(run)
    busy, duty = _BUSY[spells.status], ~np.isin(spells.status, UNSTAFFED)
    busy_s = _by_hour(spells.from_s, spells.to_s, n_hours, busy).sum(axis=1)
    duty_s = _by_hour(spells.from_s, spells.to_s, n_hours, duty).sum(axis=1)
    rooms = _rooms(run, n_hours)
    values = found.values | {
        "travel_queue_s": _mean((response - calls["dispatch_delay_s"] - calls["turnout_s"])[c]),
        "transport_min": _mean(drive_s[counted & carried]) / 60,
        "busy_counted_share": _share_in(spells, busy, duty, count_from_s, min(count_to_s, run.duration_s)),
        "calls": float(counted.sum()),
    }
    return Day(
        values=np.array([values[key] for key in KEYS]),
        hour_calls=by(hour, n_hours, reached), hour_response_s=by(hour, n_hours, reached, response),
        hour_late=by(hour, n_hours, late), hour_busy_s=busy_s, hour_duty_s=duty_s,
        room_arrivals=rooms[0], room_offload_s=rooms[1], room_offloading_s=rooms[2], room_bays_s=rooms[3],
        cell_calls=found.cell_calls, cell_response_s=found.cell_response_s, cell_late=found.cell_late,
        zone_calls=by(zones, areas.n_zones * N_PRIORITIES, c).reshape(shape_z),
        zone_response_s=by(zones, areas.n_zones * N_PRIORITIES, c, response).reshape(shape_z),
        zone_late=by(zones, areas.n_zones * N_PRIORITIES, c, late_f).reshape(shape_z),
        near_calls=by(nears, 2 * N_PRIORITIES, c).reshape(shape_n),
        near_response_s=by(nears, 2 * N_PRIORITIES, c, response).reshape(shape_n),
        near_late=by(nears, 2 * N_PRIORITIES, c, late_f).reshape(shape_n),
        near_transports=by(left_hour, 2 * n_hours, carried).reshape(2, n_hours),
        near_transport_s=by(left_hour, 2 * n_hours, carried, drive_s).reshape(2, n_hours),
        standing_s=_standing(run, spells, n_hours), moves=_moves(run, n_hours),
    )  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class _Spells:
    """Stretches of time in which a unit was in one state at one place, by unit, then time."""

    status: NDArray[np.int64]
    station: NDArray[np.int64]
    from_s: NDArray[np.float64]
    to_s: NDArray[np.float64]


def _spells(run: Run) -> _Spells:
    trace = run.trace[run.trace["unit"] >= 0]
    n = len(run.units)
    unit = np.concatenate([np.arange(n), trace["unit"]])
    order = np.argsort(unit, kind="stable")
    unit = unit[order]
    from_s = np.minimum(np.concatenate([np.zeros(n), trace["time"]])[order], run.duration_s)
    to_s = np.append(from_s[1:], run.duration_s)
    to_s[np.append(unit[1:] != unit[:-1], True)] = run.duration_s
    return _Spells(
        status=np.concatenate([run.units["start_status"], trace["status"]])[order].astype(np.int64),
        station=np.concatenate([run.units["start_station"], trace["station"]])[order].astype(np.int64),
        from_s=from_s, to_s=to_s,
    )  # fmt: skip


def _by_hour(
    from_s: NDArray[np.float64],
    to_s: NDArray[np.float64],
    n_hours: int,
    keep: NDArray[np.bool_],
    group: NDArray[np.int64] | None = None,
    n_groups: int = 1,
) -> NDArray[np.float64]:
    """Seconds of spells in each hour, by group, shape (hours, groups)."""
    low, high = from_s[keep], to_s[keep]
    of = np.zeros(len(low), np.int64) if group is None else group[keep]
    edges = 3600.0 * np.arange(n_hours + 1)
    return np.stack(
        [
            np.bincount(of, np.maximum(np.minimum(high, b) - np.maximum(low, a), 0.0), n_groups)
            for a, b in pairwise(edges)
        ]
    )


def _share_in(spells: _Spells, busy: NDArray[np.bool_], duty: NDArray[np.bool_], from_s: float, to_s: float) -> float:
    """Percent of the time on duty in a stretch that units are busy."""
    length = np.maximum(np.minimum(spells.to_s, to_s) - np.maximum(spells.from_s, from_s), 0.0)
    total = float(length[duty].sum())
    return 100 * float(length[busy].sum()) / total if total else float("nan")


def _standing(run: Run, spells: _Spells, n_hours: int) -> NDArray[np.float64]:
    idle = (spells.status == UnitStatus.AT_STATION) & (spells.station >= 0)
    return _by_hour(spells.from_s, spells.to_s, n_hours, idle, spells.station, len(run.city.stations))


def _moves(run: Run, n_hours: int) -> NDArray[np.int64]:
    trace = run.trace[run.trace["unit"] >= 0]
    if not len(trace):  # a day without a call
        return np.zeros((0, 3), np.int64)
    order = np.argsort(trace["unit"], kind="stable")
    rows = trace[order]
    before = np.concatenate([[-1], rows["station"][:-1]]).astype(np.int64)
    first = np.concatenate([[True], rows["unit"][1:] != rows["unit"][:-1]])
    before[first] = run.units["start_station"][rows["unit"][first]]
    sent = (rows["kind"] == EventKind.RELOCATED) & (rows["time"] < run.duration_s)
    hour = np.minimum((rows["time"][sent] / 3600.0).astype(np.int64), n_hours - 1)
    return np.column_stack([hour, before[sent], rows["station"][sent].astype(np.int64)])


def _rooms(run: Run, n_hours: int) -> tuple[NDArray[np.float64], ...]:
    """Arrivals, sum of offloads, unit-seconds offloading and bay-seconds in use by hospital and hour."""
    rows, n = run.responses, len(run.hospitals)
    came = rows[np.isfinite(rows["t_at_hospital"]) & np.isfinite(rows["t_transfer"])]
    hospital, t, done = came["hospital"].astype(np.int64), came["t_at_hospital"], came["t_transfer"]
    inside = t < run.duration_s
    hour = np.minimum((t / 3600.0).astype(np.int64), n_hours - 1)
    key, size = hospital * n_hours + hour, n * n_hours
    arrivals = np.bincount(key[inside], minlength=size).reshape(n, n_hours).astype(np.float64)
    offload = np.bincount(key[inside], (done - t)[inside], size).reshape(n, n_hours).astype(np.float64)
    everyone = np.ones(len(came), bool)
    offloading = _by_hour(t, done, n_hours, everyone, hospital, n).T
    if not run.rules.count_bays:
        return arrivals, offload, offloading, np.zeros((n, n_hours))
    walked = run.world.walk_ins
    walked = walked[np.isfinite(walked["t_bay"])]
    begin = np.concatenate([np.where(np.isfinite(came["t_bay"]), came["t_bay"], t), walked["t_bay"]])
    end = np.concatenate([done + came["stay_s"], walked["t_bay"] + walked["stay_s"]])
    of = np.concatenate([hospital, walked["hospital"].astype(np.int64)])
    return arrivals, offload, offloading, _by_hour(begin, end, n_hours, np.ones(len(of), bool), of, n).T


def _mean(values: NDArray[np.float64]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
