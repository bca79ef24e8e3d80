"""The best static placement that can be found: what a relocation policy has to beat.

Against a weak placement every relocation looks good. So the best of what models propose is improved on the simulation, on
weeks that nothing is judged by.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..demand import Demand, demand_points
from ..errors import InputError
from ..policies.mexclp import expected_cover
from ..policies.p_median import mean_drive_s
from ..routing import Router
from ..world import Rules, fleet_homes
from .local_search import Search, local_search
from .proposal import as_placement, busy_hours, cover_by_priority_s, propose, siting_problem
from .trial import TRAIN, Trial

AIMS = ("late", "mean")
"""What a placement is to be best in: fewest late calls, or the shortest mean response."""

_MODELS = ("mexclp", "dsm", "p-median")
_QUICK_MODELS = ("mexclp", "p-median")
_LOOKS = 3  # weeks by which the search chooses where to begin
_WEEKS = 5  # that a candidate must meet


@dataclass(frozen=True, eq=False, kw_only=True)
class BestStatic:
    """A placement, and where it comes from."""

    units: NDArray[np.int64]
    """Units at each station, shape (stations,)."""
    aim: str
    """One of :data:`AIMS`."""
    started_from: str
    """Whose placement the search began at: ``as it is`` or a model's."""
    search: Search

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "units": self.units.tolist(), "aim": self.aim, "started_from": self.started_from,
            "search": self.search.to_dict(),
        }  # fmt: skip


def best_static(
    city: City,
    demand: Demand,
    *,
    start: datetime,
    units: int | None = None,
    aim: str = "late",
    rules: Rules | None = None,
    router: Router | None = None,
    seed: int = 1,
    volume: float = 1.0,
    week_s: float = 7 * 86_400.0,
    evaluations: int = 600,
    seconds: float = np.inf,
    trial: Trial | None = None,
    looks: int = _LOOKS,
    meets: int = _WEEKS,
    quick: bool = False,
    progress: Callable[[float], None] | None = None,
) -> BestStatic:
    """Place units of one kind so that a static service does best: models, then local search on the simulation.

    Parameters
    ----------
    city, demand
        Where, and what is asked for.
    start
        First instant of the weeks that are trained on, with its zone.
    units
        Size of the fleet; by default the city's own.
    aim
        One of :data:`AIMS`.
    rules, router
        Rules of the life cycle and travel times; by default current practice and the city's own.
    seed
        Of the calls; replications from :data:`~ems_twin.scenario.trial.TRAIN` on are used.
    volume
        Factor on the number of calls.
    week_s
        Length of a replication, seconds.
    evaluations, seconds
        Budget: simulated weeks and time. Without an end in time the search is deterministic.
    trial
        What simulates a placement, in place of one made from all the others; ``demand`` is what the models see.
    looks, meets
        Weeks by which the search chooses where to begin, and those that each candidate must meet.
    quick
        Whether models place one unit after the other: no integer programs, which take minutes with many sites.
    progress
        Told the share of the budget that is used.

    Raises
    ------
    InputError
        There is no such aim, or the city or the fleet is unusable.
    """
    if aim not in AIMS:
        raise InputError(f"there is no aim '{aim}'", field="aim", remedy=f"Use {' or '.join(AIMS)}.")
    router = Router.for_city(city) if router is None else router
    now = np.bincount(fleet_homes(city, units), minlength=len(city.stations)).astype(np.int64)
    points = demand_points(demand, city)
    problem = siting_problem(city, demand, points, router, rules or Rules(), int(now.sum()), None)
    if trial is None:
        trial = Trial(city, demand, router, start=start, duration_s=week_s, seed=seed, rules=rules, volume=volume)
    run = trial.run(now, TRAIN, keep_trace=True)
    q = busy_hours(run, trial.hours * demand.hour_of_week)
    cover_s = np.repeat(cover_by_priority_s(trial, run.calls, len(demand.priority_share)), len(points.node))

    def value(at: NDArray[np.int64], k: int) -> float:
        found = trial.figures(at, TRAIN + k)
        return found.late_share if aim == "late" else found.mean_s

    def opinion(at: NDArray[np.int64]) -> float:
        if aim == "late":
            return expected_cover(problem, as_placement(at), cover_s=cover_s, busy_share=q)
        return -mean_drive_s(problem, as_placement(at), busy_share=q)

    starts = {"as it is": now} | {
        model: propose(model, problem, cover_s, q, quick=quick).units for model in (_QUICK_MODELS if quick else _MODELS)
    }
    looked = {name: float(np.mean([value(at, k) for k in range(looks)])) for name, at in starts.items()}
    begin = min(looked, key=lambda name: looked[name])
    search = local_search(
        value, starts[begin], room=problem.room, opinion=opinion, replications=meets, evaluations=evaluations,
        seconds=seconds, seed=seed, progress=progress,
    )  # fmt: skip
    return BestStatic(units=search.units, aim=aim, started_from=begin, search=search)
