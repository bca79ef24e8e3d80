"""Street posts that a city could have."""

import numpy as np
import pytest

from ems_twin.city.hexagons import central_nodes, hex_grid
from ems_twin.city.posts import with_posts
from ems_twin.city.sample import grid_city
from ems_twin.errors import InputError

CITY = grid_city(24, 24, stations=((0, 0), (23, 0)))


def away(city, nodes):
    x, y = city.roads.x, city.roads.y
    return np.hypot(x[:, None] - x[nodes], y[:, None] - y[nodes]).min(axis=1)


def test_posts_come_after_the_stations_and_fill_the_largest_hole_first():
    city = with_posts(CITY, 5)
    assert city.stations[:2] == CITY.stations
    posts = city.stations[2:]
    assert len({station.id for station in city.stations}) == 7
    assert all((post.kind, post.units) == ("post", 0) for post in posts)
    candidates = central_nodes(CITY.roads, hex_grid(CITY.roads))
    for i, post in enumerate(posts):
        before = [station.node for station in city.stations[: 2 + i]]
        assert post.node in candidates
        assert away(CITY, before)[post.node] == pytest.approx(away(CITY, before)[candidates].max())
    assert with_posts(CITY, 3).stations == city.stations[:5]


def test_posts_go_where_the_demand_is():
    weight = np.zeros(CITY.roads.n_nodes)
    weight[CITY.roads.x > np.median(CITY.roads.x)] = 1.0
    for post in with_posts(CITY, 4, weight).stations[2:]:
        assert CITY.roads.x[post.node] > np.median(CITY.roads.x)


def test_a_central_node_is_in_its_hexagon_and_nearest_to_its_middle():
    roads = CITY.roads
    grid = hex_grid(roads)
    weight = np.random.default_rng(1).uniform(size=roads.n_nodes)
    for cell, node in enumerate(central_nodes(roads, grid, weight)):
        inside = np.flatnonzero(grid.cell_of_node == cell)
        middle = [np.average(at[inside], weights=weight[inside]) for at in (roads.x, roads.y)]
        apart = np.hypot(roads.x[inside] - middle[0], roads.y[inside] - middle[1])
        assert node in inside[apart <= apart.min() + 1e-6]


def test_more_posts_than_places_are_refused():
    assert with_posts(CITY, 0) is CITY
    for posts, message in ((10_000, "field 'posts': there are .* places for posts, not 10000"), (-1, "-1 posts")):
        with pytest.raises(InputError, match=message):
            with_posts(CITY, posts)
