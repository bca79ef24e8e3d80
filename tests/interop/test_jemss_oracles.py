"""The models that JEMSS itself was run on, read and written back."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from ems_twin.interop import (
    AMBULANCE_RESULTS,
    CALL_RESULTS,
    demand_points,
    read_jemss,
    read_outputs,
    write_ambulances,
    write_calls,
    write_hospitals,
)
from ems_twin.interop.jemss_tables import read_tables

pytestmark = pytest.mark.shared

# units, travel sets, allowed redispatches, events
SCENARIOS = {
    "s1_standard": (20, 1, 0, 16742),
    "s2_redispatch": (20, 1, 3, 16986),
    "s4_time_dependent": (20, 2, 3, 17003),
    "s6_overload_8amb": (8, 1, 3, 16686),
    "s8_priority_list": (20, 1, 0, 18766),
    "s10_dmexclp": (20, 1, 0, 18805),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_counts_of_the_models(oracles, name):
    n_units, n_sets, n_pairs, n_events = SCENARIOS[name]
    model = read_jemss(oracles / name)
    assert len(model.nodes.x) == 400
    assert len(model.arcs.tail) == 2 * 760
    assert len(model.stations.x) == 12
    assert len(model.hospitals.x) == 6
    assert len(model.calls.x) == 2000
    assert len(model.ambulances.station) == n_units
    assert len(model.travel.set_mode) == n_sets
    assert model.redispatch.sum() == n_pairs
    assert model.stats.period_days == (1.0,)
    assert model.stats.bin_days == 1 / 60 / 24
    assert model.notes == ()
    outputs = read_outputs(oracles / name / "output")
    assert outputs.complete
    assert len(outputs.events["index"]) == n_events


@pytest.mark.parametrize("name", SCENARIOS)
def test_jemsss_own_results_are_written_back(oracles, tmp_path, name):
    model = read_jemss(oracles / name)
    theirs = read_outputs(oracles / name / "output")
    write_calls(model, {column: theirs.calls[column] for column in CALL_RESULTS}, tmp_path / "calls.csv")
    columns = ("stationIndex", *AMBULANCE_RESULTS)
    write_ambulances(model, {column: theirs.ambulances[column] for column in columns}, tmp_path / "ambulances.csv")
    write_hospitals(model, {"numCalls": theirs.hospitals["numCalls"]}, tmp_path / "hospitals.csv")
    (tmp_path / "events.csv").write_bytes((oracles / name / "output" / "events.csv").read_bytes())
    ours = read_outputs(tmp_path)
    for table in ("calls", "ambulances", "hospitals"):
        mine, its = getattr(ours, table), getattr(theirs, table)
        assert list(mine) == list(its)
        for column in its:
            assert np.array_equal(mine[column], its[column]), column
    start = read_tables(tmp_path / "calls.csv")["miscData"].cells("startTime")
    assert start == read_tables(oracles / name / "output" / "calls.csv")["miscData"].cells("startTime")


def test_trips_from_stations_take_as_long_as_jemss_says(oracles):
    """Nodes, arcs, nearest nodes and off-road speed as read give JEMSS's own durations, calls from a station on."""
    model = read_jemss(oracles / "s1_standard")
    calls = read_outputs(oracles / "s1_standard" / "output").calls
    idle = np.flatnonzero(calls["ambStatusBeforeDispatch"] == "ambIdleAtStation")
    at = np.abs(calls["ambDispatchLoc.x"][idle, None] - model.stations.x).argmin(axis=1)
    assert np.array_equal(calls["ambDispatchLoc.y"][idle], model.stations.y[at])
    n = len(model.nodes.x)
    graph = coo_array((model.arcs.time_days[0], (model.arcs.tail, model.arcs.head)), shape=(n, n)).tocsr()
    road_days = dijkstra(graph, indices=model.stations.node)[at, model.calls.node[idle]]
    off_road_km = model.stations.node_km[at] + model.calls.node_km[idle]
    expected = road_days + off_road_km / model.travel.off_road_km_per_day[0]
    assert len(idle) > 1000
    assert np.allclose(calls["ambGoingToCallDuration"][idle], expected, rtol=0, atol=1e-12)


def test_demand_points_of_dmexclp(oracles):
    model = read_jemss(oracles / "s10_dmexclp")
    assert model.move_up.busy_fraction == 0.3
    assert model.demand.mode_rate_per_day.tolist() == [114.0, 49.0, 37.0]
    assert (model.coverage.cell_rows, model.coverage.cell_cols) == (2, 2)
    (raster,) = model.demand.rasters
    (points,) = demand_points(model)
    assert len(points.x) == 4 * np.count_nonzero(raster.z)
    assert points.weight.sum() == pytest.approx(points.total)
    assert model.map.inside(points.x, points.y).all()


def test_the_priority_list(oracles):
    stations = read_jemss(oracles / "s8_priority_list").move_up.priority_list
    assert stations[:5].tolist() == [0, 7, 11, 5, 5]
    assert len(stations) == 20
