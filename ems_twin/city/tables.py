"""Read and write ``stations.csv`` and ``hospitals.csv``; every complaint names the file, the row and the field."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from ..errors import CityError
from .nearest import nearest_node, road_distance_m
from .places import SPECIALITIES, Hospital, Station
from .roads import RoadNetwork

OFF_THE_MAP_M = 500.0
"""A place farther than this from every road is refused: its coordinates are wrong or belong to another city."""

STATION_COLUMNS = ("id", "name", "lon", "lat", "units", "kind", "source")
HOSPITAL_COLUMNS = ("id", "name", "lon", "lat", "beds", "bays", "specialities", "source")

Place = TypeVar("Place", Station, Hospital)


def read_stations(path: Path, roads: RoadNetwork) -> tuple[Station, ...]:
    """Read stations and set each on its nearest node.

    Columns are ``id, name, lon, lat, units`` and, optionally, ``kind`` (``station`` or ``post``) and ``source``.

    Raises
    ------
    CityError
        The file is missing, a column is missing, a cell is not what it should be, an id occurs twice, or a station
        is off the map.
    """

    def station(row: _Row) -> Station:
        lon, lat = row.lonlat()
        kind = row.text("kind", "station")
        if kind not in ("station", "post"):
            raise row.error("kind", f"'{kind}' is neither 'station' nor 'post'", "Write station or post")
        return Station(
            id=row.required("id"),
            name=row.required("name"),
            lon=lon,
            lat=lat,
            node=row.node(roads, lon, lat),
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

    def hospital(row: _Row) -> Hospital:
        lon, lat = row.lonlat()
        bays = row.count("bays")
        if bays == 0:
            raise row.error("bays", "no treatment bay", "An emergency room that takes ambulances has at least one bay")
        return Hospital(
            id=row.required("id"),
            name=row.required("name"),
            lon=lon,
            lat=lat,
            node=row.node(roads, lon, lat),
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
            writer.writerow(
                [_cell(cell) for cell in cells]
            )


def _cell(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.7f}".rstrip("0").rstrip(".")
    return " ".join(value) if isinstance(value, tuple) else value


class _Row:
    """One data row, with readers that complain in full."""

    def __init__(self, path: Path, number: int, cells: dict[str, str]) -> None:
        self.path, self.number, self.cells = path, number, cells

    def error(self, field: str, problem: str, remedy: str) -> CityError:
        return CityError(problem, file=self.path, row=self.number, field=field, remedy=f"{remedy}.")

    def text(self, field: str, default: str = "") -> str:
        return (self.cells.get(field) or "").strip() or default

    def required(self, field: str) -> str:
        text = self.text(field)
        if not text:
            raise self.error(field, "the cell is empty", "Fill it in")
        return text

    def number_in(self, field: str, low: float, high: float) -> float:
        text = self.required(field)
        try:
            value = float(text)
        except ValueError:
            raise self.error(field, f"'{text}' is not a number", "Write a number with a decimal point") from None
        if not (math.isfinite(value) and low <= value <= high):
            raise self.error(field, f"{text} is not between {low:g} and {high:g}", "Correct the number")
        return value

    def words(self, field: str, known: Sequence[str]) -> tuple[str, ...]:
        words = tuple(self.text(field).replace(";", " ").split())
        for word in words:
            if word not in known:
                raise self.error(field, f"'{word}' is not known", f"Names are {', '.join(known)}")
        return words

    def count(self, field: str) -> int:
        value = self.number_in(field, 0, 100_000)
        if value != int(value):
            raise self.error(field, f"{value:g} is not a whole number", "Write a whole number")
        return int(value)

    def lonlat(self) -> tuple[float, float]:
        return self.number_in("lon", -180, 180), self.number_in("lat", -90, 90)

    def node(self, roads: RoadNetwork, lon: float, lat: float) -> int:
        node, distance = nearest_node(roads, lon, lat)
        if distance > OFF_THE_MAP_M:
            distance = road_distance_m(roads, lon, lat)
        if distance > OFF_THE_MAP_M:
            far = f"{distance:.0f} m" if distance < 10_000 else f"{distance / 1000:.0f} km"
            raise self.error(
                "lon",
                f"'{self.text('name')}' at {lon}, {lat} is {far} from the nearest road",
                "Check lon and lat (degrees east, degrees north; not swapped), or take the row out",
            )
        return node


def _read(path: Path, required: Sequence[str], make: Callable[[_Row], Place]) -> tuple[Place, ...]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            columns = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = columns
            rows = list(reader)
    except FileNotFoundError:
        raise CityError(
            "the file is missing", file=path, remedy=f"Add it with columns {', '.join(required)}."
        ) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CityError(f"cannot be read ({error})", file=path, remedy="Save it as CSV in UTF-8.") from error
    for column in required:
        if column not in columns:
            raise CityError(
                "the column is missing", file=path, field=column, remedy=f"The columns are {', '.join(required)}."
            )
    places: list[Place] = []
    seen: dict[str, int] = {}
    for number, cells in enumerate(rows, start=1):
        row = _Row(path, number, cells)
        place = make(row)
        if place.id in seen:
            raise row.error("id", f"'{place.id}' is already the id of row {seen[place.id]}", "Give each its own id")
        seen[place.id] = number
        places.append(place)
    if not places:
        raise CityError("the file has no rows", file=path, remedy="Add at least one row.")
    return tuple(places)
