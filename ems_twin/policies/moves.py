"""Which units are available, and how long they would drive to each station, as reviews of where they stand reckon it."""

from __future__ import annotations

import numpy as np

from .._compiled import lean_kernel
from ..routing.customise import CLOSED
from ..world.schema import UnitStatus
from .motion import RESPONSE, is_available, metric_at, next_node

_AT_STATION = int(UnitStatus.AT_STATION)


@lean_kernel
def gather_available(world):  # type: ignore[no-untyped-def]
    """Write the rows of the available units to the beginning of ``world.scratch``; returns how many there are."""
    n = 0
    for u in range(len(world.units)):
        if is_available(world, u):
            world.scratch[n] = u
            n += 1
    return n


@lean_kernel
def times_to_stations(world, ground, u, at):  # type: ignore[no-untyped-def]
    """Write the seconds that unit ``u`` needs to each station into ``world.scratch``, from ``at`` on.

    None to the station that it stands at; else from where it can take another way, at the speeds of a response of the
    low priority (as JEMSS reckons its moves). Infinite where there is no way.
    """
    priority = min(ground.stationing.low_priority[0], ground.speeds_metric.shape[2] - 1)
    times_at(world, ground, u, metric_at(ground, RESPONSE, priority, world.clock[0].now), at)


@lean_kernel
def times_at(world, ground, u, metric, at):  # type: ignore[no-untyped-def]
    """As :func:`times_to_stations`, at the speeds of a metric."""
    unit, now = world.units[u], world.clock[0].now
    speeds = ground.labels.metrics[metric]
    node, t = next_node(world, ground, u, speeds.off_road_s_per_m)
    for s in range(len(world.stations)):
        to_ticks = ground.places.to_ticks[speeds.row, s, node]
        if unit.status == _AT_STATION and unit.station == s:
            world.scratch[at + s] = 0.0
        elif to_ticks >= CLOSED:
            world.scratch[at + s] = np.inf
        else:
            world.scratch[at + s] = (
                t - now + to_ticks * speeds.tick_s + world.stations[s].off_m * speeds.off_road_s_per_m
            )
