"""Where should units be based? A model proposes, the simulation judges."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..city.posts import with_posts
from ..demand import Demand, DemandPoints, demand_points, node_weights
from ..demand.clock import time_zone
from ..errors import InputError
from ..policies.mexclp import expected_cover
from ..policies.siting import Placement
from ..routing import Router
from ..simulation.busy import HOUR_BLOCKS
from ..simulation.statistics import compare
from ..world import Rules, fleet_homes
from .cover_bound import CoverBound, cover_bound
from .local_search import local_search
from .proposal import as_placement, busy_hours, cover_by_priority_s, propose, siting_problem
from .study import StationingStudy, with_units
from .trial import TRAIN, VALIDATE, Figures, Trial

MODELS = ("mexclp", "mclp", "dsm", "p-median", "local-search")
"""Ways to find a placement; local search begins at MEXCLP's or the present one, whichever is better."""

_LOOKS = 3  # replications by which local search chooses where to begin
_WEEK_S = 7 * 86_400.0
_START = datetime(2024, 5, 6)  # a Monday; weeks differ by their replication alone

Say = Callable[[str, float], None]


def optimise_stations(
    city: City,
    demand: Demand,
    *,
    units: int | None = None,
    model: str = "mexclp",
    target_s: float | None = None,
    posts: int = 0,
    hours: str = "all",
    capacity: int | None = None,
    rules: Rules | None = None,
    router: Router | None = None,
    seed: int = 1,
    replications: int = 10,
    evaluations: int = 600,
    seconds: float = 600.0,
    say: Say | None = None,
) -> StationingStudy:
    """Propose where units should be based, and simulate it against where they are.

    Parameters
    ----------
    city, demand
        Where, and what is asked for.
    units
        Units to base; by default the city's own.
    model
        One of :data:`MODELS`.
    target_s
        Response-time target of all calls, seconds from call received; by default the city's by priority.
    posts
        Street posts to offer beside the stations.
    hours
        Hours of the week that count: ``all``, ``day`` (07:00 to 19:00) or ``night``.
    capacity
        Most units at any place; by default any number.
    rules, router
        Rules of the life cycle and travel times; by default current practice and the city's own.
    seed
        Of the calls.
    replications
        Weeks on which the proposal is judged, at least 2.
    evaluations, seconds
        Budget of local search: simulated weeks and time.
    say
        Told what is being done and the share done.

    Raises
    ------
    InputError
        Something asked for is not there or out of range: units without room, a target that leaves no time to drive, a
        station that reaches nobody, a city without calls.
    """
    say = say or (lambda _text, _share: None)
    _check(model, hours, target_s, capacity, replications)
    now_units = np.bincount(fleet_homes(city, units), minlength=len(city.stations) + posts).astype(np.int64)
    n_units = int(now_units.sum())
    city = with_units(with_posts(city, posts, node_weights(demand)) if posts else city, now_units)
    router = Router.for_city(city) if router is None else router
    points = demand_points(demand, city)
    problem = siting_problem(city, demand, points, router, rules or Rules(), n_units, capacity)
    say("simulating a week as it is", 0.0)
    trial = Trial(
        city, demand, router, start=_START.replace(tzinfo=time_zone(city.timezone)), duration_s=_WEEK_S, seed=seed,
        rules=rules, hours=HOUR_BLOCKS[hours], target_s=target_s,
    )  # fmt: skip
    run = trial.run(now_units, TRAIN, keep_trace=True)
    q = busy_hours(run, trial.hours * demand.hour_of_week)
    by_priority = cover_by_priority_s(trial, run.calls, len(demand.priority_share))
    cover_s = np.repeat(by_priority, len(points.node))
    say(f"solving {model}", 0.0)
    proposed, search = propose(model, problem, cover_s, q), None
    if model == "local-search":

        def mean_s(units_by_site: NDArray[np.int64], k: int) -> float:
            return trial.figures(units_by_site, TRAIN + k).mean_s

        start = min(proposed.units, now_units, key=lambda u: float(np.mean([mean_s(u, k) for k in range(_LOOKS)])))
        search = local_search(
            mean_s,
            start if (start <= problem.room).all() else proposed.units,
            room=problem.room,
            opinion=lambda u: expected_cover(problem, as_placement(u), cover_s=cover_s, busy_share=q),
            evaluations=evaluations,
            seconds=seconds,
            seed=seed,
            progress=lambda share: say("searching on the simulation", share),
        )
        value = expected_cover(problem, as_placement(search.units), cover_s=cover_s, busy_share=q)
        proposed = Placement(
            units=search.units, objective=value, bound=max(proposed.bound, value), status="local search"
        )
    judged: list[tuple[Figures, Figures]] = []
    for k in range(replications):
        say("simulating now and proposed", k / replications)
        judged.append((trial.figures(now_units, VALIDATE + k), trial.figures(proposed.units, VALIDATE + k)))
    say("bounding", 1.0)
    now_cover = expected_cover(problem, as_placement(now_units), cover_s=cover_s, busy_share=q)
    return StationingStudy(
        city=city, points=points, problem=problem, model=model, hours=hours, target_s=target_s,
        cover_s=tuple(by_priority.tolist()),
        busy=q,
        now=Placement(units=now_units, objective=now_cover, bound=now_cover, status="as it is"),
        proposed=proposed,
        search=search,
        mean_s=compare([a.mean_s for a, _ in judged], [b.mean_s for _, b in judged]),
        late_share=compare([a.late_share for a, _ in judged], [b.late_share for _, b in judged]),
        bound=_bound(trial, points, n_units, replications),
        seed=seed,
    )  # fmt: skip


def _check(model: str, hours: str, target_s: float | None, capacity: int | None, replications: int) -> None:
    if model not in MODELS:
        raise InputError(f"there is no model '{model}'", field="model", remedy=f"Use one of {', '.join(MODELS)}.")
    if hours not in HOUR_BLOCKS:
        raise InputError(f"there are no hours '{hours}'", field="hours", remedy=f"Use {' or '.join(HOUR_BLOCKS)}.")
    if target_s is not None and not 0 < target_s < np.inf:
        raise InputError(f"a target of {target_s:g} s", field="target", remedy="Give a number of seconds above 0.")
    if capacity is not None and capacity < 1:
        raise InputError(f"places for {capacity} units", field="capacity", remedy="Give at least 1.")
    if replications < 2:
        raise InputError(f"{replications} replications", field="replications", remedy="Give at least 2.")


def _bound(trial: Trial, points: DemandPoints, units: int, replications: int) -> CoverBound | None:
    """The cover bound where the rules allow one."""
    rules = trial.rules
    if rules.soon_free or rules.preempt or rules.reassign_gain_s is not None or rules.count_bays:
        return None
    return cover_bound(trial, points, units, range(VALIDATE, VALIDATE + replications))
