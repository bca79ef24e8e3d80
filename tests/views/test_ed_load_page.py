"""The page of emergency rooms: lines, bands, gaps, and no scripts."""

from __future__ import annotations

import re

from ems_twin.views import write_ed_load_page


def record(**words):
    ahead = [
        {"hours_ahead": h, "at": f"2024-05-06T{12 + h}:00:00-04:00", "median": 80.0 + h, "low_50": 75.0, "high_50": 90.0,
         "low_90": 60.0, "high_90": 110.0}
        for h in (1, 2, 3)
    ]  # fmt: skip
    room = {
        "room": "<b>North</b>", "last": 82.0, "last_at": "2024-05-06T12:00:00-04:00", "forecast": ahead,
        "past": [{"hours_ago": h, "value": 80.0} for h in (-6, -5, -2, -1, 0)],
    }  # fmt: skip
    base = {
        "file": "rooms.csv", "measure": "occupancy", "model": "blend", "origin": "2024-05-06T12:00:00-04:00",
        "timezone": "America/Toronto", "notes": ["<i>note</i>"], "rooms": [room], "report_lines": ["2 rooms"],
    }  # fmt: skip
    return base | words


def test_lines_break_where_hours_are_missing(tmp_path):
    text = write_ed_load_page(record(), tmp_path / "page.html").read_text("utf-8")
    assert text.count('<polyline class="past"') == 2
    assert text.count('<polyline class="median"') == 1
    assert text.count('<polygon class="outer"') == text.count('<polygon class="inner"') == 1
    assert "&lt;b&gt;North&lt;/b&gt;" in text
    assert "<b>" not in text
    assert "<i>" not in text
    assert "<script" not in text
    assert "83 expected in 3 h, 90 % between 60 and 110" in text
    assert "Monday 2024-05-06 12:00" in text


def test_a_room_without_figures_or_intervals_is_drawn_too(tmp_path):
    none = dict.fromkeys(("low_50", "high_50", "low_90", "high_90"))
    entry = {"hours_ahead": 1, "at": "2024-05-06T13:00:00-04:00", "median": None} | none
    rooms = [
        {"room": "silent", "last": None, "last_at": None, "past": [], "forecast": [entry]},
        {"room": "bare", "last": 5.0, "last_at": "2024-05-06T12:00:00-04:00", "past": [{"hours_ago": 0, "value": 5.0}],
         "forecast": [entry | {"median": 6.0}]},
    ]  # fmt: skip
    text = write_ed_load_page(record(rooms=rooms, measure="waiting"), tmp_path / "page.html").read_text("utf-8")
    assert "nothing is known" in text
    assert "6 expected in 1 h" in text
    assert "<polygon" not in text
    assert "every stretcher" not in text
    assert not re.search(r"nan|None", text)


def test_scores_stand_below(tmp_path):
    scored = {
        "from": "2024-04-08 00:00", "to": "2024-05-06 12:00", "horizons_h": [1, 24],
        "models": {"blend": {"mean_absolute_error": [5.5, None], "coverage_90": [0.9, None], "coverage_50": [0.5, None]}},
    }  # fmt: skip
    text = write_ed_load_page(record(backtest=scored), tmp_path / "page.html").read_text("utf-8")
    assert "How good such forecasts were" in text
    assert "<td>5.50</td><td>-</td>" in text
    assert "<td>90.0%</td>" in text
