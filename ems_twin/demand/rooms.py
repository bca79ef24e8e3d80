"""What emergency rooms have to do beside the calls: stays in treatment bays, and patients who walk in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .delay import ByPriority, Delay
from .sizes import HOURS_A_WEEK


@dataclass(frozen=True, eq=False, kw_only=True)
class EmergencyRooms:
    """Laws of the stays and of the walk-ins of a city's emergency rooms.

    Raises
    ------
    InputError
        A number is out of range, or all rates are 0.
    """

    ambulance_stay: ByPriority
    """In a treatment bay after transfer of care, boarding included, of patients who came by ambulance."""
    walk_in_stay: Delay
    """In a treatment bay, boarding included, of patients who walked in."""
    hour_of_week: NDArray[np.float64]
    """Shape of the arrivals of walk-ins by hour of the week in civil time, length 168, on any scale."""
    occupancy: float = 0.85
    """Share of its bays that walk-ins and patients by ambulance shall fill together, on average."""
    walk_ins_per_bay_day: float | None = None
    """Walk-ins a day for each bay; None: as many as ``occupancy`` asks for."""
    walk_ins_per_day: Mapping[str, float] = field(default_factory=dict)
    """Walk-ins a day by id of the hospital, where they are known; goes before the other two."""
    source: str = ""
    """Where the figures come from."""
    notes: tuple[str, ...] = ()
    """What a user should know before believing results."""

    def __post_init__(self) -> None:
        shape = self.hour_of_week
        if shape.shape != (HOURS_A_WEEK,):
            raise InputError(f"has shape {shape.shape}, expected ({HOURS_A_WEEK},)", field="hour_of_week")
        if not (np.all(np.isfinite(shape)) and np.all(shape >= 0) and shape.sum() > 0):
            raise InputError("must be numbers of 0 or more, one of them above 0", field="hour_of_week")
        shape.setflags(write=False)
        if not 0 <= self.occupancy < 1:
            raise InputError(
                f"{self.occupancy} is not a share below 1", field="occupancy",
                remedy="With all bays in use on average, the queue for them grows without end.",
            )  # fmt: skip
        for name, rate in {"": self.walk_ins_per_bay_day or 0.0, **self.walk_ins_per_day}.items():
            if not 0 <= rate < np.inf:
                raise InputError(
                    f"{rate} a day", field=f"walk_ins_per_day.{name}" if name else "walk_ins_per_bay_day",
                    remedy="Give a number of 0 or more.",
                )  # fmt: skip
        if self.walk_in_stay.mean_s == 0:
            raise InputError("is 0", field="walk_in_stay", remedy="Give a median above 0 s.")
