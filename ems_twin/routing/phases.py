"""When which closures are in force together: a row of phases, each with the state of the roads in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ..city import RoadNetwork
from ..city.closures import PlacedClosure
from .closures import RoadState, state_of


@dataclass(frozen=True, eq=False, kw_only=True)
class Phase:
    """A stretch of time in which the same closures are in force."""

    begins: datetime | None
    """When it begins; None for the first, which serves all before."""
    in_force: tuple[str, ...]
    """Ids of the closures in force."""
    state: RoadState
    """The roads then. Phases with the same closures share it."""


def phases(roads: RoadNetwork, closures: Sequence[PlacedClosure]) -> tuple[Phase, ...]:
    """Phases of some closures in order of time. Of one that ends when another begins only the second is in force."""
    instants = {t.astimezone(UTC) for one in closures for t in (one.begins, one.ends) if t is not None}
    states: dict[tuple[str, ...], RoadState] = {}
    found: list[Phase] = []
    for begins in (None, *sorted(instants)):
        there = [one for one in closures if _is_in_force(one, begins)]
        ids = tuple(one.id for one in there)
        if found and found[-1].in_force == ids:
            continue
        if ids not in states:
            states[ids] = state_of(roads, there)
        found.append(Phase(begins=begins, in_force=ids, state=states[ids]))
    return tuple(found)


def _is_in_force(one: PlacedClosure, at: datetime | None) -> bool:
    if at is None:
        return one.begins is None
    return (one.begins is None or one.begins <= at) and (one.ends is None or at < one.ends)
