"""Where calls fall, by hour of the week: shares of cells, refined step by step as far as the calls of a cell allow.

The share of all hours together is that of a Dirichlet-multinomial model, ``(A · prior(c) + N(c)) / (A + N)``. Then
come layers, each looking closer than the one before: at hours of the day, at weekdays against weekends, at single
days. A layer multiplies the share of cell c in hour of the week h by

``(k + Σ_g K(g, h) y(c, g)) / (k + Σ_g K(g, h) share(c, g) y(g))``,

the calls of the cell near that hour over those that the shares so far expect there, with a kernel K over hours of the
week. This is the gamma-Poisson posterior mean of the ratio with k calls' worth of belief in 1 (Clayton & Kaldor 1987,
Biometrics 43:671-681): cells with many calls get a profile of their own, the others keep that of their neighbours in
the model. A and, layer by layer, K and k are those that foretell weeks left out best, by log-density per call.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .counting import binned
from .past import PastCalls

FOLDS = 6
STRENGTHS_PRIOR = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Candidates of A, in calls a cell."""
STRENGTHS = (3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0)
"""Candidates of k, in calls."""
LAYERS = (
    ((4.5, 1.0, 1.0), (3.0, 1.0, 1.0), (1.5, 1.0, 1.0)),
    ((4.5, 1.0, 0.0), (3.0, 1.0, 0.0), (1.5, 1.0, 0.0)),
    ((4.5, 0.0, 0.0), (3.0, 0.0, 0.0), (1.5, 0.0, 0.0)),
)
"""Candidate kernels of each layer: see :func:`week_kernel`."""
HALF_LIVES_WEEKS = (13.0, 26.0, 52.0, 104.0, 1e6)
_VALID_WEEKS = 13


class ShareTable:
    """Shares of c cells by hour of the week."""

    share: NDArray[np.float64]
    """Of shape (c, 168), each column summing to 1."""
    all_hours: NDArray[np.float64]
    """Share of each cell in all hours, length c."""
    layers: list[tuple[tuple[float, float, float], float]]
    """Kernel and strength of the layers that help."""

    def fit(self, calls: PastCalls, prior: NDArray[np.float64]) -> None:
        """Learn from a record.

        Parameters
        ----------
        calls
            The record.
        prior
            Share that each cell would have if nothing were known, such as its area's or a kernel density's.
        """
        week = ((calls.until_s - calls.time_s) // (168 * 3600)).astype(np.int64)
        self.half_life_weeks = _best_half_life(calls, week, prior)
        weight = 0.5 ** (week / self.half_life_weeks)
        c = len(calls.cells)
        flat = (week % FOLDS) * (c * 168) + calls.cell.astype(np.int64) * 168 + calls.clock.hour_of_week(calls.hour)
        seen = binned(flat, FOLDS * c * 168).reshape(FOLDS, c, 168)
        weighted = binned(flat, FOLDS * c * 168, weight).reshape(FOLDS, c, 168)
        table = weighted.sum(0)
        rest = table - weighted
        fits = [
            sum(_log_fit(_at_calls(y.sum(1)), _toward(prior, r.sum(1), a * c)) for y, r in zip(seen, rest, strict=True))
            for a in STRENGTHS_PRIOR
        ]
        self.strength_prior = STRENGTHS_PRIOR[int(np.argmax(fits))]
        held = [np.repeat(_toward(prior, r.sum(1), self.strength_prior * c)[:, None], 168, 1) for r in rest]
        self.all_hours = _toward(prior, table.sum(1), self.strength_prior * c)
        self.share = np.repeat(self.all_hours[:, None], 168, 1)
        self.layers = []
        for kernels in LAYERS:
            chosen = _best_layer(kernels, seen, rest, held)
            if chosen is not None:
                self.layers.append(chosen)
                held = [_refined(s, r, *chosen) for s, r in zip(held, rest, strict=True)]
                self.share = _refined(self.share, table, *chosen)


def week_kernel(width_h: float, same_kind: float, other_kind: float) -> NDArray[np.float64]:
    """Weight of a call at each hour of the week (rows) for each hour of the week (columns), of shape (168, 168).

    A Gaussian over the hours between the two on the circle of the clock, times 1 on the same day, ``same_kind`` on
    another weekday for a weekday or another weekend day for one of those, and ``other_kind`` between the two kinds.
    """
    hour = np.arange(24)
    apart = np.abs(hour[:, None] - hour)
    clock = np.exp(-0.5 * (np.minimum(apart, 24 - apart) / width_h) ** 2)
    weekend = np.arange(7) >= 5
    days = np.where(weekend[:, None] == weekend, same_kind, other_kind)
    np.fill_diagonal(days, 1.0)
    return np.asarray(np.kron(days, clock), np.float64)


def _toward(prior: NDArray[np.float64], counts: NDArray[np.float64], strength: float) -> NDArray[np.float64]:
    return np.asarray((strength * prior + counts) / (strength + counts.sum()), np.float64)


def _refined(
    share: NDArray[np.float64], table: NDArray[np.float64], kernel: tuple[float, float, float], strength: float
) -> NDArray[np.float64]:
    return _times_ratio(share, *_near(share, table, week_kernel(*kernel)), strength)


def _near(
    share: NDArray[np.float64], table: NDArray[np.float64], kernel: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return table @ kernel, (share * table.sum(0)) @ kernel


def _times_ratio(
    share: NDArray[np.float64], seen: NDArray[np.float64], due: NDArray[np.float64], strength: float
) -> NDArray[np.float64]:
    out = share * (strength + seen) / (strength + due)
    return np.asarray(out / out.sum(0), np.float64)


def _at_calls(y: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Where a table holds calls, as positions in its flat form, and how many: looked up once for many shares."""
    flat = np.flatnonzero(y)
    return flat, y.ravel()[flat]


def _log_fit(seen: tuple[NDArray[np.intp], NDArray[np.float64]], share: NDArray[np.float64]) -> float:
    flat, n = seen
    return float(n @ np.log(np.maximum(share.ravel().take(flat), 1e-300)))


def _best_layer(
    kernels: tuple[tuple[float, float, float], ...],
    seen: NDArray[np.float64],
    rest: NDArray[np.float64],
    held: list[NDArray[np.float64]],
) -> tuple[tuple[float, float, float], float] | None:
    """Kernel and strength that foretell the folds left out best; None if the shares so far do."""
    at_calls = [_at_calls(y) for y in seen]
    best = sum(_log_fit(y, s) for y, s in zip(at_calls, held, strict=True))
    chosen = None
    for kernel in kernels:
        matrix = week_kernel(*kernel)
        fits = np.zeros(len(STRENGTHS))
        for y, r, s in zip(at_calls, rest, held, strict=True):
            near = _near(s, r, matrix)
            fits += [_log_fit(y, _times_ratio(s, *near, k)) for k in STRENGTHS]
        if fits.max() > best:
            best, chosen = float(fits.max()), (kernel, STRENGTHS[int(fits.argmax())])
    return chosen


def _best_half_life(calls: PastCalls, week: NDArray[np.int64], prior: NDArray[np.float64]) -> float:
    """Half-life under which the calls before the last weeks foretell the shares of the last weeks best."""
    c = len(prior)
    late = week < _VALID_WEEKS
    if not late.any() or late.all():
        return HALF_LIVES_WEEKS[-1]
    y = _at_calls(binned(calls.cell[late], c))
    fits = [
        _log_fit(y, _toward(prior, binned(calls.cell[~late], c, 0.5 ** (week[~late] / half_life)), float(c)))
        for half_life in HALF_LIVES_WEEKS
    ]
    return HALF_LIVES_WEEKS[int(np.argmax(fits))]
