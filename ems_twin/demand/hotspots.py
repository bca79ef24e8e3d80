"""Where the next calls are to be expected, how unusual that is, and why.

The rate of a window of time is that of the forecast's hours that it overlaps. Over-dispersion is a gamma-distributed
level common to a cell's hour, so a part of an hour keeps the hour's dispersion α, and ``P(no call) = (1 + α m)^(-1/α)``
where m calls are expected (``exp(-m)`` without dispersion).

Surprise sets the forecast against the usual, the means by hour of the week: as a ratio, and as the probability that
the level of a usual hour, gamma-distributed with the usual's own dispersion, is at least that high,
``P(G >= ratio) = Q(1/α, ratio/α)`` with Q the regularised upper incomplete gamma function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from ..errors import InputError
from .clock import time_zone
from .forecast import laws
from .forecast.events import KnownEvent
from .forecast.hours import HOUR_S
from .forecast.past import PastCalls
from .forecast.protocol import Forecaster
from .forecast.result import DemandForecast

MORE, LESS = 1.25, 0.8
"""Ratios to the usual beyond which a rate is not called usual."""
TREND_WEEKS = 4
"""Weeks over which a rising trend is looked for."""
BURST_H = 3
"""Hours over which a burst of calls is looked for."""
RARE = 0.025
"""Probability below which more calls than usual are called a trend or a burst."""
FEW = 3.0
"""Calls known of a cell's hour of the week below which nobody can say what is usual."""
HALF_HOUR_S = 1800.0
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, kw_only=True)
class Hotspot:
    """A cell in which calls are expected."""

    rank: int
    """1 for the cell with the highest rate."""
    cell: str
    """Name of the cell."""
    lon: float
    """Longitude of its middle, degrees; nan where it is not known."""
    lat: float
    rate_30: float
    """Calls an hour over the next 30 minutes."""
    rate_60: float
    """Calls an hour over the next 60 minutes."""
    usual: float
    """Calls an hour over the next 60 minutes by the means of the hour of the week."""
    ratio: float
    """``rate_60`` over ``usual``."""
    tail: float
    """Probability that a usual hour's level is at least ``ratio``."""
    behind: float
    """Calls of the record that ``usual`` rests on; nan where the length of the record was not told."""
    p_30: float
    """Probability of at least one call in the next 30 minutes."""
    p_60: float
    """Probability of at least one call in the next 60 minutes."""
    why: str
    """Why the rate is what it is, in words."""

    def to_dict(self) -> dict[str, Any]:
        """Fields by name; None where the middle is not known."""
        return {key: None if value != value else value for key, value in asdict(self).items()}


def find_hotspots(
    calls: PastCalls,
    model: Forecaster,
    usual: Forecaster,
    *,
    at_s: float,
    hours: int = 1,
    top: int | None = 20,
    events: Sequence[KnownEvent] = (),
    epsilon: float = 1e-3,
    fitted_until_s: float | None = None,
) -> list[list[Hotspot]]:
    """Rank the cells of each of the next hours.

    Both models are fitted to the calls before ``at_s``, later ones are not looked at. A model that has been fitted
    already is told the calls since.

    Parameters
    ----------
    calls
        Record of at least a week before ``at_s``.
    model
        Whose forecast is ranked.
    usual
        What it is compared with: :class:`~ems_twin.demand.forecast.hour_of_week.HourOfWeek`.
    at_s
        Now, POSIX seconds, not before the record.
    hours
        How many hours ahead, >= 1: hour k of them begins k hours after now.
    top
        How many cells of each hour; None gives all.
    events
        Known events that the model knows as well, to name them in words.
    epsilon
        Share of both forecasts that is spread evenly, so that no cell is impossible.
    fitted_until_s
        Until when ``model`` knows the calls, POSIX seconds, not after ``at_s``; None fits it here.

    Returns
    -------
    list of list
        By hour ahead, the cells from the highest rate down.

    Raises
    ------
    InputError
        ``hours`` or ``top`` is below 1, less than a week is known at ``at_s``, or the model knows later calls.
    """
    for field, value in (("hours", hours), ("top", top)):
        if value is not None and value < 1:
            raise InputError(f"{value} is below 1", field=field, remedy="Give a whole number of 1 or more.")
    known = calls.between(calls.since_s, at_s)
    if known.until_s - known.since_s < 168 * HOUR_S:
        raise InputError("less than a week is known by then", field="at", remedy="Choose a later time.")
    if fitted_until_s is None:
        model.fit(known)
    elif fitted_until_s > at_s:
        raise InputError(
            "the model knows calls from after that", field="at", remedy="Choose a later time, or fit it until then."
        )
    else:
        model.update(known.between(fitted_until_s, at_s))
    usual.fit(known)
    said, normal = (who.predict(at_s, hours + 1).floored(epsilon) for who in (model, usual))
    trend, burst = _unusual_past(known, usual, epsilon)
    weeks = (known.until_s - known.since_s) / (168 * HOUR_S)
    return [
        rank_hotspots(
            said, normal, at_s=at_s + k * HOUR_S, top=top, events=events, trend=trend, burst=burst, weeks=weeks
        )
        for k in range(hours)
    ]


def rank_hotspots(
    forecast: DemandForecast,
    usual: DemandForecast,
    *,
    at_s: float,
    top: int | None = 20,
    events: Sequence[KnownEvent] = (),
    trend: Sequence[str] | None = None,
    burst: Sequence[str] | None = None,
    weeks: float = np.nan,
) -> list[Hotspot]:
    """Rank cells by the calls expected in the hour after ``at_s``.

    Parameters
    ----------
    forecast, usual
        Forecasts of hours that hold the hour after ``at_s``, over the same c cells.
    at_s
        POSIX seconds.
    top
        How many cells; None gives all.
    events
        Events that the forecast holds.
    trend, burst
        What to say of each cell's last weeks and last hours, length c, empty where there is nothing to say.
    weeks
        Weeks of record that the usual was learnt from: cells of which fewer than :data:`FEW` calls are known in this
        hour of the week are not said to be usual or unusual.

    Returns
    -------
    list
        From the highest rate down; cells of the same rate in their own order.
    """
    half, half_alpha = window_law(forecast, at_s, HALF_HOUR_S)
    mean, alpha = window_law(forecast, at_s, HOUR_S)
    normal, normal_alpha = window_law(usual, at_s, HOUR_S)
    ratio = np.divide(mean, normal, out=np.where(mean > 0, np.inf, 1.0), where=normal > 0)
    clumped = laws.Spread(0.0, usual.by_span[0].clumps).dispersion(normal)  # calls in clumps are no change of level
    tail = level_tail(ratio, np.maximum(normal_alpha - clumped, 0.0))
    p_30, p_60 = at_least_one(half, half_alpha), at_least_one(mean, alpha)
    when = _hour_in_words(at_s, forecast.clock.timezone)
    known = [event for event in events if event.start_s < at_s + HOUR_S and event.end_s > at_s]
    cells = forecast.cells
    spots = []
    for rank, row in enumerate(np.argsort(-mean, kind="stable")[:top].tolist(), start=1):
        reasons = [f"event {event.name}" for event in known if row in event.cells]
        if ratio[row] > 1 and trend is not None and trend[row]:
            reasons.append(trend[row])
        if burst is not None and burst[row]:
            reasons.append(burst[row])
        spots.append(
            Hotspot(
                rank=rank,
                cell=cells.names[row],
                lon=float(cells.lon[row]),
                lat=float(cells.lat[row]),
                rate_30=float(2 * half[row]),
                rate_60=float(mean[row]),
                usual=float(normal[row]),
                ratio=float(ratio[row]),
                tail=float(tail[row]),
                behind=float(normal[row] * weeks),
                p_30=float(p_30[row]),
                p_60=float(p_60[row]),
                why=_words(float(ratio[row]), float(normal[row] * weeks), when, reasons),
            )
        )
    return spots


def window_law(
    forecast: DemandForecast, at_s: float, length_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Calls expected in each cell from ``at_s`` for ``length_s`` seconds, and their dispersion, each of length c.

    The dispersion is that of ordinary counts with such a mean, and the mean doubt of the hours overlapped, weighed by
    their calls.

    Raises
    ------
    InputError
        The forecast does not hold all of the window.
    """
    start = forecast.start_s
    part = np.clip((np.minimum(start + HOUR_S, at_s + length_s) - np.maximum(start, at_s)) / HOUR_S, 0, 1)
    if abs(part.sum() * HOUR_S - length_s) > 1e-3:
        raise InputError("the forecast does not reach over the window", field="at_s", remedy="Forecast more hours.")
    weighed = forecast.mean * part
    mean = weighed.sum(1)
    doubt = forecast.doubt()
    flat = (doubt * part).sum(1) / part.sum()
    own = np.divide((weighed * doubt).sum(1), mean, out=flat, where=mean > 0)
    return mean, forecast.by_span[0].dispersion(mean) + own


def at_least_one(mean: NDArray[np.float64], dispersion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of at least one call where ``mean`` are expected, by the negative-binomial law."""
    return np.asarray(-np.expm1(laws.log_pmf(0.0, mean, dispersion)), np.float64)


def level_tail(ratio: NDArray[np.float64], dispersion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability that a gamma level of mean 1 and variance ``dispersion`` is at least ``ratio``.

    Without dispersion the level is always 1.
    """
    safe = np.maximum(dispersion, 1e-9)
    return np.where(dispersion > 1e-9, special.gammaincc(1 / safe, ratio / safe), ratio <= 1.0).astype(np.float64)


def _unusual_past(calls: PastCalls, usual: Forecaster, epsilon: float) -> tuple[list[str], list[str]]:
    """For each cell what is to be said of its last weeks, and of its last hours, if they had more calls than usual."""
    found = []
    for length_h, words in ((168 * TREND_WEEKS, "rising trend: {n} calls in {weeks} weeks, {usual} usual"),
                            (BURST_H, "burst: {n} calls in the last {hours} h, {usual} usual")):  # fmt: skip
        begin = calls.until_s - length_h * HOUR_S
        if begin < calls.since_s + 168 * HOUR_S:  # too little from before to know what is usual
            found.append([""] * len(calls.cells))
            continue
        forecast = usual.predict(begin, length_h + 1).floored(epsilon)
        mean, _ = window_law(forecast, begin, length_h * HOUR_S)
        n = np.bincount(calls.between(begin, calls.until_s).cell, minlength=len(calls.cells)).astype(np.float64)
        alpha = forecast.by_span[0 if length_h < 8 else -1].dispersion(mean)
        rare = (n >= 2) & (1 - laws.cdf(n - 1, mean, alpha) < RARE)
        found.append(
            [
                words.format(n=int(count), weeks=TREND_WEEKS, hours=BURST_H, usual=f"{expected:.2g}") if unusual else ""
                for count, expected, unusual in zip(n.tolist(), mean.tolist(), rare.tolist(), strict=True)
            ]
        )
    return found[0], found[1]


def _words(ratio: float, behind: float, when: str, reasons: Sequence[str]) -> str:
    if behind < FEW:
        text = f"few calls are known of {when}"
    else:
        text = f"usual for {when}" if LESS < ratio < MORE else f"{ratio:.1f} times the usual of this hour"
    return f"{text}: {'; '.join(reasons)}" if reasons else text


def _hour_in_words(at_s: float, timezone: str) -> str:
    """Day and hour that hold most of the hour after ``at_s``: ``Friday 18 h``."""
    then = datetime.fromtimestamp(at_s + HALF_HOUR_S, time_zone(timezone))
    return f"{_DAYS[then.weekday()]} {then.hour} h"
