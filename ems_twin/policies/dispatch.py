"""Which unit to send: the closest; or, to calls that are not urgent, one that is missed less and is there nearly as soon.

Sending the unit that coverage misses least makes fewer calls late, but, done for all calls, mean responses a third longer
(Jagtenberg, Bhulai and van der Mei 2017). So the unit must arrive within the target and not much after the closest, and
the most urgent calls always get the closest.
"""

from __future__ import annotations

from .._compiled import lean_kernel
from .best_station import TIE
from .closest_unit import closest_unit
from .motion import arrival, is_available, may_start
from .objective import add_up_gains


@lean_kernel
def choose_unit(world, ground, c):  # type: ignore[no-untyped-def]
    """Row of the unit to send to call ``c``, by the rules; -1 if none may be sent.

    A closest unit that would have to be taken from another call, or is not free yet, is not compared with others.
    """
    closest = closest_unit(world, ground, c)
    least_urgent = ground.rules[0].spare_from_priority
    if closest < 0 or least_urgent == 0 or world.calls[c].priority < least_urgent or not is_available(world, closest):
        return closest
    return least_missed(world, ground, c, closest)


@lean_kernel
def least_missed(world, ground, c, closest):  # type: ignore[no-untyped-def]
    """Available unit whose departure costs the objective least, of those soon enough; of equals the one there first.

    What a unit's departure costs is what one more at its station would add, divided by q: the order is the same.
    """
    rules, stations, call = ground.rules[0], world.stations, world.calls[c]
    add_up_gains(world, ground, -1, -1)
    best, best_s = closest, arrival(world, ground, closest, c)
    latest_s = min(best_s + rules.spare_guard_s, call.t_received + rules.spare_target_s)
    least = stations[world.units[closest].home].gain
    for u in range(len(world.units)):
        if u == closest or not is_available(world, u) or not may_start(world, ground, u, c):
            continue
        gain = stations[world.units[u].home].gain
        if gain > least * (1.0 + TIE):
            continue
        s = arrival(world, ground, u, c)
        if s <= latest_s and (gain < least * (1.0 - TIE) or s < best_s):
            best, best_s, least = u, s, gain
    return best
