"""``ems-twin forecast ed-load`` as a user meets it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ems_twin.cli import main

MONDAY = datetime(2024, 1, 8)


def write_load(path: Path, days: int) -> Path:
    """Two rooms of 20 and 30 stretchers, busier by day; a little noise."""
    rng = np.random.default_rng(1)
    hour = np.arange(days * 24)
    rows = []
    for name, size in (("North", 20), ("South", 30)):
        beds = np.round(size * (0.9 + 0.2 * np.sin((hour % 24 - 9) / 24 * 2 * np.pi)) + rng.normal(0, 1, len(hour)))
        rows += [
            f"{(MONDAY + timedelta(hours=int(h))).isoformat()},{name},{100 * b / size:.0f},{max(b // 4, 0):.0f}"
            for h, b in zip(hour, beds, strict=True)
        ]
    path.write_text("time,room,occupancy,waiting\n" + "\n".join(rows) + "\n", "utf-8")
    return path


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_load(tmp_path / "load.csv", 30)


ASK = ("forecast", "ed-load", "--occupancy", "load.csv", "--timezone", "America/Toronto")


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main((*ASK, *words))
    out, err = capsys.readouterr()
    return code, out, err


def test_rooms_are_forecast_and_drawn(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "--model", "climatology", "--hours", "24", "--out", "pages/ed.html")
    assert code == 0
    assert "load.csv: 2 rooms, 720 hours from 2024-01-08 00:00 to 2024-02-06 23:00" in out
    assert (
        "Occupancy, percent, from Tuesday 2024-02-06 23:00: median and 90 % interval, forecast of climatology." in out
    )
    page = Path("pages/ed.html").read_text("utf-8")
    assert page.count("<figure>") == 2
    assert page.count('class="outer" points') == 2
    assert "<script" not in page
    assert "http:" not in page
    assert "https:" not in page
    record = json.loads(told(capsys, "--model", "climatology", "--hours", "24", "--room", "South", "--json")[1])
    (room,) = record["rooms"]
    assert room["room"] == "South"
    assert [entry["hours_ahead"] for entry in room["forecast"]] == list(range(1, 25))
    for entry in room["forecast"]:
        assert entry["low_90"] <= entry["low_50"] <= entry["median"] <= entry["high_50"] <= entry["high_90"]
    night, day = room["forecast"][3]["median"], room["forecast"][15]["median"]  # 03:00 and 15:00
    assert day > night + 20
    assert room["forecast"][0]["at"] == "2024-02-07T00:00:00-05:00"


def test_what_was_not_published_yet_is_not_looked_at(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--model", "climatology", "--hours", "6", "--json", "--at", "2024-01-29T12:00")
    whole = json.loads(told(capsys, *words)[1])
    lines = table.read_text("utf-8").splitlines()
    table.write_text("\n".join([lines[0], *(line for line in lines[1:] if line < "2024-01-29T12:30")]) + "\n", "utf-8")
    assert json.loads(told(capsys, *words)[1])["rooms"] == whole["rooms"]


def test_a_short_record_falls_back_and_says_so(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "--hours", "6")
    assert code == 0
    assert "Note: blend needs 84 days of history and has 30.0: climatology takes its place." in out
    write_load(table, 3)
    code, out, _ = told(capsys, "--hours", "6")
    assert code == 0
    assert "has 3.0: persistence takes its place." in out
    assert "Where no interval is given, too few errors are known to learn it from." in out


def test_forecasts_are_scored(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--model", "climatology", "--hours", "24", "--backtest", "--weeks", "1", "--measure", "waiting")
    code, out, _ = told(capsys, *words, "--out", "ed.html")
    assert code == 0
    assert "Every hour from 2024-01-31 00:00 to 2024-02-06 23:00, mean absolute error" in out
    assert "How good such forecasts were" in Path("ed.html").read_text("utf-8")
    scored = json.loads(told(capsys, *words, "--json")[1])["backtest"]
    assert scored["horizons_h"] == [1, 2, 6, 24]
    assert set(scored["models"]) == {"persistence", "climatology"}
    errors = {name: found["mean_absolute_error"] for name, found in scored["models"].items()}
    assert errors["climatology"][2] < errors["persistence"][2]  # six hours ahead the day has turned
    assert 0.7 < scored["models"]["climatology"]["coverage_90"][2] <= 1


def test_ambulances_on_their_way_raise_the_load(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("inbound.csv").write_text("hours_ahead,room,expected,usual\n2,North,6,2\n", "utf-8")
    words = ("--model", "climatology", "--hours", "4", "--json")
    plain, more = (json.loads(told(capsys, *words, *extra)[1])["rooms"] for extra in ((), ("--inbound", "inbound.csv")))
    gain = [b["median"] - a["median"] for a, b in zip(plain[0]["forecast"], more[0]["forecast"], strict=True)]
    assert gain[0] == 0
    assert gain[1] == pytest.approx(20, abs=0.2)  # four patients too many on 20 stretchers
    assert 0 < gain[3] < gain[1]
    assert plain[1] == more[1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--room", "East"), "there is no room 'East'. Known are North, South"),
        (("--out", "ed.pdf"), "cannot become a page"),
        (("--at", "2023-01-01T00:00"), "is not within the record"),
        (("--at", "2025-01-01T00:00"), "is not within the record"),
        (("--occupancy", "none.csv"), "none.csv: is missing"),
        (("--backtest", "--weeks", "5"), "too few to test 5 weeks"),
        (("--columns-changed", "2020-01-01T00:00"), "is not within"),
        (("--timezone", "Mars/Olympus"), "is not a known time zone"),
    ],
)
def test_what_is_wrong_is_said(
    table: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    code, _, err = told(capsys, "--model", "persistence", *words)
    assert code == 2
    assert message in err


def test_a_measure_that_nobody_published(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table.write_text("time,A\n2024-01-08T00:00,50\n2024-01-08T01:00,60\n", "utf-8")
    code, _, err = told(capsys, "--measure", "waiting")
    assert code == 2
    assert "nothing is known of waiting" in err
    code, out, _ = told(capsys, "--hours", "2")
    assert code == 0
    assert "persistence takes its place" in out


@pytest.mark.parametrize("hours", ["0", "73", "many"])
def test_hours_are_one_to_seventy_two(table: Path, hours: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main((*ASK, "--hours", hours))
    assert "from 1 to 72" in capsys.readouterr().err
