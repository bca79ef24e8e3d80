"""Figures with their doubt: warm-up, replications, paired differences, and when to stop.

Replications meet common random numbers when each is made from the same calls under every policy: the difference of
two policies in one replication is then a pair, and its spread is often half of what independent runs would have.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A mean with its interval."""

    mean: float
    low: float
    high: float
    n: int
    """Replications (or blocks) it rests on."""
    level: float
    """Probability with which such an interval holds the true mean."""

    @property
    def half_width(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2

    def excludes_zero(self) -> bool:
        """Whether the interval lies wholly above or below 0."""
        return self.low > 0 or self.high < 0

    def __str__(self) -> str:
        return f"{self.mean:.4g} ({self.level:.0%} interval {self.low:.4g} to {self.high:.4g}, n = {self.n})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Paired:
    """Another policy against a baseline on the same nights."""

    baseline: Estimate
    other: Estimate
    difference: Estimate
    """Other minus baseline, pair by pair."""
    relative: float
    """Mean difference over the baseline's mean; NaN if that is 0."""
    variance_factor: float
    """How many times as many independent replications would be needed: (s_A^2 + s_B^2) / s_D^2."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def mean_interval_of(values: ArrayLike, *, level: float = 0.95) -> Estimate:
    """Mean of independent replications with the interval of Student's t.

    Raises
    ------
    ValueError
        For fewer than two values, values that are not finite, or a level outside (0, 1).
    """
    from scipy.stats import t

    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or len(x) < 2:
        raise ValueError(f"an interval needs at least 2 replications; there are {x.size}")
    if not np.isfinite(x).all():
        raise ValueError(f"replication {int(np.flatnonzero(~np.isfinite(x))[0])} gave {x[~np.isfinite(x)][0]}")
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must lie between 0 and 1")
    half = float(t.ppf((1 + level) / 2, len(x) - 1)) * float(x.std(ddof=1)) / math.sqrt(len(x))
    mean = float(x.mean())
    return Estimate(mean=mean, low=mean - half, high=mean + half, n=len(x), level=level)


def percentile_interval(replications: Sequence[ArrayLike], share: float, *, level: float = 0.95) -> Estimate:
    """Percentile of a figure of calls: its value in each replication, and their t interval.

    Parameters
    ----------
    replications
        Values of each replication's calls, finite ones count.
    share
        0.9 for the 90th percentile.
    """
    return mean_interval_of(_percentiles(replications, share), level=level)


def _percentiles(replications: Sequence[ArrayLike], share: float) -> list[float]:
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share}; 0.9 is the 90th percentile")
    values = [np.asarray(one, dtype=np.float64) for one in replications]
    return [float(np.quantile(one[np.isfinite(one)], share)) for one in values]


def compare(baseline: ArrayLike, other: ArrayLike, *, level: float = 0.95) -> Paired:
    """Compare two policies that met the same replications, pair by pair.

    Raises
    ------
    ValueError
        If the two have different lengths, or fewer than two.
    """
    a, b = np.asarray(baseline, dtype=np.float64), np.asarray(other, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"there are {len(a)} replications of the baseline and {len(b)} of the other")
    difference = mean_interval_of(b - a, level=level)
    spread = float((b - a).var(ddof=1))
    apart = float(a.var(ddof=1) + b.var(ddof=1))
    return Paired(
        baseline=mean_interval_of(a, level=level),
        other=mean_interval_of(b, level=level),
        difference=difference,
        relative=difference.mean / float(a.mean()) if a.mean() else math.nan,
        variance_factor=apart / spread if spread > 0 else math.inf,
    )


def compare_percentiles(
    baseline: Sequence[ArrayLike], other: Sequence[ArrayLike], share: float, *, level: float = 0.95
) -> Paired:
    """Compare a percentile of a figure of calls under two policies that met the same replications, pair by pair.

    Parameters
    ----------
    baseline, other
        Values of each replication's calls, finite ones count.
    share
        0.9 for the 90th percentile.
    """
    return compare(_percentiles(baseline, share), _percentiles(other, share), level=level)


def compare_many(baseline: ArrayLike, others: Mapping[str, ArrayLike], *, level: float = 0.95) -> dict[str, Paired]:
    """Compare several policies with one baseline; all intervals together hold at the level (Bonferroni)."""
    each = 1 - (1 - level) / max(len(others), 1)
    return {name: compare(baseline, values, level=each) for name, values in others.items()}


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """What :func:`until_half_width` found, and why it stopped."""

    estimate: Estimate
    values: tuple[float, ...]
    reached: bool
    """Whether the wanted half-width was reached."""
    why: str


def until_half_width(
    one: Callable[[int], float],
    half_width: float,
    *,
    relative: bool = False,
    at_least: int = 5,
    at_most: int = 200,
    level: float = 0.95,
    progress: Callable[[int, Estimate], None] | None = None,
) -> Stopped:
    """Replicate until the interval is as narrow as wanted.

    Parameters
    ----------
    one
        Figure of replication k, a pure function of k: for a paired difference, the difference.
    half_width
        Wanted half-width, in the figure's unit, or as a share of its mean if ``relative``.
    at_least, at_most
        Fewest and most replications. Stopping early by a lucky spread makes intervals too short; five are the least
        that should ever do.
    progress
        Told the number done and the estimate so far.

    Raises
    ------
    ValueError
        If the wanted half-width is not above 0, or the numbers of replications make no sense.
    """
    if not half_width > 0:
        raise ValueError(f"half_width is {half_width}; it must be above 0")
    if not 2 <= at_least <= at_most:
        raise ValueError(f"at least {at_least} and at most {at_most} replications: give 2 or more, in order")
    values: list[float] = []
    while True:
        values.append(float(one(len(values))))
        if len(values) < at_least:
            continue
        estimate = mean_interval_of(values, level=level)
        if progress is not None:
            progress(len(values), estimate)
        wanted = half_width * abs(estimate.mean) if relative else half_width
        if estimate.half_width <= wanted:
            why = f"half-width {estimate.half_width:.4g} is within {wanted:.4g} after {len(values)} replications"
            return Stopped(estimate=estimate, values=tuple(values), reached=True, why=why)
        if len(values) >= at_most:
            why = f"half-width {estimate.half_width:.4g} is still above {wanted:.4g} after {at_most} replications"
            return Stopped(estimate=estimate, values=tuple(values), reached=False, why=why)


def warm_up(values: ArrayLike, *, batch: int = 5) -> int:
    """Observations to leave out at the start of a run: the MSER-5 rule (White 1997).

    Of means of five, leave out the d that minimise the squared standard error of the mean of the rest.

    Returns
    -------
    int
        Observations, a multiple of ``batch``.

    Raises
    ------
    ValueError
        If the minimum lies in the second half: the run is too short to tell; or there are fewer than four batches.
    """
    x: NDArray[np.float64] = np.asarray(values, dtype=np.float64)
    means = x[: len(x) // batch * batch].reshape(-1, batch).mean(axis=1)
    n = len(means)
    if n < 4:
        raise ValueError(f"{len(x)} observations are too few for batches of {batch}: give at least {4 * batch}")
    score = [float(means[d:].var() / (n - d)) for d in range(n - 2)]
    best = int(np.argmin(score))
    if best > n // 2:
        raise ValueError("the run is too short: it has not settled in its first half")
    return best * batch
