"""How many calls a whole city makes in each hour: week, season, holidays, and a level that follows the times.

``expected(t) = level(t) · week[hour of week] · season[day of year] · holiday[day]``. The week and the holidays are
shrunk toward a simpler shape as a gamma-Poisson model says. The level is a discounted gamma filter (Harvey &
Fernandes 1989, Journal of Business & Economic Statistics 7:407-417): past calls and past expectations both fade with
a half-life, and their ratio is the level. A second, fast filter of the same kind catches busy and quiet half-days; it
is pulled toward 1, so that it dies out as the forecast looks further ahead.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy import signal, special

from .counting import binned
from .hours import HOUR_S, civil_day
from .past import PastCalls

HALF_LIVES_DAYS = (14.0, 28.0, 56.0, 112.0, 224.0, 448.0, 1e6)
FAST_HALF_LIVES_H = (3.0, 12.0, 48.0)
FAST_STRENGTHS_H = (4.0, 16.0, 64.0, 256.0)
_SEASON_FROM_DAYS = 540
_YEAR_DAYS = 365.2425
_HOLIDAY_STRENGTH_DAYS = 1.0
_FAST_WEEKS = 52


def shrunk_ratio(y: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ratio of observed to expected counts, pulled toward 1 as far as Poisson noise explains its spread.

    ``y ~ Poisson(expected · θ)``, ``θ ~ Gamma(k, k)``, so the posterior mean is ``(k + y) / (k + expected)``; k by
    moments, ``k = Σ expected² / Σ[(y - expected)² - expected]`` (Clayton & Kaldor 1987, Biometrics 43:671-681).
    """
    beyond = float(np.sum((y - expected) ** 2 - expected))
    if beyond <= 0:
        return np.ones_like(expected)
    k = float(np.sum(expected**2)) / beyond
    return np.asarray((k + y) / (k + expected), np.float64)


class VolumeCurve:
    """Expected calls of the whole area by hour, which new calls move.

    Parameters
    ----------
    holidays
        Civil days on which people live as on a Sunday or a feast.
    """

    def __init__(self, holidays: Collection[date] = ()) -> None:
        self._holidays = np.array(sorted(civil_day(day) for day in holidays), dtype=np.int64)
        self.half_life_days = np.inf
        """Half-life of the level."""
        self.fast: tuple[float, float] | None = None
        """Half-life (hours) and strength (calls) of the fast filter; None where it does not help."""
        self.fitted = np.empty(0)
        """Calls expected in each hour of the record, with the level that the days before it give."""
        self._a, self._b = 0.0, 1.0
        self._fast_y, self._fast_e = 0.0, 0.0

    def fit(self, calls: PastCalls) -> None:
        """Learn from whole hours of a record."""
        clock = calls.clock
        self._clock = clock
        hours, y = calls.hours, calls.totals()
        how = clock.hour_of_week(hours)
        n, seen = binned(how, 168), binned(how, 168, y)
        rate = seen / np.maximum(n, 1)
        mean = max(float(rate.mean()), 1e-12)
        simple = _separable(rate)
        self._week = simple * shrunk_ratio(seen, n * simple) / mean
        self._season = np.zeros(4)
        self._holiday = 1.0
        day, day_y, day_e = self._by_day(hours, y)
        if len(day) >= _SEASON_FROM_DAYS:
            self._fit_season(day, day_y, day_e)
        if len(self._holidays):
            day, day_y, day_e = self._by_day(hours, y)
            free = np.isin(day, self._holidays)
            usual = float(day_y[~free].sum()) / max(float(day_e[~free].sum()), 1e-12)
            prior = _HOLIDAY_STRENGTH_DAYS * mean * 24
            self._holiday = (prior + float(day_y[free].sum())) / (prior + usual * float(day_e[free].sum()))
        level = self._fit_level(hours, y)
        self.fitted = level * self.shape(hours)
        self._fit_fast(y, self.fitted, mean)
        self._until_s = float(clock.start_s(calls.end_hour))
        late = calls.between(self._until_s, calls.until_s)
        if calls.until_s > self._until_s:
            self.update(len(late), calls.until_s)

    def shape(self, hours: NDArray[np.int64]) -> NDArray[np.float64]:
        """Week, season and holidays without the level: 1 in a mean hour."""
        day = self._clock.day(hours)
        out = self._week[self._clock.hour_of_week(hours)]
        if self._season.any():
            out = out * np.exp(_harmonics(day) @ self._season)
        if len(self._holidays):
            out = np.where(np.isin(day, self._holidays), self._holiday, 1.0) * out
        return np.asarray(out, np.float64)

    def at(self, hours: NDArray[np.int64]) -> NDArray[np.float64]:
        """Expected calls in each hour, from what is known so far."""
        expected = self._a / self._b * self.shape(hours)
        if self.fast is None:
            return np.asarray(expected, np.float64)
        half_life, strength = self.fast
        lead = np.maximum(self._clock.start_s(hours) - self._until_s, 0.0) / HOUR_S
        fade = 0.5 ** (lead / half_life)
        return np.asarray(expected * (strength + fade * self._fast_y) / (strength + fade * self._fast_e), np.float64)

    def update(self, n_calls: int, until_s: float) -> None:
        """Take note that ``n_calls`` came between the end of what is known and ``until_s``."""
        if until_s <= self._until_s:
            return
        hours = np.arange(int(self._clock.hour(self._until_s)), int(self._clock.hour(until_s - 1e-6)) + 1)
        begin = self._clock.start_s(hours)
        part = (np.minimum(begin + HOUR_S, until_s) - np.maximum(begin, self._until_s)) / HOUR_S
        exposure = float(part @ self.shape(hours))
        passed = (until_s - self._until_s) / HOUR_S
        if self.fast is not None:
            fade = 0.5 ** (passed / self.fast[0])
            self._fast_e = fade * self._fast_e + exposure * self._a / self._b
            self._fast_y = fade * self._fast_y + n_calls
        fade = 0.5 ** (passed / 24 / self.half_life_days)
        self._a, self._b = fade * self._a + n_calls, fade * self._b + exposure
        self._until_s = until_s

    def _by_day(
        self, hours: NDArray[np.int64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        day, row = np.unique(self._clock.day(hours), return_inverse=True)
        return day, binned(row, len(day), y), binned(row, len(day), self.shape(hours))

    def _fit_season(self, day: NDArray[np.int64], y: NDArray[np.float64], e: NDArray[np.float64]) -> None:
        from sklearn.linear_model import PoissonRegressor

        trend = (day - day.mean()) / _YEAR_DAYS
        model = PoissonRegressor(alpha=1e-4, max_iter=300)
        model.fit(np.column_stack([_harmonics(day), trend]), y / np.maximum(e, 1e-9), sample_weight=np.maximum(e, 1e-9))
        self._season = np.asarray(model.coef_[:4], np.float64)

    def _fit_level(self, hours: NDArray[np.int64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Choose the half-life by how well each day is foretold by those before it; answer the level by hour."""
        day, day_y, day_e = self._by_day(hours, y)
        best = -np.inf
        row = self._clock.day(hours) - day[0]
        for half_life in HALF_LIVES_DAYS:
            keep = 0.5 ** (1 / half_life)
            a = signal.lfilter([1.0], [1.0, -keep], day_y)
            b = signal.lfilter([1.0], [1.0, -keep], day_e)
            size, expected = a[:-1] + 0.5, (a[:-1] + 0.5) / (b[:-1] + 0.5) * day_e[1:]
            late = slice(min(28, len(size) // 2), None)
            fit = float(_nb_log_pmf(day_y[1:], expected, size)[late].sum())
            if fit > best:
                best, self.half_life_days = fit, half_life
                self._a, self._b = float(a[-1]), float(b[-1])
                level = np.concatenate([[a[0] / max(b[0], 1e-9)], (a[:-1] + 0.5) / (b[:-1] + 0.5)])
        self._b = max(self._b, 1e-9)
        return np.asarray(level[row], np.float64)

    def _fit_fast(self, y: NDArray[np.float64], expected: NDArray[np.float64], mean: float) -> None:
        y, expected = y[-168 * _FAST_WEEKS :], expected[-168 * _FAST_WEEKS :]
        best = float(np.sum(special.xlogy(y, np.maximum(expected, 1e-12)) - expected))
        self.fast, self._fast_y, self._fast_e = None, 0.0, 0.0
        for half_life in FAST_HALF_LIVES_H:
            keep = 0.5 ** (1 / half_life)
            seen, due = (signal.lfilter([1.0], [1.0, -keep], v) for v in (y, expected))
            for strength in FAST_STRENGTHS_H:
                k = strength * mean
                factor = np.concatenate([[1.0], (k + keep * seen[:-1]) / (k + keep * due[:-1])])
                fit = float(np.sum(special.xlogy(y, np.maximum(expected * factor, 1e-12)) - expected * factor))
                if fit > best + 2:  # two parameters more must earn their place (Akaike 1974)
                    best, self.fast = fit, (half_life, k)
                    self._fast_y, self._fast_e = float(seen[-1]), float(due[-1])


def _separable(rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hour of the day, smoothed, for weekdays and for the weekend, times the day of the week."""
    table = rate.reshape(7, 24)
    out = np.empty_like(table)
    for days in ([0, 1, 2, 3, 4], [5, 6]):
        hour = table[days].mean(0)
        smooth = 0.25 * np.roll(hour, 1) + 0.5 * hour + 0.25 * np.roll(hour, -1)
        out[days] = smooth * (table[days].mean(1) / max(float(hour.mean()), 1e-12))[:, None]
    return out.ravel()


def _harmonics(day: NDArray[np.int64]) -> NDArray[np.float64]:
    angle = 2 * np.pi * day / _YEAR_DAYS
    return np.stack([np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)], 1)


def _nb_log_pmf(y: NDArray[np.float64], mean: NDArray[np.float64], size: NDArray[np.float64]) -> NDArray[np.float64]:
    from .laws import log_pmf

    return log_pmf(y, mean, 1 / size)
