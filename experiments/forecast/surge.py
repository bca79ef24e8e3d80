"""A marathon-like surge put into a real history, and whether the overlay of known events recovers it.

Each Sunday of the test gets an invented event: a course through the cells, open from 8 to 16 o'clock, on which calls
rise by a factor drawn from the lognormal law that the forecaster is told (mean 1.8, doubt 0.25) - or, in the second
half of the study, from a law twice as strong as it is told with a doubt of 0.5. Surplus calls are drawn from the
course's own calls of that hour of the week, so that they fall where calls fall. For every Sunday we ask: does the 90 %
interval given the evening before hold the number that came, does the share of the city's calls on the course agree,
and does the interval of the factor learnt by 16 o'clock hold the true one?
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from records import Case

from ems_twin.demand.forecast import laws
from ems_twin.demand.forecast.events import KnownEvent, KnownEvents
from ems_twin.demand.forecast.past import PastCalls
from ems_twin.demand.forecast.split import VolumeDensity

ROUNDS = 20
BEGIN_H, HOURS = 8, 8
TOLD = {"as told": (1.8, 0.25, 1.8, 0.25), "stronger than told": (1.8, 0.5, 3.0, 0.25)}
"""By case: mean and doubt that the forecaster is told, mean and doubt of the law that the truth is drawn from."""


def study(case: Case) -> tuple[dict[str, Any], list[str]]:
    """Run both cases on all Sundays, several times each."""
    calls = case.calls()
    course = _course(case)
    lines = [
        f"Invented surges in {case.title}; source of the history: {case.source}",
        f"{len(course)} of {len(case.cells)} cells, {BEGIN_H} to {BEGIN_H + HOURS} o'clock on Sundays, {ROUNDS} draws each",
        "",
    ]
    record: dict[str, Any] = {"title": case.title, "source": case.source, "cells": len(course), "rounds": ROUNDS}
    for label, law in TOLD.items():
        found = np.array(list(_sundays(case, calls, course, law)))
        expected, came, inside, told_share, came_share, ordinary_share, held, learnt, truth, blind = found.T
        entry = {
            "sundays": len(found),
            "calls_expected": float(expected.mean()),
            "calls_expected_without_the_event": float(blind.mean()),
            "calls_came": float(came.mean()),
            "volume_in_90_interval": float(inside.mean()),
            "share_on_course_expected": float(told_share.mean()),
            "share_on_course_came": float(came_share.mean()),
            "share_on_course_without_the_event": float(ordinary_share.mean()),
            "factor_in_learnt_90_interval": float(held.mean()),
            "factor_learnt_over_true": float(np.mean(learnt / truth)),
            "factor_error_told": float(np.mean(np.abs(law[0] - truth))),
            "factor_error_learnt": float(np.mean(np.abs(learnt - truth))),
        }
        record[label] = entry
        lines += [label, *(f"  {name.replace('_', ' '):<36}{value:>9.3f}" for name, value in entry.items()), ""]
    return record, lines


def _course(case: Case) -> NDArray[np.intp]:
    """Cells along a line from the south-west to the north-east of the area."""
    x, y = case.cells.metres()
    x, y = x - x.mean(), y - y.mean()
    return np.flatnonzero(np.abs(x - y) / np.sqrt(2) < 500)


def _sundays(case: Case, calls: PastCalls, course: NDArray[np.intp], law: tuple[float, ...]) -> Any:
    told, doubt, real, spread = law
    rng = np.random.default_rng(1)
    clock, sunday = calls.clock, case.start + timedelta(days=6)
    while clock.first_hour(sunday + timedelta(days=1)) <= calls.end_hour:
        midnight = clock.first_hour(sunday)
        begin_s, end_s, evening_s = clock.start_s(midnight + np.array([BEGIN_H, BEGIN_H + HOURS, 0])).tolist()
        known = calls.between(calls.since_s, evening_s)
        base = VolumeDensity()
        base.fit(known)
        event = KnownEvent(name="course", start_s=begin_s, end_s=end_s, cells=course, multiplier=told, doubt=doubt)
        same_hours = np.isin(known.cell, course) & (clock.hour_of_week(known.hour) // 24 == 6)
        same_hours &= (clock.hour_of_week(known.hour) % 24 >= BEGIN_H) & (
            clock.hour_of_week(known.hour) % 24 < BEGIN_H + HOURS
        )
        pool = known.cell[same_hours]
        day = calls.between(evening_s, float(clock.start_s(clock.first_hour(sunday + timedelta(days=1)))))
        window = slice(BEGIN_H, BEGIN_H + HOURS)
        plain = base.predict(evening_s, 24)
        for _ in range(ROUNDS):
            truth = float(np.exp(rng.normal(np.log(real) - spread**2 / 2, spread)))
            due = plain.mean[course, window].sum()
            live = _with_surplus(day, pool, rng.poisson((truth - 1) * due) if truth > 1 else 0, begin_s, end_s, rng)
            model = KnownEvents(_Kept(base, plain), [event])
            forecast = model.predict(evening_s, 24)
            mean = float(forecast.mean[course, window].sum())
            # a sum over cells and hours: the event's doubt is common to all of it, and of the ordinary dispersion
            # what lasts a week, which is what cells and hours have in common
            alpha = (1 + plain.by_span[3].dispersion(mean)) * np.exp(doubt**2) - 1
            on_course = np.isin(live.cell, course) & (live.time_s >= begin_s) & (live.time_s < end_s)
            in_window = (live.time_s >= begin_s) & (live.time_s < end_s)
            y = int(on_course.sum())
            low, high = laws.cdf(y - 1, mean, alpha), laws.cdf(y, mean, alpha)
            inside = np.clip(min(high, 0.95) - max(low, 0.05), 0, None) / max(float(high - low), 1e-300)
            model.update(live)
            a, b = model.events[0].interval
            yield (
                mean,
                y,
                float(inside),
                mean / forecast.mean[:, window].sum(),
                y / max(int(in_window.sum()), 1),
                plain.mean[course, window].sum() / plain.mean[:, window].sum(),
                a <= truth <= b,
                model.events[0].multiplier,
                truth,
                due,
            )
        sunday += timedelta(days=7)


class _Kept:
    """The base forecast of one day, made once for all draws."""

    name = "kept"

    def __init__(self, base: VolumeDensity, day: Any) -> None:
        self._day, self._base = day, base

    def fit(self, calls: PastCalls) -> None:
        raise NotImplementedError

    def predict(self, start_s: float, periods: int) -> Any:
        first = int(self._day.clock.hour(start_s)) - int(self._day.hour[0])
        part = slice(first, first + periods)
        spread = np.broadcast_to(self._day.dispersion, self._day.mean.shape)[:, part]
        return replace(self._day, hour=self._day.hour[part], mean=self._day.mean[:, part], dispersion=spread)

    def update(self, new_calls: PastCalls) -> None:
        pass


def _with_surplus(
    day: PastCalls, pool: NDArray[np.int32], n: int, begin_s: float, end_s: float, rng: np.random.Generator
) -> PastCalls:
    time_s = np.concatenate([day.time_s, rng.uniform(begin_s, end_s, n)])
    cell = np.concatenate([day.cell, rng.choice(pool, n)])
    order = np.argsort(time_s)
    return replace(day, time_s=time_s[order], cell=cell[order], place=None)
