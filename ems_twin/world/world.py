"""The state of the world: who is where, doing what, now. A copy of it is a fork."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..errors import InputError
from .schema import CALL, CLOCK, HEAP_ENTRY, HOSPITAL, STATION, TRACE, UNIT, WALK_IN, CallStatus, EventKind, UnitStatus

EVENTS_A_CALL = len(EventKind)
"""A call that keeps its unit passes each kind of event at most once; the trace grows when calls lose theirs."""


class World(NamedTuple):
    """Record arrays, one row a thing; their dtypes are in :mod:`~ems_twin.world.schema`."""

    units: NDArray[np.void]
    calls: NDArray[np.void]
    hospitals: NDArray[np.void]
    stations: NDArray[np.void]
    calendar: NDArray[np.void]
    """Pending events: a heap of :data:`~ems_twin.world.schema.HEAP_ENTRY`."""
    queue: NDArray[np.void]
    """Calls that wait for a unit: a heap of the same kind."""
    clock: NDArray[np.void]
    """One row."""
    walk_ins: NDArray[np.void]
    """Patients who come to emergency rooms by themselves."""
    trace: NDArray[np.void]
    """Handled events; of length 0 when none are kept."""

    @staticmethod
    def dtypes() -> dict[str, np.dtype[np.void]]:
        """The schema: dtype of each part."""
        parts = (UNIT, CALL, HOSPITAL, STATION, HEAP_ENTRY, HEAP_ENTRY, CLOCK, WALK_IN, TRACE)
        return dict(zip(World._fields, parts, strict=True))

    def fork(self) -> World:
        """A copy that goes its own way."""
        return World(*(part.copy() for part in self))

    @property
    def free_trace_rows(self) -> int:
        """Events that may still happen before the trace is full; without a trace, more than there can be."""
        if len(self.trace) == 0:
            return 2**62
        return len(self.trace) - int(self.clock["n_trace"][0]) - 1  # the last event is written when the next is taken

    def with_longer_trace(self) -> World:
        """The same world (no copy) with a trace of twice the length."""
        return self._replace(trace=np.concatenate([self.trace, np.zeros_like(self.trace)]))

    def put_off_road(
        self, calls_m: NDArray[np.float64], stations_m: NDArray[np.float64], hospitals_m: NDArray[np.float64]
    ) -> None:
        """Say how many metres off the road scenes, stations and hospitals are; before the first event."""
        self.calls["off_m"], self.stations["off_m"], self.hospitals["off_m"] = calls_m, stations_m, hospitals_m
        self.units["off_m"] = stations_m[self.units["home"]]


def new_world(
    city: City,
    calls: NDArray[np.void],
    *,
    units: int | None = None,
    homes: NDArray[np.integer[Any]] | None = None,
    walk_ins: NDArray[np.void] | None = None,
    keep_trace: bool = True,
) -> World:
    """World at time 0: every unit at its station, the first call about to be received.

    Parameters
    ----------
    city
        Where it is.
    calls
        :data:`~ems_twin.demand.CALL_DRAW` rows, in order of ``t_received``.
    units
        Size of the fleet; by default the city's own. Another size keeps the stations' shares.
    homes
        Home station of each unit; by default as :func:`fleet_homes` says for ``units``.
    walk_ins
        Patients who come to emergency rooms by themselves: :data:`~ems_twin.world.schema.WALK_IN` rows in any order.
    keep_trace
        Whether to record every event.

    Raises
    ------
    InputError
        If there are no units, or calls are out of order or off the map.
    """
    check_calls(calls, city.roads.n_nodes)
    homes = fleet_homes(city, units) if homes is None else homes
    n_units, n_calls = len(homes), len(calls)
    world = World(
        units=np.zeros(n_units, UNIT),
        calls=np.zeros(n_calls, CALL),
        hospitals=np.zeros(len(city.hospitals), HOSPITAL),
        stations=np.zeros(len(city.stations), STATION),
        calendar=np.zeros(n_calls + 2 * n_units + sum(h.bays + 1 for h in city.hospitals) + 8, HEAP_ENTRY),
        queue=np.zeros(n_calls + 1, HEAP_ENTRY),
        clock=np.zeros(1, CLOCK),
        walk_ins=np.zeros(0, WALK_IN) if walk_ins is None else _checked_walk_ins(walk_ins, len(city.hospitals)),
        trace=np.zeros(EVENTS_A_CALL * n_calls + 2 if keep_trace else 0, TRACE),
    )
    for name in ("call", "hospital", "event"):
        world.units[name] = -1
    world.units["home"] = world.units["station"] = world.units["start_station"] = homes
    nodes = np.array([station.node for station in city.stations], np.int32)
    world.units["from_node"] = world.units["to_node"] = nodes[homes]
    world.units["status"] = UnitStatus.AT_STATION
    for name in calls.dtype.names or ():
        world.calls[name] = calls[name]
    world.calls["status"] = CallStatus.EXPECTED
    for name in CALL.names or ():
        if name.startswith("t_") and name != "t_received":
            world.calls[name] = np.nan
    world.calls["unit"] = world.calls["hospital"] = -1
    world.calls["hospital_wanted"] = -1
    world.hospitals["node"] = [hospital.node for hospital in city.hospitals]
    world.hospitals["bays"] = [hospital.bays for hospital in city.hospitals]
    world.stations["node"] = nodes
    world.stations["n_home"] = np.bincount(homes, minlength=len(nodes))
    world.clock["kind"] = world.clock["unit"] = world.clock["call"] = -1
    first = np.searchsorted(world.walk_ins["hospital"], np.arange(len(city.hospitals) + 1))
    world.hospitals["walk_in_next"] = world.hospitals["walk_in_arrived"] = first[:-1]
    world.hospitals["walk_in_end"] = first[1:]
    pending = [
        (world.walk_ins["t_arrival"][row], EventKind.WALK_IN, h)
        for h, row in enumerate(first[:-1])
        if row < first[h + 1]
    ]
    if n_calls:
        pending.append((world.calls["t_received"][0], EventKind.CALL_RECEIVED, 0))
    for order, (time, kind, row) in enumerate(sorted(pending)):  # what is sorted is a heap
        world.calendar[order] = (time, order, kind, -1, row)
    world.clock["n_pending"] = world.clock["next_order"] = len(pending)
    return world


def fleet_homes(city: City, units: int | None = None) -> NDArray[np.int32]:
    """Home station of each unit, ascending, shape (units,).

    A fleet of another size than the city's own keeps the stations' shares, by the method of largest remainders; of
    equal remainders the earlier station goes first.
    """
    own = np.array([station.units for station in city.stations])
    if units is None:
        share = own
    else:
        if units < 1:
            raise InputError(f"a fleet of {units} units", field="units", remedy="Give at least 1.")
        weight = own / own.sum() if own.sum() else np.full(len(own), 1 / len(own))
        exact = units * weight
        share = np.floor(exact).astype(int)
        largest = np.argsort(share - exact, kind="stable")
        share[largest[: units - share.sum()]] += 1
    if share.sum() == 0:
        raise InputError(
            f"the city '{city.name}' has no units at any station",
            field="units",
            remedy="Give the size of the fleet, or the column 'units' of stations.csv.",
        )
    return np.repeat(np.arange(len(share), dtype=np.int32), share)


def _checked_walk_ins(walk_ins: NDArray[np.void], n_hospitals: int) -> NDArray[np.void]:
    """By hospital, then time; nobody has a bay yet."""
    for i in np.flatnonzero((walk_ins["hospital"] < 0) | (walk_ins["hospital"] >= n_hospitals)):
        raise InputError(f"hospital {walk_ins['hospital'][i]} does not exist", row=int(i) + 1, field="hospital")
    for name in ("t_arrival", "stay_s"):
        for i in np.flatnonzero(~(walk_ins[name] >= 0) | np.isinf(walk_ins[name])):
            raise InputError(f"is {walk_ins[name][i]}", row=int(i) + 1, field=name, remedy="It must be 0 s or more.")
    walk_ins = walk_ins[np.lexsort((walk_ins["t_arrival"], walk_ins["hospital"]))]
    walk_ins["t_bay"] = np.nan
    return walk_ins


def check_calls(calls: NDArray[np.void], n_nodes: int) -> None:
    """Raise an :class:`InputError` that names row and field if calls are out of order, off the map or not numbers."""
    if len(calls) == 0:
        return
    late = np.flatnonzero(np.diff(calls["t_received"]) < 0)
    if len(late):
        raise InputError(
            "received before the call above it",
            row=int(late[0]) + 2,
            field="t_received",
            remedy="Sort the calls by time.",
        )
    off = np.flatnonzero((calls["node"] < 0) | (calls["node"] >= n_nodes))
    if len(off):
        raise InputError(
            f"node {calls['node'][off[0]]} is not in the city (0 to {n_nodes - 1})", row=int(off[0]) + 1, field="node"
        )
    for name in ("t_received", "dispatch_delay_s", "turnout_s", "scene_s", "offload_s", "clear_s"):
        bad = np.flatnonzero(~(calls[name] >= 0) | np.isinf(calls[name]))
        if len(bad):
            raise InputError(
                f"is {calls[name][bad[0]]}", row=int(bad[0]) + 1, field=name, remedy="It must be 0 s or more."
            )
