"""Hourly load of emergency rooms as it was known hour by hour: a grid of hours and rooms with gaps left open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import InputError
from ..clock import instant, is_repeated

Measure = Literal["occupancy", "waiting"]
"""What can be forecast: stretchers in use in percent of the stretchers there are, or patients who wait to be seen."""

MEASURES = ("occupancy", "present", "waiting")
HOUR_S = 3600


@dataclass(frozen=True, kw_only=True, eq=False)
class EDHistory:
    """Load of the emergency rooms of a city, one row an hour.

    Row i holds the last figures that were published in the hour up to ``start`` + i hours, so nothing in rows up to i
    was unknown then. NaN: none was published.

    Parameters
    ----------
    start
        Full hour of row 0, with a time zone.
    zone
        Civil time of the city.
    rooms
        Labels of the columns.
    occupancy
        Stretchers in use, percent of those there are (may exceed 100), shape (hours, rooms).
    present, waiting
        Patients in the emergency room, and those of them who wait to be seen, shape (hours, rooms).
    holidays
        Days that are not worked, in civil time.

    Raises
    ------
    InputError
        There are no rows, shapes or labels do not fit each other, a figure is negative or infinite, or ``start`` is not a full hour.
    """

    start: datetime
    zone: ZoneInfo
    rooms: tuple[str, ...]
    occupancy: NDArray[np.float64]
    present: NDArray[np.float64]
    waiting: NDArray[np.float64]
    holidays: frozenset[date] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.start.timestamp() % HOUR_S:
            raise InputError(
                f"{self.start} is not a full hour with a time zone", field="start", remedy="Use EDHistory.from_stamps."
            )
        if not len(self.occupancy):
            raise InputError("there are no hours", field="occupancy", remedy="Give at least one row.")
        if len(set(self.rooms)) != len(self.rooms) or not self.rooms:
            raise InputError("the labels are empty or repeat", field="rooms", remedy="Give each room one of its own.")
        for name in MEASURES:
            values = np.array(getattr(self, name), dtype=np.float64)
            if values.shape != (len(self.occupancy), len(self.rooms)):
                raise InputError(
                    f"the shape is {values.shape} for {len(self.occupancy)} hours and {len(self.rooms)} rooms",
                    field=name, remedy="Give one row an hour and one column a room, NaN where nothing is known.",
                )  # fmt: skip
            if np.isinf(values).any() or (values < 0).any():
                raise InputError("a figure is negative or infinite", field=name, remedy="Give NaN where it is unknown.")
            values.setflags(write=False)
            object.__setattr__(self, name, values)

    @classmethod
    def from_stamps(
        cls,
        stamps: Sequence[datetime],
        *,
        zone: ZoneInfo,
        rooms: Sequence[str],
        occupancy: ArrayLike,
        present: ArrayLike,
        waiting: ArrayLike,
        holidays: frozenset[date] = frozenset(),
        sort: bool = False,
    ) -> EDHistory:
        """Put published rows on full hours: each counts for the hour mark at or after its stamp, the last one wins.

        Exact repeats are dropped. Stamps without a time zone are civil time; of an hour that came twice they are the
        first, or the second where the same stamp comes again with other figures.

        Parameters
        ----------
        stamps
            When each row was published.
        zone, rooms, holidays
            As in :class:`EDHistory`.
        occupancy, present, waiting
            Figures, shape (stamps, rooms).
        sort
            Whether the rows may come in any order.

        Raises
        ------
        InputError
            There are no rows, they are unsorted (and ``sort`` is False), shapes do not fit, or a stamp comes twice with
            different figures.
        """
        tables = [np.asarray(values, dtype=np.float64) for values in (occupancy, present, waiting)]
        if not len(stamps) or any(table.shape != (len(stamps), len(rooms)) for table in tables):
            raise InputError(
                f"{[table.shape for table in tables]} for {len(stamps)} stamps and {len(rooms)} rooms", field="stamps",
                remedy="Give at least one row, and one column a room.",
            )  # fmt: skip
        seconds = _seconds(stamps, zone, np.stack(tables, axis=1), sort)
        order = np.argsort(seconds, kind="stable")
        mark = -(-seconds[order] // HOUR_S)
        row = (mark - mark[0]).astype(np.intp)
        grid = np.full((3, row[-1] + 1, len(rooms)), np.nan)
        for values, table in zip(grid, tables, strict=True):
            values[row] = table[order]  # of several rows in one hour the last is kept
        return cls(
            start=datetime.fromtimestamp(float(mark[0]) * HOUR_S, UTC).astimezone(zone), zone=zone, rooms=tuple(rooms),
            occupancy=grid[0], present=grid[1], waiting=grid[2], holidays=holidays,
        )  # fmt: skip

    @property
    def hours(self) -> int:
        """Number of rows."""
        return len(self.occupancy)

    @property
    def end(self) -> datetime:
        """Full hour of the last row."""
        return self.time(self.hours - 1)

    def time(self, row: int) -> datetime:
        """Full hour of a row, in civil time; rows after the last one are the hours to come."""
        return (self.start.astimezone(UTC) + timedelta(hours=row)).astimezone(self.zone)

    def row(self, at: datetime) -> int:
        """Last row known at an instant.

        Raises
        ------
        InputError
            ``at`` has no time zone or lies outside of the history.
        """
        if at.tzinfo is None:
            raise InputError(f"{at} has no time zone", field="origin", remedy="Give one, such as the history's zone.")
        row = int((at.timestamp() - self.start.timestamp()) // HOUR_S)
        if not 0 <= row < self.hours:
            raise InputError(
                f"{at} is not within {self.start} to {self.end}", field="origin",
                remedy="Bring the history up to then; rows of NaN stand for hours without figures.",
            )  # fmt: skip
        return row

    def column(self, room: str) -> int:
        """Column of a room.

        Raises
        ------
        InputError
            There is no such room.
        """
        if room not in self.rooms:
            raise InputError(f"there is no room '{room}'", field="rooms", remedy=f"Known are {', '.join(self.rooms)}.")
        return self.rooms.index(room)

    def until(self, rows: int) -> EDHistory:
        """First ``rows`` rows."""
        return replace(self, **{name: getattr(self, name)[:rows] for name in MEASURES})

    def extended(self, later: EDHistory) -> EDHistory:
        """History with later rows of the same rooms behind it; hours between the two are gaps.

        Raises
        ------
        InputError
            ``later`` has other rooms or begins before this history ends.
        """
        if later.rooms != self.rooms:
            unknown = next((room for room in later.rooms if room not in self.rooms), None)
            raise InputError(
                f"there is no room '{unknown}'" if unknown else "the rooms are not the same in the same order",
                field="rooms", remedy=f"Known are {', '.join(self.rooms)}.",
            )  # fmt: skip
        gap = round((later.start.timestamp() - self.end.timestamp()) / HOUR_S) - 1
        if gap < 0:
            raise InputError(
                f"rows from {later.start} do not follow {self.end}", field="start", remedy="Give later rows only."
            )
        between = np.full((gap, len(self.rooms)), np.nan)
        joined: dict[str, Any] = {
            name: np.vstack([getattr(self, name), between, getattr(later, name)]) for name in MEASURES
        }
        return replace(self, holidays=self.holidays | later.holidays, **joined)


def _seconds(stamps: Sequence[datetime], zone: ZoneInfo, rows: NDArray[np.float64], sort: bool) -> NDArray[np.float64]:
    """Seconds since 1970 of each stamp; complains about disorder and contradictions."""
    first: dict[datetime, int] = {}
    seconds = np.empty(len(stamps))
    for i, stamp in enumerate(stamps):
        j = first.setdefault(stamp, i)
        again = j != i and not np.array_equal(rows[i], rows[j], equal_nan=True)
        if again and not (stamp.tzinfo is None and is_repeated(stamp, zone)):
            raise InputError(
                f"{stamp} comes twice with different figures", row=i + 1, field="stamps", remedy="Keep one of the rows."
            )
        seconds[i] = (instant(stamp, zone) if stamp.tzinfo is None else stamp).timestamp() + (HOUR_S if again else 0)
        if i and not sort and seconds[i] < seconds[i - 1]:
            raise InputError(
                f"{stamp} comes after {stamps[i - 1]}", row=i + 1, field="stamps", remedy="Sort them, or say sort=True."
            )
    return seconds
