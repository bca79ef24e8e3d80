"""Models that need no training: the last value, and what is usual in the hour of the week."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from .model import EDModel
from .rolling import Rolling, climatology_at


class Persistence(EDModel):
    """The last published figure stays as it is: hard to beat one or two hours ahead."""

    name: ClassVar[str] = "persistence"
    least_h: ClassVar[int] = 1

    def train(self, rolling: Rolling, stop: int, knots_h: NDArray[np.intp]) -> None:
        """Nothing to learn."""

    def medians(self, origin: NDArray[np.intp], horizons_h: NDArray[np.intp]) -> NDArray[np.float64]:
        """Last figure, shape (origins, horizons, rooms)."""
        return np.repeat(self.rolling.last[self._index, origin][:, None], len(horizons_h), axis=1)


class Climatology(EDModel):
    """Exponentially weighted mean of the same hour of earlier weeks, the newest with weight 0.15.

    It rolls: each new week moves it. One that is frozen when training ends is far worse. Where an hour of the week was
    never seen, the mean of the same hour of earlier days stands in.
    """

    name: ClassVar[str] = "climatology"
    least_h: ClassVar[int] = 14 * 24

    def simpler(self) -> EDModel:
        """Persistence."""
        return Persistence(self.measure)

    def train(self, rolling: Rolling, stop: int, knots_h: NDArray[np.intp]) -> None:
        """Nothing to learn: the mean is part of what is known at each row."""

    def medians(self, origin: NDArray[np.intp], horizons_h: NDArray[np.intp]) -> NDArray[np.float64]:
        """Mean of the target's hour of the week, shape (origins, horizons, rooms)."""
        found = [climatology_at(self.rolling, self._index, origin, origin + ahead) for ahead in horizons_h]
        return np.stack(found, axis=1)
