"""The units of a variant: the fleet as it is based, extra crews with their shifts, units that are withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...city import City, Hospital, Station
from ...city.nearest import nearest_nodes
from ...city.posts import with_posts
from ...faults import Faults
from ...world import AGENDA, EventKind, Fleet, FleetPlan, fleet_by_station, fleet_homes
from ...world.fleet import EVERYTHING
from ...world.schema import TRANSPORT_SKILL
from .spec import Diversion, HospitalSection, ResourceSection, Spell
from .times import Clock

_FAR_FROM_MAP_M = 1000.0
Where = Callable[[str], str]
"""Path of a field of a section in the file, from its name."""


def check_spell(spell: Spell, clock: Clock, path: str, faults: Faults) -> None:
    """Note a stretch that ends before it begins, or lies outside the window."""
    begin_s, end_s = clock.second(spell.start), clock.second(spell.end)
    if end_s <= begin_s:
        faults.add(f"ends at {spell.end}, before it begins at {spell.start}", field=f"{path}.end",
                   remedy="Give a later end.")  # fmt: skip
    elif end_s <= 0 or begin_s >= clock.duration_s:
        faults.add(f"lies outside the window ({spell.start} to {spell.end})", field=path,
                   remedy="Give times within the window, or move the window.")  # fmt: skip


def city_of_resources(
    city: City, section: ResourceSection, weight: NDArray[np.float64], where: Where, faults: Faults
) -> City:
    """The city with street posts and temporary posts after its stations."""
    posted = faults.attempt(lambda: with_posts(city, section.street_posts, weight))
    city = city if posted is None else posted
    stations = list(city.stations)
    ids = {station.id for station in stations}
    for i, post in enumerate(section.posts):
        path = f"{where('posts')}[{i}]"
        node, away_m = nearest_nodes(city.roads, post.lon, post.lat)
        if away_m[0] > _FAR_FROM_MAP_M:
            faults.add(f"'{post.id}' lies {away_m[0] / 1000:,.1f} km from the nearest street of the map", field=path,
                       remedy="Longitude comes first; is it the right city?")  # fmt: skip
        if post.id in ids:
            faults.add(f"there is already a station or post '{post.id}'", field=f"{path}.id",
                       remedy="Give it a name of its own.")  # fmt: skip
        ids.add(post.id)
        stations.append(
            Station(id=post.id, name=post.name or post.id, lon=post.lon, lat=post.lat, node=int(node[0]), kind="post",
                    source="temporary post of the scenario")
        )  # fmt: skip
    return replace(city, stations=tuple(stations))


def hospitals_of(city: City, section: HospitalSection, where: Where, faults: Faults) -> tuple[Hospital, ...]:
    """Hospitals with the bays that a variant gives them."""
    ids = {hospital.id for hospital in city.hospitals}
    for field in ("bays", "surge_beds"):
        for name, n in getattr(section, field).items():
            check_hospital(name, ids, f"{where(field)}.{name}", faults)
            least = 1 if field == "bays" else 0
            if not least <= n <= 10_000:
                faults.add(f"{n} bays", field=f"{where(field)}.{name}", remedy=f"Give {least} to 10000.")
    return tuple(
        replace(room, bays=section.bays.get(room.id, room.bays) + section.surge_beds.get(room.id, 0))
        for room in city.hospitals
    )


def check_hospital(name: str, ids: set[str], path: str, faults: Faults) -> None:
    """Note a hospital that the city does not have."""
    if name not in ids:
        faults.add(f"there is no hospital '{name}'", field=path, remedy=f"There are {', '.join(sorted(ids))}.")


@dataclass(frozen=True, eq=False, kw_only=True)
class Crews:
    """Whom a variant has."""

    plan: FleetPlan | None
    """From files; else units of one kind."""
    at_station: NDArray[np.int64]
    """Units of one kind based at each station without crews, shape (stations,); a placement may take its place."""
    homes: NDArray[np.int32]
    """Base of each extra unit."""
    skills: NDArray[np.int32]
    names: tuple[str, ...]
    shifts: tuple[tuple[int, float, float], ...]
    """Extra unit, begin and end of duty in seconds of the run."""
    withdrawn: tuple[tuple[int, float, float], ...]
    """How many units, from when to when in seconds of the run."""
    diversions: tuple[tuple[int, float, float], ...]
    """Hospital, from when to when."""

    @property
    def n_units(self) -> int:
        """Units without extra crews."""
        return int(self.at_station.sum()) if self.plan is None else len(self.plan.homes)

    @property
    def skill_names(self) -> tuple[str, ...]:
        """What the bits of skills mean."""
        return ("transport",) if self.plan is None else self.plan.skill_names

    def fleet(self, clock: Clock, placement: NDArray[np.int64] | None = None) -> Fleet:
        """The fleet of a run; ``placement``, shape (stations,), takes the place of where units are based."""
        if self.plan is not None:
            base = self.plan.fleet(clock.start, clock.duration_s)
        else:
            base = fleet_by_station(self.at_station if placement is None else placement)
        n = len(base.homes)
        rows: list[tuple[float, int, int, int, float, float]] = []
        for unit, begin_s, end_s in self.shifts:
            rows.append((max(begin_s, 0.0), EventKind.DUTY_BEGINS, n + unit, -1, end_s, 0.0))
            rows.append((end_s, EventKind.DUTY_ENDS, n + unit, -1, 0.0, 0.0))
        for count, begin_s, end_s in self.withdrawn:
            length_s = end_s - max(begin_s, 0.0)
            rows += [
                (max(begin_s, 0.0), EventKind.OUT_OF_SERVICE, int(unit), -1, length_s, 0.0)
                for unit in _of_the_largest(base.homes, count)
            ]
        for hospital, begin_s, end_s in self.diversions:
            for t, on in ((max(begin_s, 0.0), 1.0), (end_s, 0.0)):
                rows.append((t, EventKind.DIVERSION, -1, hospital, on, 0.0))
        agenda = np.array(rows, AGENDA) if rows else np.zeros(0, AGENDA)
        names = base.names or (tuple(f"unit {i + 1}" for i in range(n)) if self.names else ())
        types = (*base.types, *("extra",) * len(self.names)) if base.types else ()
        return replace(
            base,
            homes=np.concatenate([base.homes, self.homes]).astype(np.int32),
            skills=np.concatenate([base.skills, self.skills]).astype(np.int32),
            names=(*names, *self.names),
            types=types,
            agenda=np.concatenate([base.agenda, agenda]),
        )


def _of_the_largest(homes: NDArray[np.integer], count: int) -> NDArray[np.int64]:
    """So many units, one after the other from the station that has most left."""
    left = {int(s): list(np.flatnonzero(homes == s)) for s in np.unique(homes)}
    taken: list[int] = []
    while len(taken) < count and any(left.values()):
        station = max(left, key=lambda s: len(left[s]))
        taken.append(int(left[station].pop()))
    return np.array(taken, np.int64)


def crews_of(
    city: City,
    section: ResourceSection,
    plan: FleetPlan | None,
    hospitals: HospitalSection,
    clock: Clock,
    where: Where,
    at_hospitals: Where,
    faults: Faults,
) -> Crews:
    """Whom a variant has; ``city`` has its posts."""
    by_id = {station.id: i for i, station in enumerate(city.stations)}
    homes: list[int] = []
    skills: list[int] = []
    names: list[str] = []
    shifts: list[tuple[int, float, float]] = []
    seen: set[str] = set()
    for i, crew in enumerate(section.crews):
        path = f"{where('crews')}[{i}]"
        if crew.id in seen:
            faults.add(f"there are two crews '{crew.id}'", field=f"{path}.id", remedy="Give each a name of its own.")
        seen.add(crew.id)
        if crew.at not in by_id:
            faults.add(f"there is no station or post '{crew.at}'", field=f"{path}.at",
                       remedy=f"There are {', '.join(by_id)}.")  # fmt: skip
        for j, spell in enumerate(crew.shifts):
            check_spell(spell, clock, f"{path}.shifts[{j}]", faults)
        _check_overlaps(crew.shifts, clock, f"{path}.shifts", faults)
        for number in range(crew.count):
            unit = len(homes)
            homes.append(by_id.get(crew.at, 0))
            skills.append(EVERYTHING if crew.kind == "ambulance" else EVERYTHING & ~TRANSPORT_SKILL)
            names.append(f"{crew.id} {number + 1}")
            shifts += [(unit, clock.second(s.start), clock.second(s.end)) for s in crew.shifts]
    at_station = np.zeros(len(city.stations), np.int64)
    if plan is None:
        own = faults.attempt(lambda: fleet_homes(city, section.units))
        if own is not None:
            at_station = np.bincount(own, minlength=len(city.stations)).astype(np.int64)
    n_units = int(at_station.sum()) if plan is None else len(plan.homes)
    for i, gone in enumerate(section.withdrawn):
        path = f"{where('withdrawn')}[{i}]"
        check_spell(gone, clock, path, faults)
        if gone.count >= n_units > 0:
            faults.add(f"{gone.count} units of {n_units} are withdrawn", field=f"{path}.count",
                       remedy="Leave some in service.")  # fmt: skip
    rooms = {hospital.id: i for i, hospital in enumerate(city.hospitals)}
    for i, diversion in enumerate(hospitals.diversions):
        path = f"{at_hospitals('diversions')}[{i}]"
        check_hospital(diversion.hospital, set(rooms), f"{path}.hospital", faults)
        check_spell(diversion, clock, path, faults)
        _check_overlaps(
            [d for d in hospitals.diversions[: i + 1] if d.hospital == diversion.hospital], clock, path, faults
        )
    return Crews(
        plan=plan, at_station=at_station, homes=np.array(homes, np.int32), skills=np.array(skills, np.int32),
        names=tuple(names), shifts=tuple(shifts),
        withdrawn=tuple((w.count, clock.second(w.start), clock.second(w.end)) for w in section.withdrawn),
        diversions=tuple(
            (rooms.get(d.hospital, 0), clock.second(d.start), clock.second(d.end)) for d in hospitals.diversions
        ),
    )  # fmt: skip


def _check_overlaps(spells: Sequence[Spell | Diversion], clock: Clock, path: str, faults: Faults) -> None:
    """Note stretches that overlap."""
    ordered = sorted(spells, key=lambda spell: clock.second(spell.start))
    for one, other in pairwise(ordered):
        if clock.second(other.start) < clock.second(one.end):
            faults.add(f"{other.start} to {other.end} overlaps with {one.start} to {one.end}", field=path,
                       remedy="Let each begin when the one before has ended.")  # fmt: skip
