"""When the calls of a file came and what happened after them, in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ..city.city import City
from ..errors import CallsError
from .clock import time_zone
from .formats import Layout
from .formats.layout import AFTER, VALID
from .formats.records import Records
from .formats.times import Times, read_times
from .history import NEMSIS_TIMES
from .import_sieve import Sieve

LONGEST_S = 86_400.0
"""A time later than this after the call is a slip of the pen."""

_INVALID = {"0", "n", "no", "false"}


@dataclass(frozen=True, eq=False, kw_only=True)
class CallTimes:
    """Times of k records."""

    t: NDArray[np.float64]
    """Received, seconds since 1970 (UTC)."""
    after: dict[str, NDArray[np.float64]]
    """By name of :data:`~ems_twin.demand.NEMSIS_TIMES`, seconds since 1970; NaN where not known."""
    wrong: dict[str, NDArray[np.bool_]]
    """Whether such a time was left out because it is no time, or not within a day after the call."""
    is_civil: NDArray[np.bool_]
    """Whether the call's time was taken for civil time."""
    is_skipped: NDArray[np.bool_]
    """Whether it is a time that no clock showed."""
    timezone: str
    either_order: bool
    notes: tuple[str, ...]

    def left_out(self, kept: NDArray[np.bool_]) -> dict[str, int]:
        """Times left out by name, those names that have any."""
        counts = {name: int((wrong & kept).sum()) for name, wrong in self.wrong.items()}
        return {name: count for name, count in counts.items() if count}

    def doubts(self, kept: NDArray[np.bool_]) -> list[str]:
        """What is doubtful about the times, in sentences."""
        found = list(self.notes)
        if self.either_order:
            found.append(
                "No day of a date is above 12, so month and day could be exchanged: the month was taken to stand first."
            )
        if skipped := int((self.is_skipped & kept).sum()):
            found.append(
                f"{skipped:,} times lie in an hour that the clocks of {self.timezone} skipped; they were taken to come "
                "from a clock that had not been put forward."
            )
        for name, count in self.left_out(kept).items():
            found.append(f"Left out as no time, or as not within a day after the call: {name} of {count:,} rows.")
        return found


def find_times(
    path: Path,
    records: Records,
    layout: Layout,
    sieve: Sieve,
    *,
    timezone: str | None,
    city: City | None,
    local: bool,
    now: float,
) -> CallTimes:
    """Read the times of all records; those whose call has none, or lies in the future, are dropped.

    Raises
    ------
    CallsError
        Nothing says in which zone the times are.
    CityError
        The time zone is unknown.
    """
    name = timezone or layout.timezone or (None if city is None else city.timezone)
    zone = None if name is None else time_zone(name)
    received = read_times(records, "time", zone, local=local, month_first=layout.month_first)
    if zone is None and (~received.has_offset & ~received.is_empty).any():
        raise CallsError(
            "the times do not say how far they are from UTC",
            file=path,
            field="time",
            remedy="Give the zone of their clock with --timezone, such as America/New_York, or the city with --city.",
        )
    unreadable = np.isnan(received.t)
    sieve.drop(received.is_empty, "it has no time")
    sieve.drop(unreadable, "its time cannot be read")
    sieve.drop(received.t < 0, "its time lies before 1970")
    sieve.drop(received.t > now, "its time lies in the future")
    known = zone or ZoneInfo("UTC")
    after: dict[str, NDArray[np.float64]] = {}
    wrong: dict[str, NDArray[np.bool_]] = {}
    for step in NEMSIS_TIMES:
        read = _time_after(records, layout, step, received.t, known, local)
        if read is not None:
            after[step], wrong[step] = read
    return CallTimes(
        t=received.t,
        after=after,
        wrong=wrong,
        is_civil=~received.has_offset,
        is_skipped=received.is_skipped,
        timezone=known.key,
        either_order=received.either_order,
        notes=tuple(_notes(received, timezone, layout, city, zone)),
    )


def _time_after(
    records: Records, layout: Layout, step: str, t: NDArray[np.float64], zone: ZoneInfo, local: bool
) -> tuple[NDArray[np.float64], NDArray[np.bool_]] | None:
    """A time after the call, from its column or from the seconds since the call; and where it was left out."""
    if records.has(step):
        times = read_times(records, step, zone, local=local, month_first=layout.month_first)
        at = times.t
        again = (times.later_s > 0) & (at < t)  # the second pass of the hour that the clocks repeat
        at[again] += times.later_s[again]
        said = ~times.is_empty
    elif records.has(f"{step}{AFTER}"):
        at = t + records.numbers(f"{step}{AFTER}")
        if records.has(f"{step}{VALID}"):
            at[records.is_in(f"{step}{VALID}", _INVALID)] = np.nan
        said = ~np.isnan(at)
    else:
        return None
    good = (at >= t) & (at <= t + LONGEST_S)
    return np.where(good, at, np.nan), said & ~good & ~np.isnan(t)


def _notes(
    received: Times, timezone: str | None, layout: Layout, city: City | None, zone: ZoneInfo | None
) -> list[str]:
    notes = []
    if zone is None:
        notes.append("Nothing says what the city's civil time is, so hours are in UTC: give --timezone.")
    elif timezone is None and layout.timezone is None:
        notes.append(f"Times without an offset were taken for civil time of {zone.key}, the city's.")
    if city is not None and zone is not None and zone.key != city.timezone:
        notes.append(f"The calls are in {zone.key}, but {city.title} is in {city.timezone}.")
    if (
        received.has_offset.any()
        and not received.has_offset.all()
        and (~received.has_offset & ~received.is_empty).any()
    ):
        notes.append("Some times have an offset from UTC and some have none.")
    return notes
