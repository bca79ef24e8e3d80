"""Simulate one replication of a variant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...demand import CALL_DRAW, draw_stays, generate_calls, generate_walk_ins
from ...simulation import Run, refuse_python, simulate
from ...world import N_PRIORITIES, Ground, OwnPolicy, Stationing, make_ground
from ..trial import VALIDATE
from .knowledge import demand_of, forecast_of, rate_by_hour
from .prepare import Prepared, Ready
from .rolling import rolling_twin


@dataclass(frozen=True, eq=False, kw_only=True)
class Night:
    """What a replication brings, whoever meets it."""

    calls: NDArray[np.void]
    walk_ins: NDArray[np.void] | None


class Runner:
    """Simulates one variant of a case.

    Parameters
    ----------
    prepared, ready
        The scenario and its variant.
    placement
        Units at each station, shape (stations,), where a search has placed them.
    """

    def __init__(self, prepared: Prepared, ready: Ready, placement: NDArray[np.int64] | None = None) -> None:
        self.prepared, self.ready = prepared, ready
        clock, parts = prepared.clock, ready.sections
        self.fleet = ready.crews.fleet(clock, placement)
        self.own: OwnPolicy | None = ready.choice.policies()
        if parts.policy.rollout is None:
            refuse_python(self.own)
        knows = parts.policy.knows
        self.rate = rate_by_hour(ready.overlay, ready.city, ready.demand, clock, parts.demand.factor, knows)
        self.forecast = forecast_of(self.rate) if knows.of == "event" else None
        n = len(self.fleet.homes)
        self.stationing: Stationing = ready.choice.stationing(
            ready.city, ready.router, ready.demand, units=n, forecast=self.forecast
        )
        self.stationing.scratch_needed(n, len(ready.city.stations))

    def run(self, night: Night) -> Run:
        """One day."""
        ready, clock = self.ready, self.prepared.clock
        options: dict[str, Any] = {}
        if ready.sections.policy.rollout is not None:
            options = {"driver": "mesa", "twin": rolling_twin(self, self.still)}
        return simulate(
            ready.city, night.calls, start=clock.start, duration_s=clock.duration_s,
            router=None if ready.roads is not None else ready.router, roads=ready.roads, rules=ready.rules,
            stationing=self.stationing, policies=self.own, fleet=self.fleet, walk_ins=night.walk_ins,
            seed=self.prepared.scenario.seed, **options,
        )  # fmt: skip

    @cached_property
    def still(self) -> Ground:
        """The ground on which units that become free go back to their base, and nobody is moved."""
        ready = self.ready
        speeds = None if ready.roads is None else ready.roads.speeds(ready.rules, N_PRIORITIES)
        return make_ground(ready.city, ready.router, ready.rules, speeds=speeds)

    def demand_at(self, t_s: float) -> Any:
        """The demand that is expected around a second of the run, for sampled futures."""
        hour = min(max(int(t_s // 3600.0), 0), len(self.rate) - 1)
        return demand_of(self.ready.demand, self.rate[hour])

    def volume_at(self, t_s: float) -> float:
        """Calls that are expected around a second of the run over those that are usual then."""
        usual = self.ready.overlay.demand.hour_of_week
        hour = min(max(int(t_s // 3600.0), 0), len(self.rate) - 1)
        at = self.prepared.clock.at(3600.0 * hour + 1800.0)
        then = float(usual[at.weekday() * 24 + at.hour])
        return float(self.rate[hour].sum()) / then if then > 0 else 1.0


def night_key(ready: Ready) -> tuple[Any, ...]:
    """What decides the calls and walk-ins of a variant's replications: variants of one key meet the same arrays."""
    parts = ready.sections
    return (
        parts.demand.model_dump_json(), tuple(aid.model_dump_json() for aid in parts.resources.first_aid),
        parts.hospitals.bays_count, parts.hospitals.occupancy, ready.crews.skill_names,
    )  # fmt: skip


def draw_night(prepared: Prepared, ready: Ready, replication: int) -> Night:
    """Draw a replication: ordinary calls, then the changes, then who walks into emergency rooms.

    Patients who walk in are those of the city as it is: extra bays and extra calls bring no fewer of them.
    """
    scenario, clock = prepared.scenario, prepared.clock
    seed, number = scenario.seed, VALIDATE + replication
    factor = ready.sections.demand.factor
    if ready.recorded is not None:
        file = ready.recorded
        shift_s = file.start.timestamp() - clock.start.timestamp()
        calls = file.calls.copy()
        calls["t_received"] += shift_s
        calls = calls[(calls["t_received"] >= 0) & (calls["t_received"] < clock.duration_s)]
    else:
        calls = generate_calls(
            ready.demand, prepared.city, start=clock.start, duration_s=clock.duration_s, seed=seed, replication=number,
            volume_factor=factor, skill_names=ready.crews.skill_names,
        )  # fmt: skip
    if ready.rules.count_bays:
        calls = draw_stays(ready.demand, calls, seed=seed, replication=number)
    calls = ready.overlay.over(np.asarray(calls, CALL_DRAW), seed=seed, replication=number)
    walk_ins = None
    if ready.rules.count_bays:
        walk_ins = generate_walk_ins(
            ready.demand, prepared.city, start=clock.start, duration_s=clock.duration_s, seed=seed, replication=number
        )
    return Night(calls=calls, walk_ins=walk_ins)
