"""What holds still while a run goes on: streets, travel times, rules and plans, as arrays that compiled code takes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..errors import InputError
from ..routing import Router
from ..routing.customise import Labels
from ..routing.tables import PlaceTables, kept_tables
from .drive_law import drive_law
from .own_policies import HOOKS, keeper_of
from .rules import Rules
from .speeds import SpeedPlan, sirens_plan
from .stationing import Stationing, StationingArrays

N_PRIORITIES = 9
"""Priorities that calls may have unless somebody says more: New York's severities run from 1 to 9."""


class Ground(NamedTuple):
    """The ground a run stands on. The fixed places are the stations, then the hospitals, in the city's order."""

    labels: Labels
    """Travel times between any two nodes."""
    places: PlaceTables
    """Travel times, ways and metres to and from the stations and hospitals."""
    first_out: NDArray[np.int32]
    """First edge of a node, shape (n + 1,)."""
    head: NDArray[np.int32]
    """Node that an edge enters, shape (m,)."""
    edge_ticks: NDArray[np.int32]
    """Ticks of an edge, shape (rows, m)."""
    length_m: NDArray[np.float64]
    """Metres of an edge, shape (m,)."""
    drives: NDArray[np.void]
    """:data:`~ems_twin.world.drive_law.DRIVE_LAW`, one row."""
    rules: NDArray[np.void]
    """:data:`~ems_twin.world.rules.RULES`, one row."""
    may_take: NDArray[np.bool_]
    """Whether a call of one priority may lose its unit to one of another, by (from, to)."""
    spare_target_s: NDArray[np.float64]
    """Within how many seconds of a call a unit must be there that is sent instead of the closest, by priority."""
    speeds_from_s: NDArray[np.float64]
    """When sets of speeds come into force."""
    speeds_set: NDArray[np.int64]
    """Which set does then."""
    speeds_metric: NDArray[np.int64]
    """Metric by (set, purpose, priority)."""
    stationing: StationingArrays
    """What the policy reads that sends units to stations."""
    own: NDArray[np.int64]
    """Addresses of a user's own compiled policies, in the order of :data:`~ems_twin.world.own_policies.HOOKS`; 0 where the
    built-in one decides. They hold in this process and those forked from it; a pickled ground finds them anew."""

    def __reduce__(self) -> Any:
        return _unpickled, (tuple(self), tuple(keeper_of(int(address)) for address in self.own))


def _unpickled(parts: tuple[Any, ...], policies: tuple[Any, ...]) -> Ground:
    return with_own(Ground(*parts), policies)


def with_own(ground: Ground, policies: tuple[Any, ...]) -> Ground:
    """The ground with a user's own compiled policies by hook, None where there is none."""
    ground = ground._replace(own=np.zeros(len(HOOKS), np.int64))
    own = [0 if policy is None else policy.address(hook, ground) for hook, policy in enumerate(policies)]
    return ground._replace(own=np.array(own, np.int64))


def make_ground(
    city: City,
    router: Router,
    rules: Rules,
    *,
    speeds: SpeedPlan | None = None,
    stationing: Stationing | None = None,
    n_priorities: int = N_PRIORITIES,
) -> Ground:
    """Put a city's roads, its router's times, the rules and the plans together.

    Parameters
    ----------
    city, router, rules
        The city, the travel times in force and the rules.
    speeds
        Which speeds trips are driven at; by default what the rules say of sirens.
    stationing
        Where units go that become free; by default home.
    n_priorities
        Least urgent priority that a call may have.

    Raises
    ------
    InputError
        If the rules or the speeds do not go with the stationing's objective.
    """
    stationing = stationing or Stationing()
    _check_objective(stationing, rules, len(router.metrics), n_priorities)
    nodes = [station.node for station in city.stations] + [hospital.node for hospital in city.hospitals]
    roads = router.roads
    if speeds is None:
        speeds = sirens_plan(rules.sirens_to_priority, rules.transport_sirens_to_priority, n_priorities)
    return Ground(
        labels=router.labels,
        places=kept_tables(router, nodes),
        first_out=roads.first_out,
        head=roads.head,
        edge_ticks=router.edge_ticks,
        length_m=roads.length_m,
        drives=drive_law(city, rules),
        rules=rules.record(),
        may_take=rules.may_take(speeds.metric.shape[2] - 1),
        spare_target_s=_targets_s(city, rules, speeds.metric.shape[2] - 1),
        speeds_from_s=speeds.from_s,
        speeds_set=speeds.set_row,
        speeds_metric=speeds.metric,
        stationing=stationing.arrays(),
        own=np.zeros(len(HOOKS), np.int64),
    )


def _targets_s(city: City, rules: Rules, n_priorities: int) -> NDArray[np.float64]:
    """By priority from 0 on, shape (priorities + 1,)."""
    if rules.spare_target_s is not None:
        return np.full(n_priorities + 1, float(rules.spare_target_s))
    return city.targets_s(np.maximum(np.arange(n_priorities + 1), 1))


def _check_objective(stationing: Stationing, rules: Rules, n_metrics: int, n_priorities: int) -> None:
    objective = stationing.objective
    if objective is None:
        if rules.spare_from_priority > 0:
            raise InputError(
                "there is no objective that says which unit is missed less", field="spare_from_priority",
                remedy="Choose a stationing that has one, or 0 to send the closest unit to all calls.",
            )  # fmt: skip
        return
    if objective.penalty.shape[0] != n_metrics:
        raise InputError(
            f"penalty is for {objective.penalty.shape[0]} metrics and the router has {n_metrics}", field="objective",
            remedy="Make the objective with the router of the run.",
        )  # fmt: skip
    if objective.priority.max() > n_priorities:
        raise InputError(
            f"priority {objective.priority.max()} does not exist", field="objective",
            remedy=f"Priorities are 1 to {n_priorities}.",
        )  # fmt: skip
