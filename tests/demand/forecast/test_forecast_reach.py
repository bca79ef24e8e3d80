"""The share of each cell that units reach in time, from stations on a chessboard city."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ems_twin.demand import defaults_for
from ems_twin.demand.forecast.cells import square_cells, zone_cells
from ems_twin.demand.forecast.reach import SHORTEST_DRIVE_S, reach_from_stations
from ems_twin.errors import InputError
from ems_twin.routing import SIRENS, Router


@pytest.fixture(scope="module")
def demand(city):
    return defaults_for(city)


def before_drive_s(demand):
    return demand.dispatch_delay[0].median_s + demand.turnout[0].median_s


def test_all_is_reached_in_an_hour_and_the_limit_is_the_target_less_what_comes_before(city, demand):
    cells = square_cells(city.roads.lon, city.roads.lat, 500.0)
    found = reach_from_stations(replace(city, target_s=(3600.0,)), demand, cells)
    assert found.limit_s == pytest.approx(3600.0 - before_drive_s(demand))
    np.testing.assert_allclose(found.covered, 1.0)
    assert found.without_streets == 0
    assert reach_from_stations(replace(city, target_s=(1.0,)), demand, cells).limit_s == SHORTEST_DRIVE_S


def test_a_part_is_reached_as_the_router_says(city, demand):
    one = replace(city, stations=city.stations[:1])
    away = Router.for_city(city).from_nearest_s(np.array([one.stations[0].node]), metric=SIRENS)
    limit = max(float(np.median(away)), SHORTEST_DRIVE_S)
    one = replace(one, target_s=(limit + before_drive_s(demand),))
    node = zone_cells(tuple(str(i) for i in range(city.roads.n_nodes)))
    found = reach_from_stations(one, demand, node, node_cell=np.arange(city.roads.n_nodes))
    np.testing.assert_array_equal(found.covered, away <= found.limit_s)


def test_a_cell_without_a_node_goes_by_the_nearest_or_is_not_reached(city, demand):
    near = square_cells([*city.roads.lon, city.roads.lon[0] + 0.05], [*city.roads.lat, city.roads.lat[0]], 500.0)
    found = reach_from_stations(replace(city, target_s=(3600.0,)), demand, near)
    assert found.without_streets == 1
    np.testing.assert_allclose(found.covered, 1.0)
    named = zone_cells((*demand.zone_names, "elsewhere"))
    found = reach_from_stations(replace(city, target_s=(3600.0,)), demand, named)
    assert found.covered[-1] == 0
    assert found.covered[:-1].max() == 1


def test_without_stations_or_with_another_citys_cells_there_is_no_reach(city, demand):
    cells = square_cells(city.roads.lon, city.roads.lat, 500.0)
    with pytest.raises(InputError, match="no station"):
        reach_from_stations(replace(city, stations=()), demand, cells)
    with pytest.raises(InputError, match="no road"):
        reach_from_stations(city, demand, square_cells([10.0], [50.0], 500.0))
