"""A variant that is changed in one way: other posts and crews, another fleet, other closures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ....city.closures import PlacedPlan
from ....demand import node_weights
from ....faults import Faults
from ....routing import Router
from ....world import fleet_homes, plan_roads
from ...study import with_units
from ..crews import city_of_resources, crews_of
from ..prepare import Prepared, Ready
from ..read import ScenarioError
from ..spec import Crew, Post, ResourceSection


def with_resources(prepared: Prepared, ready: Ready, section: ResourceSection) -> Ready:
    """A variant with other resources; its streets, calls, hospitals and policy stay.

    Raises
    ------
    ScenarioError
        The resources contradict themselves or the city.
    """
    faults = Faults(ScenarioError)

    def where(field: str) -> str:
        return f"resources.{field}"

    city = city_of_resources(prepared.city, section, node_weights(prepared.demand), where, faults)
    city = replace(ready.city, stations=city.stations)
    crews = crews_of(
        city, section, ready.crews.plan, ready.sections.hospitals, prepared.clock, where, lambda field: f"hospitals.{field}",
        faults,
    )  # fmt: skip
    faults.raise_if_any()
    roads = None if ready.roads is None else replace(ready.roads, city=city)
    sections = ready.sections.model_copy(update={"resources": section})
    return replace(ready, city=city, crews=crews, roads=roads, sections=sections)


def with_crews(prepared: Prepared, ready: Ready, posts: Sequence[Post], crews: Sequence[Crew]) -> Ready:
    """A variant with further temporary posts and crews."""
    section = ready.sections.resources
    more = {"posts": (*section.posts, *posts), "crews": (*section.crews, *crews)}
    return with_resources(prepared, ready, section.model_copy(update=more))


def widened(placement: NDArray[np.int64] | None, ready: Ready) -> NDArray[np.int64] | None:
    """A placement with no units at posts that were added after it was made."""
    if placement is None:
        return None
    return np.concatenate([placement, np.zeros(len(ready.city.stations) - len(placement), np.int64)])


def with_fleet(
    prepared: Prepared, ready: Ready, units: int, placement: NDArray[np.int64] | None
) -> tuple[Ready, NDArray[np.int64] | None]:
    """A variant with another number of units, spread as they are now, and the placement that says so."""
    section = ready.sections.resources.model_copy(update={"units": units})
    found = with_resources(prepared, ready, section)
    if placement is None:
        return found, None
    homes = fleet_homes(with_units(ready.city, placement), units)
    return found, np.bincount(homes, minlength=len(placement)).astype(np.int64)


def with_closures(prepared: Prepared, router: Router, ready: Ready, placed: PlacedPlan | None) -> Ready:
    """A variant with other closures (None: none); its traffic stays. ``router`` is the city's without either."""
    traffic = None if ready.roads is None else ready.roads.traffic
    city, clock = replace(prepared.city, stations=ready.city.stations, hospitals=ready.city.hospitals), prepared.clock
    if placed is None and traffic is None:
        return replace(ready, city=city, roads=None, router=router)
    roads = plan_roads(
        prepared.city, router, start=clock.start, duration_s=clock.duration_s, closures=placed, traffic=traffic
    )
    city = replace(city, roads=roads.city.roads, content_hash=roads.city.content_hash)
    return replace(ready, city=city, roads=replace(roads, city=city), router=roads.router)
