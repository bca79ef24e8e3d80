"""One run of the twin, by either driver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..city import City, Hospital, Station
from ..errors import InputError, RoutingError
from ..routing import Router
from ..world import (
    N_PRIORITIES,
    Fleet,
    Ground,
    OwnPolicy,
    RoadPlan,
    Role,
    Rules,
    SpeedPlan,
    Stationing,
    World,
    calls_of,
    check_calls,
    make_ground,
    new_world,
    own_policy,
)
from .handle import make_handle
from .handle import run as run_compiled
from .own_answers import Boundary, refuse_python, with_policies

DRIVERS = ("compiled", "mesa")
"""The two ways to apply the law."""

Progress = Callable[[float], None]
"""Told the share of the run that is done, 0 to 1."""

_SLICE_EVENTS = 200_000  # about half a second of compiled work between two words to the progress bar


@dataclass(frozen=True, eq=False, kw_only=True)
class Run:
    """What happened. A run is a pure function of the city, the calls, the fleet and the rules."""

    city: City
    """Where."""
    router: Router
    """Travel times that were in force."""
    rules: Rules
    """Rules of the life cycle that were in force."""
    start: datetime
    """The epoch of the run: second 0, with its zone."""
    duration_s: float
    """Calls were received in the first ``duration_s`` seconds; the run goes on until all have ended."""
    end_s: float
    """When the last unit was back at its station."""
    ground: Ground
    """What it stood on: travel times to and from the places, and the rules."""
    world: World
    """The world at the end."""
    driver: str
    """``compiled`` or ``mesa``."""
    seed: int | None = None
    """Seed of the calls; None when they come from a file."""
    roads: RoadPlan | None = None
    """How the roads changed; None where they did not."""

    def at(self, t_s: float) -> datetime:
        """Civil time ``t_s`` seconds after the start, right also when the clocks have changed in between."""
        return civil_time(self.start, t_s)

    @cached_property
    def calls(self) -> NDArray[np.void]:
        """Calls, one row each (:data:`~ems_twin.world.CALL`, :func:`~ems_twin.world.calls_of`)."""
        return calls_of(self.world.calls)

    @property
    def responses(self) -> NDArray[np.void]:
        """Responses, one row for each unit that a call asked for (:data:`~ems_twin.world.CALL`)."""
        return self.world.calls

    @cached_property
    def call_of_response(self) -> NDArray[np.int64]:
        """Row in :attr:`calls` of each of :attr:`responses`."""
        rows: NDArray[np.int64] = np.cumsum(self.responses["role"] == Role.FIRST) - 1
        return rows

    @property
    def units(self) -> NDArray[np.void]:
        """Units (:data:`~ems_twin.world.UNIT`)."""
        return self.world.units

    @property
    def hospitals(self) -> NDArray[np.void]:
        """Hospitals (:data:`~ems_twin.world.HOSPITAL`)."""
        return self.world.hospitals

    @property
    def trace(self) -> NDArray[np.void]:
        """Events in the order in which they were handled (:data:`~ems_twin.world.TRACE`)."""
        return self.world.trace[: int(self.world.clock["n_trace"][0])]


def civil_time(start: datetime, t_s: float) -> datetime:
    """Civil time ``t_s`` seconds after a start."""
    return (start.astimezone(UTC) + timedelta(seconds=t_s)).astimezone(start.tzinfo)


def simulate(
    city: City,
    calls: NDArray[np.void],
    *,
    start: datetime,
    duration_s: float,
    router: Router | None = None,
    units: int | None = None,
    fleet: Fleet | None = None,
    agenda: NDArray[np.void] | None = None,
    rules: Rules | None = None,
    speeds: SpeedPlan | None = None,
    roads: RoadPlan | None = None,
    stationing: Stationing | None = None,
    policies: OwnPolicy | str | None = None,
    walk_ins: NDArray[np.void] | None = None,
    driver: str = "compiled",
    keep_trace: bool = True,
    seed: int | None = None,
    twin: Callable[..., Any] | None = None,
    progress: Progress | None = None,
) -> Run:
    """Simulate until every call has ended and every unit is parked.

    Parameters
    ----------
    city
        Where.
    calls
        :data:`~ems_twin.demand.CALL_DRAW` rows in order of time.
    start
        The epoch of the run, with its zone.
    duration_s
        Time over which calls were received, seconds; utilisation is measured over it.
    router
        Travel times; by default the city's own.
    units
        Size of the fleet; by default the city's own.
    fleet
        The units themselves, with what they can do and when they work; by default all alike and always on duty.
    agenda
        What else is known to happen, such as hospitals that divert (:data:`~ems_twin.world.AGENDA`).
    rules
        Rules of the life cycle.
    speeds
        Which speeds trips are driven at; by default what the rules say of sirens.
    roads
        Roads that change, made for this city, start and duration; it brings its own router and speeds.
    stationing
        Where units go that become free; by default home.
    policies
        Your own policies for some of the decisions, or the name of one that is registered
        (:mod:`ems_twin.policies.interface`).
    walk_ins
        Patients who come to emergency rooms by themselves (:data:`~ems_twin.demand.WALK_IN_DRAW`).
    driver
        ``compiled`` or ``mesa``: the same law, the same trace.
    keep_trace
        Whether to record every event; maps and unit histories need it.
    seed
        Seed of the calls, to be remembered.
    twin
        What makes the twin of the Mesa driver, in place of :class:`~ems_twin.simulation.EmergencyTwin`; takes the same.
    progress
        Told the share done from time to time.

    Raises
    ------
    InputError
        If there are no units, the calls are not usable or the driver is unknown; if there is no such policy, it needs
        the other driver, or gives an answer that the law cannot act on.
    RoutingError
        If a call cannot be reached, or no hospital from it.
    """
    if driver not in DRIVERS:
        raise InputError(f"there is no driver '{driver}'", field="driver", remedy=f"Use {' or '.join(DRIVERS)}.")
    if start.tzinfo is None:
        raise InputError("the start of the run has no time zone", field="start", remedy="Give a time with its zone.")
    if roads is not None:
        if router is not None or speeds is not None:
            raise InputError(
                "roads that change bring their own router and speeds", field="roads", remedy="Give the plan alone."
            )
        city, router = roads.city, roads.router
        agenda = roads.agenda() if agenda is None else np.concatenate([agenda, roads.agenda()])
    own = own_policy(policies) if isinstance(policies, str) else policies
    if driver == "compiled":
        refuse_python(own)
    router = Router.for_city(city) if router is None else router
    rules = rules or Rules()
    check_calls(calls, city.roads.n_nodes)
    _check_reach(city, router, calls)
    n_priorities = max(N_PRIORITIES, int(calls["priority"].max(initial=0)))
    if roads is not None:
        speeds = roads.speeds(rules, n_priorities)
    ground = make_ground(city, router, rules, speeds=speeds, stationing=stationing, n_priorities=n_priorities)
    ground = with_policies(ground, own)
    world = new_world(
        city, calls, units=units, fleet=fleet, agenda=agenda, walk_ins=walk_ins, horizon_s=duration_s,
        keep_trace=keep_trace,
    )  # fmt: skip
    if rules.count_bays:
        _check_bays(city)
    boundary = Boundary(own, lambda t_s: civil_time(start, t_s))
    world = drive(city, router, world, ground, driver=driver, boundary=boundary, twin=twin, progress=progress)
    end_s = max(float(world.clock["now"][0]), duration_s)
    close_spells(world, end_s)
    return Run(
        city=city,
        router=router,
        rules=rules,
        start=start,
        duration_s=float(duration_s),
        end_s=end_s,
        ground=ground,
        world=world,
        driver=driver,
        seed=seed,
        roads=roads,
    )


def close_spells(world: World, end_s: float) -> None:
    """Count the units' present spells up to the end of a run."""
    units = world.units
    units["status_s"][np.arange(len(units)), units["status"]] += end_s - units["since"]
    units["since"] = end_s


def _check_bays(city: City) -> None:
    for hospital in city.hospitals:
        if hospital.bays < 1:
            raise InputError(
                f"'{hospital.name}' has no treatment bay",
                field="bays",
                remedy="Give it at least 1 in hospitals.csv, or leave count_bays off.",
            )


def drive(
    city: City,
    router: Router,
    world: World,
    ground: Ground,
    *,
    driver: str = "compiled",
    boundary: Boundary | None = None,
    twin: Callable[..., Any] | None = None,
    progress: Progress | None = None,
) -> World:
    """Let everything happen that is on a world's calendar and what follows from it; returns the world at the end.

    The world's arrays are changed in place; the trace may be replaced by a longer one. ``boundary`` has the policies in
    Python and the clock for what is wrong with answers; those for numba are in the ground.
    """
    boundary = boundary or Boundary()
    say = progress or (lambda _: None)
    world = world.with_scratch(ground.stationing.scratch_needed(len(world.units), len(world.stations)))
    if driver == "mesa":
        return _by_mesa(city, router, world, ground, boundary, twin, say)
    n_calls = max(len(world.calls), 1)
    reviews = 1 if ground.stationing.review.any() else None
    while True:
        limit = min(_SLICE_EVENTS, world.free_trace_rows)
        try:
            count = run_compiled(make_handle(world, ground), np.inf, limit, reviews)
        except Exception as error:
            if refused := boundary.explain(error, world, ground):
                raise refused from error
            raise
        if count < limit:
            say(1.0)
            return world
        say(int(world.clock["n_ended"][0]) / n_calls)
        if world.free_trace_rows <= 0:
            world = world.with_longer_trace()


def _by_mesa(
    city: City,
    router: Router,
    world: World,
    ground: Ground,
    boundary: Boundary,
    make: Callable[..., Any] | None,
    progress: Progress,
) -> World:
    from .model import EmergencyTwin  # Mesa takes half a second to import

    twin = (make or EmergencyTwin)(city, world.calls, router=router, world=world, ground=ground, boundary=boundary)
    last_s = float(world.calls["t_received"][-1]) if len(world.calls) else 0.0
    for step in range(1, 101):
        twin.advance_to(max(twin.now, last_s * step / 100))
        progress(step / 100)
    twin.advance_to(np.inf)
    twin.close()
    return twin.world


def _check_reach(city: City, router: Router, calls: NDArray[np.void]) -> None:
    """Every call must be reachable from every station, and every hospital and station from every call."""
    places: list[Station | Hospital] = [*city.stations, *city.hospitals]
    if not city.hospitals or not city.stations:
        raise InputError(
            f"the city '{city.name}' has {len(city.stations)} stations and {len(city.hospitals)} hospitals",
            remedy="A simulation needs at least one of each; add them to stations.csv and hospitals.csv.",
        )
    hub = city.stations[0].node
    for metric in range(len(router.metrics)):
        there = router.from_nearest_s([hub], metric=metric)
        back = router.to_nearest_s([hub], metric=metric)
        cut_off = ~np.isfinite(there + back)
        for place in places:
            if cut_off[place.node]:
                raise RoutingError(
                    f"there is no way between '{place.name}' and '{city.stations[0].name}'",
                    remedy="Check the closures and the roads with 'ems-twin city check'.",
                )
        bad = np.flatnonzero(cut_off[calls["node"]])
        if len(bad):
            raise RoutingError(
                f"the scene cannot be reached by road and left again ({len(bad)} calls like this)",
                row=int(bad[0]) + 1,
                field="node",
                remedy="Open a road to it, or move the call to a street that is open.",
            )
