"""Draw the calls of a stretch of time from a city's demand."""

from __future__ import annotations

import math
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ..city.city import City
from ..errors import InputError
from .arrivals import arrival_times
from .attributes import DELAY_STREAMS, delay_s, pick_nodes, pick_priority, pick_transport
from .calls import CALL_DRAW
from .clock import hours_of_week, time_zone
from .mixing import U, check_case_mix, draw_case_mix
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
    skill_names: tuple[str, ...] = ("transport",),
) -> NDArray[np.void]:
    """Draw the calls received in [0, ``duration_s``) after ``start``.

    Arrivals are a Poisson process whose rate is that of the hour of the week in the city's civil time. Call k keeps
    its luck when the horizon, the volume or the start changes; only its time moves. What the demand's case mix leaves
    out is 0. ``stay_s`` is 0: :func:`~ems_twin.demand.draw_stays` fills it for runs that count treatment bays.

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
    skill_names
        What the bits of ``needs`` mean, bit 0 first: the skills that the fleet knows.

    Returns
    -------
    CALL_DRAW[k]
        Sorted by ``t_received``.

    Raises
    ------
    InputError
        An argument is out of range, ``demand`` belongs to other roads, or calls need a skill or a speciality that
        nobody has.
    """
    check_stretch(demand, city, start, duration_s, volume_factor)
    check_case_mix(demand, city, skill_names)
    t_received = arrival_times(
        demand.hour_of_week, start, duration_s, time_zone(city.timezone), generator(seed, replication, Stream.ARRIVAL),
        factor=volume_factor,
    )  # fmt: skip
    n = len(t_received)

    def u(stream: Stream) -> NDArray[np.float64]:
        return uniforms(seed, replication, stream, n)

    node = pick_nodes(demand, u(Stream.ZONE), u(Stream.NODE))
    return with_luck(t_received, node, demand, city, u, skill_names)


def with_luck(
    t_received: NDArray[np.float64],
    node: NDArray[np.integer],
    demand: Demand,
    city: City,
    u: U,
    skill_names: tuple[str, ...],
) -> NDArray[np.void]:
    """Calls whose time and place are known, with all else drawn from the demand's laws.

    Parameters
    ----------
    t_received, node
        Time of each call, seconds since the epoch of the run, and its road node, length k.
    demand, city
        Laws, and the city they belong to.
    u
        Numbers of a stream, uniform in (0, 1), one a call.
    skill_names
        What the bits of ``needs`` mean, bit 0 first.
    """
    calls = np.zeros(len(t_received), dtype=CALL_DRAW)
    calls["t_received"], calls["node"] = t_received, node
    calls["lon"], calls["lat"] = city.roads.lon[node], city.roads.lat[node]
    priority = pick_priority(demand, u(Stream.PRIORITY))
    transport = pick_transport(demand, priority, u(Stream.TRANSPORT))
    calls["priority"], calls["transport"] = priority, transport
    for field, stream in DELAY_STREAMS.items():
        calls[field] = delay_s(demand, stream, priority, transport, u(stream))
    calls["u_travel"], calls["u_transport"] = u(Stream.TRAVEL), u(Stream.TRANSPORT_TRAVEL)
    draw_case_mix(calls, demand, city, u, skill_names)
    return calls


def expected_calls(demand: Demand, city: City, *, start: datetime, duration_s: float) -> float:
    """Mean number of calls in [0, ``duration_s``) after ``start``; raises as :func:`generate_calls`."""
    check_stretch(demand, city, start, duration_s, 1.0)
    edges_s, hour = hours_of_week(start, duration_s, time_zone(city.timezone))
    return float(demand.hour_of_week[hour] @ np.diff(edges_s)) / 3600


def check_stretch(demand: Demand, city: City, start: datetime, duration_s: float, volume_factor: float) -> None:
    """Raise an :class:`InputError` unless something can be drawn for this stretch of time."""
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
