"""A detector of bursts on top of another forecast: each call may bring others near it for a while.

``λ(t, c) = κ · base(t, c) + Σ_{t_j < t} θ ω exp(-ω (t - t_j)) K(c, c_j)``, fitted by expectation-maximisation as in
Mohler et al. 2011 (JASA 106:100-108). Ordinary calls do not trigger calls (Bayisa et al. 2020), so θ is small on
ordinary days; what the overlay is for are fires, heat and mass casualties. It says how sure it is of θ by a
likelihood-ratio test and stays out of the way where the record shows no bursts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from .counting import binned
from .kernels import cell_kernel
from .past import PastCalls
from .protocol import Forecaster
from .result import DemandForecast

_FIT_WEEKS = 26
_REACH_S = 8 * 3600.0  # calls further back are not taken for a cause when θ and ω are fitted
_ROUNDS = 200
_START = 0.05, 1 / 3600.0


class SelfExciting:
    """Overlay on a base forecaster for the live feed.

    Parameters
    ----------
    base
        What is expected on an ordinary day; fitted and updated along.
    width_m
        How far calls bring others, the width of a Gaussian over cells.
    significance
        θ is used if the likelihood-ratio test rejects θ = 0 at this level; else the overlay adds nothing.
    """

    name = "self_exciting"

    def __init__(self, base: Forecaster, *, width_m: float = 500.0, significance: float = 0.01) -> None:
        self.base, self.width_m, self.significance = base, width_m, significance
        self.theta = 0.0
        """Calls that a call brings, 0 to 1."""
        self.omega = _START[1]
        """Rate at which its influence dies out, 1/s."""
        self.kappa = 1.0
        """Share of the base forecast that is kept."""
        self.statistic = 0.0
        """Twice the gain in log-likelihood over θ = 0."""
        self.p_value = 1.0
        """Of the test, against a χ² law of two degrees of freedom, which is cautious: θ = 0 lies on the edge."""

    def fit(self, calls: PastCalls) -> None:
        """Fit the base, then how much calls bring others beyond it."""
        self.base.fit(calls)
        self._kernel = cell_kernel(calls.cells, self.width_m)
        late = calls.between(calls.until_s - _FIT_WEEKS * 168 * 3600, calls.until_s)
        first, end = int(late.clock.hour(late.since_s)), int(late.clock.hour(late.until_s - 1e-6)) + 1
        expected = np.maximum(self.base.predict(float(late.clock.start_s(first)), end - first).mean, 1e-12)
        # a base that follows the level of the day would be asked about the past from today's level
        expected *= max(len(late), 1) / expected.sum()
        background = expected[late.cell, late.hour - first] / 3600
        self._estimate(late, background)
        self.use = self.theta > 0 and self.p_value < self.significance
        self._active = np.zeros(len(calls.cells))
        self._until_s = late.until_s
        if self.use:
            past_s = self._until_s - late.time_s
            self._active = binned(late.cell, len(calls.cells), np.exp(-self.omega * past_s))

    def update(self, new_calls: PastCalls) -> None:
        """Let the influence of past calls fade and add that of new ones; constant time a call."""
        self.base.update(new_calls)
        passed = max(new_calls.until_s - self._until_s, 0.0)
        self._active *= np.exp(-self.omega * passed)
        ago = np.maximum(new_calls.until_s - new_calls.time_s, 0.0)
        np.add.at(self._active, new_calls.cell, np.exp(-self.omega * ago))
        self._until_s = max(self._until_s, new_calls.until_s)

    def predict(self, start_s: float, periods: int) -> DemandForecast:
        """Base forecast, scaled, and the calls that past calls will bring; calls still to come bring none."""
        base = self.base.predict(start_s, periods)
        if not self.use:
            return base
        begin = np.maximum(base.start_s - self._until_s, 0.0)
        end = np.maximum(base.start_s + 3600 - self._until_s, 0.0)
        fading = np.exp(-self.omega * begin) - np.exp(-self.omega * end)
        more = self.theta * np.outer(self._kernel @ self._active, fading)
        return base.with_mean(self.kappa * base.mean + more)

    def _estimate(self, calls: PastCalls, background: NDArray[np.float64]) -> None:
        child, ago, near = _pairs(calls, self._kernel)
        n, span_base = len(calls), float(len(calls))
        theta, omega, kappa = _START[0], _START[1], 1.0
        for _ in range(_ROUNDS):
            pull = theta * omega * np.exp(-omega * ago) * near
            rate = kappa * background + binned(child, n, pull)
            part = pull / rate[child]
            caused = float(part.sum())
            if caused < 1e-6 * max(n, 1):
                theta = 0.0
                break
            before = theta, omega
            kappa = float((kappa * background / rate).sum()) / span_base
            theta, omega = caused / n, caused / max(float(part @ ago), 1e-9)
            if abs(theta - before[0]) < 1e-6 and abs(omega / before[1] - 1) < 1e-4:
                break
        if theta > 0:
            rate = kappa * background + binned(child, n, theta * omega * np.exp(-omega * ago) * near)
            gain = float(np.log(rate / background).sum()) - (kappa * span_base + theta * n - span_base)
            self.statistic = max(0.0, 2 * gain)
        else:
            self.statistic = 0.0
        self.p_value = float(stats.chi2.sf(self.statistic, 2))
        self.theta, self.omega, self.kappa = theta, omega, kappa if theta > 0 else 1.0


def _pairs(
    calls: PastCalls, kernel: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Every pair of a call and one before it within reach: row of the later, seconds between, nearness of cells."""
    rows: list[NDArray[np.int64]] = []
    times: list[NDArray[np.float64]] = []
    nears: list[NDArray[np.float64]] = []
    threshold = 1e-3 * kernel.max()
    for step in range(1, len(calls)):
        ago = calls.time_s[step:] - calls.time_s[:-step]
        near = kernel[calls.cell[step:], calls.cell[:-step]]
        within = ago < _REACH_S
        if not within.any():
            break
        keep = np.flatnonzero(within & (near > threshold) & (ago > 0))
        rows.append(keep + step)
        times.append(ago[keep])
        nears.append(near[keep])
    empty = np.empty(0)
    if not rows:
        return np.empty(0, np.int64), empty, empty
    return np.concatenate(rows), np.concatenate(times), np.concatenate(nears)
