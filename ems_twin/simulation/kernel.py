"""The compiled driver: the law in one loop without Python."""

from __future__ import annotations

from .._compiled import lean_kernel
from ..policies import choose_hospital, choose_station, choose_unit, review
from . import course
from . import lifecycle as law
from . import numbers as kinds
from .incident import takes_patient


@lean_kernel
def run(world, ground, until, max_events, reviews):  # type: ignore[no-untyped-def]
    """Handle all events up to and including ``until``, at most ``max_events`` of them; returns how many.

    Fewer than ``max_events`` means that nothing is left to do before ``until``. With ``reviews`` None no policy that
    reviews where units stand is compiled (a sixth of the time that compiling takes); any number takes them in.
    """
    count = 0
    while count < max_events:
        kind, u, c = course.next_event(world, until)
        if kind < 0:
            break
        count += 1
        choice = -1
        if kind == kinds.UNIT_NEEDED:
            choice = choose_unit(world, ground, c)
        elif kind == kinds.LEFT_SCENE and takes_patient(world, u, c):
            choice = world.calls[c].hospital_wanted
            if choice < 0:
                choice = choose_hospital(world, ground, c)
        elif kind == kinds.BACK_IN_SERVICE:
            choice = choose_station(world, ground, u)
        elif kind == kinds.REVIEW:  # noqa: SIM102 - numba leaves out a branch only where its condition stands alone
            if reviews is not None:
                review(world, ground)
        law.apply(world, ground, kind, u, c, choice)
    return count
