"""Read map, nodes and arcs of a JEMSS model, and check that every node can be reached from every other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .jemss_columns import Columns
from .jemss_faults import Faults
from .jemss_grammar import short
from .jemss_model import Arcs, MapBox, Nodes
from .jemss_tables import need_table, read_tables


def read_map(path: Path) -> MapBox:
    """Read table ``map``."""
    faults = Faults()
    columns = Columns(need_table(read_tables(path), "map", path), faults)
    columns.one_row()
    names = ("xMin", "xMax", "yMin", "yMax")
    box = {name: columns.floats(name) for name in names}
    scales = [columns.floats(name, above=0) for name in ("xScale", "yScale")]
    for low, high in (names[:2], names[2:]):
        for row in np.flatnonzero(box[low] >= box[high]):
            columns.fault(f"{low} is not below {high}", int(row), low, "Exchange the two.")
    faults.raise_if_any()
    return MapBox(*(float(box[name][0]) for name in names), *(float(scale[0]) for scale in scales))


def check_inside(columns: Columns, x: NDArray[np.float64], y: NDArray[np.float64], box: MapBox | None) -> None:
    """Note the points of a table that are outside the map; without a map there is nothing to note."""
    if box is None:
        return
    for row in np.flatnonzero(np.isfinite(x) & np.isfinite(y) & ~box.inside(x, y)):
        columns.fault(
            f"the point {x[row]:.6f}, {y[row]:.6f} is outside the map",
            int(row),
            "y" if box.x_min <= x[row] <= box.x_max else "x",
            "Correct the point, or widen the box of the map file.",
        )


def read_nodes(path: Path, box: MapBox | None) -> Nodes:
    """Read table ``nodes``, whose points must be inside the map if that is known."""
    faults = Faults()
    columns = Columns(need_table(read_tables(path), "nodes", path), faults)
    columns.at_least(2)
    columns.index()
    x, y = columns.floats("x"), columns.floats("y")
    check_inside(columns, x, y, box)
    n = columns.table.n_rows
    access = columns.bools("offRoadAccess") if "offRoadAccess" in columns.table else np.ones(n, dtype=np.bool_)
    if n and not access.any():
        columns.fault("no node has off-road access", column="offRoadAccess", remedy="Give it to at least one node.")
    faults.raise_if_any()
    return Nodes(np.arange(1, n + 1, dtype=np.int32), x, y, access)


def read_arcs(path: Path, nodes: Nodes | None, box: MapBox | None) -> Arcs:
    """Read tables ``miscData`` and ``arcs``; a file without distances gets those of straight lines.

    Without nodes or map the file is still checked, but arcs without distances get 0.
    """
    faults = Faults()
    tables = read_tables(path)
    misc = Columns(need_table(tables, "miscData", path), faults)
    columns = Columns(need_table(tables, "arcs", path), faults)
    misc.one_row()
    forms = misc.texts("arcForm")
    for at, form in enumerate(forms):
        if form not in ("directed", "undirected"):
            misc.fault(f"'{short(form)}' is no form", at, "arcForm", "Write directed or undirected.")
    n_modes = misc.ints("numModes", low=1, high=1000)
    faults.raise_if_any()
    columns.at_least(1)
    columns.index()
    n = len(nodes.x) if nodes is not None else 2**31 - 1
    tail, head = (columns.ints(name, low=1, high=n) - 1 for name in ("fromNode", "toNode"))
    time_days = np.array([columns.floats(f"mode_{mode}", above=0) for mode in range(1, int(n_modes[0]) + 1)])
    known = (tail >= 0) & (head >= 0) & (tail < n) & (head < n)
    for loop in np.flatnonzero(known & (tail == head)):
        columns.fault(f"leads from node {tail[loop] + 1} to itself", int(loop), "toNode", "Remove the arc.")
    if "distance" in columns.table:
        distance_km = columns.floats("distance", at_least=0)
    elif nodes is None or box is None:
        distance_km = np.zeros(len(tail))
    else:
        a, b = np.where(known, tail, 0), np.where(known, head, 0)
        distance_km = box.distance_km(nodes.x[a], nodes.y[a], nodes.x[b], nodes.y[b])
    row = np.arange(len(tail))
    if forms[0] == "undirected":
        tail, head, row = np.append(tail, head), np.append(head, tail), np.append(row, row)
    _check_pairs(columns, tail, head, row, known)
    faults.raise_if_any()
    order = np.lexsort((head, tail))
    kept = row[order]
    return Arcs(
        tail[order].astype(np.int32), head[order].astype(np.int32), distance_km[kept], time_days[:, kept].copy()
    )


def _check_pairs(
    columns: Columns,
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    row: NDArray[np.int64],
    known: NDArray[np.bool_],
) -> None:
    """One arc at most from one node to another; ``row`` is the arc's row in the file."""
    arcs = np.flatnonzero(known[row] & (tail != head))
    arcs = arcs[np.argsort(row[arcs], kind="stable")]  # of two arcs the later row of the file is the second
    if not len(arcs):
        return
    _, first = np.unique(tail[arcs] * (int(head[arcs].max()) + 1) + head[arcs], return_index=True)
    again = np.delete(arcs, first)
    _, first = np.unique(row[again], return_index=True)  # an undirected arc is told of once
    for arc in again[first]:
        columns.fault(
            f"is a second arc between nodes {tail[arc] + 1} and {head[arc] + 1}",
            int(row[arc]),
            "toNode",
            "Keep one of them.",
        )


def strong_part(nodes: Nodes, arcs: Arcs) -> NDArray[np.bool_]:
    """Which nodes are in the largest part within which every node can be reached from every other."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(nodes.x)
    graph = coo_array((np.ones(len(arcs.tail), dtype=np.int8), (arcs.tail, arcs.head)), shape=(n, n))
    _, part = connected_components(graph, directed=True, connection="strong")
    return np.asarray(part == np.argmax(np.bincount(part)), dtype=np.bool_)


def without_nodes(nodes: Nodes, arcs: Arcs, kept: NDArray[np.bool_]) -> tuple[Nodes, Arcs]:
    """Network of some of the nodes and the arcs between them; ``Nodes.number`` still tells who is who."""
    row = np.cumsum(kept, dtype=np.int32) - 1
    stays = kept[arcs.tail] & kept[arcs.head]
    return (
        Nodes(nodes.number[kept], nodes.x[kept], nodes.y[kept], nodes.off_road_access[kept]),
        replace(
            arcs,
            tail=row[arcs.tail[stays]].astype(np.int32),
            head=row[arcs.head[stays]].astype(np.int32),
            distance_km=arcs.distance_km[stays],
            time_days=arcs.time_days[:, stays].copy(),
        ),
    )


def numbers_text(numbers: NDArray[np.int32]) -> str:
    """The first ten of some node numbers, and how many more there are."""
    shown = ", ".join(str(number) for number in numbers[:10])
    return shown if len(numbers) <= 10 else f"{shown} and {len(numbers) - 10} more"


class NearestNode:
    """Finds the nearest node with off-road access, exactly, in JEMSS's distance."""

    def __init__(self, box: MapBox, nodes: Nodes) -> None:
        from scipy.spatial import cKDTree

        self._box = box
        self._nodes = nodes
        self._rows = np.flatnonzero(nodes.off_road_access).astype(np.int32)
        self._tree = cKDTree(np.column_stack((nodes.x[self._rows] * box.x_scale, nodes.y[self._rows] * box.y_scale)))

    def __call__(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Node (int32) and distance in km of each point."""
        points = np.column_stack((x * self._box.x_scale, y * self._box.y_scale))
        _, found = self._tree.query(points)
        node = self._rows[np.asarray(found, dtype=np.int64)]
        return node, self._box.distance_km(x, y, self._nodes.x[node], self._nodes.y[node])
