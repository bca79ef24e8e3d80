"""Figures of a run, worked out by hand and cross-checked against each other."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numba
import numpy as np
import pyarrow.parquet as pq
import pytest
from nights import START, assert_same, fixed_calls, night
from scipy.stats import t as student_t

from ems_twin.city import City, load_city
from ems_twin.city.sample import grid_city
from ems_twin.errors import InputError
from ems_twin.routing import ORDINARY, SIRENS, Router
from ems_twin.simulation import Run, read_run, response_s, simulate, summarise, write_results
from ems_twin.simulation.distance import driven_m
from ems_twin.simulation.outcomes import mean_interval, status_seconds
from ems_twin.world import EventKind, UnitStatus


@pytest.fixture(scope="module")
def city() -> City:
    return grid_city(7, 9, stations=((0, 0), (6, 8)), hospitals=((3, 4), (0, 8)), units_per_station=3)


@pytest.fixture(scope="module")
def run(city: City) -> Run:
    return simulate(city, night(city, 400, gap_s=300), start=START, duration_s=400 * 300.0)


def test_the_summary_of_one_call_is_worked_out_by_hand() -> None:
    city = grid_city(2, 10, hospitals=((0, 9),), sirens_factor=2.0)  # 20 s a block, 10 s with sirens
    run = simulate(city, fixed_calls((1000, 4, 1)), start=START, duration_s=3600.0)
    summary = summarise(run)
    assert summary["response_s"]["all"]["mean"] == pytest.approx(10 + 20 + 40, abs=1e-3)
    assert summary["response_s"]["all"]["within_target"] == 1.0
    assert "eTimes.01" in summary["response_s"]["clock"]
    seconds = {row["interval"]: row["mean"] for row in summary["intervals_s"]}
    assert seconds == pytest.approx(
        {
            "call_processing": 10, "turnout": 20, "travel": 40, "scene": 100, "transport": 100, "offload": 50, "clear": 30,
        }, abs=1e-3,
    )  # fmt: skip
    km = {row["state"]: row["km"] for row in summary["unit_states"]}
    assert km["en_route"] == pytest.approx(0.8)
    assert km["transporting"] == pytest.approx(1.0)
    assert km["returning"] == pytest.approx(1.8)
    busy_s = 20 + 40 + 100 + 100 + 50 + 30
    assert summary["utilisation"]["busy_share"] == pytest.approx(busy_s / 3600, abs=1e-5)
    assert summary["utilisation"]["transports_per_unit_hour"] == pytest.approx(1.0)
    assert summary["hospitals"][0]["arrivals"] == summary["hospitals"][0]["peak_offloading"] == 1


def test_targets_are_those_of_the_priority(city: City) -> None:
    from dataclasses import replace

    strict = replace(city, target_s=(60.0, 1e6))
    summary = summarise(simulate(strict, night(strict, 300, gap_s=300), start=START, duration_s=1e5))
    by_priority = summary["response_s"]["by_priority"]
    assert [row["target_s"] for row in by_priority] == [60.0, 1e6, 1e6]
    assert by_priority[0]["within_target"] < 0.5
    assert by_priority[1]["within_target"] == by_priority[2]["within_target"] == 1.0


def test_every_second_of_every_unit_is_accounted_for(run: Run) -> None:
    for until_s in (0.0, 1234.5, run.duration_s, run.end_s):
        seconds = status_seconds(run, until_s)
        assert (seconds >= -1e-9).all()
        np.testing.assert_allclose(seconds.sum(axis=1), until_s, atol=1e-6)
    np.testing.assert_allclose(status_seconds(run, run.end_s), run.units["status_s"], atol=1e-6)


def test_a_unit_without_a_call_stood_at_its_station(city: City) -> None:
    run = simulate(city, fixed_calls((0, 1, 1)), start=START, duration_s=5000.0)
    seconds = status_seconds(run, 5000.0)
    assert seconds[1:, UnitStatus.AT_STATION].tolist() == [5000.0] * 5


def test_kilometres_are_those_of_the_ways_driven(city: City, run: Run) -> None:
    """Walk every trip of the trace edge by edge; one that was broken off, only as far as it went."""
    router = run.router
    expected = np.zeros((len(run.units), len(UnitStatus)))
    going_home: dict[int, Any] = {}
    for row in run.trace:
        unit = int(row["unit"])
        if unit < 0:
            continue
        metric = int(row["metric"])
        if row["kind"] == EventKind.UNIT_NEEDED and unit in going_home:
            start = going_home.pop(unit)
            if row["status"] == UnitStatus.MOBILISING and row["to_node"] != start["to_node"]:
                whole = router.path(int(start["from_node"]), int(start["to_node"]), metric=ORDINARY)
                driven = list(whole.nodes).index(row["to_node"])
                expected[unit, UnitStatus.RETURNING] -= city.roads.length_m[whole.edges[driven:]].sum()
        if (
            row["kind"] in (EventKind.EN_ROUTE, EventKind.LEFT_SCENE, EventKind.BACK_IN_SERVICE)
            and row["t_to"] > row["t_from"]
        ):
            path = router.path(int(row["from_node"]), int(row["to_node"]), metric=metric)
            expected[unit, row["status"]] += path.length_m
            if row["status"] == UnitStatus.RETURNING:
                going_home[unit] = row
        if row["kind"] == EventKind.AT_STATION:
            going_home.pop(unit, None)
    assert expected[:, UnitStatus.RETURNING].sum() > 10_000
    np.testing.assert_allclose(driven_m(run.world, run.ground), expected, atol=1e-6)


def test_travel_takes_as_long_as_the_streets_say(run: Run) -> None:
    speed = run.city.roads.speed_mps[0]
    km = driven_m(run.world, run.ground).sum(axis=0) / 1000
    hours = run.units["status_s"].sum(axis=0) / 3600
    assert km[UnitStatus.TRANSPORTING] / hours[UnitStatus.TRANSPORTING] == pytest.approx(speed * 3.6, rel=1e-3)


def test_the_interval_of_a_mean_is_that_of_batch_means() -> None:
    rng = np.random.default_rng(4)
    when = np.sort(rng.uniform(0, 40 * 6 * 3600, 4000))
    block = (when // (6 * 3600)).astype(int)
    level = rng.normal(0, 50, 40)[block]  # calls of a block share a level: they are not independent
    value = 400 + level + rng.normal(0, 30, 4000)
    low, high = mean_interval(when, value) or (np.nan, np.nan)
    means = np.array([value[block == b].mean() for b in range(40)])
    half = student_t.ppf(0.975, 39) * means.std(ddof=1) / np.sqrt(40)
    assert (high - low) / 2 == pytest.approx(half, rel=0.1)  # blocks are nearly of one size
    assert low < value.mean() < high
    naive = 1.96 * value.std() / np.sqrt(4000)
    assert (high - low) / 2 > 3 * naive
    assert mean_interval(when[:100] % 3600, value[:100]) is None


def test_no_calls_is_a_quiet_night_not_an_error(city: City) -> None:
    summary = summarise(simulate(city, night(city, 0, gap_s=1), start=START, duration_s=3600.0))
    assert summary["calls"] == 0
    assert summary["response_s"]["all"]["mean"] is None
    assert summary["utilisation"]["busy_share"] == 0
    json.dumps(summary, allow_nan=False)


def test_results_on_disk_hold_the_run(tmp_path: Path) -> None:
    city = load_city("manhattan")
    run = simulate(city, night(city, 200, gap_s=90), start=START, duration_s=200 * 90.0, seed=1)
    summary = write_results(run, tmp_path / "new" / "folder", extra={"calls_from": "a test"})
    folder = tmp_path / "new" / "folder"
    assert json.loads((folder / "summary.json").read_text("utf-8")) == summary
    assert summary["calls_from"] == "a test"
    calls = pq.read_table(folder / "calls.parquet").to_pandas()
    np.testing.assert_allclose(calls["response_s"], response_s(run.calls))
    assert calls["t_at_hospital"].isna().sum() == (run.calls["transport"] == 0).sum()
    assert set(calls["hospital"].dropna()) <= {hospital.id for hospital in city.hospitals}
    assert calls["received_at"].iloc[0] == START + np.timedelta64(int(run.calls["t_received"][0] * 1e6), "us")
    responses = pq.read_table(folder / "responses.parquet")
    assert responses.schema.field("t_on_scene").metadata == {b"nemsis": b"eTimes.06"}
    home = responses.to_pandas()["t_at_station"]
    assert (home.dropna() >= run.responses["t_ended"][home.notna()]).all()
    assert 100 < home.notna().sum() < 200  # the others got another call first
    events = pq.read_table(folder / "events.parquet")
    assert events.num_rows == len(run.trace)
    units = pq.read_table(folder / "units.parquet").to_pandas()
    assert units["n_calls"].sum() == 200
    assert units["en_route_m"].sum() == pytest.approx(driven_m(run.world, run.ground)[:, UnitStatus.EN_ROUTE].sum())
    assert sorted(path.name for path in folder.iterdir()) == [
        "calls.parquet", "events.parquet", "hospitals.parquet", "responses.parquet", "summary.json", "units.parquet",
        "world.npz",
    ]  # fmt: skip

    again = read_run(folder)
    assert numba.typeof(again.world) == numba.typeof(run.world)  # else every kernel compiles a second time
    assert_same(again.trace, run.trace)
    assert_same(again.calls, run.calls)
    assert again.start == run.start  # the same instant, on the city's clock
    assert summarise(again) | {"start": None} == summarise(run) | {"start": None}


def test_civil_time_is_right_after_the_clocks_have_changed(tmp_path: Path) -> None:
    """On 10 March 2024 New York's clocks went from 2 to 3: eight hours after midnight it is 9, not 8."""
    city = load_city("manhattan")
    start = datetime(2024, 3, 10, tzinfo=ZoneInfo(city.timezone))
    calls = fixed_calls((3600, 5, 1), (8 * 3600, 5, 1))
    run = simulate(city, calls, start=start, duration_s=9 * 3600.0)
    assert run.at(8 * 3600).isoformat() == "2024-03-10T09:00:00-04:00"
    write_results(run, tmp_path)
    received = pq.read_table(tmp_path / "calls.parquet").to_pandas()["received_at"]
    assert [time.timestamp() - start.timestamp() for time in received] == [3600.0, 8 * 3600.0]


def test_what_is_not_a_run_is_refused(tmp_path: Path, city: City) -> None:
    with pytest.raises(InputError, match="does not hold a run"):
        read_run(tmp_path / "nowhere")
    manhattan = load_city("manhattan")
    run = simulate(manhattan, night(manhattan, 3, gap_s=90), start=START, duration_s=300.0)
    write_results(run, tmp_path)
    summary = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    (tmp_path / "summary.json").write_text(json.dumps(summary | {"content_hash": "0" * 16}), "utf-8")
    with pytest.raises(InputError, match="the roads of 'manhattan' have changed"):
        read_run(tmp_path)
    (tmp_path / "world.npz").write_bytes(b"torn")
    with pytest.raises(InputError, match="does not hold a run"):
        read_run(tmp_path)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path, run: Run) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot write here"):
        write_results(run, tmp_path / "file")


def test_sirens_shorten_the_drive_by_their_factor(city: City) -> None:
    router = Router(city.roads, sirens_factor=1.3)
    assert router.travel_s(0, 50, metric=ORDINARY) == pytest.approx(1.3 * router.travel_s(0, 50, metric=SIRENS))
