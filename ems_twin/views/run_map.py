"""The map of a run: streets, places, shadings, and the replay with its time slider."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..city.hexagons import hex_grid
from ..world.schema import AVAILABLE, UnitStatus
from .base import check_theme, finish_map, map_bounds, new_map
from .coverage import coverage_through, demand_by_node
from .hexes import add_hexagons, hex_grid_for_calls, response_by_hexagon
from .page import render_page, static_text, write_atomically
from .places import add_hospitals, add_stations, places_data
from .replay import encode_replay
from .roads import add_streets, road_lines
from .timeline import Paths, choose_window, unit_timelines

if TYPE_CHECKING:
    from ..simulation import Run

STYLES = ("theme.css", "map.css", "layout.css", "replay.css")
SCRIPTS = (
    "core.js", "theme.js", "table.js", "basemap.js", "network.js", "state.js", "symbols.js", "fleet.js", "player.js",
    "details.js", "charts.js", "panel.js", "replay.js",
)  # fmt: skip


def write_run_map(
    run: Run,
    path: str | Path,
    *,
    theme: str = "dark",
    replay_from_s: float = 0.0,
    replay_s: float | None = None,
    demand_weight: NDArray[np.float64] | None = None,
    autoplay: bool = True,
) -> Path:
    """Write a run as one HTML file that needs no network.

    Parameters
    ----------
    run
        What :func:`ems_twin.simulation.simulate` gives.
    path
        File to write; its folder is made.
    theme
        ``dark`` or ``light``; a reader's own choice on the page goes before it.
    replay_from_s
        Where the replay begins, seconds since the run's epoch.
    replay_s
        Length of the replay in seconds; None takes the rest of the run, at most a day.
    demand_weight
        Weight of each node in the coverage figure, length n, not all 0; None counts the run's calls.
    autoplay
        Whether the replay starts by itself (never for a reader who asked for reduced motion).

    Returns
    -------
    Path
        The file. A day of a city of 5,000 streets with 80 units and 900 calls takes about 2 MB.

    Raises
    ------
    InputError
        For an unknown theme, a window outside the run, a run without a trace, weights that do not fit, or a file
        that cannot be written.
    """
    check_theme(theme)
    window = choose_window(run, replay_from_s, replay_s)
    city = run.city
    paths = Paths(run.router)
    timelines = unit_timelines(run, window, paths)
    weight = demand_by_node(run, demand_weight)

    grid = hex_grid(city.roads)
    coverage = coverage_through(run, window, timelines, paths, grid, weight)
    calls = run.calls[(run.calls["t_received"] >= window.from_s) & (run.calls["t_received"] <= window.to_s)]
    response_grid = hex_grid_for_calls(city.roads, calls["node"], finest=grid)
    response = response_by_hexagon(response_grid, calls["node"], calls["t_on_scene"] - calls["t_received"])

    driven = np.zeros(city.roads.n_edges, dtype=bool)
    for way in paths.paths:
        driven[way.edges] = True
    lines, n_left_out = road_lines(city.roads, driven=driven)

    twin_map = new_map(city)
    layers: dict[str, Any] = {
        "coverage": add_hexagons(twin_map, grid, list(range(len(grid.cells))), name="Coverage now", show=True),
        "response": add_hexagons(
            twin_map, response_grid, [entry["cell"] for entry in response], name="Response time", show=False
        ),
        **add_streets(twin_map, lines),
        "stations": add_stations(twin_map, city),
        "hospitals": add_hospitals(twin_map, city),
    }
    finish_map(twin_map, "startReplay", layers)
    data = {
        "title": city.title,
        "bounds": map_bounds(city),
        "attribution": city.attribution,
        "timezone": city.timezone,
        "target_s": list(city.target_s),
        "epoch_ms": round((run.start.timestamp() + window.from_s) * 1000.0),
        "span_s": round(window.to_s - window.from_s, 2),
        "offset_s": window.from_s,
        "driver": run.driver,
        "seed": run.seed,
        "autoplay": autoplay,
        "streets_left_out": n_left_out,
        "statuses": [status.name for status in UnitStatus],
        "available": [status.name for status in AVAILABLE],
        "occurring": [
            UnitStatus(status).name
            for status in sorted({*run.trace["status"].tolist(), *run.units["start_status"].tolist()})
        ],
        **places_data(city),
        "homes": run.units["start_station"].tolist(),
        "coverage": coverage.packed(),
        "response": {"edge_m": round(response_grid.edge_m), "cells": response},
        "replay": encode_replay(window, run, timelines, paths),
    }
    html = render_page(
        twin_map,
        title=f"{city.title}: ambulances replayed",
        theme=theme,
        body=static_text("replay.html"),
        styles=[static_text(name) for name in STYLES],
        scripts=[static_text(name) for name in SCRIPTS],
        data={"ems-data": data},
    )
    return write_atomically(html, path)
