"""Volume times density: how many calls the city makes in an hour, and where calls of that hour fall."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date

import numpy as np
from numpy.typing import NDArray

from .past import PastCalls
from .protocol import HourlyForecaster
from .shares import ShareTable
from .volume_curve import VolumeCurve

Prior = Callable[[PastCalls], NDArray[np.float64]]
"""Share of each cell from a record, such as a kernel density's, length c, summing to 1."""


def area_prior(calls: PastCalls) -> NDArray[np.float64]:
    """Each cell's share of the area."""
    return calls.cells.area_share


class VolumeDensity(HourlyForecaster):
    """:class:`VolumeCurve` times :class:`ShareTable`. New calls move the volume; shares wait for the next fit.

    Parameters
    ----------
    holidays
        Civil days that count as holidays.
    prior
        Toward which shares a cell is shrunk.
    """

    name = "volume_density"

    def __init__(self, holidays: Collection[date] = (), prior: Prior = area_prior) -> None:
        super().__init__()
        self.volume = VolumeCurve(holidays)
        self.shares = ShareTable()
        self._prior = prior

    def update(self, new_calls: PastCalls) -> None:
        """Move the level of the city's volume."""
        self.volume.update(len(new_calls), new_calls.until_s)

    def _fit(self, calls: PastCalls) -> None:
        self.volume.fit(calls)
        self.shares.fit(calls, self._prior(calls))

    def _mean(self, hours: NDArray[np.int64]) -> NDArray[np.float64]:
        how = self.calls.clock.hour_of_week(hours)
        return np.asarray(self.volume.at(hours) * self.shares.share[:, how], np.float64)
