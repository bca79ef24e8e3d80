"""Coverage is what asking the router for each free unit and each place would give."""

import numpy as np
import pytest

from ems_twin.city.hexagons import hex_grid
from ems_twin.errors import InputError
from ems_twin.views.coverage import ALPHABET, BIN_S, coverage_from, coverage_through, demand_by_node, drive_limit_s
from ems_twin.views.timeline import Paths, choose_window, unit_timelines


@pytest.fixture(scope="module")
def coverage(run):
    window, paths = choose_window(run, 0.0, None), Paths(run.router)
    lines = unit_timelines(run, window, paths)
    return lines, coverage_through(run, window, lines, paths, hex_grid(run.city.roads), demand_by_node(run))


def test_it_agrees_with_the_router_asked_one_by_one(run):
    grid, weight = hex_grid(run.city.roads), demand_by_node(run)
    units = np.array([30, 150], dtype=np.int32)
    n = run.city.roads.n_nodes
    nearest = np.array([min(run.router.travel_s(u, v) for u in units) for v in range(n)])
    drive, covered = coverage_from(run.router, units, grid=grid, weight=weight, limit_s=60.0)
    assert covered == pytest.approx(weight[nearest <= 60.0].sum() / weight.sum())
    calls_here = weight[grid.cell_of_node == 0] + 1e-6
    assert drive[0] == pytest.approx(np.average(nearest[grid.cell_of_node == 0], weights=calls_here))


def test_before_the_first_call_every_unit_covers_from_its_station(run, coverage):
    stations = np.array([station.node for station in run.city.stations], dtype=np.int32)
    _, through = coverage
    grid = hex_grid(run.city.roads)
    drive, covered = coverage_from(run.router, stations, grid=grid, weight=demand_by_node(run), limit_s=through.limit_s)
    np.testing.assert_allclose(through.drive_s[0], drive)
    assert through.covered[0] == covered


def test_nobody_free_covers_nothing(run):
    drive, covered = coverage_from(
        run.router, np.zeros(0, np.int32), grid=hex_grid(run.city.roads), weight=demand_by_node(run), limit_s=60.0
    )
    assert np.all(np.isinf(drive))
    assert covered == 0.0


def test_the_limit_leaves_time_for_call_taking_and_turnout(run):
    assert drive_limit_s(run) == 480.0 - 40.0 - 50.0


def test_a_unit_on_its_way_counts_from_the_next_junction(run, coverage):
    lines, _ = coverage
    paths = Paths(run.router)
    line = unit_timelines(run, choose_window(run, 0.0, None), paths)[0]
    row = int(np.flatnonzero(line.path >= 0)[0])
    path, begin = paths.paths[line.path[row]], float(line.rows["t_from"][row])
    times = np.array([begin, begin + path.elapsed_s[1] - 0.5, begin + path.elapsed_s[1] + 0.5])
    assert list(line.next_node(times, paths)) == [path.nodes[0], path.nodes[1], path.nodes[2]]
    assert len(lines) == len(run.units)


def test_packed_letters_read_back(coverage):
    _, through = coverage
    packed = through.packed()
    letters = np.array([[ALPHABET.index(letter) for letter in step] for step in packed["steps"]])
    expected = np.minimum(np.floor(through.drive_s / BIN_S), len(ALPHABET) - 1)
    np.testing.assert_array_equal(letters, expected)
    np.testing.assert_allclose(np.array(packed["covered"]) / 1000.0, through.covered, atol=6e-4)


@pytest.mark.parametrize("weight", [np.ones(3), np.zeros(192), np.full(192, np.nan), -np.ones(192)])
def test_weights_that_do_not_fit_are_refused(run, weight):
    with pytest.raises(InputError, match="192 finite numbers"):
        demand_by_node(run, weight)
