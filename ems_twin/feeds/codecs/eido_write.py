"""Write EIDO JSON: one object for each incident, and one for units that are on none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from ..events import CallEvent, Event, UnitPositionEvent, UnitStatusEvent
from ..statuses import to_eido
from ..vocabulary import CallAction, Primary
from .pidf import written

OWN_STATUS = "ems-twin:"
"""Before our status among the local words of a unit, so that what EIDO cannot say survives."""
_AGENCY = "ems-twin.invalid"
_STATUS = {
    CallAction.received: "Active", CallAction.updated: "Active",
    CallAction.closed: "Closed", CallAction.cancelled: "Cancelled",
}  # fmt: skip
_PRIORITY = {1: 10, 2: 5, 3: 1}


def write(events: Sequence[Event]) -> bytes:
    """One EIDO as an object, several as a list of them."""
    groups: dict[str | None, list[Event]] = {}
    for event in events:
        groups.setdefault(getattr(event, "call_id", None), []).append(event)
    eidos = [_eido(call_id, group) for call_id, group in groups.items()]
    return orjson.dumps(eidos[0] if len(eidos) == 1 else eidos)


def _eido(call_id: str | None, events: Sequence[Event]) -> dict[str, Any]:
    newest = max(event.reported_at or event.occurred_at for event in events)
    eido: dict[str, Any] = {
        **_prologue(call_id or f"urn:emergency:uid:eidoid:{events[0].event_id[:11]}:{_AGENCY}", newest),
        "eidoVersion": "1.0",
        "issuingElementIdentification": _AGENCY,
        "agencyComponent": [
            _prologue(_AGENCY, newest) | {"agencyRoleDescriptionRegistryText": ["Informational"], "agencyType": ["ems"]}
        ],
    }
    for event in events:
        if isinstance(event, CallEvent):
            eido.setdefault("incidentComponent", []).append(_incident(event, eido))
        elif isinstance(event, UnitStatusEvent):
            eido.setdefault("emergencyResourceComponent", []).append(_unit(event))
        elif isinstance(event, UnitPositionEvent):
            located = _location(eido, event, "UnitLocation", event.lon, event.lat, event.accuracy_m)
            eido.setdefault("emergencyResourceComponent", []).append(
                _prologue(f"{event.unit_id}:{event.event_id[:8]}", event.occurred_at)
                | {"emergencyResourceName": event.unit_id, "unitLocationReference": located}
            )
    if len(eido.get("incidentComponent", ())) == 1:
        eido["incidentComponent"] = eido["incidentComponent"][0]
    return eido


def _prologue(identity: str, at: datetime) -> dict[str, Any]:
    return {
        "$id": identity,
        "lastUpdateTimeStamp": at.isoformat(),
        "updatedByAgencyReference": {"$ref": _AGENCY},
    }


def _incident(event: CallEvent, eido: dict[str, Any]) -> dict[str, Any]:
    part = _prologue(event.call_id, event.occurred_at) | {
        "incidentStatusCommonRegistryText": _STATUS[event.action],
        "incidentStatusInternalText": event.action.value,
    }
    if event.kind is not None:
        part["incidentTypeCommonRegistryText"] = event.kind
    if event.priority is not None:
        part["incidentCommonPriorityNumber"] = _PRIORITY[event.priority]
    if event.lon is not None and event.lat is not None:
        part["locationReference"] = [_location(eido, event, "CurrentIncident", event.lon, event.lat, event.accuracy_m)]
    if event.times is not None and event.times.received is not None:
        call = _prologue(f"{event.call_id}:call", event.occurred_at)
        eido.setdefault("callComponent", []).append(
            call | {"callStartTimestamp": event.times.received.isoformat(), "direction": "incoming"}
        )
    return part


def _unit(event: UnitStatusEvent) -> dict[str, Any]:
    primary, secondary = (None, ()) if event.status is None else to_eido(event.status)
    part = _prologue(f"{event.unit_id}:{event.event_id[:8]}", event.occurred_at) | {
        "emergencyResourceName": event.unit_id,
        "primaryUnitStatusRegistryText": (event.primary or primary or Primary.not_available).value,
        "secondaryUnitStatusRegistryText": list(event.secondary or secondary),
    }
    if event.status is not None:
        part["unitStatusInternal"] = [f"{OWN_STATUS}{event.status.value}"]
    if event.unit_type is not None:
        part["emergencyResourceTypeCommonRegistryText"] = event.unit_type
    if event.call_id is not None:
        part["activeOnIncidentId"] = event.call_id
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
