"""Stations and hospitals: letter markers that keyboard and screen reader reach, names escaped."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import folium

from ..city.city import City
from ..city.places import Hospital, Station
from .escape import escape_ten

_BESIDE_DEGREES = 0.0012  # 130 m: markers of 22 pixels overlap until far into the map


def add_stations(
    twin_map: folium.Map,
    city: City,
    *,
    proposed: Sequence[int] | None = None,
    name: str = "Stations",
    details: Sequence[str] | None = None,
) -> folium.FeatureGroup:
    """Add a layer of stations: a square with the letter S, a rounded one with P for a street post.

    With ``proposed`` units the sign shows these, and whether they are more or fewer than there are now. ``details`` are said
    of each station instead of the units that are at home there.
    """
    group = folium.FeatureGroup(name=name)
    for i, station in enumerate(city.stations):
        kind = "post" if station.kind == "post" else "station"
        letter, looks = "P" if kind == "post" else "S", kind
        detail = f"{_units(station.units)} at home here" if details is None else details[i]
        if proposed is not None:
            letter = str(proposed[i])
            change = proposed[i] - station.units
            looks += " gains" if change > 0 else " loses" if change < 0 else ""
            detail = f"{_units(proposed[i])} proposed, {station.units} now"
        _marker(
            station, looks, letter, f"{kind.capitalize()}: {detail}", alt=kind,
            shift_px=-12 if _beside(station, city.hospitals) else 0,
        ).add_to(group)  # fmt: skip
    group.add_to(twin_map)
    return group


def _units(n: int) -> str:
    return f"{n} unit{'' if n == 1 else 's'}"


def add_hospitals(twin_map: folium.Map, city: City) -> folium.FeatureGroup:
    """Add a layer of hospitals: a cross-shaped sign with the letter H."""
    group = folium.FeatureGroup(name="Hospitals")
    for hospital in city.hospitals:
        size = f"{hospital.bays} treatment bays" + (f", {hospital.beds} beds" if hospital.beds else "")
        _marker(
            hospital,
            "hospital",
            "H",
            f"Hospital: {size}",
            alt="hospital",
            shift_px=12 if _beside(hospital, city.stations) else 0,
        ).add_to(group)
    group.add_to(twin_map)
    return group


def add_suggested(twin_map: folium.Map, suggestions: Iterable[dict[str, Any]]) -> folium.FeatureGroup:
    """Add a layer of places that were suggested: a round sign with a plus, its label and what it is a suggestion for."""
    group = folium.FeatureGroup(name="Suggested")
    for one in suggestions:
        for place in one["places"]:
            at = Station(
                id="", name=place["label"], lon=place["lon"], lat=place["lat"], node=-1, kind="post", source=""
            )
            _marker(at, "post gains", "+", one["title"], alt="suggested", shift_px=0).add_to(group)
    group.add_to(twin_map)
    return group


def places_data(city: City) -> dict[str, list[dict[str, Any]]]:
    """Stations and hospitals as the scripts read them (texts unescaped: scripts set them as text)."""
    return {
        "stations": [
            {"name": s.name, "lat": round(s.lat, 5), "lon": round(s.lon, 5), "kind": s.kind, "units": s.units}
            for s in city.stations
        ],
        "hospitals": [
            {"name": h.name, "lat": round(h.lat, 5), "lon": round(h.lon, 5), "bays": h.bays, "beds": h.beds}
            for h in city.hospitals
        ],
    }


def _beside(place: Station | Hospital, others: Iterable[Station | Hospital]) -> bool:
    """Whether a marker would cover that of another place, which then both step aside."""
    squeeze = math.cos(math.radians(place.lat))
    return any(math.hypot((place.lon - o.lon) * squeeze, place.lat - o.lat) < _BESIDE_DEGREES for o in others)


def _marker(
    place: Station | Hospital, looks: str, letter: str, detail: str, *, alt: str, shift_px: int
) -> folium.Marker:
    name = escape_ten(place.name)
    return folium.Marker(
        location=[float(place.lat), float(place.lon)],
        icon=folium.DivIcon(
            html=f"<span>{letter}</span>",
            icon_size=(22, 22),
            icon_anchor=(11 - shift_px, 11),
            class_name=f"place {looks}",
        ),
        tooltip=folium.Tooltip(
            f"<b>{name}</b><br>{escape_ten(detail)}", sticky=False, direction="top", offset=(shift_px, -10)
        ),
        alt=f"{alt} {name}",
        z_index_offset=300 if alt == "hospital" else 0,
    )
