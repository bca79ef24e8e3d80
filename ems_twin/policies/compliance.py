"""Compliance tables: for each number of movable units, the stations at which they are to stand.

All movable units are assigned to the stations of the row for their number at the least total travel time; of several
rows for a number, the one whose total is least holds (as in JEMSS). Rules and tables: Gendreau, Laporte and Semet 2006.
"""

from __future__ import annotations

import numpy as np

from .._compiled import lean_kernel
from .assignment import assign
from .moves import gather_available, times_to_stations

_SAME_S = 1e-6  # totals as near as this differ only by the order of the sum


@lean_kernel
def comply(world, ground):  # type: ignore[no-untyped-def]
    """Write into ``move_to`` where movable units are to stand that belong elsewhere, by the compliance table.

    Of assignments that take the same time, the one that sends the fewest units elsewhere is taken, of rows the first.
    """
    plan, units, flat = ground.stationing, world.units, world.scratch
    n_stations = len(world.stations)
    k = gather_available(world)
    if k == 0 or k + 1 >= len(plan.comp_first):
        return
    best_stations = k
    slots = best_stations + k
    times = slots + k
    costs = times + k * n_stations
    if costs + k * k + 7 * k > len(flat):
        raise ValueError("the world's scratch is too short for this review")
    for i in range(k):
        times_to_stations(world, ground, int(flat[i]), times + i * n_stations)
    best_s = np.inf
    for row in range(plan.comp_first[k], plan.comp_first[k + 1]):
        slot = 0
        for s in range(n_stations):
            for _ in range(plan.comp_table[row, s]):
                flat[slots + slot] = s
                slot += 1
        for i in range(k):
            home = units[int(flat[i])].home
            for j in range(k):
                s = int(flat[slots + j])
                # less than any two travel times differ by, so that it only decides between equals
                flat[costs + i * k + j] = flat[times + i * n_stations + s] + (_SAME_S if s != home else 0.0)
        if assign(flat, costs, k, k) == np.inf:
            continue
        total_s = 0.0
        for i in range(k):
            total_s += flat[times + i * n_stations + int(flat[slots + int(flat[costs + k * k + i])])]
        if total_s < best_s - _SAME_S:
            best_s = total_s
            for i in range(k):
                flat[best_stations + i] = flat[slots + int(flat[costs + k * k + i])]
    if best_s == np.inf:
        return
    for i in range(k):
        unit = units[int(flat[i])]
        if flat[best_stations + i] != unit.home:
            unit.move_to = int(flat[best_stations + i])
