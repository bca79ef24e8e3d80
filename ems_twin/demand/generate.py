"""Draw the calls of a stretch of time from a city's demand."""

from __future__ import annotations

import math
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ..city.city import City
from ..errors import InputError
from .attributes import DELAY_STREAMS, delay_s, pick_nodes, pick_priority, pick_transport
from .calls import CALL_DRAW
from .clock import hours_of_week, time_zone
from .model import Demand
from .streams import Stream, generator, uniforms


def generate_calls(
    demand: Demand,
    city: City,
    *,
    start: datetime,
    duration_s: float,
    seed: int,
    replication: int = 0,
    volume_factor: float = 1.0,
) -> NDArray[np.void]:
    """Draw the calls received in [0, ``duration_s``) after ``start``.

    Arrivals are a Poisson process whose rate is that of the hour of the week in the city's civil time, made by
    inverting the cumulative rate at the points of a unit-rate process (Çinlar 1975). Call k therefore keeps its
    luck when the horizon, the volume or the start changes; only its time moves.

    Parameters
    ----------
    demand
        Rates and laws.
    city
        The city they belong to.
    start
        Epoch of the run, with a time zone.
    duration_s
        Length, seconds, > 0.
    seed, replication
        Whole numbers >= 0; the same pair gives the same calls.
    volume_factor
        Multiplies every rate, >= 0.

    Returns
    -------
    CALL_DRAW[k]
        Sorted by ``t_received``.

    Raises
    ------
    InputError
        An argument is out of range, or ``demand`` belongs to other roads.
    """
    _check(demand, city, start, duration_s, volume_factor)
    t_received = _arrivals(demand, city, start, duration_s, volume_factor, generator(seed, replication, Stream.ARRIVAL))
    n = len(t_received)

    def u(stream: Stream) -> NDArray[np.float64]:
        return uniforms(seed, replication, stream, n)

    calls = np.zeros(n, dtype=CALL_DRAW)
    calls["t_received"] = t_received
    node = pick_nodes(demand, u(Stream.ZONE), u(Stream.NODE))
    calls["node"] = node
    calls["lon"], calls["lat"] = city.roads.lon[node], city.roads.lat[node]
    priority = pick_priority(demand, u(Stream.PRIORITY))
    transport = pick_transport(demand, priority, u(Stream.TRANSPORT))
    calls["priority"], calls["transport"] = priority, transport
    for field, stream in DELAY_STREAMS.items():
        calls[field] = delay_s(demand, stream, priority, transport, u(stream))
    calls["u_travel"] = u(Stream.TRAVEL)
    return calls


def _arrivals(
    demand: Demand,
    city: City,
    start: datetime,
    duration_s: float,
    volume_factor: float,
    stream: np.random.Generator,
) -> NDArray[np.float64]:
    """Ascending times of arrival in [0, ``duration_s``), seconds since ``start``."""
    edges_s, hour = hours_of_week(start, duration_s, time_zone(city.timezone))
    expected = demand.hour_of_week[hour] * (np.diff(edges_s) / 3600.0) * volume_factor
    cumulative = np.concatenate(([0.0], np.cumsum(expected)))
    total = cumulative[-1]
    points = np.zeros(0)
    while len(points) == 0 or points[-1] < total:
        more = int(total + 6 * math.sqrt(total)) + 16
        gaps = np.concatenate((points[-1:], stream.standard_exponential(more)))
        points = np.concatenate((points[:-1], np.cumsum(gaps)))
    points = points[: np.searchsorted(points, total)]
    # side='right' steps over pieces without calls, where the cumulative rate cannot be inverted.
    piece = np.searchsorted(cumulative, points, side="right") - 1
    share = (points - cumulative[piece]) / expected[piece]
    times: NDArray[np.float64] = edges_s[piece] + share * (edges_s[piece + 1] - edges_s[piece])
    return np.minimum(times, np.nextafter(duration_s, 0.0))


def _check(demand: Demand, city: City, start: datetime, duration_s: float, volume_factor: float) -> None:
    if len(demand.node_zone) != city.roads.n_nodes:
        raise InputError(
            f"the demand knows {len(demand.node_zone)} road nodes, {city.title} has {city.roads.n_nodes}",
            remedy="Load the demand of this city with load_demand(city).",
        )
    if start.utcoffset() is None:
        raise InputError(
            f"{start.isoformat()} has no time zone",
            field="start",
            remedy=f"Give it one, such as ZoneInfo('{city.timezone}').",
        )
    if not (math.isfinite(duration_s) and duration_s > 0):
        raise InputError(f"{duration_s} is not a length of time", field="duration_s", remedy="Give seconds above 0.")
    if not (math.isfinite(volume_factor) and volume_factor >= 0):
        raise InputError(
            f"{volume_factor} cannot multiply a rate", field="volume_factor", remedy="Give a number of 0 or more."
        )
