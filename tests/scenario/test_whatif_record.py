"""What a scenario's record and tables hold."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from made_up_scenario import answered

from ems_twin.scenario.whatif import ScenarioError
from ems_twin.scenario.whatif.findings import adjusted, pairs_of
from ems_twin.scenario.whatif.parts import FEW_CALLS, p_of, part_rows, parts_of, sums_of
from ems_twin.scenario.whatif.record import record_of, values_of, write_answer
from ems_twin.simulation.comparisons import holm, p_value
from ems_twin.simulation.statistics import compare
from ems_twin.world import N_PRIORITIES


@pytest.fixture(scope="module")
def found():
    return answered()


@pytest.fixture(scope="module")
def record(found):
    return record_of(found, command="ems-twin whatif fair.yaml")


def test_the_record_is_plain_and_holds_what_was_asked_and_found(record):
    assert json.loads(json.dumps(record)) == record
    assert record["baseline"] == "as usual"
    assert record["command"] == "ems-twin whatif fair.yaml"
    (case,) = record["cases"]
    assert record["answer"] == case["answer"]
    assert [one["name"] for one in case["variants"]] == ["as usual", "ordinary day", "moved", "fewer"]
    assert [(one["variant"], one["against"]) for one in case["comparisons"]] == [
        ("ordinary day", "as usual"), ("moved", "as usual"), ("fewer", "as usual"), ("moved", "ordinary day"),
    ]  # fmt: skip


def test_p_values_are_adjusted_for_all_comparisons_of_a_figure(found, record):
    raw = [
        p_value(values_of(found, "", b, "response_s"), values_of(found, "", a, "response_s"))
        for a, b in pairs_of(found.prepared.scenario)
    ]
    told = [one["outcomes"]["response_s"]["p_adjusted"] for one in record["cases"][0]["comparisons"]]
    np.testing.assert_allclose(told, holm(raw))
    assert adjusted(found, "late_share").keys() == {("", *pair) for pair in pairs_of(found.prepared.scenario)}


def test_parts_add_up_to_the_whole(found):
    sums = sums_of(found.days["", "as usual"])
    n_zones = len(found.prepared.demand.zone_names)
    places = N_PRIORITIES + np.array(
        [0, N_PRIORITIES + 1]
    )  # elsewhere and near the event, each followed by its priorities
    priorities, near, zones = sums.calls[:, :N_PRIORITIES], sums.calls[:, places], sums.calls[:, -n_zones:]
    assert sums.calls.shape == (4, len(parts_of(found)))
    for parts in (near, zones):
        np.testing.assert_allclose(parts.sum(axis=1), priorities.sum(axis=1))
    everybody = sums.response_s[:, :N_PRIORITIES].sum(axis=1) / priorities.sum(axis=1)
    np.testing.assert_allclose(everybody, values_of(found, "", "as usual", "response_s"))


def test_of_parts_with_few_calls_nothing_is_said(found):
    rows = part_rows(found, "")
    few = [row for row in rows if row["variants"]["as usual"]["calls"] * 4 < FEW_CALLS]
    enough = [row for row in rows if row["variants"]["as usual"]["calls"] * 4 >= FEW_CALLS]
    assert few
    assert enough
    assert all(row["variants"]["as usual"]["response_s"] is None for row in few)
    assert all(row["variants"]["as usual"]["response_s"] is not None for row in enough)
    assert all(row["against_baseline"]["moved"]["response_s"] is None for row in few)


def test_a_p_value_comes_from_the_interval():
    one, other = np.array([1.0, 2.0, 4.0, 3.0]), np.array([2.0, 2.5, 4.5, 4.5])
    apart = compare(one, other).difference
    assert p_of(apart.mean, apart.half_width, 4, 0.95) == pytest.approx(p_value(one, other))
    assert p_of(0.0, 0.0, 4, 0.95) == 1.0


def test_tables_are_tidy(found, record, tmp_path):
    written = write_answer(found, record, tmp_path)
    assert [path.name for path in written] == ["results.json", "replications.parquet", "hours.parquet"]
    assert json.loads(written[0].read_text("utf-8")) == record
    hours = pq.read_table(written[2]).to_pydict()
    assert len(hours["hour"]) == 4 * 4 * 12
    assert hours["time"][3] == "2024-09-18T03:00:00-03:00"
    mine = [i for i, key in enumerate(zip(hours["variant"], hours["replication"], strict=True)) if key == ("moved", 2)]
    day = found.days["", "moved"][2]
    assert [hours["calls"][i] for i in mine] == day.hour_calls.tolist()
    assert sum(hours["moves"][i] for i in mine) == len(day.moves)
    known = [i for i in mine if hours["calls"][i] > 0]
    assert all(hours["mean_response_s"][i] is None for i in mine if i not in known)
    total = sum(hours["mean_response_s"][i] * hours["calls"][i] for i in known)
    assert total == pytest.approx(day.hour_response_s.sum())


def test_days_on_which_nobody_calls_are_days(tmp_path):
    calls = tmp_path / "calls.csv"
    calls.write_text(
        "time,lon,lat,priority\n2024-09-01T00:00:00,-71.335,-29.96,1\n2024-09-30T00:00:00,-71.335,-29.96,1\n"
    )
    quiet = {"calls": str(calls)}
    found = answered(demand=quiet, roads={}, variants=[{"name": "as usual"}], comparisons=[], replications=2)
    (days,) = found.days.values()
    assert [day.value("calls") for day in days] == [0, 0]
    assert all(day.moves.shape == (0, 3) for day in days)


def test_a_policys_parameters_name_no_other_policy():
    with pytest.raises(ScenarioError, match="is said by 'move'"):
        answered(policy={"move": "best-move", "parameters": {"policy": "home"}})
