"""DMEXCLP: a free unit goes where it adds most expected coverage (Jagtenberg, Bhulai and van der Mei 2015).

A point that k units cover is reached in time with probability 1 - q^k when each is busy a share q of the time, so the
next unit adds (1 - q) q^k of the point's demand.
"""

from __future__ import annotations

from .._compiled import lean_kernel
from .motion import RESPONSE, is_available, metric_at

_TIE = 1e-12  # gains of stations that cover alike differ in the last bits, by the order of the sum


@lean_kernel
def dmexclp_station(world, ground, u):  # type: ignore[no-untyped-def]
    """Row of the station where unit ``u`` adds most; of equals the lowest.

    Reads where available units belong. Leaves what one more unit would add in the stations' rows.
    """
    plan, stations = ground.stationing, world.stations
    now = world.clock[0].now
    for s in range(len(stations)):
        stations[s].n_available = 0
        stations[s].gain = 0.0
    for other in range(len(world.units)):
        if other != u and is_available(world, other):
            stations[world.units[other].home].n_available += 1
    q = plan.busy_share[0]
    for w in range(len(plan.weight)):
        metric = metric_at(ground, RESPONSE, plan.priority[w], now)
        for i in range(plan.weight.shape[1]):
            units = 0
            for s in range(len(stations)):
                if plan.covers[metric, w, i, s]:
                    units += stations[s].n_available
            worth = plan.weight[w, i] * (1.0 - q) * q**units
            for s in range(len(stations)):
                if plan.covers[metric, w, i, s]:
                    stations[s].gain += worth
    best = 0
    for s in range(1, len(stations)):
        if stations[s].gain > stations[best].gain * (1.0 + _TIE):
            best = s
    return best
