"""What the policies read that send units to stations: a choice of policy and its tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .moves import MOVE_LIMITS, Moves
from .objective import Objective, ObjectiveArrays, no_objective
from .stationing_faults import faults_of_compliance, faults_of_list, faults_of_slots, misfits


class StationPolicy(IntEnum):
    """Who decides where units stand."""

    HOME = 0
    PRIORITY_LIST = 1
    BEST_STATION = 2  # a free unit goes where it adds most to the objective: DMEXCLP where that is coverage
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
    objective: ObjectiveArrays
    """What units stand ready for; empty when there is no objective."""
    discount_per_s: NDArray[np.float64]
    """Rate at which a gain loses its worth with the drive to it, one entry."""
    moves: NDArray[np.void]
    """:data:`~ems_twin.world.moves.MOVE_LIMITS`, one row; none without single moves."""
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
        beyond = self.priority_list[self.priority_list >= n_stations]
        if len(beyond):
            found.append(f"priority_list names station {beyond[0]} and the city has 0 to {n_stations - 1}")
        given = self.objective.penalty.shape[3]
        if self.objective.penalty.size and given != n_stations:
            found.append(f"the objective is for {given} stations and the city has {n_stations}")
        if found:
            raise _unusable(found)
        return max(self._review_numbers(n_units, n_stations), self._objective_numbers(n_units, n_stations))

    def _objective_numbers(self, n_units: int, n_stations: int) -> int:
        if self.objective.penalty.size == 0:
            return 0
        # powers of the busy share, a unit's times to the stations, and for moves the gains by station and point
        gains = n_stations * self.objective.n_numbers if len(self.moves) else 0
        return n_units + 1 + n_stations + gains

    def _review_numbers(self, n_units: int, n_stations: int) -> int:
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
        If the policy lacks its tables or its objective, or they are not usable: it says all that is wrong.
    """

    policy: StationPolicy = StationPolicy.HOME
    """Who decides."""
    low_priority: int = 9
    """See :class:`StationingArrays`; a number beyond the least urgent priority that there is means that one."""
    priority_list: NDArray[np.int64] = field(default_factory=lambda: _none(0).astype(np.int64))
    """See :class:`StationingArrays`."""
    objective: Objective | None = None
    """What units stand ready for; needed by the policy BEST_STATION, by single moves, and by dispatches that spare it
    (:attr:`Rules.spare_from_priority <ems_twin.world.Rules.spare_from_priority>`)."""
    travel_discount_per_min: float = 0.0
    """A station, or a move, is worth its gain times exp(-this) for each minute of the drive to it; 0 for the published
    DMEXCLP."""
    moves: Moves | None = None
    """Also move single units that wait; None: do not."""
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
        if self.objective is None and self.policy == StationPolicy.BEST_STATION:
            faults.append("there is no objective for stations to add to")
        if self.objective is None and self.moves is not None:
            faults.append("there is no objective for moves to add to")
        elif self.moves is not None and self.objective is not None and not np.min(self.objective.busy_share) > 0:
            faults.append("busy_share is 0, by which a move's worth cannot be reckoned")
        if self.moves is not None and self.policy in _REVIEWS:
            faults.append(f"moves do not go with {self.policy.name}, which places all units itself")
        if not 0.0 <= self.travel_discount_per_min < np.inf:
            faults.append(f"travel_discount_per_min is {self.travel_discount_per_min}, not a number of 0 or more")
        if self.policy == StationPolicy.PRIORITY_LIST:
            faults += faults_of_list(self.priority_list)
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
        reviews_all, moves = self.policy in _REVIEWS, self.moves
        costs = tuple(getattr(self, name) for name in ZHANG_COSTS.names or ())
        return StationingArrays(
            policy=np.array([self.policy], dtype=np.int64),
            review=np.array(
                [reviews_all or moves is not None, reviews_all or (moves is not None and moves.after_freed)],
                dtype=np.int64,
            ),
            low_priority=np.array([self.low_priority], dtype=np.int64),
            priority_list=np.array(self.priority_list, dtype=np.int64),
            objective=no_objective() if self.objective is None else self.objective.arrays(),
            discount_per_s=np.array([self.travel_discount_per_min / 60.0]),
            moves=np.zeros(0, MOVE_LIMITS) if moves is None else moves.record(),
            comp_table=self.comp_table[np.argsort(wanted, kind="stable")].astype(np.int64),
            comp_first=np.searchsorted(np.sort(wanted), np.arange(wanted.max(initial=0) + 2)).astype(np.int64),
            slot_benefit=np.ascontiguousarray(self.slot_benefit, dtype=np.float64),
            zhang=np.array([costs], dtype=ZHANG_COSTS),
        )

    def scratch_needed(self, n_units: int, n_stations: int) -> int:
        """Numbers of :attr:`World.scratch <ems_twin.world.World>` that a decision may need; 0 if none reckons there.

        Raises
        ------
        InputError
            If the tables are for other stations, or do not say where so many units are to stand.
        """
        return self.arrays().scratch_needed(n_units, n_stations)
