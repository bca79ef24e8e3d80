"""The doors through which Python calls the law: world and ground as one pointer.

Numba takes a named tuple apart array by array: 4.7 µs for a call with world and ground, against 0.7 µs with a handle.
A handle refers to the same arrays, so what the law changes through it is changed for everybody. Behind the doors the
law hands on references to what the handle holds (:mod:`ems_twin._reference`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.experimental import structref

from .. import policies
from .._compiled import kernel, lean_kernel
from .._reference import ask, ground_of, world_of
from ..policies import motion, own_checks
from ..policies.closest_unit import may_be_waited_for
from ..world.own_policies import DISPATCH, HOSPITAL, STATION
from . import course
from . import kernel as compiled
from . import lifecycle as law


@structref.register
class _HandleType(types.StructRef):
    def preprocess_fields(self, fields: Any) -> Any:
        return tuple((name, types.unliteral(of)) for name, of in fields)


class Handle(structref.StructRefProxy):
    """Stands for a :class:`~ems_twin.world.World` and the :class:`~ems_twin.world.Ground` under it."""


structref.define_proxy(Handle, _HandleType, ["world", "ground"])


@kernel
def make_handle(world, ground):  # type: ignore[no-untyped-def]
    """Handle of a world and its ground."""
    return Handle(world, ground)


@kernel
def run(handle, until, max_events, reviews=1):  # type: ignore[no-untyped-def]
    """See :func:`ems_twin.simulation.kernel.run`."""
    return compiled.run(world_of(handle), ground_of(handle), until, max_events, reviews)


@kernel
def next_event(handle, until):  # type: ignore[no-untyped-def]
    """See :func:`ems_twin.simulation.course.next_event`."""
    return course.next_event(world_of(handle), until)


@kernel
def apply(handle, kind, u, c, choice):  # type: ignore[no-untyped-def]
    """See :func:`ems_twin.simulation.lifecycle.apply`."""
    law.apply(world_of(handle), ground_of(handle), kind, u, c, choice)


@kernel
def choose_unit(handle, c):  # type: ignore[no-untyped-def]
    """See :func:`ems_twin.policies.choose_unit`."""
    return policies.choose_unit(world_of(handle), ground_of(handle), c)


@kernel
def choose_hospital(handle, c):  # type: ignore[no-untyped-def]
    """See :func:`ems_twin.policies.choose_hospital`."""
    return policies.choose_hospital(world_of(handle), ground_of(handle), c)


@kernel
def choose_station(handle, u):  # type: ignore[no-untyped-def]
    """See :func:`ems_twin.policies.choose_station`."""
    return policies.choose_station(world_of(handle), ground_of(handle), u)


@kernel
def review(handle):  # type: ignore[no-untyped-def]
    """See :func:`ems_twin.policies.review`."""
    policies.review(world_of(handle), ground_of(handle))


@kernel
def answer_of(handle, address, row):  # type: ignore[no-untyped-def]
    """What a user's own compiled policy answers, unchecked."""
    return ask(address, world_of(handle), ground_of(handle), row)


@kernel
def fault_of(handle, hook, row, answer):  # type: ignore[no-untyped-def]
    """What is wrong with a policy's answer (:class:`~ems_twin.policies.own_checks.Fault`).

    ``row`` is the call's, for stations and relocation the unit's; the answer of a relocation is in ``move_to``.
    """
    if hook == DISPATCH:
        return own_checks.fault_of_unit(world_of(handle), ground_of(handle), row, answer)
    if hook == HOSPITAL:
        return own_checks.fault_of_hospital(world_of(handle), ground_of(handle), row, answer)
    if hook == STATION:
        return own_checks.fault_of_station(world_of(handle), ground_of(handle), row, answer)
    return own_checks.fault_of_move(world_of(handle), ground_of(handle), row)


@kernel
def arrivals(handle, c, answer):  # type: ignore[no-untyped-def]
    """Write when each unit would be on scene of a call, second of the run; infinite for those that may not be sent."""
    _arrivals(world_of(handle), ground_of(handle), c, answer)


@kernel
def drives(handle, row, purpose, answer):  # type: ignore[no-untyped-def]
    """Write the seconds to each hospital from call ``row``, or for RETURN to each station from where unit ``row`` is."""
    _drives(world_of(handle), ground_of(handle), row, purpose, answer)


@lean_kernel
def _arrivals(world, ground, c, answer):  # type: ignore[no-untyped-def]
    for u in range(len(world.units)):
        answer[u] = np.inf
        if own_checks.may_be_sent(world, ground, u, c) and motion.may_start(world, ground, u, c):
            waits = may_be_waited_for(world, ground, u)
            answer[u] = motion.arrival_when_free(world, ground, u, c) if waits else motion.arrival(world, ground, u, c)


@lean_kernel
def _drives(world, ground, row, purpose, answer):  # type: ignore[no-untyped-def]
    now, places = world.clock[0].now, ground.places
    if purpose == motion.TRANSPORT:
        call = world.calls[row]
        speeds = ground.labels.metrics[motion.metric_at(ground, purpose, call.priority, now)]
        for h in range(len(world.hospitals)):
            s = places.to_ticks[speeds.row, len(world.stations) + h, call.node] * speeds.tick_s
            answer[h] = s + (call.off_m + world.hospitals[h].off_m) * speeds.off_road_s_per_m
        return
    speeds = ground.labels.metrics[motion.metric_at(ground, purpose, 0, now)]
    node, t = motion.next_node(world, ground, row, speeds.off_road_s_per_m)
    for s in range(len(world.stations)):
        answer[s] = t - now + places.to_ticks[speeds.row, s, node] * speeds.tick_s
        answer[s] += world.stations[s].off_m * speeds.off_road_s_per_m
