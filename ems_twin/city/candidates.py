"""From candidates that a source knows of (by OpenStreetMap tags) to the stations and hospitals of a city."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..errors import CityError
from .fleet import bays_from_beds
from .nearest import nearest_node, road_distance_m
from .places import Hospital, Station
from .projection import haversine_m
from .raw import Candidate
from .roads import RoadNetwork
from .tables import OFF_THE_MAP_M

_SAME_PLACE_M = 300.0
UNITS_A_STATION = 2
"""Default fleet where nothing is known: two units a station."""


def choose_hospitals(candidates: Iterable[Candidate], roads: RoadNetwork, notes: list[str]) -> tuple[Hospital, ...]:
    """Take the hospitals that say they take emergencies; where none says so, all that do not deny it.

    Bays are assumed from beds. ``notes`` is told what was left out and what was assumed.

    Raises
    ------
    CityError
        There is no hospital on the map.
    """
    found = _on_the_map((c for c in candidates if c.kind == "hospital"), roads, notes)
    say_yes = [c for c in found if c.emergency]
    chosen = say_yes or [c for c in found if c.emergency is not False]
    if len(chosen) < len(found):
        names = ", ".join(c.name or c.id for c in found if c not in chosen)
        notes.append(f"{len(found) - len(chosen)} hospitals without emergency=yes were left out: {names}")
    if not chosen:
        raise CityError(
            "the source has no hospital on the map",
            remedy="Give a table with `--hospitals FILE` (id, name, lon, lat, beds, bays).",
        )
    if chosen and not say_yes:
        notes.append("no hospital says emergency=yes; all hospitals are taken to have an emergency room")
    notes.append("treatment bays are assumed: 6 % of beds, at least 20")
    return tuple(
        Hospital(
            id=f"h{i}",
            name=c.name or f"Hospital {i}",
            lon=round(c.lon, 7),
            lat=round(c.lat, 7),
            node=nearest_node(roads, c.lon, c.lat)[0],
            beds=c.beds,
            bays=bays_from_beds(c.beds),
            source=f"OpenStreetMap {c.id}",
        )
        for i, c in enumerate(chosen, start=1)
    )


def choose_stations(
    candidates: Iterable[Candidate], hospitals: Sequence[Hospital], roads: RoadNetwork, notes: list[str]
) -> tuple[Station, ...]:
    """Take the tagged ambulance stations; where there are none, the hospitals' own doors."""
    found = _on_the_map((c for c in candidates if c.kind == "station"), roads, notes)
    notes.append(f"the fleet is assumed: {UNITS_A_STATION} units a station")
    if not found:
        notes.append("no ambulance station is tagged; units are based at the hospitals")
        return tuple(
            Station(
                id=f"s{i}",
                name=f"Ambulances at {h.name}",
                lon=h.lon,
                lat=h.lat,
                node=h.node,
                units=UNITS_A_STATION,
                source="assumed",
            )
            for i, h in enumerate(hospitals, start=1)
        )
    return tuple(
        Station(
            id=f"s{i}",
            name=c.name or f"Ambulance station {i}",
            lon=round(c.lon, 7),
            lat=round(c.lat, 7),
            node=nearest_node(roads, c.lon, c.lat)[0],
            units=UNITS_A_STATION,
            source=f"OpenStreetMap {c.id}",
        )
        for i, c in enumerate(found, start=1)
    )


def _on_the_map(candidates: Iterable[Candidate], roads: RoadNetwork, notes: list[str]) -> list[Candidate]:
    """Candidates near a road, each place once (a point and an outline of one building are one place)."""
    kept: list[Candidate] = []
    for c in sorted(candidates, key=lambda c: c.id):
        twin = next(
            (
                k
                for k in kept
                if c.name.casefold() == k.name.casefold() and haversine_m(c.lon, c.lat, k.lon, k.lat) < _SAME_PLACE_M
            ),
            None,
        )
        if twin is not None:
            notes.append(f"{c.kind} '{c.name or c.id}' is mapped twice ({twin.id}, {c.id}) and taken once")
        elif road_distance_m(roads, c.lon, c.lat) > OFF_THE_MAP_M:
            notes.append(f"{c.kind} '{c.name or c.id}' is more than {OFF_THE_MAP_M:.0f} m from a road and left out")
        else:
            kept.append(c)
    return kept
