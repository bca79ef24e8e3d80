"""Hospital choice: the nearest emergency room, or the one where the patient is expected in a bay soonest."""

from __future__ import annotations

import numpy as np

from .._compiled import lean_kernel
from .._reference import ask
from ..world.own_policies import HOSPITAL
from .motion import TRANSPORT, metric_at
from .own_checks import RefusedAnswerError, fault_of_hospital


@lean_kernel
def choose_hospital(world, ground, c):  # type: ignore[no-untyped-def]
    """Row of the hospital for the patient of call ``c``, by a user's own policy or the rules; of equals the first.

    The nearest by travel time, or, if the rules say so, where a bay is expected soonest after the drive; the hospital that knows
    the patient may be farther by as much as the rules allow. Hospitals without the
    speciality that the patient needs are passed over as long as there is another, then emergency rooms that divert.
    """
    if ground.own[HOSPITAL] != 0:
        answer = ask(ground.own[HOSPITAL], world, ground, c)
        if fault_of_hospital(world, ground, c, answer) != 0:
            raise RefusedAnswerError
        return answer
    call, rules = world.calls[c], ground.rules[0]
    speeds = ground.labels.metrics[metric_at(ground, TRANSPORT, call.priority, world.clock[0].now)]
    n_stations = len(world.stations)
    best, best_s, best_rank = 0, np.inf, 4
    for h in range(len(world.hospitals)):
        room = world.hospitals[h]
        s = ground.places.to_ticks[speeds.row, n_stations + h, call.node] * speeds.tick_s
        s += room.off_m * speeds.off_road_s_per_m
        if rules.soonest_hospital:
            s = max(s, expected_wait_s(world, ground, h))
        if call.known_at == h + 1:
            s -= rules.continuity_s
        rank = 0
        if room.specialities & call.speciality != call.speciality:
            rank = 2
        if room.diverting or room.closed:
            rank += 1
        if rank < best_rank or (rank == best_rank and s < best_s):
            best, best_s, best_rank = h, s, rank
    return best


@lean_kernel
def expected_wait_s(world, ground, h):  # type: ignore[no-untyped-def]
    """Seconds until a bay is expected to be free for one more patient who is on the way.

    A room of n bays frees one every stay / n; the patient needs as many to be freed as there are others before him
    and no bays for.
    """
    room = world.hospitals[h]
    if not ground.rules[0].count_bays or room.bays == 0:
        return 0.0
    before = room.units_waiting + room.inbound
    if not ground.rules[0].ambulances_first:
        before += room.walk_in_arrived - room.walk_in_next
    short = before + 1 - (room.bays - room.occupied)
    return max(short, 0) * ground.rules[0].expected_stay_s / room.bays
