"""Read a file of closures: TOML, JSON or GeoJSON, and the GPX and GeoJSON files of courses that it names."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import parse as parse_xml

from ...errors import InputError
from ...faults import Faults, ModelError
from ..validation import validated
from .spec import ClosurePlan

ENDINGS = (".toml", ".json", ".geojson")
"""Endings of files that :func:`read_closures` reads."""


class ClosuresError(ModelError):
    """Closures that cannot be put into force as they stand: all their faults."""

    subject = "the file of closures"


def read_closures(file: Path) -> ClosurePlan:
    """Read a file of closures; courses that it keeps in other files are read in.

    A GeoJSON file holds a FeatureCollection. Its lines and areas are closures, with the other fields as properties; a
    point is a crossing, and ``crosses`` names the closure whose course it crosses (one that there is need not be
    named).

    Raises
    ------
    ClosuresError
        If the file or a course cannot be read, or fields are missing, unknown or unfit: all of them, by path.
    """
    given = _read(file)
    if isinstance(given, dict) and given.get("type") == "FeatureCollection":
        given = _from_geojson(given, file)
    return plan_from(given, file=file)


def plan_from(given: Any, *, file: Path | None = None) -> ClosurePlan:
    """Closures from plain values, as TOML or JSON hold them; files of courses are looked for beside ``file``.

    Raises
    ------
    ClosuresError
        As of :func:`read_closures`.
    """
    faults = Faults(ClosuresError)
    plan = validated(ClosurePlan, given, faults, file=file)
    closures = []
    seen: set[str] = set()
    for i, closure in enumerate(plan.closures):
        if closure.id in seen:
            faults.add(f"there are two closures '{closure.id}'", file=file, field=f"closures[{i}].id",
                       remedy="Give each an id of its own.")  # fmt: skip
        seen.add(closure.id)
        if isinstance(closure.line, str):
            name = Path(closure.line) if file is None else file.parent / closure.line
            line = faults.attempt(lambda name=name: read_course(name))  # type: ignore[misc] # mypy: lambda default
            if line is not None:
                closure = closure.model_copy(update={"line": line})
        closures.append(closure)
    faults.raise_if_any()
    return plan.model_copy(update={"closures": tuple(closures)})


def read_course(file: Path) -> tuple[tuple[float, float], ...]:
    """Longitude and latitude of the points of a course: a GPX track or route, or the first line of a GeoJSON file.

    Raises
    ------
    InputError
        If the file cannot be read or holds no line.
    """
    try:
        points = _gpx_points(file) if file.suffix.lower() == ".gpx" else _geojson_points(_read(file))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "has no line whose points are pairs of numbers", file=file, remedy="Give a GPX track or a GeoJSON line."
        ) from error
    if len(points) < 2:
        raise InputError("holds no line of two points or more", file=file, remedy="Give a GPX track or a GeoJSON line.")
    bad = next((i for i, (lon, lat) in enumerate(points) if not (abs(lon) <= 180 and abs(lat) <= 90)), None)
    if bad is not None:
        raise InputError(
            f"{points[bad]} is no longitude and latitude", file=file, row=bad + 1, remedy="Longitude comes first."
        )
    return tuple(points)


def _read(file: Path) -> Any:
    if file.suffix.lower() not in ENDINGS:
        raise ClosuresError(
            [InputError(f"'{file.suffix}' is no ending of a file of closures", file=file,
                        remedy=f"Use {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}.")]
        )  # fmt: skip
    try:
        text = file.read_text("utf-8")
        return tomllib.loads(text) if file.suffix.lower() == ".toml" else json.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ClosuresError([InputError("cannot be read", file=file, remedy="Check the file's name.")]) from error
    except (tomllib.TOMLDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ClosuresError(
            [InputError(f"is not {file.suffix[1:]} ({error})", file=file, remedy="Correct it there.")]
        ) from error


def _from_geojson(collection: dict[str, Any], file: Path) -> dict[str, Any]:
    """The fields of a file of closures from a FeatureCollection."""
    faults = Faults(ClosuresError)
    closures: list[dict[str, Any]] = []
    points: list[tuple[int, dict[str, Any], str | None]] = []
    for i, feature in enumerate(collection.get("features") or []):
        geometry = feature.get("geometry") or {}
        fields = {key: value for key, value in (feature.get("properties") or {}).items() if value is not None}
        shape, coordinates = geometry.get("type"), geometry.get("coordinates") or [[None, None]]
        if shape == "Point":
            of = fields.pop("crosses", None)
            points.append((i, {"lon": coordinates[0], "lat": coordinates[1], **fields}, of))
        elif shape in ("LineString", "MultiLineString"):
            closures.append({"id": f"closure-{i + 1}", "line": _geojson_points(geometry)} | fields)
        elif shape == "Polygon":
            closures.append({"id": f"closure-{i + 1}", "area": [tuple(p[:2]) for p in coordinates[0]]} | fields)
        else:
            faults.add(f"has the geometry {shape}", file=file, field=f"features[{i}]",
                       remedy="Use a LineString, a Polygon, or a Point for a crossing.")  # fmt: skip
    lines = {closure["id"]: closure for closure in closures if "line" in closure}
    for i, crossing, of in points:
        target = lines.get(of) if of is not None else next(iter(lines.values())) if len(lines) == 1 else None
        if target is None:
            faults.add("crosses no course that there is" if of is None else f"there is no course '{of}'", file=file,
                       field=f"features[{i}].properties.crosses", remedy="Name the id of a line.")  # fmt: skip
        else:
            target.setdefault("crossings", []).append(crossing)
    faults.raise_if_any()
    known: dict[str, Any] = {key: collection[key] for key in ("name", "on_foot_mps") if key in collection}
    return {**known, "closures": closures}


def _geojson_points(content: Any) -> list[tuple[float, float]]:
    """Points of the first line in a GeoJSON object; the parts of a MultiLineString one after the other."""
    if not isinstance(content, dict):
        return []
    if content.get("type") == "FeatureCollection":
        found = (_geojson_points(feature) for feature in content.get("features") or [])
        return next((points for points in found if points), [])
    if content.get("type") == "Feature":
        return _geojson_points(content.get("geometry"))
    coordinates = content.get("coordinates") or []
    if content.get("type") == "MultiLineString":
        coordinates = [point for part in coordinates for point in part]
    elif content.get("type") != "LineString":
        return []
    return [(float(point[0]), float(point[1])) for point in coordinates]


def _gpx_points(file: Path) -> list[tuple[float, float]]:
    try:
        root = parse_xml(file, forbid_dtd=True).getroot()
    except OSError as error:
        raise InputError("cannot be read", file=file, remedy="Check the file's name.") from error
    except DefusedXmlException as error:
        raise InputError(
            "has a document type or entities, which no GPX needs", file=file, remedy="Export the course as GPX again."
        ) from error
    except (ParseError, LookupError, ValueError) as error:
        raise InputError(f"is not GPX ({error})", file=file, remedy="Export the course as GPX again.") from error
    for kind in ("trkpt", "rtept"):
        try:
            points = [
                (float(point.attrib["lon"]), float(point.attrib["lat"]))
                for point in ([] if root is None else root.iter())
                if point.tag.rsplit("}", 1)[-1] == kind
            ]
        except (KeyError, ValueError) as error:
            raise InputError(
                f"has a point without lon and lat ({error})", file=file, remedy="Mend the file."
            ) from error
        if points:
            return points
    return []
