"""``ems-twin calls import`` as a user meets it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from ems_twin.cli import main
from ems_twin.demand import CallHistory

TABLE = """time,lon,lat,priority,kind,caller
2024-05-06T10:00:00,-73.98,40.75,1,chest pain,Jane Doe
2024-05-06T10:05:00,-73.95,40.80,2,fall,Jane Doe
2024-05-06T10:05:00,-73.95,40.80,2,fall,John Doe
2024-05-06T10:07:00,40.75,-73.98,3,fall,Jane Doe
"""


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "calls.csv").write_text(TABLE, "utf-8")
    return tmp_path / "calls.csv"


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


def test_a_file_is_imported_and_then_replayed(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "calls", "import", "calls.csv", "--city", "manhattan", "--out", "past.parquet")
    assert code == 0
    assert "4 rows in the format plain became 2 calls" in out
    assert "Dropped: 1 rows: lon and lat look exchanged." in out
    assert "Roads of manhattan: 100.0%" in out
    assert "Columns not read: caller." in out
    assert "History in past.parquet; rows dropped, with the reason of each, in past.dropped.csv" in out
    with Path("past.dropped.csv").open(encoding="utf-8") as stream:
        assert [(row["row"], row["reason"]) for row in csv.DictReader(stream)] == [
            ("3", "it repeats an earlier row"),
            ("4", "lon and lat look exchanged"),
        ]
    assert all("Doe" not in file.read_bytes().decode("latin-1") for file in Path().glob("past*"))
    code, out, _ = told(capsys, "simulate", "--calls", "past.parquet", "--json")
    summary = json.loads(out)
    assert code == 0
    assert summary["calls"] == 2
    assert summary["start"] == "2024-05-06T00:00:00-04:00"
    code, out, _ = told(capsys, "simulate", "--city", "coquimbo", "--calls", "past.parquet", "--json")
    assert code == 2
    assert "none of 2 calls lies within 1 km of a road" in json.loads(out)["error"]


def test_the_figures_as_json_and_a_clean_second_try(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("calls", "import", "calls.csv", "--city", "manhattan", "--json")
    _, out, _ = told(capsys, *words)
    figures = json.loads(out)
    assert figures["history"] == "calls.parquet"
    assert figures["rows"] == figures["calls"] + figures["joined"] + sum(figures["dropped"].values()) == 4
    assert figures["first"] == "2024-05-06T10:00:00-04:00"
    assert figures["snap"]["share"] == 1.0
    table.write_text("\n".join(TABLE.splitlines()[:3]), "utf-8")
    _, out, _ = told(capsys, *words, "--swap")
    assert json.loads(out)["dropped"] == {}
    assert not Path("calls.dropped.csv").exists()  # of the first try
    assert len(CallHistory.read("calls.parquet")) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("calls.csv",), "--timezone"),
        (("calls.csv", "--timezone", "Mars/Base"), "'Mars/Base' is not a known time zone"),
        (("missing.csv",), "missing.csv: is missing"),
        (("calls.csv", "--format", "paris"), "there is no format 'paris'"),
        (("calls.csv", "--out", "past.csv"), "no Parquet file"),
        (("calls.csv", "--column", "time"), "'time' is not FIELD=NAME"),
        (
            ("calls.csv", "--column", "time=caller", "--timezone", "UTC"),
            "no call is left: 4 rows: its time cannot be read",
        ),
        (("calls.csv", "--city", "atlantis"), "atlantis"),
    ],
)
def test_what_is_wrong_is_said(
    table: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    code, _, err = told(capsys, "calls", "import", *words)
    assert code == 2
    assert message in err
    assert not list(Path().glob("*.parquet"))


def test_a_file_is_never_replaced_by_its_history(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.parquet").write_bytes(b"mine")
    code, _, err = told(capsys, "calls", "import", "a.parquet")
    assert code == 2
    assert "would replace the file" in err
    assert Path("a.parquet").read_bytes() == b"mine"
