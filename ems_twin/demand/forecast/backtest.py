"""Rolling-origin backtest: every model forecasts week after week from what was known then, and is scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from .metrics import WeekSums, week_sums
from .past import PastCalls
from .protocol import Forecaster
from .result import DemandForecast

EPSILON = 1e-3
"""Share of every forecast that is spread evenly over the area, for all models alike."""

Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """When forecasts are made and over which periods they are scored."""

    start: date
    """First day of the test, a Monday; everything before is history."""
    weeks: int | None = None
    """Weeks of test; None goes on to the end of the record."""
    issue_h: int = 168
    """A forecast is made every so many hours, for so many hours, from all calls until then; a divisor of 168."""
    periods_h: tuple[int, ...] = (1, 8, 24, 168)
    """Lengths of period that are scored, divisors of ``issue_h``; longer ones are left out."""
    epsilon: float = EPSILON
    """Share of each forecast spread evenly over the area."""
    seed: int = 1
    """For the randomised PIT."""

    def __post_init__(self) -> None:
        if self.start.weekday() != 0:
            raise InputError(f"{self.start} is not a Monday", field="start")
        for field, lengths in (("issue_h", (self.issue_h,)), ("periods_h", self.periods_h)):
            for length in lengths:
                if length <= 0 or 168 % length:
                    raise InputError(f"{length} does not divide the 168 hours of a week", field=field)
        if not 0 <= self.epsilon < 1:
            raise InputError(f"{self.epsilon} is not a share", field="epsilon")


@dataclass(eq=False, kw_only=True)
class Backtest:
    """Forecasts that were made in a backtest, and the calls that came."""

    plan: Plan
    n_weeks: int
    counts: dict[int, NDArray[np.float64]]
    """Calls by cell and period, by length of period."""
    week: dict[int, NDArray[np.intp]]
    """Week of each period, by length of period."""
    mean: dict[int, dict[str, NDArray[np.float64]]]
    """Forecasts by length of period and model, floored."""
    dispersion: dict[int, dict[str, NDArray[np.float64]]]
    seconds: dict[str, float]
    """Time that each model took, fits and forecasts; parts of a blend count with it."""

    def scores(
        self, area_km2: NDArray[np.float64], covered: NDArray[np.float64] | None = None
    ) -> dict[int, dict[str, WeekSums]]:
        """Score all models, by length of period and model."""
        return {
            length: {
                name: week_sums(
                    self.counts[length],
                    mean,
                    self.dispersion[length][name],
                    self.week[length],
                    area_km2,
                    seed=self.plan.seed,
                    covered=covered,
                )
                for name, mean in models.items()
            }
            for length, models in self.mean.items()
        }


def weeks_of_test(calls: PastCalls, plan: Plan) -> list[tuple[int, int]]:
    """First hour, and first hour after it, of each civil week of the test that lies wholly in the record.

    Raises
    ------
    InputError
        There is none, or no history before it.
    """
    found: list[tuple[int, int]] = []
    monday = plan.start
    while plan.weeks is None or len(found) < plan.weeks:
        after = monday + timedelta(days=7)
        span = calls.clock.first_hour(monday), calls.clock.first_hour(after)
        if span[1] > calls.end_hour:
            break
        found.append(span)
        monday = after
    if not found or found[0][0] < calls.first_hour + 168:
        raise InputError(
            "there is no whole week of test with at least a week of history before it",
            field="start",
            remedy="Choose a Monday inside the record.",
        )
    return found


def run_backtest(
    calls: PastCalls, models: Mapping[str, Forecaster], plan: Plan, *, progress: Progress | None = None
) -> Backtest:
    """Let models forecast each week of a test from the weeks before it.

    At the beginning of each week every model is fitted to the calls before it. Within the week it forecasts every
    ``plan.issue_h`` hours and is told the calls of those hours afterwards. A model never holds a later call than the
    record it was handed, which ends where the forecast begins.

    Parameters
    ----------
    calls
        Whole record.
    models
        Fresh models by name. Of a model with ``parts``, forecasts by name, such as a blend's members, those that are
        not among the models themselves are kept as well.
    plan
        When, how long, and the floor.
    progress
        Told about each week.
    """
    spans = weeks_of_test(calls, plan)
    periods = tuple(length for length in plan.periods_h if plan.issue_h % length == 0)
    out = Backtest(
        plan=plan,
        n_weeks=len(spans),
        counts={},
        week={},
        mean={length: {} for length in periods},
        dispersion={length: {} for length in periods},
        seconds=dict.fromkeys(models, 0.0),
    )
    kept: dict[tuple[int, str], list[DemandForecast]] = {}
    clock = calls.clock
    for i, (first, end) in enumerate(spans):
        begin_s = float(clock.start_s(first))
        history = calls.between(calls.since_s, begin_s)
        hours = np.arange(first, end)
        issues = np.append(hours[np.flatnonzero(np.diff(clock.block(hours, plan.issue_h), prepend=-1))], end)
        for name, model in models.items():
            clocked = perf_counter()
            model.fit(history)
            for a, b in zip(issues[:-1].tolist(), issues[1:].tolist(), strict=True):
                start_s, end_s = clock.start_s([a, b]).tolist()
                forecast = model.predict(start_s, b - a)
                parts = {part: said for part, said in getattr(model, "parts", {}).items() if part not in models}
                for part, given in {name: forecast, **parts}.items():
                    for length in periods:
                        kept.setdefault((length, part), []).append(given.floored(plan.epsilon).summed(length))
                if b < end:
                    model.update(calls.between(start_s, end_s))
            out.seconds[name] += perf_counter() - clocked
        if progress is not None:
            progress(f"week {i + 1} of {len(spans)}")
    for length in periods:
        _collect_counts(out, calls, spans, length)
        for part in [name for key, name in kept if key == length]:
            given_all = kept[length, part]
            out.mean[length][part] = np.concatenate([given.mean for given in given_all], axis=1)
            out.dispersion[length][part] = np.concatenate(
                [np.broadcast_to(given.dispersion, given.mean.shape) for given in given_all], axis=1
            )
    return out


def _collect_counts(out: Backtest, calls: PastCalls, spans: list[tuple[int, int]], length: int) -> None:
    first, end = spans[0][0], spans[-1][1]
    hours = np.arange(first, end)
    starts = np.flatnonzero(np.diff(calls.clock.block(hours, length), prepend=-1))
    row = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(hours))))
    a, b = np.searchsorted(calls.hour, [first, end])
    flat = calls.cell[a:b].astype(np.int64) * len(starts) + row[calls.hour[a:b] - first]
    table = np.bincount(flat, minlength=len(calls.cells) * len(starts)).reshape(len(calls.cells), len(starts))
    out.counts[length] = table.astype(np.float64)
    mondays = np.array([span[0] for span in spans])
    out.week[length] = np.searchsorted(mondays, hours[starts], side="right") - 1
