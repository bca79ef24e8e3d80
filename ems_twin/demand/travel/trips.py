"""Read observed trips, put them on the roads, and set aside what cannot be: every row that is dropped has its reason."""

from __future__ import annotations

import csv
import difflib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ...city import City, nearest_nodes
from ...city.tables import OFF_THE_MAP_M
from ...errors import CallsError
from ..clock import clock_seconds
from ..formats.files import read_records
from ..formats.layout import Layout, plain_name
from ..formats.records import Records
from ..formats.times import read_times
from . import first_due
from .layouts import PLAIN, SAN_FRANCISCO

LONGEST_S = 7200.0
"""A trip of more than two hours is taken for a time that nobody pressed."""
FASTEST_MPS = 150 / 3.6
"""Nor does anybody drive faster than this as the crow flies."""
SIRENS_TO_PRIORITY = 2
"""Where the file says nothing of sirens: priorities driven to with them (as the rules of the simulation have it)."""

YES, NO = frozenset({"1", "yes", "true", "y"}), frozenset({"0", "no", "false", "n"})
"""Words of a column ``sirens``."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Trips:
    """k observed trips on a city's roads, in order of departure."""

    row: NDArray[np.int64]
    """Data row in the file, from 1."""
    departed: NDArray[np.float64]
    """Seconds since 1970 (UTC)."""
    clock_s: NDArray[np.float64]
    """The same on the city's clocks."""
    took_s: NDArray[np.float64]
    """Departed to arrived, seconds, as the file rounds it."""
    from_node: NDArray[np.int32]
    to_node: NDArray[np.int32]
    lon: NDArray[np.float64]
    """Where it ended, degrees."""
    lat: NDArray[np.float64]
    sirens: NDArray[np.bool_]
    """Whether it was driven with lights and sirens."""
    priority: NDArray[np.uint8]
    """1 (most urgent) and up; 0 where the file does not say."""
    unit_kind: NDArray[np.int32]
    """Row of ``unit_kinds``; -1 where the file does not say."""
    unit_kinds: tuple[str, ...]
    resolution_s: float
    """To what the file's clocks are cut off, seconds: 60 where all show whole minutes, else 1."""
    source: str
    """Name of the file."""
    dropped: tuple[tuple[int, str], ...]
    """Data row and reason of each row that is no trip."""
    pings: dict[str, int] = field(default_factory=dict)
    """What was counted on the way from pings to trips (see :func:`~.pings.read_pings`); empty where trips were read."""

    def __len__(self) -> int:
        return len(self.took_s)

    @property
    def week(self) -> NDArray[np.int64]:
        """Number of the week (from a Monday) of each trip."""
        return np.floor((self.clock_s / 86_400 + 3) / 7).astype(np.int64)

    @property
    def hour_of_week(self) -> NDArray[np.float64]:
        """Hours since Monday 00:00 on the city's clocks, with fractions."""
        found: NDArray[np.float64] = (self.clock_s / 3600 + 72) % 168
        return found

    def reasons(self) -> dict[str, int]:
        """How many rows were dropped for each reason, the most frequent first."""
        return dict(Counter(reason.partition(":")[0] for _, reason in self.dropped).most_common())

    def take(self, which: NDArray[np.bool_]) -> Trips:
        """Some of the trips."""
        arrays = {name: value[which] for name, value in vars(self).items() if isinstance(value, np.ndarray)}
        return Trips(**{**vars(self), **arrays})


def read_trips(path: Path, city: City) -> Trips:
    """Read a file of trips (CSV or Parquet, packed or not), or San Francisco's rows of units.

    Raises
    ------
    CallsError
        The file cannot be read, has no trips, or lacks a column.
    """
    layout, records, torn, _ = read_records(path, lambda header: _choose(path, header))
    zone = ZoneInfo(layout.timezone or city.timezone)
    times = {
        name: read_times(records, name, zone, local=layout is SAN_FRANCISCO, month_first=True).t
        for name in ("departed", "arrived", "available")
        if records.has(name)
    }
    sieve = Sieve(records, torn)
    departed, took_s = times["departed"], times["arrived"] - times["departed"]
    if layout is SAN_FRANCISCO:
        station, faults = first_due.home_stations(
            records, city, departed, times.get("available", np.full(len(records), np.nan))
        )
        for wrong, reason in faults:
            sieve.drop(wrong, reason)
    sieve.drop(np.isnan(departed), "no time of departure")
    sieve.drop(np.isnan(times["arrived"]), "no time of arrival")
    sieve.drop(took_s < 0, "arrived before it departed")
    sieve.drop(took_s > LONGEST_S, f"took longer than {LONGEST_S / 3600:.0f} h")
    if layout is PLAIN:
        station = _named_stations(records, city, sieve)
    place = [(s.lon, s.lat) for s in city.stations]
    from_lon, from_lat = np.array([*place, (np.nan, np.nan)])[station].T
    if layout is PLAIN:
        free = station < 0
        from_lon = np.where(free, records.numbers("from_lon"), from_lon)
        from_lat = np.where(free, records.numbers("from_lat"), from_lat)
    lon, lat = records.positions()
    ends = []
    for what, east, north in (("start", from_lon, from_lat), ("end", lon, lat)):
        there = (np.abs(east) <= 180) & (np.abs(north) <= 90)
        sieve.drop(~there, f"no coordinates of its {what}")
        node, away_m = nearest_nodes(
            city.roads, np.where(there, east, city.roads.lon[0]), np.where(there, north, city.roads.lat[0])
        )
        sieve.drop(there & (away_m > OFF_THE_MAP_M), f"its {what} is off the map")
        ends.append(node)
    shown = np.concatenate([departed[sieve.kept], took_s[sieve.kept]])
    resolution_s = 60.0 if len(shown) and not (shown % 60).any() else 1.0
    crow_m = np.hypot(*(axis[ends[0]] - axis[ends[1]] for axis in (city.roads.x, city.roads.y)))
    sieve.drop(
        crow_m > FASTEST_MPS * (took_s + resolution_s), f"faster than {3.6 * FASTEST_MPS:.0f} km/h as the crow flies"
    )
    kept = np.flatnonzero(sieve.kept)
    if not len(kept):
        raise CallsError(
            f"holds no usable trip in {len(records)} rows: {', '.join(f'{n} {reason}' for reason, n in sieve.reasons())}",
            file=path, remedy="Check the columns, the units of its times, and that the trips are of this city.",
        )  # fmt: skip
    kept = kept[np.argsort(departed[kept], kind="stable")]
    priority, sirens = sirens_of(records, layout)
    kind, kinds = records.texts("unit_kind")
    return Trips(
        row=records.row[kept],
        departed=departed[kept],
        clock_s=clock_seconds(departed[kept], ZoneInfo(city.timezone)),
        took_s=took_s[kept],
        from_node=ends[0][kept],
        to_node=ends[1][kept],
        lon=lon[kept],
        lat=lat[kept],
        sirens=sirens[kept],
        priority=priority[kept],
        unit_kind=kind[kept],
        unit_kinds=tuple(kinds),
        resolution_s=resolution_s,
        source=path.name,
        dropped=tuple(sorted(sieve.dropped)),
    )


def write_dropped(dropped: Iterable[tuple[int, str]], file: Path) -> Path:
    """Write the rows that were dropped, with their reasons, as CSV."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("row", "reason"))
        writer.writerows(dropped)
    return file


def period_of(trips: Trips) -> str:
    """First and last day, on the city's clocks."""
    first, last = (datetime.fromtimestamp(t, ZoneInfo("UTC")).date() for t in (trips.clock_s[0], trips.clock_s[-1]))
    return f"{first} to {last}"


class Sieve:
    """Which records are left, and why the others are not: each has the first reason that was found."""

    def __init__(self, records: Records, torn: list[tuple[int, str]]) -> None:
        self._row = records.row
        self.kept = np.ones(len(records), dtype=np.bool_)
        self.dropped = list(torn)

    def drop(self, wrong: NDArray[np.bool_], reason: str, detail: Callable[[int], str] | None = None) -> None:
        """Drop records; ``detail`` says more of one."""
        rows = np.flatnonzero(wrong & self.kept)
        self.kept[rows] = False
        self.dropped += [(int(self._row[i]), reason + (f": {detail(int(i))}" if detail else "")) for i in rows]

    def reasons(self) -> list[tuple[str, int]]:
        """Reasons and how often, the most frequent first."""
        return Counter(reason.partition(":")[0] for _, reason in self.dropped).most_common()


def _choose(path: Path, header: list[str]) -> Layout:
    known = {plain_name(column) for column in header}
    if not SAN_FRANCISCO.missing(known):
        return SAN_FRANCISCO
    return only(
        PLAIN,
        path,
        header,
        "departed, arrived, station or from_lon and from_lat, to_lon, to_lat, and may be priority, sirens, unit_kind",
    )


def only(layout: Layout, path: Path, header: list[str], columns: str) -> Layout:
    """The one layout that a file may have; ``columns`` says for people what those are."""
    missing = layout.missing({plain_name(column) for column in header})
    if not missing:
        return layout
    raise CallsError(
        f"is no {layout.title}: there is no column for {', '.join(missing)}",
        file=path,
        remedy=f"Columns are {columns}. The file has {', '.join(header)}.",
    )


def _named_stations(records: Records, city: City, sieve: Sieve) -> NDArray[np.int64]:
    """Row of each record's station, -1 where none is named; those that do not exist are dropped."""
    code, words = records.texts("station")
    row_of = {s.id: row for row, s in enumerate(city.stations)}
    station = np.array([row_of.get(word, -1) for word in words] + [-1])[code]

    def detail(i: int) -> str:
        near = difflib.get_close_matches(words[code[i]], list(row_of), 1)
        return f"'{words[code[i]]}'" + (f" (near: {near[0]})" if near else "")

    sieve.drop((station < 0) & (code >= 0), "unknown station", detail)
    return station


def sirens_of(records: Records, layout: Layout) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Priority and sirens of each record. San Francisco's code 3 is with sirens, code 2 without."""
    number = np.nan_to_num(records.numbers("priority"), nan=0.0)
    if layout is SAN_FRANCISCO:
        return np.where(number == 3, 1, np.where(number == 2, 3, 0)).astype(np.uint8), number != 2
    priority = np.where((number >= 1) & (number <= 9), number, 0).astype(np.uint8)
    sirens = priority <= SIRENS_TO_PRIORITY
    code, words = records.texts("sirens")
    said = np.array([1 if w.lower() in YES else 0 if w.lower() in NO else -1 for w in words] + [-1])[code]
    return priority, np.where(said >= 0, said == 1, sirens)
