"""A blend of forecasters, weighed by how well each foretold the calls of the last weeks.

The blend's mean is a weighted sum of the members' means. The weights, which are at least 0 and sum to 1, maximise the
Poisson log-likelihood of the calls since some weeks under forecasts that the members had made before those calls,
``Σ a(age) [Σ_calls ln Σ_m w_m λ_m - Σ_m w_m Λ_m]``, where older weeks count less, and a little belief in equal weights
(a linear pool by maximum likelihood: Hall & Mitchell 2007, International Journal of Forecasting 23:1-13).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from .laws import Spread, moment_spread
from .past import PastCalls
from .protocol import Forecaster
from .result import SPANS_H, DemandForecast

_WEEK_S = 168 * 3600.0


class Blend:
    """Forecasts that are checked against what came, so that the best member of late has the most to say.

    Every forecast that is asked for is kept, by hour and as it last was before the hour began. At the next fit those
    whose hours have passed decide on the weights: so forecasts of the next hour are weighed by forecasts of the next
    hour, and those of the next week by those of the next week. Before any have been given, the blend rehearses: it
    fits its members to the record without its last weeks and lets them forecast those, week by week.

    Parameters
    ----------
    members
        Forecasters by name, which the blend fits, updates and asks.
    half_life_weeks
        After which a week counts half.
    rehearsal_weeks
        Weeks of rehearsal before the first forecast.
    memory_weeks
        Forecasts older than that are forgotten.
    belief
        Strength of the belief in equal weights, in calls a member.
    """

    name = "blend"

    def __init__(
        self,
        members: Mapping[str, Forecaster],
        *,
        half_life_weeks: float = 13.0,
        rehearsal_weeks: int = 8,
        memory_weeks: int = 26,
        belief: float = 5.0,
    ) -> None:
        self.members = dict(members)
        self.half_life_weeks, self.rehearsal_weeks = half_life_weeks, rehearsal_weeks
        self.memory_weeks, self.belief = memory_weeks, belief
        self.weights: dict[str, float] = {name: 1 / len(self.members) for name in self.members}
        """Weight of each member."""
        self.parts: dict[str, DemandForecast] = {}
        """What each member said when the blend was last asked."""
        self._given: dict[int, NDArray[np.float32]] = {}
        self._by_span: tuple[Spread, ...] = (Spread(),) * len(SPANS_H)
        self._known_hour = 0

    def fit(self, calls: PastCalls) -> None:
        """Weigh the members by the forecasts whose hours have passed, then fit them."""
        if not any(calls.first_hour <= hour < calls.end_hour for hour in self._given):
            self._rehearse(calls)
        self._weigh(calls)
        for member in self.members.values():
            member.fit(calls)
        self._known_hour = _not_begun(calls)

    def predict(self, start_s: float, periods: int) -> DemandForecast:
        """Forecast ``periods`` hours from the hour of POSIX time ``start_s``."""
        self.parts = {name: member.predict(start_s, periods) for name, member in self.members.items()}
        some = next(iter(self.parts.values()))
        self._note(some.hour, np.stack([part.mean for part in self.parts.values()]))
        mean = np.asarray(sum(self.weights[name] * part.mean for name, part in self.parts.items()), np.float64)
        return DemandForecast(
            cells=some.cells,
            clock=some.clock,
            hour=some.hour,
            mean=mean,
            dispersion=self._by_span[0].dispersion(mean),
            by_span=self._by_span,
        )

    def update(self, new_calls: PastCalls) -> None:
        """Hand the calls on to the members."""
        for member in self.members.values():
            member.update(new_calls)
        self._known_hour = _not_begun(new_calls)

    def _note(self, hours: NDArray[np.int64], means: NDArray[np.float64]) -> None:
        for i, hour in enumerate(hours.tolist()):
            if hour >= self._known_hour:
                self._given[hour] = means[:, :, i].astype(np.float32)

    def _rehearse(self, calls: PastCalls) -> None:
        weeks = min(self.rehearsal_weeks, int((calls.until_s - calls.since_s) / _WEEK_S) // 2)
        begin = calls.until_s - weeks * _WEEK_S
        known = calls.between(calls.since_s, begin)
        self._known_hour = _not_begun(known)
        for member in self.members.values():
            member.fit(known)
        for week in range(weeks):
            start = begin + week * _WEEK_S
            said = [member.predict(start, 168) for member in self.members.values()]
            self._note(said[0].hour, np.stack([part.mean for part in said]))
            for member in self.members.values():
                member.update(calls.between(start, start + _WEEK_S))

    def _weigh(self, calls: PastCalls) -> None:
        oldest = calls.end_hour - 168 * self.memory_weeks
        self._given = {hour: said for hour, said in self._given.items() if hour >= oldest}
        hours = np.array(sorted(h for h in self._given if calls.first_hour <= h < calls.end_hour), dtype=np.int64)
        if len(hours) == 0:
            return
        said = np.stack([self._given[hour] for hour in hours.tolist()], axis=2).astype(np.float64)
        counts = calls.counts(int(hours[0]), int(hours[-1]) + 1)[:, hours - hours[0]]
        age = 0.5 ** ((calls.end_hour - hours) / 168 / self.half_life_weeks)
        cell, column = counts.nonzero()
        n = np.asarray(counts[cell, column]).ravel() * age[column]
        at_calls = said[:, cell, column]
        total = said.sum(1) @ age
        w = best_weights(at_calls, n, total, self.belief)
        self.weights = dict(zip(self.members, w.tolist(), strict=True))
        self._by_span = _spreads(np.tensordot(w, said, 1), counts.toarray(), calls.clock.civil(hours))


def best_weights(
    at_calls: NDArray[np.float64], n: NDArray[np.float64], total: NDArray[np.float64], belief: float
) -> NDArray[np.float64]:
    """Weights on the simplex that maximise ``Σ n ln(w'λ) - w'Λ + belief Σ ln w``.

    Parameters
    ----------
    at_calls
        What each of m members expected where and when there were calls, of shape (m, k).
    n
        How many calls there were, weighted by age, length k.
    total
        What each member expected in all, weighted by age, length m.
    belief
        In calls a member; above 0, so that no weight is 0.
    """
    m = len(total)
    scale = max(float(n.sum()), 1.0)
    floor = 1e-12

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        w = np.maximum(w, floor)
        mixed = np.maximum(w @ at_calls, 1e-300)
        value = float(n @ np.log(mixed) - w @ total + belief * np.log(w).sum())
        slope = at_calls @ (n / mixed) - total + belief / w
        return -value / scale, -slope / scale

    found = optimize.minimize(
        loss,
        np.full(m, 1 / m),
        jac=True,
        method="SLSQP",
        bounds=[(1e-6, 1.0)] * m,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones_like(w)},
        options={"maxiter": 200, "ftol": 1e-10},
    )
    w = np.maximum(np.asarray(found.x, np.float64), 0)
    return np.asarray(w / w.sum(), np.float64)


def _not_begun(calls: PastCalls) -> int:
    """First hour of which nothing is known: a forecast of an hour that has begun may have seen some of its calls."""
    return int(calls.clock.hour(calls.until_s - 1e-6)) + 1


def _spreads(mean: NDArray[np.float64], counts: NDArray[np.float64], civil: NDArray[np.int64]) -> tuple[Spread, ...]:
    """How far counts over each of the spans stray from forecasts that were given beforehand."""
    found: list[Spread] = []
    for span in SPANS_H:
        block = (civil + 72) // span
        first = np.flatnonzero(np.diff(block, prepend=block[0] - 1))
        whole = np.diff(np.append(first, len(civil))) >= span
        if not whole.any():
            found.append(found[-1] if found else Spread())
            continue
        y, mu = (np.add.reduceat(part, first, axis=1)[:, whole] for part in (counts, mean))
        found.append(moment_spread(y, mu))
    return tuple(found)
