"""Which unit to send: the closest; or, to calls that are not urgent, one that is missed less and is there nearly as soon.

Sending the unit that coverage misses least makes fewer calls late, but, done for all calls, mean responses a third longer
(Jagtenberg, Bhulai and van der Mei 2017). So the unit must arrive within the target and not much after the closest, and
the most urgent calls always get the closest.
"""

from __future__ import annotations

from .._compiled import lean_kernel
from .._reference import ask
from ..world.own_policies import DISPATCH
from .best_station import TIE
from .closest_unit import closest_unit
from .motion import arrival, is_available, may_start
from .objective import add_up_gains
from .own_checks import RefusedAnswerError, fault_of_unit


@lean_kernel
def choose_unit(world, ground, c):  # type: ignore[no-untyped-def]
    """Row of the unit to send to call ``c``, by a user's own policy or the rules; -1 if none may be sent.

    The closest, or the available unit whose departure costs the objective least; of equals the one there first. What a
    unit's departure costs is what one more at its station would add, divided by q: the order is the same. A closest unit
    that would have to be taken from another call, or is not free yet, is not compared with others.
    """
    if ground.own[DISPATCH] != 0:
        answer = ask(ground.own[DISPATCH], world, ground, c)
        if fault_of_unit(world, ground, c, answer) != 0:
            raise RefusedAnswerError
        return answer
    best, rules, call = closest_unit(world, ground, c), ground.rules[0], world.calls[c]
    from_priority = rules.spare_from_priority
    if best < 0 or from_priority == 0 or call.priority < from_priority or not is_available(world, best):
        return best
    add_up_gains(world, ground, -1, -1)
    closest, best_s = best, arrival(world, ground, best, c)
    latest_s = min(best_s + rules.spare_guard_s, call.t_received + ground.spare_target_s[call.priority])
    least = world.stations[world.units[best].home].gain
    for u in range(len(world.units)):
        if u == closest or not is_available(world, u) or not may_start(world, ground, u, c):
            continue
        gain = world.stations[world.units[u].home].gain
        if gain > least * (1.0 + TIE):
            continue
        s = arrival(world, ground, u, c)
        if s <= latest_s and (gain < least * (1.0 - TIE) or s < best_s):
            best, best_s, least = u, s, gain
    return best
