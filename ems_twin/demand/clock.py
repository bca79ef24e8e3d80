"""Civil time of a city: time zones, hours of the week across changes of the clocks, midnights."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from ..errors import CityError

_DAY_S = 86_400
_STEP_S = 900  # every civil time zone in use is a multiple of 15 minutes off UTC, and changes its clocks on one


def time_zone(name: str) -> ZoneInfo:
    """Time zone by its IANA name.

    Raises
    ------
    CityError
        The name is unknown.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a name such as '.' or one that is a folder
        raise CityError(
            f"'{name}' is not a known time zone",
            field="timezone",
            remedy="Give an IANA name such as 'America/New_York'; a machine without a time zone database needs "
            "'pip install tzdata'.",
        ) from None


def hours_of_week(start: datetime, duration_s: float, zone: ZoneInfo) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Cut a stretch of time where the hour of the week may change.

    On the day the clocks go back an hour comes twice, on the day they go forward one is missing.

    Parameters
    ----------
    start
        Begin of the stretch, with a time zone.
    duration_s
        Its length, seconds, > 0.
    zone
        The city's civil time.

    Returns
    -------
    edges_s : float64[k + 1]
        Ascending, from 0 to ``duration_s``, seconds since ``start``.
    hour : intp[k]
        Hour of the week (0 is Monday 00:00 to 01:00) of each piece.
    """
    begin = start.timestamp()
    first_mark = (int(begin // _STEP_S) + 1) * _STEP_S
    marks = np.arange(first_mark, begin + duration_s, _STEP_S, dtype=np.float64)
    hour = np.empty(len(marks) + 1, dtype=np.intp)
    for i, stamp in enumerate([begin, *marks.tolist()]):
        local = datetime.fromtimestamp(stamp, zone)
        hour[i] = local.weekday() * 24 + local.hour
    edges = np.concatenate(([0.0], marks - begin, [duration_s]))
    return edges, hour


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Instant at which a civil day begins, in the city's time (01:00 where the clocks skip midnight)."""
    return instant(datetime.combine(day, time.min), zone)


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """Instant at which the clocks of a city show a naive time, in its zone; whole seconds.

    Of a time that came twice it is the first, of one that the clocks went forward over the moment at which they did:
    so a later time is never an earlier instant.
    """
    shown = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if is_skipped(local, zone):
        before, after = local.replace(tzinfo=zone, fold=1).timestamp() // 1, shown.timestamp() // 1
        old = datetime.fromtimestamp(before, zone).utcoffset()
        while after - before > 1:
            middle = (before + after) // 2
            if datetime.fromtimestamp(middle, zone).utcoffset() == old:
                before = middle
            else:
                after = middle
        shown = datetime.fromtimestamp(after, UTC)
    return shown.astimezone(zone)


def next_day(day: date) -> date:
    """Day after."""
    return day + timedelta(days=1)


def is_skipped(local: datetime, zone: ZoneInfo) -> bool:
    """Whether no clock of the city ever showed this naive time (the clocks went forward over it)."""
    there_and_back = local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    return there_and_back != local.replace(fold=0)


def is_repeated(local: datetime, zone: ZoneInfo) -> bool:
    """Whether the clocks of the city showed this naive time twice (they went back over it)."""
    early = local.replace(tzinfo=zone, fold=0).utcoffset()
    late = local.replace(tzinfo=zone, fold=1).utcoffset()
    return early != late and not is_skipped(local, zone)


def clock_seconds(t: NDArray[np.float64], zone: ZoneInfo) -> NDArray[np.float64]:
    """What the clocks of a city show at instants, as seconds since 1970 on its clocks, length k.

    Parameters
    ----------
    t
        Seconds since 1970 (UTC), length k, finite.
    zone
        The city's civil time.
    """
    day, of_day = np.unique(np.floor(t / _DAY_S), return_inverse=True)
    early, late = (_offsets_s(edge * _DAY_S, zone) for edge in (day, day + 1))
    offset = early[of_day]
    changing = np.flatnonzero((early != late)[of_day])
    quarter, of_quarter = np.unique(np.floor(t[changing] / _STEP_S), return_inverse=True)
    offset[changing] = _offsets_s(quarter * _STEP_S, zone)[of_quarter]
    return t + offset


def instants(
    shown: NDArray[np.float64], zone: ZoneInfo
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    """Instants at which the clocks of a city showed many times.

    Parameters
    ----------
    shown
        Seconds since 1970 on the city's clocks, length k, finite.
    zone
        The city's civil time.

    Returns
    -------
    t : float64[k]
        Seconds since 1970 (UTC): the first of two where the clocks showed a time twice; of one that they went forward
        over, what a clock that had not been put forward meant.
    is_skipped : bool[k]
        Whether the clocks went forward over the time.
    later_s : float64[k]
        How much later the clocks showed the time again; 0 where they did not.
    """
    day, of_day = np.unique(np.floor(shown / _DAY_S), return_inverse=True)
    early, late = (_offsets_s(edge * _DAY_S, zone) for edge in (day - 1, day + 2))  # no offset is longer than a day
    t = shown - early[of_day]
    skipped, later_s = np.zeros(len(t), dtype=np.bool_), np.zeros(len(t))
    changing = np.flatnonzero((early != late)[of_day])
    quarter, of_quarter = np.unique(np.floor(shown[changing] / _STEP_S), return_inverse=True)
    for i, begin in enumerate((quarter * _STEP_S).tolist()):
        local = (datetime.fromtimestamp(begin, UTC)).replace(tzinfo=None)
        rows = changing[of_quarter == i]
        first, second = (local.replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1))
        t[rows] = shown[rows] + (first - begin)
        skipped[rows] = is_skipped(local, zone)
        later_s[rows] = second - first if is_repeated(local, zone) else 0.0
    return t, skipped, later_s


def changes_of_clocks(first: float, last: float, zone: ZoneInfo) -> list[tuple[float, float]]:
    """When the clocks of a city changed between two instants, and by how many seconds they went forward."""
    days = np.arange(np.floor(first / _DAY_S), np.floor(last / _DAY_S) + 2) * _DAY_S
    found = []
    for day in days[:-1][np.diff(_offsets_s(days, zone)) != 0]:
        quarters = np.arange(day, day + _DAY_S + 1, _STEP_S)
        step = np.diff(_offsets_s(quarters, zone))
        found += [(float(quarters[i + 1]), float(step[i])) for i in np.flatnonzero(step)]
    return [(at, step) for at, step in found if first <= at <= last]


def _offsets_s(t: NDArray[np.float64], zone: ZoneInfo) -> NDArray[np.float64]:
    """How far the clocks are ahead of UTC at each of a few instants."""
    offsets = (datetime.fromtimestamp(stamp, zone).utcoffset() or timedelta() for stamp in t.tolist())
    return np.fromiter((offset.total_seconds() for offset in offsets), dtype=np.float64, count=len(t))
