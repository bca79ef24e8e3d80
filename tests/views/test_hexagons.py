"""Hexagons hold every node, in a resolution that suits city and calls."""

import numpy as np
from made_up_run import small_city

from ems_twin.city.hexagons import hex_grid
from ems_twin.views.hexes import hex_grid_for_calls, response_by_hexagon


def test_every_node_lies_in_a_hexagon_and_the_number_is_kept():
    roads = small_city().roads
    grid = hex_grid(roads, max_hexagons=60)
    assert len(grid.cells) <= 60
    assert set(grid.cell_of_node) == set(range(len(grid.cells)))
    assert len(hex_grid(roads).cells) >= len(grid.cells)


def test_few_calls_make_coarse_hexagons():
    roads = small_city().roads
    fine = hex_grid(roads)
    nodes = np.arange(0, roads.n_nodes, 8)
    coarse = hex_grid_for_calls(roads, nodes, finest=fine)
    assert coarse.resolution < fine.resolution
    counts = np.bincount(coarse.cell_of_node[nodes])
    assert np.median(counts[counts > 0]) >= 5
    assert hex_grid_for_calls(roads, np.zeros(0, int), finest=fine) is fine


def test_figures_of_a_hexagon_are_those_of_its_calls():
    grid = hex_grid(small_city().roads)
    nodes = np.array([0, 0, 0, 191, 191])
    response = np.array([100.0, 200.0, 600.0, 50.0, np.nan])
    here, there = sorted(response_by_hexagon(grid, nodes, response), key=lambda entry: -entry["n"])
    assert here == {"cell": grid.cell_of_node[0], "n": 3, "mean": 300, "median": 200, "p90": 520}
    assert there == {"cell": grid.cell_of_node[191], "n": 1, "mean": 50, "median": 50, "p90": 50}


def test_no_answered_call_gives_no_figures():
    assert response_by_hexagon(hex_grid(small_city().roads), np.array([3]), np.array([np.nan])) == []
