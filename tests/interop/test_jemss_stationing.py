"""Move-up modules of JEMSS models become station policies; what cannot is refused by file."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from ems_twin.errors import InputError
from ems_twin.interop import read_jemss, run_jemss
from ems_twin.interop.jemss_run import RUN_HERE
from ems_twin.interop.jemss_stationing import stationing_of
from ems_twin.world import StationPolicy

sys.path.insert(0, str(Path(__file__).parent))
from small_model import write_model

ELEMENT = {
    "comp_table": ("compTable", "filename"),
    "multi_comp_table": ("multiCompTable", "filename"),
    "zhang_ip": ("zhangIp", "paramsFilename"),
}
ZHANG = (
    "miscParams,,,\n"
    "travelTimeCost,onRoadMoveUpDiscountFactor,regretTravelTimeThreshold,expectedHospitalHandoverDuration\n"
    "864,0.5,2/60/24,0.01\n,,,\nstationCapacities,,,\nstationIndex,capacity,,\n1,1,,\n2,3,,\n,,,\n"
    "stationMarginalBenefits,,,\nstationIndex,slot_1,slot_2,slot_3\n1,0.9,,\n2,0.6,0.4,0.4\n"
)


def written(folder: Path, module: str, table: str) -> Path:
    element, name = ELEMENT[module]
    move_up = f"<module>{module}</module><{element}><{name}>list.csv</{name}></{element}>"
    return write_model(folder, move_up=move_up, extra={"list": table})


def stationing(folder: Path, module: str, table: str):
    return stationing_of(read_jemss(written(folder, module, table)), None)  # only DMEXCLP asks for travel times


def test_a_compliance_table(tmp_path: Path) -> None:
    plan = stationing(tmp_path, "comp_table", "compTable,\nnumAmbs,station_1,station_2\n2,1,1\n1,0,1\n")
    assert (plan.policy, plan.low_priority) == (StationPolicy.COMP_TABLE, 3)
    assert plan.arrays().comp_table.tolist() == [[0, 1], [1, 1]]
    assert plan.arrays().comp_first.tolist() == [0, 0, 1, 2]


def test_several_compliance_tables_keep_the_order_of_their_rows(tmp_path: Path) -> None:
    table = (
        "miscData,\nnumAmbs,numStations\n2,2\n\n"
        "multiCompTable,\nnumAmbs,station_1,station_2\n2,0,2\n1,1,0\n2,2,0\n1,0,1\n2,1,1\n"
    )
    arrays = stationing(tmp_path, "multi_comp_table", table).arrays()
    assert arrays.comp_table.tolist() == [[1, 0], [0, 1], [0, 2], [2, 0], [1, 1]]
    assert arrays.comp_first.tolist() == [0, 0, 2, 5]


def test_zhangs_parameters_in_seconds(tmp_path: Path) -> None:
    arrays = stationing(tmp_path, "zhang_ip", ZHANG).arrays()
    costs = arrays.zhang[0]
    assert costs["travel_cost_per_s"] == pytest.approx(0.01)
    assert costs["regret_limit_s"] == pytest.approx(120.0)
    assert costs["expected_handover_s"] == pytest.approx(864.0)
    assert costs["on_road_discount"] == 0.5
    np.testing.assert_array_equal(arrays.slot_benefit, [[0.9, np.nan, np.nan], [0.6, 0.4, 0.4]])


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("0.6,0.4,0.4", "0.6,0.3,0.4", "the benefits of station 2 do not decrease: slot 3 is worth 0.4"),
        ("2,3,,", "2,0,,", "the stations have 1 slots and there are 2 units"),
    ],
)
def test_programs_that_are_no_assignment_are_refused_by_file(tmp_path: Path, old: str, new: str, problem: str) -> None:
    model = read_jemss(written(tmp_path, "zhang_ip", ZHANG.replace(old, new)))
    with pytest.raises(InputError, match=problem) as caught:
        run_jemss(model)
    assert caught.value.file is not None
    assert caught.value.file.endswith("list.csv")
    assert caught.value.field == "move-up module zhang_ip"
    assert "another move-up module" in (caught.value.remedy or "")


def test_what_is_run_here_is_said() -> None:
    assert "ddsm" not in RUN_HERE
    assert {*ELEMENT, "none", "priority_list", "dmexclp"} == set(RUN_HERE)
