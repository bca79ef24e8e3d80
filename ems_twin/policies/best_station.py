"""A free unit goes where it adds most to the objective, the drive there discounted.

With coverage as the objective and no discount it is DMEXCLP (Jagtenberg, Bhulai and van der Mei 2015).
"""

from __future__ import annotations

import numpy as np

from .._compiled import lean_kernel
from .motion import RETURN, metric_at
from .moves import times_at
from .objective import add_up_gains

TIE = 1e-12
"""Gains of stations that serve alike differ in the last bits, by the order of the sum."""


@lean_kernel
def best_station(world, ground, u):  # type: ignore[no-untyped-def]
    """Row of the station where unit ``u`` adds most; of equals the lowest.

    Leaves what one more unit would add, discounted, in the stations' rows.
    """
    stations, flat = world.stations, world.scratch
    add_up_gains(world, ground, u, -1)
    discount_per_s = ground.stationing.discount_per_s[0]
    if discount_per_s > 0.0:
        times = len(world.units) + 1
        times_at(world, ground, u, metric_at(ground, RETURN, 0, world.clock[0].now), times)
        for s in range(len(stations)):
            stations[s].gain *= np.exp(-discount_per_s * flat[times + s])
    best = 0
    for s in range(1, len(stations)):
        if stations[s].gain > stations[best].gain * (1.0 + TIE):
            best = s
    return best
