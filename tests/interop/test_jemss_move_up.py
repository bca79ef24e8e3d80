from __future__ import annotations

import numpy as np
import pytest
from tiny_jemss import DEMAND, DEMAND_KEYS, write_model

from ems_twin.interop import JemssError, read_jemss
from ems_twin.interop.jemss_config import DdsmParameters


def model_with(folder, module: str, element: str, text: str, files: dict[str, str] | None = None):
    name = "paramsFilename" if module == "zhang_ip" else "filename"
    move_up = f"<module>{module}</module><{element}><{name}>table.csv</{name}></{element}>"
    return write_model(folder, {"table.csv": text, **(files or {})}, move_up=move_up)


def faults_of(folder) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(JemssError) as caught:
        read_jemss(folder)
    return [(fault.row, fault.field, fault.problem) for fault in caught.value.faults]


COMP = "compTable,\nnumAmbs,station_1,station_2\n2,1,1\n1,0,1\n"


def test_compliance_table_in_any_order_of_rows(tmp_path):
    move_up = read_jemss(model_with(tmp_path, "comp_table", "compTable", COMP)).move_up
    assert move_up.comp_table.tolist() == [[0, 1], [1, 1]]
    assert (move_up.module, move_up.priority_list) == ("comp_table", None)


@pytest.mark.parametrize(
    ("text", "row", "field", "problem"),
    [
        (COMP.replace("2,1,1", "2,1,2"), 1, "numAmbs", "add up to 3, not to 2"),
        (COMP.replace("2,1,1\n", ""), None, "numAmbs", "no row for 2 units"),
        (COMP.replace("1,0,1", "1,2,-1"), 2, "station_2", "-1 is out of range"),
        (COMP + "1,1,0\n", 3, "numAmbs", "two rows for 1 units"),
        (COMP + "9,9,0\n", None, "numAmbs", "no row for 3, 4, 5, 6, 7, 8 units"),
        (COMP.replace("station_2", "station_3"), None, "station_2", "the column is missing"),
        (
            COMP.replace("\n", ",station_3\n", 2).replace("compTable,,station_3", "compTable"),
            None,
            "station_3",
            "has 2",
        ),
    ],
)
def test_faults_of_compliance_tables(tmp_path, text, row, field, problem):
    found = faults_of(model_with(tmp_path, "comp_table", "compTable", text))
    assert (row, field) in [fault[:2] for fault in found]
    assert problem in " ".join(fault[2] for fault in found)


MULTI = (
    "miscData,\nnumAmbs,numStations\n2,2\n\n"
    "multiCompTable,\nnumAmbs,station_1,station_2\n1,0,1\n1,1,0\n2,1,1\n2,0,2\n2,2,0\n"
)


def test_several_compliance_rows(tmp_path):
    tables = read_jemss(model_with(tmp_path, "multi_comp_table", "multiCompTable", MULTI)).move_up.multi_comp_table
    assert [table.tolist() for table in tables] == [[[0, 1], [1, 0]], [[1, 1], [0, 2], [2, 0]]]
    found = faults_of(model_with(tmp_path, "multi_comp_table", "multiCompTable", MULTI.replace("\n2,2\n", "\n2,3\n")))
    assert found == [(1, "numStations", "the model has 2 (table 'miscData', line 3)")]


def test_priority_list(tmp_path):
    text = "priorityList,\nitem,stationIndex\n1,2\n2,1.0\n"
    for file in (text, text.replace("item", "numAmbs")):
        move_up = read_jemss(model_with(tmp_path, "priority_list", "priorityList", file)).move_up
        assert move_up.priority_list.tolist() == [1, 0]
    ((_, _, problem),) = faults_of(model_with(tmp_path, "priority_list", "priorityList", text + "3,1\n"))
    assert "has 3 items and the model 2 ambulances" in problem
    ((row, field, _),) = faults_of(model_with(tmp_path, "priority_list", "priorityList", text.replace("1,2", "1,3")))
    assert (row, field) == (1, "stationIndex")


ZHANG = (
    "miscParams,,,\n"
    "travelTimeCost,onRoadMoveUpDiscountFactor,regretTravelTimeThreshold,expectedHospitalHandoverDuration\n"
    "50,0.5,2/60/24,0.0076\n,,,\n"
    "stationCapacities,,,\nstationIndex,capacity,,\n1,1,,\n2,3,,\n,,,\n"
    "stationMarginalBenefits,,,random\nstationIndex,slot_1,slot_2,slot_3\n1,0.88,,\n2,0.61,0.42,0.1\n"
)
# zhang_ip works with one travel set
ONE_SET = {
    "travel.csv": (
        "travelModes,,\ntravelModeIndex,offRoadSpeed,\n1,1200,\n2,600,\n,,\ntravelSets,,\n"
        "travelSetIndex,priority,travelModeIndex\n1,highPriority,1\n1,medPriority,1\n1,lowPriority,2\n,,\n"
        "travelSetsTiming,,\nstartTime,travelSetIndex,\n0,1,\n"
    )
}


def test_zhang_parameters(tmp_path):
    for text in (ZHANG, ZHANG.replace("HospitalHandover", "HospitalTransfer")):
        zhang = read_jemss(model_with(tmp_path, "zhang_ip", "zhangIp", text, ONE_SET)).move_up.zhang
        assert (zhang.travel_time_cost, zhang.on_road_discount) == (50.0, 0.5)
        assert (zhang.regret_threshold_days, zhang.expected_handover_days) == (2 / 60 / 24, 0.0076)
        assert zhang.capacity.tolist() == [1, 3]
        expected = [[0.88, np.nan, np.nan], [0.61, 0.42, 0.1]]
        assert np.array_equal(zhang.benefit, expected, equal_nan=True)


@pytest.mark.parametrize(
    ("old", "new", "row", "field", "problem"),
    [
        ("2,3,,", "2,4,,", 2, "capacity", "4 is more than the 3"),
        ("0.42,0.1", "0.42,", 2, "slot_3", "benefit is missing"),
        ("1,0.88", "1,x", 1, "slot_1", "'x'"),
        ("1,1,,\n", "", None, None, "has 1 rows and the model 2 stations"),
        (",slot_3", ",", None, "slot_3", "the column is missing"),
        ("50,0.5", "-1,0.5", 1, "travelTimeCost", "-1 is below 0"),
    ],
)
def test_faults_of_zhang_parameters(tmp_path, old, new, row, field, problem):
    assert ZHANG.count(old) == 1
    found = faults_of(model_with(tmp_path, "zhang_ip", "zhangIp", ZHANG.replace(old, new), ONE_SET))
    assert (row, field) in [fault[:2] for fault in found]
    assert problem in " ".join(fault[2] for fault in found)


def test_zhang_needs_one_travel_set(tmp_path):
    ((_, field, problem),) = faults_of(model_with(tmp_path, "zhang_ip", "zhangIp", ZHANG))
    assert field == "travelSetIndex"
    assert "one travel set, not with 2" in problem


DMEXCLP = "<module>dmexclp</module><dmexclp><busyFraction>0.3</busyFraction></dmexclp>"


def test_dmexclp_and_ddsm_need_demand(tmp_path):
    model = read_jemss(write_model(tmp_path, DEMAND, DEMAND_KEYS, move_up=DMEXCLP))
    assert (model.move_up.module, model.move_up.busy_fraction) == ("dmexclp", 0.3)
    model = read_jemss(write_model(tmp_path, DEMAND, DEMAND_KEYS, move_up="<module>ddsm</module>"))
    assert model.move_up.ddsm == DdsmParameters()
    found = faults_of(write_model(tmp_path, move_up=DMEXCLP))
    assert [field for _, field, _ in found] == ["simFiles/demand", "simFiles/demandCoverage"]


def test_ddsm_needs_one_raster_a_set(tmp_path):
    files = {
        **DEMAND,
        "other.xyz": DEMAND["raster.xyz"],
        "demand.csv": DEMAND["demand.csv"]
        .replace("1,raster.xyz,,", "1,raster.xyz,,\n2,other.xyz,,")
        .replace("2,1,medPriority", "2,2,medPriority"),
    }
    ((_, field, problem),) = faults_of(write_model(tmp_path, files, DEMAND_KEYS, move_up="<module>ddsm</module>"))
    assert field == "rasterIndex"
    assert "the same demand raster" in problem
    assert read_jemss(write_model(tmp_path, files, DEMAND_KEYS)).demand.mode_raster.tolist() == [0, 1, 0]


def test_a_module_without_its_file(tmp_path):
    folder = model_with(tmp_path, "priority_list", "priorityList", "")
    (folder / "input" / "table.csv").unlink()
    ((_, _, problem),) = faults_of(folder)
    assert problem == "there is no such file"
