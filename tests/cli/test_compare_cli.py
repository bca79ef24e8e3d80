"""The command line that compares policies."""

import json

import pyarrow.parquet as pq
import pytest

from ems_twin.cli import main

QUICK = ("--city", "coquimbo", "--days", "1", "--replications", "3")


def told(capsys, *words):
    try:
        code = main([str(word) for word in words])
    except SystemExit as stop:
        code = int(stop.code)
    return code, *capsys.readouterr()


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """Every unit at the first station: a placement that is worse than the city's own."""
    folder = tmp_path_factory.mktemp("plans") / "piled"
    folder.mkdir()
    from ems_twin import load_city

    station = load_city("coquimbo").stations[0].id
    (folder / "units.csv").write_text("unit,station\n" + "".join(f"u{k},{station}\n" for k in range(8)), "utf-8")
    return folder


def test_figures_and_report_are_written(capsys, tmp_path, plan):
    rules = tmp_path / "spare.toml"
    rules.write_text("spare_from_priority = 2\nspare_guard_s = 120.0\n", "utf-8")
    out = tmp_path / "out"
    code, text, err = told(
        capsys, "compare", *QUICK, "--policies", f"home,best-move,static:{plan},spare=home+{rules}", "--curve",
        "most_moves=1,2", "--out", out, "--json",
    )  # fmt: skip
    assert code == 0, err
    record = json.loads(text)
    assert {path.name for path in out.iterdir()} == {"compare.json", "replications.parquet", "report.html"}
    kept = json.loads((out / "compare.json").read_text("utf-8"))
    assert {key: value for key, value in record.items() if key != "report"} == kept
    assert record["baseline"] == "home"
    assert [one["name"] for one in record["contenders"]] == ["home", "best-move", "static:piled", "spare"]
    assert record["contenders"][3]["rules"]["spare_from_priority"] == 2
    assert record["curve"] == {
        "parameter": "most_moves", "values": {"best-move, most_moves 1": 1.0, "best-move, most_moves 2": 2.0},
    }  # fmt: skip
    (fleet,) = record["fleets"]
    assert fleet["units"] == 8
    assert fleet["replications"] == 3
    keys = [outcome["key"] for outcome in record["outcomes"]]
    assert {"response_s", "response_p90_s", "late_share", "waited_s", "busy_share", "km_per_unit_day"} <= set(keys)
    assert "bay_wait_min" not in keys
    by_name = {row["contender"]: row for row in fleet["results"]}
    assert by_name["home"]["verdict"] == "baseline"
    assert by_name["best-move, most_moves 1"]["verdict"] is None
    found = by_name["static:piled"]["outcomes"]["late_share"]
    assert found["difference"]["low"] <= found["difference"]["mean"] <= found["difference"]["high"]
    assert 0 <= found["p_adjusted"] <= 1
    table = pq.read_table(out / "replications.parquet").to_pydict()
    assert len(table["value"]) == 6 * 3 * len(keys)
    means = [v for c, o, v in zip(table["contender"], table["outcome"], table["value"], strict=True)
             if (c, o) == ("home", "late_share")]  # fmt: skip
    assert sum(means) / 3 == pytest.approx(by_name["home"]["outcomes"]["late_share"]["mean"])


def test_the_table_says_in_words_what_is_worse(capsys, monkeypatch, plan):
    monkeypatch.setenv("COLUMNS", "200")
    code, out, err = told(
        capsys,
        "compare",
        "--city",
        "coquimbo",
        "--days",
        "3",
        "--replications",
        "6",
        "--policies",
        f"home,static:{plan}",
    )
    assert code == 0, err
    assert "worse than home: more late calls" in out
    assert "static:piled is worse than home." in " ".join(out.split())


def test_bays_are_counted_when_asked_for(capsys):
    code, out, err = told(capsys, "compare", *QUICK, "--policies", "home,dmexclp", "--bays", "--json")
    assert code == 0, err
    record = json.loads(out)
    assert record["bays"] is True
    assert "bay_wait_min" in [outcome["key"] for outcome in record["outcomes"]]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--policies", "home,guess"), "There are home"),
        (("--policies", "home,home"), "'home' is there 2 times"),
        (("--policies", "dmexclp", "--baseline", "home"), "'home' is not compared"),
        (("--policies", "home", "--replications", "1"), "1 replications"),
        (("--policies", "home", "--days", "0"), "0 is not a number above 0"),
        (("--policies", "home", "--days", "0.2"), "Simulate longer"),
        (("--policies", "home", "--units", "0"), "is not whole numbers above 0"),
        (("--policies", "home", "--units", "60,x"), "is not whole numbers above 0"),
        (("--policies", "home,static:nowhere"), "there is no such folder"),
        (("--policies", "home,missing.toml"), "there is no policy that can be read"),
        (("--policies", "home+missing.toml"), "there is no set of rules that can be read"),
        (("--policies", "home", "--curve"), "Add best-move to the policies"),
        (("--policies", "best-move", "--curve", "speed=1"), "is not a limit with values"),
        (("--policies", "best-move", "--curve", "most_moves=-1"), "field 'most_moves'"),
        (("--policies", ","), "there is nothing to compare"),
        ((), "--policies"),
    ],
)
def test_what_cannot_be_compared_is_said(words, message, capsys):
    code, out, err = told(capsys, "compare", "--city", "coquimbo", *words)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
