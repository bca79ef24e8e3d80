"""Roads and places from an OpenStreetMap file (``.osm``, ``.osm.pbf``, also packed), read with pyosmium.

Ways are taken by the ambulance profile, split where they meet, and joined again where nothing branches. Hospitals are
``amenity=hospital``; stations are ``emergency=ambulance_station``; both as points, outlines or multipolygons.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import CityError
from ..profile import directions, drivable_class
from ..raw import CLASS_INDEX, Candidate, NameTable, RawRoads
from ..tagvalues import limit_kmh

_MISSING = "Install it with `pip install 'ems-twin[pbf]'`."


class _Reader:
    """Collects ways and places while the file streams by."""

    def __init__(self) -> None:
        self.ways: list[tuple[list[int], bool, bool, int, float, int]] = []  # nodes, forth, back, class, limit, name
        self.place: dict[int, tuple[float, float]] = {}
        self.uses: Counter[int] = Counter()
        self.names = NameTable()
        self.candidates: list[Candidate] = []
        self.cut = 0

    def take_way(self, way: Any, tags: dict[str, str], road_class: str) -> None:
        """Keep a drivable way; at the rim of an extract, the part of it whose points are there."""
        forth, back = directions(tags)
        limit, name = limit_kmh(tags.get("maxspeed")), self.names.id_of(tags.get("name") or tags.get("ref"))
        run: list[int] = []
        known = 0
        for node in [*way.nodes, None]:
            if node is not None and node.location.valid():
                if not run or run[-1] != node.ref:
                    run.append(node.ref)
                    self.place[node.ref] = (node.location.lon, node.location.lat)
                known += 1
                continue
            if len(run) > 1:
                self.ways.append((run, forth, back, CLASS_INDEX[road_class], limit, name))
                self.uses.update(run)
                self.uses.update((run[0], run[-1]))  # ends always count as junctions
            run = []
        self.cut += known < len(way.nodes)

    def take_place(self, kind: str, id_: str, tags: dict[str, str], lon: float, lat: float) -> None:
        """Keep a hospital or a station."""
        emergency = {"yes": True, "no": False}.get(tags.get("emergency", ""))
        digits = re.match(r"\d+", tags.get("beds") or tags.get("capacity:beds") or "")
        beds = int(digits.group()) if digits else 0
        self.candidates.append(
            Candidate(kind=kind, id=id_, name=tags.get("name", ""), lon=lon, lat=lat, beds=beds, emergency=emergency)
        )


def read_osm(path: str | Path) -> RawRoads:
    """Read the roads an ambulance may use, and the hospitals and ambulance stations.

    Parameters
    ----------
    path
        ``.osm``, ``.osm.pbf``, ``.osm.gz`` or ``.osm.bz2``.

    Raises
    ------
    CityError
        pyosmium is not installed, the file cannot be read, or it has no drivable road.
    """
    try:
        import osmium
    except ImportError:
        raise CityError("reading OpenStreetMap files needs pyosmium", file=path, remedy=_MISSING) from None
    reader = _Reader()
    nodes_and_ways = osmium.osm.NODE | osmium.osm.WAY
    try:
        outlines = _multipolygons(osmium, path)
        wanted = osmium.filter.KeyFilter("highway", "amenity", "emergency")
        stream = osmium.FileProcessor(str(path), nodes_and_ways).with_locations()
        for item in stream.with_filter(wanted):
            tags = dict(item.tags)
            road_class = drivable_class(tags) if item.is_way() else None
            if road_class is not None:
                reader.take_way(item, tags, road_class)
            elif kind := _place_kind(tags):
                centre = _centre([item] if item.is_node() else item.nodes)
                if centre is not None:
                    reader.take_place(kind, f"{'node' if item.is_node() else 'way'}/{item.id}", tags, *centre)
        if outlines:
            only = osmium.filter.IdFilter(outlines).enable_for(osmium.osm.WAY)
            stream = osmium.FileProcessor(str(path), nodes_and_ways).with_locations()
            for item in stream.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY)).with_filter(only):
                kind, id_, tags = outlines.pop(item.id)
                centre = _centre(item.nodes)
                if centre is not None:
                    reader.take_place(kind, id_, tags, *centre)
    except RuntimeError as error:  # pyosmium's only exception for files
        raise CityError(f"cannot be read ({error})", file=path, remedy="Download the extract again.") from error
    if not reader.ways:
        raise CityError(
            "no road that an ambulance may use", file=path, remedy="Use an extract that has highway=* ways."
        )
    return _to_raw(reader, Path(path).name)


def _multipolygons(osmium: Any, path: str | Path) -> dict[int, tuple[str, str, dict[str, str]]]:
    """Kind, id and tags of places mapped as relations, by the id of their first outer way."""
    outlines: dict[int, tuple[str, str, dict[str, str]]] = {}
    stream = osmium.FileProcessor(str(path), osmium.osm.RELATION)
    for relation in stream.with_filter(osmium.filter.KeyFilter("amenity", "emergency")):
        tags = dict(relation.tags)
        kind = _place_kind(tags)
        outer = [member.ref for member in relation.members if member.type == "w" and member.role in ("outer", "")]
        if kind and outer:
            outlines.setdefault(outer[0], (kind, f"relation/{relation.id}", tags))
    return outlines


def _place_kind(tags: dict[str, str]) -> str | None:
    if tags.get("amenity") == "hospital":
        return "hospital"
    return "station" if tags.get("emergency") == "ambulance_station" else None


def _centre(nodes: Iterable[Any]) -> tuple[float, float] | None:
    """Middle of the bounding box of some points; None when none of them is in the extract."""
    points = [(n.location.lon, n.location.lat) for n in nodes if n.location.valid()]
    if not points:
        return None
    lon, lat = zip(*points, strict=True)
    return (min(lon) + max(lon)) / 2, (min(lat) + max(lat)) / 2


def _to_raw(reader: _Reader, name: str) -> RawRoads:
    """Split the ways at junctions and lay the pieces out as directed edges."""
    edges: list[tuple[int, int, int, float, int]] = []
    shapes: list[list[int]] = []
    for nodes, forth, back, road_class, limit, name_id in reader.ways:
        start = 0
        for i in range(1, len(nodes)):
            if reader.uses[nodes[i]] < 2:
                continue
            piece = nodes[start : i + 1]
            start = i
            if forth:
                edges.append((piece[0], piece[-1], road_class, limit, name_id))
                shapes.append(piece[1:-1])
            if back:
                edges.append((piece[-1], piece[0], road_class, limit, name_id))
                shapes.append(piece[-2:0:-1])
    ids = np.unique(np.array([end for a, b, *_ in edges for end in (a, b)], dtype=np.int64))
    counts = np.array([len(shape) for shape in shapes])
    points = np.array([reader.place[id_] for shape in shapes for id_ in shape]).reshape(-1, 2)
    spots = np.array([reader.place[id_] for id_ in ids.tolist()])
    return RawRoads(
        osm_id=ids,
        lon=spots[:, 0].copy(),
        lat=spots[:, 1].copy(),
        tail=np.searchsorted(ids, np.array([e[0] for e in edges], dtype=np.int64)).astype(np.int32),
        head=np.searchsorted(ids, np.array([e[1] for e in edges], dtype=np.int64)).astype(np.int32),
        length_m=np.full(len(edges), np.nan),
        tagged_kmh=np.array([e[3] for e in edges]),
        road_class=np.array([e[2] for e in edges], dtype=np.uint8),
        name_id=np.array([e[4] for e in edges], dtype=np.int32),
        names=reader.names.names,
        shape_first=np.concatenate(([0], np.cumsum(counts))).astype(np.int32),
        shape_lon=points[:, 0].copy(),
        shape_lat=points[:, 1].copy(),
        source=f"{name} (OpenStreetMap)",
        candidates=tuple(reader.candidates),
        notes=(f"{reader.cut} ways run over the rim of the extract and were cut there",) if reader.cut else (),
    )
