from __future__ import annotations

import csv

import numpy as np
import pytest
from tiny_jemss import write_model

from ems_twin.interop import (
    AMBULANCE_RESULTS,
    CALL_RESULTS,
    JemssError,
    read_jemss,
    read_outputs,
    write_ambulances,
    write_calls,
    write_hospitals,
)

STATUS = "ambStatusBeforeDispatch"
EVENTS = (
    "inputFiles,,,\r\nname,checksum,\r\narcs,'1'\n,\r\neventDict,,,\r\nkey,name,filter,\r\n2,ambWakesUp,1\n3,callArrives,1\n"
    ",\r\nevents,,,\r\nindex,parentIndex,time,eventKey,ambIndex,callIndex,stationIndex,\r\n"
    "1,-1,0.25000,2,1,-1,1,\r\n2,-1,0.30000,3,-1,1,-1,\r\nend,\r\n"
)


@pytest.fixture
def model(tmp_path):
    return read_jemss(write_model(tmp_path))


def call_rows() -> dict[str, object]:
    rows: dict[str, object] = {name: np.arange(3) * 1.1 + k * 1e-7 for k, name in enumerate(CALL_RESULTS)}
    rows[STATUS] = ["ambIdleAtStation", "ambFreeAfterCall", "ambMobilising"]
    rows["wasQueued"] = np.array([True, False, True])
    rows["numBumps"] = np.array([0, 2, 1])
    return rows


def test_what_is_written_reads_back(tmp_path, model):
    folder = tmp_path / "out"
    folder.mkdir()
    ambulance_rows = {name: np.arange(2) + k / 7 for k, name in enumerate(AMBULANCE_RESULTS)}
    ambulance_rows["stationIndex"] = np.array([2, 1])
    write_calls(model, call_rows(), folder / "calls.csv")
    write_ambulances(model, ambulance_rows, folder / "ambulances.csv")
    write_hospitals(model, {"numCalls": [2]}, folder / "hospitals.csv")
    (folder / "events.csv").write_text(EVENTS, encoding="utf-8", newline="")
    outputs = read_outputs(folder)
    assert outputs.calls["hospitalIndex"].tolist() == [-1, 1, -1]
    assert outputs.calls["transport"].tolist() == [0, 1, 1]
    assert outputs.calls["arrivalTime"].tolist() == [0.30, 0.31, 0.40]
    assert outputs.calls["wasQueued"].tolist() == [1, 0, 1]
    assert outputs.calls[STATUS].tolist() == call_rows()[STATUS]
    for name in set(CALL_RESULTS) - {STATUS}:
        assert np.array_equal(outputs.calls[name], np.asarray(call_rows()[name], dtype=float)), name
    for name, values in ambulance_rows.items():
        assert np.array_equal(outputs.ambulances[name], values), name
    assert outputs.ambulances["class"].tolist() == [1, 2]
    assert outputs.hospitals["numCalls"].tolist() == [2]
    assert outputs.events["name"].tolist() == ["ambWakesUp", "callArrives"]
    assert outputs.events["time"].tolist() == [0.25, 0.3]
    assert outputs.complete


def test_an_unfinished_events_file_is_told(tmp_path, model):
    write_calls(model, call_rows(), tmp_path / "calls.csv")
    write_hospitals(model, {"numCalls": [0]}, tmp_path / "hospitals.csv")
    zeros = {name: np.zeros(2) for name in ("stationIndex", *AMBULANCE_RESULTS)}
    write_ambulances(model, zeros, tmp_path / "ambulances.csv")
    (tmp_path / "events.csv").write_text(EVENTS.replace("end,\r\n", ""), encoding="utf-8", newline="")
    outputs = read_outputs(tmp_path)
    assert not outputs.complete
    assert len(outputs.events["time"]) == 2
    (tmp_path / "events.csv").write_text(EVENTS.replace("3,callArrives,1\n", ""), encoding="utf-8", newline="")
    with pytest.raises(JemssError, match="event key 3 has no name"):
        read_outputs(tmp_path)


def test_written_calls_are_a_calls_file_again(tmp_path, model):
    write_calls(model, call_rows(), tmp_path / "input" / "calls.csv")
    again = read_jemss(tmp_path).calls
    assert again.start_days == model.calls.start_days
    for name in ("priority", "x", "arrival_days", "handover_days", "hospital", "node_km"):
        assert np.array_equal(getattr(again, name), getattr(model.calls, name)), name


def test_attributes_with_commas_stay_one_cell(tmp_path):
    attributes = '{"note": "a, b"}'
    text = f'hospitals\nindex,x,y,attributes\n1,0.01,0.01,"{attributes.replace(chr(34), chr(34) * 2)}"\n'
    model = read_jemss(write_model(tmp_path, {"hospitals.csv": text}))
    write_hospitals(model, {"numCalls": [1]}, tmp_path / "hospitals.csv")
    lines = list(csv.reader((tmp_path / "hospitals.csv").read_text(encoding="utf-8").splitlines()))
    assert lines[2][3:] == [attributes, "1"]


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("numBumps", None, "missing columns: \\['numBumps'\\]"),
        ("extra", [1, 2, 3], "unknown columns: \\['extra'\\]"),
        ("numBumps", [1, 2], "has shape"),
        ("dispatchTime", [0.1, np.nan, 0.2], "not finite"),
    ],
)
def test_columns_must_fit(tmp_path, model, name, value, problem):
    rows = call_rows()
    if value is None:
        del rows[name]
    else:
        rows[name] = value
    with pytest.raises(ValueError, match=problem):
        write_calls(model, rows, tmp_path / "calls.csv")
