"""The command line as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ems_twin.cli import main


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    try:
        code = main(words)
    except SystemExit as stop:  # argparse
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def test_simulate_prints_and_writes_the_same_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("simulate", "--days", "0.25", "--seed", "3", "--json")
    code, out, _ = told(capsys, *words, "--out", str(tmp_path))
    assert code == 0
    printed = json.loads(out)
    assert printed == json.loads((tmp_path / "summary.json").read_text("utf-8"))
    assert printed["calls"] > 100
    assert printed["calls_from"]["volume_factor"] == 1.0
    _, again, _ = told(capsys, *words, "--driver", "mesa")
    assert json.loads(again)["response_s"] == printed["response_s"]
    _, other, _ = told(capsys, "simulate", "--days", "0.25", "--seed", "4", "--json")
    assert json.loads(other)["response_s"] != printed["response_s"]


def test_the_tables_say_which_clock(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, "simulate", "--days", "0.1", "--units", "40")
    assert code == 0
    assert "call received (eTimes.01) to first unit on scene (eTimes.06)" in " ".join(out.split())
    assert "40 units" in out
    assert "note:" in err  # assumptions are said


def test_a_call_file_is_replayed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "calls.csv"
    file.write_text(
        "time,lon,lat,priority\n2024-05-06T10:00:00-04:00,-73.98,40.75,1\n2024-05-06T10:05:00-04:00,-73.95,40.80,2\n",
        "utf-8",
    )
    code, out, _ = told(capsys, "simulate", "--calls", str(file), "--json")
    summary = json.loads(out)
    assert code == 0
    assert summary["calls"] == 2
    assert summary["calls_from"]["file"] == "calls.csv"
    assert summary["start"] == "2024-05-06T00:00:00-04:00"
    code, _, err = told(capsys, "simulate", "--calls", str(file), "--days", "2")
    assert code == 2
    assert "--days does not go with --calls" in err


def test_bays_are_counted_when_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("simulate", "--city", "coquimbo", "--days", "0.5", "--seed", "2", "--json")
    code, out, _ = told(capsys, *words, "--bays")
    assert code == 0
    counted = json.loads(out)
    assert counted["rules"]["count_bays"] is True
    assert counted["emergency_rooms"]["walk_ins"] > 20
    assert counted["emergency_rooms"]["in_bays_at_the_start"] > 10
    assert "Korea" in " ".join(counted["emergency_rooms"]["notes"])
    assert "Korea" not in " ".join(counted["calls_from"]["notes"])
    _, out, _ = told(capsys, *words)
    plain = json.loads(out)
    assert plain["rules"]["count_bays"] is False
    assert "emergency_rooms" not in plain
    assert plain["calls"] == counted["calls"]
    rules = tmp_path / "rules.toml"
    rules.write_text("ambulances_first = false\n", "utf-8")
    _, out, _ = told(capsys, *words, "--bays", "--rules", str(rules))
    assert json.loads(out)["rules"]["ambulances_first"] is False
    assert json.loads(out)["rules"]["count_bays"] is True


def test_emergency_rooms_that_ambulances_overfill_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With everybody to the nearest door some rooms cannot cope; with bays counted the soonest bay is the default."""
    words = ("simulate", "--days", "0.02", "--bays", "--json")
    rules = tmp_path / "rules.toml"
    rules.write_text("soonest_hospital = false\n", "utf-8")
    _, out, _ = told(capsys, *words, "--rules", str(rules))
    notes = " ".join(json.loads(out)["emergency_rooms"]["notes"])
    assert "Harlem" in notes
    assert "soonest_hospital" in notes
    _, out, _ = told(capsys, *words)
    assert json.loads(out)["rules"]["soonest_hospital"] is True
    assert "Harlem" not in " ".join(json.loads(out)["emergency_rooms"]["notes"])


def test_any_instant_of_a_run_is_replayed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "simulate", "--days", "0.2", "--out", str(tmp_path), "--json")
    code, out, _ = told(capsys, "replay", str(tmp_path), "--at", "2.5", "--json")
    assert code == 0
    then = json.loads(out)
    _, out, _ = told(capsys, "replay", str(tmp_path / "events.parquet"), "--at", "2.5", "--json")
    assert json.loads(out) == then
    assert then["at"] == "2024-05-06T02:30:00-04:00"
    assert len(then["units"]) == 80
    _, same, _ = told(capsys, "replay", str(tmp_path), "--at", "2024-05-06T02:30", "--json")
    assert json.loads(same) == then
    code, out, _ = told(capsys, "replay", str(tmp_path), "--at", "2.5")
    assert code == 0
    assert f"{len(then['calls_open'])} calls open" in " ".join(out.split())
    code, _, err = told(capsys, "replay", str(tmp_path), "--at", "noon")
    assert code == 2
    assert "'noon' is not a time" in err
    code, _, err = told(capsys, "replay", str(tmp_path), "--at", "99")
    assert code == 2
    assert "is not within the run" in err


def test_rules_come_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rules.toml"
    file.write_text("preempt = [[3, 1], [2, 1]]\nreassign_gain_s = 60\nsirens_to_priority = 1\n", "utf-8")
    words = ("simulate", "--days", "0.3", "--units", "55", "--json", "--rules", str(file))
    code, out, _ = told(capsys, *words)
    assert code == 0
    summary = json.loads(out)
    assert summary["rules"]["preempt"] == [[3, 1], [2, 1]]
    assert summary["bumped"]["times"] > 0
    _, mesa, _ = told(capsys, *words, "--driver", "mesa")
    assert json.loads(mesa)["response_s"] == summary["response_s"]


def test_a_policy_is_chosen_by_name_or_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("simulate", "--days", "0.6", "--units", "65", "--json", "--policy")
    summaries = {}
    example = Path(__file__).parents[2] / "experiments" / "policies" / "best_move.toml"
    for policy in ("home", "expected-response", str(example)):
        code, out, _ = told(capsys, *words, policy)
        assert code == 0
        summaries[policy] = json.loads(out)
    _, out, _ = told(capsys, *words[:-1])
    assert summaries["home"]["response_s"] == json.loads(out)["response_s"]
    assert summaries["home"]["response_s"] != summaries["expected-response"]["response_s"]
    assert summaries[str(example)]["policy"]["objective"] == "coverage"
    assert summaries[str(example)]["crews"]["relocations"] > 0
    code, _, err = told(capsys, *words, "nearest")
    assert code == 2
    assert "There are home, dmexclp, expected-response, best-move, priority-list, compliance, zhang" in err


def test_a_policy_of_ones_own_is_run_from_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    file = Path(__file__).parents[2] / "experiments" / "policies" / "own_policy.py"
    words = ("simulate", "--days", "0.3", "--json", "--policy")
    summaries = []
    for driver in ("compiled", "mesa"):
        code, out, _ = told(capsys, *words, f"{file}:fresh-crews", "--driver", driver)
        assert code == 0
        summaries.append(json.loads(out))
    assert summaries[0]["response_s"] == summaries[1]["response_s"]
    _, out, _ = told(capsys, *words, "home")
    assert json.loads(out)["response_s"] != summaries[0]["response_s"]
    code, _, err = told(capsys, *words, f"{file}:shared-load")
    assert code == 2
    assert (
        "'shared-load' decides hospital in Python, which the compiled driver cannot call. Run it under --driver mesa"
        in err
    )
    code, _, _ = told(capsys, *words, f"{file}:shared-load", "--driver", "mesa")
    assert code == 0


def test_rules_that_spare_units_bring_their_objective(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rules.toml"
    file.write_text("spare_from_priority = 2\nspare_target_s = 900\n", "utf-8")
    words = ("simulate", "--days", "0.3", "--json")
    _, closest, _ = told(capsys, *words)
    _, spared, _ = told(capsys, *words, "--rules", str(file))
    assert json.loads(spared)["policy"]["policy"] == "home"
    assert json.loads(spared)["response_s"] != json.loads(closest)["response_s"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("preemt = [[3, 1]]", "'preemt': there is no rule 'preemt'. Did you mean preempt?"),
        ("preempt = [3, 1]", "'preempt': is [3, 1]. Write pairs"),
        ("preempt = [[1, 2], [2, 1]]", "'preempt': priorities 1 -> 2 -> 1 take units from each other in a circle"),
        ("queue_limit = 1.5", "'queue_limit': is 1.5. It must be a whole number."),
        ("expected_turnout_s = -1", "'expected_turnout_s': is -1"),
        ("sirens_to_priority = true", "'sirens_to_priority': is True"),
        ("= 3", "is not TOML"),
    ],
)
def test_rules_that_make_no_sense_are_refused(
    text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(text, "utf-8")
    code, _, err = told(capsys, "simulate", "--rules", str(file))
    assert code == 2
    assert message in err
    assert "rules.toml" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("simulate", "--city", "manhatan"), "no city 'manhatan'. Did you mean manhattan?"),
        (("simulate", "--days", "-1"), "-1 is not a number above 0"),
        (("simulate", "--days", "nan"), "nan is not a number above 0"),
        (("simulate", "--units", "many"), "'many' is not a whole number"),
        (("simulate", "--units", "0"), "fleet of 0 units"),
        (("simulate", "--start", "yesterday"), "'yesterday' is not a day like 2024-05-06"),
        (("simulate", "--calls", "nowhere.csv"), "nowhere.csv"),
        (("simulate", "--map"), "Add --out DIR"),
        (("simulate", "--days", "0.01", "--out", "/dev/null/x"), "cannot write here"),
        (("map", "nowhere"), "does not hold a run"),
        (("city", "check", "nowhere/at/all"), "nowhere/at/all"),
        (("city", "build", "atlantis"), "no recipe for 'atlantis'"),
        (("city", "build", "manhattan", "--title", "X"), "--title does not go with a recipe"),
        (("city", "build", "x", "--file", "nowhere.osm"), "nowhere.osm"),
        (("city", "show", "coquimbo", "--out", "/dev/null/x.html"), "/dev/null"),
        (("bench", "--graph", "nowhere.graphml"), "nowhere.graphml"),
        (("demo", "--port", "70000"), "70000 is not a port"),
    ],
)
def test_a_users_mistake_is_one_message_and_exit_code_2(
    words: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = told(capsys, *words)
    assert code == 2
    assert message in err
    assert "Traceback" not in err
    assert out == ""
    assert list(tmp_path.iterdir()) == []  # nothing half-written


def test_a_call_outside_the_city_says_how_far_and_which_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "calls.csv"
    file.write_text("time,lon,lat\n2024-05-06T10:00:00-04:00,-73.98,40.75\n2024-05-06T10:05:00-04:00,-74.5,40.8\n")
    code, _, err = told(capsys, "simulate", "--calls", str(file))
    assert code == 2
    assert "row 2" in err
    assert "km" in err


def test_json_says_errors_too(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "simulate", "--city", "manhatan", "--json")
    assert code == 2
    assert "Did you mean manhattan" in json.loads(out)["error"]


def test_cities_are_listed_checked_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, "city", "list", "--json")
    assert {"manhattan", "coquimbo"} <= set(json.loads(out))
    code, out, _ = told(capsys, "city", "check", "coquimbo", "--json")
    assert code == 0
    assert json.loads(out)["nodes"] > 5000
    code, out, _ = told(capsys, "city", "check", "manhattan")
    assert code == 0
    assert "No findings" in out
    code, _, _ = told(capsys, "city", "show", "manhattan", "--out", str(tmp_path / "m.html"), "--json")
    assert code == 0
    assert "OpenStreetMap contributors" in (tmp_path / "m.html").read_text("utf-8")


def test_a_city_of_ones_own_from_file_to_simulation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    nodes = [(i, 52.09 + 0.002 * (i // 4), 5.12 + 0.003 * (i % 4)) for i in range(16)]
    ways = [[r * 4 + c for c in range(4)] for r in range(4)] + [[r * 4 + c for r in range(4)] for c in range(4)]
    osm = ['<osm version="0.6">']
    osm += [f'<node id="{i + 1}" lat="{lat}" lon="{lon}"/>' for i, lat, lon in nodes]
    osm.append(
        '<node id="90" lat="52.0901" lon="5.1201"><tag k="amenity" v="hospital"/><tag k="name" v="Sint"/></node>'
    )
    osm.append('<node id="91" lat="52.0959" lon="5.1289"><tag k="emergency" v="ambulance_station"/></node>')
    for k, way in enumerate(ways):
        osm.append(f'<way id="{k + 200}">' + "".join(f'<nd ref="{i + 1}"/>' for i in way))
        osm.append('<tag k="highway" v="residential"/></way>')
    osm.append("</osm>")
    Path("town.osm").write_text("\n".join(osm), "utf-8")
    code, out, err = told(capsys, "city", "build", "town", "--file", "town.osm", "--timezone", "Europe/Amsterdam")
    assert code == 0, err
    assert "maps/town" in out
    code, out, err = told(capsys, "simulate", "--city", "town", "--days", "3", "--units", "2", "--json")
    assert code == 0, err
    assert json.loads(out)["units"] == 2


def test_demo_once_writes_a_folder_and_ends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "demo", "--once", "--hours", "2", "--out", str(tmp_path))
    assert code == 0
    assert "Response time" in out
    assert {"summary.json", "map.html", "calls.parquet"} <= {path.name for path in tmp_path.iterdir()}
    _, out, _ = told(capsys, "demo", "--once", "--hours", "2", "--out", str(tmp_path), "--json")
    assert json.loads(out)["map"] == str(tmp_path / "map.html")  # one document, figures and map
    page = (tmp_path / "map.html").read_text("utf-8")
    assert "OpenStreetMap contributors" in page
    code, out, _ = told(capsys, "map", str(tmp_path), "--hours", "1", "--theme", "light", "--json")
    assert code == 0
    assert json.loads(out)["map"] == str(tmp_path / "map.html")
