"""What the page knows of a city: its streets as a map, its places, its streets' names, and where two of them meet."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..city import City
from ..city.closures.lookup import edges_by_street
from ..demand import Demand
from ..errors import InputError
from ..faults import Faults, ModelError
from ..views.base import map_bounds
from ..views.roads import road_lines


class StreetError(ModelError):
    """Streets that there are not, or that do not meet."""

    subject = "the corner"


def ground_of(city: City, demand: Demand) -> dict[str, Any]:
    """Plain values for the page: texts are names from the bundle, to be shown as text only."""
    lines, n_left_out = road_lines(city.roads)
    rooms = demand.emergency_rooms
    return {
        "name": city.name,
        "title": city.title,
        "timezone": city.timezone,
        "bounds": map_bounds(city),
        "attribution": city.attribution,
        "target_s": list(city.target_s),
        "streets": lines,
        "streets_left_out": n_left_out,
        "street_names": sorted({name for name in city.roads.names if name}),
        "stations": [
            {"id": s.id, "name": s.name, "lat": s.lat, "lon": s.lon, "kind": s.kind, "units": s.units}
            for s in city.stations
        ],
        "hospitals": [{"id": h.id, "name": h.name, "lat": h.lat, "lon": h.lon, "bays": h.bays} for h in city.hospitals],
        "units": sum(station.units for station in city.stations),
        "bays": rooms is not None,
        "occupancy": None if rooms is None else rooms.occupancy,
        "calls_a_day": round(float(demand.hour_of_week.sum()) / 7),
    }


def corners(city: City, street: str, cross: str) -> list[list[float]]:
    """Where two streets meet: longitude and latitude of each place, those within 80 m of another one left out.

    Raises
    ------
    InputError
        There is no such street, or the two do not meet; the message names streets of similar names.
    """
    roads = city.roads
    faults = Faults(StreetError)
    one, other = (
        edges_by_street(roads, (name,), field, None, faults) for name, field in ((street, "street"), (cross, "cross"))
    )
    faults.raise_if_any()
    ends, others = (np.union1d(roads.tail[edges], roads.head[edges]) for edges in (one, other))
    nodes = np.intersect1d(ends, others)
    if not len(nodes):
        raise InputError(f"'{street}' does not meet '{cross}'", field="cross", remedy="Name two streets that cross.")
    kept: list[int] = []
    for node in nodes.tolist():
        if all(np.hypot(roads.x[node] - roads.x[k], roads.y[node] - roads.y[k]) > 80.0 for k in kept):
            kept.append(node)
    return [[round(float(roads.lon[node]), 5), round(float(roads.lat[node]), 5)] for node in kept]
