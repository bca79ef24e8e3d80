"""Relocation: where available units should stand instead, asked whenever one has been sent or has become free."""

from __future__ import annotations

from .._compiled import lean_kernel
from .._reference import tell
from ..world.own_policies import RELOCATION
from ..world.stationing import StationPolicy
from .best_move import move_one
from .compliance import comply
from .own_checks import RefusedAnswerError, fault_of_move
from .zhang import stand_where_worth_most

_COMP_TABLE, _ZHANG = int(StationPolicy.COMP_TABLE), int(StationPolicy.ZHANG)


@lean_kernel
def review(world, ground):  # type: ignore[no-untyped-def]
    """Say for every unit, in ``move_to``, the station it should be sent to; -1 to leave it where it is or drives.

    Only available units are sent, and only to another station than they belong to (``home``). Reckons in
    ``world.scratch``, which must have the room that
    :meth:`~ems_twin.world.stationing.StationingArrays.scratch_needed` says.
    """
    for u in range(len(world.units)):
        world.units[u].move_to = -1
    if ground.own[RELOCATION] != 0:
        tell(ground.own[RELOCATION], world, ground)
        for u in range(len(world.units)):
            if fault_of_move(world, ground, u) != 0:
                raise RefusedAnswerError
        return
    policy = ground.stationing.policy[0]
    if policy == _COMP_TABLE:
        comply(world, ground)
    elif policy == _ZHANG:
        stand_where_worth_most(world, ground)
    elif len(ground.stationing.moves) > 0:
        move_one(world, ground)
