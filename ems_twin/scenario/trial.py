"""Trials of placements: every placement meets the same replications (common random numbers)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..demand import Demand, generate_calls
from ..demand.clock import hours_of_week, time_zone
from ..errors import InputError
from ..routing import Router
from ..simulation import Run, response_s, simulate
from ..simulation.busy import HOUR_BLOCKS
from ..world import Rules, fleet_by_station

TRAIN, VALIDATE = 0, 1_000_000
"""First replication of those to choose by, and of those to judge by. They are as disjoint as two seeds."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one replication amounts to, over the calls received in the hours that count that a unit reached."""

    mean_s: float
    """Mean response time, seconds."""
    late_share: float
    """Share of calls with a response time beyond the target of their priority."""


class Trial:
    """Simulates placements of units of one kind, always on duty, on the same calls.

    Parameters
    ----------
    city, demand, router
        Where, what is asked for, and travel times.
    start
        First instant of each replication, with its zone.
    duration_s
        Its length, seconds.
    seed
        Of the calls.
    rules
        Rules of the life cycle; by default current practice.
    hours
        Hours of the week that count, shape (168,); by default all.
    warm_up_s
        Calls in the first seconds do not count: every unit is idle when a run begins.
    target_s
        Response-time target of all priorities; by default the city's.
    volume
        Factor on the number of calls.
    """

    def __init__(
        self,
        city: City,
        demand: Demand,
        router: Router,
        *,
        start: datetime,
        duration_s: float,
        seed: int,
        rules: Rules | None = None,
        hours: NDArray[np.bool_] | None = None,
        warm_up_s: float = 7200.0,
        target_s: float | None = None,
        volume: float = 1.0,
    ) -> None:
        if not 0 <= warm_up_s < duration_s:
            raise InputError(
                f"a warm-up of {warm_up_s:g} s in runs of {duration_s:g} s", field="warm_up_s",
                remedy="Simulate longer.",
            )  # fmt: skip
        self.city, self.demand, self.router = city, demand, router
        self.start, self.duration_s, self.seed = start, duration_s, seed
        self.rules = rules or Rules()
        self.hours = HOUR_BLOCKS["all"] if hours is None else hours
        self.warm_up_s = warm_up_s
        self.target_s = target_s
        self.volume = volume
        self.n_runs = 0
        self._calls: dict[int, NDArray[np.void]] = {}
        self._edges_s, self._hour = hours_of_week(start, duration_s, time_zone(city.timezone))

    def calls(self, replication: int) -> NDArray[np.void]:
        """Calls of a replication, :data:`~ems_twin.demand.CALL_DRAW`."""
        if replication not in self._calls:
            self._calls[replication] = generate_calls(
                self.demand, self.city, start=self.start, duration_s=self.duration_s, seed=self.seed,
                replication=replication, volume_factor=self.volume,
            )  # fmt: skip
        return self._calls[replication]

    def counts(self, calls: NDArray[np.void]) -> NDArray[np.bool_]:
        """Whether each call was received in the hours that count, after the warm-up."""
        piece = np.searchsorted(self._edges_s, calls["t_received"], side="right") - 1
        hour = self._hour[np.clip(piece, 0, len(self._hour) - 1)]
        counted: NDArray[np.bool_] = self.hours[hour] & (calls["t_received"] >= self.warm_up_s)
        return counted

    def targets_s(self, priority: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Response-time target of each of some priorities, seconds."""
        if self.target_s is not None:
            return np.full(len(priority), self.target_s)
        return self.city.targets_s(priority)

    def run(self, units: NDArray[np.integer[Any]], replication: int, *, keep_trace: bool = False) -> Run:
        """Simulate so many units at each station, shape (stations,)."""
        self.n_runs += 1
        return simulate(
            self.city, self.calls(replication), start=self.start, duration_s=self.duration_s, router=self.router,
            fleet=fleet_by_station(units), rules=self.rules, keep_trace=keep_trace, seed=self.seed,
        )  # fmt: skip

    def figures(self, units: NDArray[np.integer[Any]], replication: int) -> Figures:
        """What a replication amounts to under a placement.

        Raises
        ------
        InputError
            No call of it counts.
        """
        calls = self.run(units, replication).calls
        response = response_s(calls)
        used = self.counts(calls) & np.isfinite(response)
        if not used.any():
            raise InputError(
                "no call was received in the hours that count",
                field="hours",
                remedy="Simulate longer, or count more hours.",
            )
        late = response[used] > self.targets_s(calls["priority"][used])
        return Figures(mean_s=float(response[used].mean()), late_share=float(late.mean()))
