"""What a policy in Python is given: the world as a control room sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..policies.motion import RETURN, TRANSPORT
from .handle import arrivals, drives

if TYPE_CHECKING:
    from .model import EmergencyTwin

KNOWN = (
    "t_received", "lon", "lat", "node", "priority", "first_priority", "needs", "n_units", "speciality", "known_at", "off_m", "status",
    "role", "incident", "n_rows", "unit", "hospital", "hospital_wanted", "was_queued", "queued_s", "n_bumps", "bumped_s",
    "t_queued", "t_needed", "t_notified", "t_en_route", "t_first", "t_on_scene", "t_left_scene", "t_at_hospital", "t_bay",
    "t_transfer", "t_ended",
)  # fmt: skip
"""Fields of a call that a control room knows. Not among them is the luck it brings: how long it will take on scene, whether
the patient will be taken to hospital, be called off or get worse."""
_ROOM = (
    "node", "off_m", "bays", "occupied", "units_waiting", "specialities", "diverting", "closed", "inbound", "offloading",
    "n_arrivals", "offload_s",
)  # fmt: skip


class TwinView:
    """A :class:`~ems_twin.policies.View` of a twin, always of its present."""

    def __init__(self, twin: EmergencyTwin) -> None:
        self._twin = twin

    @property
    def now(self) -> float:
        """See :class:`~ems_twin.policies.View`, as for all that follows."""
        return float(self._twin.world.clock["now"][0])

    @property
    def units(self) -> NDArray[np.void]:
        """Units."""
        return _read_only(self._twin.world.units)

    @property
    def calls(self) -> NDArray[np.void]:
        """Calls received so far."""
        calls = self._twin.world.calls
        n = int(np.searchsorted(calls["t_received"], self.now, side="right"))
        return _read_only(calls[:n][list(KNOWN)])

    @property
    def hospitals(self) -> NDArray[np.void]:
        """Hospitals."""
        return _read_only(self._twin.world.hospitals[list(_ROOM)])

    @property
    def stations(self) -> NDArray[np.void]:
        """Stations."""
        return _read_only(self._twin.world.stations)

    def arrival_s(self, call: int) -> NDArray[np.float64]:
        """Seconds to the scene by unit."""
        answer = np.empty(len(self._twin.world.units))
        arrivals(self._twin.handle, call, answer)
        return answer - self.now

    def to_hospital_s(self, call: int) -> NDArray[np.float64]:
        """Seconds to the hospitals."""
        answer = np.empty(len(self._twin.world.hospitals))
        drives(self._twin.handle, call, TRANSPORT, answer)
        return answer

    def to_station_s(self, unit: int) -> NDArray[np.float64]:
        """Seconds to the stations."""
        answer = np.empty(len(self._twin.world.stations))
        drives(self._twin.handle, unit, RETURN, answer)
        return answer


def _read_only(array: NDArray[np.void]) -> NDArray[np.void]:
    view = array.view()
    view.flags.writeable = False
    return view
