import numpy as np
import pytest

from ems_twin.city.reach import strongly_reached
from ems_twin.city.sample import city_from_drawing, grid_city


def test_grid_has_the_promised_shape():
    city = grid_city(3, 4, spacing_m=150, speed_kmh=30, stations=((0, 0), (2, 3)), units_per_station=2)
    roads = city.roads
    assert roads.n_nodes == 12
    assert roads.n_edges == 2 * (3 * 3 + 2 * 4)
    assert set(roads.length_m) == {150.0}
    np.testing.assert_allclose(roads.speed_mps, 30 / 3.6, atol=1e-3)
    assert [station.node for station in city.stations] == [0, 11]
    assert city.hospitals[0].node == 11
    assert sum(station.units for station in city.stations) == 4
    assert strongly_reached(roads).all()


def test_edges_are_sorted_by_tail_then_head_and_arrays_are_read_only():
    roads = grid_city(4, 4).roads
    key = roads.tail.astype(np.int64) * roads.n_nodes + roads.head
    assert (np.diff(key) > 0).all()
    with pytest.raises(ValueError, match="read-only"):
        roads.length_m[0] = 1.0


def test_metres_on_paper_are_metres_in_the_projection():
    roads = city_from_drawing([(0, 0), (300, 400)], [(0, 1), (1, 0)]).roads
    assert np.hypot(np.diff(roads.x), np.diff(roads.y))[0] == pytest.approx(500, rel=1e-3)
    assert roads.length_m[0] == 500.0


def test_a_drawing_that_is_not_connected_is_refused():
    with pytest.raises(ValueError, match="cannot be driven"):
        city_from_drawing([(0, 0), (100, 0), (200, 0)], [(0, 1), (1, 0), (1, 2)])
