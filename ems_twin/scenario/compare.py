"""Paired comparison: every contender meets the same nights, and every difference comes with its interval.

The calls, their luck and the walk-ins of a replication are drawn once and met by all, so a difference within a replication
is the contenders' own (common random numbers). Parameters are to be chosen on other replications than those judged by:
:data:`TRAIN` and :data:`VALIDATE` of trial.py.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..city.hexagons import HexGrid, hex_grid
from ..demand import Demand, draw_stays, generate_calls, generate_walk_ins
from ..faults import Faults, ModelError
from ..routing import Router
from ..simulation import refuse_python, simulate
from ..simulation.statistics import Estimate, Paired, compare, mean_interval_of
from ..world import OwnPolicy, Rules, Stationing, fleet_homes
from .contender import Contender
from .figures import OUTCOMES, Replication, figures_of
from .trial import VALIDATE

WARM_UP_S = 6 * 3600.0
"""Calls received before do not count: units begin idle and rooms without a queue."""

Progress = Callable[[float], None]


class ComparisonError(ModelError):
    """A comparison that makes no sense: all its faults."""

    subject = "the comparison"


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """What was found. Figures of a contender are by replication, in the same order for all."""

    city: City
    units: int
    start: datetime
    duration_s: float
    seed: int
    volume: float
    bays: bool
    warm_up_s: float
    level: float
    """Probability with which each interval holds the true mean."""
    baseline: str
    contenders: tuple[Contender, ...]
    replications: tuple[int, ...]
    """Numbers of the replications."""
    found: dict[str, tuple[Replication, ...]]
    """Replications of each contender, by name."""
    grid: HexGrid
    """Cells of the maps."""

    def values(self, name: str, outcome: str) -> NDArray[np.float64]:
        """An outcome of a contender, shape (replications,)."""
        return np.array([one.values[outcome] for one in self.found[name]])

    def estimate(self, name: str, outcome: str) -> Estimate | None:
        """Its mean with the interval; None where it is not known in all replications."""
        values = self.values(name, outcome)
        return mean_interval_of(values, level=self.level) if np.isfinite(values).all() else None

    def paired(self, name: str, outcome: str, *, against: str | None = None) -> Paired | None:
        """A contender against the baseline (or another), pair by pair; None where it is not known."""
        a, b = self.values(against or self.baseline, outcome), self.values(name, outcome)
        if not (np.isfinite(a).all() and np.isfinite(b).all()):
            return None
        return compare(a, b, level=self.level)

    def relative(self, name: str, outcome: str, *, against: str | None = None) -> Estimate | None:
        """Relative change against the baseline (or another) with its interval; None where it is not known."""
        a, b = self.values(against or self.baseline, outcome), self.values(name, outcome)
        if not (np.isfinite(a).all() and np.isfinite(b).all()) or not a.mean():
            return None
        return relative_change(a, b, level=self.level)

    def cells(self, name: str, what: str = "response_s") -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Difference from the baseline by cell, and half the width of its interval.

        Parameters
        ----------
        name
            The contender.
        what
            ``response_s``, seconds of the mean response, or ``late``, share of late calls.

        Returns
        -------
        difference, half_width : float64[cells]
            NaN where a replication has no call that a unit reached; weighed by calls.
        """
        from scipy.stats import t

        sums, calls = [], []
        for one in (self.baseline, name):
            runs = self.found[one]
            sums.append(np.array([r.cell_response_s if what == "response_s" else r.cell_late for r in runs]))
            calls.append(np.array([r.cell_calls for r in runs]))
        n = len(self.replications)
        with np.errstate(invalid="ignore", divide="ignore"):
            means = [total.sum(axis=0) / count.sum(axis=0) for total, count in zip(sums, calls, strict=True)]
            # linearised ratio estimator: what each replication adds to the difference of the two weighed means
            parts = [
                (total - mean * count) / count.mean(axis=0)
                for total, count, mean in zip(sums, calls, means, strict=True)
            ]
            spread = (parts[1] - parts[0]).std(axis=0, ddof=1)
        return means[1] - means[0], float(t.ppf((1 + self.level) / 2, n - 1)) * spread / math.sqrt(n)


def relative_change(a: NDArray[np.float64], b: NDArray[np.float64], *, level: float = 0.95) -> Estimate:
    """Mean of ``b`` over mean of ``a`` less 1, for paired replications, with the interval of the linearised ratio.

    The variance is that of ``b - R a`` over the mean of ``a`` squared (Cochran 1977, ratio estimators).
    """
    ratio = float(b.mean() / a.mean())
    parts = mean_interval_of((b - ratio * a) / a.mean(), level=level)
    return replace(parts, mean=ratio - 1, low=ratio - 1 - parts.half_width, high=ratio - 1 + parts.half_width)


def compare_policies(
    city: City,
    demand: Demand,
    contenders: Sequence[Contender],
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
    threads: int | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Let every contender meet the same replications.

    Parameters
    ----------
    city, demand
        Where, and what is asked for.
    contenders
        At least one; no two of the same name.
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
    threads
        Replications at a time; by default as many as there are processors. Results do not depend on it.
    progress
        Told the share done.

    Raises
    ------
    ComparisonError
        The comparison makes no sense: with all its faults.
    InputError
        A contender does not go with the city.
    """
    baseline = baseline if baseline is not None else contenders[0].name if contenders else ""
    _check(contenders, baseline, replications, duration_s, warm_up_s, volume, start)
    router = Router.for_city(city) if router is None else router
    n_units = len(fleet_homes(city, units))
    law = rules or Rules(soonest_hospital=bays)
    plans: list[tuple[Contender, Rules, Stationing, OwnPolicy | None]] = []
    for one in contenders:
        its = one.rules or law
        stationing = one.policy.stationing(city, router, demand, units=n_units)
        stationing.scratch_needed(n_units, len(city.stations))
        one.fleet(city, n_units, start=start, duration_s=duration_s)
        own = one.policy.policies()
        refuse_python(own)
        plans.append((one, replace(its, count_bays=True) if bays else its, stationing, own))
    grid = hex_grid(city.roads)

    def meet(k: int) -> list[Replication]:
        when = {"start": start, "duration_s": duration_s, "seed": seed, "replication": k, "volume_factor": volume}
        calls = generate_calls(demand, city, **when)  # type: ignore[arg-type]
        walk_ins = None
        if bays:
            calls = draw_stays(demand, calls, seed=seed, replication=k)
            walk_ins = generate_walk_ins(demand, city, **when)  # type: ignore[arg-type]
        found = []
        for one, its, stationing, own in plans:
            run = simulate(
                city, calls, start=start, duration_s=duration_s, router=router, rules=its, stationing=stationing,
                fleet=one.fleet(city, n_units, start=start, duration_s=duration_s), walk_ins=walk_ins,
                policies=own, keep_trace=kilometres, seed=seed,
            )  # fmt: skip
            found.append(figures_of(run, grid.cell_of_node, len(grid.cells), warm_up_s=warm_up_s))
        return found

    rows = range(first, first + replications)
    met: dict[int, list[Replication]] = {}
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        waiting = {pool.submit(meet, k): k for k in rows}
        try:
            for done in as_completed(waiting):
                met[waiting[done]] = done.result()
                if progress is not None:
                    progress(len(met) / replications)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return Comparison(
        city=city, units=n_units, start=start, duration_s=duration_s, seed=seed, volume=volume, bays=bays,
        warm_up_s=warm_up_s, level=level, baseline=baseline, contenders=tuple(contenders), replications=tuple(rows),
        found={one.name: tuple(met[k][i] for k in rows) for i, one in enumerate(contenders)}, grid=grid,
    )  # fmt: skip


def _check(
    contenders: Sequence[Contender],
    baseline: str,
    replications: int,
    duration_s: float,
    warm_up_s: float,
    volume: float,
    start: datetime,
) -> None:
    faults = Faults(ComparisonError)
    names = [one.name for one in contenders]
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
    faults.raise_if_any()


def known(comparison: Comparison) -> list[str]:
    """Keys of the outcomes that every replication of every contender has a figure for."""
    return [
        outcome.key
        for outcome in OUTCOMES
        if all(np.isfinite(comparison.values(one.name, outcome.key)).all() for one in comparison.contenders)
    ]
