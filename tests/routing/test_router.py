"""The Router against Dijkstra on invented and random towns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from ems_twin.city import City
from ems_twin.city.sample import city_from_drawing, grid_city
from ems_twin.errors import RoutingError
from ems_twin.routing import ORDINARY, SIRENS, Router
from ems_twin.routing.hierarchy import build_hierarchy, check_hierarchy
from ems_twin.routing.tables import place_tables


def oracle_s(router: Router, *, metric: int) -> np.ndarray:
    """All distances by scipy's Dijkstra."""
    edge_s = router.edge_times_s(metric=metric)
    roads = router.roads
    best: dict[tuple[int, int], float] = {}
    for tail, head, seconds in zip(roads.tail.tolist(), roads.head.tolist(), edge_s.tolist(), strict=True):
        if np.isfinite(seconds):
            best[tail, head] = min(seconds, best.get((tail, head), np.inf))
    ends = np.array(list(best), dtype=int).reshape(-1, 2)
    graph = csr_matrix((list(best.values()), ends.T), shape=(roads.n_nodes, roads.n_nodes))
    return dijkstra(graph)


@st.composite
def towns(draw: st.DrawFn) -> City:
    """A ring of one-way streets (so that it is strongly connected) with shortcuts thrown in, lengths at random."""
    n = draw(st.integers(2, 24))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    points = [(float(x), float(y)) for x, y in rng.uniform(0, 2000, (n, 2))]
    ring = [(i, (i + 1) % n) for i in range(n)]
    extra = [(int(a), int(b)) for a, b in rng.integers(0, n, (draw(st.integers(0, 3 * n)), 2)) if a != b]
    edges = [(a, b, float(rng.uniform(1, 900)), float(rng.uniform(5, 60))) for a, b in ring + extra]
    return city_from_drawing(points, edges)


@settings(max_examples=60, deadline=None)
@given(towns(), st.sampled_from(["metis", "coordinates"]))
def test_every_travel_time_is_dijkstras(city: City, method: str) -> None:
    hierarchy = build_hierarchy(city.roads, method=method)
    check_hierarchy(hierarchy, city.roads)
    router = Router(city.roads, hierarchy=hierarchy)
    everywhere = np.arange(city.roads.n_nodes)
    for metric in (SIRENS, ORDINARY):
        expected = oracle_s(router, metric=metric)
        np.testing.assert_allclose(router.matrix_s(everywhere, everywhere, metric=metric), expected, atol=1e-6)
        some = everywhere[:: max(1, len(everywhere) // 3)]
        np.testing.assert_allclose(router.from_nearest_s(some, metric=metric), expected[some].min(axis=0), atol=1e-6)
        np.testing.assert_allclose(router.to_nearest_s(some, metric=metric), expected[:, some].min(axis=1), atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(towns(), st.data())
def test_a_path_drives_streets_that_join_up_and_takes_the_travel_time(city: City, data: st.DataObject) -> None:
    router = Router(city.roads)
    nodes = st.integers(0, city.roads.n_nodes - 1)
    source, target = data.draw(nodes), data.draw(nodes)
    path = router.path(source, target)
    assert path.nodes[0] == source
    assert path.nodes[-1] == target
    np.testing.assert_array_equal(city.roads.tail[path.edges], path.nodes[:-1])
    np.testing.assert_array_equal(city.roads.head[path.edges], path.nodes[1:])
    assert path.duration_s == pytest.approx(router.travel_s(source, target), abs=1e-9)
    assert np.all(np.diff(path.elapsed_s) > 0)
    assert len(path.lonlat()) == len(path.shape_s())


@settings(max_examples=40, deadline=None)
@given(towns(), st.data())
def test_closures_give_the_times_of_the_town_without_those_streets(city: City, data: st.DataObject) -> None:
    closed = data.draw(st.lists(st.integers(0, city.roads.n_edges - 1), max_size=4, unique=True))
    router = Router(city.roads).with_closures(closed)
    everywhere = np.arange(city.roads.n_nodes)
    expected = oracle_s(router, metric=ORDINARY)
    np.testing.assert_allclose(router.matrix_s(everywhere, everywhere, metric=ORDINARY), expected, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(towns(), st.data())
def test_tables_of_places_agree_with_queries(city: City, data: st.DataObject) -> None:
    router = Router(city.roads)
    roads = city.roads
    places = data.draw(st.lists(st.integers(0, roads.n_nodes - 1), min_size=1, max_size=4))
    tables = place_tables(router, places)
    everywhere = np.arange(roads.n_nodes)
    there = router.matrix_s(everywhere, places, metric=ORDINARY) / router.tick_s
    np.testing.assert_array_equal(tables.to_ticks[0], there.T)
    np.testing.assert_array_equal(
        tables.from_ticks[0], router.matrix_s(places, everywhere, metric=ORDINARY).T / router.tick_s
    )
    for i, place in enumerate(places):
        for node in everywhere:
            edge = tables.to_edge[0, i, node]
            if node == place:
                assert edge == -1
                assert tables.to_m[0, i, node] == 0
                continue
            assert roads.tail[edge] == node
            onward = roads.head[edge]
            assert router.edge_ticks[0, edge] + tables.to_ticks[0, i, onward] == tables.to_ticks[0, i, node]
            assert tables.to_m[0, i, node] == pytest.approx(roads.length_m[edge] + tables.to_m[0, i, onward])
            # lengths of ways that take equally long may differ; the time of the way back is what is promised
            assert np.isfinite(tables.from_m[0, node, i])


def test_times_in_the_desert_are_worked_out_by_hand() -> None:
    city = grid_city(5, 5, spacing_m=300, speed_kmh=54)  # 300 m at 15 m/s: 20 s a block
    router = Router(city.roads)
    assert router.travel_s(0, 24, metric=ORDINARY) == pytest.approx(8 * 20.0, abs=1e-3)
    assert router.travel_s(0, 24) == pytest.approx(8 * 20.0 / 1.3, abs=1e-3)
    assert router.path(0, 24).length_m == pytest.approx(8 * 300)
    assert router.travel_s(7, 7) == 0


def test_the_position_moves_along_the_street() -> None:
    city = grid_city(2, 3, spacing_m=300, speed_kmh=54)
    path = Router(city.roads).path(0, 2, metric=ORDINARY)
    lon, lat = path.at(10.0)  # half a block
    assert lon == pytest.approx((city.roads.lon[0] + city.roads.lon[1]) / 2)
    assert lat == pytest.approx(city.roads.lat[0])
    assert path.at(-5.0) == (city.roads.lon[0], city.roads.lat[0])
    assert path.at(1e9) == (city.roads.lon[2], city.roads.lat[2])


def test_sirens_may_have_times_of_their_own() -> None:
    city = grid_city(3, 3)
    ordinary_s = city.roads.length_m / city.roads.speed_mps
    router = Router(city.roads, np.stack([ordinary_s / 2, ordinary_s]))
    assert router.travel_s(0, 8, metric=SIRENS) == pytest.approx(router.travel_s(0, 8, metric=ORDINARY) / 2, abs=1e-3)


def test_what_is_cut_off_is_infinitely_far() -> None:
    city = grid_city(2, 2)
    into_corner = np.flatnonzero(city.roads.head == 3)
    router = Router(city.roads).with_closures(into_corner)
    assert router.travel_s(0, 3) == np.inf
    assert router.travel_s(3, 0) < np.inf
    with pytest.raises(RoutingError, match="no way from node 0 to node 3"):
        router.path(0, 3)


def test_an_isochrone_is_the_area_that_can_be_reached() -> None:
    city = grid_city(21, 21, spacing_m=100, speed_kmh=36)
    router = Router(city.roads)
    centre = 10 * 21 + 10
    area = router.isochrone([centre], 50.0, metric=ORDINARY)  # 500 m in Manhattan distance: a diamond
    from shapely import Point

    reached = router.from_nearest_s([centre], metric=ORDINARY) <= 50
    for node in range(city.roads.n_nodes):
        inside = area.contains(Point(city.roads.lon[node], city.roads.lat[node]))
        row, col = divmod(node, 21)
        blocks = abs(row - 10) + abs(col - 10)
        if reached[node]:
            assert inside
        elif blocks >= 7:  # beside the rim, the reach beside the road decides
            assert not inside
    shapely_area_m2 = area.area * 78_846.8 * 111_131.8
    assert 2 * 500**2 < shapely_area_m2 < 2 * 620**2
    assert router.isochrone([centre], 50.0).area > area.area


@pytest.mark.parametrize(
    ("edge_s", "message"),
    [
        (np.ones(3), r"shape \(3,\)"),
        (np.full(24, np.nan), "edge 0 is negative or not a number"),
        (np.full(24, -1.0), "edge 0 is negative or not a number"),
    ],
)
def test_edge_times_that_cannot_be_used_are_refused(edge_s: np.ndarray, message: str) -> None:
    with pytest.raises(RoutingError, match=message):
        Router(grid_city(3, 3).roads, edge_s)


def test_nodes_and_edges_that_do_not_exist_are_refused() -> None:
    router = Router(grid_city(3, 3).roads)
    for ask in (
        lambda: router.many_to_one_s([0, 9], 1),
        lambda: router.travel_s(0, -1),
        lambda: router.path(0, 99),
        lambda: router.from_nearest_s([-2]),
        lambda: router.matrix_s([0], [12]),
    ):
        with pytest.raises(RoutingError, match="does not exist; nodes are 0 to 8"):
            ask()
    with pytest.raises(RoutingError, match="edge 24 does not exist"):
        router.with_closures([24])
