"""The table of past calls: what it refuses, how it is kept, and how it is replayed."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pyarrow.parquet as pq
import pytest

from ems_twin.demand import CALL_HISTORY, NEMSIS_TIMES, CallHistory, read_calls
from ems_twin.errors import CallsError, CityError

NOON = datetime(2026, 1, 5, 17, tzinfo=UTC).timestamp()  # noon in New York, a Monday
LON, LAT = 9.0, 45.0  # node 0 of the grid


def rows(k: int) -> np.ndarray:
    calls = np.zeros(k, dtype=CALL_HISTORY)
    calls["t"] = NOON + 60.5 * np.arange(k)
    calls["lon"], calls["lat"], calls["node"] = LON, LAT, -1
    calls["zone"], calls["hospital"] = -1, -1
    for name in NEMSIS_TIMES:
        calls[name] = np.nan
    return calls


def history(calls: np.ndarray, **facts) -> CallHistory:
    return CallHistory(calls=calls, **{"timezone": "America/New_York", "kinds": ("chest pain",)} | facts)


def whole() -> CallHistory:
    """Three calls: one taken to hospital, one not, one of which only the zone is known."""
    calls = rows(3)
    for name, seconds in zip(NEMSIS_TIMES, (30, 90, 400, 1600, 2000, 2600, 3000), strict=True):
        calls[name][0] = seconds
    calls["notified"][1], calls["on_scene"][1], calls["back_in_service"][1] = 20, 300, 900.25
    calls["lon"][2] = calls["lat"][2] = np.nan
    calls["zone"][2], calls["hospital"][0], calls["kind"] = 1, 0, [1, 0, 1]
    calls["priority"], calls["placed"], calls["node"][0] = [1, 0, 3], [0, 1, 0], 0
    return history(
        calls, kinds=("fall", "Brust, links"), zones=("", "10001"), hospitals=("H7",), source="a.csv", city="grid"
    )


def test_what_is_written_is_read(tmp_path):
    before = whole()
    before.write(tmp_path / "new" / "h.parquet")
    after = CallHistory.read(tmp_path / "new" / "h.parquet")
    for name in CALL_HISTORY.names:
        np.testing.assert_array_equal(after.calls[name], before.calls[name], err_msg=name)
    facts = ("timezone", "kinds", "zones", "hospitals", "source", "city", "nodes_hash")
    assert [getattr(after, fact) for fact in facts] == [getattr(before, fact) for fact in facts]


def test_the_file_speaks_to_other_programs(tmp_path):
    whole().write(tmp_path / "h.parquet")
    table = pq.read_table(tmp_path / "h.parquet").to_pydict()
    assert table["received"][0] == datetime(2026, 1, 5, 17, tzinfo=UTC)
    assert table["kind"] == ["Brust, links", "fall", "Brust, links"]
    assert table["zone"] == [None, None, "10001"]
    assert table["priority"] == [1, None, 3]
    assert table["back_in_service_s"] == [3000, 900.25, None]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("t", np.nan), ("t", NOON + 1e6), ("lon", 181.0), ("lat", np.nan), ("priority", 4), ("kind", 1), ("kind", -1),
        ("zone", 0), ("hospital", 0), ("on_scene", -1.0),
    ],
)  # fmt: skip
def test_a_bad_row_is_named(field, value):
    calls = rows(3)
    calls[field][1] = value
    with pytest.raises(CallsError) as caught:
        history(calls)
    assert caught.value.row in (2, 3)  # of two that are out of order either may be meant
    assert caught.value.field == field


def test_a_place_is_a_position_or_a_zone():
    calls = rows(1)
    calls["lon"] = calls["lat"] = np.nan
    with pytest.raises(CallsError, match="field 'zone'"):
        history(calls)
    calls["zone"] = 0
    assert np.isnan(history(calls, zones=("10001",)).points()).all()


def test_the_zone_of_the_clock_must_exist():
    with pytest.raises(CityError, match="no/where"):
        history(rows(1), timezone="no/where")


def test_nobody_writes_to_a_history():
    with pytest.raises(ValueError, match="read-only"):
        history(rows(1)).calls["lon"] = 0


def test_between_takes_the_start_and_leaves_the_end():
    all_ = history(rows(4))
    noon = datetime(2026, 1, 5, 12)  # the city's
    assert len(all_.between(noon, datetime.fromtimestamp(NOON + 121, UTC))) == 2
    assert all_.between(noon, datetime(2027, 1, 1)).calls["t"].tolist() == all_.calls["t"].tolist()
    assert len(all_.between(noon, noon)) == 0


def test_local_hours_count_from_monday_and_know_summer():
    calls = rows(2)
    calls["t"] = [
        datetime(2026, 3, 8, 6, 59, tzinfo=UTC).timestamp(),
        datetime(2026, 3, 8, 7, 0, tzinfo=UTC).timestamp(),
    ]
    assert history(calls).local_hours().tolist() == [6 * 24 + 1, 6 * 24 + 3]  # the clocks went forward from 2 to 3
    assert history(rows(1)).local_hours().tolist() == [12]


@pytest.mark.parametrize("text", ["", "time,lon,lat\n"])
def test_what_is_no_history_is_refused(tmp_path, text):
    file = tmp_path / "h.parquet"
    file.write_text(text)
    with pytest.raises(CallsError, match="cannot be read as Parquet"):
        CallHistory.read(file)
    with pytest.raises(CallsError, match="is missing"):
        CallHistory.read(tmp_path / "other.parquet")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda facts: None, "no call history"),
        (lambda facts: facts | {"version": 9}, "has version 9"),
        (lambda facts: {"version": 1}, "damaged"),
        (lambda facts: facts | {"kinds": ["fall"]}, "field 'kind'"),
    ],
)
def test_a_damaged_history_is_refused(tmp_path, change, message):
    file = tmp_path / "h.parquet"
    whole().write(file)
    table = pq.read_table(file)
    key = b"ems_twin.call_history"
    facts = change(json.loads(table.schema.metadata[key]))
    pq.write_table(table.replace_schema_metadata({} if facts is None else {key: json.dumps(facts)}), file)
    with pytest.raises(CallsError, match=message) as caught:
        CallHistory.read(file)
    assert caught.value.file == str(file)


def test_a_history_is_replayed_with_the_times_that_it_knows(tmp_path, city, demand):
    file = whole().to_calls(city, demand, seed=4)
    assert file.start.isoformat() == "2026-01-05T00:00:00-05:00"
    taken, left = file.calls
    assert (taken["t_received"], taken["node"]) == (12 * 3600, 0)
    known = ("priority", "transport", "dispatch_delay_s", "turnout_s", "scene_s", "offload_s", "clear_s")
    assert [taken[name] for name in known] == [1, 1, 30, 60, 1200, 600, 400]
    assert [left[name] for name in ("transport", "dispatch_delay_s", "scene_s")] == [0, 20, 600.25]
    assert left["turnout_s"] > 0  # drawn
    notes = " ".join(file.notes)
    assert "1 of 3 calls have no position" in notes
    assert "1 calls give only their zone" in notes
    whole().write(tmp_path / "h.parquet")
    again = read_calls(tmp_path / "h.parquet", city, demand, seed=4)
    np.testing.assert_array_equal(again.calls, file.calls)


def test_times_out_of_order_are_drawn_and_silence_is_no_answer(city, demand):
    calls = rows(1)
    calls["notified"], calls["en_route"], calls["on_scene"], calls["back_in_service"] = 100, 40, 300, 900
    call = history(calls).to_calls(city, demand, seed=1).calls[0]
    assert call["dispatch_delay_s"] == 100
    assert call["turnout_s"] > 0
    other = history(calls).to_calls(city, demand, seed=2).calls[0]
    assert call["turnout_s"] != other["turnout_s"]
    assert call["scene_s"] != 600  # no call names a hospital, so whether anybody was taken is not known


def test_calls_of_another_city_are_not_replayed(city, demand):
    calls = rows(2)
    calls["lat"][1] += 1
    assert any("1 of 2 calls lie farther" in note for note in history(calls).to_calls(city, demand).notes)
    with pytest.raises(CallsError, match="none of 1 calls lies within 1 km"):
        history(calls[1:]).to_calls(city, demand)
