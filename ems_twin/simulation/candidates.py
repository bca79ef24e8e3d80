"""What a control room could do now: the candidates of a rollout."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..world import CallStatus, World
from ..world.schema import AVAILABLE
from .orders import HOLD, MOVE, NOTHING, SEND
from .present import Present

_WAITING = (CallStatus.QUEUED, CallStatus.ASSIGNED, CallStatus.RESERVED)


@dataclass(frozen=True)
class Candidate:
    """One order, or none. Made by :meth:`nothing`, :meth:`move`, :meth:`hold` and :meth:`send`."""

    kind: int
    """``NOTHING``, ``MOVE``, ``HOLD`` or ``SEND`` (:mod:`~ems_twin.simulation.orders`)."""
    unit: int = -1
    """Row of the unit, -1 for none."""
    target: int = -1
    """Row of the station or of the call, -1 for none."""

    @classmethod
    def nothing(cls) -> Candidate:
        """Let everything go on as it does."""
        return cls(NOTHING)

    @classmethod
    def move(cls, unit: int, station: int) -> Candidate:
        """Send an available unit to a station, its home from then on."""
        return cls(MOVE, unit, station)

    @classmethod
    def hold(cls, unit: int) -> Candidate:
        """Let an available unit stand by at the station nearest to where it is, its home from then on."""
        return cls(HOLD, unit)

    @classmethod
    def send(cls, unit: int, call: int) -> Candidate:
        """Send an available unit to a call that waits or whose unit is not there yet; that one is stood down."""
        return cls(SEND, unit, call)

    def check(self, world: World) -> None:
        """Raise an :class:`InputError` unless the order can be carried out in the world now."""
        if self.kind == NOTHING:
            return
        if not 0 <= self.unit < len(world.units):
            raise InputError(f"there is no unit {self.unit}", field="unit", remedy=f"There are {len(world.units)}.")
        unit = world.units[self.unit]
        if unit["status"] not in AVAILABLE:
            raise InputError(f"unit {self.unit} is not available", field="unit", remedy="Name one that is.")
        if self.kind == MOVE and not 0 <= self.target < len(world.stations):
            raise InputError(
                f"there is no station {self.target}", field="station", remedy=f"There are {len(world.stations)}."
            )
        if self.kind != SEND:
            return
        if not 0 <= self.target < len(world.calls) or world.calls["status"][self.target] not in _WAITING:
            raise InputError(
                f"call {self.target} neither waits nor has a unit on its way",
                field="call",
                remedy="Name one that does.",
            )
        needs = world.calls["needs"][self.target]
        if unit["skills"] & needs != needs or world.clock["now"][0] >= unit["t_off"]:
            raise InputError(
                f"unit {self.unit} lacks the skills for call {self.target}, or its shift is over", field="unit",
                remedy="Send another.",
            )  # fmt: skip

    def order(self, present: Present) -> NDArray[np.int64]:
        """Kind, unit and target as the kernels take them: a call by its row in the present."""
        target = present.row_of(self.target) if self.kind == SEND else self.target
        return np.array([self.kind, self.unit, target], np.int64)
