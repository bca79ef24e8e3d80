"""The doors through which Python calls the law: world and ground as one pointer.

Numba takes a named tuple apart array by array: 4.7 µs for a call with world and ground, against 0.7 µs with a handle.
A handle refers to the same arrays, so what the law changes through it is changed for everybody. Behind the doors the
law hands on references to what the handle holds (:mod:`ems_twin._reference`).
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.experimental import structref

from .. import policies
from .._compiled import kernel
from .._reference import ground_of, world_of
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
