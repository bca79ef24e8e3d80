"""What looks wrong with a call history although every row can be read: holes, clocks, zones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .clock import changes_of_clocks, clock_seconds, time_zone
from .default import default_hour_of_week
from .history import CallHistory
from .import_report import Gap, RepeatedHour

_HOUR_S = 3600.0
_WEEKS_FOR_A_WEEK = 4  # a history shorter than this many weeks tells hours of the day, not of the week
_FALSE_ALARMS = 0.01  # gaps that a history without any would show on average
_FEWEST = 500  # calls that tell the shape of a day
_FEWEST_HOURS_OFF = 3
_CLEARER = 0.25  # gain in correlation that a shifted day must show
_SUN_OFF_H = 4.0  # no city keeps a clock further than that from its sun


@dataclass(frozen=True, kw_only=True)
class Doubts:
    """What was found."""

    resolution_s: float
    """Seconds that all times are whole multiples of: 3600, 60, 1, or 0."""
    gaps: tuple[Gap, ...]
    repeated_hours: tuple[RepeatedHour, ...]
    passes_merged: bool
    """Whether those hours hold so many calls that both passes must be among them."""
    hours_off: int
    """How many hours later the day of the calls runs than days do elsewhere; 0 where it does not."""
    sun_off_h: float
    """Hours between the clock and the sun where the calls lie, if that is more than any city has; else 0."""

    def sentences(self, *, remedy: bool) -> list[str]:
        """The doubts in words; ``remedy``: whether times with an offset could be taken for civil time."""
        found = []
        if self.gaps:
            hours = sum(gap.hours for gap in self.gaps)
            found.append(
                f"Stretches without a call that are much longer than chance makes them: {len(self.gaps):,}, "
                f"{hours:,.1f} h in all. The record has holes."
            )
        if self.passes_merged:
            found.append(
                "About twice the usual calls in hours that the clocks repeated: the record does not tell the two passes "
                "apart, and all were taken for the first."
            )
        if self.hours_off:
            way = "later" if self.hours_off > 0 else "earlier"
            means = "Try --local-times: the offsets of the file may be wrong." if remedy else "Check --timezone."
            found.append(f"The day of these calls runs {abs(self.hours_off)} h {way} than days do elsewhere. {means}")
        if self.sun_off_h:
            found.append(
                f"Where the calls lie the sun is {abs(self.sun_off_h):.0f} h off the clock: lon and lat may be exchanged, or "
                "--timezone is wrong."
            )
        if self.resolution_s >= 60:
            found.append(f"All times are whole {'hours' if self.resolution_s >= _HOUR_S else 'minutes'}.")
        return found


def find_doubts(history: CallHistory, *, civil: bool) -> Doubts:
    """Look for holes and for clocks that went wrong.

    Parameters
    ----------
    history
        The calls, at least one.
    civil
        Whether times were civil time, so that the two passes of a repeated hour are one.
    """
    t = history.calls["t"]
    resolution_s = next((step for step in (_HOUR_S, 60.0, 1.0) if not (t % step).any()), 0.0)
    hours = np.arange(np.floor(t[0] / _HOUR_S), np.floor(t[-1] / _HOUR_S) + 1) * _HOUR_S
    zone = time_zone(history.timezone)
    slot = _slots(clock_seconds(hours, zone), len(hours))
    back = [(at, -step) for at, step in changes_of_clocks(hours[0], hours[-1], zone) if step < 0]
    open_ = np.ones(len(hours))
    if civil:  # the second pass is empty because the file does not tell it from the first
        for at, step in back:
            open_[(hours >= at) & (hours < at + step)] = 0.0
    count = np.bincount(((t - hours[0]) // _HOUR_S).astype(np.intp), minlength=len(hours)).astype(np.float64)
    gaps: tuple[Gap, ...] = ()
    counted = open_.copy()
    for _ in range(2):  # a hole lowers the rate that it is judged by, so judge again without it
        rate = _rate(slot, count, counted)
        gaps = _gaps(t, hours, rate[slot] * open_) if resolution_s < _HOUR_S else ()
        for gap in gaps:
            counted[(hours >= gap.start) & (hours < gap.start + gap.hours * _HOUR_S - _HOUR_S)] = 0.0
    repeated = tuple(
        RepeatedHour(
            start=at - step,
            calls=int(((t >= at - step) & (t < at)).sum()),
            usual=float(_usual(slot, rate, hours, at - step) * step / _HOUR_S),
        )
        for at, step in back
    )
    calls, usual = sum(hour.calls for hour in repeated), sum(hour.usual for hour in repeated)
    return Doubts(
        resolution_s=resolution_s,
        gaps=gaps,
        repeated_hours=repeated,
        passes_merged=civil and calls > max(1.5 * usual, usual + 2 * usual**0.5),
        hours_off=_hours_off(history),
        sun_off_h=_sun_off_h(history),
    )


def _slots(shown: NDArray[np.float64], n: int) -> NDArray[np.intp]:
    """Hour of the week of each hour, or of the day where there are too few weeks."""
    hour = np.floor(shown / _HOUR_S).astype(np.intp)
    return hour % (168 if n >= _WEEKS_FOR_A_WEEK * 168 else 24)


def _rate(slot: NDArray[np.intp], count: NDArray[np.float64], open_: NDArray[np.float64]) -> NDArray[np.float64]:
    """Calls an hour by slot, over the hours that are open."""
    calls, length = np.bincount(slot, count * open_), np.bincount(slot, open_)
    rate: NDArray[np.float64] = np.divide(calls, length, out=np.zeros(len(calls)), where=length > 0)
    return rate


def _gaps(t: NDArray[np.float64], hours: NDArray[np.float64], expected: NDArray[np.float64]) -> tuple[Gap, ...]:
    """Stretches between calls in which so many were expected that chance would not leave them empty."""
    edges = np.append(hours, hours[-1] + _HOUR_S)
    missing = np.diff(np.interp(t, edges, np.concatenate(([0.0], np.cumsum(expected)))))
    longest = np.log(len(t) / _FALSE_ALARMS)  # of n stretches that are each exponential with mean 1
    return tuple(
        Gap(start=float(t[i]), hours=float((t[i + 1] - t[i]) / _HOUR_S), expected=float(missing[i]))
        for i in np.flatnonzero(missing > longest)
    )


def _usual(slot: NDArray[np.intp], rate: NDArray[np.float64], hours: NDArray[np.float64], at: float) -> float:
    return float(rate[slot[min(int((at - hours[0]) // _HOUR_S), len(slot) - 1)]])


def _hours_off(history: CallHistory) -> int:
    """Shift that brings the calls' day nearest to the day of the package's default demand."""
    if len(history) < _FEWEST:
        return 0
    day = np.bincount(history.local_hours() % 24, minlength=24)
    usual = default_hour_of_week().reshape(7, 24).sum(axis=0)
    alike = [float(np.corrcoef(np.roll(usual, shift), day)[0, 1]) if day.std() > 0 else 0.0 for shift in range(24)]
    best = int(np.argmax(alike))
    shift = best if best <= 12 else best - 24
    return shift if abs(shift) >= _FEWEST_HOURS_OFF and alike[best] - alike[0] > _CLEARER else 0


def _sun_off_h(history: CallHistory) -> float:
    """Hours that the clock is ahead of the mean sun at the calls' median longitude, 15 degrees an hour; 0 if usual."""
    lon = history.calls["lon"][~np.isnan(history.calls["lon"])]
    if not len(lon):
        return 0.0
    at = float(history.calls["t"][0])
    ahead = float(clock_seconds(np.array([at]), time_zone(history.timezone))[0]) - at
    off = (ahead / _HOUR_S - float(np.median(lon)) / 15 + 12) % 24 - 12
    return off if abs(off) > _SUN_OFF_H else 0.0
