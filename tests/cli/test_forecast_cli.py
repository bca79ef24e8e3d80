"""``ems-twin forecast`` as a user meets it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ems_twin.cli import main

MONDAY = datetime(2024, 1, 1)


def write_calls(path: Path, weeks: int, *, seed: int = 1) -> Path:
    """Calls in Manhattan, two by day for each by night, most of them in the south."""
    rng = np.random.default_rng(seed)
    hours = np.arange(weeks * 168)
    busy = np.where((hours % 24 >= 8) & (hours % 24 < 20), 2.0, 1.0)
    at = np.repeat(hours, rng.poisson(busy)) * 60
    south = rng.random(len(at)) < 0.7
    lon = np.where(south, -73.99, -73.94) + rng.uniform(-0.005, 0.005, len(at))
    lat = np.where(south, 40.73, 40.82) + rng.uniform(-0.005, 0.005, len(at))
    minute = rng.integers(0, 60, len(at))
    rows = [
        f"{(MONDAY + timedelta(minutes=int(a + m))).isoformat()},{x:.5f},{y:.5f},1,fall"
        for a, m, x, y in zip(at, minute, lon, lat, strict=True)
    ]
    path.write_text("time,lon,lat,priority,kind\n" + "\n".join(rows) + "\n", "utf-8")
    return path


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ems_twin.demand.forecast.recall.user_cache_root", lambda: tmp_path / "cache")
    return write_calls(tmp_path / "calls.csv", 12)


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


BACKTEST = ("forecast", "backtest", "--timezone", "America/New_York", "--models", "hour_of_week", "--horizons", "24")


def test_the_last_weeks_are_scored_and_written(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, *BACKTEST, "--calls", "calls.csv", "--weeks", "2", "--out", "scores")
    assert code == 0
    assert "test from 2024-03-11, 10.0 weeks of history before it" in out
    assert "Periods of 24 h, forecast every 24 h: 2 weeks" in out
    assert "hour_of_week" in out
    record = json.loads(Path("scores/backtest.json").read_text("utf-8"))
    assert record["horizons"]["24"]["weeks"] == 2
    assert set(record["horizons"]["24"]["models"]) == {"medic", "hour_of_week"}
    assert Path("scores/backtest.txt").read_text("utf-8") in out
    page = Path("scores/report.html").read_text("utf-8")
    assert "<h2>Periods of 24 h</h2>" in page
    assert "<script" not in page
    assert page.count("<figure>") == 2  # a PIT of each model; the hour of the week is not set against itself


def test_an_imported_history_gives_the_same_figures(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = (*BACKTEST, "--weeks", "1", "--cells", "square:2000", "--json")
    assert told(capsys, "calls", "import", "calls.csv", "--timezone", "America/New_York")[0] == 0
    plain, imported = (
        json.loads(told(capsys, *words, "--calls", f"calls.{kind}")[1])["horizons"]["24"]["models"]
        for kind in ("csv", "parquet")
    )
    assert plain == imported


def test_a_short_history_falls_back_and_says_so(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("forecast", "backtest", "--calls", "calls.csv", "--timezone", "America/New_York", "--horizons", "24",
             "--start", "2024-01-22", "--weeks", "1")  # fmt: skip
    code, out, _ = told(capsys, *words)
    assert code == 0
    assert "Note: blend needs 8 weeks of history and has 3.0: hour_of_week takes its place." in out
    assert "Note: volume_density needs 4 weeks" in out
    assert not any(line.startswith(("blend", "volume_density")) for line in out.splitlines())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--start", "2024-02-06"), "2024-02-06 is not a Monday"),
        (("--start", "2025-02-03"), "not within the history"),
        (("--start", "2024-01-01"), "0.0 days of history are too few"),
        (("--models", "crystal_ball"), "'crystal_ball' is not a model"),
        (("--cells", "h3:15"), "no resolution 15"),
        (("--cells", "square:far"), "'square:far' is no kind of cell"),
        (("--cells", "square:5"), "do not suit a city"),
        (("--cells", "zones"), "the calls name no zones"),
        (("--calls", "missing.csv"), "missing.csv: is missing"),
        (("--out", "calls.csv"), "is a file"),
    ],
)
def test_what_is_wrong_is_said(
    table: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    code, _, err = told(capsys, *BACKTEST, "--calls", "calls.csv", *words)
    assert code == 2
    assert message in err


def test_doubts_about_the_calls_are_told(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = table.read_text("utf-8").splitlines()
    cells = [line.split(",") for line in lines[1:]]
    table.write_text("\n".join([lines[0], *(",".join([t, y, x, *rest]) for t, x, y, *rest in cells)]) + "\n", "utf-8")
    code, _, err = told(capsys, *FIT, "--model", "hour_of_week", "--out", "model.npz")
    assert code == 0
    assert "note: calls.csv: Where the calls lie the sun is 8 h off the clock: lon and lat may be exchanged" in err


@pytest.mark.parametrize("hours", ["0", "5", "day", ""])
def test_horizons_must_divide_a_week(table: Path, hours: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main((*BACKTEST, "--calls", "calls.csv", "--horizons", hours))
    assert "divide the 168" in capsys.readouterr().err


SPOTS = ("forecast", "hotspots", "--calls", "calls.csv", "--city", "manhattan", "--model", "hour_of_week")


def test_hotspots_are_ranked_explained_and_drawn(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = (*SPOTS, "--at", "2024-03-15T11:30", "--hours", "2", "--top", "4")
    code, out, _ = told(capsys, *words, "--out", "maps/spots.html")
    assert code == 0
    assert "Friday 2024-03-15 11:30 and an hour on:" in out
    assert "Friday 2024-03-15 12:30 and an hour on:" in out
    assert "usual for Friday 12 h" in out
    assert "Map in maps/spots.html" in out
    page = Path("maps/spots.html").read_text("utf-8")
    assert "OpenStreetMap contributors" in page
    assert "Hotspots, Manhattan" in page
    record = json.loads(told(capsys, *words, "--json")[1])
    assert record["at"] == "2024-03-15T11:30:00-04:00"
    assert [len(hour["hotspots"]) for hour in record["hours"]] == [4, 4]
    first = record["hours"][0]["hotspots"]
    assert [spot["rank"] for spot in first] == [1, 2, 3, 4]
    assert first[0]["lat"] < 40.76  # the south is the busier part
    assert all(0 < spot["p_30"] < spot["p_60"] < 1 for spot in first)
    assert record["hours"][0]["calls_expected"] == pytest.approx(2, abs=0.5)


def test_hotspots_of_a_short_record_fall_back(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("forecast", "hotspots", "--calls", "calls.csv", "--timezone", "America/New_York", "--at")
    code, out, _ = told(capsys, *words, "2024-01-20T08:00-05:00", "--cells", "square:3000")
    assert code == 0
    assert "Note: blend needs 8 weeks of history and has 2.8: hour_of_week takes its place." in out
    assert "Saturday 2024-01-20 08:00" in out
    code, _, err = told(capsys, *words, "2024-01-03T08:00")
    assert code == 2
    assert "days of history are too few" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--out", "spots.pdf"), "cannot become a map"),
        (("--model", "oracle"), "'oracle' is not a model"),
        (("--at", "2024-09-01T10:00"), "more than four weeks before"),
        (("--at", "2023-01-01T10:00"), "the record begins later, on 2024-01-01 00:"),
        (("--at", "2024-01-03T10:00"), "days of history are too few"),
    ],
)
def test_what_is_wrong_with_hotspots_is_said(
    table: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    code, _, err = told(capsys, *SPOTS, *words)
    assert code == 2
    assert message in err
    assert not list(Path().glob("*.html"))


FIT = ("forecast", "fit", "--calls", "calls.csv", "--timezone", "America/New_York", "--cells", "square:3000")
KEPT = ("forecast", "hotspots", "--calls", "calls.csv", "--timezone", "America/New_York", "--fitted", "model.npz")


def spots_of(capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    code, out, err = told(capsys, *words, "--json")
    assert code == 0, err
    return json.loads(out)


def test_a_fitted_model_is_kept_and_used(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, *FIT, "--model", "volume_density", "--at", "2024-03-15T00:00", "--out", "model.npz")
    assert code == 0
    assert "volume_density fitted to" in out
    assert "until 2024-03-15T00:00:00-04:00" in out
    words = ("--at", "2024-03-15T00:00", "--hours", "1")
    kept = spots_of(capsys, *KEPT, *words)
    assert kept["fit"] == {"from": "file", "until": "2024-03-15T00:00:00-04:00"}
    assert kept["notes"] == []
    direct = ("forecast", "hotspots", *FIT[2:], "--model", "volume_density", *words)
    now, again = spots_of(capsys, *direct), spots_of(capsys, *direct)
    assert (now["fit"]["from"], again["fit"]["from"]) == ("cache", "cache")  # 'forecast fit' left it there
    assert kept["hours"] == now["hours"] == again["hours"]
    later = spots_of(capsys, *KEPT, "--at", "2024-03-24T00:00", "--hours", "1")
    assert later["notes"] == ["The model was fitted 9 days before: since then only its level has followed the calls."]
    level = later["hours"][0]["calls_expected"] / spots_of(capsys, *KEPT, *words)["hours"][0]["calls_expected"]
    assert level != 1.0


def test_a_fitted_model_knows_its_calls(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, *FIT, "--model", "hour_of_week", "--at", "2024-03-15T00:00", "--out", "model.npz")[0] == 0
    for words, message in (
        (("--at", "2024-03-14T00:00"), "the model knows the calls until 2024-03-15 00:00"),
        (("--model", "blend"), "--model does not go with --fitted"),
        (("--cells", "h3:8"), "--cells does not go with --fitted"),
        (("--timezone", "Europe/Paris"), "the model's clock is America/New_York"),
        (("--fitted", "calls.csv"), "no model that 'forecast fit' wrote"),
        (("--fitted", "none.npz"), "none.npz: is missing"),
    ):
        code, _, err = told(capsys, *KEPT, *words)
        assert code == 2
        assert message in err
    write_calls(Path("calls.csv"), 12, seed=2)
    found = spots_of(capsys, *KEPT, "--at", "2024-03-15T05:00")
    assert "are not those that the model was fitted to" in found["notes"][0]
    code, _, err = told(capsys, *FIT, "--out", ".")
    assert (code, "is a folder" in err) == (2, True)


def test_calls_outside_the_cells_are_counted(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, *FIT, "--model", "hour_of_week", "--out", "model.npz")[0] == 0
    with table.open("a", encoding="utf-8") as file:
        file.write("2024-03-24T23:59,-73.7,40.6,1,fall\n")
    assert "1 call lies in none of the cells, left out." in spots_of(capsys, *KEPT)["notes"]


def test_a_city_gives_the_operational_error(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = (*BACKTEST, "--calls", "calls.csv", "--weeks", "1", "--json")
    alone = json.loads(told(capsys, *words)[1])
    assert alone["reach"] is None
    assert any("was not computed" in note for note in alone["notes"])
    assert "coverage_error" not in alone["horizons"]["24"]["models"]["medic"]
    there = json.loads(told(capsys, *words, "--city", "manhattan")[1])
    assert there["reach"]["city"] == "manhattan"
    assert 60 <= there["reach"]["drive_limit_s"] < 480
    assert all(0 <= share <= 1 for share in there["reach"]["covered"].values())
    error = there["horizons"]["24"]["models"]["medic"]["coverage_error"]
    assert 0 <= error["value"] < 1
    assert set(error["against"]) == {"hour_of_week"}
    code, out, _ = told(capsys, *words[:-1], "--city", "manhattan", "--out", "scores")
    assert code == 0
    assert "operational error, points" in out
    assert "operational error" in Path("scores/report.html").read_text("utf-8")
