"""Roads from a GraphML file as OSMnx writes it (``.graphml``, ``.graphml.gz``), read as a stream.

``osmnx.load_graphml`` takes eleven seconds and a gigabyte for 58,000 nodes; the arrays need neither.
"""

from __future__ import annotations

import gzip
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import CityError
from ..raw import NameTable, RawRoads
from ..tagvalues import class_index, limit_kmh

_NS = "{http://graphml.graphdrawing.org/xmlns}"
_LIST_ITEM = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_REMEDY = "Save the graph with osmnx.save_graphml, unprojected."


def read_graphml(path: str | Path) -> RawRoads:
    """Read a directed road graph; nodes carry ``x`` and ``y`` in degrees, edges ``length`` and OSMnx's tags.

    Raises
    ------
    CityError
        The file cannot be read, is projected, or lacks coordinates.
    """
    path = Path(path)
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            return _parse(stream, path)
    except (OSError, EOFError, ET.ParseError) as error:
        raise CityError(f"cannot be read ({error})", file=path, remedy=_REMEDY) from error


def _parse(stream: Any, path: Path) -> RawRoads:
    keys: dict[str, str] = {}
    graph: dict[str, str] = {}
    undirected = False
    place: dict[str, tuple[float, float]] = {}
    names = NameTable()
    ends: list[tuple[str, str]] = []
    facts: list[tuple[float, float, int, int]] = []  # length, limit, class, name
    shapes: list[NDArray[np.float64]] = []
    for event, item in ET.iterparse(stream, events=("start", "end")):
        kind = item.tag.removeprefix(_NS)
        if event == "start":
            if kind == "graph":
                undirected = item.get("edgedefault") == "undirected"
                holder = item
            continue
        if kind == "key":
            keys[item.get("id", "")] = item.get("attr.name", "")
        elif kind in ("node", "edge"):
            data = {keys.get(d.get("key", ""), ""): d.text or "" for d in item.iter(f"{_NS}data")}
            if kind == "node":
                place[item.get("id", "")] = _lonlat(data, item.get("id", ""), path)
            else:
                ends.append((item.get("source", ""), item.get("target", "")))
                facts.append(_edge_facts(data, names, len(ends), path))
                shapes.append(_inner_points(data.get("geometry", ""), len(ends), path))
            holder.clear()  # whatever was read is let go, so memory stays flat
        elif kind == "data" and event == "end" and keys.get(item.get("key", "")) in ("crs", "created_date"):
            graph[keys[item.get("key", "")]] = item.text or ""
    if "mtfcc" in keys.values():  # the feature code of the US Census, in no other source
        graph["attribution"] = "US Census Bureau, TIGER/Line"
    _check_crs(graph.get("crs", ""), path)
    if not ends or not place:
        raise CityError("the graph has no nodes or no edges", file=path, remedy=_REMEDY)
    notes: tuple[str, ...] = ()
    if undirected:
        ends += [(b, a) for a, b in ends]
        facts += facts
        shapes += [shape[::-1] for shape in shapes]
        notes = ("the graph is undirected; every street is taken as two-way",)
    return _to_raw(place, ends, facts, shapes, names, graph, path, notes)


def _to_raw(
    place: dict[str, tuple[float, float]],
    ends: list[tuple[str, str]],
    facts: list[tuple[float, float, int, int]],
    shapes: list[NDArray[np.float64]],
    names: NameTable,
    graph: dict[str, str],
    path: Path,
    notes: tuple[str, ...],
) -> RawRoads:
    row = {id_: i for i, id_ in enumerate(place)}
    try:
        rows = np.array([(row[a], row[b]) for a, b in ends], dtype=np.int32)
    except KeyError as error:
        raise CityError(f"an edge ends at node {error.args[0]}, which is missing", file=path, remedy=_REMEDY) from None
    numeric = all(re.fullmatch(r"-?\d{1,18}", id_) for id_ in place)
    spots = np.array(list(place.values()))
    table = np.array(facts)
    points = np.vstack([np.zeros((0, 2)), *shapes])
    date = graph.get("created_date", "")[:10]
    return RawRoads(
        osm_id=np.array([int(id_) for id_ in place] if numeric else range(len(place)), dtype=np.int64),
        lon=spots[:, 0].copy(),
        lat=spots[:, 1].copy(),
        tail=rows[:, 0].copy(),
        head=rows[:, 1].copy(),
        length_m=table[:, 0].copy(),
        tagged_kmh=table[:, 1].copy(),
        road_class=table[:, 2].astype(np.uint8),
        name_id=table[:, 3].astype(np.int32),
        names=names.names,
        shape_first=np.concatenate(([0], np.cumsum([len(shape) for shape in shapes]))).astype(np.int32),
        shape_lon=points[:, 0].copy(),
        shape_lat=points[:, 1].copy(),
        source=f"{path.name}{f' (created {date})' if date else ''}",
        attribution=graph.get("attribution", RawRoads.attribution),
        notes=notes,
    )


def _lonlat(data: dict[str, str], id_: str, path: Path) -> tuple[float, float]:
    try:
        lon, lat = float(data["x"]), float(data["y"])
    except (KeyError, ValueError):
        raise CityError(f"node {id_} has no coordinates x and y", file=path, remedy=_REMEDY) from None
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise CityError(f"node {id_} lies at {lon}, {lat}: not degrees", file=path, remedy=_REMEDY)
    return lon, lat


def _edge_facts(data: dict[str, str], names: NameTable, number: int, path: Path) -> tuple[float, float, int, int]:
    try:
        length = float(data["length"]) if data.get("length") else float("nan")
    except ValueError:
        raise CityError(
            f"'{data['length']}' is no length", file=path, row=number, field="length", remedy=_REMEDY
        ) from None
    name = data.get("name") or data.get("ref") or ""
    if name.startswith("[") and (found := _LIST_ITEM.search(name)):
        name = found.group(1) or found.group(2)
    return length, limit_kmh(data.get("maxspeed")), class_index(data.get("highway")), names.id_of(name)


def _inner_points(wkt: str, number: int, path: Path) -> NDArray[np.float64]:
    if not wkt:
        return np.zeros((0, 2))
    inside = wkt[wkt.find("(") + 1 : wkt.rfind(")")]
    try:
        points = np.array([pair.split()[:2] for pair in inside.split(",")], dtype=np.float64)
    except ValueError:
        points = np.zeros((0, 0))
    if not wkt.startswith("LINESTRING") or points.ndim != 2 or points.shape[1] != 2 or len(points) < 2:
        raise CityError("is no LINESTRING", file=path, row=number, field="geometry", remedy=_REMEDY)
    return points[1:-1]


def _check_crs(crs: str, path: Path) -> None:
    if crs and "4326" not in crs and "WGS 84" not in crs and "CRS84" not in crs:
        raise CityError(f"the graph is projected ({crs})", file=path, field="crs", remedy=_REMEDY)
