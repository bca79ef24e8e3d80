"""Edges by row number, by street name and by area."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...faults import Faults
from ..projection import project
from ..roads import RoadNetwork
from ..shapes import edge_lines

Edges = NDArray[np.int64]
"""Row numbers of edges."""


def edges_by_row(roads: RoadNetwork, rows: Sequence[int], path: str, file: Path | None, faults: Faults) -> Edges:
    """Edges by row number, those that exist."""
    edges = np.array(rows, dtype=np.int64)
    gone = edges[edges >= roads.n_edges]
    if len(gone):
        faults.add(f"edge {gone[0]} does not exist ({len(gone)} like this); edges are 0 to {roads.n_edges - 1}",
                   file=file, field=path, remedy="Number them as 'ems-twin city export' does.")  # fmt: skip
    return edges[edges < roads.n_edges]


def edges_by_street(roads: RoadNetwork, names: Sequence[str], path: str, file: Path | None, faults: Faults) -> Edges:
    """Edges of some streets by name, whatever their capitals."""
    by_name = {name.casefold(): i for i, name in enumerate(roads.names) if name}
    ids = []
    for j, name in enumerate(names):
        found = by_name.get(name.casefold())
        if found is None:
            near = difflib.get_close_matches(name.casefold(), by_name, n=3, cutoff=0.6)
            hint = " or ".join(f"'{roads.names[by_name[other]]}'" for other in near)
            faults.add(f"there is no street '{name}'", file=file, field=f"{path}[{j}]",
                       remedy=f"Did you mean {hint}?" if near
                       else "See the names with 'ems-twin city export', or draw an area or a line.")  # fmt: skip
        else:
            ids.append(found)
    return np.flatnonzero(np.isin(roads.name_id, ids)).astype(np.int64)


def edges_in_area(roads: RoadNetwork, corners: NDArray[np.float64]) -> Edges:
    """Edges that run through an area for more than a metre."""
    import shapely

    area = shapely.make_valid(shapely.Polygon(np.column_stack(project(roads, corners[:, 0], corners[:, 1]))))
    low_x, low_y, high_x, high_y = area.bounds
    reach = roads.length_m
    x, y = roads.x[roads.tail], roads.y[roads.tail]
    near = np.flatnonzero((x >= low_x - reach) & (x <= high_x + reach) & (y >= low_y - reach) & (y <= high_y + reach))
    inside = shapely.length(shapely.intersection(edge_lines(roads, near), area)) > 1.0
    return near[inside].astype(np.int64)
