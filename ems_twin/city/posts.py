"""Street posts that a city could have: places for units where no station is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .city import City
from .hexagons import central_nodes, hex_grid
from .places import Station

POST_SOURCE = "proposed: central junction of a hexagon"
"""Source of a post that is only offered."""


def most_posts(city: City, weight: NDArray[np.float64] | None = None) -> int:
    """How many posts :func:`with_posts` can place at most."""
    return len(_free_places(city, weight)[0])


def with_posts(city: City, posts: int, weight: NDArray[np.float64] | None = None) -> City:
    """The city with some street posts, without units, after its stations.

    Candidates are the central nodes of the city's hexagons. Each post is the one farthest, in a straight line, from all
    stations and the posts before it (farthest-first traversal, Gonzalez 1985), the distance counting as often as there
    is demand: the first ones fill the largest holes.

    Parameters
    ----------
    city
        The city.
    posts
        How many posts, 0 or more.
    weight
        Demand of each node, length n, >= 0; by default every hexagon has as much.

    Raises
    ------
    InputError
        There are not so many candidates, or a negative number is asked for.
    """
    if posts < 0:
        raise InputError(f"{posts} posts", field="posts", remedy="Give a number of 0 or more.")
    if posts == 0:
        return city
    roads = city.roads
    nodes, demand = _free_places(city, weight)
    if posts > len(nodes):
        raise InputError(
            f"there are {len(nodes)} places for posts, not {posts}", field="posts", remedy=f"Give at most {len(nodes)}."
        )
    x, y = roads.x[nodes], roads.y[nodes]
    away = np.full(len(nodes), np.hypot(np.ptp(roads.x), np.ptp(roads.y)))
    for station in city.stations:
        away = np.minimum(away, np.hypot(x - roads.x[station.node], y - roads.y[station.node]))
    ids = {station.id for station in city.stations}
    made: list[Station] = []
    for number in range(1, posts + 1):
        farthest = int(np.argmax(away * demand))
        node = int(nodes[farthest])
        name = f"post-{number}"
        while name in ids:
            name += "x"
        made.append(
            Station(
                id=name,
                name=f"Post {number}",
                lon=float(roads.lon[node]),
                lat=float(roads.lat[node]),
                node=node,
                kind="post",
                source=POST_SOURCE,
            )
        )
        away = np.minimum(away, np.hypot(x - x[farthest], y - y[farthest]))
    return replace(city, stations=(*city.stations, *made))


def _free_places(city: City, weight: NDArray[np.float64] | None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Central nodes of the hexagons with demand that hold no station, and that demand."""
    grid = hex_grid(city.roads)
    nodes = central_nodes(city.roads, grid, weight)
    demand = np.ones(len(nodes)) if weight is None else np.bincount(grid.cell_of_node, weight, len(nodes))
    free = ~np.isin(nodes, [station.node for station in city.stations]) & (demand > 0)
    return nodes[free], demand[free].astype(np.float64)
