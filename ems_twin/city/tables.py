"""Read and write ``stations.csv`` and ``hospitals.csv``; every complaint names the file, the row and the field."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from ..errors import CityError
from ..faults import Faults, ModelError
from .nearest import nearest_node, road_distance_m
from .places import SPECIALITIES, Hospital, Station
from .roads import RoadNetwork
from .rows import Row, read_rows

OFF_THE_MAP_M = 500.0
"""A place farther than this from every road is refused: its coordinates are wrong or belong to another city."""

STATION_COLUMNS = ("id", "name", "lon", "lat", "units", "kind", "source")
HOSPITAL_COLUMNS = ("id", "name", "lon", "lat", "beds", "bays", "specialities", "source")

Place = TypeVar("Place", Station, Hospital)


class BundleError(ModelError, CityError):
    """Tables of a city are wrong: all their faults."""

    subject = "the city"


def read_stations(path: Path, roads: RoadNetwork) -> tuple[Station, ...]:
    """Read stations and set each on its nearest node.

    Columns are ``id, name, lon, lat, units`` and, optionally, ``kind`` (``station`` or ``post``) and ``source``.

    Raises
    ------
    BundleError
        The file is missing, a column is missing, a cell is not what it should be, an id occurs twice, or a station
        is off the map: all that is so.
    """

    def station(row: Row) -> Station:
        lon, lat, node = _place(row, roads)
        kind = row.text("kind", "station")
        if kind not in ("station", "post"):
            row.fault("kind", f"'{kind}' is neither 'station' nor 'post'", "Write station or post")
        return Station(
            id=row.unique("id"),
            name=row.required("name"),
            lon=lon,
            lat=lat,
            node=node,
            units=row.count("units"),
            kind=kind,
            source=row.text("source"),
        )

    return _read(path, STATION_COLUMNS[:5], station)


def read_hospitals(path: Path, roads: RoadNetwork) -> tuple[Hospital, ...]:
    """Read hospitals and set each on its nearest node.

    Columns are ``id, name, lon, lat, beds, bays`` and, optionally, ``specialities`` (separated by spaces) and ``source``.
    Errors as in :func:`read_stations`.
    """

    def hospital(row: Row) -> Hospital:
        lon, lat, node = _place(row, roads)
        bays = row.count("bays")
        if bays == 0:
            row.fault("bays", "no treatment bay", "An emergency room that takes ambulances has at least one bay")
        return Hospital(
            id=row.unique("id"),
            name=row.required("name"),
            lon=lon,
            lat=lat,
            node=node,
            beds=row.count("beds"),
            bays=bays,
            specialities=row.words("specialities", SPECIALITIES),
            source=row.text("source"),
        )

    return _read(path, HOSPITAL_COLUMNS[:6], hospital)


def write_places(path: Path, columns: Sequence[str], places: Iterable[Station | Hospital]) -> None:
    """Write places as CSV in the given columns; coordinates to a centimetre."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        for place in places:
            cells = (getattr(place, column) for column in columns)
            writer.writerow([_cell(cell) for cell in cells])


def _cell(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.7f}".rstrip("0").rstrip(".")
    return " ".join(value) if isinstance(value, tuple) else value


def _place(row: Row, roads: RoadNetwork) -> tuple[float, float, int]:
    """Longitude, latitude and nearest node of a row's place; the node is -1 where there is none."""
    lon, lat = row.number_in("lon", -180, 180), row.number_in("lat", -90, 90)
    if math.isnan(lon) or math.isnan(lat):
        return lon, lat, -1
    node, distance = nearest_node(roads, lon, lat)
    if distance > OFF_THE_MAP_M:
        distance = road_distance_m(roads, lon, lat)
    if distance > OFF_THE_MAP_M:
        far = f"{distance:.0f} m" if distance < 10_000 else f"{distance / 1000:.0f} km"
        row.fault(
            "lon",
            f"'{row.text('name')}' at {lon}, {lat} is {far} from the nearest road",
            "Check lon and lat (degrees east, degrees north; not swapped), or take the row out",
        )
    return lon, lat, node


def _read(path: Path, required: Sequence[str], make: Callable[[Row], Place]) -> tuple[Place, ...]:
    faults = Faults(BundleError)
    places = tuple(make(row) for row in read_rows(path, required, faults))
    faults.raise_if_any()
    return places
