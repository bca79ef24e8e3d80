"""The state of the world: who is where, doing what, now. A copy of it is a fork."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..city import SPECIALITIES, City
from ..demand.calls import WALK_IN_DRAW
from ..errors import InputError
from .fleet import Fleet, checked_agenda, fleet_of
from .incidents import incident_rows
from .schema import (
    AGENDA,
    CALL,
    CLOCK,
    HEAP_ENTRY,
    HOSPITAL,
    STATION,
    TRACE,
    UNIT,
    WALK_IN,
    EventKind,
    UnitStatus,
)

EVENTS_A_CALL = 12
"""Rows of the trace to begin with; it grows when more happens."""


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
    agenda: NDArray[np.void]
    """What is known to happen: shifts, breaks, units out of service, diversions."""
    scratch: NDArray[np.float64]
    """Space in which policies reckon; holds nothing between events."""
    trace: NDArray[np.void]
    """Handled events; of length 0 when none are kept."""

    @staticmethod
    def dtypes() -> dict[str, np.dtype[Any]]:
        """The schema: dtype of each part."""
        number = np.dtype(np.float64)
        parts: tuple[np.dtype[Any], ...] = (
            UNIT,
            CALL,
            HOSPITAL,
            STATION,
            HEAP_ENTRY,
            HEAP_ENTRY,
            CLOCK,
            WALK_IN,
            AGENDA,
            number,
            TRACE,
        )
        return dict(zip(World._fields, parts, strict=True))

    def fork(self) -> World:
        """A copy that goes its own way."""
        return World(**{name: part.copy() for name, part in self._asdict().items()})

    @property
    def free_trace_rows(self) -> int:
        """Events that may still happen before the trace is full; without a trace, more than there can be."""
        if len(self.trace) == 0:
            return 2**62
        return len(self.trace) - int(self.clock["n_trace"][0]) - 1  # the last event is written when the next is taken

    def with_longer_trace(self) -> World:
        """The same world (no copy) with a trace of twice the length."""
        return self._replace(trace=np.concatenate([self.trace, np.zeros_like(self.trace)]))

    def with_scratch(self, n: int) -> World:
        """The same world (no copy) with room for ``n`` numbers to reckon in."""
        return self if len(self.scratch) >= n else self._replace(scratch=np.zeros(n))

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
    fleet: Fleet | None = None,
    agenda: NDArray[np.void] | None = None,
    walk_ins: NDArray[np.void] | None = None,
    horizon_s: float = 0.0,
    keep_trace: bool = True,
) -> World:
    """World at time 0: every unit at its base, the first call about to be received.

    Parameters
    ----------
    city
        Where it is.
    calls
        :data:`~ems_twin.demand.CALL_DRAW` rows, in order of ``t_received``. A call that needs several units gets a
        row for each (:func:`~ems_twin.world.incident_rows`).
    units
        Size of the fleet; by default the city's own. Another size keeps the stations' shares.
    fleet
        The units themselves; by default units of one kind, always on duty.
    agenda
        What else is known to happen: :data:`~ems_twin.world.AGENDA` rows, in any order.
    walk_ins
        Patients who come to emergency rooms by themselves: :data:`~ems_twin.demand.WALK_IN_DRAW` rows in any order.
    horizon_s
        Second until which the agenda is followed; after that only as long as calls are open.
    keep_trace
        Whether to record every event.

    Raises
    ------
    InputError
        If there are no units, calls are out of order or off the map, or need what nobody has.
    """
    check_calls(calls, city.roads.n_nodes)
    fleet = fleet_of(city, units) if fleet is None else fleet
    n_units, n_hospitals, n_stations = len(fleet.homes), len(city.hospitals), len(city.stations)
    known = fleet.agenda if agenda is None else np.concatenate([fleet.agenda, agenda])
    rows = incident_rows(calls, carried_always=fleet.carries_always)
    n_calls = len(rows)
    pending_a_call = 1 + int(calls["cancel_s"].any()) + int(calls["worsens_s"].any())
    world = World(
        units=_units(city, fleet),
        calls=rows,
        hospitals=np.zeros(n_hospitals, HOSPITAL),
        stations=np.zeros(n_stations, STATION),
        calendar=np.zeros(
            pending_a_call * n_calls + 4 * n_units + sum(h.bays + 1 for h in city.hospitals) + 8, HEAP_ENTRY
        ),
        queue=np.zeros(n_calls + 1, HEAP_ENTRY),
        clock=np.zeros(1, CLOCK),
        walk_ins=np.zeros(0, WALK_IN) if walk_ins is None else _checked_walk_ins(walk_ins, n_hospitals),
        agenda=checked_agenda(known, n_units, n_hospitals),
        scratch=np.zeros(0),
        trace=np.zeros(EVENTS_A_CALL * n_calls + len(known) + 2 if keep_trace else 0, TRACE),
    )
    _check_skills(calls, fleet, city)
    starts_off = np.unique(world.agenda["unit"][world.agenda["kind"] == EventKind.DUTY_BEGINS])
    world.units["status"][starts_off] = world.units["start_status"][starts_off] = UnitStatus.OFF_DUTY
    world.hospitals["node"] = [hospital.node for hospital in city.hospitals]
    world.hospitals["bays"] = [hospital.bays for hospital in city.hospitals]
    world.hospitals["specialities"] = [hospital.speciality_bits for hospital in city.hospitals]
    world.stations["node"] = [station.node for station in city.stations]
    world.stations["n_home"] = np.bincount(fleet.homes, minlength=n_stations)
    world.clock["horizon"] = horizon_s
    world.clock["kind"] = world.clock["unit"] = world.clock["call"] = -1
    first = np.searchsorted(world.walk_ins["hospital"], np.arange(n_hospitals + 1))
    world.hospitals["walk_in_next"] = world.hospitals["walk_in_arrived"] = first[:-1]
    world.hospitals["walk_in_end"] = first[1:]
    pending = [
        (world.walk_ins["t_arrival"][row], EventKind.WALK_IN, h)
        for h, row in enumerate(first[:-1])
        if row < first[h + 1]
    ]
    if n_calls:
        pending.append((world.calls["t_received"][0], EventKind.CALL_RECEIVED, 0))
    if len(known):
        pending.append((world.agenda["time"][0], EventKind(world.agenda["kind"][0]), 0))
    for order, (time, kind, row) in enumerate(sorted(pending)):  # what is sorted is a heap
        world.calendar[order] = (time, order, kind, -1, row)
    world.clock["n_pending"] = world.clock["next_order"] = len(pending)
    return world


def _units(city: City, fleet: Fleet) -> NDArray[np.void]:
    """Units parked at their bases, on duty for good."""
    units = np.zeros(len(fleet.homes), UNIT)
    for name in ("call", "hospital", "event", "next_call", "move_to"):
        units[name] = -1
    units["home"] = units["station"] = units["start_station"] = fleet.homes
    units["from_node"] = units["to_node"] = np.array([s.node for s in city.stations], np.int32)[fleet.homes]
    units["status"] = UnitStatus.AT_STATION
    units["skills"] = fleet.skills
    units["t_off"] = np.inf
    units["pace"] = 1.0
    units["t_moved"] = units["moves_from"] = -np.inf
    return units


def _check_skills(calls: NDArray[np.void], fleet: Fleet, city: City) -> None:
    """Every call must find a unit and a hospital that can do what it needs, at least in principle."""
    able = {int(skills) for skills in fleet.skills}
    for needs in np.unique(calls["needs"]):
        if not any(skills & int(needs) == needs for skills in able):
            i = int(np.argmax(calls["needs"] == needs))
            raise InputError(
                f"needs {_names_of(int(needs), fleet.skill_names)}, which no unit has", row=i + 1, field="needs",
                remedy="Give a unit these skills, or take the call out.",
            )  # fmt: skip
    if calls["transport"].any() and not any(skills & 1 for skills in able):
        raise InputError(
            "no unit can take a patient to hospital", field="skills", remedy="Give one the skill 'transport'."
        )
    offered = {hospital.speciality_bits for hospital in city.hospitals}
    for wanted in np.unique(calls["speciality"]):
        if not any(bits & int(wanted) == wanted for bits in offered):
            i = int(np.argmax(calls["speciality"] == wanted))
            raise InputError(
                f"needs {_names_of(int(wanted), SPECIALITIES)}, which no hospital offers", row=i + 1,
                field="speciality", remedy="Name it in the column 'specialities' of hospitals.csv.",
            )  # fmt: skip


def _names_of(bits: int, names: tuple[str, ...]) -> str:
    words = [names[i] if i < len(names) else f"skill {i}" for i in range(31) if bits >> i & 1]
    return " and ".join(words)


def _checked_walk_ins(walk_ins: NDArray[np.void], n_hospitals: int) -> NDArray[np.void]:
    """By hospital, then time; nobody has a bay yet."""
    for i in np.flatnonzero((walk_ins["hospital"] < 0) | (walk_ins["hospital"] >= n_hospitals)):
        raise InputError(f"hospital {walk_ins['hospital'][i]} does not exist", row=int(i) + 1, field="hospital")
    for name in ("t_arrival", "stay_s"):
        for i in np.flatnonzero(~(walk_ins[name] >= 0) | np.isinf(walk_ins[name])):
            raise InputError(f"is {walk_ins[name][i]}", row=int(i) + 1, field=name, remedy="It must be 0 s or more.")
    walk_ins = walk_ins[np.lexsort((walk_ins["t_arrival"], walk_ins["hospital"]))]
    rows = np.zeros(len(walk_ins), WALK_IN)
    for name in WALK_IN_DRAW.names or ():
        rows[name] = walk_ins[name]
    rows["t_bay"] = np.nan
    return rows


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
    for name in (
        "t_received", "dispatch_delay_s", "turnout_s", "scene_s", "offload_s", "clear_s", "stay_s", "cancel_s", "worsens_s",
    ):  # fmt: skip
        bad = np.flatnonzero(~(calls[name] >= 0) | np.isinf(calls[name]))
        if len(bad):
            raise InputError(
                f"is {calls[name][bad[0]]}", row=int(bad[0]) + 1, field=name, remedy="It must be 0 s or more."
            )
