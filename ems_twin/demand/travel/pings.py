"""Trips from where units were every few seconds: drives between two stops, put on the roads.

Only whole drives count, from standing to standing: of others nobody knows when they began or ended.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ...city import City, nearest_nodes
from ...city.projection import project
from ...city.tables import OFF_THE_MAP_M
from ...errors import CallsError
from ...routing import ORDINARY, Router
from ..clock import clock_seconds
from ..formats.files import read_records
from ..formats.records import Records
from ..formats.times import read_times
from .layouts import PINGS
from .matching import Match, Matcher
from .stops import STOP_M, Drive, NoDrive, drives_of
from .trips import LONGEST_S, YES, Sieve, Trips, only, sirens_of

Array = NDArray[np.float64]
Say = Callable[[str | None, float | None], None]

SHORTEST_M = 300.0
"""A shorter drive is manoeuvring, and its time is mostly rounding."""
ROUNDABOUT = 1.5
"""A drive so many times as long as the fastest way was not straight to its end."""
_COLUMNS = "unit, time, lon, lat, and may be priority, sirens, unit_kind"
PACE_S = 30.0
"""The pace at either end of a drive is that of so many seconds."""


def read_pings(path: Path, city: City, *, say: Say = lambda _text, _share: None) -> Trips:
    """Read positions of units (CSV or Parquet, packed or not) and make trips of them.

    Every dropped ping, and every dropped drive by the row of the ping that it set out from, has its reason in
    ``dropped``. ``pings`` of what is returned counts: pings ``read``, ``unusable``, ``standing`` and ``driving``; of
    those driving ``off_the_road``, and ``in_dropped_drives``; ``units``, ``trips`` and ``dropped_drives``. A drive is
    with sirens if its first ping's ``sirens`` or priority says so; without a word on them it is not, for units also
    drive home.

    Raises
    ------
    CallsError
        The file cannot be read, holds no whole drive, or lacks a column.
    """
    _, records, torn, _ = read_records(path, lambda header: only(PINGS, path, header, _COLUMNS))
    sieve = Sieve(records, torn)
    lon, lat = records.positions()
    order, t, unit = _usable(records, lon, lat, city, sieve)
    unusable = len(sieve.dropped)
    x, y = project(city.roads, lon[order], lat[order])
    bounds = np.flatnonzero(np.diff(unit, prepend=-1, append=-1)).tolist() if len(order) else [0]
    drives: list[Drive] = []
    dropped: list[NoDrive] = []
    for first, stop in pairwise(bounds):
        own, none = drives_of(x, y, t, first, stop)
        drives += own
        dropped += none
    driving = sum(drive.pings for drive in drives) + sum(part.pings for part in dropped)
    router = Router(city.roads)
    matcher = Matcher(city.roads, router.hierarchy)
    whole: list[_Whole] = []
    off: list[int] = []
    for k, drive in enumerate(drives):
        if k % 50 == 0:
            say("matching drives", k / len(drives))
        found = _matched(drive, x, y, t, matcher, router)
        if isinstance(found, str):
            dropped.append(NoDrive(at=drive.start.last, pings=drive.pings, why=found))
        else:
            whole.append(found)
            off += (drive.start.last + found.match.astray).tolist()
    row = records.row[order]
    sieve.dropped += [(int(row[part.at]), f"{part.why}: {part.pings} pings") for part in dropped]
    sieve.dropped += [(int(row[i]), "off the road, or no way leads there in time") for i in off]
    counts = {
        "read": len(records) + len(torn), "unusable": unusable, "standing": len(order) - driving, "driving": driving,
        "off_the_road": len(off), "in_dropped_drives": sum(part.pings for part in dropped),
        "units": len(bounds) - 1, "trips": len(whole), "dropped_drives": len(dropped),
    }  # fmt: skip
    if not whole:
        why = ", ".join(f"{n} {reason}" for reason, n in sieve.reasons()) or "no unit ever leaves its place"
        raise CallsError(
            f"holds no whole drive in {counts['read']} pings: {why}",
            file=path, remedy="Give pings at most 2 min apart, those of standing units too, of units in this city.",
        )  # fmt: skip
    whole.sort(key=lambda one: one.departed)
    return _trips(records, order, whole, lon, lat, city, path.name, tuple(sorted(sieve.dropped)), counts)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Whole:
    """A drive that is a trip."""

    drive: Drive
    match: Match
    departed: float
    arrived: float


def _matched(drive: Drive, x: Array, y: Array, t: Array, matcher: Matcher, router: Router) -> _Whole | str:
    """A drive on the roads with its times, or why it is no trip."""
    a, b = drive.start, drive.end
    at = np.arange(a.last, b.first + 1)
    match = matcher.match(np.r_[a.x, x[at[1:-1]], b.x], np.r_[a.y, y[at[1:-1]], b.y], t[at])
    if isinstance(match, str):
        return match
    driven_m = match.metres[-1]
    if driven_m < SHORTEST_M or match.from_node == match.to_node:
        return f"drive shorter than {SHORTEST_M:.0f} m"
    fastest_m = router.path(match.from_node, match.to_node, metric=ORDINARY).length_m
    if driven_m > ROUNDABOUT * fastest_m + SHORTEST_M / 2:  # junctions may be half a street from where it stood
        return f"drive more than {ROUNDABOUT:g} times as long as the fastest way"
    when = t[at[match.used]]
    departed, arrived = _left(when, match.metres), -_left(-when[::-1], driven_m - match.metres[::-1])
    if arrived - departed > LONGEST_S:
        return f"drive that takes longer than {LONGEST_S / 3600:.0f} h"
    return _Whole(drive=drive, match=match, departed=departed, arrived=arrived)


def _usable(
    records: Records, lon: Array, lat: Array, city: City, sieve: Sieve
) -> tuple[NDArray[np.int64], Array, NDArray[np.int32]]:
    """Records that are pings, by unit and time, with times and units; the others are dropped."""
    unit, _ = records.texts("unit")
    t = read_times(records, "time", ZoneInfo(city.timezone), local=False, month_first=True).t
    sieve.drop(unit < 0, "no unit")
    sieve.drop(np.isnan(t), "no time")
    there = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    sieve.drop(~there, "no coordinates")
    east, north = np.where(there, lon, city.roads.lon[0]), np.where(there, lat, city.roads.lat[0])
    sieve.drop(there & (nearest_nodes(city.roads, east, north)[1] > OFF_THE_MAP_M), "off the map")
    order = np.flatnonzero(sieve.kept)
    order = order[np.lexsort((t[order], unit[order]))]
    again = np.zeros(len(t), dtype=np.bool_)
    again[order[1:]] = (np.diff(t[order]) == 0) & (np.diff(unit[order]) == 0)
    sieve.drop(again, "second ping of its unit at the same time")
    order = order[sieve.kept[order]]
    return order, t[order], unit[order]


def _left(when: Array, metres: Array) -> float:
    """When a unit left its stop.

    The last ping at the stop may come when it has set out already (a stop is some metres wide), or long before. So the
    way to the first ping beyond is taken at the pace of the seconds after that.

    Parameters
    ----------
    when, metres
        Time of the last ping at the stop and of those after it that are on a road, and metres from the stop.
    """
    pace = metres[-1] / (when[-1] - when[0])
    if len(when) > 2:
        k = min(max(int(np.searchsorted(when, when[1] + PACE_S)), 2), len(when) - 1)
        moved = metres[k] - metres[1]
        pace = moved / (when[k] - when[1]) if moved > 0 else pace
    earliest = when[0] - min(STOP_M / pace, PACE_S)  # as far as a stop is wide
    return float(np.clip(when[1] - metres[1] / pace, earliest, when[1]))


def _trips(
    records: Records,
    order: NDArray[np.int64],
    whole: list[_Whole],
    lon: Array,
    lat: Array,
    city: City,
    source: str,
    dropped: tuple[tuple[int, str], ...],
    counts: dict[str, int],
) -> Trips:
    """Trips of the drives that were found."""
    departed = np.array([one.departed for one in whole])
    begun = order[[one.drive.start.last + 1 for one in whole]]
    priority, sirens = sirens_of(records, PINGS)
    sirens &= (priority > 0) | records.is_in("sirens", YES)
    kind, kinds = records.texts("unit_kind")
    stands = [order[one.drive.end.first : one.drive.end.last + 1] for one in whole]
    return Trips(
        row=records.row[begun],
        departed=departed,
        clock_s=clock_seconds(departed, ZoneInfo(city.timezone)),
        took_s=np.array([one.arrived for one in whole]) - departed,
        from_node=np.array([one.match.from_node for one in whole], dtype=np.int32),
        to_node=np.array([one.match.to_node for one in whole], dtype=np.int32),
        lon=np.array([lon[rows].mean() for rows in stands]),
        lat=np.array([lat[rows].mean() for rows in stands]),
        sirens=sirens[begun],
        priority=priority[begun],
        unit_kind=kind[begun],
        unit_kinds=tuple(kinds),
        resolution_s=1.0,
        source=source,
        dropped=dropped,
        pings=counts,
    )
