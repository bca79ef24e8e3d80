"""What the policies read that send units to stations: a choice of policy and its tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .stationing_faults import faults_of_compliance, faults_of_slots, misfits


class StationPolicy(IntEnum):
    """Who decides where units stand."""

    HOME = 0
    PRIORITY_LIST = 1
    DMEXCLP = 2
    COMP_TABLE = 3
    ZHANG = 4


_REVIEWS = (StationPolicy.COMP_TABLE, StationPolicy.ZHANG)

ZHANG_COSTS = np.dtype(
    [
        ("travel_cost_per_s", "f8"),  # benefit that a second of driving is worth
        ("on_road_discount", "f8"),  # factor on the time of a unit that drives to a station already ...
        ("regret_limit_s", "f8"),  # ... if it has come at most so far out of its way
        ("expected_handover_s", "f8"),  # added to the time of a unit at hospital
    ],
    align=True,
)
"""One row: what Zhang's program reckons with beside the benefits of slots."""


class StationingArrays(NamedTuple):
    """The tables as compiled code reads them."""

    policy: NDArray[np.int64]
    """:class:`StationPolicy`, one entry."""
    review: NDArray[np.int64]
    """Whether to review where available units stand: after a dispatch, and after a unit became free; 0 or 1."""
    low_priority: NDArray[np.int64]
    """Priority whose response speeds a review reckons with, one entry."""
    priority_list: NDArray[np.int64]
    """Stations in the order in which they are to be filled, shape (units,)."""
    busy_share: NDArray[np.float64]
    """DMEXCLP's q, one entry."""
    covers: NDArray[np.bool_]
    """Whether a station covers a demand point, by (metric, weight row, point, station)."""
    weight: NDArray[np.float64]
    """Demand of a point, by (weight row, point)."""
    priority: NDArray[np.int64]
    """Priority whose response speeds a weight row is reckoned with, shape (weight rows,)."""
    comp_table: NDArray[np.int64]
    """Compliance table: units wanted by (row, station), rows ordered by the units they want in all."""
    comp_first: NDArray[np.int64]
    """First of the rows for k units; those for k end where those for k + 1 begin. Shape (most units + 2,)."""
    slot_benefit: NDArray[np.float64]
    """Zhang's marginal benefits by (station, slot); NaN where a station has no such slot."""
    zhang: NDArray[np.void]
    """:data:`ZHANG_COSTS`, one row."""

    def scratch_needed(self, n_units: int, n_stations: int) -> int:
        """As :meth:`Stationing.scratch_needed`."""
        found = misfits(self.comp_table, self.comp_first, self.slot_benefit, n_units, n_stations)
        if found:
            raise _unusable(found)
        if self.policy[0] == StationPolicy.COMP_TABLE:
            # units, their times to the stations, the best row's stations, the stations of the slots, the assignment
            return n_units * (n_stations + 3) + assignment_numbers(n_units, n_units)
        if self.policy[0] == StationPolicy.ZHANG:
            # no unit needs a slot beyond as many as there are units; each may be at hospital and stay without one
            slots = int(np.minimum((~np.isnan(self.slot_benefit)).sum(axis=1), n_units).sum()) + n_units
            return n_units * (n_stations + 1) + slots + assignment_numbers(n_units, slots)
        return 0


def assignment_numbers(n: int, m: int) -> int:
    """Numbers that assigning ``n`` rows to ``m`` columns takes, costs and answer included (policies/assignment.py)."""
    return n * m + 2 * n + 5 * m


def _unusable(faults: list[str]) -> InputError:
    return InputError("; ".join(faults), field="stationing", remedy="Correct the tables of the policy.")


def _none(*shape: int) -> NDArray[np.float64]:
    return np.zeros(shape)


@dataclass(frozen=True, eq=False, kw_only=True)
class Stationing:
    """Choice of policy and its tables; what a policy does not read may stay empty.

    Raises
    ------
    InputError
        If a policy that reviews where units stand lacks its table or the table is not usable: it says all that is
        wrong.
    """

    policy: StationPolicy = StationPolicy.HOME
    """Who decides."""
    low_priority: int = 9
    """See :class:`StationingArrays`; a number beyond the least urgent priority that there is means that one."""
    priority_list: NDArray[np.int64] = field(default_factory=lambda: _none(0).astype(np.int64))
    """See :class:`StationingArrays`."""
    busy_share: float = 0.3
    """Share of the time that a unit is busy, as DMEXCLP reckons (Jagtenberg, Bhulai and van der Mei 2015: 0.3)."""
    covers: NDArray[np.bool_] = field(default_factory=lambda: _none(0, 0, 0, 0).astype(np.bool_))
    """See :class:`StationingArrays`."""
    weight: NDArray[np.float64] = field(default_factory=lambda: _none(0, 0))
    """See :class:`StationingArrays`."""
    priority: NDArray[np.int64] = field(default_factory=lambda: _none(0).astype(np.int64))
    """See :class:`StationingArrays`."""
    comp_table: NDArray[np.int64] = field(default_factory=lambda: _none(0, 0).astype(np.int64))
    """Compliance table, shape (rows, stations), in any order: a row that adds up to k is for k movable units, and of
    several for k the one that is reached with the least driving holds."""
    slot_benefit: NDArray[np.float64] = field(default_factory=lambda: _none(0, 0))
    """See :class:`StationingArrays`. A station's benefits must not increase: then the best slots are filled in
    order without being told to, and the program is an assignment."""
    travel_cost_per_s: float = 0.0
    """Zhang's travel time cost: benefit that a second of driving is worth."""
    on_road_discount: float = 1.0
    """Factor on the time of a unit that drives to a station already ..."""
    regret_limit_s: float = 0.0
    """... if the way by where it is now is at most so much longer than from where its trip began, seconds."""
    expected_handover_s: float = 0.0
    """Added to the time of a unit at hospital, seconds."""

    def __post_init__(self) -> None:
        faults = []
        if self.low_priority < 1:
            faults.append(f"low_priority is {self.low_priority}, not 1 or more")
        if self.policy == StationPolicy.COMP_TABLE:
            faults += faults_of_compliance(self.comp_table)
        if self.policy == StationPolicy.ZHANG:
            faults += faults_of_slots(self.slot_benefit)
            for name in ZHANG_COSTS.names or ():
                if not 0.0 <= getattr(self, name) < np.inf:
                    faults.append(f"{name} is {getattr(self, name)}, not a number of 0 or more")
        if faults:
            raise _unusable(faults)

    def arrays(self) -> StationingArrays:
        """The tables for compiled code."""
        wanted = self.comp_table.sum(axis=1).astype(np.int64)
        costs = tuple(getattr(self, name) for name in ZHANG_COSTS.names or ())
        return StationingArrays(
            policy=np.array([self.policy], dtype=np.int64),
            review=np.full(2, int(self.policy in _REVIEWS), dtype=np.int64),
            low_priority=np.array([self.low_priority], dtype=np.int64),
            priority_list=self.priority_list,
            busy_share=np.array([self.busy_share]),
            covers=self.covers,
            weight=self.weight,
            priority=self.priority,
            comp_table=self.comp_table[np.argsort(wanted, kind="stable")].astype(np.int64),
            comp_first=np.searchsorted(np.sort(wanted), np.arange(wanted.max(initial=0) + 2)).astype(np.int64),
            slot_benefit=np.ascontiguousarray(self.slot_benefit, dtype=np.float64),
            zhang=np.array([costs], dtype=ZHANG_COSTS),
        )

    def scratch_needed(self, n_units: int, n_stations: int) -> int:
        """Numbers of :attr:`World.scratch <ems_twin.world.World>` that a review may need; 0 without reviews.

        Raises
        ------
        InputError
            If the tables are for other stations, or do not say where so many units are to stand.
        """
        return self.arrays().scratch_needed(n_units, n_stations)
