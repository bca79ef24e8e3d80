from __future__ import annotations

import numpy as np
import pytest
from tiny_jemss import DEMAND, DEMAND_KEYS, FILES, changed, write_model

from ems_twin.interop import Distribution, JemssError, read_jemss


def faults_of(folder, **options) -> list[tuple[str | None, int | None, str | None, str]]:
    with pytest.raises(JemssError) as caught:
        read_jemss(folder, **options)
    assert all(fault.remedy for fault in caught.value.faults)
    return [(fault.file.rsplit("/", 1)[-1], fault.row, fault.field, fault.problem) for fault in caught.value.faults]


def test_a_whole_model(tmp_path):
    model = read_jemss(write_model(tmp_path))
    assert model.map.distance_km(0.0, 0.0, 0.03, 0.04) == pytest.approx(5.0)
    assert model.nodes.off_road_access.tolist() == [True, True, True, False]
    assert model.arcs.tail.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert model.arcs.head.tolist() == [1, 3, 0, 2, 1, 3, 0, 2]
    assert model.arcs.distance_km.tolist() == [1.5, 1.0, 1.5, 1.0, 1.0, 1.0, 1.0, 1.0]
    assert model.arcs.time_days[1].tolist() == [0.003, 0.0015, 0.003, 0.0015, 0.0015, 0.0015, 0.0015, 0.0015]
    assert model.ambulances.station.tolist() == [0, 1]
    assert model.ambulances.ambulance_class.tolist() == [1, 2]
    assert model.stations.capacity.tolist() == [2, 3]
    assert model.stations.attributes == ("{}", '{"name": "North, old"}')
    assert model.hospitals.node.tolist() == [2]
    assert model.priorities.target_days.tolist() == [0.005, 0.008, 0.01]
    assert model.priorities.response_travel_priority.tolist() == [1, 1, 3]
    assert model.travel.off_road_km_per_day.tolist() == [1200.0, 600.0]
    assert model.travel.set_mode.tolist() == [[0, 0, 1], [1, 1, 1]]
    assert model.travel.timing_set.tolist() == [0, 1, 0]
    assert model.redispatch.tolist() == [[False] * 3, [True, False, False], [True, False, False]]
    assert (model.mobilisation.use, model.demand, model.coverage, model.stats) == (False, None, None, None)
    assert (model.move_up.module, model.notes) == ("none", ())


def test_calls_and_their_nearest_nodes(tmp_path):
    calls = read_jemss(write_model(tmp_path)).calls
    assert calls.start_days == 0.25
    assert calls.priority.tolist() == [3, 1, 2]
    assert calls.transport.tolist() == [False, True, True]
    assert calls.hospital.tolist() == [-1, 0, -1]
    assert calls.handover_days.tolist() == [0.0, 0.03, 0.04]  # without transport there is no handover
    assert calls.node.tolist() == [0, 1, 0]  # the third is nearer to node 4, which has no off-road access
    assert np.allclose(calls.node_km, [np.hypot(0.2, 0.1), np.hypot(0.1, 0.1), np.hypot(0.1, 0.9)], rtol=1e-14)


def test_nearest_nodes_are_nearest_in_km_and_not_in_degrees(tmp_path):
    wide = changed("map.csv", ",100,100", ",100,10")
    stations = {"stations.csv": "stations,,\nindex,x,y,capacity\n1,0.006,0.001,0\n2,0.004,0.01,0\n"}
    model = read_jemss(write_model(tmp_path, {**wide, **stations}))
    assert model.stations.node.tolist() == [1, 0]  # 0.42 km to node 1 over the flat y, 0.6 km to node 3
    assert model.stations.attributes == ("{}", "{}")


def test_arrays_are_read_only(tmp_path):
    model = read_jemss(write_model(tmp_path))
    for array in (model.nodes.x, model.arcs.time_days, model.calls.node, model.redispatch, model.travel.set_mode):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_the_mode_of_a_trip_by_priority_and_time(tmp_path):
    travel = read_jemss(write_model(tmp_path)).travel
    assert [travel.mode(1, t) for t in (0.0, 0.349, 0.35, 1.5, 99.0)] == [0, 0, 1, 0, 0]
    assert travel.mode(3, 0.1) == 1


def test_old_column_names(tmp_path):
    old = {
        **changed("priorities.csv", "targetResponseDuration,responseTravelPriority", "targetResponseTime,"),
        "calls.csv": FILES["calls.csv"].replace("transport", "transfer").replace("handover", "transfer"),
    }
    model = read_jemss(write_model(tmp_path, old))
    assert model.priorities.target_days.tolist() == [0.005, 0.008, 0.01]
    assert model.priorities.response_travel_priority.tolist() == [1, 2, 3]
    assert model.calls.handover_days.tolist() == [0.0, 0.03, 0.04]


REDISPATCH = (
    "miscData,,\nallowRedispatch,,\n{}\n,,\nredispatchConditions,,\nfromCallPriority,toCallPriority,allowRedispatch\n"
)


def redispatch(allow: str, *rows: str) -> tuple[dict[str, str], dict[str, str]]:
    return {"redispatch.csv": REDISPATCH.format(allow) + "".join(f"{row}\n" for row in rows)}, {
        "redispatch": "redispatch.csv"
    }


def test_redispatch_from_its_file(tmp_path):
    rows = ("lowPriority,highPriority,1", "lowPriority,medPriority,true", "medPriority,highPriority,0")
    model = read_jemss(write_model(tmp_path, *redispatch("1", *rows)))
    assert np.argwhere(model.redispatch).tolist() == [[2, 0], [2, 1]]
    assert not read_jemss(write_model(tmp_path, *redispatch("false", *rows))).redispatch.any()


def test_redispatch_in_a_circle(tmp_path):
    for rows in (
        ("lowPriority,highPriority,1", "highPriority,medPriority,1", "medPriority,lowPriority,1"),
        ("lowPriority,highPriority,1", "highPriority,lowPriority,1"),
        ("medPriority,medPriority,1",),
    ):
        ((file, _, field, problem),) = faults_of(write_model(tmp_path, *redispatch("1", *rows)))
        assert (file, field) == ("redispatch.csv", "allowRedispatch")
        assert "form a cycle: " in problem
    twice = ("lowPriority,highPriority,1", "lowPriority,highPriority,0")
    ((_, row, _, problem),) = faults_of(write_model(tmp_path, *redispatch("1", *twice)))
    assert (row, "comes twice" in problem) == (2, True)


def mobilisation(row: str) -> tuple[dict[str, str], dict[str, str]]:
    text = f"mobilisationDelay,\nuse,distribution,seed,expectedDuration\n{row}\n"
    return {"mobilisation.csv": text}, {"mobilisationDelay": "mobilisation.csv"}


def test_mobilisation_delay(tmp_path):
    delay = read_jemss(write_model(tmp_path, *mobilisation('true,"Gamma(2, 1/60/24)",0,0.001'))).mobilisation
    assert (delay.use, delay.expected_days, delay.seed) == (True, 0.001, 0)
    assert delay.distribution == Distribution("Gamma", (2.0, 1 / 60 / 24))
    unused = read_jemss(write_model(tmp_path, *mobilisation("false,,,"))).mobilisation
    assert (unused.use, unused.distribution) == (False, None)
    found = faults_of(write_model(tmp_path, *mobilisation('true,"rand(1)",x,-1')))
    assert [(row, field) for _, row, field, _ in found] == [
        (1, "distribution"),
        (1, "expectedDuration"),
        (1, "seed"),
    ]
    assert "'rand'" in found[0][3]


def stats(text: str) -> tuple[dict[str, str], dict[str, str]]:
    return {"stats.csv": text}, {"statsControl": "stats.csv"}


def test_statistics_control(tmp_path):
    head = "params,,\nwarmUpDuration,periodDurations,doCyclePeriodDurations\n"
    both = head + "1,[1 2 0.5],true\n,,\nresponseDurationHist_params,,\ndoRecord,binWidth\ntrue,1/60/24\n"
    control = read_jemss(write_model(tmp_path, *stats(both))).stats
    assert (control.warm_up_days, control.period_days, control.cycle) == (1.0, (1.0, 2.0, 0.5), True)
    assert (control.record_histogram, control.bin_days) == (True, 1 / 60 / 24)
    plain = read_jemss(write_model(tmp_path, *stats(head + "0,[250],0\n"))).stats
    assert (plain.record_histogram, plain.bin_days, plain.cycle) == (False, 0.0, False)
    found = faults_of(write_model(tmp_path, *stats(head + '-1,"[1, 0]",2\n')))
    assert [field for _, _, field, _ in found] == ["warmUpDuration", "periodDurations", "doCyclePeriodDurations"]


@pytest.mark.parametrize(
    ("name", "old", "new", "row", "field", "problem"),
    [
        ("map.csv", "0,0.02,0,", "0.03,0.02,0,", 1, "xMin", "xMin is not below xMax"),
        ("map.csv", ",100,100", ",0,100", 1, "xScale", "0 is not above 0"),
        ("nodes.csv", "3.0,0.01,0.01", "3.0,0.03,0.01", 3, "x", "outside the map"),
        ("nodes.csv", "2.0,0.01", "5.0,0.01", 2, "index", "is 5 in row 2"),
        ("stations.csv", "1,0.001,0.0,2", "1,0.001,-0.5,2", 1, "y", "outside the map"),
        ("stations.csv", "1,0.001,0.0,2", "1,0.001,0.0,-2", 1, "capacity", "out of range"),
        ("hospitals.csv", "1,0.0099", "1,9", 1, "x", "outside the map"),
        ("hospitals.csv", "1,0.0099,0.0099\n", "", None, None, "has 0 rows"),
        ("ambulances.csv", "2,2,2.0", "2,3,2.0", 2, "stationIndex", "there is no station 3, only 2"),
        ("ambulances.csv", "2,2,2.0", "2,2,3", 2, "class", "3 is out of range"),
        ("calls.csv", "1,3,0.002", "1,3,0.5", 1, "x", "outside the map"),
        ("calls.csv", "1,3,0.002", "1,4,0.002", 1, "priority", "4 is out of range"),
        ("calls.csv", "0.31,0.002", "0.29,0.002", 2, "arrivalTime", "before the call above it"),
        ("calls.csv", "0.31,0.002", "0.30,0.002", 2, "arrivalTime", "arrives together"),
        ("calls.csv", "0.25\n", "0.35\n", 1, "arrivalTime", "before the start at 0.35"),
        ("calls.csv", "0.40,0.000", "0.40,-0.1", 3, "dispatchDelay", "-0.1 is below 0"),
        ("calls.csv", "0.02,1,1,", "0.02,1,2,", 2, "hospitalIndex", "there is no hospital 2, only 1"),
        ("calls.csv", "0.02,1,1,", "0.02,1,0,", 2, "hospitalIndex", "there is no hospital 0"),
        ("priorities.csv", "2,medPriority", "2,lowPriority", 2, "name", "'lowPriority' is priority 3"),
        ("priorities.csv", "0.005", "0", 1, "targetResponseDuration", "0 is not above 0"),
        ("priorities.csv", "3,lowPriority,0.01,lowPriority\n", "", None, None, "has 2 rows"),
        ("travel.csv", "1,lowPriority,2\n", "", None, "travelSetIndex", "set 1 has no mode for lowPriority"),
        ("travel.csv", "1,lowPriority,2", "1,medPriority,2", 3, "priority", "already has a mode for medPriority"),
        ("travel.csv", "2,600", "2,0", 2, "offRoadSpeed", "0 is not above 0"),
        ("travel.csv", "0.35,2,\n", "", None, "travelSetIndex", "set 2 is never used"),
        ("travel.csv", "0.35,2,", "1.5,2,", 3, "startTime", "not after the row above"),
        ("travel.csv", "0,1,\n0.35", "0.3,1,\n0.35", 1, "startTime", "after the simulation (0.25)"),
        ("travel.csv", "2,600,\n", "2,600,\n3,9,\n", None, "travelModeIndex", "travel mode 3 is in no set"),
    ],
)
def test_a_fault_in_one_cell(tmp_path, name, old, new, row, field, problem):
    found = faults_of(write_model(tmp_path, changed(name, old, new)))
    assert (name, row, field) in [fault[:3] for fault in found]
    assert problem in " ".join(fault[3] for fault in found)


def test_modes_of_travel_and_arcs_must_agree(tmp_path):
    arcs = FILES["arcs.csv"].replace("undirected,2", "undirected,1")
    ((file, _, field, problem),) = faults_of(write_model(tmp_path, {"arcs.csv": arcs}))
    assert (file, field) == ("travel.csv", "travelModeIndex")
    assert "has 2 travel modes and the arcs have times for 1" in problem


def test_all_faults_of_all_files_in_one_error(tmp_path):
    files = {
        **changed("nodes.csv", "2.0,0.01", "x,0.01"),
        **changed("ambulances.csv", "2,2,2.0", "2,2,"),
        "calls.csv": FILES["calls.csv"].replace("0.002,0.001", "a,b"),
    }
    folder = write_model(tmp_path, files)
    (folder / "input" / "hospitals.csv").unlink()
    found = faults_of(folder)
    assert [fault[:3] for fault in found] == [
        ("nodes.csv", 2, "index"),
        ("hospitals.csv", None, None),
        ("ambulances.csv", 2, "class"),
        ("calls.csv", 1, "x"),
        ("calls.csv", 1, "y"),
    ]


def test_faults_within_and_between_files_come_together(tmp_path):
    files = {
        **changed("calls.csv", "1,3,0.002", "1,4,0.5"),
        **changed("ambulances.csv", "2,2,2.0", "2,9,2.0"),
        **changed("travel.csv", "0,1,\n0.35", "0.3,1,\n0.35"),
        "arcs.csv": "miscData,\narcForm,numModes\ndirected,1\n\narcs\nindex,fromNode,toNode,mode_1\n1,1,2,0.1\n2,2,1,0.1\n",
    }
    files["calls.csv"] = files["calls.csv"].replace("0.02,1,1,", "0.02,1,7,")
    assert [fault[:3] for fault in faults_of(write_model(tmp_path, files))] == [
        ("ambulances.csv", 2, "stationIndex"),
        ("calls.csv", 2, "hospitalIndex"),
        ("calls.csv", 1, "x"),
        ("calls.csv", 1, "priority"),
        ("travel.csv", None, "travelModeIndex"),
        ("arcs.csv", None, "toNode"),
    ]


def test_arcs_are_checked_even_without_nodes_and_map(tmp_path):
    arcs = "miscData,\narcForm,numModes\ndirected,1\n\narcs\nindex,fromNode,toNode,mode_1\n1,1,1,-1\n"
    folder = write_model(tmp_path, {"arcs.csv": arcs})
    for name in ("nodes.csv", "map.csv"):
        (folder / "input" / name).unlink()
    assert [fault[:3] for fault in faults_of(folder)][:4] == [
        ("map.csv", None, None),
        ("nodes.csv", None, None),
        ("arcs.csv", 1, "mode_1"),
        ("arcs.csv", 1, "toNode"),
    ]


def test_generated_calls_cannot_be_had(tmp_path):
    folder = write_model(tmp_path)
    config = (folder / "sim_config.xml").read_text(encoding="utf-8")
    config = config.replace("<calls>calls.csv</calls>", "<callGenConfig>gen_config.xml</callGenConfig>")
    (folder / "sim_config.xml").write_text(config, encoding="utf-8")
    ((_, _, field, problem),) = faults_of(folder)
    assert field == "simFiles/callGenConfig"
    assert "only Julia has" in problem


def test_no_cell_of_a_model_is_run(tmp_path):
    trap = tmp_path / "trap"
    cell = f'''"run(`touch {trap}`)"'''
    files, keys = mobilisation(f"true,{cell},{cell},{cell}")
    files.update(changed("map.csv", "0,0.02,0,", f"{cell},0.02,0,"))
    files.update({"demand.csv": DEMAND["demand.csv"].replace("[1; 2; 3]", cell)})
    assert faults_of(write_model(tmp_path, {**DEMAND, **files}, {**DEMAND_KEYS, **keys}))
    assert not trap.exists()
