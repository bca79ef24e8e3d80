"""Paired comparison: every contender meets the same nights, and every difference comes with its interval.

The calls, their luck and the walk-ins of a replication are drawn once and met by all, so a difference within a replication
is the contenders' own (common random numbers). Parameters are to be chosen on other replications than those judged by:
:data:`TRAIN` and :data:`VALIDATE` of trial.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock

import numpy as np

from ..city import City
from ..city.hexagons import COARSEST, HexGrid, hex_grid, hex_grid_at
from ..demand import Demand, draw_stays, expected_calls, generate_calls, generate_walk_ins, node_weights
from ..faults import Faults, ModelError
from ..routing import Router
from ..simulation import refuse_python, simulate
from ..simulation.statistics import mean_interval_of
from ..world import Fleet, OwnPolicy, RoadPlan, Rules, Stationing, fleet_homes
from .comparison import Comparison
from .contender import Contender, contender_of
from .figures import Replication, figures_of
from .replicate import replicate
from .trial import VALIDATE

WARM_UP_S = 6 * 3600.0
"""Calls received before do not count: units begin idle and rooms without a queue."""

AT_LEAST = 5
"""Replications before which no comparison is stopped for being precise enough: a lucky spread would do it."""
_MOST_CELLS = 300  # with more, chance colours too many
_CALLS_A_CELL = 100.0  # over all replications, where the calls are

Progress = Callable[[float], None]


class ComparisonError(ModelError):
    """A comparison that makes no sense: all its faults."""

    subject = "the comparison"


def compare_policies(
    city: City,
    demand: Demand,
    contenders: Sequence[Contender | str],
    *,
    baseline: str | None = None,
    units: int | None = None,
    start: datetime,
    duration_s: float,
    replications: int = 20,
    first: int = VALIDATE,
    seed: int = 1,
    volume: float = 1.0,
    rules: Rules | None = None,
    bays: bool = False,
    kilometres: bool = False,
    warm_up_s: float = WARM_UP_S,
    level: float = 0.95,
    router: Router | None = None,
    roads: RoadPlan | None = None,
    threads: int | None = None,
    precision: float | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Let every contender meet the same replications.

    Parameters
    ----------
    city, demand
        Where, and what is asked for.
    contenders
        At least one; no two of the same name. Texts are read by :func:`~ems_twin.scenario.contender_of`.
    baseline
        Name of the contender that the others are compared with; by default the first.
    units
        Size of the fleet of contenders without a plan of their own; by default the city's own.
    start, duration_s
        First instant of each replication, with its zone, and its length, seconds.
    replications, first
        How many, at least 2, and the number of the first.
    seed, volume
        Of the calls, and the factor on their number.
    rules
        Rules of contenders without any of their own; by default current practice.
    bays
        Whether treatment bays are counted: calls get stays, and patients walk in. Patients go where a bay is expected
        soonest, unless rules say where.
    kilometres
        Whether to reckon how far units drive; it takes longer.
    warm_up_s
        Calls received before do not count.
    level
        Of each interval.
    router
        By default the city's own.
    roads
        Closures and traffic that come into force in each replication; it brings its own router.
    threads
        Replications at a time; by default as many as there are processors. Results do not depend on it.
    precision
        Half the width, percentage points of late calls, that the intervals of all differences from the baseline must not
        exceed: replications end as soon as they do, not before there are :data:`AT_LEAST`.
    progress
        Told the share done.

    Raises
    ------
    ComparisonError
        The comparison makes no sense: with all its faults.
    InputError
        A contender does not go with the city.
    """
    given = [contender_of(one, city) if isinstance(one, str) else one for one in contenders]
    baseline = baseline if baseline is not None else given[0].name if given else ""
    faults = Faults(ComparisonError)
    note_senseless(
        faults, [one.name for one in given], baseline, replications=replications, duration_s=duration_s,
        warm_up_s=warm_up_s, volume=volume, start=start, precision=precision,
    )  # fmt: skip
    n_units = note_misfits(faults, city, given, units)
    faults.raise_if_any()
    assert n_units is not None  # else there was a fault
    if roads is not None:
        router = roads.router
    router = Router.for_city(city) if router is None else router
    law = rules or Rules(soonest_hospital=bays)
    plans: list[tuple[Contender, Rules, Stationing, Fleet, OwnPolicy | None]] = []
    for one in given:
        its = one.rules or law
        stationing = one.policy.stationing(city, router, demand, units=n_units)
        stationing.scratch_needed(n_units, len(city.stations))
        fleet = one.fleet(city, n_units, start=start, duration_s=duration_s)
        own = one.policy.policies()
        refuse_python(own)
        plans.append((one, replace(its, count_bays=True) if bays else its, stationing, fleet, own))
    skill_names = plans[0][3].skill_names
    grid = _grid(city, demand, volume * replications * expected_calls(demand, city, start=start, duration_s=duration_s))
    n_runs, lock = 0, Lock()

    def meet(k: int) -> list[Replication]:
        nonlocal n_runs
        when = {
            "start": start, "duration_s": duration_s, "seed": seed, "replication": first + k, "volume_factor": volume,
        }  # fmt: skip
        calls = generate_calls(demand, city, skill_names=skill_names, **when)  # type: ignore[arg-type]
        walk_ins = None
        if bays:
            calls = draw_stays(demand, calls, seed=seed, replication=first + k)
            walk_ins = generate_walk_ins(demand, city, **when)  # type: ignore[arg-type]
        found = []
        for _, its, stationing, fleet, own in plans:
            run = simulate(
                city, calls, start=start, duration_s=duration_s, router=router if roads is None else None, roads=roads,
                rules=its, stationing=stationing, policies=own, fleet=fleet, walk_ins=walk_ins, keep_trace=kilometres, seed=seed,
            )  # fmt: skip
            found.append(figures_of(run, grid.cell_of_node, len(grid.cells), warm_up_s=warm_up_s))
            if progress is not None:
                with lock:
                    n_runs += 1
                    progress(n_runs / (replications * len(plans)))
        return found

    at = [one.name for one in given].index(baseline)

    def is_precise(met: list[list[Replication]]) -> bool:
        if precision is None or len(met) < min(AT_LEAST, replications):
            return False
        late = np.array([[one.values["late_share"] for one in row] for row in met])
        apart = np.delete(late - late[:, [at]], at, axis=1)
        return all(mean_interval_of(column, level=level).half_width <= precision for column in apart.T)

    met = replicate(meet, replications, threads=threads, enough=is_precise)
    why = f"{len(met)} were asked for"
    if precision is not None:
        enough = is_precise(met)
        why = f"differences in late calls are known to within {precision:g} points after {len(met)}" if enough else (
            f"differences in late calls are not yet known to within {precision:g} points after {len(met)}"
        )  # fmt: skip
    return Comparison(
        city=city, units=n_units, start=start, duration_s=duration_s, seed=seed, volume=volume, bays=bays,
        warm_up_s=warm_up_s, level=level, baseline=baseline, contenders=tuple(given),
        replications=tuple(range(first, first + len(met))),
        found={one.name: tuple(row[i] for row in met) for i, one in enumerate(given)}, grid=grid, why_stopped=why,
    )  # fmt: skip


def note_misfits(faults: Faults, city: City, contenders: Sequence[Contender], units: int | None) -> int | None:
    """Size of the fleet, None if it cannot be told; notes fleets of another size, and those that tell other skills apart."""
    plans = [(one.name, one.plan) for one in contenders if one.plan is not None]
    if units is None and len(plans) == len(contenders) > 0:
        n_units: int | None = len(plans[0][1].homes)
    else:
        n_units = faults.attempt(lambda: len(fleet_homes(city, units)))
    for name, plan in plans:
        if n_units is not None and len(plan.homes) != n_units:
            faults.add(
                f"'{name}' has {len(plan.homes)} units, the others {n_units}", field="units",
                remedy=f"Compare fleets of one size: give {len(plan.homes)} units, or a fleet of {n_units}.",
            )  # fmt: skip
    skills = {one.name: ("transport",) if one.plan is None else one.plan.skill_names for one in contenders}
    if len(set(skills.values())) > 1:
        told = "; ".join(f"'{name}' knows {', '.join(names)}" for name, names in skills.items())
        faults.add(f"fleets know different skills ({told}), so calls could not be the same", field="policies",
                   remedy="Give all fleets the same unit types.")  # fmt: skip
    return n_units


def _grid(city: City, demand: Demand, calls: float) -> HexGrid:
    """The finest hexagons in which the cell of a call has calls enough over all replications."""
    grid, weight = hex_grid(city.roads, max_hexagons=_MOST_CELLS), node_weights(demand)
    while grid.resolution > COARSEST:
        share = np.bincount(grid.cell_of_node, weight, len(grid.cells)) / max(float(weight.sum()), 1e-300)
        if calls * float((share**2).sum()) >= _CALLS_A_CELL:
            break
        grid = hex_grid_at(city.roads, grid.resolution - 1)
    return grid


def note_senseless(
    faults: Faults,
    names: Sequence[str],
    baseline: str,
    *,
    replications: int,
    duration_s: float,
    warm_up_s: float,
    volume: float,
    start: datetime,
    precision: float | None,
) -> None:
    """Note what makes no sense in what was asked for, see :func:`compare_policies`."""
    if not names:
        faults.add("there is nothing to compare", field="policies", remedy="Name at least one policy.")
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.add(
            f"'{name}' is there {names.count(name)} times", field="policies", remedy="Give each a name of its own."
        )
    if names and baseline not in names:
        faults.add(
            f"'{baseline}' is not compared", field="baseline", remedy=f"Name one of {', '.join(names)}, or add it."
        )
    if replications < 2:
        faults.add(f"{replications} replications", field="replications", remedy="Give at least 2, better 20.")
    if not 0 <= warm_up_s < duration_s < math.inf:
        faults.add(
            f"replications of {duration_s / 3600:g} h, the first {warm_up_s / 3600:g} h of which do not count",
            field="days", remedy="Simulate longer.",
        )  # fmt: skip
    if not 0 < volume < math.inf:
        faults.add(f"a factor of {volume:g}", field="volume", remedy="Give a number above 0.")
    if start.tzinfo is None:
        faults.add("has no time zone", field="start", remedy="Give a time with its zone.")
    if precision is not None and not 0 < precision < math.inf:
        faults.add(f"a half-width of {precision:g}", field="precision", remedy="Give percentage points above 0.")
