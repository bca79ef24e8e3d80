"""Times with a zone, without one, on nights when the clocks change, and what is none."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ems_twin.feeds.moments import read_epoch, read_moment

NEW_YORK = ZoneInfo("America/New_York")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T12:00:00Z", "2026-03-01T12:00:00z", "2026-03-01T07:00:00-05:00", "2026-03-01T13:00:00.0000000+0100",
        "2026-03-01 12:00Z", "20260301T120000Z", "2026-03-01T12:00:00+00", "2026-03-01T13:00:00+01:00[Europe/Paris]",
        " 2026-03-01T11:59:60Z ",
    ],
)  # fmt: skip
def test_a_time_with_a_zone_is_what_it_says(text):
    assert read_moment(text, NEW_YORK) == (utc(2026, 3, 1, 12), False)


def test_midnight_may_be_the_end_of_the_day():
    assert read_moment("2026-02-28T24:00:00Z", None).at == utc(2026, 3, 1)


def test_a_time_without_a_zone_is_civil_time_where_the_zone_is_known_else_utc_with_a_doubt():
    assert read_moment("2026-03-01T12:00:00", NEW_YORK) == (utc(2026, 3, 1, 17), False)
    assert read_moment("2026-03-01T12:00:00", None) == (utc(2026, 3, 1, 12), True)
    assert read_moment("2026-03-01", NEW_YORK) == (utc(2026, 3, 1, 5), True)


def test_an_hour_that_comes_twice_is_the_first_unless_that_lies_before_the_call():
    first = read_moment("2026-11-01T01:30:00", NEW_YORK)
    assert first == (utc(2026, 11, 1, 5, 30), True)
    assert read_moment("2026-11-01T01:30:00", NEW_YORK, not_before=utc(2026, 11, 1, 5, 45)).at == utc(
        2026, 11, 1, 6, 30
    )


def test_an_hour_that_the_clocks_skip_is_doubtful():
    assert read_moment("2026-03-08T02:30:00", NEW_YORK).is_uncertain


@pytest.mark.parametrize(
    "value",
    [
        "", "soon", "12:00", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "1492-01-01T00:00:00Z", "9999-01-01T00:00:00Z",
        "2026-03-01T25:00:00Z", "2026-03-01T12:00:00+99:99", "２０２６-03-01T12:00:00Z", 5, None, True, [], "2026-03-01T" + "0" * 60,
    ],
)  # fmt: skip
def test_what_is_no_time_is_none(value):
    assert read_moment(value, NEW_YORK) is None


def test_numbers_are_seconds_or_milliseconds():
    assert (
        read_epoch(1772366400).at == read_epoch("1772366400").at == read_epoch(1772366400000).at == utc(2026, 3, 1, 12)
    )
    for wrong in (-1, 0, 1e30, "x", None, True, float("nan"), "1e999"):
        assert read_epoch(wrong) is None
