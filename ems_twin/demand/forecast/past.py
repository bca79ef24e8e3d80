"""Past calls as forecasters take them: when, in which cell, and from when until when somebody looked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from ...errors import InputError
from .cells import Cells
from .hours import HOUR_S, CivilHours


@dataclass(frozen=True, eq=False, kw_only=True)
class PastCalls:
    """Calls of a service area between two instants, in the order of time. Nothing after ``until_s`` is in here."""

    cells: Cells
    """Where calls are counted."""
    clock: CivilHours
    """The city's clocks."""
    time_s: NDArray[np.float64]
    """POSIX time at which each call was received, length n, ascending."""
    cell: NDArray[np.int32]
    """Row of each call's cell, length n."""
    since_s: float
    """Begin of the record."""
    until_s: float
    """End of the record: no call at or after it."""
    outside: int = 0
    """Calls left out because they lie in no cell."""
    place: NDArray[np.float64] | None = None
    """Longitude and latitude of each call, degrees, of shape (n, 2), where they are known."""

    def __len__(self) -> int:
        return len(self.time_s)

    @cached_property
    def hour(self) -> NDArray[np.int64]:
        """Number of each call's hour, length n."""
        return self.clock.hour(self.time_s)

    @property
    def first_hour(self) -> int:
        """First hour that lies wholly in the record."""
        return int(self.clock.hour(self.since_s + HOUR_S - 1e-6))

    @property
    def end_hour(self) -> int:
        """First hour that is not wholly in the record."""
        return int(self.clock.hour(self.until_s))

    @property
    def hours(self) -> NDArray[np.int64]:
        """All hours that lie wholly in the record."""
        return np.arange(self.first_hour, self.end_hour)

    def between(self, since_s: float, until_s: float) -> PastCalls:
        """Calls from ``since_s`` to before ``until_s``."""
        a, b = np.searchsorted(self.time_s, [since_s, until_s])
        return PastCalls(
            cells=self.cells,
            clock=self.clock,
            time_s=self.time_s[a:b],
            cell=self.cell[a:b],
            since_s=max(since_s, self.since_s),
            until_s=min(until_s, self.until_s),
            place=None if self.place is None else self.place[a:b],
        )

    def followed_by(self, later: PastCalls) -> PastCalls:
        """Record made of this one and the one that goes on where it ends."""
        known = self.place is not None and later.place is not None
        return PastCalls(
            cells=self.cells,
            clock=self.clock,
            time_s=np.concatenate([self.time_s, later.time_s]),
            cell=np.concatenate([self.cell, later.cell]),
            since_s=self.since_s,
            until_s=later.until_s,
            place=np.concatenate([self.place, later.place]) if known else None,
        )

    def totals(self) -> NDArray[np.float64]:
        """Calls in all cells by hour of :attr:`hours`."""
        rows = self.hour - self.first_hour
        inside = (rows >= 0) & (rows < len(self.hours))
        return np.bincount(rows[inside], minlength=len(self.hours)).astype(np.float64)

    def counts(self, first_hour: int | None = None, end_hour: int | None = None) -> sparse.csc_array:
        """Calls by cell and hour, sparse, of shape (cells, hours from ``first_hour`` to before ``end_hour``)."""
        first = self.first_hour if first_hour is None else first_hour
        end = self.end_hour if end_hour is None else end_hour
        a, b = np.searchsorted(self.hour, [first, end])
        rows, columns = self.cell[a:b], self.hour[a:b] - first
        return sparse.csc_array((np.ones(b - a), (rows, columns)), shape=(len(self.cells), max(end - first, 0)))

    def by_hour_of_week(self, weight: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Calls by cell and hour of the week, of shape (cells, 168), each call counted with its weight (length n)."""
        flat = self.cell.astype(np.int64) * 168 + self.clock.hour_of_week(self.hour)
        table = np.bincount(flat, weight, 168 * len(self.cells)).reshape(len(self.cells), 168)
        return np.asarray(table, dtype=np.float64)


def past_calls(
    time_s: ArrayLike,
    cells: Cells,
    timezone: str,
    *,
    cell: ArrayLike | None = None,
    lon: ArrayLike | None = None,
    lat: ArrayLike | None = None,
    since_s: float | None = None,
    until_s: float | None = None,
) -> PastCalls:
    """Record of calls from plain arrays, in any order.

    Parameters
    ----------
    time_s
        POSIX times at which calls were received, length n.
    cells
        Where calls are counted.
    timezone
        IANA name of the city's civil time.
    cell
        Row of each call's cell, -1 for none; or else
    lon, lat
        where each call lies, degrees.
    since_s, until_s
        Begin and end of the record, POSIX seconds; by default the first whole hour that holds a call, and the end of
        the hour of the last call.

    Raises
    ------
    InputError
        Neither cells nor places are given, lengths differ, or a time is not finite.
    """
    time_s = np.asarray(time_s, np.float64)
    if cell is not None:
        rows = np.asarray(cell, np.int64)
    elif lon is not None and lat is not None:
        rows = cells.locate(lon, lat).astype(np.int64)
    else:
        raise InputError("gives neither cells nor places", field="cell")
    if rows.shape != time_s.shape or time_s.ndim != 1:
        raise InputError(f"has shape {rows.shape}, times have {time_s.shape}", field="cell")
    if not np.all(np.isfinite(time_s)):
        raise InputError("holds a time that is not finite", field="time_s")
    if len(time_s) == 0 and (since_s is None or until_s is None):
        raise InputError("there are no calls", field="time_s", remedy="Say from when until when nobody called.")
    clock = CivilHours(timezone)
    since = float(clock.start_s(clock.hour(time_s.min()))) if since_s is None else float(since_s)
    until = float(clock.start_s(clock.hour(time_s.max()) + 1)) if until_s is None else float(until_s)
    inside = (rows >= 0) & (rows < len(cells)) & (time_s >= since) & (time_s < until)
    order = np.argsort(time_s[inside], kind="stable")
    return PastCalls(
        cells=cells,
        clock=clock,
        time_s=time_s[inside][order],
        cell=rows[inside][order].astype(np.int32),
        since_s=since,
        until_s=until,
        outside=int(np.count_nonzero(rows < 0)),
        place=None if lon is None or lat is None else np.stack([lon, lat], 1).astype(np.float64)[inside][order],
    )
