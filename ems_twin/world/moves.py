"""Limits on single moves: how far, for how much, how often a unit that waits may be sent to stand elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

MOVE_LIMITS = np.dtype(
    [
        ("longest_drive_s", "f8"),
        ("least_gain", "f8"),
        ("rest_s", "f8"),
        ("least_stay_s", "f8"),
        ("most_moves", "i8"),
    ],
    align=True,
)
"""The limits as compiled code reads them: one row, or none where no unit is moved."""


@dataclass(frozen=True, kw_only=True)
class Moves:
    """After an event at most one unit is moved: the move that is worth most, within these limits.

    Raises
    ------
    InputError
        If a limit is not a number of 0 or more: it says all that are not.
    """

    longest_drive_s: float = 1200.0
    """No move takes longer (20 min: without a cap moves gain nothing)."""
    least_gain: float = 0.005
    """Moves that are worth less are left alone, in the unit of the objective: of coverage the share of demand, of
    response times seconds."""
    rest_s: float = 1800.0
    """Time at a station that a crew has after a move before it may be moved again (assumed: half an hour)."""
    least_stay_s: float = 1800.0
    """A unit is moved only if after its arrival it may be sent to ordinary calls for so long before its shift ends
    (assumed: half an hour)."""
    most_moves: int = 4
    """Moves of one unit in a shift, or in 24 hours where shifts are longer or there are none (assumed)."""
    after_freed: bool = False
    """Whether to look for a move also when a unit has become free and has been given its station, not only after a
    dispatch."""

    def __post_init__(self) -> None:
        faults = [
            f"{limit.name} is {getattr(self, limit.name)}, not a number of 0 or more"
            for limit in fields(self)
            if not 0 <= getattr(self, limit.name) < np.inf
        ]
        if int(self.most_moves) != self.most_moves:
            faults.append(f"most_moves is {self.most_moves}, not a whole number")
        if faults:
            raise InputError("; ".join(faults), field="moves", remedy="Correct the limits on moves.")

    def record(self) -> NDArray[np.void]:
        """The limits as a :data:`MOVE_LIMITS` array of one row."""
        record = np.zeros(1, MOVE_LIMITS)
        for name in MOVE_LIMITS.names or ():
            record[name] = getattr(self, name)
        return record
