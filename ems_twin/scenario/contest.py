"""Contenders at several sizes of fleet: a comparison for each, and what they come to together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ..city import City
from ..demand import Demand
from ..errors import InputError
from ..faults import Faults
from ..routing import Router
from ..simulation.comparisons import holm, p_value
from ..world import FleetPlan, RoadPlan, Rules
from .best_static import BestStatic, best_static
from .compare import WARM_UP_S, ComparisonError, compare_policies, note_misfits, note_senseless
from .comparison import Comparison
from .contender import Contender, contender_of
from .curve import Curve, curve_points

SEARCHED = {"best-static": "late", "best-static-mean": "mean"}
"""Contenders whose placement is searched for at each size of fleet, and what it is to be best in
(:data:`~ems_twin.scenario.best_static.AIMS`)."""

Say = Callable[[str, float], None]


@dataclass(frozen=True, eq=False, kw_only=True)
class Contest:
    """What was found."""

    comparisons: tuple[Comparison, ...]
    """One for each size of fleet."""
    curve: dict[str, float]
    """Value of the parameter that a curve varies, of the contenders that are only points of it."""
    curve_of: Curve | None
    placements: dict[tuple[str, int], BestStatic]
    """What was searched for, by contender and units."""
    notes: tuple[str, ...] = ()

    @property
    def baseline(self) -> str:
        """Whom all are compared with."""
        return self.comparisons[0].baseline

    @property
    def rivals(self) -> list[str]:
        """Names of the contenders that are compared with the baseline; points of a curve are not among them."""
        names = [one.name for one in self.comparisons[0].contenders]
        return [name for name in names if name != self.baseline and name not in self.curve]

    def adjusted(self, outcome: str) -> dict[tuple[str, int], float]:
        """P-value of each rival's difference at each size, adjusted for there being so many (Holm).

        Rivals whose outcome is not known are left out.
        """
        raw = {
            (name, one.units): p_value(one.values(one.baseline, outcome), one.values(name, outcome))
            for one in self.comparisons
            for name in self.rivals
            if one.paired(name, outcome) is not None
        }
        return dict(zip(raw, holm(list(raw.values())).tolist(), strict=True))


def compare_fleets(
    city: City,
    demand: Demand,
    contenders: Sequence[str | Contender],
    *,
    start: datetime,
    duration_s: float,
    baseline: str | None = None,
    units: Sequence[int] = (),
    plan: FleetPlan | None = None,
    curve: Curve | None = None,
    replications: int = 20,
    seed: int = 1,
    volume: float = 1.0,
    rules: Rules | None = None,
    bays: bool = False,
    warm_up_s: float = WARM_UP_S,
    level: float = 0.95,
    precision: float | None = None,
    evaluations: int = 600,
    router: Router | None = None,
    roads: RoadPlan | None = None,
    threads: int | None = None,
    say: Say | None = None,
) -> Contest:
    """Compare contenders at each of some sizes of fleet, all on the same nights.

    Parameters
    ----------
    city, demand
        Where, and what is asked for.
    contenders
        Ready ones, or texts as :func:`~ems_twin.scenario.contender_of` reads them, or keys of :data:`SEARCHED`.
    start, duration_s, seed, volume, rules, bays, replications, warm_up_s, level, precision, router, roads, threads
        As of :func:`~ems_twin.scenario.compare_policies`.
    baseline
        Whom all are compared with; by default ``home`` if it is there, else the first.
    units
        Sizes; by default the city's own, or that of ``plan``.
    plan
        The fleet of contenders without a placement of their own, in place of units of one kind.
    curve
        Sweep a limit on moves of each contender that moves units which wait.
    evaluations
        Weeks that the search for a best static placement may simulate at each size.
    say
        Told what is being done and the share done.

    Raises
    ------
    ComparisonError
        What was asked for makes no sense: with all its faults.
    """
    say = say or (lambda _text, _share: None)
    faults = Faults(ComparisonError)
    given, names = _contenders(faults, city, contenders, plan)
    wanted = [one.name for one in given if one.name in SEARCHED]
    if plan is not None and wanted:
        faults.add(
            f"{' and '.join(wanted)} cannot be searched for with a fleet from files", field="policies",
            remedy="Give a number of units, which are then of one kind, or take it out.",
        )  # fmt: skip
    points = [] if curve is None else curve_points(faults, given, curve)
    given += [point for point, _ in points]
    if baseline is None:
        baseline = "home" if "home" in names or not names else names[0]
    note_senseless(
        faults, [*names, *(point.name for point, _ in points)], baseline, replications=replications, duration_s=duration_s,
        warm_up_s=warm_up_s, volume=volume, start=start, precision=precision,
    )  # fmt: skip
    for twice in sorted({n for n in units if units.count(n) > 1}):
        faults.add(f"{twice} is there {units.count(twice)} times", field="units", remedy="Give each size once.")
    sizes: list[int | None] = [*dict.fromkeys(units)] or [None]
    for n in sizes:
        note_misfits(faults, city, given, n)
    faults.raise_if_any()
    router = Router.for_city(city) if router is None else router
    found: list[Comparison] = []
    placements: dict[tuple[str, int], BestStatic] = {}

    def done(text: str, i: int) -> Callable[[float], None]:
        size = sizes[i]
        told = text if size is None else f"{text}, {size} units"
        return lambda share: say(told, (i + share) / len(sizes))

    for i, n in enumerate(sizes):
        ready = list(given)
        for name in wanted:
            best = best_static(
                city, demand, start=start, units=n, aim=SEARCHED[name], rules=rules, router=router, seed=seed,
                volume=volume, week_s=duration_s, evaluations=evaluations, progress=done(f"searching for {name}", i),
            )  # fmt: skip
            placements[name, int(best.units.sum())] = best
            ready = [replace(one, placement=best.units) if one.name == name else one for one in ready]
        compared = compare_policies(
            city, demand, ready, baseline=baseline, units=n, start=start, duration_s=duration_s,
            replications=replications, seed=seed, volume=volume, rules=rules, bays=bays, kilometres=True,
            warm_up_s=warm_up_s, level=level, router=router, roads=roads, threads=threads, precision=precision,
            progress=done("simulating", i),
        )  # fmt: skip
        _refuse_empty(compared)
        found.append(compared)
    notes = _unlike_hours(found[0])
    if wanted and bays:
        notes.append("Best static placements were searched for without counting treatment bays.")
    if wanted and roads is not None:
        notes.append("Best static placements were searched for on roads without closures and traffic.")
    return Contest(
        comparisons=tuple(found), curve={point.name: value for point, value in points}, curve_of=curve,
        placements=placements, notes=tuple(notes),
    )  # fmt: skip


def _contenders(
    faults: Faults, city: City, contenders: Sequence[str | Contender], plan: FleetPlan | None
) -> tuple[list[Contender], list[str]]:
    """The contenders, and the names of all: one that cannot be read goes by what was written."""
    given, names = [], []
    for one in contenders:
        ready: Contender | None
        if isinstance(one, Contender):
            ready = one
        elif one in SEARCHED:
            ready = Contender(name=one)
        else:
            ready = faults.attempt(lambda text=one: contender_of(text, city))  # type: ignore[misc]
        if ready is None:
            names.append(str(one))
            continue
        if plan is not None and ready.plan is None and ready.placement is None:
            ready = replace(ready, plan=plan)
        given.append(ready)
        names.append(ready.name)
    return given, names


def _refuse_empty(compared: Comparison) -> None:
    """Raise unless there is something to compare by in every replication."""
    for one in compared.contenders:
        for key in ("late_share", "response_s"):
            if compared.estimate(one.name, key) is None:
                problem = f"in some replications no unit reached a call under '{one.name}'"
                raise InputError(problem, field="days", remedy="Simulate longer, or more calls.")


def _unlike_hours(compared: Comparison) -> list[str]:
    """What to say where fleets of one size are not on duty for as long."""
    always = 168.0 * compared.units
    hours = {one.name: always if one.plan is None else float(one.plan.duty_hours.sum()) for one in compared.contenders}
    if max(hours.values()) - min(hours.values()) < 0.01 * always:
        return []
    told = ", ".join(f"{name} {value:,.0f}" for name, value in hours.items())
    return [f"The fleets are on duty for different unit-hours a week: {told}."]
