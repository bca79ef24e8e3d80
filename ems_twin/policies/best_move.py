"""One move: the single unit that is worth most elsewhere is sent there, within limits (van Barneveld 2016).

Limits on drive, gain and moves keep crews from being sent about for little: ems_twin/world/moves.py.
"""

from __future__ import annotations

import numpy as np

from .._compiled import lean_kernel
from ..world.schema import UnitStatus
from .best_station import TIE
from .motion import RETURN, metric_at, moves_of_shift
from .moves import times_at
from .objective import add_up_gains, worth_of_move

_AT_STATION, _RETURNING = int(UnitStatus.AT_STATION), int(UnitStatus.RETURNING)


@lean_kernel
def move_one(world, ground):  # type: ignore[no-untyped-def]
    """Write into ``move_to`` of the unit whose move is worth most where it is to stand; of equals the first.

    A move is worth what the objective gains by it, discounted by the drive as a free unit's station is.
    """
    plan, stations, flat = ground.stationing, world.stations, world.scratch
    limits, rules, now = plan.moves[0], ground.rules[0], world.clock[0].now
    times = len(world.units) + 1
    gains = times + len(stations)
    if gains + len(stations) * plan.objective.weight.shape[1] * plan.objective.weight.shape[2] > len(flat):
        raise ValueError("the world's scratch is too short for this review")
    add_up_gains(world, ground, -1, gains)
    most_gain = 0.0
    for s in range(len(stations)):
        most_gain = max(most_gain, stations[s].gain)
    metric = metric_at(ground, RETURN, 0, now)
    best_u, best_s, best = -1, -1, 0.0
    for u in range(len(world.units)):
        x = world.units[u].home
        # a move is worth at most what one more unit adds at its end less what one more adds at its beginning
        if not may_be_moved(world, ground, u) or most_gain - stations[x].gain < max(limits.least_gain, best):
            continue
        times_at(world, ground, u, metric, times)
        of_use_by = world.units[u].t_off + rules.overrun_grace_s - rules.expected_job_s - limits.least_stay_s
        for y in range(len(stations)):
            drive_s, at_most = flat[times + y], stations[y].gain - stations[x].gain
            if y == x or drive_s > limits.longest_drive_s or now + drive_s > of_use_by:
                continue
            if at_most <= best or at_most < limits.least_gain:
                continue
            kept = np.exp(-plan.discount_per_s[0] * drive_s)
            if at_most * kept <= best or at_most * kept < limits.least_gain:
                continue
            worth = worth_of_move(world, ground, x, y, gains) * kept
            if worth >= limits.least_gain and worth > best * (1.0 + TIE):
                best_u, best_s, best = u, y, worth
    if best_u >= 0:
        world.units[best_u].move_to = best_s


@lean_kernel
def may_be_moved(world, ground, u):  # type: ignore[no-untyped-def]
    """Whether a unit may be sent elsewhere now: it waits or returns, has rested, and has not been moved too often.

    A crew that is being moved is not turned round, and one that is to eat is left to it.
    """
    unit, limits, now = world.units[u], ground.stationing.moves[0], world.clock[0].now
    if unit.status not in (_AT_STATION, _RETURNING) or unit.break_s > 0 or unit.repair_s > 0:
        return False
    return now >= unit.t_moved + limits.rest_s and moves_of_shift(world, u) < limits.most_moves
