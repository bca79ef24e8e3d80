"""Stationing: where a unit goes that becomes free. Asked when it is back in service after a call, at no other time."""

from __future__ import annotations

from .._compiled import lean_kernel
from .._reference import ask
from ..world.own_policies import STATION
from ..world.stationing import StationPolicy
from .best_station import best_station
from .motion import is_available
from .own_checks import RefusedAnswerError, fault_of_station

_PRIORITY_LIST, _BEST_STATION = int(StationPolicy.PRIORITY_LIST), int(StationPolicy.BEST_STATION)


@lean_kernel
def choose_station(world, ground, u):  # type: ignore[no-untyped-def]
    """Row of the station that unit ``u``, which has just become free, drives to, by the policy in force.

    Under a policy that reviews where all available units stand, that is its present one until the review.
    """
    if ground.own[STATION] != 0:
        answer = ask(ground.own[STATION], world, ground, u)
        if fault_of_station(world, ground, u, answer) != 0:
            raise RefusedAnswerError
        return answer
    policy = ground.stationing.policy[0]
    if policy == _PRIORITY_LIST:
        return priority_list_station(world, ground, u)
    if policy == _BEST_STATION:
        return best_station(world, ground, u)
    return world.units[u].home


@lean_kernel
def priority_list_station(world, ground, u):  # type: ignore[no-untyped-def]
    """First station of the priority list that lacks a unit (O. Zhang, thesis, Auckland; as in JEMSS).

    The list says which station the first, second, ... available unit stands at. Walk it for as many units as are
    available with ``u``; the first station that is named more often than it has units gets ``u``.
    """
    order = ground.stationing.priority_list
    available = 1
    for other in range(len(world.units)):
        if other != u and is_available(world, other):
            available += 1
    for i in range(min(available, len(order))):
        named = 0
        for k in range(i + 1):
            if order[k] == order[i]:
                named += 1
        if named > units_of(world, u, order[i]):
            return order[i]
    return world.units[u].home


@lean_kernel
def units_of(world, u, station):  # type: ignore[no-untyped-def]
    """Available units other than ``u`` whose home is a station, standing there or on their way."""
    count = 0
    for other in range(len(world.units)):
        if other != u and world.units[other].home == station and is_available(world, other):
            count += 1
    return count
