"""A backtest of plain arrays, scored and told: what a command line calls."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .backtest import EPSILON, Backtest, Plan, Progress, run_backtest
from .catalogue import make_models
from .cells import Cells
from .kernels import PlaneKernel
from .medic import Medic
from .past import PastCalls, past_calls
from .report import compare, coverage_table, table
from .split import Prior, area_prior

HORIZONS_H = (1, 8, 24, 168)
"""Lengths of period, hours, that are forecast and scored by default."""
OPPONENTS = ("hour_of_week", "medic", "constant_shares")
"""Models that every other is compared with."""


@dataclass(frozen=True, eq=False, kw_only=True)
class BacktestReport:
    """Scores by horizon, as a record and as lines."""

    record: dict[str, Any]
    """For machines: settings, and by horizon and model every score with intervals and changes."""
    lines: list[str]
    """For people."""
    backtests: dict[int, Backtest]
    """The forecasts themselves, by horizon."""


def backtest_events(
    time_s: ArrayLike,
    cells: Cells,
    timezone: str,
    *,
    start: date,
    cell: ArrayLike | None = None,
    lon: ArrayLike | None = None,
    lat: ArrayLike | None = None,
    models: Sequence[str] = ("medic", "hour_of_week", "volume_density", "blend"),
    horizons_h: Sequence[int] = HORIZONS_H,
    issue_h: int | None = None,
    weeks: int | None = None,
    holidays: Collection[date] = (),
    smooth_places: bool = False,
    covered: ArrayLike | None = None,
    epsilon: float = EPSILON,
    seed: int = 1,
    progress: Progress | None = None,
) -> BacktestReport:
    """Backtest models on calls given as plain arrays.

    Parameters
    ----------
    time_s
        POSIX times at which calls were received, length n, in any order.
    cells
        Where calls are counted; made without the calls of the test.
    timezone
        IANA name of the city's civil time.
    start
        First day of the test, a Monday.
    cell, lon, lat
        Row of each call's cell, -1 for none, or its place in degrees.
    models
        Names out of :data:`~ems_twin.demand.forecast.catalogue.MODELS`; MEDIC and the hour of the week are always among them.
    horizons_h
        Lengths of the periods that are forecast and scored, hours.
    issue_h
        Forecasts are made every so many hours, for so many hours; None makes them at the beginning of each period.
    weeks
        Weeks of test; None goes on to the end.
    holidays
        Civil days that count as holidays.
    smooth_places
        Shrink sparse cells toward a kernel density instead of their area; needs cells with places.
    covered
        Share of each cell that units reach in time, for the operational error.
    epsilon
        Share of every forecast spread evenly over the area.
    seed
        For the randomised PIT and for the draws of weeks.
    progress
        Told about each week.

    Raises
    ------
    InputError
        Something given is wrong; the message names it.
    """
    calls = past_calls(time_s, cells, timezone, cell=cell, lon=lon, lat=lat)
    names = tuple(dict.fromkeys(("medic", "hour_of_week", *models)))
    reached = None if covered is None else np.asarray(covered, np.float64)
    lines: list[str] = []
    runs: dict[int, Backtest] = {}
    record: dict[str, Any] = {
        "calls": len(calls),
        "cells": len(cells),
        "calls_outside": calls.outside,
        "timezone": timezone,
        "start": start.isoformat(),
        "epsilon": epsilon,
        "seed": seed,
        "horizons": {},
    }
    groups = [(h, (h,)) for h in horizons_h] if issue_h is None else [(issue_h, tuple(horizons_h))]
    for issue, periods in groups:
        prior: Prior = PlaneKernel() if smooth_places else area_prior
        plan = Plan(start=start, weeks=weeks, issue_h=issue, periods_h=periods, epsilon=epsilon, seed=seed)
        found = run_backtest(calls, make_models(names, holidays=holidays, prior=prior), plan, progress=progress)
        lags = medic_lags(calls, plan, found.n_weeks)
        scored = found.scores(cells.area_km2, reached)
        for horizon in periods:
            compared = compare(scored[horizon], OPPONENTS, seed=seed)
            record["horizons"][str(horizon)] = {
                "issued_every_h": issue,
                "weeks": found.n_weeks,
                "calls_a_cell_and_period": float(found.counts[horizon].mean()),
                "medic_lags": lags,
                "bound_over_medic": 1 / (lags + 1),
                "seconds": {name: round(s, 3) for name, s in found.seconds.items()},
                "models": compared,
            }
            runs[horizon] = found
            lines += [
                f"Periods of {horizon} h, forecast every {issue} h: {found.n_weeks} weeks, {len(cells)} cells, "
                f"{found.counts[horizon].mean():.3g} calls a cell and period. MEDIC has L = {lags:.3g} lags, "
                f"so nothing beats it by more than 1/(L+1) = {100 / (lags + 1):.1f} % of MSE at a steady rate.",
                *table(compared, "hour_of_week"),
                *([] if reached is None else ["", *coverage_table(compared, "hour_of_week")]),
                "",
            ]
    lines.append(f"Every forecast has a share of {epsilon:g} spread evenly; 95 % intervals by drawing whole weeks.")
    return BacktestReport(record=record, lines=lines, backtests=runs)


def medic_lags(calls: PastCalls, plan: Plan, n_weeks: int) -> float:
    """Mean number of past values behind MEDIC's forecasts in the first and the last week of a test."""
    used = []
    for week in {0, n_weeks - 1}:
        first = calls.clock.first_hour(plan.start + timedelta(days=7 * week))
        medic = Medic()
        medic.fit(calls.between(calls.since_s, float(calls.clock.start_s(first))))
        used.append(medic.lags_used(first + np.arange(168)).mean())
    return float(np.mean(used))
