"""The law against JEMSS: the same calls, the same units, the same times, by both drivers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ems_twin.cli import main
from ems_twin.interop import (
    AMBULANCE_RESULTS,
    CALL_RESULTS,
    EVENT_COLUMNS,
    JemssHistory,
    JemssModel,
    JemssOutputs,
    ambulance_results,
    call_results,
    event_results,
    history_of,
    hospital_results,
    read_jemss,
    read_outputs,
    run_jemss,
)
from ems_twin.simulation import DRIVERS
from ems_twin.world import UnitStatus

pytestmark = pytest.mark.shared

ORACLES = Path(__file__).parents[3] / "shared" / "oracles" / "jemss"
SCENARIOS = ("s1_standard", "s2_redispatch", "s4_time_dependent", "s6_overload_8amb", "s8_priority_list", "s10_dmexclp")
WITHIN_DAYS, WITHIN_KM = 1e-11, 1e-8  # what is left of adding up some hundred spells in another order
CLOCK_WITHIN_DAYS = 1e-7  # a hundredth of a second; the law's own times are rounded to ticks
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


@pytest.fixture(scope="module")
def histories(model: JemssModel) -> dict[str, JemssHistory]:
    return {driver: history_of(run_jemss(model, driver=driver)) for driver in DRIVERS}


@pytest.mark.parametrize("driver", DRIVERS)
def test_every_response_is_jemsss_to_a_twentieth_of_a_second(
    histories: dict[str, JemssHistory], theirs: JemssOutputs, driver: str
) -> None:
    calls = histories[driver].run.world.calls
    response_s = theirs.calls["responseDuration"] * 86_400
    np.testing.assert_allclose(calls["t_on_scene"] - calls["t_received"], response_s, rtol=0, atol=0.05)
    np.testing.assert_array_equal(calls["was_queued"], theirs.calls["wasQueued"])
    np.testing.assert_array_equal(calls["n_bumps"], theirs.calls["numBumps"])


def test_the_same_unit_reaches_every_call(histories: dict[str, JemssHistory], theirs: JemssOutputs) -> None:
    calls = histories["compiled"].run.world.calls
    reached = theirs.events["eventKey"] == AMB_REACHES_CALL
    unit = np.full(len(calls), -1)
    unit[theirs.events["callIndex"][reached] - 1] = theirs.events["ambIndex"][reached] - 1
    np.testing.assert_array_equal(calls["unit"], unit)


@pytest.mark.parametrize("driver", DRIVERS)
def test_every_result_column_of_calls_csv_is_jemsss(
    histories: dict[str, JemssHistory], theirs: JemssOutputs, driver: str
) -> None:
    columns = call_results(histories[driver])
    assert tuple(columns) == CALL_RESULTS
    for name, column in columns.items():
        if name == "ambStatusBeforeDispatch":
            assert list(column) == list(theirs.calls[name])
        else:
            np.testing.assert_allclose(column, theirs.calls[name], rtol=0, atol=WITHIN_DAYS, err_msg=name)


@pytest.mark.parametrize("driver", DRIVERS)
def test_every_figure_of_every_ambulance_and_hospital_is_jemsss(
    histories: dict[str, JemssHistory], theirs: JemssOutputs, driver: str
) -> None:
    columns = ambulance_results(histories[driver])
    assert set(columns) == {"stationIndex", *AMBULANCE_RESULTS}
    for name, column in columns.items():
        atol = {"statusDu": WITHIN_DAYS, "statusDi": WITHIN_KM}.get(name[:8], 0.0)
        np.testing.assert_allclose(column, theirs.ambulances[name], rtol=0, atol=atol, err_msg=name)
    np.testing.assert_array_equal(hospital_results(histories[driver])["numCalls"], theirs.hospitals["numCalls"])


@pytest.mark.parametrize("driver", DRIVERS)
def test_every_event_is_jemsss_with_its_number_parent_and_time(
    histories: dict[str, JemssHistory], theirs: JemssOutputs, driver: str
) -> None:
    columns = event_results(histories[driver])
    assert tuple(columns) == EVENT_COLUMNS
    for name, column in columns.items():
        if name == "time":
            np.testing.assert_array_equal([f"{days:.5f}" for days in column], [f"{t:.5f}" for t in theirs.events[name]])
        else:
            np.testing.assert_array_equal(column, theirs.events[name], err_msg=name)


def test_what_is_written_is_what_the_law_did(histories: dict[str, JemssHistory]) -> None:
    """The model's own times, by which the files are written, lie within ticks of the law's; the states agree."""
    history = histories["compiled"]
    clock_days = history.run.model.calls.start_days + np.array([event.time_s for event in history.events]) / 86_400
    np.testing.assert_allclose(history.event_days, clock_days, rtol=0, atol=CLOCK_WITHIN_DAYS)
    units, columns = history.run.world.units, ambulance_results(history)
    np.testing.assert_array_equal(columns["stationIndex"] - 1, units["home"])
    np.testing.assert_array_equal(columns["numCallsTreated"], units["n_calls"])
    going_s = 86_400 * columns["statusDurations_ambGoingToCall"]
    np.testing.assert_allclose(going_s, units["status_s"][:, UnitStatus.EN_ROUTE], rtol=0, atol=0.1)


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
    for name in ("events.csv", "hospitals.csv"):
        assert (tmp_path / name).read_bytes() == (scenario / "output" / name).read_bytes(), name
