"""Intervals for scores of forecasts: whole weeks are drawn again, since the hours of a week depend on each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000


@dataclass(frozen=True)
class Estimate:
    """A value with the interval that the block bootstrap gives it."""

    value: float
    low: float
    high: float

    def excludes_zero(self) -> bool:
        """Whether the interval lies wholly above or wholly below 0."""
        return self.low > 0 or self.high < 0


def week_draws(n_weeks: int, *, seed: int, draws: int = DRAWS) -> NDArray[np.float64]:
    """How often each week is in each draw, of shape (draws, n_weeks), for all scores of a study alike."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(n_weeks, np.full(n_weeks, 1 / n_weeks), size=draws).astype(np.float64)


def ratio(top: NDArray[np.float64], bottom: NDArray[np.float64], draws: NDArray[np.float64]) -> Estimate:
    """``Σ top / Σ bottom`` over weeks, both of length w, with its 95 % percentile interval."""
    return _estimate(_safe(top.sum(), bottom.sum()), _safe(draws @ top, draws @ bottom))


def ratio_change(
    top: NDArray[np.float64],
    bottom: NDArray[np.float64],
    other_top: NDArray[np.float64],
    other_bottom: NDArray[np.float64],
    draws: NDArray[np.float64],
    *,
    relative: bool,
) -> Estimate:
    """One ratio over weeks against another's, paired by week: quotient less 1 if ``relative``, else difference."""
    mine, other = _safe(top.sum(), bottom.sum()), _safe(other_top.sum(), other_bottom.sum())
    mine_drawn, other_drawn = _safe(draws @ top, draws @ bottom), _safe(draws @ other_top, draws @ other_bottom)
    if relative:
        return _estimate(_safe(mine, other) - 1, _safe(mine_drawn, other_drawn) - 1)
    return _estimate(mine - other, mine_drawn - other_drawn)


def _safe(top: NDArray[np.float64], bottom: NDArray[np.float64]) -> NDArray[np.float64]:
    top, bottom = np.asarray(top, np.float64), np.asarray(bottom, np.float64)
    return np.divide(top, bottom, out=np.full(np.broadcast(top, bottom).shape, np.nan), where=bottom != 0)


def _estimate(value: NDArray[np.float64], drawn: NDArray[np.float64]) -> Estimate:
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.percentile(drawn, [2.5, 97.5]) if len(drawn) else (np.nan, np.nan)
    return Estimate(float(value), float(low), float(high))
