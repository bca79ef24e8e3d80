"""What a future amounts to, and gains of one order over another in the same futures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .futures import Futures
from .statistics import Estimate, mean_interval_of
from .survival import MODELS, ArrestTimes

MORE_IS_BETTER = {"response_s": False, "offload_s": False}
"""Measures of which less is better; of all others more is."""


class Measures:
    """Sums by future of what the calls of futures met; each measure is a ratio of two of them.

    ``response_s`` mean response, seconds; ``within_target`` share reached in time, also by priority as
    ``within_target_1`` and so on, called off ones counting as not reached; ``survival_per_1000`` expected survivors of
    1,000 cardiac arrests that meet the responses to priority 1; ``offload_s`` mean time at hospital to the transfer of
    care or the end of the horizon, seconds.
    """

    def __init__(
        self, futures: Futures, target_s: tuple[float, ...], *, survival: str = "de_maio_2003",
        times: ArrestTimes | None = None,
    ) -> None:  # fmt: skip
        rows = futures.rows
        self.counted = np.flatnonzero(
            (rows["incident"] == np.arange(len(rows)) - np.repeat(futures.first[:-1], np.diff(futures.first)))
            & np.isnan(rows["t_first"])
            & np.isnan(rows["t_ended"])
        )
        """Rows of calls that nobody has reached when the futures begin."""
        self._first = futures.first
        self._future = np.repeat(np.arange(futures.n), np.diff(futures.first))
        priority = rows["priority"][self.counted].astype(np.int64)
        self._target_s = np.array(target_s)[np.minimum(priority, len(target_s)) - 1]
        kinds, place = np.unique(priority, return_inverse=True)
        self._cell = place * futures.n + self._future[self.counted]
        self._n_kinds, self._n = len(kinds), futures.n
        self._urgent = priority == 1
        self._survival, self._times = MODELS[survival], times or ArrestTimes()
        self.names = (
            "response_s", "within_target", *(f"within_target_{p}" for p in kinds), "survival_per_1000", "offload_s",
        )  # fmt: skip

    def sums(
        self, response_s: NDArray[np.float64], offload_s: NDArray[np.float64], lo: int, hi: int
    ) -> NDArray[np.float64]:
        """Numerators and denominators of all measures in futures ``lo`` to ``hi``, shape (measures, 2, hi - lo)."""
        a, b = np.searchsorted(self.counted, self._first[[lo, hi]])
        counted = self.counted[a:b]
        response, of = response_s[counted], self._future[counted] - lo
        reached = np.isfinite(response)
        urgent = np.flatnonzero(reached & self._urgent[a:b])
        survivors = 1000.0 * self._survival(response[urgent] / 60.0, self._times)
        cells = self._n_kinds * self._n
        by_kind = _sum(self._cell[a:b], response <= self._target_s[a:b], cells)
        by_kind = by_kind.reshape(2, self._n_kinds, self._n)[:, :, lo:hi].transpose(1, 0, 2)
        offload = offload_s[self._first[lo] : self._first[hi]]
        known = np.flatnonzero(np.isfinite(offload))
        return np.stack(
            [
                _sum(of, np.where(reached, response, 0.0), hi - lo, reached),
                by_kind.sum(axis=0),
                *by_kind,
                _sum(of[urgent], survivors, hi - lo),
                _sum(self._future[self._first[lo] + known] - lo, offload[known], hi - lo),
            ]
        )


def _sum(
    of: NDArray[np.int64], values: NDArray[np.generic], n: int, counts: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    """Sums of values and how many there are (of those that count) by future, shape (2, futures)."""
    return np.stack([np.bincount(of, weights=values, minlength=n), np.bincount(of, weights=counts, minlength=n)])


def ratio(sums: NDArray[np.float64]) -> float:
    """A measure over all futures, from its ``sums`` of shape (2, futures); NaN where nothing was counted."""
    below = float(sums[1].sum())
    return float(sums[0].sum()) / below if below else float("nan")


def gain(name: str, base: NDArray[np.float64], other: NDArray[np.float64], *, level: float) -> Estimate | None:
    """How much better a measure is under the other order in the same futures; None where nothing was counted.

    Of ratio estimators in pairs: the residuals (n_i - R d_i) / mean d of one less those of the other carry the spread
    of the difference (Law, Simulation Modeling and Analysis, chapters 9 and 10).

    Parameters
    ----------
    name
        The measure.
    base, other
        Numerators and denominators, shape (2, futures), at least two.
    level
        Of the interval.
    """
    r_base, r_other = ratio(base), ratio(other)
    if np.isnan(r_base) or np.isnan(r_other):
        return None
    sign = 1.0 if MORE_IS_BETTER.get(name, True) else -1.0
    spread = (other[0] - r_other * other[1]) / other[1].mean() - (base[0] - r_base * base[1]) / base[1].mean()
    return mean_interval_of(sign * (r_other - r_base + spread - spread.mean()), level=level)
