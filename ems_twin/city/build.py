"""Build a city from any source of roads, with places from tables or from the source's own tags."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path

from ..errors import CityError
from .assemble import assemble
from .candidates import choose_hospitals, choose_stations
from .city import City
from .facts import check_timezone
from .fingerprint import content_hash
from .raw import RawRoads
from .report import BuildReport
from .simplify import join_chains
from .speeds import ordinary_speeds_mps
from .tables import read_hospitals, read_stations


def build_city(
    raw: RawRoads,
    *,
    name: str,
    title: str | None = None,
    timezone: str | None = None,
    stations: Path | None = None,
    hospitals: Path | None = None,
    kmh_by_class: Mapping[str, float] | None = None,
    use_tagged_speeds: bool = True,
    simplify: bool = True,
    sirens_factor: float = City.sirens_factor,
    target_s: tuple[float, ...] = (480.0,),
    attribution: str | None = None,
    sources: Mapping[str, str] | None = None,
) -> tuple[City, BuildReport]:
    """Build a city in memory; :func:`save_city` writes it.

    Parameters
    ----------
    raw
        What :func:`ems_twin.city.sources.read_source` read.
    name
        Name of the bundle: lower-case letters, digits, ``-`` and ``_``.
    title
        Name shown to people; by default the name, capitalised.
    timezone
        IANA name; UTC (and a note in the report) when not given.
    stations, hospitals
        Tables of places; where not given, the source's own tags are used.
    kmh_by_class
        Ordinary speeds that replace entries of ``ORDINARY_KMH``, km/h.
    use_tagged_speeds
        Whether tagged speed limits count.
    simplify
        Whether nodes without a junction become points of a street's shape.
    sirens_factor, target_s, sources
        As in :class:`City`.
    attribution
        Notice on maps; by default the source's.

    Raises
    ------
    CityError
        The name or the time zone is unfit, nothing can be driven on, or a place is wrong or missing.
    """
    began = time.perf_counter()
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise CityError(
            f"'{name}' is no name for a city",
            field="name",
            remedy="Use lower-case letters, digits, '-' and '_', such as new-york.",
        )
    if timezone is not None:
        check_timezone(timezone)
    notes = list(raw.notes)
    joined = join_chains(raw) if simplify else raw
    speed_mps, speeds = ordinary_speeds_mps(joined, kmh_by_class=kmh_by_class, use_tags=use_tagged_speeds)
    roads, dropped = assemble(joined, speed_mps)
    if timezone is None:
        notes.append("no time zone was given; UTC is assumed")
    hospital_rows = read_hospitals(hospitals, roads) if hospitals else choose_hospitals(raw.candidates, roads, notes)
    station_rows = (
        read_stations(stations, roads) if stations else choose_stations(raw.candidates, hospital_rows, roads, notes)
    )
    city = City(
        name=name,
        title=title or name.replace("-", " ").replace("_", " ").title(),
        timezone=timezone or "UTC",
        roads=roads,
        stations=station_rows,
        hospitals=hospital_rows,
        content_hash=content_hash(roads),
        sirens_factor=sirens_factor,
        target_s=target_s,
        attribution=attribution or raw.attribution,
        sources={"roads": raw.source, **(sources or {})},
    )
    report = BuildReport(
        source=raw.source,
        nodes_read=len(raw.lon),
        edges_read=len(raw.tail),
        nodes=roads.n_nodes,
        edges=roads.n_edges,
        km=float(roads.length_m.sum() / 1000),
        shape_merged=len(raw.lon) - len(joined.lon),
        dropped=dropped,
        speeds=speeds,
        stations=len(city.stations),
        units=sum(station.units for station in city.stations),
        hospitals=len(city.hospitals),
        notes=tuple(notes),
        seconds=time.perf_counter() - began,
    )
    return city, report
