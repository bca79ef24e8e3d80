"""Where streets end at the barrier of a course, and where ambulances are let across."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...faults import Faults
from ..nearest import nearest_node
from ..projection import project
from ..roads import RoadNetwork
from .course import Course
from .lookup import Edges, edges_by_street
from .spec import Closure, Crossing


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedCrossing:
    """A crossing and the junction that it stands for."""

    name: str
    """Its name, else its number."""
    node: int
    """The junction, or the end of the street where it crosses away from junctions."""
    edges: Edges
    """Edges on which a unit is held up: those that enter the junction from beside the course."""
    delay_s: float
    """Seconds that it is held up."""


def find_barrier(
    closure: Closure,
    roads: RoadNetwork,
    course: Course,
    spared: Edges,
    path: str,
    file: Path | None,
    faults: Faults,
    notes: list[str],
) -> tuple[Edges, NDArray[np.int64], tuple[PlacedCrossing, ...]]:
    """Edges cut where they meet the course, its junctions, and the crossings, whose edges are not cut."""
    enters, leaves = np.isin(roads.head, course.nodes), np.isin(roads.tail, course.nodes)
    meets = np.setdiff1d(np.flatnonzero(enters | leaves), np.concatenate((course.on, spared)))
    over = np.setdiff1d(course.crossed, np.concatenate((spared, meets)))
    crossings: list[PlacedCrossing] = []
    for j, crossing in enumerate(closure.crossings):
        where = f"{path}.crossings[{j}]"
        if crossing.street is not None:
            street = edges_by_street(roads, (crossing.street,), f"{where}.street", file, faults)
            there = np.intersect1d(street, meets)
            at = np.intersect1d(course.nodes, np.concatenate((roads.tail[there], roads.head[there])))
            if len(street) and not len(at):
                faults.add(f"'{crossing.street}' does not meet the course at a junction", file=file,
                           field=f"{where}.street", remedy="Give the point where they cross.")  # fmt: skip
            crossings += [
                PlacedCrossing(
                    name=crossing.name or f"{crossing.street}", node=int(node),
                    edges=meets[roads.head[meets] == node], delay_s=crossing.delay_s,
                )
                for node in at
            ]  # fmt: skip
            continue
        name = crossing.name or f"crossing {j + 1}"
        placed, miss_m = _at_point(crossing, name, roads, course, meets, over)
        if placed is None:
            faults.add(f"'{name}' is {miss_m:,.0f} m from the nearest junction of the course", file=file, field=where,
                       remedy="Set it on a junction of the course, or give it a larger radius_m.")  # fmt: skip
        else:
            crossings.append(placed)
    open_nodes = np.array([crossing.node for crossing in crossings], dtype=np.int64)
    shut = np.setdiff1d(course.nodes, open_nodes)
    held = np.concatenate([np.zeros(0, np.int64), *(crossing.edges for crossing in crossings)])
    cut = meets[np.isin(roads.head[meets], shut) | np.isin(roads.tail[meets], shut)]
    over = np.setdiff1d(over, held)
    if len(over):
        streets = [
            ", ".join(map(str, over[roads.name_id[over] == 0])) if i == 0 else f"'{roads.names[i]}'"
            for i in np.unique(roads.name_id[over])
        ]
        notes.append(
            f"'{closure.id}': {len(over)} edges are cut that the course crosses away from junctions "
            f"({', '.join(streets)}); name those in keep_open that pass above or below it."
        )
    return np.union1d(cut, over), shut, tuple(crossings)


def _at_point(
    crossing: Crossing, name: str, roads: RoadNetwork, course: Course, meets: Edges, over: Edges
) -> tuple[PlacedCrossing | None, float]:
    """A crossing given by a point, None where the course is too far; and how far its nearest junction is, metres."""
    assert crossing.lon is not None  # the specification has seen to it
    assert crossing.lat is not None
    x, y = project(roads, crossing.lon, crossing.lat)
    away = np.hypot(roads.x[course.nodes] - x, roads.y[course.nodes] - y)
    miss_m = float(away.min(initial=np.inf))
    if miss_m <= crossing.radius_m:
        node = int(course.nodes[np.argmin(away)])
        edges = meets[roads.head[meets] == node]
    else:
        node, _ = nearest_node(roads, crossing.lon, crossing.lat)
        edges = _near_edges(roads, over, float(x), float(y), crossing.radius_m)
    placed = PlacedCrossing(name=name, node=node, edges=edges, delay_s=crossing.delay_s)
    return (placed if len(edges) or miss_m <= crossing.radius_m else None), miss_m


def _near_edges(roads: RoadNetwork, edges: Edges, x: float, y: float, radius_m: float) -> Edges:
    """Those of some edges that pass a point within a radius."""
    import shapely

    point = shapely.Point(x, y)
    near = [
        e
        for e in edges.tolist()
        if shapely.distance(shapely.linestrings(*project(roads, *roads.edge_lonlat(e).T)), point) <= radius_m
    ]
    return np.array(near, dtype=np.int64)
