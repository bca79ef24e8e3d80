"""Read a column of times, whichever way a portal or a program writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ..clock import instants
from .records import Records

_OFFSET = r" ?(?P<sign>[+-])(?P<h>\d\d):?(?P<m>\d\d)$"
_UTC = r" ?(?:UTC|GMT|Z)$"
_NUMERIC = r"^(\d{1,2})[/.](\d{1,2})[/.](\d{4})"
_EARLIEST, _LATEST = -5e9, 7e9  # 1811 and 2191: beyond, no civil time is known, and no call either
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, kw_only=True)
class Times:
    """A column of k times."""

    t: NDArray[np.float64]
    """Seconds since 1970 (UTC); NaN where a cell is empty or no time."""
    is_empty: NDArray[np.bool_]
    """Whether the cell is empty."""
    has_offset: NDArray[np.bool_]
    """Whether the file says how far the time is from UTC."""
    is_skipped: NDArray[np.bool_]
    """Whether it is civil time that no clock showed."""
    later_s: NDArray[np.float64]
    """How much later the clocks showed the time again; else 0."""
    either_order: bool
    """Whether month and day of all times could be exchanged."""


def read_times(records: Records, field: str, zone: ZoneInfo | None, *, local: bool, month_first: bool) -> Times:
    """Read the times of a field.

    Parameters
    ----------
    records
        The records, k of them.
    field
        A time.
    zone
        Civil time of what has no offset; None leaves those NaN.
    local
        Take times with an offset for civil time too: some programs write UTC behind what the clocks show.
    month_first
        Whether 3/4/2020 is the fourth of March for certain.
    """
    shown, offset, is_empty, either_order = _shown(records, field, month_first)
    has_offset = ~np.isnan(offset)
    if local:
        offset[:] = np.nan
        has_offset[:] = False
    t = shown - offset
    skipped, later_s = np.zeros(len(t), dtype=np.bool_), np.zeros(len(t))
    civil = np.flatnonzero(~has_offset & ~np.isnan(shown))
    if zone is not None and len(civil):
        t[civil], skipped[civil], later_s[civil] = instants(shown[civil], zone)
    return Times(
        t=t, is_empty=is_empty, has_offset=has_offset, is_skipped=skipped, later_s=later_s, either_order=either_order
    )


def _shown(
    records: Records, field: str, month_first: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_], bool]:
    """What a clock showed, as seconds since 1970 on it; seconds it is ahead of UTC, NaN unless said; empty; order."""
    import pyarrow as pa

    column = records.columns[field]
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        stamps = column.cast(pa.timestamp("us", getattr(column.type, "tz", None)), safe=False)
        values = stamps.cast(pa.timestamp("us")).to_numpy().astype("datetime64[us]")  # in UTC if it has a zone
        shown = _seconds(values)
        offset = np.full(len(shown), 0.0 if getattr(column.type, "tz", None) else np.nan)
        return shown, offset, np.isnan(shown), False
    code, words = records.texts(field)
    distinct, offset, either_order = _parse(pa.array(words, pa.string()), month_first)
    return np.append(distinct, np.nan)[code], np.append(offset, np.nan)[code], code < 0, either_order


def _parse(words: Any, month_first: bool) -> tuple[NDArray[np.float64], NDArray[np.float64], bool]:
    """The same of distinct texts."""
    import pandas as pd
    import pyarrow.compute as pc

    is_utc = pc.match_substring_regex(words, _UTC).to_numpy(zero_copy_only=False)
    words = pc.replace_substring_regex(words, _UTC, "")
    has_clock = pc.match_substring(words, ":")  # else 2020-03-04 ends in an offset
    found = pc.extract_regex(words, _OFFSET)
    of = {name: pc.struct_field(found, name) for name in ("sign", "h", "m")}
    has_offset = pc.and_(pc.is_valid(found), has_clock).to_numpy(zero_copy_only=False)
    away = 3600 * _ints(of["h"]) + 60 * _ints(of["m"])
    away[pc.fill_null(pc.equal(of["sign"], "-"), False).to_numpy(zero_copy_only=False)] *= -1
    offset = np.where(is_utc, 0.0, np.where(has_offset, away, np.nan))
    words = pc.if_else(has_offset, pc.replace_substring_regex(words, _OFFSET, ""), words)

    afternoon = pc.match_substring_regex(words, r"(?i) ?PM$").to_numpy(zero_copy_only=False)
    morning = pc.match_substring_regex(words, r"(?i) ?AM$").to_numpy(zero_copy_only=False)
    words = pc.replace_substring_regex(words, r"(?i) ?[AP]M$", "")
    for number, name in enumerate(_MONTHS, start=1):  # 2013 Jan 01
        words = pc.replace_substring_regex(words, rf"(?i)^(\d{{4}}) {name}[a-z]* (\d)", rf"\1/{number:02d}/\2")
    words = pc.replace_substring_regex(words, r"^(\d{4})/(\d{1,2})/(\d{1,2})", r"\1-\2-\3")
    words, either_order = _year_first(words, month_first)
    for _ in range(2):  # neighbours share what stands between them
        words = pc.replace_substring_regex(words, r"(^|[-T ])(\d)([-T :]|$)", r"\10\2\3")  # RE2: group 1, then 0
    words = pc.if_else(pc.match_substring_regex(words, r"^\d{4}-\d\d-\d\d"), words, None)
    shown = _seconds(pd.to_datetime(words.to_pandas(), format="ISO8601", errors="coerce").to_numpy("datetime64[us]"))
    hour = np.floor(shown / 3600) % 24
    shown[afternoon & (hour < 12)] += 12 * 3600
    shown[morning & (hour == 12)] -= 12 * 3600
    shown[(morning | afternoon) & (hour > 12)] = np.nan
    return shown, offset, either_order


def _year_first(words: Any, month_first: bool) -> tuple[Any, bool]:
    """Turn 3/4/2020 into 2020-3-4, or into 2020-4-3 where a number above 12 shows that days stand first."""
    import pyarrow.compute as pc

    found = pc.extract_regex(words, r"^(?P<a>\d{1,2})[/.](?P<b>\d{1,2})[/.]\d{4}")
    first, second = (_ints(pc.struct_field(found, name)) for name in ("a", "b"))
    days_first = not month_first and first.max(initial=0) > 12 >= second.max(initial=0)
    either = not month_first and bool(first.any()) and max(first.max(initial=0), second.max(initial=0)) <= 12
    return pc.replace_substring_regex(words, _NUMERIC, r"\3-\2-\1" if days_first else r"\3-\1-\2"), either


def _ints(texts: Any) -> NDArray[np.int64]:
    """Whole numbers; 0 for null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return np.array(pc.fill_null(pc.if_else(pc.equal(texts, ""), None, texts).cast(pa.int64()), 0))


def _seconds(values: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Seconds since 1970; NaN for none and for years without a civil time."""
    seconds = values.astype(np.int64) / 1e6
    seconds[np.isnat(values) | (seconds < _EARLIEST) | (seconds > _LATEST)] = np.nan
    return seconds
