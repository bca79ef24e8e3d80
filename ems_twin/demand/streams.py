"""One stream of random numbers for each attribute of a call or of a patient who walks in.

Stream ``SeedSequence([seed, replication, stream])`` fills its attribute in the order of the calls, one number a
call. So a change of one law leaves the numbers of every other attribute alone, a longer horizon only appends calls,
and call k has the same luck under every policy (common random numbers: Law, Simulation Modeling and Analysis,
chapter 11).
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

_SMALLEST = 2.0**-54  # half the step of Generator.random, which may return 0


class Stream(IntEnum):
    """Attribute that a stream serves. The number is part of every published result: never reuse or renumber one."""

    ARRIVAL = 0
    ZONE = 1
    NODE = 2
    PRIORITY = 3
    TRANSPORT = 4
    DISPATCH_DELAY = 5
    TURNOUT = 6
    SCENE = 7
    OFFLOAD = 8
    CLEAR = 9
    TRAVEL = 10
    CANCELLED = 11
    CANCEL_TIME = 12
    REFUSED = 13
    WORSENS = 14
    WORSEN_TIME = 15
    UNITS = 16
    SKILLS = 17
    SPECIALITY = 18
    STAY = 19
    WALK_IN_ARRIVAL = 20
    WALK_IN_STAY = 21
    PRESENT_ARRIVAL = 22  # patients by ambulance who have a bay when the run begins
    PRESENT_PRIORITY = 23
    PRESENT_OFFLOAD = 24
    PRESENT_STAY = 25
    FUTURE = 26  # which of many futures a call or walk-in belongs to
    REMAINING = 27  # what is left of steps under way, by part
    CELL_LEVEL = 28  # how far each cell's hour strays from its forecast ...
    CELL_LEVEL_8H = 29  # ... its third of the day ...
    CELL_LEVEL_DAY = 30  # ... its day ...
    CELL_LEVEL_WEEK = 31  # ... and its week
    TRANSPORT_TRAVEL = 32
    KNOWN_AT = 33
    KEPT = 34  # whether a call is among those that a scenario takes away, or a crowd's patient calls for an ambulance
    LEVEL = 35  # how large a change of the demand turns out


def generator(seed: int, replication: int, stream: Stream, *part: int) -> np.random.Generator:
    """Fresh generator at the start of a stream, or of one part of it, such as one hospital's.

    Raises
    ------
    InputError
        ``seed`` or ``replication`` is negative.
    """
    for field, value in (("seed", seed), ("replication", replication)):
        if value < 0:
            raise InputError(f"{value} is negative", field=field, remedy="Give a whole number of 0 or more.")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, replication, int(stream), *part])))


def uniforms(seed: int, replication: int, stream: Stream, n: int, *part: int) -> NDArray[np.float64]:
    """First ``n`` numbers of a stream, or of one part of it, uniform on the open interval (0, 1)."""
    return np.maximum(generator(seed, replication, stream, *part).random(n), _SMALLEST)
