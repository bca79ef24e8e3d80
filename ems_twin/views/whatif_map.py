"""The two maps of a what-if report, side by side: the same layers, for two variants that the reader chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import folium
import numpy as np

from .base import Start, map_bounds, new_map
from .closure_map import closure_lines, crossing_marker
from .hexes import add_hexagons
from .places import add_hospitals, add_stations, add_suggested
from .roads import add_streets, road_lines
from .whatif_pictures import Pictures

SIDES = ("Left", "Right")


def whatif_maps(pictures: Pictures, suggestions: Sequence[dict[str, Any]] = ()) -> tuple[folium.Map, dict[str, Any]]:
    """Both maps in one figure, of which the left one is returned, and what their scripts read beside the pictures.

    ``suggestions`` are those of the record; their places get a layer.
    """
    city = replace(pictures.city, stations=pictures.stations)
    lines, n_left_out = road_lines(city.roads)
    maps = []
    for side in SIDES:
        twin_map = new_map(city)
        layers: dict[str, Any] = {
            "cells": add_hexagons(twin_map, pictures.grid, pictures.shown.tolist(), name="Hexagons", show=True)
        }
        layers |= add_streets(twin_map, lines)
        layers |= _closures(twin_map, pictures)
        details = [station.source or "part of the city" for station in city.stations]
        layers["stations"] = add_stations(twin_map, city, details=details)
        layers["hospitals"] = add_hospitals(twin_map, city)
        if any(one.get("places") for one in suggestions):
            layers["suggested"] = add_suggested(twin_map, suggestions)
        twin_map.add_child(Start(f"startWhatif{side}", layers))
        maps.append(twin_map)
    left, right = maps
    left.get_root().add_child(right)
    return left, {"bounds": map_bounds(city), "attribution": city.attribution, "streets_left_out": n_left_out}


def _closures(twin_map: folium.Map, pictures: Pictures) -> dict[str, Any]:
    """A layer of lines and one of crossings for each closure of each plan, in the order of the pictures."""
    roads = pictures.city.roads
    layers: dict[str, Any] = {}
    number = 0
    for plan in pictures.plans:
        for one in plan.closures:
            edges = {"closed": one.on, "barrier": np.setdiff1d(one.cut, one.on)}
            for kind, rows in edges.items():
                layers[f"{kind}_{number}"] = closure_lines(twin_map, roads, rows[rows < roads.n_edges], "Closure")
            group = folium.FeatureGroup(name="Crossings")
            for crossing in one.crossings:
                crossing_marker(roads, crossing.node, crossing.name, crossing.delay_s).add_to(group)
            layers[f"crossings_{number}"] = group.add_to(twin_map)
            number += 1
    return layers
