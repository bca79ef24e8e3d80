"""The map of a proposal where units should be based: before and after."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .base import check_theme, finish_map, map_bounds, new_map
from .city_map import SCRIPTS, STYLES
from .hexes import add_hexagons
from .page import render_page, static_text, write_atomically
from .places import add_hospitals, add_stations, places_data
from .roads import add_streets, road_lines
from .stationing_table import MODEL_NAMES, facts_of

if TYPE_CHECKING:
    from ..scenario import StationingStudy


def write_stationing_map(study: StationingStudy, path: str | Path, *, theme: str = "dark") -> Path:
    """Write a study's proposal as one HTML file that needs no network.

    Hexagons show the expected drive to a call of priority 1, as proposed and now; signs show the proposed units, and
    which stations gain or lose.

    Parameters
    ----------
    study
        What :func:`ems_twin.scenario.optimise_stations` gives.
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
    city = study.city
    lines, n_left_out = road_lines(city.roads)
    twin_map = new_map(city)
    cells = study.points.cell.tolist()
    layers: dict[str, Any] = {}
    shadings = []
    for key, name, placement in (("after", "As proposed", study.proposed), ("before", "As it is", study.now)):
        layers[key] = add_hexagons(twin_map, study.points.grid, cells, name=name, show=key == "after")
        shadings.append(
            {
                "layer": key,
                "title": f"{name}: expected drive of the first free unit, lights and sirens",
                "note": f"{study.cover(placement):.1%} of calls expected to be covered in time.",
                "tip": name.lower(),
                "drive": np.rint(study.urgent_drive_s(placement)).astype(int).tolist(),
                "limit": study.cover_s[0],
            }
        )
    layers.update(add_streets(twin_map, lines))
    proposed = study.proposed.units.tolist()
    layers["stations"] = add_stations(twin_map, city, proposed=proposed, name="Stations (proposed units)")
    layers["hospitals"] = add_hospitals(twin_map, city)
    finish_map(twin_map, "startCity", layers)
    places = places_data(city)
    for row, units in zip(places["stations"], proposed, strict=True):
        row |= {"now": row["units"], "units": units, "change": units - row["units"]}
    data = {
        "title": city.title,
        "subtitle": f"Where {sum(proposed)} units should be based: {MODEL_NAMES[study.model]}",
        "bounds": map_bounds(city),
        "attribution": city.attribution,
        "timezone": city.timezone,
        "target_s": list(city.target_s),
        "streets_left_out": n_left_out,
        "facts": facts_of(study),
        "proposal": True,
        "shadings": shadings,
        **places,
    }
    html = render_page(
        twin_map,
        title=f"{city.title}: where units should be based",
        theme=theme,
        body=static_text("city.html"),
        styles=[static_text(name) for name in STYLES],
        scripts=[static_text(name) for name in SCRIPTS],
        data={"ems-data": data},
    )
    return write_atomically(html, path)
