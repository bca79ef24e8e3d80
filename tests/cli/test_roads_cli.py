"""The commands about closures and traffic as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_cli import told

COURSE = """
name = "Run up First Avenue"
[[closures]]
id = "course"
line = [[-73.9646, 40.7596], [-73.9297, 40.8076]] # along 1st Avenue
buffer_m = 60
start_date = 2024-05-06T06:00:00
end_date = 2024-05-06T09:00:00
[[closures.crossings]]
street = "East 72nd Street"
[[closures.crossings]]
street = "East 96th Street"
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    file = tmp_path / "run.toml"
    file.write_text(COURSE, "utf-8")
    return file


def test_closures_are_checked_and_drawn(course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "run.html"
    code, out, _ = told(capsys, "city", "closures", str(course), "--map", str(page), "--accept-cut-off")
    assert code == 0
    assert "2024-05-06T06:00:00-04:00: course" in out
    assert "to the nearest hospital" in out
    html = page.read_text("utf-8")
    assert "© OpenStreetMap contributors" in html
    assert "East 96th Street" in html
    code, out, _ = told(capsys, "city", "closures", str(course), "--json", "--accept-cut-off")
    check = json.loads(out)
    assert code == 0
    assert [phase["in_force"] for phase in check["phases"]] == [[], ["course"], []]
    closed = check["phases"][1]
    assert closed["edges_closed"] > 50
    assert closed["crossings"] >= 2
    assert all(detour["mean_s"] >= detour["mean_before_s"] for detour in closed["detours"])


def test_a_hospital_that_is_cut_off_must_be_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "fair.toml"
    box = [[-73.978, 40.7375], [-73.978, 40.7425], [-73.9725, 40.7425], [-73.9725, 40.7375]]
    file.write_text(f'[[closures]]\nid = "fair"\narea = {box}\n', "utf-8")
    code, out, err = told(capsys, "city", "closures", str(file))
    assert code == 2
    assert "Bellevue" in out
    assert "field 'bellevue'" in err
    assert "--accept-cut-off" in err
    assert told(capsys, "city", "closures", str(file), "--accept-cut-off")[0] == 0


def test_a_street_that_is_not_there_is_told_with_those_that_are_like_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "works.json"
    file.write_text(json.dumps({"closures": [{"id": "works", "streets": ["Brodway", "5th avenue"]}]}), "utf-8")
    code, _, err = told(capsys, "city", "closures", str(file))
    assert code == 2
    assert "works.json, field 'closures[0].streets[0]': there is no street 'Brodway'. Did you mean 'Broadway'" in err


def test_a_day_with_closures_and_traffic_is_simulated_and_drawn(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    traffic = tmp_path / "traffic.toml"
    traffic.write_text(
        'format = 1\n[[sets]]\nname = "a"\nspeed = { other = 1.0 }\n[[sets]]\nname = "b"\nspeed = { other = 0.8 }\n'
        f'[week]\nweekday = "{" ".join("aaaaaaabbbbbbbbbbbbbaaaa")}"\nsaturday = "{"a " * 24}"\nsunday = "{"a " * 24}"\n',
        "utf-8",
    )
    out = tmp_path / "out"
    words = ("simulate", "--days", "0.4", "--closures", str(course), "--traffic", str(traffic), "--accept-cut-off")
    code, printed, _ = told(capsys, *words, "--json", "--out", str(out), "--map")
    assert code == 0
    summary = json.loads(printed)
    assert [one["closures"] for one in summary["roads"]["sets"]] == [[], ["course"], ["course"], []]
    assert [one["traffic"] for one in summary["roads"]["sets"]] == ["a", "a", "b", "b"]
    assert summary["roads_from"]["closures"] == "run.toml"
    code, _, _ = told(capsys, "map", str(out), "--out", str(tmp_path / "again.html"), "--json")
    assert code == 0
    assert (tmp_path / "again.html").stat().st_size == pytest.approx((out / "map.html").stat().st_size, rel=0.01)
    assert told(capsys, "replay", str(out), "--at", "7")[0] == 0
    code, plain, _ = told(capsys, "simulate", "--days", "0.4", "--json")
    assert json.loads(plain)["response_s"]["all"]["mean"] < summary["response_s"]["all"]["mean"]


def test_traffic_that_makes_no_sense_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "traffic.toml"
    file.write_text(
        'format = 1\n[[sets]]\nname = "a"\nspeed = { primry = 1.0 }\n[week]\nweekday = "a a"\nsaturday = "b"\n', "utf-8"
    )
    code, _, err = told(capsys, "simulate", "--traffic", str(file))
    assert code == 2
    for words in (
        "no road class 'primry'",
        "week.weekday': has 2 hours",
        "names no set 'b'",
        "week.sunday': is missing",
    ):
        assert words in err
    assert told(capsys, "simulate", "--city", "coquimbo", "--traffic")[0] == 2
