"""Scale an hour-of-week table to a yearly number of calls per inhabitant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..city.city import City
from ..city.roads import ROAD_CLASSES, RoadNetwork
from ..errors import CityError

_DAYS_A_YEAR = 365.25
_NOBODY_LIVES_ON = np.array([name.startswith(("motorway", "trunk")) for name in ROAD_CLASSES])


def street_length_m(roads: RoadNetwork) -> NDArray[np.float64]:
    """Metres of street at each node, length n: half of every street that ends there.

    A street driven both ways counts once; motorways and trunk roads, where nobody lives, do not count, unless there
    is nothing else.
    """
    lived_on = ~_NOBODY_LIVES_ON[roads.road_class]
    if not lived_on.any():
        lived_on[:] = True
    low, high = np.minimum(roads.tail, roads.head), np.maximum(roads.tail, roads.head)
    pair = low.astype(np.int64) * roads.n_nodes + high
    _, twin, count = np.unique(pair, return_inverse=True, return_counts=True)
    length = np.where(lived_on, roads.length_m / count[twin], 0.0)
    at_node = np.bincount(roads.tail, length / 2, roads.n_nodes) + np.bincount(roads.head, length / 2, roads.n_nodes)
    return np.asarray(at_node, dtype=np.float64)


def rescaled(
    hour_of_week: NDArray[np.float64], volume: dict[str, float], city: City, file: Path
) -> NDArray[np.float64]:
    """Hour-of-week rates scaled to what the ``volume`` table of ``demand.toml`` says, calls an hour.

    Parameters
    ----------
    hour_of_week
        Rates or shape, length 168.
    volume
        Empty, or calls per 1,000 inhabitants a year with either the inhabitants or the inhabitants per km of street.
    city
        City whose streets are measured when only inhabitants per km of street are known.
    file
        Where ``volume`` was read, for messages.
    """
    if not volume:
        return hour_of_week
    if "inhabitants" in volume:
        inhabitants = volume["inhabitants"]
    elif "inhabitants_per_street_km" in volume:
        inhabitants = volume["inhabitants_per_street_km"] * float(street_length_m(city.roads).sum()) / 1000
    else:
        raise CityError("gives calls without inhabitants", file=file, field="volume", remedy="Add inhabitants.")
    calls_per_week = inhabitants * volume["calls_per_1000_inhabitants_year"] / 1000 / _DAYS_A_YEAR * 7
    rates: NDArray[np.float64] = hour_of_week * (calls_per_week / hour_of_week.sum())
    return rates
