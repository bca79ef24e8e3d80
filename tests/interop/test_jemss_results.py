"""What JEMSS would write about a run: nights of two calls that are reckoned by hand, on a road of 1 km a minute."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ems_twin.cli import main
from ems_twin.interop import (
    AMBULANCE_RESULTS,
    CALL_RESULTS,
    EVENT_COLUMNS,
    ambulance_results,
    call_results,
    event_results,
    history_of,
    hospital_results,
    read_jemss,
    read_outputs,
    run_jemss,
)
from ems_twin.interop.jemss_checksum import crc32c
from ems_twin.interop.jemss_grammar import EVENT_NAMES
from ems_twin.interop.jemss_history import JemssHistory

sys.path.insert(0, str(Path(__file__).parent))
from small_model import FILES, write_model

MINUTE = 1 / 1440
ONE_UNIT = "ambulances,,\nindex,stationIndex,class\n1,1,1\n"
HEAD = "miscData,\nstartTime\n0.0\n,\ncalls,,,\n" + FILES["calls"].splitlines()[5] + "\n"
# a call of low priority at the far end of the road; its unit has come 1.5 km when an urgent one at the station takes it
TAKEN_OVER = HEAD + "1,3,0.13,0.1,0.1,1/1440,10/1440,0,-1,0\n2,1,0.10,0.1,0.1+1.5/1440,1/1440,10/1440,0,-1,0\n"


def history(folder: Path, **options: object) -> JemssHistory:
    return history_of(run_jemss(read_jemss(write_model(folder, **options))))  # type: ignore[arg-type]


def told(history: JemssHistory) -> list[tuple[str, int, int, int, int]]:
    """Events as they stand in the file: name, parent, unit, call, station."""
    columns = event_results(history)
    assert tuple(columns) == EVENT_COLUMNS
    names = [EVENT_NAMES[key] for key in columns["eventKey"]]
    return list(zip(names, *(columns[c].tolist() for c in EVENT_COLUMNS if c not in ("time", "eventKey")), strict=True))


def test_ambulances_and_hospitals_of_a_night_reckoned_by_hand(tmp_path: Path) -> None:
    night = history(tmp_path)
    rows = ambulance_results(night)
    assert set(rows) == {"stationIndex", *AMBULANCE_RESULTS}
    assert rows["stationIndex"].tolist() == [1, 2]
    assert rows["numCallsTreated"].tolist() == rows["numDispatchesFromStation"].tolist() == [1, 1]
    assert rows["numCallsTransported"].tolist() == [1, 0]
    assert rows["numMoveUps"].tolist() == rows["numRedispatches"].tolist() == [0, 0]
    minutes = {
        "ambGoingToCall": [1, 1], "ambAtCall": [10, 10], "ambGoingToHospital": [2, 0], "ambAtHospital": [5, 0],
        "ambReturningToStation": [3, 1], "ambTravelling": [6, 2], "ambBusy": [18, 11], "ambSleeping": [0, 0],
    }  # fmt: skip
    for name, expected in minutes.items():
        assert rows[f"statusDurations_{name}"] / MINUTE == pytest.approx(expected, abs=1e-9), name
    end = 0.2 + 13 * MINUTE
    assert rows["statusDurations_ambWorking"] == pytest.approx([end, end])
    km = {"ambGoingToCall": [1, 1], "ambGoingToHospital": [2, 0], "ambReturningToStation": [3, 1], "ambBusy": [3, 1]}
    for name, expected in km.items():
        assert rows[f"statusDistances_{name}"] == pytest.approx(expected, abs=1e-9), name
    assert hospital_results(night)["numCalls"].tolist() == [1]


def test_events_have_jemsss_order_and_parents(tmp_path: Path) -> None:
    night = history(tmp_path)
    assert told(night) == [
        ("ambWakesUp", -1, 2, -1, 2), ("ambWakesUp", -1, 1, -1, 1),
        ("callArrives", -1, -1, 1, -1), ("considerDispatch", 3, -1, 1, -1), ("ambDispatched", 4, 1, 1, -1),
        ("ambReachesCall", 5, 1, 1, -1), ("ambGoesToHospital", 6, 1, 1, -1), ("ambReachesHospital", 7, 1, 1, -1),
        ("ambBecomesFree", 8, 1, 1, -1), ("ambReturnsToStation", 9, 1, -1, 1), ("ambReachesStation", 10, 1, -1, 1),
        ("callArrives", -1, -1, 2, -1), ("considerDispatch", 12, -1, 2, -1), ("ambDispatched", 13, 2, 2, -1),
        ("ambReachesCall", 14, 2, 2, -1), ("ambBecomesFree", 15, 2, 2, -1), ("ambReturnsToStation", 16, 2, -1, 2),
        ("ambReachesStation", 17, 2, -1, 2),
    ]  # fmt: skip
    minutes = (night.event_days[2:11] - 0.1) / MINUTE
    assert minutes == pytest.approx([0, 1, 1, 2, 12, 14, 19, 19, 22], abs=1e-9)


def test_a_call_that_loses_its_unit_is_considered_after_the_dispatch(tmp_path: Path) -> None:
    night = history(tmp_path, ambulances=ONE_UNIT, calls=TAKEN_OVER)
    assert told(night)[5:13] == [
        ("considerDispatch", 5, -1, 2, -1), ("ambDispatched", 6, 1, 2, -1), ("considerDispatch", 6, -1, 1, -1),
        ("ambReachesCall", 7, 1, 2, -1), ("ambBecomesFree", 9, 1, 2, -1), ("ambDispatched", 10, 1, 1, -1),
        ("ambReachesCall", 11, 1, 1, -1), ("ambBecomesFree", 12, 1, 1, -1),
    ]  # fmt: skip
    rows = ambulance_results(night)
    assert rows["statusDistances_ambGoingToCall"] == pytest.approx([1.5 + 2.5 + 3])  # it finishes its street
    counts = {"numDispatches": 3, "numDispatchesOnRoad": 1, "numDispatchesOnFree": 1, "numRedispatches": 1}
    assert {name: int(rows[name][0]) for name in counts} == counts
    calls = call_results(night)
    assert tuple(calls) == CALL_RESULTS
    assert calls["ambStatusBeforeDispatch"] == ["ambFreeAfterCall", "ambGoingToCall"]
    assert calls["bumpedDuration"] / MINUTE == pytest.approx([1.5, 0])
    assert calls["queuedDuration"] / MINUTE == pytest.approx([12.5, 0])
    assert calls["ambDispatchLoc.x"] == pytest.approx([0.10, 0.115])


def test_a_unit_that_left_the_road_turns_back_at_its_next_speed(tmp_path: Path) -> None:
    """Off the road high priority drives 2 km a minute, all else 1; the scene is 0.6 km from the road's end."""
    travel = FILES["travel"].replace("1,1440\n", "1,1440\n2,2880\n").replace("highPriority,1", "highPriority,2")
    arcs = "miscData,\narcForm,numModes\nundirected,2\n,\narcs,,,\nindex,fromNode,toNode,distance,mode_1,mode_2\n"
    arcs += "".join(f"{i},{i},{i + 1},1,1/1440,1/1440\n" for i in (1, 2, 3))
    calls = TAKEN_OVER.replace("0.13,0.1,0.1,", "0.13,0.106,0.1,").replace("0.1+1.5/1440", "0.1+3.4/1440")
    night = history(tmp_path, ambulances=ONE_UNIT, travel=travel, arcs=arcs, calls=calls)
    to_first, to_second = night.spells[night.spells["status"] == 3][:2]
    assert to_first["km"] == pytest.approx(3 + 0.4)
    assert to_second["km"] == pytest.approx(0.4 + 3)
    assert (to_second["to_days"] - to_second["from_days"]) / MINUTE == pytest.approx(0.2 + 3)
    assert night.dispatches["y"][1] == pytest.approx(0.104)


def test_a_unit_that_mobilises_is_told_so(tmp_path: Path) -> None:
    delay = "mobilisationDelay,,\nuse,distribution,seed,expectedDuration\ntrue,Exponential(2/1440),1,2/1440\n"
    night = history(tmp_path, extra={"mobilisationDelay": delay})
    assert told(night)[4:7] == [
        ("ambDispatched", 4, 1, 1, -1), ("ambMobilised", 5, 1, 1, -1), ("ambReachesCall", 6, 1, 1, -1),
    ]  # fmt: skip
    turnout_s = night.run.world.calls["turnout_s"]
    assert ambulance_results(night)["statusDurations_ambMobilising"] * 86_400 == pytest.approx(turnout_s)


def test_move_ups_come_before_the_return_they_replace(tmp_path: Path) -> None:
    table = "compTable,,\nnumAmbs,station_1,station_2\n1,0,1\n2,1,1\n"
    move_up = "<module>comp_table</module><compTable><filename>list.csv</filename></compTable>"
    night = history(tmp_path, move_up=move_up, extra={"list": table})
    events = told(night)
    assert events[9:12] == [
        ("ambBecomesFree", 9, 1, 1, -1), ("considerMoveUp", 10, 1, -1, -1), ("ambReturnsToStation", 10, 1, -1, 1),
    ]  # fmt: skip
    assert events[15:18] == [
        ("ambDispatched", 15, 2, 2, -1), ("considerMoveUp", 16, 2, -1, -1), ("ambMoveUpToStation", 17, 1, -1, 2),
    ]  # fmt: skip
    assert events[20:] == [
        ("ambBecomesFree", 19, 2, 2, -1), ("considerMoveUp", 21, 2, -1, -1), ("ambMoveUpToStation", 22, 2, -1, 1),
        ("ambReachesStation", 23, 2, -1, 1),
    ]  # fmt: skip
    rows = ambulance_results(night)
    assert rows["stationIndex"].tolist() == [2, 1]
    assert rows["numMoveUpsFromStation"].tolist() == [1, 0]
    assert rows["numMoveUpsOnFree"].tolist() == [0, 1]
    assert rows["statusDistances_ambMovingUpToStation"] == pytest.approx([3, 2])


def test_a_unit_sent_back_on_the_way_is_counted(tmp_path: Path) -> None:
    """Unit 1 moves up when unit 2 is dispatched, and is sent back half way when unit 2 is free at its own station."""
    table = "compTable,,\nnumAmbs,station_1,station_2\n1,0,1\n2,1,1\n"
    calls = HEAD + "1,1,0.13,0.1,0.1,1/1440,1.5/1440,0,-1,0\n"
    move_up = "<module>comp_table</module><compTable><filename>list.csv</filename></compTable>"
    night = history(tmp_path, move_up=move_up, extra={"list": table}, calls=calls)
    rows = ambulance_results(night)
    assert rows["numMoveUps"].tolist() == [2, 0]
    assert rows["numMoveUpsOnRoad"].tolist() == rows["numMoveUpsReturnToPrevStation"].tolist() == [1, 0]
    assert rows["statusDistances_ambMovingUpToStation"] == pytest.approx([4, 0])  # to the next node and back


def test_the_command_writes_the_files_and_events_that_are_asked_for(tmp_path: Path) -> None:
    folder = write_model(tmp_path)
    assert main(["jemss", str(folder), "--out", str(tmp_path / "all"), "--json"]) == 0
    outputs = read_outputs(tmp_path / "all")
    assert outputs.complete
    assert outputs.events["name"][-1] == "ambReachesStation"
    assert outputs.events["time"].tolist()[2:4] == [0.1, 0.10069]
    assert outputs.ambulances["numDispatches"].tolist() == [1, 1]
    config = folder / "sim_config.xml"
    asked = (
        "<outputFiles><events>events.csv</events><hospitals>hospitals.csv</hospitals></outputFiles>"
        "<eventsFileFilter>[ambReachesCall]</eventsFileFilter><resim>"
    )
    config.write_text(config.read_text("utf-8").replace("<resim>", asked), "utf-8")
    assert main(["jemss", str(folder), "--out", str(tmp_path / "some"), "--json"]) == 0
    assert {file.stem for file in (tmp_path / "some").glob("*.csv")} == {"events", "hospitals"}
    lines = (tmp_path / "some" / "events.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[0] for line in lines[-3:]] == ["6", "15", "end"]
    assert "6,ambMobilised,0" in lines
    assert "7,ambReachesCall,1" in lines


def test_checksums_are_castagnolis() -> None:
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(b"") == 0
