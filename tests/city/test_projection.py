import numpy as np
import pytest

from ems_twin.city import nearest_node, nearest_nodes, project, road_distance_m
from ems_twin.city.projection import haversine_m, utm_crs
from ems_twin.city.sample import city_from_drawing, grid_city
from ems_twin.errors import CityError


@pytest.mark.parametrize(("lon", "lat"), [(-73.97, 40.78), (-71.25, -29.9), (5.12, 52.09), (151.2, -33.9)])
def test_projection_agrees_with_proj_to_a_millimetre(lon, lat):
    pyproj = pytest.importorskip("pyproj")
    rng = np.random.default_rng(1)
    lons, lats = lon + rng.uniform(-1, 1, 200), lat + rng.uniform(-1, 1, 200)
    crs = utm_crs(lon, lat)
    wanted = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform(lons, lats)
    x, y = project(crs, lons, lats)
    np.testing.assert_allclose(x, wanted[0], atol=1e-3)
    np.testing.assert_allclose(y, wanted[1], atol=1e-3)


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:32661", "nonsense", ""])
def test_other_coordinate_systems_are_refused(crs):
    with pytest.raises(CityError, match="not a UTM zone"):
        project(crs, 0.0, 0.0)


def test_zones_of_known_cities():
    assert utm_crs(-73.97, 40.78) == "EPSG:32618"
    assert utm_crs(-71.25, -29.9) == "EPSG:32719"
    assert utm_crs(180.0, 10.0) == "EPSG:32601"


def test_a_degree_of_latitude_is_111_km():
    assert haversine_m(10.0, 50.0, 10.0, 51.0) == pytest.approx(111_195, rel=1e-4)


def test_nearest_node_in_one_and_in_many():
    roads = grid_city(5, 6).roads
    rng = np.random.default_rng(2)
    lon = rng.uniform(roads.lon.min(), roads.lon.max(), 50)
    lat = rng.uniform(roads.lat.min(), roads.lat.max(), 50)
    node, distance = nearest_nodes(roads, lon, lat)
    assert node.dtype == np.int32
    singly = [nearest_node(roads, a, b) for a, b in zip(lon, lat, strict=True)]
    assert node.tolist() == [n for n, _ in singly]
    np.testing.assert_allclose(distance, [d for _, d in singly])
    every, zero = nearest_nodes(roads, roads.lon, roads.lat)
    assert every.tolist() == list(range(roads.n_nodes))
    assert zero.max() < 1e-6


def test_the_road_may_be_near_though_the_junction_is_far():
    roads = city_from_drawing([(0, 0), (2000, 0)], [(0, 1), (1, 0)]).roads
    lon, lat = (roads.lon[0] + roads.lon[1]) / 2, roads.lat[0] + 30 / 111_131.8
    assert nearest_node(roads, lon, lat)[1] > 990
    assert road_distance_m(roads, lon, lat) == pytest.approx(30, abs=0.3)
