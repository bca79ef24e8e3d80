"""What an import read, dropped, joined and doubts."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CallsError
from .clock import time_zone

if TYPE_CHECKING:
    from ..city.city import City

_FEW = 5


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A stretch without calls."""

    start: float
    """Last call before it, seconds since 1970 (UTC)."""
    hours: float
    """Its length."""
    expected: float
    """Calls that would usually come in it."""


@dataclass(frozen=True, kw_only=True)
class RepeatedHour:
    """An hour that the clocks showed twice."""

    start: float
    """Begin of the first pass, seconds since 1970 (UTC)."""
    calls: int
    """Calls in the first pass."""
    usual: float
    """Calls that usually come in such an hour."""


@dataclass(frozen=True, kw_only=True)
class Snap:
    """How near the calls lie to the roads of a city."""

    city: str
    share: float
    """Share of the calls with a position that lie within ``within_m`` of a road node."""
    within_m: float
    quantiles_m: dict[str, float]
    """Distances to the nearest road node, metres, by quantile; of calls that were not placed by their zone."""

    def doubts(self, city: City | None) -> list[str]:
        """A sentence where the city seems to be another one."""
        if self.share >= 0.5 or city is None:
            return []
        return [f"Only {self.share:.0%} of the calls lie near a road of {city.title}: is it the right --city?"]


@dataclass(frozen=True, eq=False, kw_only=True)
class ImportReport:
    """Account of one import. ``rows`` is ``calls`` and ``joined`` and all that was ``dropped`` together."""

    file: str
    format: str
    timezone: str
    rows: int
    """Rows in the file."""
    calls: int
    """Calls made of them."""
    joined: int
    """Rows of further units of a call."""
    dropped: dict[str, int]
    """Rows dropped, by reason, the commonest first."""
    duplicates: int
    """Rows among those that repeat an earlier one."""
    placed: int
    """Calls placed within their zone."""
    without_position: int
    """Calls of which only the zone is known."""
    swapped: int
    """Rows whose longitude and latitude were exchanged."""
    first: float
    """First call, seconds since 1970 (UTC)."""
    last: float
    """Last call."""
    resolution_s: float
    """Seconds that all times are whole multiples of: 3600, 60, 1, or 0 for less."""
    gaps: tuple[Gap, ...]
    repeated_hours: tuple[RepeatedHour, ...]
    passes_merged: bool
    """Whether so many calls came in those hours that the record must hold both passes of them as one."""
    skipped_times: int
    """Times in an hour that the clocks skipped."""
    hours_off: int
    """How many hours later the calls' day runs than days do elsewhere; 0 where nothing is suspicious."""
    snap: Snap | None
    """None where no city was given."""
    known: dict[str, float]
    """Share of the calls whose priority and whose times are known."""
    times_left_out: dict[str, int]
    """Times that were left out, by name."""
    doubts: tuple[str, ...]
    """What a user should look at, one sentence each."""
    not_used: tuple[str, ...]
    """Columns that were not read."""
    seconds: float
    """Wall time of the import."""
    dropped_rows: Any = field(repr=False)
    """Arrow table of the rows dropped: row, reason, time, lon, lat, zone."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; instants as ISO times on the city's clock."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "dropped_rows"}
        plain |= {name: self._at(getattr(self, name)) for name in ("first", "last")}
        plain["gaps"] = [asdict(gap) | {"start": self._at(gap.start)} for gap in self.gaps]
        plain["repeated_hours"] = [
            {"start": self._at(hour.start), "calls": hour.calls, "usual": hour.usual} for hour in self.repeated_hours
        ]
        plain["snap"] = None if self.snap is None else asdict(self.snap)
        return plain | {"doubts": list(self.doubts), "not_used": list(self.not_used)}

    def lines(self) -> list[str]:
        """The account in sentences, for the terminal."""
        text = [
            f"{self.file}: {self.rows:,} rows in the format {self.format} became {self.calls:,} calls "
            f"in {self.seconds:.1f} s.",
            f"From {self._at(self.first)} to {self._at(self.last)}, {self.timezone}.",
        ]
        if self.joined:
            text.append(f"Joined: {self.joined:,} rows are further units of a call.")
        text += [f"Dropped: {count:,} rows: {reason}." for reason, count in self.dropped.items()]
        if self.swapped:
            text.append(f"Exchanged: lon and lat of {self.swapped:,} rows.")
        if self.placed:
            text.append(f"Placed: {self.placed:,} calls somewhere in their zone; they are marked.")
        if self.without_position:
            text.append(f"Without a position: {self.without_position:,} calls, of which only the zone is known.")
        text.append(
            "Known: " + ", ".join(f"{name} {share:.1%}" for name, share in self.known.items() if share > 0) + "."
            if any(self.known.values())
            else "Known: neither priorities nor any time after the call."
        )
        if self.snap is not None:
            far = ", ".join(f"{float(q):.0%} within {m:,.0f} m" for q, m in self.snap.quantiles_m.items())
            text.append(
                f"Roads of {self.snap.city}: {self.snap.share:.1%} of the calls lie within {self.snap.within_m:,.0f} m "
                f"of a road node{f' ({far})' if far else ''}."
            )
        longest = sorted(self.gaps, key=lambda gap: -gap.expected)[:_FEW]
        text += [
            f"Gap: {gap.hours:,.1f} h from {self._at(gap.start)}, where {gap.expected:,.0f} calls would be usual."
            for gap in longest
        ]
        text += [
            f"Repeated hour of {self._at(hour.start)}: {hour.calls:,} calls, {hour.usual:,.1f} are usual."
            for hour in self.repeated_hours[:_FEW]
        ]
        if self.not_used:
            text.append(f"Columns not read: {', '.join(self.not_used)}.")
        return [*text, *(f"Doubt: {doubt}" for doubt in self.doubts)]

    def write_dropped(self, path: str | Path) -> None:
        """Write the rows dropped as CSV, with the reason of each.

        Raises
        ------
        CallsError
            The file cannot be written.
        """
        from pyarrow import csv

        try:
            csv.write_csv(self.dropped_rows, str(path))
        except OSError as error:
            raise CallsError(
                f"cannot be written ({error.strerror or error})", file=path, remedy="Check the path."
            ) from None

    def _at(self, t: float) -> str:
        return datetime.fromtimestamp(t, time_zone(self.timezone)).isoformat(timespec="seconds")
