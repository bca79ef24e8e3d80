"""Times as portals and programs write them, and the civil time of whole columns."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ems_twin.demand.clock import changes_of_clocks, clock_seconds, instants, is_repeated, is_skipped
from ems_twin.demand.formats.records import Records
from ems_twin.demand.formats.times import read_times

NEW_YORK = ZoneInfo("America/New_York")
ZONES = [ZoneInfo(name) for name in ("America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu")]


def times(*cells, month_first=True, local=False, zone=NEW_YORK):
    column = pa.chunked_array([pa.array(cells)])
    records = Records({"time": column}, np.arange(1, len(cells) + 1))
    return read_times(records, "time", zone, local=local, month_first=month_first)


def utc(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "text",
    [
        "2020-03-04T15:06:07", "2020-03-04 15:06:07.000", "03/04/2020 03:06:07 PM", "3/4/2020 3:06:07 pm",
        "2020/03/04 03:06:07 PM", "2020 Mar 04 03:06:07 PM", "2020-03-04T20:06:07Z", "2020-03-04 20:06:07.000000 UTC",
        "2020-03-04T12:06:07-0800", "2020-03-04 12:06:07 -08:00", "03/04/2020 15:06:07", " 2020-03-04 15:06:07 ",
    ],
)  # fmt: skip
def test_one_moment_in_many_spellings(text):
    read = times(text, None)
    np.testing.assert_array_equal(read.t, [utc(2020, 3, 4, 20, 6, 7), np.nan])
    assert read.is_empty.tolist() == [False, True]


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2020-02-30 10:00:00", "13/13/2020 10:00", "10:00", "2020", "1583352367", "03/04/2020 15:06:07 PM"],
)
def test_what_is_no_time_is_nan_and_not_empty(text):
    read = times(text)
    assert np.isnan(read.t).all()
    assert not read.is_empty.any()


def test_midnight_and_noon_have_twelve():
    assert times("03/04/2020 12:06:00 AM", "03/04/2020 12:06:00 PM").t.tolist() == [
        utc(2020, 3, 4, 5, 6),
        utc(2020, 3, 4, 17, 6),
    ]


def test_days_may_stand_first():
    read = times("03/04/2020 10:00", "31/12/2020 10:00", month_first=False)
    assert read.t.tolist() == [utc(2020, 4, 3, 14), utc(2020, 12, 31, 15)]
    assert not read.either_order
    assert times("03/04/2020 10:00", month_first=False).either_order
    assert not times("03/04/2020 10:00", month_first=True).either_order
    assert not times("2020-04-03 10:00", month_first=False).either_order


def test_offsets_can_be_passed_over():
    assert times("2020-03-04T15:06:07Z", local=True).t.tolist() == [utc(2020, 3, 4, 20, 6, 7)]
    assert times("2020-03-04T15:06:07Z").has_offset.tolist() == [True]
    assert times("2020-03-04T15:06:07Z", zone=None).t.tolist() == [utc(2020, 3, 4, 15, 6, 7)]
    assert np.isnan(times("2020-03-04T15:06:07", zone=None).t).all()


def test_typed_columns():
    naive, aware = datetime(2020, 3, 4, 15, 6, 7), datetime(2020, 3, 4, 20, 6, 7, tzinfo=UTC)
    assert times(naive, None).t[0] == times(aware, None).t[0] == utc(2020, 3, 4, 20, 6, 7)
    assert times(naive).has_offset.tolist() == [False]
    assert times(aware).has_offset.tolist() == [True]


def test_hours_that_clocks_skip_and_repeat():
    read = times("2026-03-08 02:30:00", "2026-11-01 01:30:00", "2026-11-01 03:30:00")
    assert read.is_skipped.tolist() == [True, False, False]
    assert read.later_s.tolist() == [0, 3600, 0]
    assert read.t.tolist() == [utc(2026, 3, 8, 7, 30), utc(2026, 11, 1, 5, 30), utc(2026, 11, 1, 8, 30)]


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(ZONES), st.lists(st.integers(0, 2_000_000_000), min_size=1, max_size=30), st.integers(0, 3000))
def test_whole_columns_agree_with_one_time_after_another(zone, seconds, near):
    changes = [at for at, _ in changes_of_clocks(1.5e9, 1.6e9, zone)]
    t = np.array([*seconds, *(at + near for at in changes), *(at - near for at in changes)], dtype=np.float64)
    local = [datetime.fromtimestamp(stamp, zone) for stamp in t.tolist()]
    shown = np.array([time.replace(tzinfo=UTC).timestamp() for time in local])
    np.testing.assert_array_equal(clock_seconds(t, zone), shown)
    # any wall time, also those that no clock showed
    wall = np.concatenate((shown, t))
    back, skipped, later_s = instants(wall, zone)
    naive = [datetime.fromtimestamp(stamp, UTC).replace(tzinfo=None) for stamp in wall.tolist()]
    assert back.tolist() == [time.replace(tzinfo=zone).timestamp() for time in naive]
    assert skipped.tolist() == [is_skipped(time, zone) for time in naive]
    assert (later_s > 0).tolist() == [is_repeated(time, zone) for time in naive]


def test_changes_of_clocks_are_found_with_their_sign():
    found = changes_of_clocks(utc(2026, 1, 1), utc(2027, 1, 1), NEW_YORK)
    assert found == [(utc(2026, 3, 8, 7), 3600), (utc(2026, 11, 1, 6), -3600)]
    assert changes_of_clocks(utc(2026, 4, 1), utc(2026, 10, 1), NEW_YORK) == []
