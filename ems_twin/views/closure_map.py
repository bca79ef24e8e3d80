"""The map of closures: what is closed, where the barriers stand and ambulances get across, and how much longer ways get."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import folium
import numpy as np
from numpy.typing import NDArray

from ..city.closures import PlacedPlan
from ..city.hexagons import hex_grid
from ..city.roads import RoadNetwork
from ..routing import ORDINARY, SIRENS, Router
from ..routing.closure_check import ClosureCheck, closed_router
from ..routing.phases import phases
from .base import check_theme, finish_map, map_bounds, new_map
from .city_map import SCRIPTS, STYLES
from .escape import escape_ten
from .hexes import add_hexagons
from .page import render_page, static_text, write_atomically
from .places import add_hospitals, add_stations, places_data
from .roads import add_streets, road_lines
from .summary_table import civil

_LONGER_S = 240.0
"""Where the shading of what gets longer speaks of much longer: four minutes (Jena et al. 2017 found 4.4 on marathon
days)."""


def write_closure_map(
    placed: PlacedPlan, check: ClosureCheck, router: Router, path: str | Path, *, theme: str = "dark"
) -> Path:
    """Write closures as one HTML file that needs no network: the phase in which most streets are closed.

    Parameters
    ----------
    placed
        The closures on the streets.
    check
        What :func:`~ems_twin.routing.closure_check.check_closures` found.
    router
        Of the city without closures.
    path
        File to write; its folder is made.
    theme
        ``dark`` or ``light``.

    Raises
    ------
    InputError
        For an unknown theme or a file that cannot be written.
    """
    check_theme(theme)
    city, roads = placed.city, placed.city.roads
    i = max(range(len(check.phases)), key=lambda i: check.phases[i].edges_closed + check.phases[i].edges_slower)
    state = phases(roads, placed.closures)[i].state
    shown = check.phases[i]
    after = closed_router(router, state, placed.plan.on_foot_mps)
    twin_map = new_map(city)
    grid = hex_grid(roads)
    lines, n_left_out = road_lines(roads)
    layers: dict[str, Any] = {
        name: add_hexagons(twin_map, grid, list(range(len(grid.cells))), name=title, show=name == "longer")
        for name, title in (("longer", "Longer to hospital"), ("reach", "Drive from station"))
    }
    layers.update(add_streets(twin_map, lines))
    in_force = [one for one in placed.closures if one.id in shown.in_force]
    on = np.unique(np.concatenate([np.zeros(0, np.int64), *(one.on for one in in_force)]))
    cut = np.setdiff1d(np.concatenate([np.zeros(0, np.int64), *(one.cut for one in in_force)]), on)
    shut_on = on[state.shut[on]]
    layers["closed"] = closure_lines(twin_map, roads, shut_on, "Closed")
    layers["barrier"] = closure_lines(twin_map, roads, cut[state.shut[cut]], "Up to the barrier")
    layers["kept"] = closure_lines(twin_map, roads, np.setdiff1d(on, shut_on), "Slower, or an ambulance lane")
    group = folium.FeatureGroup(name="Crossings")
    for one in in_force:
        for crossing in one.crossings:
            crossing_marker(roads, crossing.node, crossing.name, crossing.delay_s).add_to(group)
    layers["crossings"] = group.add_to(twin_map)
    layers["stations"] = add_stations(twin_map, city)
    layers["hospitals"] = add_hospitals(twin_map, city)
    finish_map(twin_map, "startCity", layers)
    data = {
        "title": placed.plan.name or "Closures",
        "subtitle": city.title,
        "bounds": map_bounds(city),
        "attribution": city.attribution,
        "timezone": city.timezone,
        "target_s": list(city.target_s),
        "streets_left_out": n_left_out,
        "closures": True,
        "facts": _facts(check, i),
        "notes": list(check.notes),
        "shadings": _shadings(placed, router, after, grid.cell_of_node, len(grid.cells)),
        **places_data(city),
    }
    html = render_page(
        twin_map,
        title=f"{data['title']}, {city.title}",
        theme=theme,
        body=static_text("city.html"),
        styles=[static_text(name) for name in STYLES],
        scripts=[static_text(name) for name in SCRIPTS],
        data={"ems-data": data},
    )
    return write_atomically(html, path)


def closure_lines(twin_map: folium.Map, roads: RoadNetwork, edges: NDArray[np.int64], name: str) -> folium.GeoJson:
    """Add streets as a layer of lines, which scripts style."""
    lines = [np.round(roads.edge_lonlat(int(edge)), 5).tolist() for edge in edges]
    feature = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "MultiLineString", "coordinates": lines},
    }
    return folium.GeoJson(feature, name=name, interactive=False, smooth_factor=0.8, pane="streets").add_to(twin_map)


def crossing_marker(roads: RoadNetwork, node: int, name: str, delay_s: float) -> folium.Marker:
    """A sign where ambulances get across a closed street."""
    label = escape_ten(name)
    return folium.Marker(
        location=[float(roads.lat[node]), float(roads.lon[node])],
        icon=folium.DivIcon(
            html="<span>X</span>", icon_size=(22, 22), icon_anchor=(11, 11), class_name="place crossing"
        ),
        tooltip=folium.Tooltip(
            f"<b>{label}</b><br>Crossing: units are held up for {delay_s:.0f} s", sticky=False, direction="top",
            offset=(0, -10),
        ),
        alt=f"crossing {label}",
        z_index_offset=200,
    )  # fmt: skip


def _facts(check: ClosureCheck, shown: int) -> list[list[str]]:
    """Label and value of what the reader should know."""
    phase = check.phases[shown]
    facts = [
        ["From", "the beginning" if phase.begins is None else civil(phase.begins)],
        ["In force", ", ".join(phase.in_force) or "nothing"],
        ["Closed", f"{phase.km_closed:,.1f} km of directed edges"],
        ["Slower", f"{phase.edges_slower:,} edges"],
        ["Junctions at the barrier", f"{phase.nodes_at_barrier:,}"],
        ["Junctions on foot only", f"{phase.nodes_behind:,} (≤ {phase.longest_walk_m:,.0f} m)"],
        ["Share of the demand cut off", f"{phase.share_cut_off:.1%}"],
    ]
    for place in phase.places:
        how = f"{place.walk_m:,.0f} m on foot" if place.walk_m > 0 else "up to the barrier"
        facts.append([f"Cut off: {place.name}", how])
    for detour in phase.detours:
        label = f"{detour.kind[0].upper()}{detour.kind[1:]}"
        facts.append([label, f"{detour.mean_before_s:.0f} → {detour.mean_s:.0f} s in the mean"])
    return facts


def _shadings(
    placed: PlacedPlan, before: Router, after: Router, cell_of_node: NDArray[np.integer[Any]], n_cells: int
) -> list[dict[str, Any]]:
    """How much longer the drive to hospital gets, and the drive from the nearest station with closures, by hexagon."""
    city = placed.city

    def by_cell(seconds: NDArray[np.float64]) -> list[int]:
        total = np.bincount(cell_of_node, weights=seconds, minlength=n_cells)
        count = np.maximum(np.bincount(cell_of_node, minlength=n_cells), 1)
        mean: list[int] = np.rint(total / count).astype(int).tolist()
        return mean

    shadings = []
    if city.hospitals:
        rooms = [room.node for room in city.hospitals]
        longer = after.to_nearest_s(rooms, metric=ORDINARY) - before.to_nearest_s(rooms, metric=ORDINARY)
        shadings.append(
            {
                "layer": "longer", "title": "Longer to the nearest hospital", "tip": "to hospital", "word": "longer",
                "note": "Mean over the junctions of a hexagon, ordinary speeds.",
                "drive": by_cell(np.maximum(longer, 0.0)), "limit": _LONGER_S,
            }
        )  # fmt: skip
    if city.stations:
        bases = [s.node for s in city.stations if s.units > 0] or [s.node for s in city.stations]
        shadings.append(
            {
                "layer": "reach", "title": "Drive from the nearest station, lights and sirens, with closures",
                "tip": "from the nearest station", "note": "Mean over the junctions of a hexagon.",
                "drive": by_cell(after.from_nearest_s(bases, metric=SIRENS)), "limit": city.target_s[0],
            }
        )  # fmt: skip
    return shadings
