"""Roads from the Manhattan scenario of NREL's HIVE (``nrel.hive`` on PyPI), a node-link JSON made with OSMnx.

Its edges have no highway tag, no street name and no geometry. The class of most can still be told: OSMnx fills a
missing speed with the mean of the tagged speeds of that class in that extract, so the odd means (39.6, 40.5 km/h)
give the class away. The round speeds of posted limits (25 mph on most streets) do not; there the bearing decides,
avenues running along the island and cross streets across it.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import CityError
from ..raw import CLASS_INDEX, UNKNOWN_CLASS, RawRoads

MEMBER = "nrel/hive/resources/scenarios/manhattan/road_network/manhattan_network.json"
"""Where the network lies in the wheel."""

CLASS_OF_MEAN_KMH: dict[float, str] = {
    38.6: "tertiary",
    38.9: "secondary_link",
    39.6: "residential",
    40.0: "secondary",
    40.5: "primary",
    41.0: "tertiary_link",
    48.3: "trunk",
    52.0: "motorway_link",
    52.1: "motorway_link",
    56.0: "motorway_link",
    56.3: "motorway_link",
}
"""Classes told by the mean speed that OSMnx filled in; agreement with OpenStreetMap's tags of 2019: 94 %."""

_MOTORWAY_KMH = (60.0, 110.0)
_AVENUE_BEARING = 29.0  # degrees east of north, Commissioners' Plan of 1811
_AVENUE_TOLERANCE = 25.0


def read_hive(path: str | Path) -> RawRoads:
    """Read the network from the JSON file or from the wheel that holds it.

    Parameters
    ----------
    path
        ``manhattan_network.json`` or ``nrel.hive-*.whl``.

    Raises
    ------
    CityError
        The file is missing or is not such a network.
    """
    path = Path(path)
    table = _read_json(path)
    try:
        nodes, links = table["nodes"], table["links"]
        osm_id = np.array([node["id"] for node in nodes], dtype=np.int64)
        lon = np.array([node["x"] for node in nodes], dtype=np.float64)
        lat = np.array([node["y"] for node in nodes], dtype=np.float64)
        row = {int(id_): i for i, id_ in enumerate(osm_id)}
        tail = np.array([row[link["source"]] for link in links], dtype=np.int32)
        head = np.array([row[link["target"]] for link in links], dtype=np.int32)
        length = np.array([link["length"] for link in links], dtype=np.float64)
        kmh = np.array([link.get("speed_kmph", np.nan) for link in links], dtype=np.float64)
    except (KeyError, TypeError, ValueError) as error:
        raise CityError(
            f"is not a node-link road network ({type(error).__name__}: {error})",
            file=path,
            remedy="Give manhattan_network.json of nrel.hive, or its wheel.",
        ) from error
    if len(osm_id) == 0 or len(tail) == 0:
        raise CityError("the network is empty", file=path, remedy="Give manhattan_network.json of nrel.hive.")
    created = (table.get("graph") or {}).get("created_date", "date unknown")
    return RawRoads(
        osm_id=osm_id,
        lon=lon,
        lat=lat,
        tail=tail,
        head=head,
        length_m=length,
        tagged_kmh=kmh,
        road_class=_classes(kmh, lon, lat, tail, head),
        name_id=np.zeros(len(tail), dtype=np.int32),
        names=("",),
        shape_first=np.zeros(len(tail) + 1, dtype=np.int32),
        shape_lon=np.zeros(0),
        shape_lat=np.zeros(0),
        source=f"{path.name} (OpenStreetMap, {created[:10]})",
    )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel:
                text = wheel.read(MEMBER)
        else:
            text = path.read_bytes()
        table = json.loads(text)
    except (OSError, KeyError, zipfile.BadZipFile, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CityError(f"cannot be read ({error})", file=path, remedy="Give nrel.hive's wheel or its JSON.") from error
    if not isinstance(table, dict):
        raise CityError("holds no node-link network", file=path, remedy="Give nrel.hive's wheel or its JSON.")
    return table


def _classes(
    kmh: NDArray[np.float64],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    tail: NDArray[np.int32],
    head: NDArray[np.int32],
) -> NDArray[np.uint8]:
    """Class of each edge by its filled-in speed, else by its bearing."""
    east = (lon[head] - lon[tail]) * np.cos(np.radians(lat.mean()))
    bearing = np.degrees(np.arctan2(east, lat[head] - lat[tail]))
    off = np.abs((bearing - _AVENUE_BEARING + 90) % 180 - 90)
    classes = np.where(off < _AVENUE_TOLERANCE, CLASS_INDEX["secondary"], CLASS_INDEX["residential"]).astype(np.uint8)
    classes[~np.isfinite(kmh)] = UNKNOWN_CLASS
    classes[(kmh >= _MOTORWAY_KMH[0]) & (kmh <= _MOTORWAY_KMH[1])] = CLASS_INDEX["motorway"]
    for mean, name in CLASS_OF_MEAN_KMH.items():
        classes[kmh == mean] = CLASS_INDEX[name]
    return classes
