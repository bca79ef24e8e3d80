"""How long a drive takes beside what the router says, as compiled code reads it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..city.travel import TRIM, Travel
from .rules import Rules

DRIVE_LAW = np.dtype(
    [
        ("start_up_s", "f8"),  # added to the median of a response that begins at a station's door
        ("uncertain", "i8"),  # 1: drives with a call take what the call's own luck says, else their median
        ("b0", "f8"),  # spread of Travel, by the median in minutes
        ("b1", "f8"),
        ("b2", "f8"),
        ("trim", "f8"),  # share cut off each tail
    ],
    align=True,
)
"""One row: :class:`~ems_twin.city.travel.Travel` and whether chance has a say."""


def drive_law(city: City, rules: Rules) -> NDArray[np.void]:
    """The law of a city's drives under some rules."""
    travel = city.travel or Travel()
    law = np.zeros(1, DRIVE_LAW)
    law["start_up_s"], law["uncertain"], law["trim"] = city.start_up_s, rules.uncertain_travel, TRIM
    law["b0"], law["b1"], law["b2"] = travel.spread
    return law
