"""Which speeds a trip is driven at: by its purpose, the call's priority and the time at which it begins."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..routing import ORDINARY, SIRENS


class Purpose(IntEnum):
    """What a trip is for."""

    RESPONSE = 0  # to a call
    TRANSPORT = 1  # to hospital
    RETURN = 2  # to a station; it has no call, so its priority is 0


@dataclass(frozen=True, eq=False, kw_only=True)
class SpeedPlan:
    """Metrics by time, purpose and priority. The metric is chosen when a trip begins and held until it ends.

    Unless the agenda says that the roads change: then units under way choose anew (``EventKind.ROADS_CHANGED``).
    """

    from_s: NDArray[np.float64]
    """Second of the run from which a set of speeds is in force, ascending, shape (k,); the first serves all before."""
    set_row: NDArray[np.int64]
    """The set that is in force from then on, a row of ``metric``, shape (k,)."""
    metric: NDArray[np.int64]
    """The router's metric, shape (sets, purposes, priorities + 1)."""

    def __post_init__(self) -> None:
        if len(self.from_s) == 0 or len(self.from_s) != len(self.set_row) or (np.diff(self.from_s) <= 0).any():
            raise InputError(
                "the times from which sets of speeds are in force do not ascend", field="from_s",
                remedy="Give each time once, in order.",
            )  # fmt: skip
        if self.set_row.min() < 0 or self.set_row.max() >= len(self.metric):
            raise InputError(
                f"there are {len(self.metric)} sets of speeds", field="set_row", remedy="Name one of them."
            )


def sirens_plan(sirens_to_priority: int, transport_sirens_to_priority: int, n_priorities: int) -> SpeedPlan:
    """One set for all times: sirens to calls, and with patients, up to a priority; all else at ordinary speed."""
    metric = np.full((1, len(Purpose), n_priorities + 1), ORDINARY, dtype=np.int64)
    metric[0, Purpose.RESPONSE, 1 : sirens_to_priority + 1] = SIRENS
    metric[0, Purpose.TRANSPORT, 1 : transport_sirens_to_priority + 1] = SIRENS
    return SpeedPlan(from_s=np.zeros(1), set_row=np.zeros(1, np.int64), metric=metric)
