"""The map of the next hours: how many calls each cell expects, by hour ahead, with a slider."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..city.city import City
from ..demand.forecast.cells import Cells
from ..demand.hotspots import FEW, Hotspot
from ..errors import InputError
from .base import check_theme, finish_map, new_map
from .cell_shapes import cell_bounds, cell_geometries
from .hexes import add_shapes
from .page import render_page, static_text, write_atomically
from .places import add_hospitals, add_stations
from .roads import add_streets, road_lines

STYLES = ("theme.css", "map.css", "layout.css", "replay.css")
SCRIPTS = ("core.js", "theme.js", "table.js", "basemap.js", "hotspots.js")
_CLASSES = 6
_LISTED = 20
_SURPRISING = 2.0  # times the usual, as the legend says


def write_hotspot_map(
    spots: Sequence[Sequence[Hotspot]],
    cells: Cells,
    city: City,
    path: str | Path,
    *,
    at_s: float,
    timezone: str | None = None,
    facts: Sequence[tuple[str, str]] = (),
    theme: str = "dark",
    top: int = _LISTED,
) -> Path:
    """Write hotspots by hour ahead as one HTML file that needs no network.

    Parameters
    ----------
    spots
        By hour ahead all cells, as :func:`~ems_twin.demand.hotspots.find_hotspots` gives them with ``top=None``.
    cells
        The cells that they name.
    city
        Whose streets, stations and hospitals are drawn.
    path
        File to write; its folder is made.
    at_s
        POSIX time at which the first hour begins.
    timezone
        IANA name of the clock shown; the city's by default.
    facts
        Label and text of what the reader should know, such as the model.
    theme
        ``dark`` or ``light``.
    top
        Cells in the table of each hour.

    Raises
    ------
    InputError
        There is no hour, an hour lacks a cell, the zones' areas are not known, the theme is unknown, or the file cannot
        be written.
    """
    check_theme(theme)
    if not spots or any(len(hour) != len(cells) for hour in spots):
        raise InputError("do not hold every cell in every hour", field="spots", remedy="Find them with top=None.")
    geometries = cell_geometries(cells)
    twin_map = new_map(city)
    lines, _ = road_lines(city.roads)
    layers: dict[str, Any] = {"cells": add_shapes(twin_map, geometries, name="Calls expected", show=True)}
    layers.update(add_streets(twin_map, lines))
    layers["stations"] = add_stations(twin_map, city)
    layers["hospitals"] = add_hospitals(twin_map, city)
    finish_map(twin_map, "startHotspots", layers)
    html = render_page(
        twin_map,
        title=f"Hotspots, {city.title}",
        theme=theme,
        body=static_text("hotspots.html"),
        styles=[static_text(name) for name in STYLES],
        scripts=[static_text(name) for name in SCRIPTS],
        data={
            "ems-data": {
                "title": city.title,
                "bounds": cell_bounds(geometries),
                "attribution": city.attribution,
                "timezone": timezone or city.timezone,
                "at_ms": round(at_s * 1000),
                "facts": [list(fact) for fact in facts],
                "top": top,
                "limits": class_limits(max(spot.rate_60 for hour in spots for spot in hour)),
                "names": list(cells.names),
                "hours": [_columns(hour, cells) for hour in spots],
            }
        },
    )
    return write_atomically(html, path)


def class_limits(highest: float) -> list[float]:
    """Upper limits of all classes of shade but the last, calls an hour: each twice the one before.

    The last class begins at half the highest rate, so that rates that differ by the same factor differ by as many
    shades.
    """
    limits = highest * 0.5 ** np.arange(_CLASSES - 1, 0, -1)
    return [float(f"{limit:.2g}") for limit in limits]


def _columns(hour: Sequence[Hotspot], cells: Cells) -> dict[str, list[Any]]:
    """Figures of one hour in the order of the cells, rounded to what a reader can use."""
    by_row: list[Hotspot | None] = [None] * len(cells)
    for spot in hour:
        by_row[cells.row[spot.cell]] = spot
    rows = [spot for spot in by_row if spot is not None]
    rounded = {
        field: [float(f"{getattr(spot, field):.3g}") for spot in rows]
        for field in ("rate_60", "rate_30", "usual", "tail", "p_60", "p_30")
    }
    odd = [int(spot.ratio >= _SURPRISING and not spot.behind < FEW) for spot in rows]
    ratio = [round(spot.ratio, 2) if np.isfinite(spot.ratio) else None for spot in rows]
    return {
        **rounded,
        "ratio": ratio,
        "odd": odd,
        "rank": [spot.rank for spot in rows],
        "why": [spot.why for spot in rows],
    }
