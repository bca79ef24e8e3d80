"""The benchmark as a whole, on a graph so small that its figures mean nothing and its form everything."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from ems_twin.benchmarks import print_bench, run_bench
from ems_twin.benchmarks.closures import bench_closures
from ems_twin.benchmarks.decision import bench_decision
from ems_twin.benchmarks.journal import bench_journal
from ems_twin.benchmarks.peers import PEERS
from ems_twin.benchmarks.rollout import bench_rollout
from ems_twin.benchmarks.routing import bench_routing
from ems_twin.benchmarks.table import duration
from ems_twin.city import load_city
from ems_twin.city.sample import grid_city
from ems_twin.demand import defaults_for


@pytest.fixture(scope="module")
def routing():
    return bench_routing("tiny", grid_city(10, 10).roads, budget_s=0.01, progress=lambda _: None)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_router_has_a_row_and_agrees(routing):
    assert [row["name"] for row in routing["rows"]] == ["ems_twin", *(peer.name for peer in PEERS)]
    for row in routing["rows"][1:]:
        assert row["version"] is None or row["agrees"]
    assert routing["targets"] == []  # not judged on a graph of this size


def test_the_result_is_json_and_is_printed(routing):
    result = {
        "machine": {"processor": "P", "cores": 2, "memory_gb": None, "system": "S", "python": "3"},
        "routing": [routing],
        "simulation": {
            "asked": {"city": "tiny", "calls": 10, "units": 2, "days": 1.0, "had_to_wait_for_a_unit": 0.1},
            "rows": [
                {
                    "name": "compiled driver",
                    "version": None,
                    "wall_s": 0.5,
                    "calls_per_s": 20.0,
                    "differs_s": 0.0,
                    "agrees": True,
                },
                {
                    "name": "Mesa driver",
                    "version": "3.3",
                    "wall_s": 5.0,
                    "calls_per_s": 2.0,
                    "differs_s": 2.0,
                    "agrees": False,
                },
                {"name": "SimPy twin", "version": None, "wall_s": None},
            ],
            "targets": [{"what": "calls/s", "measured": 20.0, "target": "at least 200", "met": False}],
        },
    }
    assert json.loads(json.dumps(result)) == result
    out = io.StringIO()
    print_bench(result, Console(file=out, width=160))
    text = out.getvalue()
    for word in ("RoutingKit", "Routing on tiny: 100 nodes, 360 edges", "not installed", "NO, 2 s", "missed"):
        assert word in text


def test_a_peer_that_is_missing_has_a_row_that_says_so(monkeypatch):
    for peer in PEERS:
        monkeypatch.setattr(peer, "package", "no-such-distribution")
    alone = bench_routing("tiny", grid_city(4, 4).roads, budget_s=0.001, progress=lambda _: None)
    assert [row["version"] for row in alone["rows"][1:]] == [None] * len(PEERS)
    assert alone["ratios"] == {}
    out = io.StringIO()
    print_bench(
        {"machine": {"processor": "P", "cores": 2, "memory_gb": 8.0, "system": "S", "python": "3"}, "routing": [alone]},
        Console(file=out, width=160),
    )
    assert out.getvalue().count("not installed") == len(PEERS)


def test_a_loop_that_forks_the_world_finds_what_the_rollout_finds():
    city = grid_city(6, 8, stations=((0, 0), (5, 7), (2, 3)), hospitals=((1, 6),), units_per_station=4)
    demand = replace(defaults_for(city), hour_of_week=np.full(168, 12.0))
    measured = bench_rollout(city, quick=True, progress=lambda _: None, demand=demand)
    assert json.loads(json.dumps(measured)) == measured
    assert measured["asked"]["candidates"] == 20
    *ours, by_forks = measured["rows"]
    assert by_forks["agrees"]
    assert [row["futures"] for row in ours[:2]] == [2000, 2000]
    assert ours[2]["futures"] <= 2000
    assert all(row["cpu_s"] > 0 for row in measured["rows"])
    out = io.StringIO()
    print_bench(
        {"machine": {"processor": "P", "cores": 2, "memory_gb": 8.0, "system": "S", "python": "3"}}
        | {"rollout": measured},
        Console(file=out, width=160),
    )
    for word in ("Rollout in ", "20 orders, 100 futures of 2 h", "World.fork", "one thread"):
        assert word in out.getvalue()


def test_decisions_agree_with_numpy_and_are_printed():
    city = grid_city(16, 16, stations=((0, 0), (15, 7), (2, 3)), hospitals=((1, 6),), units_per_station=4)
    demand = replace(defaults_for(city), hour_of_week=np.full(168, 12.0))
    measured = bench_decision(city, quick=True, progress=lambda _: None, demand=demand, stations=20)
    assert json.loads(json.dumps(measured)) == measured
    rows = {row["name"]: row for row in measured["rows"]}
    assert rows["station: dmexclp in NumPy"]["agrees"]
    assert {name.split(":")[0] for name in rows} == {"station", "move", "unit"}
    assert all(0 < row["median_s"] <= row["p95_s"] <= row["most_s"] for row in rows.values())
    out = io.StringIO()
    print_bench(
        {"machine": {"processor": "P", "cores": 2, "memory_gb": 8.0, "system": "S", "python": "3"}}
        | {"decision": measured},
        Console(file=out, width=160),
    )
    assert "Decisions in " in out.getvalue()
    assert "80 units, 20 stations" in out.getvalue()


def test_an_unknown_part_is_refused():
    with pytest.raises(ValueError, match="no benchmark of cooking"):
        run_bench(parts={"cooking"})


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (7.73e-6, "7.73 µs"),
        (4.05e-4, "405 µs"),
        (0.0873, "87.3 ms"),
        (1.549, "1.55 s"),
        (1234.0, "1,234 s"),
    ],
)
def test_duration(seconds, text):
    assert duration(seconds) == text


def test_closing_a_course_has_a_row_for_each_way_and_all_agree():
    measured = bench_closures(load_city("manhattan"), quick=True, progress=lambda _: None)
    assert [row["name"].split()[0] for row in measured["rows"]] == ["ems_twin", "ems_twin,", "networkx"]
    assert all(row["differs_s"] <= 1e-6 for row in measured["rows"])
    console = Console(file=io.StringIO(), width=120)
    json.dumps(measured)
    print_bench({"machine": {"processor": "P", "cores": 2, "memory_gb": None, "system": "S", "python": "3"},
                 "closures": measured}, console)  # fmt: skip
    assert "New York City Marathon" in console.file.getvalue()


def test_the_journal_is_printed(monkeypatch):
    load = {"seconds": 5.0, "asked_per_s": 2000.0, "sent": 14_000, "acknowledged": 14_000, "journalled": 14_000,
            "per_s": 1999.0, "p50_s": 0.004, "p99_s": 0.02, "most_s": 0.03}  # fmt: skip
    kills = {"kills": 100, "sent": 9, "acknowledged": 8, "lost": 0, "twice": 0, "outbox_lost": 0, "outbox_twice": 0,
             "repeats": 1, "same_state": True}  # fmt: skip
    monkeypatch.setattr("ems_twin.benchmarks.journal.load", lambda *_: load)
    monkeypatch.setattr("ems_twin.benchmarks.journal.kill", lambda *_, **__: kills)
    measured = bench_journal(quick=False, progress=lambda _: None)
    assert [target["met"] for target in measured["targets"]] == [True, True, True]
    assert bench_journal(quick=True, progress=lambda _: None)["targets"] == []  # not judged
    out = io.StringIO()
    print_bench(
        {"machine": {"processor": "P", "cores": 2, "memory_gb": 8.0, "system": "S", "python": "3"}}
        | {"journal": measured},
        Console(file=out, width=200),
    )
    for word in ("2,000 signed positions a second", "14,000 of 14,000", "20 ms", "100 times killed", "equal to"):
        assert word in out.getvalue()
