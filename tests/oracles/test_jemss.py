"""The law against JEMSS: the same calls, the same units, the same times, by both drivers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ems_twin.cli import main
from ems_twin.interop import CALL_RESULTS, JemssModel, JemssOutputs, call_results, read_jemss, read_outputs, run_jemss
from ems_twin.simulation import DRIVERS

pytestmark = pytest.mark.shared

ORACLES = Path(__file__).parents[3] / "shared" / "oracles" / "jemss"
SCENARIOS = ("s1_standard", "s2_redispatch", "s4_time_dependent", "s6_overload_8amb", "s8_priority_list", "s10_dmexclp")
WITHIN_DAYS = 1e-6  # a tenth of a second; times are rounded to ticks, so that sums are exact
AMB_REACHES_CALL = 7


@pytest.fixture(scope="module", params=SCENARIOS)
def scenario(request: pytest.FixtureRequest) -> Path:
    if not ORACLES.is_dir():
        pytest.skip("needs JEMSS's answers in ../shared/oracles")
    return ORACLES / str(request.param)


@pytest.fixture(scope="module")
def model(scenario: Path) -> JemssModel:
    return read_jemss(scenario)


@pytest.fixture(scope="module")
def theirs(scenario: Path) -> JemssOutputs:
    return read_outputs(scenario / "output")


@pytest.mark.parametrize("driver", DRIVERS)
def test_every_response_is_jemsss_to_a_twentieth_of_a_second(
    model: JemssModel, theirs: JemssOutputs, driver: str
) -> None:
    calls = run_jemss(model, driver=driver).world.calls
    response_s = theirs.calls["responseDuration"] * 86_400
    np.testing.assert_allclose(calls["t_on_scene"] - calls["t_received"], response_s, rtol=0, atol=0.05)
    np.testing.assert_array_equal(calls["was_queued"], theirs.calls["wasQueued"])
    np.testing.assert_array_equal(calls["n_bumps"], theirs.calls["numBumps"])


def test_the_same_unit_reaches_every_call(model: JemssModel, theirs: JemssOutputs) -> None:
    calls = run_jemss(model).world.calls
    reached = theirs.events["eventKey"] == AMB_REACHES_CALL
    unit = np.full(len(calls), -1)
    unit[theirs.events["callIndex"][reached] - 1] = theirs.events["ambIndex"][reached] - 1
    np.testing.assert_array_equal(calls["unit"], unit)


def test_every_result_column_of_calls_csv_is_jemsss(model: JemssModel, theirs: JemssOutputs) -> None:
    columns = call_results(run_jemss(model))
    assert tuple(columns) == CALL_RESULTS
    for name, column in columns.items():
        if name == "ambStatusBeforeDispatch":
            assert list(column) == list(theirs.calls[name])
        else:
            np.testing.assert_allclose(column, theirs.calls[name], rtol=0, atol=WITHIN_DAYS, err_msg=name)


def test_the_command_writes_what_jemss_would(
    scenario: Path, theirs: JemssOutputs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["jemss", str(scenario), "--out", str(tmp_path), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    mean_s = 86_400 * theirs.calls["responseDuration"].mean()
    assert summary["response_s"]["all"]["mean"] == pytest.approx(mean_s, abs=0.01)
    assert summary["bumped"]["times"] == theirs.calls["numBumps"].sum()
    head, *rows = (tmp_path / "calls.csv").read_text("utf-8").splitlines()[5:]
    assert head.startswith("index,priority,x,y,arrivalTime")
    assert len(rows) >= len(theirs.calls["index"])
