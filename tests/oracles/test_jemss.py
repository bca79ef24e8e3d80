"""The law against JEMSS: the same calls, the same units, the same times, by both drivers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ems_twin.cli import main
from ems_twin.interop import JemssModel, read_jemss, run_jemss
from ems_twin.interop.jemss_tables import Faults, Table, read_tables
from ems_twin.interop.jemss_write import call_columns
from ems_twin.simulation import DRIVERS

pytestmark = pytest.mark.shared

ORACLES = Path(__file__).parents[3] / "shared" / "oracles" / "jemss"
SCENARIOS = ("s1_standard", "s2_redispatch", "s4_time_dependent", "s6_overload_8amb", "s8_priority_list", "s10_dmexclp")
TEXTS = ("attributes", "ambStatusBeforeDispatch")
WITHIN_DAYS = 1e-6  # a tenth of a second; times are rounded to ticks, so that sums are exact
AMB_REACHES_CALL = "7"


@pytest.fixture(scope="module", params=SCENARIOS)
def scenario(request: pytest.FixtureRequest) -> Path:
    if not ORACLES.is_dir():
        pytest.skip("needs JEMSS's answers in ../shared/oracles")
    return ORACLES / str(request.param)


@pytest.fixture(scope="module")
def model(scenario: Path) -> JemssModel:
    return read_jemss(scenario)


def output(scenario: Path, name: str) -> Table:
    return read_tables(scenario / "output" / f"{name}.csv", Faults())[name]


@pytest.mark.parametrize("driver", DRIVERS)
def test_every_response_is_jemsss_to_a_twentieth_of_a_second(scenario: Path, model: JemssModel, driver: str) -> None:
    calls = run_jemss(model, driver=driver).world.calls
    theirs = output(scenario, "calls")
    response_s = theirs.numbers("responseDuration") * 86_400
    np.testing.assert_allclose(calls["t_on_scene"] - calls["t_received"], response_s, rtol=0, atol=0.05)
    np.testing.assert_array_equal(calls["was_queued"], theirs.integers("wasQueued"))
    np.testing.assert_array_equal(calls["n_bumps"], theirs.integers("numBumps"))


def test_the_same_unit_reaches_every_call(scenario: Path, model: JemssModel) -> None:
    calls = run_jemss(model).world.calls
    events = output(scenario, "events")
    unit = np.full(len(calls), -1)
    for key, ambulance, call in zip(
        events.text("eventKey"), events.text("ambIndex"), events.text("callIndex"), strict=True
    ):
        if key == AMB_REACHES_CALL:
            unit[int(call) - 1] = int(ambulance) - 1
    np.testing.assert_array_equal(calls["unit"], unit)


def test_every_column_of_calls_csv_is_jemsss(scenario: Path, model: JemssModel) -> None:
    columns = call_columns(run_jemss(model))
    theirs = output(scenario, "calls")
    assert list(columns) == list(theirs.columns)
    for name, column in columns.items():
        if name in TEXTS:
            assert list(column) == theirs.text(name), name
        else:
            np.testing.assert_allclose(
                np.asarray(column, float), theirs.numbers(name), rtol=0, atol=WITHIN_DAYS, err_msg=name
            )


def test_the_command_writes_what_jemss_would(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["jemss", str(scenario), "--out", str(tmp_path), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    ours, theirs = read_tables(tmp_path / "calls.csv", Faults())["calls"], output(scenario, "calls")
    mean_s = 86_400 * theirs.numbers("responseDuration").mean()
    assert summary["response_s"]["all"]["mean"] == pytest.approx(mean_s, abs=0.01)
    assert summary["bumped"]["times"] == theirs.integers("numBumps").sum()
    np.testing.assert_allclose(
        ours.numbers("serviceDuration"), theirs.numbers("serviceDuration"), rtol=0, atol=WITHIN_DAYS
    )
