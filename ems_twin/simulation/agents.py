"""The Mesa agents: faces on rows of the world, each applying the law to what happens to it.

Everything an agent says about itself is read from the world's arrays; an agent keeps no state of its own. Subclass
one, override a method and hand the class to :class:`~ems_twin.simulation.EmergencyTwin`: that is an agent of your own. A
policy needs no agent, only a function (:mod:`ems_twin.policies.interface`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa

from ..world.own_policies import DISPATCH, HOSPITAL, STATION
from ..world.schema import AVAILABLE, TRANSPORT_SKILL, CallStatus, EventKind, UnitStatus
from . import numbers as kinds
from .handle import apply, choose_hospital, choose_station, choose_unit

if TYPE_CHECKING:
    from .model import EmergencyTwin


class _RowAgent(mesa.Agent):
    """An agent that is a face on one row of a record array."""

    def __init__(self, model: EmergencyTwin, row: int) -> None:
        super().__init__(model)
        self.row = row
        """Row number in the world's array: the agent's identity. (Mesa's ``unique_id`` starts anew in a copy.)"""
        self.twin = model
        """The model, with its real type."""


class Caller(_RowAgent):
    """Somebody who called, from the first ring until the unit that came is back in service.

    A call that several units answer has a caller for each of them: a row of the call table is one unit's response.
    """

    @property
    def record(self) -> Any:
        """The call's row (:data:`~ems_twin.world.CALL`)."""
        return self.twin.world.calls[self.row]

    @property
    def status(self) -> CallStatus:
        """Where the call stands."""
        return CallStatus(self.record["status"])

    @property
    def priority(self) -> int:
        """Priority, 1 the most urgent."""
        return int(self.record["priority"])

    def choose_unit(self) -> int:
        """Row of the unit to send, -1 to let the call wait. By default the one that the policy in force says."""
        if self.twin.boundary.in_python(DISPATCH) is not None:
            return self.twin.ask(DISPATCH, self.row)
        return choose_unit(self.twin.handle, self.row)

    def received(self) -> None:
        """The phone rings."""
        apply(self.twin.handle, kinds.CALL_RECEIVED, -1, self.row, -1)

    def unit_needed(self) -> None:
        """Call taking is over."""
        unit = self.twin.checked(DISPATCH, self.choose_unit(), self.row)
        apply(self.twin.handle, kinds.UNIT_NEEDED, -1, self.row, unit)

    def cancelled(self) -> None:
        """Called off, or the caller hung up."""
        apply(self.twin.handle, kinds.CALL_CANCELLED, -1, self.row, -1)

    def worsened(self) -> None:
        """The patient's condition is worse."""
        apply(self.twin.handle, kinds.CONDITION_WORSENED, -1, self.row, -1)


class EmergencyRoom(_RowAgent):
    """The emergency room of a hospital."""

    @property
    def record(self) -> Any:
        """The hospital's row (:data:`~ems_twin.world.HOSPITAL`)."""
        return self.twin.world.hospitals[self.row]

    @property
    def name(self) -> str:
        """Name of the hospital."""
        return self.twin.city.hospitals[self.row].name

    @property
    def offloading(self) -> int:
        """Ambulances that wait or hand over now."""
        return int(self.record["offloading"])

    @property
    def inbound(self) -> int:
        """Ambulances on their way with a patient."""
        return int(self.record["inbound"])

    def receive(self, ambulance: Ambulance, call: int) -> None:
        """A patient arrives at the door."""
        apply(self.twin.handle, kinds.AT_HOSPITAL, ambulance.row, call, -1)

    def walk_in(self) -> None:
        """A patient comes by himself."""
        apply(self.twin.handle, kinds.WALK_IN, -1, self.row, -1)

    def frees_bay(self) -> None:
        """A patient leaves; the next gets the bay."""
        apply(self.twin.handle, kinds.BAY_FREED, -1, self.row, -1)

    def diverts(self, item: int) -> None:
        """The hospital asks for ambulances to go elsewhere, or no longer (a row of the agenda)."""
        apply(self.twin.handle, kinds.DIVERSION, -1, item, -1)

    def take_over(self, ambulance: Ambulance, call: int) -> None:
        """The patient is in the room's care."""
        apply(self.twin.handle, kinds.TRANSFER_OF_CARE, ambulance.row, call, -1)


class Ambulance(_RowAgent):
    """A unit."""

    @property
    def record(self) -> Any:
        """The unit's row (:data:`~ems_twin.world.UNIT`)."""
        return self.twin.world.units[self.row]

    @property
    def status(self) -> UnitStatus:
        """What the unit is doing."""
        return UnitStatus(self.record["status"])

    @property
    def is_available(self) -> bool:
        """Whether it can be sent to a call now."""
        return self.record["status"] in AVAILABLE

    @property
    def takes_patients(self) -> bool:
        """Whether it can take a patient to hospital."""
        return bool(self.record["skills"] & TRANSPORT_SKILL)

    def choose_hospital(self, call: int) -> int:
        """Row of the hospital to drive to. By default the one laid down with the call, else what the policy says."""
        wanted = int(self.twin.world.calls[call]["hospital_wanted"])
        if wanted >= 0:
            return wanted
        if self.twin.boundary.in_python(HOSPITAL) is not None:
            return self.twin.ask(HOSPITAL, call)
        return choose_hospital(self.twin.handle, call)

    def choose_station(self) -> int:
        """Row of the station to drive to, its home from then on. By default what the policy says."""
        if self.twin.boundary.in_python(STATION) is not None:
            return self.twin.ask(STATION, self.row)
        return choose_station(self.twin.handle, self.row)

    def goes_en_route(self, call: int) -> None:
        """Turnout is over."""
        apply(self.twin.handle, kinds.EN_ROUTE, self.row, call, -1)

    def arrives_on_scene(self, call: int) -> None:
        """The unit is with the patient."""
        apply(self.twin.handle, kinds.ON_SCENE, self.row, call, -1)

    def leaves_scene(self, call: int) -> None:
        """With the patient, or alone after treatment in place."""
        with_patient = self.takes_patients and self.twin.world.calls[call]["transport"]
        hospital = self.twin.checked(HOSPITAL, self.choose_hospital(call), call) if with_patient else -1
        apply(self.twin.handle, kinds.LEFT_SCENE, self.row, call, hospital)

    def arrives_at_hospital(self, call: int) -> None:
        """Hand the patient to the emergency room's door."""
        self._room().receive(self, call)

    def transfers_care(self, call: int) -> None:
        """The emergency room takes the patient over."""
        self._room().take_over(self, call)

    def comes_back_in_service(self, call: int) -> None:
        """Ready for the next call."""
        station = self.twin.checked(STATION, self.choose_station(), self.row)
        apply(self.twin.handle, kinds.BACK_IN_SERVICE, self.row, call, station)

    def arrives_at_station(self, call: int) -> None:
        """Parked."""
        apply(self.twin.handle, kinds.AT_STATION, self.row, call, -1)

    def stands_down(self, call: int) -> None:
        """The call is called off, or another unit has taken it over."""
        apply(self.twin.handle, kinds.STOOD_DOWN, self.row, call, -1)

    def relocates(self, call: int) -> None:
        """Off to another station."""
        apply(self.twin.handle, kinds.RELOCATED, self.row, call, -1)

    def ends_break(self, call: int) -> None:
        """The crew has eaten."""
        apply(self.twin.handle, kinds.BREAK_ENDS, self.row, call, -1)

    def is_restored(self, call: int) -> None:
        """Repaired, clean or stocked."""
        apply(self.twin.handle, kinds.RESTORED, self.row, call, -1)

    def is_rerouted(self, call: int) -> None:
        """The roads have changed: it goes on by another way."""
        apply(self.twin.handle, kinds.REROUTED, self.row, call, -1)

    def follows_agenda(self, kind: int, item: int) -> None:
        """A shift begins or ends, a break is due, or the unit must be out of service (a row of the agenda)."""
        apply(self.twin.handle, kind, self.row, item, -1)

    def _room(self) -> EmergencyRoom:
        return self.twin.rooms[self.twin.world.units[self.row]["hospital"]]


HANDLERS = {
    int(EventKind.EN_ROUTE): "goes_en_route",
    int(EventKind.ON_SCENE): "arrives_on_scene",
    int(EventKind.LEFT_SCENE): "leaves_scene",
    int(EventKind.AT_HOSPITAL): "arrives_at_hospital",
    int(EventKind.TRANSFER_OF_CARE): "transfers_care",
    int(EventKind.BACK_IN_SERVICE): "comes_back_in_service",
    int(EventKind.AT_STATION): "arrives_at_station",
    int(EventKind.STOOD_DOWN): "stands_down",
    int(EventKind.RELOCATED): "relocates",
    int(EventKind.BREAK_ENDS): "ends_break",
    int(EventKind.RESTORED): "is_restored",
    int(EventKind.REROUTED): "is_rerouted",
}
"""Method of :class:`Ambulance` that each kind of event calls."""
