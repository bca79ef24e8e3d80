"""What is in a bundle and what looks wrong with it: figures, places and findings, for the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .city import City
from .nearest import road_distance_m
from .reach import strongly_reached
from .roads import ROAD_CLASSES

if TYPE_CHECKING:
    from rich.console import RenderableType

FAR_FROM_ROAD_M = 150.0
"""A place farther than this from every road is worth a look."""

ODD_KMH = (5.0, 130.0)
"""Ordinary speeds outside are worth a look."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing to look at."""

    level: str
    """``error`` (the city cannot be used), ``warning`` or ``note``."""
    about: str
    """What it concerns: ``roads``, ``stations``, ``hospitals`` or ``demand``."""
    text: str
    """The finding, as a phrase."""


@dataclass(frozen=True, kw_only=True)
class ClassRow:
    """Roads of one class."""

    name: str
    """Class in ``ROAD_CLASSES``."""
    edges: int
    """Directed edges."""
    km: float
    """Length of them, km."""
    kmh: tuple[float, float, float]
    """Slowest, median (by length) and fastest ordinary speed, km/h."""


@dataclass(frozen=True, kw_only=True)
class PlaceRow:
    """A station or a hospital."""

    kind: str
    """``station``, ``post`` or ``hospital``."""
    id: str
    """Its id."""
    name: str
    """Its name."""
    to_road_m: float
    """Distance to the nearest road, metres."""
    size: int
    """Units of a station, treatment bays of a hospital."""


@dataclass(frozen=True, kw_only=True)
class CityCheck:
    """Everything :func:`check_city` looked at."""

    name: str
    """Name of the city."""
    content_hash: str
    """Hash of its roads."""
    nodes: int
    """Nodes."""
    edges: int
    """Directed edges."""
    km: float
    """Length of all directed edges, km."""
    unreachable_nodes: int
    """Nodes outside the strongly connected part of node 0; 0 in a sound city."""
    two_way_share: float
    """Share of the length that can be driven in both directions."""
    named_share: float
    """Share of the length that has a street name."""
    classes: tuple[ClassRow, ...]
    """Roads by class."""
    places: tuple[PlaceRow, ...]
    """Stations, then hospitals."""
    units: int
    """Ambulances."""
    bays: int
    """Treatment bays."""
    findings: tuple[Finding, ...]
    """What to look at, the gravest first."""

    @property
    def ok(self) -> bool:
        """Whether nothing is an error."""
        return all(finding.level != "error" for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "ok": self.ok}

    def __rich__(self) -> RenderableType:
        """Tables for the terminal."""
        from rich.console import Group
        from rich.table import Table

        roads = Table(
            title=f"{self.name}: {self.nodes:,} nodes, {self.edges:,} edges, {self.km:,.0f} km "
            f"({self.two_way_share:.0%} two-way, {self.named_share:.0%} named)",
            title_justify="left",
        )
        for column in ("class", "edges", "km", "slowest", "median", "fastest km/h"):
            roads.add_column(column, justify="left" if column == "class" else "right")
        for row in self.classes:
            roads.add_row(row.name, f"{row.edges:,}", f"{row.km:,.1f}", *(f"{kmh:.1f}" for kmh in row.kmh))
        places = Table(title=f"{self.units} units, {self.bays} treatment bays", title_justify="left")
        for column in ("kind", "id", "name", "to road, m", "units or bays"):
            places.add_column(column, justify="right" if column in ("to road, m", "units or bays") else "left")
        for place in self.places:
            places.add_row(place.kind, place.id, place.name, f"{place.to_road_m:.0f}", str(place.size))
        found = [f"{finding.level}: {finding.about}: {finding.text}" for finding in self.findings]
        return Group(roads, places, *(found or ["No findings."]))


def check_city(city: City, *, units: Sequence[int] | None = None) -> CityCheck:
    """Look a city over.

    Parameters
    ----------
    city
        The city.
    units
        Units at home at each station, where a fleet has files of its own; by default as stations.csv has it.

    Returns
    -------
    CityCheck
        Printable with rich, and as JSON by ``to_dict``.
    """
    roads = city.roads
    length = roads.length_m
    both = set(zip(roads.tail.tolist(), roads.head.tolist(), strict=True))
    two_way = np.array([(b, a) in both for a, b in zip(roads.tail.tolist(), roads.head.tolist(), strict=True)])
    lost = int((~strongly_reached(roads)).sum())
    at_home = [station.units for station in city.stations] if units is None else list(units)
    places = tuple(
        [
            PlaceRow(kind=s.kind, id=s.id, name=s.name, to_road_m=road_distance_m(roads, s.lon, s.lat), size=size)
            for s, size in zip(city.stations, at_home, strict=True)
        ]
        + [
            PlaceRow(kind="hospital", id=h.id, name=h.name, to_road_m=road_distance_m(roads, h.lon, h.lat), size=h.bays)
            for h in city.hospitals
        ]
    )
    findings = [*_road_findings(city, lost), *_place_findings(city, places), *_demand_findings(city)]
    order = {"error": 0, "warning": 1, "note": 2}
    return CityCheck(
        name=city.name,
        content_hash=city.content_hash,
        nodes=roads.n_nodes,
        edges=roads.n_edges,
        km=float(length.sum() / 1000),
        unreachable_nodes=lost,
        two_way_share=float(length[two_way].sum() / length.sum()),
        named_share=float(length[roads.name_id > 0].sum() / length.sum()),
        classes=_classes(city),
        places=places,
        units=sum(at_home),
        bays=sum(hospital.bays for hospital in city.hospitals),
        findings=tuple(sorted(findings, key=lambda finding: order[finding.level])),
    )


def _classes(city: City) -> tuple[ClassRow, ...]:
    roads = city.roads
    rows = []
    for index, name in enumerate(ROAD_CLASSES):
        (edges,) = np.nonzero(roads.road_class == index)
        if len(edges):
            edges = edges[np.argsort(roads.speed_mps[edges])]
            along = np.cumsum(roads.length_m[edges])
            middle = int(np.searchsorted(along, along[-1] / 2))
            kmh = tuple(float(3.6 * roads.speed_mps[edges[i]]) for i in (0, middle, -1))
            rows.append(ClassRow(name=name, edges=len(edges), km=float(along[-1] / 1000), kmh=(kmh[0], kmh[1], kmh[2])))
    return tuple(rows)


def _road_findings(city: City, lost: int) -> list[Finding]:
    findings = []
    if lost:
        findings.append(Finding(level="error", about="roads", text=f"{lost} nodes cannot be driven to and from"))
    kmh = 3.6 * city.roads.speed_mps
    odd = int(((kmh < ODD_KMH[0]) | (kmh > ODD_KMH[1])).sum())
    if odd:
        text = f"{odd} edges are slower than {ODD_KMH[0]:g} or faster than {ODD_KMH[1]:g} km/h"
        findings.append(Finding(level="warning", about="roads", text=text))
    return findings


def _place_findings(city: City, places: tuple[PlaceRow, ...]) -> list[Finding]:
    findings = []
    for place in places:
        about = "hospitals" if place.kind == "hospital" else "stations"
        if place.to_road_m > FAR_FROM_ROAD_M:
            text = f"{place.name} is {place.to_road_m:.0f} m from the nearest road"
            findings.append(Finding(level="warning", about=about, text=text))
        if about == "stations" and place.size == 0:
            findings.append(Finding(level="note", about=about, text=f"{place.name} has no units at home"))
    if sum(place.size for place in places if place.kind != "hospital") == 0:
        findings.append(Finding(level="error", about="stations", text="the city has no ambulance"))
    unknown = sum(hospital.beds == 0 for hospital in city.hospitals)
    if unknown:
        findings.append(Finding(level="note", about="hospitals", text=f"beds of {unknown} hospitals are unknown"))
    return findings


def _demand_findings(city: City) -> list[Finding]:
    if city.directory is not None and not (city.directory / "demand").is_dir():
        text = "the bundle has no demand; calls can only be replayed from a file"
        return [Finding(level="warning", about="demand", text=text)]
    return []
