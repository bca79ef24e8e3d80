"""Space-time kernel density: places of past calls, weighed by how long ago, and at which hour, they were.

``f(s, t) = Σ w(t - u) K(s - s_u) / Σ w(t - u)`` with
``w(Δ) = ρ1^Δ + ρ2^Δ · ρ3^{sin²(πΔ/24)} · ρ4^{sin²(πΔ/168)}``, Δ in hours: a short memory, and one that comes back by
the day and by the week (Zhou & Matteson 2015, KDD, pages 2297-2303). The weights are those that foretell the last
weeks best.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from .kernels import cell_kernel
from .past import PastCalls
from .protocol import HourlyForecaster
from .volume_curve import VolumeCurve

_MEMORY_WEEKS = 52
_VALID_HOURS = 60
_VALID_WEEKS = 6
_EVALUATIONS = 90
_START = np.array([-3.0, -8.0, 1.0, 0.5, 0.0])  # logits of memory, daily and weekly depth, and of the floor
WIDTHS_OF_A_CELL = (0.0, 0.3, 0.6, 1.0)
"""Candidates of the kernel's width, in widths of a typical cell."""


class SpaceTimeKernel(HourlyForecaster):
    """Weighted past places times the city's volume.

    Parameters
    ----------
    holidays
        For the volume.
    """

    name = "st_kde"

    def __init__(self, holidays: Collection[date] = ()) -> None:
        super().__init__()
        self.volume = VolumeCurve(holidays)
        self.theta: NDArray[np.float64] = _START.copy()
        """Parameters of the weights as fitted, on unbounded scales."""
        self.width_m = 0.0

    def update(self, new_calls: PastCalls) -> None:
        """Move the level of the city's volume; places wait for the next fit."""
        self.volume.update(len(new_calls), new_calls.until_s)

    def _fit(self, calls: PastCalls) -> None:
        self.volume.fit(calls)
        hours = calls.hours[-168 * _MEMORY_WEEKS :]
        self._first, self._end = int(hours[0]), calls.end_hour
        self._counts = calls.counts(self._first, self._end)
        size_m = float(np.sqrt(np.median(calls.cells.area_km2))) * 1000
        valid = self._valid_hours(calls)
        if not hasattr(self, "_kernel"):
            best = np.inf
            for width in WIDTHS_OF_A_CELL:
                kernel = cell_kernel(calls.cells, width * size_m)
                loss = self._loss(self.theta, valid, kernel)
                if loss < best:
                    best, self.width_m, self._kernel = loss, width * size_m, kernel
            found = optimize.minimize(
                self._loss,
                self.theta,
                (valid, self._kernel),
                method="Nelder-Mead",
                options={"maxfev": _EVALUATIONS, "initial_simplex": self.theta + np.vstack([np.zeros(5), np.eye(5)])},
            )
            self.theta = np.asarray(found.x, np.float64)

    def _valid_hours(self, calls: PastCalls) -> NDArray[np.int64]:
        """Some hours of the last weeks that hold calls, every one foretold from at least a week before it."""
        rng = np.random.default_rng(0)
        span = min(168 * _VALID_WEEKS, (self._end - self._first) // 3)
        hours = np.unique(calls.hour[calls.hour >= self._end - span])
        return np.sort(rng.choice(hours, min(_VALID_HOURS, len(hours)), replace=False))

    def _loss(self, theta: NDArray[np.float64], hours: NDArray[np.int64], kernel: NDArray[np.float64]) -> float:
        share = self._share(theta, hours, kernel, lead=168)
        seen = self._counts[:, hours - self._first].toarray()
        return -float(np.sum(seen * np.log(np.maximum(share, 1e-12))))

    def _share(
        self, theta: NDArray[np.float64], hours: NDArray[np.int64], kernel: NDArray[np.float64], lead: int = 0
    ) -> NDArray[np.float64]:
        """Shares of cells in each hour from calls at least ``lead`` hours before it."""
        past = np.arange(self._first, self._end)
        short, long, day, week = np.exp(-np.exp(np.clip(theta[:4], -12, 5)))
        clock = self.calls.clock
        ago = hours - past[:, None]
        apart = (clock.civil(hours) - clock.civil(past)[:, None]) % 168  # by the clocks: 9 o'clock stays 9 o'clock
        lag = np.arange(max(int(hours.max()) - self._first, 0) + 1)
        once, lasting, turn = short**lag, long**lag, np.arange(168)
        back = day ** (np.sin(np.pi * turn / 24) ** 2) * week ** (np.sin(np.pi * turn / 168) ** 2)
        reach = np.maximum(ago, 0)
        weight = np.where(ago >= max(lead, 1), once[reach] + lasting[reach] * back[apart], 0.0)
        near = kernel @ np.asarray(self._counts @ weight)
        floor = np.exp(np.clip(theta[4], -12, 8))  # calls that every cell has by its area, so that none is impossible
        share = near + floor * self.calls.cells.area_share[:, None]
        return np.asarray(share / share.sum(0), np.float64)

    def _mean(self, hours: NDArray[np.int64]) -> NDArray[np.float64]:
        out = np.empty((len(self.calls.cells), len(hours)))
        for a in range(0, len(hours), 168):
            part = hours[a : a + 168]
            out[:, a : a + 168] = self.volume.at(part) * self._share(self.theta, part, self._kernel)
        return out
