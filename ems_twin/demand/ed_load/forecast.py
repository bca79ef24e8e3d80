"""A forecast of emergency-room load: the median and quantiles around it, by hour ahead and room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from .history import Measure

LEVELS = tuple(round(0.05 * i, 2) for i in range(1, 20))
"""Probabilities of the quantiles: 5 % to 95 %, so that the outer two bound a 90 % interval."""
MEDIAN = LEVELS.index(0.5)


@dataclass(frozen=True, kw_only=True, eq=False)
class EDForecast:
    """Load of every room, hours ahead of an origin."""

    origin: datetime
    """Full hour that the horizons count from; nothing published later was used."""
    measure: Measure
    rooms: tuple[str, ...]
    horizons_h: NDArray[np.intp]
    """Hours ahead, shape (horizons,)."""
    quantiles: NDArray[np.float64]
    """Quantiles at ``LEVELS``, shape (horizons, rooms, levels), in percent or patients as the measure is. NaN: a room
    that never published a figure, or (all but the median) a history too short to learn intervals from."""
    model: str
    """Name of the model that made it."""
    note: str = ""
    """Why another model than the one asked made it, if so."""

    @property
    def median(self) -> NDArray[np.float64]:
        """Median, shape (horizons, rooms)."""
        return self.quantiles[..., MEDIAN]

    def interval(self, share: float = 0.9) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Bounds between which the load lies with probability ``share``, each shape (horizons, rooms).

        Raises
        ------
        InputError
            There are no quantiles for this share: 0.9, 0.8, ... 0.1 have them.
        """
        low = round((1 - share) / 2, 6)
        if low not in LEVELS or low >= 0.5:
            raise InputError(f"{share} has no quantiles", field="share", remedy="Give 0.9, 0.8, ... or 0.1.")
        return self.quantiles[..., LEVELS.index(low)], self.quantiles[..., LEVELS.index(round(1 - low, 2))]

    def of(self, room: str) -> NDArray[np.float64]:
        """Quantiles of one room, shape (horizons, levels).

        Raises
        ------
        InputError
            There is no such room.
        """
        if room not in self.rooms:
            raise InputError(f"there is no room '{room}'", field="room", remedy=f"Known are {', '.join(self.rooms)}.")
        return self.quantiles[:, self.rooms.index(room)]
