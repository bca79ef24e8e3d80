"""When things happen that come by chance at a rate of the hour of the week."""

from __future__ import annotations

import math
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from .clock import hours_of_week


def arrival_times(
    rate: NDArray[np.float64],
    start: datetime,
    duration_s: float,
    zone: ZoneInfo,
    stream: np.random.Generator,
    *,
    factor: float = 1.0,
) -> NDArray[np.float64]:
    """Arrivals of a Poisson process, made by inverting the cumulative rate at a unit-rate process (Çinlar 1975).

    Parameters
    ----------
    rate
        Arrivals an hour by hour of the week in civil time, length 168.
    start, duration_s
        The stretch of time: its begin, with a time zone, and its length, seconds, > 0.
    zone
        The city's civil time.
    stream
        Where the gaps of the unit-rate process come from.
    factor
        Multiplies every rate.

    Returns
    -------
    float64[k]
        Ascending, in [0, ``duration_s``), seconds since ``start``.
    """
    edges_s, hour = hours_of_week(start, duration_s, zone)
    times = arrivals_in(edges_s, rate[hour] * (np.diff(edges_s) / 3600.0) * factor, stream)
    return np.minimum(times, np.nextafter(duration_s, 0.0))


def arrivals_in(
    edges_s: NDArray[np.float64], expected: NDArray[np.float64], stream: np.random.Generator
) -> NDArray[np.float64]:
    """Arrivals of a Poisson process with so many expected in each stretch of time, at a constant rate within it.

    Parameters
    ----------
    edges_s
        Edges of the k stretches, seconds, ascending, length k + 1.
    expected
        Mean arrivals in each, length k, >= 0.
    stream
        Where the gaps of the unit-rate process come from.

    Returns
    -------
    float64[n]
        Ascending.
    """
    cumulative = np.concatenate(([0.0], np.cumsum(expected)))
    total = cumulative[-1]
    points = np.zeros(0)
    while len(points) == 0 or points[-1] < total:
        more = int(total + 6 * math.sqrt(total)) + 16
        gaps = np.concatenate((points[-1:], stream.standard_exponential(more)))
        points = np.concatenate((points[:-1], np.cumsum(gaps)))
    points = points[: np.searchsorted(points, total)]
    # side='right' steps over pieces without arrivals, where the cumulative rate cannot be inverted.
    piece = np.searchsorted(cumulative, points, side="right") - 1
    share = (points - cumulative[piece]) / expected[piece]
    times: NDArray[np.float64] = edges_s[piece] + share * (edges_s[piece + 1] - edges_s[piece])
    return times
