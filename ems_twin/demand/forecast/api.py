"""Models by name, and a backtest of plain arrays: what a command line calls."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ...errors import InputError
from .backtest import EPSILON, Backtest, Plan, Progress, run_backtest
from .blend import Blend
from .cells import Cells
from .glm import CallRegression
from .hour_of_week import ConstantShares, HourOfWeek
from .kernels import PlaneKernel
from .medic import Medic
from .past import PastCalls, past_calls
from .protocol import Forecaster
from .report import compare, table
from .self_exciting import SelfExciting
from .split import Prior, VolumeDensity, area_prior
from .st_kde import SpaceTimeKernel
from .trees import BoostedTrees

HORIZONS_H = (1, 8, 24, 168)
"""Hours ahead for which forecasts are made and scored, one period of that length each."""
OPPONENTS = ("hour_of_week", "medic", "constant_shares")

_MODELS: dict[str, Callable[[Collection[date], Prior], Forecaster]] = {
    "medic": lambda _, __: Medic(),
    "hour_of_week": lambda _, __: HourOfWeek(),
    "hour_of_week_year": lambda _, __: HourOfWeek(weeks=52),
    "constant_shares": lambda _, __: ConstantShares(),
    "volume_density": VolumeDensity,
    "st_kde": lambda holidays, _: SpaceTimeKernel(holidays),
    "glm_poisson": lambda holidays, prior: CallRegression(holidays, prior=prior),
    "glm_nb": lambda holidays, prior: CallRegression(holidays, negative_binomial=True, prior=prior),
    "trees": lambda holidays, prior: BoostedTrees(holidays, prior=prior),
    "self_exciting": lambda holidays, prior: SelfExciting(VolumeDensity(holidays, prior)),
}
MODELS = (*_MODELS, "blend")
"""Names of the models."""
BLENDED = ("volume_density", "hour_of_week", "constant_shares", "glm_nb", "trees", "st_kde")
"""Members of the blend."""


def make_models(
    names: Sequence[str], *, holidays: Collection[date] = (), prior: Prior = area_prior
) -> dict[str, Forecaster]:
    """Fresh forecasters by name.

    Parameters
    ----------
    names
        Out of :data:`MODELS`.
    holidays
        Civil days that count as holidays.
    prior
        Toward which shares sparse cells are shrunk: their area's, or those of a
        :class:`~ems_twin.demand.forecast.kernels.PlaneKernel` or ``RoadKernel``.

    Raises
    ------
    InputError
        A name is unknown.
    """
    unknown = [name for name in names if name not in MODELS]
    if unknown:
        raise InputError(f"'{unknown[0]}' is not a model", field="models", remedy=f"There are {', '.join(MODELS)}.")
    made: dict[str, Forecaster] = {}
    for name in names:
        if name == "blend":
            made[name] = Blend({member: _MODELS[member](holidays, prior) for member in BLENDED})
        else:
            made[name] = _MODELS[name](holidays, prior)
    return made


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
        Names out of :data:`MODELS`; MEDIC and the hour of the week are always among them.
    horizons_h
        Hours ahead.
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
    for horizon in horizons_h:
        prior: Prior = PlaneKernel() if smooth_places else area_prior
        plan = Plan(start=start, weeks=weeks, issue_h=horizon, periods_h=(horizon,), epsilon=epsilon, seed=seed)
        found = run_backtest(calls, make_models(names, holidays=holidays, prior=prior), plan, progress=progress)
        lags = medic_lags(calls, plan, found.n_weeks)
        compared = compare(found.scores(cells.area_km2, reached)[horizon], OPPONENTS, seed=seed)
        record["horizons"][str(horizon)] = {
            "weeks": found.n_weeks,
            "calls_a_cell_and_period": float(found.counts[horizon].mean()),
            "medic_lags": lags,
            "bound_over_medic": 1 / (lags + 1),
            "seconds": {name: round(s, 3) for name, s in found.seconds.items()},
            "models": compared,
        }
        runs[horizon] = found
        lines += [
            f"{horizon} h ahead: {found.n_weeks} weeks, {len(cells)} cells, "
            f"{found.counts[horizon].mean():.3g} calls a cell and period; MEDIC has L = {lags:.3g} lags, "
            f"so nothing beats it by more than 1/(L+1) = {100 / (lags + 1):.1f} % of MSE at a steady rate",
            *table(compared, "hour_of_week"),
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
