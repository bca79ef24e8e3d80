"""Find the numbers of the travel model, and how far they stray from week to week."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...city import City
from ...city.travel import Travel
from ...routing import Router
from .model import FEWEST_WITH, N_NUMBERS, Design, Prior, design_of, loss, prior_of, travel_of
from .trips import Trips, period_of

Array = NDArray[np.float64]
Say = Callable[[str | None, float | None], None]

WAYS_LEARNT = 3
"""How often ways are looked up at the speeds just learnt, and speeds learnt on the ways just looked up."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Fit:
    """The travel model of some trips."""

    travel: Travel
    x: Array
    """Its numbers."""
    draws: Array
    """The numbers of each resampled set of weeks, shape (resamples, numbers)."""
    router: Router
    """Router at the calibrated speeds, from which the ways come."""
    learnt_sirens: bool
    """False where trips with or without sirens are too few, and the city's factor stands."""


def fit_travel(trips: Trips, city: City, *, resamples: int, seed: int, say: Say = lambda _text, _share: None) -> Fit:
    """Fit the model to all of the given trips.

    Parameters
    ----------
    trips
        Of this city.
    city
        With its own speeds.
    resamples
        Sets of weeks drawn with replacement for the intervals.
    seed
        Of those.
    say
        Told what is going on and the share done.
    """
    n_with = int(trips.sirens.sum())
    learn = min(n_with, len(trips) - n_with) >= FEWEST_WITH
    prior = prior_of(city, learn_sirens=learn)
    x = prior.mean.copy()
    router = Router(city.roads, sirens_factor=city.sirens_factor)
    for turn in range(WAYS_LEARNT):
        say("learning speeds", 0.3 * turn / WAYS_LEARNT)
        design, _ = design_of(trips, city, router)
        x = _minimum(design, prior, np.ones(len(trips)), x)
        roads = city.calibrated(travel_of(x, city)).roads
        router = router.with_edge_times(roads.length_m / roads.speed_mps)
    weeks, week = np.unique(trips.week, return_inverse=True)
    rng = np.random.default_rng(seed)
    draws = np.empty((resamples, N_NUMBERS))
    for i in range(resamples):
        say("resampling weeks", 0.3 + 0.7 * i / resamples)
        times = np.bincount(rng.integers(len(weeks), size=len(weeks)), minlength=len(weeks))[week]
        used = times > 0
        draws[i] = _minimum(design.take(used), prior, times[used].astype(np.float64), x, most=25)
    travel = travel_of(
        x,
        city,
        source=trips.source,
        period=period_of(trips),
        n_trips=len(trips),
        interval_90=_intervals(draws, city) if resamples else {},
    )
    return Fit(travel=travel, x=x, draws=draws, router=router, learnt_sirens=learn)


def _minimum(design: Design, prior: Prior, weight: Array, start: Array, *, most: int = 200) -> Array:
    from scipy.optimize import minimize

    # in units of the prior's width all numbers are of one size, and one that is held fixed stays
    found = minimize(
        lambda y: _scaled(loss(prior.mean + prior.sd * y, design, prior, weight), prior.sd),
        (start - prior.mean) / prior.sd,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-8, 8)] * len(start),
        options={"maxiter": most},
    )
    return np.asarray(prior.mean + prior.sd * found.x, dtype=np.float64)


def _scaled(both: tuple[float, Array], sd: Array) -> tuple[float, Array]:
    return both[0], both[1] * sd


def _intervals(draws: Array, city: City) -> dict[str, tuple[float, float]]:
    """90 % intervals of what the settings hold, over the resampled weeks."""
    each = [travel_of(x, city) for x in draws]
    values: dict[str, list[float]] = {
        "start_up_s": [t.start_up_s for t in each],
        "sirens_factor": [t.sirens_factor or 1.0 for t in each],
    }
    for i in (0, 2):
        values[f"spread.b{i}"] = [t.spread[i] for t in each]
    for name in each[0].speed_by_class:
        values[f"speed.{name}"] = [t.speed_by_class[name] for t in each]
    return {key: tuple(np.quantile(row, (0.05, 0.95)).tolist()) for key, row in values.items()}
