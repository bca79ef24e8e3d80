"""Hospital choice: the nearest emergency room by travel time, however full it is."""

from __future__ import annotations

import numpy as np

from .._compiled import lean_kernel
from .motion import TRANSPORT, metric_at


@lean_kernel
def nearest_hospital(world, ground, c):  # type: ignore[no-untyped-def]
    """Row of the hospital with the shortest drive from the scene of call ``c``; of equals the first."""
    call = world.calls[c]
    speeds = ground.labels.metrics[metric_at(ground, TRANSPORT, call.priority, world.clock[0].now)]
    n_stations = len(world.stations)
    best, best_s = 0, np.inf
    for h in range(len(world.hospitals)):
        drive_s = ground.places.to_ticks[speeds.row, n_stations + h, call.node] * speeds.tick_s
        drive_s += world.hospitals[h].off_m * speeds.off_road_s_per_m
        if drive_s < best_s:
            best, best_s = h, drive_s
    return best
