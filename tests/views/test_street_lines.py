"""The base map draws each street once, roughly where it is."""

import dataclasses

import numpy as np
import shapely

from ems_twin.city.roads import ROAD_CLASSES
from ems_twin.city.sample import city_from_drawing, grid_city
from ems_twin.views.roads import TIERS, road_lines, road_tiers


def total_m(lines):
    squeeze = np.cos(np.radians(45.0))
    return sum(
        shapely.LineString(np.array(line) * (squeeze, 1.0)).length * 111_180.0
        for part in lines.values()
        for line in part
    )


def test_a_two_way_street_is_drawn_once():
    lines, left_out = road_lines(grid_city(4, 5, spacing_m=200.0).roads)
    assert left_out == 0
    assert abs(total_m(lines) - 31 * 200.0) < 20.0


def test_a_one_way_street_is_drawn_too():
    square = [(0, 0), (300, 0), (300, 300), (0, 300)]
    city = city_from_drawing(square, [(0, 1), (1, 2), (2, 3), (3, 0)], stations=(0,), hospitals=(1,))
    assert abs(total_m(road_lines(city.roads)[0]) - 1200.0) < 4.0


def test_a_straight_street_is_two_points_with_five_decimals():
    lines, _ = road_lines(grid_city(1, 30, spacing_m=100.0).roads)
    points = [point for line in lines["minor"] for point in line]
    assert len(points) == 2
    assert all(round(value, 5) == value for point in points for value in point)


def test_tiers_follow_the_class_or_else_the_speed():
    roads = grid_city(3, 3).roads
    assert set(road_tiers(roads)) == {TIERS.index("minor")}
    unknown = np.full(roads.n_edges, ROAD_CLASSES.index("unknown"), dtype=np.uint8)
    speed = np.linspace(5.0, 25.0, roads.n_edges)
    tiers = road_tiers(dataclasses.replace(roads, road_class=unknown, speed_mps=speed))
    assert list(tiers) == sorted(tiers, reverse=True)
    assert {0, 1, 3} == set(tiers)


def test_a_large_network_keeps_the_streets_that_somebody_drives_on():
    roads = grid_city(10, 10).roads
    driven = np.zeros(roads.n_edges, dtype=bool)
    driven[(roads.tail == 44) & (roads.head == 45)] = True
    lines, left_out = road_lines(roads, driven=driven, max_points=50)
    assert left_out == 180 - 50
    drawn = shapely.MultiLineString(lines["minor"])
    middle = shapely.Point((roads.lon[44] + roads.lon[45]) / 2, (roads.lat[44] + roads.lat[45]) / 2)
    assert drawn.distance(middle) < 2e-5
