"""The compiled driver: the law in one loop without Python."""

from __future__ import annotations

from .._compiled import kernel
from ..policies.closest_unit import closest_unit
from ..policies.home_station import home_station
from ..policies.nearest_hospital import nearest_hospital
from . import lifecycle as law


@kernel
def run(world, ground, until, max_events):  # type: ignore[no-untyped-def]
    """Handle all events up to and including ``until``, at most ``max_events`` of them; returns how many.

    Fewer than ``max_events`` means that nothing is left to do before ``until``.
    """
    count = 0
    while count < max_events:
        kind, u, c = law.next_event(world, until)
        if kind < 0:
            break
        count += 1
        if kind == law.CALL_RECEIVED:
            law.call_received(world, c)
        elif kind == law.UNIT_NEEDED:
            law.unit_needed(world, ground, c, closest_unit(world, ground, c))
        elif kind == law.EN_ROUTE:
            law.en_route(world, ground, u, c)
        elif kind == law.ON_SCENE:
            law.on_scene(world, u, c)
        elif kind == law.LEFT_SCENE:
            h = nearest_hospital(world, ground, c) if world.calls[c].transport else -1
            law.left_scene(world, ground, u, c, h)
        elif kind == law.AT_HOSPITAL:
            law.at_hospital(world, u, c)
        elif kind == law.TRANSFER_OF_CARE:
            law.transfer_of_care(world, u, c)
        elif kind == law.BACK_IN_SERVICE:
            law.back_in_service(world, ground, u, c, home_station(world, ground, u))
        else:
            law.at_station(world, u)
    return count
