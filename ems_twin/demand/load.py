"""Load a city's demand from the ``demand`` folder of its bundle.

The folder holds ``demand.toml`` (priorities, times, what the figures are), ``hour_of_week.csv`` (volume),
``zones.csv`` (where calls fall) and ``node_zone.npz`` (which zone each road node lies in). It may hold
``emergency_rooms.toml`` (stays in treatment bays, walk-ins), for which assumed figures stand in.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..city.city import City
from ..errors import CityError
from .build import build
from .default import defaults_for
from .model import Demand
from .room_settings import DEFAULT_FILE, read_emergency_rooms
from .settings import read_settings
from .tables import read_hour_of_week, read_zones
from .volume import rescaled
from .zoning import read_node_zone


def load_demand(city: City) -> Demand:
    """Read the demand of a city; one without a demand folder gets :func:`~ems_twin.demand.defaults_for`.

    Raises
    ------
    CityError
        A file of the folder is missing or malformed, or was made for other roads.
    """
    folder = None if city.directory is None else city.directory / "demand"
    if folder is None or not folder.exists():
        return defaults_for(city)
    if not folder.is_dir():
        raise CityError("is not a folder", file=folder, remedy="Remove it or put the demand files into a folder.")
    settings = read_settings(folder / "demand.toml")
    hour_of_week = read_hour_of_week(folder / "hour_of_week.csv")
    zones, weight = read_zones(folder / "zones.csv")
    node_zone = read_node_zone(folder / "node_zone.npz", city.roads, zones)
    _check_zones_have_nodes(folder, zones, weight, node_zone)
    rooms = folder / "emergency_rooms.toml"
    return build(
        settings,
        hour_of_week=rescaled(hour_of_week, settings.volume, city, folder / "demand.toml"),
        zones=zones,
        zone_weight=weight,
        node_zone=node_zone,
        node_weight=np.ones(city.roads.n_nodes),
        emergency_rooms=read_emergency_rooms(rooms if rooms.exists() else DEFAULT_FILE),
    )


def _check_zones_have_nodes(
    folder: Path, zones: tuple[str, ...], weight: NDArray[np.float64], node_zone: NDArray[np.int32]
) -> None:
    has_node = np.bincount(node_zone, minlength=len(zones)) > 0
    for row in np.flatnonzero((weight > 0) & ~has_node):
        raise CityError(
            f"zone '{zones[row]}' has a weight but no road node lies in it",
            file=folder / "zones.csv",
            row=int(row) + 1,
            field="zone",
            remedy="Add its weight to the zone beside it and give it 0.",
        )
