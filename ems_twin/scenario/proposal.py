"""The siting problem of a city, read from its demand and a simulated week, and what the models propose for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..demand import Demand, DemandPoints
from ..errors import InputError
from ..policies.covering import mclp
from ..policies.double_standard import double_standard
from ..policies.mexclp import greedy_mexclp, mexclp
from ..policies.p_median import greedy_p_median, p_median
from ..policies.siting import BusyHours, Placement, SitingProblem
from ..routing import ORDINARY, SIRENS, Router
from ..simulation import Run
from ..simulation.busy import busy_seconds_by_hour
from ..world import Rules
from .trial import Trial

_NEVER_BUSIER = 0.99  # an hour in which every unit was busy all the time says nothing of where they should be
_FAR = 1.5  # the far standard of the double standard model over the near one, as in Gendreau et al.'s 7 and 14 min, less wide


def siting_problem(
    city: City,
    demand: Demand,
    points: DemandPoints,
    router: Router,
    rules: Rules,
    units: int,
    capacity: int | None,
) -> SitingProblem:
    """Sites and demand points, the points once for each priority, at its speeds."""
    sites = np.array([station.node for station in city.stations])
    drive_s = [router.matrix_s(sites, points.node, metric=metric) for metric in (SIRENS, ORDINARY)]
    share = demand.priority_share
    return SitingProblem(
        weight=np.outer(share, points.weight).ravel(),
        drive_s=np.concatenate([drive_s[p > rules.sirens_to_priority] for p in range(1, len(share) + 1)], axis=1),
        units=units,
        capacity=None if capacity is None else np.full(len(sites), capacity, dtype=np.int64),
        names=tuple(station.name for station in city.stations),
    )


def propose(
    model: str, problem: SitingProblem, cover_s: NDArray[np.float64], q: BusyHours, *, quick: bool = False
) -> Placement:
    """What a model proposes: ``mclp``, ``dsm`` or ``p-median``, and for other names MEXCLP.

    Quick: p-median and MEXCLP place one unit after the other.
    """
    if quick and model == "p-median":
        return greedy_p_median(problem, busy_share=q)
    if quick and model == "mexclp":
        return greedy_mexclp(problem, cover_s=cover_s, busy_share=q)
    if model == "mclp":
        return mclp(problem, cover_s=cover_s)
    if model == "dsm":
        return double_standard(problem, near_s=cover_s, far_s=_FAR * cover_s, busy_share=q)
    if model == "p-median":
        return p_median(problem, busy_share=q)
    return mexclp(problem, cover_s=cover_s, busy_share=q)


def as_placement(units: NDArray[np.int64]) -> Placement:
    """Units at sites as the models' figures take them, nothing being known of how good they are."""
    return Placement(units=units, objective=0.0, bound=0.0, status="given")


def cover_by_priority_s(trial: Trial, calls: NDArray[np.void], n_priorities: int) -> NDArray[np.float64]:
    """Target less median call taking, turnout and start-up by priority, seconds; without calls of a priority those of all count."""
    priorities = np.arange(1, n_priorities + 1)
    target_s = trial.targets_s(priorities)
    left_s = np.empty(n_priorities)
    for i, priority in enumerate(priorities):
        used = calls[calls["priority"] == priority]
        used = used if len(used) else calls
        before_s = float(np.median(used["dispatch_delay_s"] + used["turnout_s"])) if len(used) else 0.0
        before_s += trial.city.start_up_s
        left_s[i] = target_s[i] - before_s
        if left_s[i] <= 0:
            raise InputError(
                f"a target of {target_s[i]:g} s leaves priority {priority} no time to drive: call taking and turnout take "
                f"{before_s:.0f} s",
                field="target",
                remedy="Give a longer target.",
            )
    return left_s


def busy_hours(run: Run, calls_an_hour: NDArray[np.float64]) -> BusyHours:
    """Busy shares of the hours of the week, each weighed by its calls."""
    busy_s, on_duty_s = busy_seconds_by_hour(run)
    used = (calls_an_hour > 0) & (on_duty_s > 0)
    share = busy_s[used] / on_duty_s[used]
    return BusyHours(share=np.minimum(share, _NEVER_BUSIER), weight=calls_an_hour[used])
