"""A scenario on its city: every variant of every case made ready, or all that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...city import City, load_city
from ...city.closures import PlacedPlan, place_closures, plan_from, read_closures
from ...city.hexagons import HexGrid, hex_grid
from ...city.traffic import FILE as TRAFFIC_FILE
from ...city.traffic import Traffic, read_traffic
from ...demand import Demand, load_demand, node_weights, read_calls
from ...demand.clock import instant, is_skipped, time_zone
from ...demand.replay import CallFile
from ...errors import InputError
from ...faults import Faults, faults_of
from ...routing import Router
from ...routing.closure_check import check_closures, refuse_isolated
from ...world import PolicyChoice, RoadPlan, Rules, own_fleet, plan_roads, read_fleet
from .changes import MassCasualty
from .crews import Crews, city_of_resources, crews_of, hospitals_of
from .day import Areas
from .overlay import Overlay
from .placing import placed_changes
from .read import ScenarioError
from .spec import Case, Scenario, Sections, Variant, sections_of
from .times import Clock

_NEAR_M = 1000.0  # of closures and extra calls: where an event is felt
_WARM_UP_S = 6 * 3600.0
T = TypeVar("T")


@dataclass(frozen=True, eq=False, kw_only=True)
class Ready:
    """A variant in a case, ready to be simulated."""

    case: str
    variant: str
    is_event: bool
    sections: Sections
    city: City
    """With its posts and bays."""
    demand: Demand
    overlay: Overlay
    recorded: CallFile | None
    """A real day's calls, in place of drawn ones."""
    roads: RoadPlan | None
    router: Router
    rules: Rules
    choice: PolicyChoice
    crews: Crews
    replications: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Prepared:
    """A scenario that can be simulated."""

    scenario: Scenario
    file: Path | None
    city: City
    """As it is, without the scenario's posts and bays."""
    demand: Demand
    clock: Clock
    count_from_s: float
    count_to_s: float
    grid: HexGrid
    areas: Areas
    ready: tuple[Ready, ...]
    """By case, then variant."""
    placing: dict[tuple[str, str], Ready]
    """The day for which the units of a variant are based, where it asks for a search: nobody relocates, and all but the
    resources is as the scenario has it."""
    notes: tuple[str, ...]

    @property
    def cases(self) -> tuple[str, ...]:
        """Names of the cases; one that is empty where the scenario has none."""
        return tuple(case.name for case in self.scenario.cases) or ("",)

    def of(self, case: str, variant: str) -> Ready:
        """A variant in a case."""
        return next(one for one in self.ready if (one.case, one.variant) == (case, variant))


def prepare(scenario: Scenario, *, file: Path | None = None) -> Prepared:
    """Make a scenario ready.

    Parameters
    ----------
    scenario
        What was read.
    file
        Where it was read from; files that it names lie beside it.

    Raises
    ------
    ScenarioError
        It contradicts itself or the city: with every fault, by path.
    """
    return _Preparation(scenario, file).prepared()


class _Preparation:
    def __init__(self, scenario: Scenario, file: Path | None) -> None:
        self.scenario, self.file = scenario, file
        self.folder = Path() if file is None else file.parent
        self.faults = Faults(ScenarioError)
        self._kept: dict[Any, Any] = {}

    def prepared(self) -> Prepared:
        scenario, faults = self.scenario, self.faults
        self._check_names()
        city = faults.attempt(lambda: load_city(self._city()))
        if city is None:
            self._raise()
        assert city is not None
        self.city = city
        self.demand = load_demand(city)
        self.router = Router.for_city(city)
        self.weight = node_weights(self.demand)
        self.clock = self._clock()
        from_s, to_s = self._counted()
        ready = [
            one
            for i, case in enumerate(scenario.cases or (None,))
            for j, variant in enumerate(scenario.variants)
            if (one := self._ready(case, variant, i, j)) is not None
        ]
        placing = {
            (one.case, one.variant): one
            for i, case in enumerate(scenario.cases or (None,))
            for j, variant in enumerate(scenario.variants)
            if (one := self._placing(case, variant, i, j)) is not None
        }
        self._raise()
        grid = hex_grid(city.roads, max_hexagons=300)
        areas = Areas(
            cell_of_node=np.asarray(grid.cell_of_node, np.int64), n_cells=len(grid.cells),
            zone_of_node=self.demand.node_zone.astype(np.int64), n_zones=len(self.demand.zone_names),
            near=self._near(ready),
        )  # fmt: skip
        return Prepared(
            scenario=scenario, file=self.file, city=city, demand=self.demand, clock=self.clock, count_from_s=from_s,
            count_to_s=to_s, grid=grid, areas=areas, ready=tuple(ready), placing=placing, notes=tuple(self._notes(ready)),
        )  # fmt: skip

    def _raise(self) -> None:
        """Raise with what was found, each fault once and in the scenario's file."""
        seen: dict[tuple[Any, ...], InputError] = {}
        for fault in self.faults.found:
            one = fault if fault.file else InputError(
                fault.problem, file=self.file, row=fault.row, field=fault.field, remedy=fault.remedy
            )  # fmt: skip
            seen.setdefault((one.file, one.row, one.field, one.problem), one)
        if seen:
            raise ScenarioError(list(seen.values()))

    def _city(self) -> str | Path:
        beside = self.folder / self.scenario.city
        return beside if beside.is_dir() else self.scenario.city

    def _check_names(self) -> None:
        scenario, faults = self.scenario, self.faults
        names = [variant.name for variant in scenario.variants]
        for what, given in (("variants", names), ("cases", [case.name for case in scenario.cases])):
            for i, name in enumerate(given):
                if name in given[:i]:
                    faults.add(f"there are two {what} '{name}'", field=f"{what}[{i}].name",
                               remedy="Give each a name of its own.")  # fmt: skip
        wanted = [("baseline", scenario.baseline_name)]
        for i, pair in enumerate(scenario.comparisons):
            wanted += [(f"comparisons[{i}].variant", pair.variant), (f"comparisons[{i}].against", pair.against)]
            if pair.variant == pair.against:
                faults.add(f"'{pair.variant}' is compared with itself", field=f"comparisons[{i}]",
                           remedy="Name two variants.")  # fmt: skip
        for path, name in wanted:
            if name not in names:
                faults.add(f"there is no variant '{name}'", field=path, remedy=f"There are {', '.join(names)}.")

    def _clock(self) -> Clock:
        window, zone = self.scenario.window, time_zone(self.city.timezone)
        start = window.start
        if start.tzinfo is None:
            if is_skipped(start, zone):
                self.faults.add(f"{start} does not exist: the clocks of {self.city.timezone} are put forward then",
                                field="window.start", remedy="Give an hour that exists.")  # fmt: skip
            start = instant(start, zone)
        return Clock(start=start.astimezone(zone), zone=zone, duration_s=window.hours * 3600.0)

    def _counted(self) -> tuple[float, float]:
        window, clock = self.scenario.window, self.clock
        from_s = min(_WARM_UP_S, clock.duration_s / 2) if window.count_from is None else clock.second(window.count_from)
        to_s = clock.duration_s if window.count_to is None else clock.second(window.count_to)
        for name, at_s in (("count_from", from_s), ("count_to", to_s)):
            if not 0 <= at_s <= clock.duration_s:
                self.faults.add(f"is {getattr(window, name)}, outside the window of {window.hours:g} h from {window.start}",
                                field=f"window.{name}", remedy="Give a time within the window.")  # fmt: skip
        if to_s <= from_s:
            self.faults.add("no time is left that counts", field="window.count_to",
                            remedy="Give a later end, or an earlier begin.")  # fmt: skip
        return from_s, to_s

    def _once(self, key: Any, make: Callable[[], T]) -> T | None:
        """What was made for a key, made once; None if it could not be: its faults were noted then."""
        if key not in self._kept:
            self._kept[key] = self.faults.attempt(make)
        found: T | None = self._kept[key]
        return found

    def _ready(self, case: Case | None, variant: Variant, i: int, j: int) -> Ready | None:
        parts = sections_of(self.scenario, case, variant)

        def where(section: str) -> Callable[[str], str]:
            def path(field: str) -> str:
                if field in getattr(variant, section).model_fields_set:
                    return f"variants[{j}].{section}.{field}"
                if case is not None and field in getattr(case, section).model_fields_set:
                    return f"cases[{i}].{section}.{field}"
                return f"{section}.{field}"

            return path

        faults, clock = self.faults, self.clock
        before = len(faults.found)
        demand = self._demand(parts, where("hospitals"))
        city = city_of_resources(self.city, parts.resources, self.weight, where("resources"), faults)
        city = replace(city, hospitals=hospitals_of(city, parts.hospitals, where("hospitals"), faults))
        plan = self._fleet_plan(parts)
        crews = crews_of(
            city, parts.resources, plan, parts.hospitals, clock, where("resources"), where("hospitals"), faults
        )
        for k, aid in enumerate(parts.resources.first_aid):
            from_s, to_s = clock.stretch(aid.start, aid.end)
            if not 0 <= max(from_s, 0) < min(to_s, clock.duration_s):
                faults.add(f"'{aid.id}' is never open within the window", field=f"{where('resources')('first_aid')}[{k}]",
                           remedy="Give times within the window.")  # fmt: skip
        overlay = Overlay(
            city=city, demand=demand, clock=clock, first_aid=parts.resources.first_aid, skill_names=crews.skill_names,
            placed=placed_changes(parts.demand.changes, self.city, demand, self.weight, parts.demand.factor, clock,
                                  where("demand")("changes"), faults),
        )  # fmt: skip
        recorded = self._recorded(parts, crews.skill_names, where("demand"))
        rules = self._rules(parts, where("policy"))
        choice = self._choice(parts, where("policy"))
        roads = self._roads(parts, city, where("roads"))
        if len(faults.found) > before or rules is None or choice is None:
            return None
        if roads is not None:
            city = replace(city, roads=roads.city.roads, content_hash=roads.city.content_hash)
            roads = replace(roads, city=city)
        return Ready(
            case="" if case is None else case.name, variant=variant.name, is_event=variant.event, sections=parts, city=city,
            demand=demand, overlay=overlay, recorded=recorded, roads=roads, router=self.router if roads is None else roads.router,
            rules=rules, choice=choice, crews=crews, replications=min(variant.replications or self.scenario.replications, self.scenario.replications),
        )  # fmt: skip

    def _placing(self, case: Case | None, variant: Variant, i: int, j: int) -> Ready | None:
        """The day for which a variant's units are to be based; None where it asks for no search."""
        wanted = sections_of(self.scenario, case, variant).resources.placement
        if wanted == "own":
            return None
        given: dict[str, Any] = {
            "resources": variant.resources,
            "policy": {"move": "home", "parameters": {}, "rollout": None},
        }
        if wanted == "event":
            given |= {"demand": variant.demand, "roads": variant.roads}
        still = Variant(name=variant.name, event=wanted == "event", **given)
        return self._ready(case, still, i, j)

    def _demand(self, parts: Sections, where: Callable[[str], str]) -> Demand:
        occupancy, rooms = parts.hospitals.occupancy, self.demand.emergency_rooms
        if occupancy is None or rooms is None:
            return self.demand
        if not parts.hospitals.bays_count:
            self.faults.add("is given, but treatment bays do not count", field=where("occupancy"),
                            remedy="Add 'bays_count: true'.")  # fmt: skip
        return replace(self.demand, emergency_rooms=replace(rooms, occupancy=occupancy))

    def _fleet_plan(self, parts: Sections) -> Any:
        given = parts.resources.fleet
        folder = self.folder / given if given is not None else None
        if folder is None and parts.resources.units is None and parts.resources.placement == "own":
            folder = own_fleet(self.city.directory)
        return None if folder is None else self._once(("fleet", folder), lambda: read_fleet(folder, self.city))

    def _recorded(self, parts: Sections, skill_names: tuple[str, ...], where: Callable[[str], str]) -> CallFile | None:
        given = parts.demand.calls
        if given is None:
            return None
        if parts.demand.factor != 1:
            self.faults.add("does not go with a real day's calls", field=where("factor"),
                            remedy="Use a change of the kind 'factor'.")  # fmt: skip
        path = self.folder / given
        file = self._once(
            ("calls", path, skill_names),
            lambda: read_calls(path, self.city, self.demand, seed=self.scenario.seed, skill_names=skill_names),
        )
        if file is None:
            return None
        shift_s = file.start.timestamp() - self.clock.start.timestamp()
        if shift_s > 0 or shift_s + file.duration_s < self.clock.duration_s:
            last = file.start + timedelta(seconds=file.duration_s)
            self.faults.add(f"the calls of {path.name} are of {file.start:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}, the "
                            "window is not", field=where("calls"), remedy="Move the window there.")  # fmt: skip
        return file

    def _rules(self, parts: Sections, where: Callable[[str], str]) -> Rules | None:
        rooms = parts.hospitals
        given = {
            "count_bays": rooms.bays_count, "soonest_hospital": rooms.choice == "soonest", "divert_above": rooms.divert_above,
        }  # fmt: skip
        for name in given:
            if name in parts.policy.rules:
                self.faults.add("is said by the section 'hospitals'", field=f"{where('rules')}.{name}",
                                remedy="Leave it out of the rules.")  # fmt: skip
        if rooms.bays_count and self.demand.emergency_rooms is None:
            self.faults.add("the city's demand knows no treatment bays", field="hospitals.bays_count",
                            remedy="Leave it out.")  # fmt: skip
        try:
            return Rules.of(parts.policy.rules | given)
        except InputError as error:
            for fault in faults_of(error):
                self.faults.add(fault.problem, field=f"{where('rules')}.{fault.field}", remedy=fault.remedy)
        return None

    def _choice(self, parts: Sections, where: Callable[[str], str]) -> PolicyChoice | None:
        policy = parts.policy
        if "policy" in policy.parameters:
            self.faults.add("is said by 'move'", field=f"{where('parameters')}.policy", remedy="Leave it out.")
            return None
        try:
            if policy.move.endswith(".toml"):
                return PolicyChoice.from_toml(self.folder / policy.move)
            return PolicyChoice.named(policy.move, **policy.parameters)
        except InputError as error:
            for fault in faults_of(error):
                field = where("move") if fault.field in (None, "policy") else f"{where('parameters')}.{fault.field}"
                self.faults.add(fault.problem, file=fault.file, field=field, remedy=fault.remedy)
        return None

    def _roads(self, parts: Sections, city: City, where: Callable[[str], str]) -> RoadPlan | None:
        section, clock = parts.roads, self.clock
        traffic: Traffic | None = None
        if section.traffic:
            named = self.folder / section.traffic if isinstance(section.traffic, str) else None
            file = named or (self.city.directory or Path()) / TRAFFIC_FILE
            traffic = self._once(("traffic", file), lambda: read_traffic(file))
        placed: PlacedPlan | None = None
        if section.closures is not None:
            key = section.closures if isinstance(section.closures, str) else repr(section.closures)
            placed = self._once(("closures", key), lambda: self._closures(section.closures, where("closures")))
            if placed is None:
                return None
            self._check_in_force(placed, where("closures"))
            if not section.accept_cut_off:
                self._check_isolated(placed, city, where("closures"))
        if placed is None and traffic is None:
            return None
        return self._once(
            ("roads", id(placed), id(traffic)),
            lambda: plan_roads(
                self.city, self.router, start=clock.start, duration_s=clock.duration_s, closures=placed, traffic=traffic
            ),
        )

    def _closures(self, given: str | dict[str, Any] | None, path: str) -> PlacedPlan:
        if isinstance(given, str):
            file = self.folder / given
            if not file.exists() and self.city.directory is not None and (self.city.directory / given).exists():
                file = self.city.directory / given
            return place_closures(read_closures(file), self.city, file=file)
        try:
            plan = plan_from(given, file=self.file)
            return place_closures(plan, self.city, file=self.file)
        except InputError as error:
            raise ScenarioError(
                [
                    InputError(one.problem, file=one.file, row=one.row, field=f"{path}.{one.field}" if one.field else path,
                               remedy=one.remedy)
                    for one in faults_of(error)
                ]
            ) from error  # fmt: skip

    def _check_in_force(self, placed: PlacedPlan, path: str) -> None:
        begin, end = self.clock.start, self.clock.at(self.clock.duration_s)
        for one in placed.closures:
            if (one.begins is not None and one.begins >= end) or (one.ends is not None and one.ends <= begin):
                self.faults.add(f"closure '{one.id}' is never in force within the window", field=path,
                                remedy="Give it times within the window, or move the window.")  # fmt: skip

    def _check_isolated(self, placed: PlacedPlan, city: City, path: str) -> None:
        def check() -> bool:
            refuse_isolated(check_closures(replace(placed, city=city), self.router, weight=self.weight), self.file)
            return True

        try:
            check()
        except InputError as error:
            for one in faults_of(error):
                self.faults.add(one.problem, field=f"{path}.{one.field}" if one.field else path,
                                remedy="Change the closures, or say 'accept_cut_off: true' in 'roads'.")  # fmt: skip

    def _near(self, ready: list[Ready]) -> NDArray[np.bool_]:
        """Nodes within a kilometre of closures and of the places of changes that are not the whole city."""
        from scipy.spatial import cKDTree

        roads = self.city.roads
        nodes = [np.zeros(0, np.int64)]
        for one in ready:
            if one.roads is not None and one.roads.closures is not None:
                for closure in one.roads.closures.closures:
                    edges = np.concatenate([closure.on, closure.cut])
                    edges = edges[edges < roads.n_edges]
                    nodes += [roads.tail[edges].astype(np.int64), roads.head[edges].astype(np.int64)]
            nodes += [
                placed.mean.node
                for placed in one.overlay.placed
                if isinstance(placed.change, MassCasualty) or not placed.change.place.is_whole_city
            ]
        near = np.unique(np.concatenate(nodes))
        if not len(near):
            return np.zeros(roads.n_nodes, bool)
        away, _ = cKDTree(np.column_stack((roads.x[near], roads.y[near]))).query(np.column_stack((roads.x, roads.y)))
        return np.asarray(away <= _NEAR_M)

    def _notes(self, ready: list[Ready]) -> list[str]:
        notes = list(self.demand.notes)
        for one in ready:
            if one.roads is not None and one.roads.closures is not None:
                notes += one.roads.closures.notes
            if one.recorded is not None:
                notes += one.recorded.notes
        return list(dict.fromkeys(notes))
