from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ems_twin.demand import read_calls
from ems_twin.errors import CallsError

NEW_YORK = ZoneInfo("America/New_York")
HEADER = "time,lon,lat"
LON, LAT = 9.0, 45.0  # node 0 of the grid
GOOD = f"2026-01-05T08:00:00,{LON},{LAT}"


@pytest.fixture
def read(tmp_path, city, demand):
    def run(text: str | bytes, **options):
        path = tmp_path / "calls.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_calls(path, city, demand, **options)

    return run


def error_of(read, text: str | bytes) -> str:
    with pytest.raises(CallsError) as caught:
        read(text)
    return str(caught.value)


def test_times_are_local_and_the_epoch_is_midnight(read):
    file = read(f"{HEADER}\n{GOOD}\n2026-01-06T23:30:00Z,{LON},{LAT}\n")
    assert file.start == datetime(2026, 1, 5, tzinfo=NEW_YORK)
    np.testing.assert_allclose(file.calls["t_received"], [8 * 3600, 24 * 3600 + 18.5 * 3600])
    assert file.duration_s == 2 * 86_400
    assert file.calls["node"].tolist() == [0, 0]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25)])
def test_days_on_which_the_clocks_change(read, day, hours):
    file = read(f"{HEADER}\n{day}T12:00:00,{LON},{LAT}\n")
    assert file.duration_s == hours * 3600
    assert file.calls["t_received"][0] == (hours - 12) * 3600


def test_midnight_may_not_exist(tmp_path, city, demand):
    from dataclasses import replace

    santiago = replace(city, timezone="America/Santiago")  # the clocks skip from 00:00 to 01:00
    path = tmp_path / "calls.csv"
    path.write_text(f"{HEADER}\n2025-09-07T01:30:00,{LON},{LAT}\n")
    file = read_calls(path, santiago, demand)
    assert file.calls["t_received"][0] == 1800
    assert file.duration_s == 23 * 3600


def test_a_repeated_local_time_is_noted(read):
    file = read(f"{HEADER}\n2026-11-01T01:30:00,{LON},{LAT}\n2026-11-01T01:30:00-05:00,{LON},{LAT}\n")
    np.testing.assert_allclose(file.calls["t_received"], [1.5 * 3600, 2.5 * 3600])
    assert any("1 local times came twice" in note for note in file.notes)


def test_a_skipped_local_time_is_refused(read):
    text = error_of(read, f"{HEADER}\n2026-03-08T02:30:00,{LON},{LAT}\n")
    assert "row 1, field 'time'" in text
    assert "does not exist in America/New_York" in text


def test_what_the_file_says_is_kept(read):
    columns = "priority,transport,dispatch_delay_s,turnout_s,scene_s,offload_s,clear_s"
    call = read(f"{HEADER},{columns}\n{GOOD},3,no,10,20,30,40,50\n").calls[0]
    assert [call[name] for name in columns.split(",")] == [3, 0, 10, 20, 30, 40, 50]


def test_gaps_are_drawn_with_the_luck_of_the_row(read):
    gaps = read(f"{HEADER},priority,scene_s\n{GOOD},,\n{GOOD},2,600\n{GOOD},,\n")
    mended = read(f"{HEADER},priority,scene_s\n{GOOD},1,900\n{GOOD},2,600\n{GOOD},,\n")
    np.testing.assert_array_equal(gaps.calls[1:], mended.calls[1:])
    assert mended.calls["scene_s"][:2].tolist() == [900, 600]
    assert any("priority is empty in 2 of 3 rows" in note for note in gaps.notes)
    assert any("drawn from the city's demand for all 3 calls: transport" in note for note in gaps.notes)
    assert not np.array_equal(gaps.calls["u_travel"], read(f"{HEADER}\n" + f"{GOOD}\n" * 3, seed=1).calls["u_travel"])


def test_unsorted_rows_are_sorted_and_keep_their_luck(read):
    late = GOOD.replace("T08", "T09")
    forward, backward = read(f"{HEADER}\n{GOOD}\n{late}\n"), read(f"{HEADER}\n{late}\n{GOOD}\n")
    assert backward.calls["t_received"].tolist() == forward.calls["t_received"].tolist()
    assert backward.calls["u_travel"].tolist() == forward.calls["u_travel"].tolist()[::-1]
    assert any("have been sorted" in note for note in backward.notes)
    assert not any("have been sorted" in note for note in forward.notes)


def test_marks_blank_lines_and_further_columns_are_no_trouble(read):
    file = read("\ufeffTime, LON ,lat,remark\r\n\r\n" + GOOD.replace(",", " , ") + ",hello\r\n,,,\r\n")
    assert len(file.calls) == 1
    assert any("columns not used: remark" in note for note in file.notes)


def test_a_call_outside_the_city(read):
    text = error_of(read, f"{HEADER}\n{GOOD}\n2026-01-05T08:00:00,{LON},44.9\n")
    assert "row 2" in text
    assert "11.1 km from the nearest road node of Grid" in text


def test_exchanged_coordinates(read):
    text = error_of(read, f"{HEADER}\n2026-01-05T08:00:00,{LAT},{LON}\n")
    assert "exchanged it lies in the city" in text
    assert "Exchange the names of the columns" in text


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"yesterday,{LON},{LAT}", "field 'time': 'yesterday' is not an ISO time"),
        (f",{LON},{LAT}", "field 'time': '' is not an ISO time"),
        (f"0001-01-01T00:00:00+14:00,{LON},{LAT}", "field 'time'"),
        (f"2026-01-05T08:00:00,east,{LAT}", "field 'lon': 'east' is not a number"),
        (f"2026-01-05T08:00:00,nan,{LAT}", "field 'lon': 'nan' is not a finite number"),
        (f"2026-01-05T08:00:00,{LON},95", r"field 'lat': '95' is not in degrees \(-90 to 90\)"),
        (f"2026-01-05T08:00:00,{LON}", "row 1: has 2 cells, the header has 3"),
    ],
)
def test_one_bad_row(read, row, message):
    with pytest.raises(CallsError, match=message):
        read(f"{HEADER}\n{row}\n")


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("priority", "4", "'4' is not a priority"),
        ("priority", "1.5", "'1.5' is not a priority"),
        ("transport", "maybe", "'maybe' is neither yes nor no"),
        ("scene_s", "-3", "'-3' is a negative time"),
        ("clear_s", "inf", "'inf' is not a finite number"),
    ],
)
def test_one_bad_optional_cell(read, column, cell, message):
    with pytest.raises(CallsError, match=f"row 1, field '{column}': {message}"):
        read(f"{HEADER},{column}\n{GOOD},{cell}\n")


def test_many_bad_rows_are_counted_and_ten_are_shown(read):
    text = error_of(read, HEADER + "\n" + f"never,{LON},{LAT}\n" * 25 + GOOD + "\n")
    assert "25 faults in 25 rows" in text
    assert "and 15 more" in text
    assert "row 10, time" in text
    assert "row 11" not in text


def test_row_numbers_count_blank_lines(read):
    assert "row 3" in error_of(read, f"{HEADER}\n{GOOD}\n\nnever,{LON},{LAT}\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        (f"{HEADER}\n", "has a header but no calls"),
        (f"time,lon\n{GOOD}\n", "field 'lat': the column is missing"),
        (f"{HEADER},lat\n{GOOD},1\n", "field 'lat': the column comes twice"),
        ("time;lon;lat\n1;2;3\n", "not separated by commas"),
        (b"time,lon,lat\n\xff\xfe,1,2\n", "is not UTF-8 text"),
    ],
)
def test_files_that_are_no_call_files(read, text, message):
    with pytest.raises(CallsError, match=message):
        read(text)


def test_a_missing_file(tmp_path, city, demand):
    with pytest.raises(CallsError, match="cannot be read"):
        read_calls(tmp_path / "none.csv", city, demand)
