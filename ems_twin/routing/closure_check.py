"""What closures would do to a city, before anything is simulated: what is closed, cut off, and how much longer ways get."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..city.closures import ClosuresError, PlacedPlan
from ..faults import Faults
from .closures import RoadState, hierarchy_on, network_for
from .phases import phases
from .router import ORDINARY, SIRENS, Router


@dataclass(frozen=True, kw_only=True)
class CutOffPlace:
    """A station or hospital that cannot be driven to and from."""

    kind: str
    """``station``, ``post`` or ``hospital``."""
    id: str
    """Its id."""
    name: str
    """Its name."""
    walk_m: float
    """Metres at walking pace from the nearest street that can be driven; 0 where vehicles get to the barrier."""


@dataclass(frozen=True, kw_only=True)
class Detour:
    """Drives from or to the nearest place of a kind, over all junctions by weight, seconds."""

    kind: str
    """``from the nearest station`` (lights and sirens) or ``to the nearest hospital`` (ordinary)."""
    mean_before_s: float
    """Mean without closures."""
    mean_s: float
    """Mean with them."""
    most_s: float
    """Most that one junction loses."""
    share_longer: float
    """Share of the weight whose drive gets longer by more than a minute."""


@dataclass(frozen=True, kw_only=True)
class PhaseCheck:
    """One phase."""

    begins: str | None
    """When it begins, on the city's clock; None for the first."""
    in_force: tuple[str, ...]
    """Closures in force."""
    km_closed: float
    """Length of the directed edges that nobody may drive on or that end at the barrier, km."""
    edges_closed: int
    """Their number."""
    edges_slower: int
    """Edges with some lanes closed."""
    crossings: int
    """Edges on which units are held up at crossings."""
    nodes_at_barrier: int
    """Junctions that vehicles get to the barrier of."""
    nodes_behind: int
    """Junctions that are reached at walking pace only."""
    share_cut_off: float
    """Share of the weight at junctions that are cut off, at the barrier or behind it."""
    longest_walk_m: float
    """Longest way at walking pace, metres."""
    places: tuple[CutOffPlace, ...]
    """Stations and hospitals that are cut off."""
    detours: tuple[Detour, ...]
    """How much longer drives get."""


@dataclass(frozen=True, kw_only=True)
class ClosureCheck:
    """Everything :func:`check_closures` found."""

    city: str
    """Name of the city."""
    event: str
    """Name of the event."""
    phases: tuple[PhaseCheck, ...]
    """Phases in order of time."""
    notes: tuple[str, ...]
    """What the user should know."""

    @property
    def ok(self) -> bool:
        """Whether every station and hospital can be driven to."""
        return not any(place.walk_m > 0 for phase in self.phases for place in phase.places)

    def isolated(self) -> list[CutOffPlace]:
        """Stations and hospitals that cannot be driven to, each once, where the way on foot is longest."""
        worst: dict[tuple[str, str], CutOffPlace] = {}
        for place in (place for phase in self.phases for place in phase.places if place.walk_m > 0):
            key = (place.kind, place.id)
            if key not in worst or worst[key].walk_m < place.walk_m:
                worst[key] = place
        return list(worst.values())

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "ok": self.ok}

    def lines(self) -> list[str]:
        """The check for the terminal."""
        lines = [f"{self.event or 'Closures'} in {self.city}"]
        for phase in self.phases:
            lines += ["", f"{phase.begins or 'From the beginning'}: {', '.join(phase.in_force) or 'nothing closed'}"]
            if not phase.in_force:
                continue
            lines.append(
                f"  closed         {phase.edges_closed:,} edges, {phase.km_closed:.1f} km; "
                f"{phase.edges_slower:,} slower; held up at crossings: {phase.crossings}"
            )
            lines.append(
                f"  cut off        {phase.nodes_at_barrier:,} junctions up to the barrier, {phase.nodes_behind:,} on foot "
                f"only (at most {phase.longest_walk_m:,.0f} m), {phase.share_cut_off:.1%} of the demand"
            )
            for place in phase.places:
                how = f"{place.walk_m:,.0f} m on foot" if place.walk_m > 0 else "vehicles get to the barrier"
                lines.append(f"  cut off        {place.kind} '{place.name}': {how}")
            lines += [
                f"  {detour.kind:<26} {detour.mean_before_s:.0f} -> {detour.mean_s:.0f} s in the mean, "
                f"{detour.share_longer:.1%} longer by over a minute, at most by {detour.most_s:.0f} s"
                for detour in phase.detours
            ]
        return lines + (["", *(f"note: {note}" for note in self.notes)] if self.notes else [])


def check_closures(placed: PlacedPlan, router: Router, *, weight: NDArray[np.float64] | None = None) -> ClosureCheck:
    """Look closures over.

    Parameters
    ----------
    placed
        The closures on the streets.
    router
        Of the same city without closures.
    weight
        Weight of each junction, shape (n,), such as the calls expected there; by default all count alike.
    """
    city = placed.city
    roads = city.roads
    weight = np.ones(roads.n_nodes) if weight is None else weight
    weight = weight / weight.sum()
    all_phases = phases(roads, placed.closures)
    zone = ZoneInfo(city.timezone)
    before = _drives(city, router)
    closed: dict[int, list[tuple[str, NDArray[np.float64]]]] = {}
    checks = []
    for phase in all_phases:
        state = phase.state
        if phase.in_force and id(state) not in closed:
            closed[id(state)] = _drives(city, closed_router(router, state, placed.plan.on_foot_mps))
        access = state.access
        cut_off, walk_m = access.cut_off, access.walk_m
        shut = state.shut
        checks.append(
            PhaseCheck(
                begins=None if phase.begins is None else phase.begins.astimezone(zone).isoformat(),
                in_force=phase.in_force,
                km_closed=float(roads.length_m[shut].sum() / 1000),
                edges_closed=int(shut.sum()),
                edges_slower=int((state.speed_factor < 1).sum()),
                crossings=int((state.delay_s > 0).sum()),
                nodes_at_barrier=int((cut_off & (walk_m == 0)).sum()),
                nodes_behind=int((walk_m > 0).sum()),
                share_cut_off=float(weight[cut_off].sum()),
                longest_walk_m=float(walk_m.max(initial=0.0)),
                places=tuple(_cut_off_places(city, state)),
                detours=tuple(_detours(before, closed.get(id(state), before), weight)),
            )
        )
    return ClosureCheck(city=city.name, event=placed.plan.name, phases=tuple(checks), notes=placed.notes)


def refuse_isolated(check: ClosureCheck, file: Path | None = None) -> None:
    """Raise an error that names every station and hospital that cannot be driven to.

    Raises
    ------
    ClosuresError
        There is one.
    """
    faults = Faults(ClosuresError)
    for place in check.isolated():
        faults.add(
            f"the {place.kind} '{place.name}' is cut off: {place.walk_m:,.0f} m on foot from the nearest street that can "
            "be driven", file=file, field=place.id,
            remedy="Add a crossing or keep a street open, or accept it with --accept-cut-off.",
        )  # fmt: skip
    faults.raise_if_any()


def closed_router(router: Router, state: RoadState, on_foot_mps: float) -> Router:
    """Router of a city while some closures are in force.

    Edges are those of a wider network, ``.roads``: some streets have their opposite direction there. The nodes are the
    city's own.
    """
    network = network_for(router.roads, [state])
    sirens, ordinary = (
        network.edge_s(state, sirens_factor=factor, on_foot_mps=on_foot_mps) for factor in (router.sirens_factor, 1.0)
    )
    return Router(
        network.roads,
        np.stack((sirens, ordinary)),
        sirens_factor=router.sirens_factor,
        hierarchy=hierarchy_on(router.hierarchy, network.roads),
    )


def _cut_off_places(city: City, state: RoadState) -> list[CutOffPlace]:
    access = state.access
    found = [
        CutOffPlace(kind=station.kind, id=station.id, name=station.name, walk_m=float(access.walk_m[station.node]))
        for station in city.stations
        if access.cut_off[station.node]
    ]
    found += [
        CutOffPlace(kind="hospital", id=room.id, name=room.name, walk_m=float(access.walk_m[room.node]))
        for room in city.hospitals
        if access.cut_off[room.node]
    ]
    return found


def _drives(city: City, router: Router) -> list[tuple[str, NDArray[np.float64]]]:
    """Drives of every node from the nearest station and to the nearest hospital, seconds."""
    drives = []
    if city.stations:
        manned = [station.node for station in city.stations if station.units > 0]
        bases = manned or [station.node for station in city.stations]
        drives.append(("from the nearest station", router.from_nearest_s(bases, metric=SIRENS)))
    if city.hospitals:
        rooms = [room.node for room in city.hospitals]
        drives.append(("to the nearest hospital", router.to_nearest_s(rooms, metric=ORDINARY)))
    return drives


def _detours(
    before: list[tuple[str, NDArray[np.float64]]],
    after: list[tuple[str, NDArray[np.float64]]],
    weight: NDArray[np.float64],
) -> list[Detour]:
    return [
        Detour(
            kind=kind,
            mean_before_s=float((old * weight).sum()),
            mean_s=float((new * weight).sum()),
            most_s=float((new - old).max()),
            share_longer=float(weight[new - old > 60.0].sum()),
        )
        for (kind, old), (_, new) in zip(before, after, strict=True)
    ]
