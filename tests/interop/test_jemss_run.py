"""JEMSS models are run by our law: nights of two calls that are reckoned by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from ems_twin.cli import main
from ems_twin.errors import InputError
from ems_twin.interop import Distribution, read_jemss, run_jemss
from ems_twin.simulation import DRIVERS

sys.path.insert(0, str(Path(__file__).parent))
from small_model import write_model


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
    assert model.mobilisation.distribution == Distribution("Exponential", (2 / 1440,))
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


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<module>none</module>", "<module>ddsm</module>", "move-up module 'ddsm'"),
        ("<resim>false", "<resim>true", "asks to replay the decisions"),
    ],
)
def test_what_cannot_be_run_here_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = write_model(tmp_path) / "sim_config.xml"
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(InputError) as caught:
        run_jemss(read_jemss(file))
    assert message in str(caught.value) or "ddsm" in str(caught.value)


def test_the_command_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jemss", str(tmp_path / "nowhere")]) == 2
    assert "nowhere" in capsys.readouterr().err
    folder = write_model(tmp_path)
    (folder / "input" / "calls.csv").unlink()
    assert main(["jemss", str(folder)]) == 2
    assert "calls.csv" in capsys.readouterr().err
