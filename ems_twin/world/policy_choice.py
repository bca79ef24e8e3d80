"""A policy by its name and a few parameters, and the tables that it needs for a city."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..demand import Demand, demand_points
from ..demand.clock import hours_of_week, time_zone
from ..errors import InputError
from ..faults import Faults, ModelError
from ..routing import Router
from .moves import Moves
from .nested import compliance_table, fill_in_order, slots_of
from .objective import Objective
from .own_policies import OwnPolicy, own_policy
from .settings_file import given_fields, read_settings_file
from .stationing import Stationing, StationPolicy

_DEFAULTS: dict[str, dict[str, Any]] = {
    "home": {},
    "dmexclp": {"objective": "coverage", "travel_discount_per_min": 0.0},
    "expected-response": {},
    "best-move": {},
    "priority-list": {},
    "compliance": {},
    "zhang": {},
}
POLICY_NAMES = tuple(_DEFAULTS)
"""``home``: every unit returns to its own station. ``dmexclp``: a free unit goes where it adds most coverage.
``expected-response``: where it shortens the expected response most, the drive there discounted. ``best-move``: the same,
and after each dispatch the one unit that waits is moved that is worth most elsewhere. The others keep to stations in the
order in which they are best filled: ``priority-list`` sends a free unit to the first that lacks one, ``compliance`` all
units that wait to the first so many with the least driving, ``zhang`` to those worth more than the driving costs."""
OBJECTIVES = ("response", "coverage", "s-curve")
"""``response``: expected drive time of the nearest units. ``coverage``: demand within the cover time of one. ``s-curve``:
demand beyond it, but a little late counts less than much (van Barneveld 2016)."""
_STATIONS = {"home": StationPolicy.HOME, "priority-list": StationPolicy.PRIORITY_LIST,
             "compliance": StationPolicy.COMP_TABLE, "zhang": StationPolicy.ZHANG}  # fmt: skip
_LEAST_ORDER = 40  # stations that an order names at least: more units than any small city has


class PolicyError(ModelError):
    """A choice of policy that makes no sense: all its faults."""

    subject = "the choice of a policy"


@dataclass(frozen=True, kw_only=True)
class PolicyChoice:
    """Name and parameters of a policy that sends units to stations; :meth:`named` has the defaults of each name."""

    policy: str = "home"
    """One of :data:`POLICY_NAMES`, or a registered one (:func:`~ems_twin.world.register_policy`)."""
    own: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of a registered policy."""
    objective: str = "response"
    """One of :data:`OBJECTIVES`."""
    busy_share: float = 0.3
    """Share of the time that a unit is busy, as the objective reckons (Jagtenberg, Bhulai and van der Mei 2015)."""
    travel_discount_per_min: float = 0.02
    """A station is worth its gain times exp(-this) for each minute of the drive to it; 0 in the published DMEXCLP."""
    cover_s: float | None = None
    """Drive time that is in time, for coverage; None: the city's target less the mean call taking and turnout."""
    nobody_s: float = 2400.0
    """Expected response of a call for which no unit is left, and the longest reckoned with (assumed: 40 min)."""
    s_curve_per_min: float = 1.0
    """Steepness of the S-curve: a response t is late by 1 / (1 + exp(-this x (t - cover time)))."""
    drive_cost: float | None = None
    """Of Zhang's program: gain that a minute of driving must be worth; None: 0.1 s of the expected response, or 0.0005 of
    coverage."""
    speeds_of_priority: int = 1
    """Priority whose response speeds, and target, the objective is for."""
    most_points: int = 300
    """Demand points at most (:func:`~ems_twin.demand.demand_points`)."""
    least_gain: float | None = None
    """What a move must be worth, see :class:`Moves`; None: 1 s of the expected response, or 0.005 of coverage."""
    longest_drive_s: float = Moves.longest_drive_s
    """See :class:`Moves`."""
    rest_s: float = Moves.rest_s
    """See :class:`Moves`."""
    least_stay_s: float = Moves.least_stay_s
    """See :class:`Moves`."""
    most_moves: int = Moves.most_moves
    """See :class:`Moves`."""
    after_freed: bool = Moves.after_freed
    """See :class:`Moves`."""

    def __post_init__(self) -> None:
        faults = Faults(PolicyError)
        faults.attempt(self.policies)
        if self.objective not in OBJECTIVES:
            faults.add(f"is {self.objective!r}", field="objective", remedy=f"There are {', '.join(OBJECTIVES)}.")
        for part in fields(self):
            value = getattr(self, part.name)
            if part.name in ("policy", "own", "objective") or value is None or 0 <= value < np.inf:
                continue
            faults.add(f"is {value!r}", field=part.name, remedy="It must be a number, 0 or more.")
        if not 0 < self.busy_share < 1:
            faults.add(f"is {self.busy_share!r}", field="busy_share", remedy="It must lie between 0 and 1.")
        for name in ("speeds_of_priority", "most_points"):
            if getattr(self, name) < 1:
                faults.add(f"is {getattr(self, name)!r}", field=name, remedy="It must be 1 or more.")
        faults.raise_if_any()

    def policies(self) -> OwnPolicy | None:
        """The user's own policy of that name, None for a built-in one.

        Raises
        ------
        InputError
            If there is none of that name, or it does not take the parameters.
        """
        if self.policy in POLICY_NAMES:
            if self.own:
                raise InputError(f"'{self.policy}' is built in", field="own", remedy="Leave out its parameters.")
            return None
        return own_policy(self.policy, self.own)

    @property
    def built_in(self) -> str:
        """Which of :data:`POLICY_NAMES` sends units to stations where nothing else does."""
        own = self.policies()
        return self.policy if own is None else own.base

    @classmethod
    def named(cls, policy: str, **parameters: Any) -> PolicyChoice:
        """The policy of a name with its defaults, and other values for some parameters.

        Raises
        ------
        PolicyError
            If there is no such policy or parameter, or a value makes no sense: with all of those.
        """
        faults = Faults(PolicyError)
        choice = faults.attempt(lambda: cls._from({"policy": policy} | parameters, None))
        faults.raise_if_any()
        assert choice is not None  # else it had left a fault
        return choice

    @classmethod
    def from_toml(cls, file: Path) -> PolicyChoice:
        """A choice from a TOML file whose keys are the fields; what it leaves out has the default of its policy.

        Raises
        ------
        InputError
            If the file cannot be read, or keys or values are not ours: a :class:`PolicyError` with all of those.
        """
        return cls._from(read_settings_file(file, "policy"), file)

    @classmethod
    def _from(cls, given: dict[str, Any], file: Path | None) -> PolicyChoice:
        faults = Faults(PolicyError)
        usable = given_fields(cls, given, _misfit, faults, file=file, kind="parameter")
        of_name = _defaults(str(usable.get("policy", cls.policy)), usable.get("own", {}))
        choice = faults.attempt(lambda: cls(**of_name | usable), file=file)
        faults.raise_if_any()
        assert choice is not None  # else it had left a fault
        return choice

    def stationing(
        self, city: City, router: Router, demand: Demand, *, units: int | None = None, forecast: Forecast | None = None
    ) -> Stationing:
        """The policy's tables for a city.

        Parameters
        ----------
        city, router, demand
            The city, the travel times in force and what it asks for. Every policy gets its objective, ``home`` as well:
            dispatches may need it.
        units
            Size of the fleet, as far as an order of stations must reach; by default twice the city's own.
        forecast
            Where calls fall at different times; by default as the demand says for all times.
        """
        objective = self._objective(city, router, demand, forecast)
        seconds = self.objective == "response"
        tables: dict[str, Any] = {}
        policy = self.built_in
        if policy in ("priority-list", "compliance", "zhang"):
            own = sum(station.units for station in city.stations)
            order, gain = fill_in_order(objective, max(units or 2 * own, _LEAST_ORDER))
            if policy == "priority-list":
                tables["priority_list"] = order
            elif policy == "compliance":
                tables["comp_table"] = compliance_table(order, len(city.stations))
            else:
                cost = self.drive_cost if self.drive_cost is not None else 0.1 if seconds else 0.0005
                tables |= {
                    "slot_benefit": slots_of(order, gain, len(city.stations)), "travel_cost_per_s": cost / 60.0,
                }  # fmt: skip
        if policy == "best-move":
            least_gain = self.least_gain if self.least_gain is not None else 1.0 if seconds else Moves.least_gain
            tables["moves"] = Moves(
                longest_drive_s=self.longest_drive_s, least_gain=least_gain, rest_s=self.rest_s,
                least_stay_s=self.least_stay_s, most_moves=self.most_moves, after_freed=self.after_freed,
            )  # fmt: skip
        return Stationing(
            policy=_STATIONS.get(policy, StationPolicy.BEST_STATION),
            objective=objective,
            travel_discount_per_min=self.travel_discount_per_min,
            **tables,
        )

    def _objective(self, city: City, router: Router, demand: Demand, forecast: Forecast | None) -> Objective:
        points = demand_points(demand, city, most=self.most_points)
        stations = [station.node for station in city.stations]
        penalty = np.empty((len(router.metrics), 1, len(points.node), len(stations)), np.float32)
        for metric in range(len(router.metrics)):
            drive_s = np.minimum(router.matrix_s(stations, points.node, metric=metric).T, self.nobody_s)
            penalty[metric, 0] = self._penalty(drive_s, self._cover_s(city, demand))
        weight = points.weight[None] if forecast is None else points.weigh(forecast.node_weight)
        times: dict[str, Any] = (
            {} if forecast is None else {"weights_from_s": forecast.from_s, "weight_set": forecast.set_row}
        )
        return Objective(
            penalty=penalty, weight=weight[:, None], priority=np.array([self.speeds_of_priority]),
            nobody=self.nobody_s if self.objective == "response" else 1.0, busy_share=self.busy_share, **times,
        )  # fmt: skip

    def _penalty(self, drive_s: NDArray[np.float64], cover_s: float) -> NDArray[Any]:
        if self.objective == "response":
            return drive_s
        if self.objective == "coverage":
            return drive_s > cover_s
        from scipy.special import expit

        late: NDArray[np.float64] = expit(self.s_curve_per_min * (drive_s - cover_s) / 60.0)
        return late

    def _cover_s(self, city: City, demand: Demand) -> float:
        if self.cover_s is not None:
            return self.cover_s
        row = min(self.speeds_of_priority, len(demand.turnout)) - 1
        target_s = city.target_s[min(self.speeds_of_priority, len(city.target_s)) - 1]
        before_s = demand.dispatch_delay[row].mean_s + demand.turnout[row].mean_s + city.start_up_s
        return max(target_s - before_s, 60.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Forecast:
    """Where calls are expected to fall, by time."""

    node_weight: NDArray[np.float64]
    """Weight of each road node, 0 or more, shape (sets, n)."""
    from_s: NDArray[np.float64]
    """Second of the run from which a set holds, ascending, shape (k,)."""
    set_row: NDArray[np.int64]
    """The set that holds from then on, shape (k,)."""


def hourly_forecast(city: City, node_weight: NDArray[np.float64], *, start: datetime, duration_s: float) -> Forecast:
    """A forecast of weights by hour of the week, on the city's clock.

    Parameters
    ----------
    city
        Whose clock.
    node_weight
        Shape (168, n), from Monday 00:00 in civil time.
    start, duration_s
        The run.
    """
    if node_weight.shape != (168, city.roads.n_nodes):
        raise InputError(
            f"has shape {node_weight.shape}, not (168, {city.roads.n_nodes})", field="node_weight",
            remedy="Give a weight for each hour of the week and road node.",
        )  # fmt: skip
    edges_s, hour = hours_of_week(start, duration_s, time_zone(city.timezone))
    new = np.flatnonzero(np.diff(hour, prepend=-1))
    return Forecast(node_weight=node_weight, from_s=edges_s[new], set_row=hour[new].astype(np.int64))


def plan_stationing(
    city: City, router: Router, demand: Demand, policy: str, *, forecast: Forecast | None = None, **parameters: Any
) -> Stationing:
    """A policy by its name and parameters, with its tables for a city; see :class:`PolicyChoice`."""
    return PolicyChoice.named(policy, **parameters).stationing(city, router, demand, forecast=forecast)


def _defaults(policy: str, own: Any) -> dict[str, Any]:
    """Defaults of a policy, those of its base where it is a user's own; none where there is no such policy."""
    if policy not in _DEFAULTS:
        try:
            policy = own_policy(policy, own).base
        except InputError:  # said when the choice is made
            return {}
    return _DEFAULTS.get(policy, {})


def _misfit(key: str, value: object, default: object) -> str | None:
    """What a parameter with such a default must be if this one is not, with its final stop."""
    if key == "own":
        return None if isinstance(value, dict) else "It must be a table of parameters."
    if isinstance(default, str):
        return None if isinstance(value, str) else "It must be a name."
    if isinstance(default, bool):
        return None if isinstance(value, bool) else "It must be true or false."
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "It must be a number."
    return "It must be a whole number." if isinstance(default, int) and not isinstance(value, int) else None
