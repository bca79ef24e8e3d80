"""What the policies read that send units to stations: a choice of policy and its tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class StationPolicy(IntEnum):
    """Who decides where a unit goes that becomes free."""

    HOME = 0
    PRIORITY_LIST = 1
    DMEXCLP = 2


class StationingArrays(NamedTuple):
    """The tables as compiled code reads them."""

    policy: NDArray[np.int64]
    """:class:`StationPolicy`, one entry."""
    review: NDArray[np.int64]
    """Whether where units stand is reviewed after a dispatch, and after a unit became free: two entries."""
    priority_list: NDArray[np.int64]
    """Stations in the order in which they are to be filled, shape (units,)."""
    busy_share: NDArray[np.float64]
    """DMEXCLP's q, one entry."""
    covers: NDArray[np.bool_]
    """Whether a station covers a demand point, by (metric, weight row, point, station)."""
    weight: NDArray[np.float64]
    """Demand of a point, by (weight row, point)."""
    priority: NDArray[np.int64]
    """Priority whose response speeds a weight row is reckoned with, shape (weight rows,)."""


def _none(*shape: int) -> NDArray[np.float64]:
    return np.zeros(shape)


@dataclass(frozen=True, eq=False, kw_only=True)
class Stationing:
    """Choice of policy and its tables; what a policy does not read may stay empty."""

    policy: StationPolicy = StationPolicy.HOME
    """Who decides."""
    priority_list: NDArray[np.int64] = field(default_factory=lambda: _none(0).astype(np.int64))
    """See :class:`StationingArrays`."""
    busy_share: float = 0.3
    """Share of the time that a unit is busy, as DMEXCLP reckons (Jagtenberg, Bhulai and van der Mei 2015: 0.3)."""
    covers: NDArray[np.bool_] = field(default_factory=lambda: _none(0, 0, 0, 0).astype(np.bool_))
    """See :class:`StationingArrays`."""
    weight: NDArray[np.float64] = field(default_factory=lambda: _none(0, 0))
    """See :class:`StationingArrays`."""
    priority: NDArray[np.int64] = field(default_factory=lambda: _none(0).astype(np.int64))
    """See :class:`StationingArrays`."""

    def arrays(self) -> StationingArrays:
        """The tables for compiled code."""
        return StationingArrays(
            policy=np.array([self.policy], dtype=np.int64),
            review=np.zeros(2, dtype=np.int64),
            priority_list=self.priority_list,
            busy_share=np.array([self.busy_share]),
            covers=self.covers,
            weight=self.weight,
            priority=self.priority,
        )
