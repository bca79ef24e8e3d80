"""Speeds by the hour of the week from link times: ordinary time over the time that links took, by class of road.

For each of the 72 hours (of a weekday, a Saturday, a Sunday) and each group of classes the factor is the ordinary time of
all links over the time that they took, so that the network's mean speed is kept. Hours that are alike are then gathered
in sets (k-means on the logarithms), each with the factors of its own hours' sums: as few sets as keep every hour of the
fitted links within 3 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...city import ROAD_CLASSES, RoadNetwork
from ...city.traffic import Traffic

Array = NDArray[np.float64]

FITTED = ("trunk", "primary", "secondary", "tertiary", "residential")
"""Groups of classes; motorways and ramps go with trunk roads, all others with residential streets."""
KINDS_OF_DAY = ("weekday", "saturday", "sunday")
HOURS = 24 * len(KINDS_OF_DAY)
WITHIN = 0.03
SIRENS = 0.5
"""Part of the traffic that lights and sirens feel: half way between none and all. An assumption, taken after both ends had
been compared with Manhattan's recorded responses (experiments/travel)."""
UNMEASURED = "unmeasured"
"""Name of the set of hours that no link has a time for: ordinary speeds."""

_GROUP_OF_CLASS = np.array(
    [
        FITTED.index(name if name in FITTED else "trunk" if name == "motorway" else "residential")
        for name in (c.removesuffix("_link") for c in ROAD_CLASSES)
    ]
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Links:
    """k links with the times that they took."""

    ordinary_s: Array
    """Seconds at the bundle's ordinary speeds on roads of each group, shape (k, groups)."""
    took_s: Array
    """Seconds in each hour of a weekday, a Saturday and a Sunday, NaN where not measured, shape (72, k)."""
    length_m: Array
    """Shape (k,)."""

    def __len__(self) -> int:
        return len(self.length_m)

    def take(self, which: NDArray[np.bool_]) -> Links:
        """Some of the links."""
        return Links(ordinary_s=self.ordinary_s[which], took_s=self.took_s[:, which], length_m=self.length_m[which])


def group_of(roads: RoadNetwork) -> NDArray[np.int64]:
    """Row in :data:`FITTED` of each edge's class."""
    groups: NDArray[np.int64] = _GROUP_OF_CLASS[roads.road_class]
    return groups


def fit_speeds(links: Links, *, source: str, seed: int) -> tuple[Traffic, float]:
    """Sets of factors of hours that are alike, and the largest error of an hour of these links.

    Parameters
    ----------
    links
        With at least one time.
    source
        Where the times come from.
    seed
        Of the first guesses of the sets.
    """
    from sklearn.cluster import KMeans

    ordinary, took = _sums(links)
    (hours,) = np.nonzero(took.sum(axis=1))
    ordinary, took = ordinary[hours], took[hours]
    all_groups = (ordinary.sum(axis=1) / took.sum(axis=1))[:, None]
    factor = np.where(took > 0, ordinary / np.where(took > 0, took, 1.0), all_groups)
    usual = ordinary.sum(axis=0)
    places = np.log(factor) * np.sqrt(usual / usual.sum())
    for sets in range(1, len(np.unique(places, axis=0)) + 1):
        of_hour = KMeans(sets, n_init=20, random_state=seed).fit_predict(places)
        factors = np.array([_together(ordinary[of_hour == k], took[of_hour == k]) for k in range(sets)])
        error = (ordinary / factors[of_hour]).sum(axis=1) / took.sum(axis=1) - 1
        worst = float(np.abs(error).max())
        if worst <= WITHIN:
            break
    order = np.argsort(-(factors * usual).sum(axis=1))  # the fastest first
    set_of_hour = np.full(HOURS, sets)
    set_of_hour[hours] = np.argsort(order)[of_hour]
    names, speed = [f"speed-{k + 1}" for k in range(sets)], factors[order][:, _GROUP_OF_CLASS]
    if len(hours) < HOURS:
        names, speed = [*names, UNMEASURED], np.concatenate([speed, np.ones((1, len(ROAD_CLASSES)))])
    weekday, saturday, sunday = set_of_hour.reshape(3, 24)
    traffic = Traffic(
        names=tuple(names),
        speed=speed,
        set_of_hour=np.concatenate([np.tile(weekday, 5), saturday, sunday]).astype(np.int64),
        source=source,
        sirens=SIRENS,
    )
    return traffic, worst


def errors_of(traffic: Traffic, links: Links) -> Array:
    """Fitted over measured mean speed of some links together, less 1, by hour of the 72; NaN where none is measured."""
    ordinary, took = _sums(links)
    factor = np.stack([traffic.speed[:, np.flatnonzero(g == _GROUP_OF_CLASS)[0]] for g in range(len(FITTED))], axis=1)
    of_hour = traffic.set_of_hour.reshape(7, 24)[[0, 5, 6]].ravel()
    fitted = (ordinary / factor[of_hour]).sum(axis=1)
    measured = took.sum(axis=1)
    return np.where(measured > 0, measured / np.where(fitted > 0, fitted, 1.0) - 1, np.nan)


def _sums(links: Links) -> tuple[Array, Array]:
    """Ordinary and measured seconds of all links measured in each hour, by group, shape (72, groups).

    A link over roads of several groups is as slow on each.
    """
    is_there = ~np.isnan(links.took_s)
    slower = np.nan_to_num(links.took_s) / links.ordinary_s.sum(axis=1)
    return is_there.astype(np.float64) @ links.ordinary_s, slower @ links.ordinary_s


def _together(ordinary: Array, took: Array) -> Array:
    """Factors of some hours together by group; of a group without links those of all."""
    ordinary, took = ordinary.sum(axis=0), took.sum(axis=0)
    found: Array = np.where(took > 0, ordinary / np.where(took > 0, took, 1.0), ordinary.sum() / took.sum())
    return found
