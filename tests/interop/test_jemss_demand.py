from __future__ import annotations

import numpy as np
import pytest
from tiny_jemss import DEMAND, DEMAND_KEYS, changed, write_model

from ems_twin.interop import JemssError, demand_points, read_jemss
from ems_twin.interop.jemss_demand import read_raster

DMEXCLP = "<module>dmexclp</module><dmexclp><busyFraction>0.3</busyFraction></dmexclp>"


def test_demand_and_coverage(tmp_path):
    model = read_jemss(write_model(tmp_path, DEMAND, DEMAND_KEYS))
    demand, coverage = model.demand, model.coverage
    assert demand.mode_rate_per_day.tolist() == [8.0, 4.0, 2.5]
    assert demand.mode_priority.tolist() == [1, 2, 3]
    assert demand.set_mode.tolist() == [[0, 1, 2]]
    assert (demand.start_days.tolist(), demand.timing_set.tolist()) == ([0.0], [0])
    assert np.allclose(coverage.cover_days, [0.005, 12 / 60 / 24, 0.01], rtol=0, atol=0)
    assert (coverage.cell_rows, coverage.cell_cols) == (2, 1)
    (raster,) = demand.rasters
    assert (raster.x.tolist(), raster.y.tolist()) == ([0.005, 0.015], [0.005, 0.015])
    assert raster.z.tolist() == [[1.0, 2.0], [3.0, 0.0]]  # the file goes from the north, the rows from the south
    assert (raster.dx, raster.dy) == pytest.approx((0.01, 0.01))


def test_points_of_cells_with_demand(tmp_path):
    model = read_jemss(write_model(tmp_path, DEMAND, DEMAND_KEYS))
    (points,) = demand_points(model)
    assert points.weight.tolist() == [0.5, 0.5, 1.0, 1.0, 1.5, 1.5]
    assert points.total == 6.0
    assert np.allclose(points.x, [0.005, 0.005, 0.015, 0.015, 0.005, 0.005])
    assert np.allclose(points.y, [0.0025, 0.0075, 0.0025, 0.0075, 0.0125, 0.0175])
    distance = model.map.distance_km(points.x[:, None], points.y[:, None], model.nodes.x[:3], model.nodes.y[:3])
    assert np.allclose(points.node_km, distance.min(axis=1), rtol=1e-12)
    assert set(points.node.tolist()) <= {0, 1, 2}


def test_points_run_through_rows_and_columns(tmp_path):
    files = {**DEMAND, **changed("demand_coverage.csv", "2,1,", "2,2,")}
    (points,) = demand_points(read_jemss(write_model(tmp_path, files, DEMAND_KEYS)))
    assert np.allclose(points.x[:4], [0.0025, 0.0075, 0.0025, 0.0075])
    assert np.allclose(points.y[:4], [0.0025, 0.0025, 0.0075, 0.0075])
    assert points.weight.sum() == pytest.approx(6.0)


def test_points_without_demand_or_outside_the_map(tmp_path):
    with pytest.raises(JemssError, match="simFiles/demand'"):
        demand_points(read_jemss(write_model(tmp_path)))
    with pytest.raises(JemssError, match="simFiles/demandCoverage'"):
        demand_points(read_jemss(write_model(tmp_path, DEMAND, {"demand": "demand.csv"})))
    far = {
        **DEMAND,
        "raster.xyz": DEMAND["raster.xyz"].replace("0.015 0.005", "0.025 0.005").replace("0.015 0.015", "0.025 0.015"),
    }
    with pytest.raises(JemssError, match="of 6 demand points are outside the map"):
        demand_points(read_jemss(write_model(tmp_path, far, DEMAND_KEYS)))


@pytest.mark.parametrize(
    ("old", "new", "row", "field", "problem"),
    [
        ("[1; 2; 3]", "[1; 2]", 1, "modeIndices", "no mode for lowPriority"),
        ("[1; 2; 3]", "[1; 1; 2; 3]", 1, "modeIndices", "two modes for highPriority"),
        ("[1; 2; 3]", "[1; 2; 4]", 1, "modeIndices", "no demand mode 4"),
        ("[1; 2; 3]", "[1.5 2 3]", 1, "modeIndices", "no demand mode 1.5"),
        ("[1; 2; 3]", "[]", 1, "modeIndices", "not a list of numbers"),
        ("2,1,medPriority,4", "2,2,medPriority,4", 2, "rasterIndex", "2 is out of range"),
        ("2,1,medPriority,4", "2,1,medPriority,-4", 2, "arrivalRate", "-4 is below 0"),
        ("2,1,medPriority,4", "2,1,urgent,4", 2, "priority", "'urgent'"),
        ("0,1,,", "0,2,,", 1, "setIndex", "2 is out of range"),
    ],
)
def test_faults_of_demand(tmp_path, old, new, row, field, problem):
    with pytest.raises(JemssError) as caught:
        read_jemss(write_model(tmp_path, {**DEMAND, **changed("demand.csv", old, new)}, DEMAND_KEYS))
    found = caught.value.faults
    assert (row, field) in [(fault.row, fault.field) for fault in found]
    assert problem in " ".join(fault.problem for fault in found)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("lowPriority,0.01,\n", "", "lowPriority has no cover time"),
        ("medPriority,", "highPriority,", "highPriority comes twice"),
        ("2,1,", "0,1,", "0 is out of range"),
        ("highPriority,0.005", "highPriority,-1", "-1 is below 0"),
    ],
)
def test_faults_of_coverage(tmp_path, old, new, problem):
    with pytest.raises(JemssError, match=problem):
        read_jemss(write_model(tmp_path, {**DEMAND, **changed("demand_coverage.csv", old, new)}, DEMAND_KEYS))


def test_a_raster_that_cannot_be_read_matters_only_if_needed(tmp_path):
    folder = write_model(tmp_path, DEMAND, DEMAND_KEYS)
    (folder / "input" / "raster.xyz").write_bytes(b"II*\x00\xff\xfe")
    model = read_jemss(folder)
    assert model.demand.rasters == (None,)
    assert "'raster.xyz' cannot be read" in model.notes[0]
    with pytest.raises(JemssError, match="could not be read"):
        demand_points(model)
    folder = write_model(tmp_path / "b", DEMAND, DEMAND_KEYS, move_up=DMEXCLP)
    (folder / "input" / "raster.xyz").write_bytes(b"II*\x00\xff\xfe")
    with pytest.raises(JemssError, match="gdal_translate"):
        read_jemss(folder)
    jemss_dir = {**DEMAND, **changed("demand.csv", "1,raster.xyz", "1,$jemssDir/a.tif")}
    with pytest.raises(JemssError, match="only JEMSS knows"):
        read_jemss(write_model(tmp_path / "c", jemss_dir, DEMAND_KEYS, move_up=DMEXCLP))


def test_rasters_with_header_commas_and_gaps(tmp_path):
    file = tmp_path / "raster.xyz"
    file.write_text("x,y,z\n0,0,1\n1,0,2\n2,2,4\n0,1,3\n", encoding="utf-8")
    assert read_raster(file).z.tolist() == [[1, 2, 0], [3, 0, 0], [0, 0, 4]]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "holds no cell"),
        ("0 0\n1 1\n", "2 numbers a line instead of 3"),
        ("0 0 1\n1 1\n", "is not x y z text"),
        ("0 0 a\n", "is not x y z text"),
        ("0 0 1\n1 1 -1\n", "not -1"),
        ("0 0 1\n1 1 nan\n", "not nan"),
        ("0 0 0\n1 1 0\n", "all demand is 0"),
        ("0 0 1\n0 0 2\n1 1 1\n", "a cell comes twice"),
        ("0 0 1\n0 1 2\n", "one x only"),
        ("0 0 1\n1 1 1\n3 2 1\n", "not evenly spaced"),
    ],
)
def test_faults_of_rasters(tmp_path, text, problem):
    file = tmp_path / "raster.xyz"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(JemssError, match=problem):
        read_raster(file)
