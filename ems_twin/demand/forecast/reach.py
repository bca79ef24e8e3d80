"""Which share of each cell units reach in time from a city's stations: the ground of the operational error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...city.city import City
from ...city.nearest import nearest_nodes
from ...errors import InputError
from ...routing import SIRENS, Router
from ..model import Demand
from ..volume import street_length_m
from .cells import Cells

SHORTEST_DRIVE_S = 60.0
"""A drive that is always granted, however long a call takes until a unit is under way."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Reach:
    """Shares of c cells that a unit at the nearest station reaches in time."""

    covered: NDArray[np.float64]
    """Share of each cell's metres of street, length c, each in [0, 1]."""
    limit_s: float
    """Longest drive that is in time, lights and sirens, seconds."""
    stations: int
    """Stations that the drives begin at."""
    without_streets: int
    """Cells without a road node, which the node nearest to their middle stands for, or nothing: then nobody reaches them."""


def reach_from_stations(
    city: City,
    demand: Demand,
    cells: Cells,
    *,
    node_cell: NDArray[np.integer] | None = None,
    router: Router | None = None,
    limit_s: float | None = None,
) -> Reach:
    """Reach from every station of a city with quarters, a unit being at home in each of them.

    Parameters
    ----------
    city
        Its roads, stations and target; the target of the most urgent calls counts.
    demand
        Its median times of call taking and turnout are taken off the target.
    cells
        Where calls are counted.
    node_cell
        Row of each road node's cell, -1 for none, length n; by default where the cells say that the nodes lie, or for
        zones without areas those of ``demand`` with the same names.
    router
        Travel times; by default the city's.
    limit_s
        Longest drive that counts, seconds; by default the target less the time before the drive.

    Raises
    ------
    InputError
        The city has no station with quarters, or no cell has a road node.
    """
    posts = np.array([station.node for station in city.stations if station.kind == "station"], dtype=np.int64)
    if not len(posts):
        raise InputError("the city has no station", field="city", remedy="Name a city with stations.")
    if limit_s is None:
        before_s = demand.dispatch_delay[0].median_s + demand.turnout[0].median_s
        limit_s = max(city.target_s[0] - before_s, SHORTEST_DRIVE_S)
    in_time = (router or Router.for_city(city)).from_nearest_s(np.unique(posts), metric=SIRENS) <= limit_s
    cell = _cell_of_nodes(city, demand, cells) if node_cell is None else np.asarray(node_cell, np.int64)
    inside = cell >= 0
    if not inside.any():
        raise InputError(
            "no road of the city lies in a cell of the calls", field="city", remedy="Name the calls' city."
        )
    metres = np.maximum(street_length_m(city.roads), 1e-6)
    every = np.bincount(cell[inside], metres[inside], len(cells))
    reached = np.bincount(cell[inside], (metres * in_time)[inside], len(cells))
    covered = np.divide(reached, every, out=np.zeros(len(cells)), where=every > 0)
    bare = np.flatnonzero(every == 0)
    known = bare[np.isfinite(cells.lon[bare])]
    if len(known):
        covered[known] = in_time[nearest_nodes(city.roads, cells.lon[known], cells.lat[known])[0]]
    return Reach(covered=covered, limit_s=limit_s, stations=len(posts), without_streets=len(bare))


def _cell_of_nodes(city: City, demand: Demand, cells: Cells) -> NDArray[np.int64]:
    if cells.size_m or cells.resolution >= 0 or cells.polygons:
        return np.asarray(cells.locate(city.roads.lon, city.roads.lat), np.int64)
    of_zone = np.array([cells.row.get(name, -1) for name in demand.zone_names], dtype=np.int64)
    return np.asarray(of_zone[demand.node_zone], np.int64)
