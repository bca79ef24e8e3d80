"""Where a unit stood and where it drove, from its positions alone."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import hypot

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STOP_M = 50.0
"""A unit that stays so near to one place ..."""
STOP_S = 120.0
"""... for so long stands; shorter stays are traffic lights."""
GAP_S = 120.0
"""A drive with a longer silence in it is not known well enough."""


@dataclass(frozen=True, kw_only=True)
class Stop:
    """Pings ``first`` to ``last``, both standing."""

    first: int
    last: int
    x: float
    """Where it stood, their mean, metres."""
    y: float


@dataclass(frozen=True, kw_only=True)
class Drive:
    """Pings after the last of one stop and before the first of the next."""

    start: Stop
    end: Stop

    @property
    def pings(self) -> int:
        """How many are on the way."""
        return self.end.first - self.start.last - 1


@dataclass(frozen=True, kw_only=True)
class NoDrive:
    """Pings on the way of which no drive can be made."""

    at: int
    """The ping that they set out from, or the first of them."""
    pings: int
    why: str


def drives_of(x: Array, y: Array, t: Array, first: int, stop: int) -> tuple[list[Drive], list[NoDrive]]:
    """Cut the pings ``first`` to ``stop - 1`` of one unit, in order of time, into drives.

    Parameters
    ----------
    x, y, t
        Metres and seconds of all pings.
    """
    found = _stops(x[first:stop].tolist(), y[first:stop].tolist(), t[first:stop].tolist(), first)
    if not found:
        why = f"drive of a unit that never stands for {STOP_S / 60:.0f} min"
        return [], [NoDrive(at=first, pings=stop - first, why=why)]
    drives, dropped = [], []
    if found[0].first > first:
        dropped.append(NoDrive(at=first, pings=found[0].first - first, why="drive that begins before the file does"))
    for a, b in pairwise(found):
        drive = Drive(start=a, end=b)
        if hypot(a.x - b.x, a.y - b.y) <= STOP_M:
            dropped.append(NoDrive(at=a.last, pings=drive.pings, why="drive back to where it began"))
        elif np.diff(t[a.last : b.first + 1]).max() > GAP_S:
            why = f"drive with more than {GAP_S / 60:.0f} min between two pings"
            dropped.append(NoDrive(at=a.last, pings=drive.pings, why=why))
        else:
            drives.append(drive)
    rest = stop - 1 - found[-1].last
    if rest:
        dropped.append(NoDrive(at=found[-1].last, pings=rest, why="drive that ends after the file does"))
    return drives, dropped


def _stops(x: list[float], y: list[float], t: list[float], offset: int) -> list[Stop]:
    """Longest stays within :data:`STOP_M` of their own mean, from the earliest on."""
    stops, i, n = [], 0, len(t)
    while i < n:
        sum_x, sum_y, count, last, j = x[i], y[i], 1, i, i + 1

        def away(k: int) -> float:
            return hypot(x[k] - sum_x / count, y[k] - sum_y / count)  # noqa: B023

        while j < n:
            if away(j) > STOP_M:
                j += 1  # one stray position is no departure
                if j == n or t[j] - t[last] > GAP_S or away(j) > STOP_M:
                    break
            sum_x, sum_y, count, last = sum_x + x[j], sum_y + y[j], count + 1, j
            j += 1
        if t[last] - t[i] >= STOP_S:
            stops.append(Stop(first=i + offset, last=last + offset, x=sum_x / count, y=sum_y / count))
            i = last + 1
        else:
            i += 1
    return stops
