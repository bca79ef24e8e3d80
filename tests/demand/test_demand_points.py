"""Demand points stand for all the demand around them."""

from dataclasses import replace

import numpy as np
import pytest

from ems_twin.city.sample import grid_city
from ems_twin.demand import defaults_for, demand_points, node_weights
from ems_twin.errors import InputError

CITY = grid_city(20, 20)


def test_points_hold_all_demand_where_it_is():
    demand = defaults_for(CITY)
    points = demand_points(demand, CITY, most=40)
    assert 1 < len(points.node) <= 40
    assert points.weight.sum() == pytest.approx(1.0)
    weight = node_weights(demand)
    for cell, share, node in zip(points.cell, points.weight, points.node, strict=True):
        inside = points.grid.cell_of_node == cell
        assert share == pytest.approx(weight[inside].sum())
        assert inside[node]
    middle = points.weight @ CITY.roads.x[points.node]
    assert middle == pytest.approx(weight @ CITY.roads.x, abs=200.0)


def test_places_without_demand_have_no_point():
    demand = defaults_for(CITY)
    heavy = np.where(CITY.roads.x > np.median(CITY.roads.x), 1.0, 0.0)
    points = demand_points(replace(demand, node_weight=heavy), CITY)
    assert (heavy[points.node] > 0).all()
    assert (points.weight > 0).all()


def test_no_calls_and_other_roads_are_refused():
    demand = defaults_for(CITY)
    with pytest.raises(InputError, match="nobody ever calls"):
        demand_points(replace(demand, hour_of_week=np.zeros(168)), CITY)
    with pytest.raises(InputError, match="the demand knows 400 road nodes"):
        demand_points(demand, grid_city(3, 3))
    with pytest.raises(InputError, match="at most 0 points"):
        demand_points(demand, CITY, most=0)
