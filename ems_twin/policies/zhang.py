"""Zhang's program: stand where slots are worth most, less the driving that it takes (O. Zhang, thesis, Auckland).

Stations have slots of a marginal benefit each. Every movable unit gets a slot, units at hospital may; the sum of
benefits, less a cost on travel times, is the greatest there is. Where a station's benefits do not increase from slot to
slot this is an assignment problem (as in JEMSS).
"""

from __future__ import annotations

import numpy as np

from .._compiled import lean_kernel
from ..world.schema import UnitStatus
from .assignment import assign
from .motion import RETURN, metric_at
from .moves import gather_available, times_to_stations

_AT_STATION, _AT_HOSPITAL = int(UnitStatus.AT_STATION), int(UnitStatus.AT_HOSPITAL)
_RETURNING, _RELOCATING = int(UnitStatus.RETURNING), int(UnitStatus.RELOCATING)
_SAME_S = 1e-6  # times as near as this differ only by the order of the sum


@lean_kernel
def stand_where_worth_most(world, ground):  # type: ignore[no-untyped-def]
    """Write into ``move_to`` where movable units are to stand that belong elsewhere, by Zhang's program.

    Of answers worth the same, the one that sends the fewest units elsewhere is taken.
    """
    plan, units, flat = ground.stationing, world.units, world.scratch
    n_stations = len(world.stations)
    n_movable = n = gather_available(world)
    if n == 0:
        return
    for u in range(len(units)):
        if units[u].status == _AT_HOSPITAL and units[u].next_call < 0:
            flat[n] = u
            n += 1
    costs = n
    cost_per_s = plan.zhang[0].travel_cost_per_s
    for i in range(n):
        u, times = int(flat[i]), costs + i * n_stations
        times_to_stations(world, ground, u, times)
        adjust_times(world, ground, u, times)
        for s in range(n_stations):
            if flat[times + s] < np.inf:
                # less than any two travel times differ by, so that it only decides between equals
                flat[times + s] = cost_per_s * (flat[times + s] + (_SAME_S if s != units[u].home else 0.0))
    if not fill_slots(flat, costs, n_movable, n, plan.slot_benefit):
        return
    for i in range(n_movable):
        unit = units[int(flat[i])]
        if flat[costs + i] != unit.home:
            unit.move_to = int(flat[costs + i])


@lean_kernel
def adjust_times(world, ground, u, at):  # type: ignore[no-untyped-def]
    """Change travel times of unit ``u`` into those that Zhang's program reckons with.

    A unit at hospital hands its patient over first. One on its way to a station is let off part of the time, if by now
    it would not much regret having gone the way it has: the regret is the arrival by where it is now, less what it
    would have been by the shortest way from where its trip began; none for the station that it drives to.

    Parameters
    ----------
    world, ground
    u : int
        The unit.
    at : int
        Where its travel times to the stations begin in ``world.scratch``, seconds.
    """
    unit, flat, plan = world.units[u], world.scratch, ground.stationing.zhang[0]
    now = world.clock[0].now
    just_freed = unit.status == _RETURNING and unit.since == now
    if unit.status == _AT_HOSPITAL:
        for s in range(len(world.stations)):
            flat[at + s] += plan.expected_handover_s
    elif unit.status in (_RETURNING, _RELOCATING) and not just_freed:
        speeds = ground.labels.metrics[metric_at(ground, RETURN, 0, now)]
        for s in range(len(world.stations)):
            regret_s = 0.0
            if s != unit.station:
                from_start_s = ground.places.to_ticks[speeds.row, s, unit.trip_node] * speeds.tick_s
                from_start_s += world.stations[s].off_m * speeds.off_road_s_per_m
                regret_s = now + flat[at + s] - (unit.t_trip + from_start_s)
            if regret_s <= plan.regret_limit_s + _SAME_S and flat[at + s] < np.inf:
                flat[at + s] *= plan.on_road_discount


@lean_kernel
def fill_slots(flat, at, n_movable, n, benefit):  # type: ignore[no-untyped-def]
    """Solve the program; returns whether there are slots enough.

    Parameters
    ----------
    flat : float64 array
        From ``at`` on the costs of having a unit at a station, shape (n, stations); movable units come first, then
        those at hospital. Afterwards the first ``n`` numbers are the units' stations instead, -1 for those that stay
        without. Behind the costs must be room for the slots and the assignment, see
        :meth:`~ems_twin.world.stationing.StationingArrays.scratch_needed`.
    at : int
        Where the costs begin.
    n_movable, n : int
        Movable units, and all.
    benefit : float64 array
        Marginal benefits in the unit of the costs, shape (stations, slots), not increasing along a row; NaN where there
        is no slot.
    """
    n_stations = len(benefit)
    slots = at + n * n_stations
    m = 0
    for s in range(n_stations):
        for b in range(min(n, benefit.shape[1])):
            if not np.isnan(benefit[s, b]):
                flat[slots + m] = s
                m += 1
    n_slots = m
    if n_slots < n_movable:
        return False
    for _ in range(n - n_movable):  # not to be given a slot costs nothing, but is not open to movable units
        flat[slots + m] = -1.0
        m += 1
    cells = slots + m
    if cells + n * m + 2 * n + 5 * m > len(flat):
        raise ValueError("the world's scratch is too short for this review")
    for i in range(n):
        b = 0
        for j in range(m):
            s = int(flat[slots + j])
            if s >= 0:
                b = b + 1 if j > 0 and flat[slots + j - 1] == s else 0
                flat[cells + i * m + j] = flat[at + i * n_stations + s] - benefit[s, b]
            else:
                flat[cells + i * m + j] = np.inf if i < n_movable else 0.0
    if assign(flat, cells, n, m) == np.inf:
        return False
    for i in range(n):
        flat[at + i] = flat[slots + int(flat[cells + n * m + i])]
    return True
