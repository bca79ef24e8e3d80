"""Facts about named streets laid over a source that lacks them: name, class, and whether both ways are open.

A table of streets (``streets.csv`` beside a recipe) has the columns ``name, class, two_way, nodes``; ``nodes`` are
two or more of the source's node ids, and the street runs along the shortest way between one and the next, one-way
signs not regarded. Where ``two_way`` is 1, an edge that the source has in one direction only is added in the other.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import CityError
from .raw import CLASS_INDEX, NameTable, RawRoads


def lay_streets(raw: RawRoads, path: str | Path) -> RawRoads:
    """Apply a table of streets to raw roads.

    Returns
    -------
    RawRoads
        With names and classes set on the edges of each street, the missing directions added at the end, and a note.

    Raises
    ------
    CityError
        The table is missing or malformed, or names a node that the roads do not have.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    path = Path(path)
    row_of = {int(id_): row for row, id_ in enumerate(raw.osm_id)}
    n = len(raw.lon)
    edges_of: dict[tuple[int, int], list[int]] = {}
    for e, (a, b) in enumerate(zip(raw.tail.tolist(), raw.head.tolist(), strict=True)):
        edges_of.setdefault((a, b), []).append(e)
    shortest: dict[tuple[int, int], float] = {}
    for (a, b), edges in edges_of.items():
        if a != b:
            key = (min(a, b), max(a, b))
            shortest[key] = min(shortest.get(key, np.inf), *(float(raw.length_m[e]) for e in edges))
    ends = np.array(list(shortest))
    graph = csr_array((np.array(list(shortest.values())), (ends[:, 0], ends[:, 1])), shape=(n, n))

    names = NameTable()
    for name in raw.names:
        names.id_of(name)
    name_id, road_class = raw.name_id.copy(), raw.road_class.copy()
    both_ways: set[tuple[int, int]] = set()
    for number, (name, class_name, two_way, ids) in enumerate(_read(path), start=1):
        try:
            stops = [row_of[id_] for id_ in ids]
        except KeyError as error:
            raise CityError(
                f"the roads have no node {error.args[0]}",
                file=path,
                row=number,
                field="nodes",
                remedy="Use node ids of the same source and version.",
            ) from None
        for start, stop in pairwise(stops):
            far, before = dijkstra(graph, directed=False, indices=start, return_predecessors=True)
            if not np.isfinite(far[stop]):
                raise CityError(f"no road joins the nodes of '{name}'", file=path, row=number, field="nodes")
            b = stop
            while b != start:
                a = int(before[b])
                for e in edges_of.get((a, b), []) + edges_of.get((b, a), []):
                    name_id[e], road_class[e] = names.id_of(name), CLASS_INDEX[class_name]
                if two_way:
                    both_ways.add((min(a, b), max(a, b)))
                b = a
    reverse = [
        edges_of[pair][0]
        for a, b in sorted(both_ways)
        for pair, other in (((a, b), (b, a)), ((b, a), (a, b)))
        if pair in edges_of and other not in edges_of
    ]
    km = raw.length_m[reverse].sum() / 1000
    note = f"{len(reverse)} of the edges ({km:.0f} km) were added: directions of two-way streets that the source lacks"
    named = replace(raw, name_id=name_id, road_class=road_class, names=names.names)
    return replace(_with_reversed(named, np.array(reverse, dtype=np.int64)), notes=(*raw.notes, note))


def _with_reversed(raw: RawRoads, edges: NDArray[np.int64]) -> RawRoads:
    """Append some edges once more, the other way round."""
    inner = np.diff(raw.shape_first)[edges]
    take = np.concatenate(
        [np.zeros(0, np.int64), *(np.arange(raw.shape_first[e + 1] - 1, raw.shape_first[e] - 1, -1) for e in edges)]
    )
    return replace(
        raw,
        tail=np.concatenate((raw.tail, raw.head[edges])),
        head=np.concatenate((raw.head, raw.tail[edges])),
        length_m=np.concatenate((raw.length_m, raw.length_m[edges])),
        tagged_kmh=np.concatenate((raw.tagged_kmh, raw.tagged_kmh[edges])),
        road_class=np.concatenate((raw.road_class, raw.road_class[edges])),
        name_id=np.concatenate((raw.name_id, raw.name_id[edges])),
        shape_first=np.concatenate((raw.shape_first, raw.shape_first[-1] + np.cumsum(inner))).astype(np.int32),
        shape_lon=np.concatenate((raw.shape_lon, raw.shape_lon[take])),
        shape_lat=np.concatenate((raw.shape_lat, raw.shape_lat[take])),
    )


def _read(path: Path) -> list[tuple[str, str, bool, list[int]]]:
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
    except OSError as error:
        raise CityError(f"cannot be read ({error.strerror})", file=path, remedy="Restore it.") from error
    streets = []
    for number, row in enumerate(rows, start=1):
        try:
            ids = [int(id_) for id_ in row["nodes"].split()]
            street = (row["name"], row["class"], bool(int(row["two_way"])), ids)
        except (KeyError, ValueError, AttributeError, TypeError) as error:
            raise CityError(
                f"cannot be read ({error})", file=path, row=number, remedy="Columns are name, class, two_way, nodes."
            ) from error
        if street[1] not in CLASS_INDEX or len(ids) < 2:
            raise CityError(
                f"'{street[1]}' is no road class, or there are fewer than two nodes",
                file=path,
                row=number,
                remedy="Use a class of ems_twin.city.ROAD_CLASSES and two or more node ids.",
            )
        streets.append(street)
    return streets
