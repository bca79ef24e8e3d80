from __future__ import annotations

import numpy as np
import pytest

from ems_twin.demand.forecast.cells import Cells, square_cells
from ems_twin.demand.forecast.past import PastCalls, past_calls

MONDAY_S = 1704085200.0  # 2024-01-01 00:00 in New York
WEEK_S = 168 * 3600.0


def grid(n: int) -> Cells:
    """n times n squares of 1 km near New York."""
    x, y = np.meshgrid(np.arange(n), np.arange(n))
    return square_cells(-74 + 0.01185 * x.ravel(), 40.7 + 0.009 * y.ravel(), 1000.0)


def true_rates(cells: Cells, per_hour: float) -> np.ndarray:
    """Rates by cell and hour of the week: busier by day, and more so in the first half of the cells."""
    hour = np.arange(168) % 24
    by_day = 1 + 0.6 * np.sin((hour - 8) / 24 * 2 * np.pi)
    share = np.linspace(3, 1, len(cells))
    table = share[:, None] * np.where((np.arange(len(cells)) < len(cells) / 2)[:, None], by_day, 2 - by_day)
    return table / table.sum(0).mean() * per_hour


def drawn(cells: Cells, rates: np.ndarray, weeks: int, seed: int, growth: float = 0.0) -> PastCalls:
    """Poisson calls of whole weeks in New York, from 2024-01-01, with a yearly growth of the rates."""
    rng = np.random.default_rng(seed)
    level = np.exp(growth * np.arange(weeks * 168) / 8766)
    counts = rng.poisson(np.tile(rates, weeks) * level)
    cell, hour = np.nonzero(counts)
    n = counts[cell, hour]
    time_s = MONDAY_S + 3600.0 * np.repeat(hour, n) + rng.uniform(0, 3600, n.sum())
    return past_calls(
        time_s,
        cells,
        "America/New_York",
        cell=np.repeat(cell, n),
        since_s=MONDAY_S,
        until_s=MONDAY_S + weeks * WEEK_S,
    )


@pytest.fixture(scope="session")
def cells() -> Cells:
    return grid(4)


@pytest.fixture(scope="session")
def rates(cells: Cells) -> np.ndarray:
    return true_rates(cells, 6.0)


@pytest.fixture(scope="session")
def record(cells: Cells, rates: np.ndarray) -> PastCalls:
    """Thirty weeks, of which the hours between the changes of the clocks are shifted by one."""
    return drawn(cells, rates, 30, seed=1)
