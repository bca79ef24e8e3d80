"""JEMSS models: read as JEMSS reads them, refused with everything that is wrong at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_model import FILES, write_model

from ems_twin.cli import main
from ems_twin.errors import InputError, ManyFaultsError
from ems_twin.interop import read_jemss, run_jemss
from ems_twin.interop.jemss_cells import Distribution
from ems_twin.simulation import DRIVERS

MINUTE = 1 / 1440


def test_a_model_in_jemsss_own_dialect_is_read(tmp_path: Path) -> None:
    """Mixed line ends, filler commas, indices as floats, old column names, quoted cells, arithmetic."""
    model = read_jemss(write_model(tmp_path))
    assert len(model.node_x) == 4
    assert len(model.tail) == 6  # three undirected arcs
    assert model.arc_days[0].tolist() == pytest.approx([MINUTE] * 6)
    assert model.calls.node.tolist() == [1, 2]
    assert model.stations.node_km.tolist() == pytest.approx([0, 0], abs=1e-9)
    assert model.call_table["handoverDuration"].tolist() == pytest.approx([5 * MINUTE, 0])  # 0 without transport
    assert model.preempt == ((3, 1), (2, 1))  # JEMSS's default where no file says otherwise
    assert model.turnout is None


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_run_is_what_one_reckons_by_hand(tmp_path: Path, driver: str) -> None:
    calls = run_jemss(read_jemss(write_model(tmp_path)), driver=driver).world.calls
    assert calls["unit"].tolist() == [0, 1]
    response_min = (calls["t_on_scene"] - calls["t_received"]) / 60
    assert response_min.tolist() == pytest.approx([2, 2], abs=1e-4)  # delay and one arc each
    assert calls["t_at_hospital"][0] - calls["t_left_scene"][0] == pytest.approx(120, abs=1e-3)


def test_mobilisation_delays_are_drawn_by_the_law_of_the_file(tmp_path: Path) -> None:
    delay = "mobilisationDelay,,\nuse,distribution,seed,expectedDuration\ntrue,Exponential(2/1440),1,2/1440\n"
    model = read_jemss(write_model(tmp_path, extra={"mobilisationDelay": delay}))
    assert model.turnout == Distribution("Exponential", (2 / 1440,))
    one, same, other = (run_jemss(model, seed=seed).world.calls["turnout_s"] for seed in (1, 1, 2))
    assert (one > 0).all()
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_priority_list_moves_the_freed_unit(tmp_path: Path) -> None:
    listed = "priorityList,\nitem,stationIndex\n1,2\n2,2\n"
    folder = write_model(
        tmp_path, move_up="<module>priority_list</module><priorityList><filename>list.csv</filename></priorityList>",
        extra={"list": listed},
    )  # fmt: skip
    done = run_jemss(read_jemss(folder))
    assert done.world.units["home"].tolist() == [1, 1]
    assert done.world.units["to_node"].tolist() == [3, 3]


def faults_of(tmp_path: Path, **changed: str | None) -> str:
    with pytest.raises(InputError) as caught:
        read_jemss(write_model(tmp_path, **changed))
    return str(caught.value)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("calls", "0.11,0.1,", "1.5,0.1,", "(1.5, 0.1) lies outside the map box. Widen the box"),
        ("calls", ",0.1,1/1440", ",0.3,1/1440", "arrives before the one above it"),
        ("calls", "10/1440,1,-1", "exit(),1,-1", "'exit' is not one of the distributions"),
        ("calls", "1,1,0.11", "1,7,0.11", "is 7; priorities are 1 to 3"),
        ("calls", "2,3,0.12", "5,3,0.12", "is 5 in row 2"),
        ("calls", "1/1440,10/1440,1", "0-1,10/1440,1", "is -1; it must be 0 or more"),
        ("ambulances", "2,2,2", "2,9,2", "is 9; there are 1 to 2"),
        ("nodes", "2.0,0.11", "2.5,0.11", "is 2.5; it must be a whole number"),
        ("arcs", "undirected,1", "sideways,1", "arcForm is 'sideways'"),
        ("arcs", "2,2,3,1,1/1440\n", "2,2,2,1,1/1440\n", "begins and ends at one node"),
        ("arcs", "2,2,3,1,1/1440\n", "2,1,2,1,1/1440\n", "two arcs lead from node 1 to node 2"),
        ("arcs", "undirected,1", "directed,1", "cannot be driven to and from"),
        ("travel", "1,lowPriority,1\n", "", "does not give a mode for each priority"),
        ("travel", "lowPriority", "noPriority", "'noPriority' is not a priority"),
        ("map", "0,1,0,1,100", "1,0,0,1,100", "the box or the scales are empty"),
        ("hospitals", "1,0.13,0.1\n", "", "there is no hospital"),
        ("stations", "index,x,y", "index,x,x", "names a column twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, file: str, old: str, new: str, message: str) -> None:
    assert old in FILES[file]
    text = faults_of(tmp_path, **{file: FILES[file].replace(old, new, 1)})
    assert message in text
    assert f"{file}.csv" in text


def test_all_faults_are_listed_at_once(tmp_path: Path) -> None:
    calls = (
        FILES["calls"].replace("0.11,0.1,", "1.5,0.1,").replace("1,1,1.5", "1,8,1.5").replace("2,3,0.12", "2,3,0.1x")
    )
    with pytest.raises(ManyFaultsError) as caught:
        read_jemss(write_model(tmp_path, calls=calls, ambulances=FILES["ambulances"].replace("2,2,2", "2,9,2")))
    assert len(caught.value.faults) >= 4
    text = str(caught.value)
    assert "row 7" in text  # the line in the file, as an editor counts
    assert "ambulances.csv, row 4, field 'stationIndex'" in text


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ("lowPriority,highPriority,1\nhighPriority,lowPriority,1\n", "in a circle"),
        ("lowPriority,highPriority,1\nlowPriority,highPriority,0\n", "stands here twice"),
    ],
)
def test_redispatch_must_make_sense(tmp_path: Path, pairs: str, message: str) -> None:
    text = "miscData,\nallowRedispatch\n1\n,\nredispatchConditions,,\nfromCallPriority,toCallPriority,allowRedispatch\n"
    with pytest.raises(InputError, match=message):
        run_jemss(read_jemss(write_model(tmp_path, extra={"redispatch": text + pairs})))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<module>none</module>", "<module>ddsm</module>", "the move-up module 'ddsm' is not run here"),
        ("<module>none</module>", "<module>magic</module>", "'magic' is not a module of JEMSS"),
        ("<calls>calls.csv</calls>", "<callGenConfig>gen.xml</callGenConfig>", "does not name a file of calls"),
        ("<map>map.csv</map>", "", "names no file for map"),
        ("<resim>false", "<resim>true", "asks to replay the decisions"),
        ("findNearestDispatchableAmb!", "sendAll!", "the rule 'sendAll!' is not known"),
        ("<simConfig>", '<!DOCTYPE x [<!ENTITY a "b">]><simConfig>', "declares a document type"),
        ("</simConfig>", "", "is not well-formed XML"),
        ("simConfig>", "genConfig>", "is a 'genConfig', not a 'simConfig'"),
    ],
)
def test_configurations_that_cannot_be_run_are_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = write_model(tmp_path) / "sim_config.xml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(InputError) as caught:
        read_jemss(file)
    assert message in str(caught.value)


def test_the_command_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jemss", str(tmp_path / "nowhere")]) == 2
    assert "there is no JEMSS configuration" in capsys.readouterr().err
    folder = write_model(tmp_path)
    (folder / "input" / "calls.csv").unlink()
    assert main(["jemss", str(folder)]) == 2
    assert "calls.csv: cannot be read" in capsys.readouterr().err
