"""The commands about messages as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_cli import told

MESSAGES = Path(__file__).parents[1] / "feeds" / "messages"
ROUEN = str(MESSAGES / "hub_sante_positions.json")


def test_a_file_is_read_without_saying_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "feeds", "read", str(MESSAGES / "eido_incident.json"), ROUEN)
    assert code == 0
    assert "eido_incident.json: eido, 5 events, 0 refused" in out
    assert "2026-03-01T17:02:30Z unit_status: unit_id=Medic 7, status=en_route" in out
    assert "hub_sante_positions.json: hub-sante" in out
    assert "Quillfeather" not in out


def test_positions_outside_are_shown_with_the_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "feeds", "read", ROUEN, "--area", "0.5", "49", "2", "50")
    assert code == 0
    assert "lies outside the area at 9.440 1.090" in out
    assert "Exchange longitude and latitude" in out
    _, out, _ = told(capsys, "feeds", "read", str(MESSAGES / "owntracks.json"), ROUEN, "--city", "manhattan", "--json")
    tracks, rouen = json.loads(out)
    assert [event["event"] for event in tracks["events"]] == ["unit_position"]
    assert len(rouen["refused"]) == 3


def test_events_are_written_in_another_standard(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out_file = tmp_path / "out.json"
    words = ("feeds", "read", str(MESSAGES / "hub_sante_resources.json"), "--to", "eido", "--out", str(out_file))
    code, out, _ = told(capsys, *words)
    assert (code, out) == (0, "")
    assert len(json.loads(out_file.read_text("utf-8"))["emergencyResourceComponent"]) == 4
    code, _, err = told(capsys, "feeds", "read", ROUEN, "--to", "cap")
    assert code == 2
    assert "no words for a UnitPositionEvent" in err


def test_what_cannot_be_read_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = told(capsys, "feeds", "read", str(tmp_path / "absent.json"))
    assert code == 2
    assert "absent.json: cannot be read" in err
    bad = tmp_path / "bad.json"
    bad.write_text("{", "utf-8")
    code, out, _ = told(capsys, "feeds", "read", str(bad))
    assert code == 2
    assert "is no JSON (line 1" in out
    code, _, err = told(capsys, "feeds", "read", ROUEN, "--codec", "telex")
    assert code == 2
    assert "There are auto, cloudevents" in err
    code, _, err = told(capsys, "feeds", "read", ROUEN, "--area", "5", "49", "2", "50")
    assert code == 2
    assert "is no box" in err


def test_the_table_of_fields(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = told(capsys, "feeds", "fields")
    assert code == 0
    assert "10 is the highest" in out
    assert "never kept: callers, callbacks and contacts" in out
    code, out, _ = told(capsys, "feeds", "fields", "--codec", "cap", "--json")
    (table,) = json.loads(out)
    assert table["writes"] == ["WeatherAlertEvent"]
    assert {"field": "alert.msgType", "becomes": "phase"} in table["used"]
