"""The median of a drive as a function of a few numbers: start-up, pace by group of road classes, sirens, hours.

``m = s0 + exp(h(t) - [sirens] log f) * sum over groups g of S_g exp(p_g)`` with S_g the seconds that the route spends on
roads of the group at the bundle's own ordinary speeds. All numbers but the start-up are logarithms with a normal prior
that shrinks them to what is usual, so that a group or an hour with few trips says little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...city import ROAD_CLASSES, City
from ...city.travel import BUDGE, Travel, spread
from ...routing import ORDINARY, Router
from .spread import log_chance
from .trips import Trips

Array = NDArray[np.float64]

GROUPS: dict[str, tuple[str, ...]] = {
    "fast": ("motorway", "motorway_link", "trunk", "trunk_link"),
    "main": ("primary", "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link"),
    "local": ("unclassified", "residential", "living_street", "service", "unknown"),
}
"""Road classes whose speeds are scaled together."""

FEWEST_WITH = 100
"""Of trips with sirens and of those without there must be so many for the sirens factor to be learnt."""

_GROUP_OF = np.array([next(i for i, names in enumerate(GROUPS.values()) if c in names) for c in ROAD_CLASSES])
_HOURS = 9
_LEVEL, _FIRST_GROUP = 1, 2
_SIRENS = _FIRST_GROUP + len(GROUPS)
_FIRST_HOUR = _SIRENS + 1
_SPREAD = _FIRST_HOUR + _HOURS
N_NUMBERS = _SPREAD + 2


@dataclass(frozen=True, eq=False, kw_only=True)
class Prior:
    """Normal prior of all numbers, shape (N_NUMBERS,)."""

    mean: Array
    sd: Array


def prior_of(city: City, *, learn_sirens: bool) -> Prior:
    """What is usual: half a minute of start-up, the bundle's speeds, its sirens factor, no rush hour, Calgary's spread."""
    mean, sd = np.zeros(N_NUMBERS), np.empty(N_NUMBERS)
    mean[0], sd[0] = np.log(30.0), 1.0
    sd[_LEVEL] = 0.5
    sd[_FIRST_GROUP:_SIRENS] = 0.2
    mean[_SIRENS], sd[_SIRENS] = np.log(city.sirens_factor), 0.2 if learn_sirens else 1e-4
    sd[_FIRST_HOUR:_SPREAD] = 0.1
    mean[_SPREAD:], sd[_SPREAD:] = np.log((BUDGE[0], BUDGE[2])), 1.0
    return Prior(mean=mean, sd=sd)


def hour_waves(hour_of_week: Array) -> Array:
    """Two waves a day and their halves, on weekdays and at weekends apart, and the weekend's level, shape (k, 9)."""
    angle = 2 * np.pi * (hour_of_week % 24) / 24
    waves = np.stack([np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)], axis=1)
    weekend = (hour_of_week >= 120).astype(np.float64)[:, None]
    return np.concatenate([waves * (1 - weekend), waves * weekend, weekend - 2 / 7], axis=1)


@dataclass(frozen=True, eq=False, kw_only=True)
class Design:
    """Trips as the model sees them; k of them."""

    took_s: Array
    resolution_s: float
    seconds: Array
    """Seconds of the route in each group at the bundle's ordinary speeds, shape (k, groups)."""
    sirens: NDArray[np.bool_]
    waves: Array
    """Shape (k, 9)."""

    def take(self, which: NDArray[np.bool_]) -> Design:
        """Some of the trips."""
        return Design(
            took_s=self.took_s[which], resolution_s=self.resolution_s, seconds=self.seconds[which],
            sirens=self.sirens[which], waves=self.waves[which],
        )  # fmt: skip


def design_of(trips: Trips, city: City, router: Router) -> tuple[Design, Array]:
    """Trips as the model sees them, on the fastest ways of ``router``; and their lengths, metres, shape (k,).

    The seconds are those of the city's own speeds, whatever the router's are: ways and speeds are learnt in turn.
    """
    pairs, which = np.unique(np.stack([trips.from_node, trips.to_node], axis=1), axis=0, return_inverse=True)
    own_s = city.roads.length_m / city.roads.speed_mps
    group = _GROUP_OF[city.roads.road_class]
    seconds, length_m = np.zeros((len(pairs), len(GROUPS))), np.zeros(len(pairs))
    for i, (a, b) in enumerate(pairs.tolist()):
        edges = router.path(a, b, metric=ORDINARY).edges
        seconds[i] = np.bincount(group[edges], weights=own_s[edges], minlength=len(GROUPS))
        length_m[i] = city.roads.length_m[edges].sum()
    which = which.ravel()
    design = Design(
        took_s=trips.took_s,
        resolution_s=trips.resolution_s,
        seconds=seconds[which],
        sirens=trips.sirens,
        waves=hour_waves(trips.hour_of_week),
    )
    return design, length_m[which]


def median_s(design: Design, x: Array) -> tuple[Array, Array]:
    """Median of each trip, seconds, shape (k,), and its derivatives by the numbers before the spread, (k, numbers)."""
    by_group = design.seconds * np.exp(x[_LEVEL] + x[_FIRST_GROUP:_SIRENS])
    scale = np.exp(design.waves @ x[_FIRST_HOUR:_SPREAD] - x[_SIRENS] * design.sirens)
    by_group *= scale[:, None]
    way = by_group.sum(axis=1)
    start = np.exp(x[0])
    gradient = np.concatenate(
        [
            np.full((len(way), 1), start), way[:, None], by_group, -(way * design.sirens)[:, None],
            way[:, None] * design.waves,
        ],
        axis=1,
    )  # fmt: skip
    return start + way, gradient


def loss(x: Array, design: Design, prior: Prior, weight: Array) -> tuple[float, Array]:
    """Minus the logarithm of the posterior density, and its gradient; ``weight`` says how often a trip counts."""
    m, by_x = median_s(design, x)
    m_min = m / 60
    b0, b1, b2 = spread_numbers(x)
    c = spread(m_min, (b0, b1, b2))
    value, by_m, by_c = log_chance(design.took_s / 60, design.resolution_s / 60, m_min, c)
    c_by_m = (b1 * (b2 + 1) + 2 * b2 * m_min) / (2 * m_min * m_min * c) - c / m_min
    half = 1 / (2 * c * m_min * m_min)
    c_by_b = np.stack([b0 * (b2 + 1) * half, b2 * (b0 + b1 * m_min + m_min * m_min) * half], axis=1)
    gradient = np.concatenate([((by_m + by_c * c_by_m) * weight / 60) @ by_x, (by_c * weight) @ c_by_b])
    away = (x - prior.mean) / prior.sd
    return float(-(value @ weight) + 0.5 * away @ away), -gradient + away / prior.sd


def spread_numbers(x: Array) -> tuple[float, float, float]:
    """b0, b1 and b2. Calgary's b1 is so near 0 that nothing can be learnt of it, and it stands."""
    b0, b2 = np.exp(x[_SPREAD:]).tolist()
    return b0, BUDGE[1], b2


def travel_of(x: Array, city: City, **about: object) -> Travel:
    """The settings that the numbers stand for, with the road classes that the city has."""
    speed = np.exp(-(x[_LEVEL] + x[_FIRST_GROUP:_SIRENS]))
    by_hour = np.exp(-(hour_waves(np.arange(168, dtype=np.float64) + 0.5) @ x[_FIRST_HOUR:_SPREAD]))
    return Travel(
        start_up_s=float(np.exp(x[0])),
        speed_by_class={ROAD_CLASSES[i]: float(speed[_GROUP_OF[i]]) for i in np.unique(city.roads.road_class)},
        speed_by_hour=tuple(by_hour.tolist()),
        sirens_factor=float(np.exp(x[_SIRENS])),
        spread=spread_numbers(x),
        **about,  # type: ignore[arg-type]
    )
