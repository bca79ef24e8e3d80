"""The map of a city bundle: what the twin knows before anything happens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..city.city import City
from ..city.hexagons import HexGrid, hex_grid
from .base import check_theme, finish_map, map_bounds, new_map
from .coverage import coverage_from
from .hexes import add_hexagons
from .page import render_page, static_text, write_atomically
from .places import add_hospitals, add_stations, places_data
from .roads import add_streets, road_lines

if TYPE_CHECKING:
    from ..routing import Router

STYLES = ("theme.css", "map.css", "layout.css")
SCRIPTS = ("core.js", "theme.js", "table.js", "basemap.js", "city.js")


def write_city_map(city: City, path: str | Path, *, theme: str = "dark", router: Router | None = None) -> Path:
    """Write a city's streets, stations and hospitals as one HTML file that needs no network.

    Parameters
    ----------
    city
        The city.
    path
        File to write; its folder is made.
    theme
        ``dark`` or ``light``.
    router
        With one, hexagons show the drive with lights and sirens from the nearest station that has units (from any
        station when none has).

    Raises
    ------
    InputError
        For an unknown theme or a file that cannot be written.
    """
    check_theme(theme)
    roads = city.roads
    lines, n_left_out = road_lines(roads)
    twin_map = new_map(city)
    layers: dict[str, Any] = {}
    data: dict[str, Any] = {
        "title": city.title,
        "subtitle": "City bundle",
        "bounds": map_bounds(city),
        "attribution": city.attribution,
        "timezone": city.timezone,
        "target_s": list(city.target_s),
        "streets_left_out": n_left_out,
        "facts": _facts(city),
        **places_data(city),
    }
    if router is not None and city.stations:
        grid = hex_grid(roads)
        layers["coverage"] = add_hexagons(
            twin_map, grid, list(range(len(grid.cells))), name="Drive from station", show=True
        )
        data["shadings"] = [_station_coverage(city, router, grid)]
    layers.update(add_streets(twin_map, lines))
    layers["stations"] = add_stations(twin_map, city)
    layers["hospitals"] = add_hospitals(twin_map, city)
    finish_map(twin_map, "startCity", layers)
    html = render_page(
        twin_map,
        title=city.title,
        theme=theme,
        body=static_text("city.html"),
        styles=[static_text(name) for name in STYLES],
        scripts=[static_text(name) for name in SCRIPTS],
        data={"ems-data": data},
    )
    return write_atomically(html, path)


def _facts(city: City) -> list[list[str]]:
    """Label and value of what the bundle holds."""
    roads = city.roads
    return [
        ["Junctions", f"{roads.n_nodes:,}"],
        ["Directed street edges", f"{roads.n_edges:,}"],
        ["Length of all edges", f"{roads.length_m.sum() / 1000.0:,.0f} km"],
        ["Median speed", f"{3.6 * float(np.median(roads.speed_mps)):.0f} km/h"],
        ["Stations and posts", f"{len(city.stations)}"],
        ["Units in the default fleet", f"{sum(station.units for station in city.stations)}"],
        ["Hospitals", f"{len(city.hospitals)}"],
        ["Treatment bays", f"{sum(hospital.bays for hospital in city.hospitals)}"],
        ["Response-time target", _targets(city.target_s)],
        ["Lights-and-sirens factor", f"{city.sirens_factor:g}"],
        ["Time zone", city.timezone],
        ["Content", city.content_hash],
    ]


def _targets(target_s: tuple[float, ...]) -> str:
    """Response-time targets by priority, equal neighbours taken together: ``P1-2: 8 min, P3+: 10 min``."""
    parts = []
    first = 0
    for i in range(len(target_s)):
        last = i == len(target_s) - 1
        if last or target_s[i + 1] != target_s[first]:
            span = f"P{first + 1}" + ("+" if last else f"–{i + 1}" if i > first else "")
            parts.append(f"{span}: {target_s[first] / 60.0:g} min")
            first = i + 1
    return ", ".join(parts)


def _station_coverage(city: City, router: Router, grid: HexGrid) -> dict[str, Any]:
    """Drive time to each hexagon in seconds, and what to say about it."""
    manned = [station.node for station in city.stations if station.units > 0]
    nodes = np.unique(np.array(manned or [station.node for station in city.stations], dtype=np.int32))
    limit_s = city.target_s[0]
    drive_s, covered = coverage_from(router, nodes, grid=grid, weight=np.ones(city.roads.n_nodes), limit_s=limit_s)
    return {
        "layer": "coverage",
        "title": "Drive from the nearest station, lights and sirens",
        "note": f"{covered:.1%} of junctions within {_minutes(limit_s)} of a station.",
        "tip": "from the nearest station",
        "drive": np.rint(drive_s).astype(int).tolist(),
        "limit": limit_s,
    }


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
