"""What the codecs of roads share: geometry in bounds, and where in its life an event is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from ..decoded import Box
from ..intake import as_number
from ..vocabulary import MOST_POINTS, Phase

Line = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Geometry:
    """Lines of longitude and latitude, degrees."""

    lines: tuple[Line, ...]
    is_line: bool
    """Whether the points follow the road."""

    @classmethod
    def of_geojson(cls, told: Any) -> Self | None:
        """Geometry of GeoJSON; None if it has no points, too many, or one that is no place on earth."""
        if not isinstance(told, dict):
            return None
        kind, coordinates = str(told.get("type")).lower(), told.get("coordinates")
        if kind == "point":
            coordinates = [[coordinates]]
        elif kind in ("linestring", "multipoint"):
            coordinates = [coordinates]
        elif kind == "multipolygon":
            coordinates = [part[0] if isinstance(part, list) and part else None for part in _listed(coordinates)]
        elif kind == "polygon":
            coordinates = _listed(coordinates)[:1]
        elif kind != "multilinestring":
            return None
        return cls.of_lines(coordinates, is_line=kind in ("linestring", "multilinestring"))

    @classmethod
    def of_lines(cls, told: Any, *, is_line: bool) -> Self | None:
        """The same of lists of pairs of longitude and latitude."""
        lines, left = [], MOST_POINTS
        for line in _listed(told):
            points = []
            for pair in _listed(line):
                if not isinstance(pair, list | tuple) or len(pair) < 2 or not left:
                    return None
                lon, lat = as_number(pair[0]), as_number(pair[1])
                if lon is None or lat is None or abs(lon) > 180 or abs(lat) > 90:
                    return None
                points.append((lon, lat))
                left -= 1
            if points:
                lines.append(tuple(points))
        return cls(tuple(lines), is_line) if lines else None


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def touches(geometry: Geometry, area: Box | None) -> bool:
    """Whether the box around a geometry meets an area."""
    if area is None:
        return True
    lons = [lon for line in geometry.lines for lon, _ in line]
    lats = [lat for line in geometry.lines for _, lat in line]
    west, south, east, north = area
    return min(lons) <= east and max(lons) >= west and min(lats) <= north and max(lats) >= south


def phase_of(from_at: datetime | None, until_at: datetime | None, now: datetime) -> Phase:
    """Where an event is in its life by its times alone."""
    if until_at is not None and until_at <= now:
        return Phase.completed
    return Phase.planned if from_at is not None and from_at > now else Phase.active
