"""Where units are best based for a day, found by models and local search on the simulation, on days of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...simulation import Run, simulate
from ..best_static import BestStatic, best_static
from ..trial import TRAIN, VALIDATE, Trial
from .knowledge import demand_of, rate_by_hour
from .prepare import Prepared, Ready
from .run_day import Night, draw_night
from .spec import Knowledge

_DAYS = 16  # that each candidate must meet: a day of a city has a thousand calls, a week seven


class _DayTrial(Trial):
    """Simulates placements on the days of a variant, with its roads, rooms, crews and rules."""

    def __init__(self, prepared: Prepared, ready: Ready) -> None:
        clock = prepared.clock
        super().__init__(
            ready.city, ready.demand, ready.router, start=clock.start, duration_s=clock.duration_s,
            seed=prepared.scenario.seed, rules=ready.rules, warm_up_s=prepared.count_from_s,
        )  # fmt: skip
        self.prepared, self.ready = prepared, ready
        self._nights: dict[int, Night] = {}
        self._stationing = ready.choice.stationing(
            ready.city, ready.router, ready.demand, units=int(ready.crews.at_station.sum())
        )

    def night(self, replication: int) -> Night:
        """A day that nothing is judged by."""
        if replication not in self._nights:
            self._nights[replication] = draw_night(self.prepared, self.ready, replication + TRAIN - VALIDATE)
        return self._nights[replication]

    def calls(self, replication: int) -> NDArray[np.void]:
        """Calls of a day."""
        return self.night(replication).calls

    def counts(self, calls: NDArray[np.void]) -> NDArray[np.bool_]:
        """Whether each call counts."""
        t = calls["t_received"]
        counted: NDArray[np.bool_] = (t >= self.prepared.count_from_s) & (t < self.prepared.count_to_s)
        return counted

    def run(self, units: NDArray[np.integer[Any]], replication: int, *, keep_trace: bool = False) -> Run:
        """Simulate so many units at each station."""
        self.n_runs += 1
        ready, night = self.ready, self.night(replication)
        return simulate(
            ready.city, night.calls, start=self.start, duration_s=self.duration_s,
            router=None if ready.roads is not None else ready.router, roads=ready.roads,
            fleet=ready.crews.fleet(self.prepared.clock, np.asarray(units, np.int64)), rules=ready.rules,
            stationing=self._stationing, walk_ins=night.walk_ins, keep_trace=keep_trace, seed=self.seed,
        )  # fmt: skip


def search_placement(
    prepared: Prepared, ready: Ready, *, progress: Callable[[float], None] | None = None
) -> BestStatic:
    """Search for where the units of a variant are best based while nobody relocates.

    Parameters
    ----------
    prepared, ready
        The scenario, and the day that the placement is for: an ordinary one or the event's.
    progress
        Told the share of the budget that is used.
    """
    clock, scenario = prepared.clock, prepared.scenario
    rate = rate_by_hour(
        ready.overlay, ready.city, ready.demand, clock, ready.sections.demand.factor, Knowledge(of="event")
    )
    first, last = int(prepared.count_from_s // 3600), max(int(np.ceil(prepared.count_to_s / 3600)), 1)
    return best_static(
        ready.city, demand_of(ready.demand, rate[first:last].sum(axis=0)), start=clock.start,
        units=int(ready.crews.at_station.sum()), aim=ready.sections.resources.placement_aim, rules=ready.rules,
        router=ready.router, seed=scenario.seed, evaluations=scenario.search_runs, trial=_DayTrial(prepared, ready),
        looks=5, meets=_DAYS, quick=True, progress=progress,
    )  # fmt: skip
