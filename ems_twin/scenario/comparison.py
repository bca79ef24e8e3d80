"""What a paired comparison has found, and the intervals of its differences."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..city.hexagons import HexGrid
from ..simulation.statistics import Estimate, Paired, compare, mean_interval_of
from .contender import Contender
from .figures import OUTCOMES, Replication


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """What was found. Figures of a contender are by replication, in the same order for all."""

    city: City
    units: int
    start: datetime
    duration_s: float
    seed: int
    volume: float
    bays: bool
    warm_up_s: float
    level: float
    """Probability with which each interval holds the true mean."""
    baseline: str
    contenders: tuple[Contender, ...]
    replications: tuple[int, ...]
    """Numbers of the replications."""
    found: dict[str, tuple[Replication, ...]]
    """Replications of each contender, by name."""
    grid: HexGrid
    """Cells of the maps."""
    why_stopped: str
    """Why there are so many replications."""

    def values(self, name: str, outcome: str) -> NDArray[np.float64]:
        """An outcome of a contender, shape (replications,)."""
        return np.array([one.values[outcome] for one in self.found[name]])

    def estimate(self, name: str, outcome: str) -> Estimate | None:
        """Its mean with the interval; None where it is not known in all replications."""
        values = self.values(name, outcome)
        return mean_interval_of(values, level=self.level) if np.isfinite(values).all() else None

    def paired(self, name: str, outcome: str, *, against: str | None = None) -> Paired | None:
        """A contender against the baseline (or another), pair by pair; None where it is not known."""
        a, b = self.values(against or self.baseline, outcome), self.values(name, outcome)
        if not (np.isfinite(a).all() and np.isfinite(b).all()):
            return None
        return compare(a, b, level=self.level)

    def relative(self, name: str, outcome: str, *, against: str | None = None) -> Estimate | None:
        """Relative change against the baseline (or another) with its interval; None where it is not known."""
        a, b = self.values(against or self.baseline, outcome), self.values(name, outcome)
        if not (np.isfinite(a).all() and np.isfinite(b).all()) or not a.mean():
            return None
        return relative_change(a, b, level=self.level)

    def calls_by_cell(self) -> NDArray[np.float64]:
        """Calls of the baseline that a unit reached in each cell, over all replications, shape (cells,)."""
        total: NDArray[np.float64] = np.sum([one.cell_calls for one in self.found[self.baseline]], axis=0)
        return total

    def cells(self, name: str, what: str = "response_s") -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Difference from the baseline by cell, and half the width of its interval.

        Parameters
        ----------
        name
            The contender.
        what
            ``response_s``, seconds of the mean response, or ``late``, share of late calls.

        Returns
        -------
        difference, half_width : float64[cells]
            NaN where a replication has no call that a unit reached; weighed by calls.
        """
        parts: list[NDArray[np.float64]] = []
        for one in (self.baseline, name):
            runs = self.found[one]
            parts.append(np.array([r.cell_response_s if what == "response_s" else r.cell_late for r in runs]))
            parts.append(np.array([r.cell_calls for r in runs]))
        return weighed_difference(*parts, level=self.level)


def weighed_difference(
    sum_a: NDArray[np.float64],
    calls_a: NDArray[np.float64],
    sum_b: NDArray[np.float64],
    calls_b: NDArray[np.float64],
    *,
    level: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Difference of means over all calls, ``b`` less ``a``, of paired replications, and half the width of its interval.

    The variance is that of the linearised ratio: what each replication adds to the difference of the two weighed means.

    Parameters
    ----------
    sum_a, calls_a, sum_b, calls_b
        Sum of a figure and number of calls in each replication and cell, shape (replications, cells).
    level
        Of the interval.

    Returns
    -------
    difference, half_width : float64[cells]
        NaN where neither has calls.
    """
    from scipy.stats import t

    n = len(sum_a)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = [total.sum(axis=0) / count.sum(axis=0) for total, count in ((sum_a, calls_a), (sum_b, calls_b))]
        parts = [
            (total - mean * count) / count.mean(axis=0)
            for total, count, mean in zip((sum_a, sum_b), (calls_a, calls_b), means, strict=True)
        ]
        spread = (parts[1] - parts[0]).std(axis=0, ddof=1)
    return means[1] - means[0], float(t.ppf((1 + level) / 2, n - 1)) * spread / math.sqrt(n)


def relative_change(a: NDArray[np.float64], b: NDArray[np.float64], *, level: float = 0.95) -> Estimate:
    """Mean of ``b`` over mean of ``a`` less 1, for paired replications, with the interval of the linearised ratio.

    The variance is that of ``b - R a`` over the mean of ``a`` squared (Cochran 1977, ratio estimators).
    """
    ratio = float(b.mean() / a.mean())
    parts = mean_interval_of((b - ratio * a) / a.mean(), level=level)
    return replace(parts, mean=ratio - 1, low=ratio - 1 - parts.half_width, high=ratio - 1 + parts.half_width)


def known(comparison: Comparison) -> list[str]:
    """Keys of the outcomes that every replication of every contender has a figure for."""
    return [
        outcome.key
        for outcome in OUTCOMES
        if all(np.isfinite(comparison.values(one.name, outcome.key)).all() for one in comparison.contenders)
    ]
