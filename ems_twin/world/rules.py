"""The switches of the law: one typed settings object, and the record that compiled code reads."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

RULES = np.dtype(
    [("sirens_to_priority", "i4"), ("transport_sirens_to_priority", "i4"), ("expected_turnout_s", "f8")], align=True
)
"""The rules as compiled code reads them: one row, a field for each of :class:`Rules`."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Rules of the life cycle that differ from service to service."""

    sirens_to_priority: int = 2
    """Units drive to calls of this priority and more urgent ones with lights and sirens (New York's Fire Department
    sends units to severities 1 to 6 so; 7 and 8 at ordinary speed)."""
    transport_sirens_to_priority: int = 0
    """Patients of this priority and more urgent ones go to hospital with lights and sirens; 0 for nobody (JEMSS and
    common practice: most transports are not emergencies any more)."""
    expected_turnout_s: float = 60.0
    """Turnout that the dispatcher reckons with when comparing units (NFPA 1710's objective for EMS: 60 s). What a
    call really gets is drawn with the call."""

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not (np.isfinite(value) and value >= 0):
                raise InputError(f"is {value!r}", field=name, remedy="It must be a number, 0 or more.")

    def record(self) -> NDArray[np.void]:
        """The rules as a :data:`RULES` array of one row."""
        record = np.zeros(1, RULES)
        for name, value in asdict(self).items():
            record[name] = value
        return record
