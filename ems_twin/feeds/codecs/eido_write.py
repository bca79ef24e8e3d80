"""Write EIDO JSON: one object for each incident, and one for units that are on none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from ...errors import InputError
from ..events import CallEvent, Event, UnitPositionEvent, UnitStatusEvent
from ..statuses import to_eido
from ..vocabulary import CallAction, Primary
from .pidf import written

OWN = "ems-twin:"
"""Before our words in fields for local ones, so that what the registries of EIDO cannot say survives."""
_AGENCY = "ems-twin.invalid"
_AGENT = "twin@ems-twin.invalid"
_TYPE = re.compile(r"[A-Z][A-Za-z0-9-]{2,39}")  # as the registry of resource types spells them
_KIND = re.compile(r"[A-Z]{2,12}\d?")  # as that of incident types does
_SOME_INCIDENT, _SOME_UNIT = "ALS", "MedicalTransportVehicle"
"""What the registries have for an incident and a unit of which no more is known."""
_STATUS = {
    CallAction.received: "Active", CallAction.updated: "Active",
    CallAction.closed: "Closed", CallAction.cancelled: "Cancelled",
}  # fmt: skip
_PRIORITY = {1: 10, 2: 5, 3: 1}


def write(events: Sequence[Event]) -> bytes:
    """One EIDO as an object, several as a list of them.

    Raises
    ------
    InputError
        A position comes without a status of its unit: EIDO says where a unit is only beside what it does.
    """
    groups: dict[str | None, list[CallEvent | UnitStatusEvent]] = {}
    for event in events:
        if isinstance(event, CallEvent | UnitStatusEvent):
            groups.setdefault(event.call_id, []).append(event)
    last = {event.unit_id: event for event in events if isinstance(event, UnitStatusEvent)}
    placed: dict[int, UnitPositionEvent] = {}
    for event in events:
        if isinstance(event, UnitPositionEvent):
            if event.unit_id not in last:
                raise InputError(
                    "EIDO says where a unit is only beside its status",
                    field="events",
                    remedy="Give a status of each unit too, or write owntracks or hub-sante.",
                )
            placed[id(last[event.unit_id])] = event
    eidos = [_eido(call_id, group, placed) for call_id, group in groups.items()]
    return orjson.dumps(eidos[0] if len(eidos) == 1 else eidos)


def _eido(
    call_id: str | None, events: Sequence[CallEvent | UnitStatusEvent], placed: dict[int, UnitPositionEvent]
) -> dict[str, Any]:
    newest = max(event.reported_at or event.occurred_at for event in events)
    eido: dict[str, Any] = {
        **_prologue(call_id or f"urn:emergency:uid:eidoid:{events[0].event_id[:11]}:{_AGENCY}", newest),
        "eidoVersion": "1.0",
        "issuingElementIdentification": _AGENCY,
        "agencyComponent": [
            _prologue(_AGENCY, newest)
            | {"agencyRoleDescriptionRegistryText": ["Informational"], "agencyType": ["ambulance"]}
        ],
    }
    for event in events:
        if isinstance(event, CallEvent):
            eido["incidentComponent"] = _incident(event, eido)
        else:
            eido.setdefault("emergencyResourceComponent", []).append(_unit(event, eido, placed.get(id(event))))
    if "emergencyResourceComponent" in eido:
        agent = {"agentRoleRegistryText": ["Dispatching"], "agencyReference": {"$ref": _AGENCY}}
        eido["agentComponent"] = [_prologue(_AGENT, newest) | agent]
    return eido


def _prologue(identity: str, at: datetime) -> dict[str, Any]:
    return {
        "$id": identity,
        "lastUpdateTimeStamp": at.isoformat(),
        "updatedByAgencyReference": {"$ref": _AGENCY},
    }


def _incident(event: CallEvent, eido: dict[str, Any]) -> dict[str, Any]:
    part = _prologue(event.call_id, event.occurred_at) | {
        "incidentStatusCommonRegistryText": [_STATUS[event.action]],
        "incidentStatusInternalText": [event.action.value],
        "incidentTypeCommonRegistryText": event.kind if _KIND.fullmatch(event.kind or "") else _SOME_INCIDENT,
    }
    if not _KIND.fullmatch(event.kind or ""):
        part["incidentTypeInternalCode"] = f"{OWN}{event.kind or ''}"
    if event.priority is not None:
        part["incidentCommonPriorityNumber"] = _PRIORITY[event.priority]
    if event.lon is not None and event.lat is not None:
        part["locationReference"] = [_location(eido, event, "CurrentIncident", event.lon, event.lat, event.accuracy_m)]
    if event.times is not None and event.times.received is not None:
        call = _prologue(f"{event.call_id}:call", event.occurred_at)
        eido.setdefault("callComponent", []).append(
            call
            | {
                "callStartTimestamp": event.times.received.isoformat(),
                "callStateRegistryText": "callAnswered",
                "standardPrimaryCallType": "emergency",
                "direction": "incoming",
            }
        )
    return part


def _unit(event: UnitStatusEvent, eido: dict[str, Any], position: UnitPositionEvent | None) -> dict[str, Any]:
    primary, secondary = (None, ()) if event.status is None else to_eido(event.status)
    is_known = _TYPE.fullmatch(event.unit_type or "") is not None
    part = _prologue(f"{event.unit_id}:{event.event_id[:8]}", event.occurred_at) | {
        "agentReference": [{"$ref": _AGENT}],
        "emergencyResourceName": event.unit_id,
        "emergencyResourceTypeCommonRegistryText": event.unit_type if is_known else _SOME_UNIT,
        "resourceAttributeRegistryText": [],
        "primaryUnitStatusRegistryText": (event.primary or primary or Primary.not_available).value,
        "secondaryUnitStatusRegistryText": list(event.secondary or secondary),
    }
    if not is_known:
        part["emergencyResourceTypeInternalText"] = f"{OWN}{event.unit_type or ''}"
    if event.status is not None:
        part["unitStatusInternal"] = [f"{OWN}{event.status.value}"]
    if event.call_id is not None:
        part["activeOnIncidentId"] = event.call_id
    if position is not None:
        located = _location(eido, position, "UnitLocation", position.lon, position.lat, position.accuracy_m)
        part["unitLocationReference"] = located
    return part


def _location(
    eido: dict[str, Any], event: Event, sort: str, lon: float, lat: float, radius_m: float | None
) -> dict[str, str]:  # fmt: skip
    identity = f"location:{event.event_id}"
    eido.setdefault("locationComponent", []).append(
        _prologue(identity, event.occurred_at)
        | {"locationTypeDescriptionRegistryText": sort, "locationByValue": written(lon, lat, radius_m)}
    )
    return {"$ref": identity}
