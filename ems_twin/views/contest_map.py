"""Where a contender is better than the baseline: paired differences of the mean response by cell, on one map."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import folium
import h3
import numpy as np
from numpy.typing import NDArray

from ..city import City, Hospital, Station
from .base import finish_map, map_bounds, new_map
from .hexes import add_hexagons
from .places import add_hospitals, add_stations
from .roads import add_streets, road_lines

if TYPE_CHECKING:
    from ..scenario import Contest

FEW_CALLS = 50
"""Cells with fewer calls over all replications are not coloured."""
_COMPASS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


def contest_map(contest: Contest) -> tuple[folium.Map, dict[str, Any]]:
    """The map, and what its script reads: cells by name, and for each rival and size the differences in seconds.

    A cell is told apart if the interval of its difference excludes 0; of cells with fewer than :data:`FEW_CALLS` calls
    nothing is said.
    """
    first = contest.comparisons[0]
    city, grid = first.city, first.grid
    calls = np.array([one.calls_by_cell() for one in contest.comparisons])
    shown = np.flatnonzero(calls.max(axis=0) > 0)
    lines, n_left_out = road_lines(city.roads)
    twin_map = new_map(city)
    layers: dict[str, Any] = {
        "cells": add_hexagons(twin_map, grid, shown.tolist(), name="Difference by cell", show=True)
    }
    layers.update(add_streets(twin_map, lines))
    layers["stations"] = add_stations(twin_map, city)
    layers["hospitals"] = add_hospitals(twin_map, city)
    finish_map(twin_map, "startContest", layers)
    views: list[dict[str, Any]] = []
    for one, count in zip(contest.comparisons, calls, strict=True):
        for name in contest.rivals:
            apart, half = one.cells(name)
            known = (count >= FEW_CALLS) & np.isfinite(apart) & np.isfinite(half)
            views.append(
                {
                    "label": f"{name}, {one.units} units",
                    "calls": np.rint(count[shown]).astype(int).tolist(),
                    "apart": _rounded(apart[shown], known[shown]),
                    "half": _rounded(half[shown], known[shown]),
                }
            )
    told = [
        abs(a)
        for view in views
        for a, h in zip(view["apart"], view["half"], strict=True)
        if a is not None and h is not None and abs(a) > h
    ]
    return twin_map, {
        "title": city.title,
        "baseline": contest.baseline,
        "bounds": map_bounds(city),
        "attribution": city.attribution,
        "few": FEW_CALLS,
        "level": round(100 * first.level),
        "limits_s": limits_of(float(np.quantile(told, 0.8)) if told else 30.0),
        "streets_left_out": n_left_out,
        "cells": [place_words(city, grid.cells[row]) for row in shown],
        "views": views,
        "first": _best(contest),
    }


def _best(contest: Contest) -> int:
    """Which view opens: of the first size of fleet the rival with the fewest late calls."""
    late = [float(contest.comparisons[0].values(name, "late_share").mean()) for name in contest.rivals]
    return int(np.argmin(late)) if late else 0


def limits_of(large_s: float) -> list[float]:
    """Two round numbers of seconds that part differences into three classes, the upper near one that counts as large."""
    step = max(large_s / 2, 1.0)
    unit = 10 ** math.floor(math.log10(step))
    round_step = min((factor * unit for factor in (1, 2, 3, 5, 10)), key=lambda value: abs(value - step))
    return [float(round_step), float(2 * round_step)]


def place_words(city: City, cell: str) -> str:
    """Where a cell lies, in words: how far from the nearest station or hospital, and in which direction."""
    return near_words(city, *h3.cell_to_latlng(cell))


def near_words(city: City, lat: float, lon: float) -> str:
    """Where a place lies, in words."""
    squeeze = math.cos(math.radians(lat))
    places: list[Station | Hospital] = [*city.stations, *city.hospitals]
    away = [math.hypot((lon - place.lon) * squeeze, lat - place.lat) for place in places]
    nearest = int(np.argmin(away))
    km, place = away[nearest] * 111.32, places[nearest]
    if km < 0.3:
        return f"at {place.name}"
    bearing = math.atan2((lon - place.lon) * squeeze, lat - place.lat)
    return f"{km:.1f} km {_COMPASS[round(bearing / (math.pi / 4)) % 8]} of {place.name}"


def _rounded(values: NDArray[np.float64], known: NDArray[np.bool_]) -> list[float | None]:
    return [round(float(value), 1) if ok else None for value, ok in zip(values, known, strict=True)]
