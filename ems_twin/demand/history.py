"""Calls that a city has had: one validated table with the times of NEMSIS, whatever file it came from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import CallsError
from .clock import clock_seconds, instant, time_zone
from .sizes import N_PRIORITIES

if TYPE_CHECKING:
    from ..city.city import City
    from .model import Demand
    from .replay import CallFile

NEMSIS_TIMES = ("notified", "en_route", "on_scene", "left_scene", "at_hospital", "transfer", "back_in_service")
"""Times after the call: eTimes.03, .05, .06, .09, .11, .12 and .13 of NEMSIS 3.5, in the order in which they happen."""

CALL_HISTORY = np.dtype(
    [
        ("t", np.float64),
        ("lon", np.float64),
        ("lat", np.float64),
        ("node", np.int32),
        ("priority", np.uint8),
        ("kind", np.int32),
        ("zone", np.int32),
        ("placed", np.uint8),
        *((name, np.float64) for name in NEMSIS_TIMES),
        ("hospital", np.int32),
    ],
    align=True,
)
"""Row of a call that a city has had.

``t`` received, seconds since 1970 (UTC); ``lon``, ``lat`` degrees (EPSG:4326), NaN where only the zone is known;
``node`` row of the nearest road node, -1 where none is near or no city was given; ``priority`` 1 (most urgent) to 3,
0 where it is not known; ``kind``, ``zone``, ``hospital`` rows of the names in the history, -1 where the file says
nothing (a call always has a kind); ``placed`` 1 where the file gave only the zone and the position was drawn in it.
Every time of :data:`NEMSIS_TIMES` is in seconds after ``t``, NaN where it is not known.
"""


@dataclass(frozen=True, eq=False, kw_only=True)
class CallHistory:
    """Calls of the past, sorted by time; never written to after it is built.

    Raises
    ------
    CallsError
        Rows contradict the description of :data:`CALL_HISTORY`, or the time zone is unknown.
    """

    calls: NDArray[np.void]
    """CALL_HISTORY[k], sorted by ``t``."""
    timezone: str
    """IANA name of the city's civil time."""
    kinds: tuple[str, ...]
    """What was called for, in the words of the source."""
    zones: tuple[str, ...] = ()
    """Names of zones, such as ZIP codes."""
    hospitals: tuple[str, ...] = ()
    """Codes of hospitals in the source."""
    source: str = ""
    """Name and format of the file that the calls came from."""
    city: str = ""
    """Name of the city that ``node`` belongs to; empty when no roads were given."""
    nodes_hash: str = ""
    """Hash of the positions of that city's nodes (:func:`~ems_twin.demand.zoning.nodes_hash`)."""

    def __post_init__(self) -> None:
        time_zone(self.timezone)
        calls = self.calls
        if calls.dtype != CALL_HISTORY or calls.ndim != 1:
            raise CallsError("is not a table of CALL_HISTORY", field="calls")
        for field, wrong in (
            ("t", ~np.isfinite(calls["t"])),
            ("t", np.diff(calls["t"], prepend=-np.inf) < 0),
            ("lon", ~((np.abs(calls["lon"]) <= 180) | np.isnan(calls["lon"]))),
            ("lat", ~((np.abs(calls["lat"]) <= 90) | np.isnan(calls["lat"]))),
            ("lat", np.isnan(calls["lon"]) != np.isnan(calls["lat"])),
            ("zone", np.isnan(calls["lon"]) & (calls["zone"] < 0)),
            ("priority", calls["priority"] > N_PRIORITIES),
            ("kind", (calls["kind"] < 0) | (calls["kind"] >= len(self.kinds))),
            ("zone", calls["zone"] >= len(self.zones)),
            ("hospital", calls["hospital"] >= len(self.hospitals)),
            *((name, calls[name] < 0) for name in NEMSIS_TIMES),
        ):
            if wrong.any():
                row = int(np.argmax(wrong))
                raise CallsError(
                    f"{calls[field][row]} is out of order or out of range", row=row + 1, field=field,
                    remedy="Sort the calls by time, and leave out what is not known as the table's description says.",
                )  # fmt: skip
        self.calls.setflags(write=False)

    def __len__(self) -> int:
        return len(self.calls)

    @classmethod
    def read(cls, path: str | Path) -> CallHistory:
        """Read what :meth:`write` wrote.

        Raises
        ------
        CallsError
            The file is missing or damaged, or is no call history.
        """
        from .history_file import read_history

        return read_history(Path(path))

    def write(self, path: str | Path) -> None:
        """Write a Parquet file: one row a call, times in UTC, names in words, the rest in the file's metadata.

        Raises
        ------
        CallsError
            The file cannot be written.
        """
        from .history_file import write_history

        write_history(self, Path(path))

    def between(self, start: datetime, end: datetime) -> CallHistory:
        """Calls received from ``start`` until before ``end``; times without a zone are the city's."""
        zone = time_zone(self.timezone)
        first, last = (
            np.searchsorted(self.calls["t"], (at if at.tzinfo else instant(at, zone)).timestamp())
            for at in (start, end)
        )
        return replace(self, calls=self.calls[first:last])

    def points(self) -> NDArray[np.float64]:
        """Longitude and latitude in degrees, shape (k, 2); NaN where only the zone is known."""
        return np.column_stack((self.calls["lon"], self.calls["lat"]))

    def local_hours(self) -> NDArray[np.int64]:
        """Hour of the week in which each call was received, length k: 0 is Monday 00:00 to 01:00 in the city."""
        shown = clock_seconds(self.calls["t"], time_zone(self.timezone))
        return (np.floor(shown / 3600).astype(np.int64) + 72) % 168  # 1970 began on a Thursday

    def to_calls(
        self, city: City, demand: Demand, *, seed: int = 0, skill_names: tuple[str, ...] = ("transport",)
    ) -> CallFile:
        """Calls for the simulator: what the history does not say is drawn from ``demand``.

        Parameters
        ----------
        city
            City in which the calls happened; calls far from its roads are left out, and ``notes`` says how many.
        demand
            Laws for what the history does not say.
        seed
            Seed of those draws, >= 0.
        skill_names
            What the bits of ``needs`` mean, bit 0 first.

        Raises
        ------
        CallsError
            No call lies near the city's roads.
        """
        from .history_replay import history_columns
        from .replay import calls_from_columns

        file = Path(self.source or "history")
        return calls_from_columns(
            file, history_columns(self, city, file), city, demand, seed=seed, skill_names=skill_names
        )
