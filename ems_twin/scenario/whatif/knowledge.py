"""What relocation is told about where calls will come: the ordinary demand, or the day's, well or badly forecast."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...city import City
from ...demand import Demand, node_weights
from ...demand.clock import hours_of_week, time_zone
from ...world.policy_choice import Forecast
from .overlay import Overlay
from .spec import Knowledge
from .times import Clock


def rate_by_hour(
    overlay: Overlay, city: City, demand: Demand, clock: Clock, factor: float, knows: Knowledge
) -> NDArray[np.float64]:
    """Calls that are expected in each hour of the run at each road node, shape (hours, n).

    Parameters
    ----------
    overlay
        The changes of the day.
    city, demand, clock
        Where, what is usual, and when.
    factor
        Factor on the ordinary calls.
    knows
        How well the changes are known.
    """
    n_hours = int(np.ceil(clock.duration_s / 3600.0))
    edges_s, hour = hours_of_week(clock.start, clock.duration_s, time_zone(city.timezone))
    usual = np.zeros(n_hours)
    for h in range(n_hours):
        low = np.maximum(edges_s[:-1], 3600.0 * h)
        high = np.minimum(edges_s[1:], 3600.0 * (h + 1))
        usual[h] = float(demand.hour_of_week[hour] @ np.maximum(high - low, 0.0)) / 3600.0
    weights = node_weights(demand)
    rate = factor * usual[:, None] * weights[None, :]
    if knows.of == "event":
        for one in overlay.mean():
            told = one.moved(city, 60.0 * knows.late_min, knows.apart_m).by_hour(n_hours, city.roads.n_nodes)
            rate += knows.found * told
            rate += (1 - knows.found) * told.sum(axis=1, keepdims=True) * weights[None, :]
    return np.maximum(rate, 0.0)


def forecast_of(rate: NDArray[np.float64]) -> Forecast:
    """A forecast of weights by hour of the run from rates, shape (hours, n)."""
    return Forecast(
        node_weight=rate,
        from_s=3600.0 * np.arange(len(rate), dtype=np.float64),
        set_row=np.arange(len(rate), dtype=np.int64),
    )


def demand_of(demand: Demand, rate: NDArray[np.float64]) -> Demand:
    """The demand with its calls where a rate by road node, shape (n,), says; its volume by the hour stays."""
    total = float(rate.sum())
    if total <= 0:
        return demand
    share = np.bincount(demand.node_zone, rate / total, len(demand.zone_names)).astype(np.float64)
    return replace(demand, zone_share=share, node_weight=rate / total)
