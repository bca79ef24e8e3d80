"""EIDO JSON (NENA-STA-021.1b), the incident object of next-generation 911, also in the wrappers of NENA-STA-024.

Its parts refer to each other by ``$ref``, and may do so in circles. Priorities run from 0 to 10, **10 the highest**, unlike
those of most dispatch systems.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ..codec import Codec
from ..events import CallEvent, UnitPositionEvent, UnitStatusEvent
from ..fields import Use
from ..intake import Intake, at_path, each
from ..moments import Heard
from ..statuses import EIDO_PRIMARY, EIDO_SECONDARY, from_eido, primary_of
from ..vocabulary import CallAction, UnitStatus
from .eido_locations import Locations
from .eido_write import OWN, write

_ACTIONS = {
    "active": CallAction.received, "cancelled": CallAction.cancelled, "canceled": CallAction.cancelled,
    "closed": CallAction.closed,
    **dict.fromkeys(
        ("fireundercontrol", "newlocation", "reopened", "resourcesassigned", "resourcesenroute", "resourcesonscene",
         "structurecleared"),
        CallAction.updated,
    ),
}  # fmt: skip
_ORDER = (CallAction.received, CallAction.updated, CallAction.closed, CallAction.cancelled)
_URGENT, _SOON = 8, 4
"""Priorities from which a call is our 1 and our 2, of 0 to 10."""
_WRAPPERS = ("eido", "EIDO", "event", "body", "data", "resourceMessage", "requestForService", "message", "eidos")
_CONTROL = ("subscribe", "terminate", "cancelRequest", "subscribeResponse", "terminateResponse")

_PARTS = {
    "incidentComponent": {
        "$id": "call_id (if the message has none)", "lastUpdateTimeStamp": "occurred_at",
        "incidentTypeCommonRegistryText": "kind", "incidentStatusCommonRegistryText": "action",
        "incidentStatusInternalText": "action (our own)", "incidentTypeInternalCode": "kind (our own)",
        "incidentCommonPriorityNumber": "priority (10 is the highest)",
        "locationReference.$ref": "lon, lat",
    },
    "callComponent": {
        "$id": "call_id (if the message has none)", "lastUpdateTimeStamp": "occurred_at",
        "callStartTimestamp": "times.received", "priorityIdentifier": "priority", "locationReference.$ref": "lon, lat",
    },
    "emergencyResourceComponent": {
        "$id": "unit_id (if it has no name)", "lastUpdateTimeStamp": "occurred_at", "emergencyResourceName": "unit_id",
        "emergencyResourceTypeCommonRegistryText": "unit_type", "primaryUnitStatusRegistryText": "primary",
        "secondaryUnitStatusRegistryText": "secondary, status", "unitStatusInternal": "status (our own)",
        "emergencyResourceTypeInternalText": "unit_type (our own)",
        "unitLocationReference.$ref": "lon, lat", "activeOnIncidentId": "call_id",
    },
    "dispatchComponent": {"lastUpdateTimeStamp": "occurred_at", "emergencyResourceReference.$ref": "status notified"},
    "locationComponent": {
        "$id": "(followed)", "$ref": "(followed)", "locationByValue": "lon, lat",
        "lastUpdateTimeStamp": "occurred_at (of a unit's position)",
        "locationTypeDescriptionRegistryText": "which location",
    },
}  # fmt: skip
_HEAD = {"$id": "call_id", "lastUpdateTimeStamp": "reported_at"}
_CALL_PRIORITY = {"highest": 1, "high": 1, "normal": 2, "low": 3, "lowest": 3}


def recognises(document: Any) -> bool:
    """Whether an EIDO stands in a message, bare or wrapped, or it manages a subscription to one."""
    return next(_eidos(document, ""), None) is not None or _is_control(document)


def _is_control(document: Any) -> bool:
    return isinstance(document, dict) and (
        any(isinstance(document.get(word), dict) for word in _CONTROL)
        or (document.get("requestType") == "EIDO" and "requestId" in document)
    )


def _eidos(document: Any, where: str, depth: int = 4) -> Iterator[tuple[dict[str, Any], str]]:
    if isinstance(document, list):
        for inner, path in each(document, where):
            yield from _eidos(inner, path, depth - 1) if depth else ()
    elif isinstance(document, dict):
        if any(part in document for part in _PARTS) or "eidoVersion" in document:
            yield document, where
        elif depth:
            for name in _WRAPPERS:
                if name in document:
                    yield from _eidos(document[name], f"{where}.{name}" if where else name, depth - 1)


def read(document: Any, intake: Intake) -> None:
    """Read every EIDO of a message."""
    found = list(_eidos(document, ""))
    if not found and not _is_control(document):
        intake.refuse("holds no EIDO", "", "Send an object with incidentComponent, callComponent or the like.")
    for eido, where in found:
        _Eido(eido, f"{where}." if where else "", intake).read()


class _Eido:
    """One EIDO being read."""

    def __init__(self, eido: dict[str, Any], prefix: str, intake: Intake) -> None:
        self.eido, self.prefix, self.intake = eido, prefix, intake
        self.reported = intake.moment(eido.get("lastUpdateTimeStamp"), f"{prefix}lastUpdateTimeStamp")
        self.locations = Locations(self.part("locationComponent"), intake)
        self.units: dict[str, str] = {}

    def part(self, name: str) -> list[tuple[dict[str, Any], str]]:
        return list(self.intake.objects(self.eido.get(name), f"{self.prefix}{name}"))

    def call_id(self) -> str | None:
        for holder, where in (
            (self.eido, self.prefix), *self.part("incidentComponent"), *self.part("callComponent")
        ):  # fmt: skip
            told = holder.get("$id") or holder.get("id")
            if isinstance(told, str) and told.strip():
                return self.intake.identifier(told, f"{where}.$id")
        return None

    def read(self) -> None:
        call_id = self.call_id()
        incidents, calls = self.part("incidentComponent"), self.part("callComponent")
        started = self.started(calls)
        if call_id is None and (incidents or calls):
            self.intake.refuse("is missing", f"{self.prefix}$id", "Send the identifier of the incident.")
        if call_id is not None:
            for incident, where in incidents:
                self.incident(incident, where, call_id, started, calls)
            if not incidents and calls:
                self.incident({}, calls[0][1], call_id, started, calls)  # handed over before anybody made one of it
        for unit, where in self.part("emergencyResourceComponent"):
            self.unit(unit, where, call_id)
        for dispatch, where in self.part("dispatchComponent"):
            self.dispatched(dispatch, where, call_id)

    def started(self, calls: list[tuple[dict[str, Any], str]]) -> datetime | None:
        times = [
            self.intake.instant(call.get("callStartTimestamp"), f"{where}.callStartTimestamp") for call, where in calls
        ]
        return min((at for at in times if at is not None), default=None)

    def incident(
        self,
        incident: dict[str, Any],
        where: str,
        call_id: str,
        started: datetime | None,
        calls: list[tuple[dict[str, Any], str]],
    ) -> None:
        take = self.intake
        action = self.action(incident, where)
        number = take.number(
            incident.get("incidentCommonPriorityNumber"), f"{where}.incidentCommonPriorityNumber", 0, 10
        )
        place, radius = self.locations.of(incident, ("CurrentIncident", "InitialIncident", "Investigation"))
        if place is None:
            place, radius = next(
                (found for call, _ in calls if (found := self.locations.of(call, ("Caller",)))[0]), (None, None)
            )
        priority = None if number is None else 1 if number >= _URGENT else 2 if number >= _SOON else 3
        at = take.moment(incident.get("lastUpdateTimeStamp"), f"{where}.lastUpdateTimeStamp")
        if at is None and started is not None and action in (None, CallAction.received):
            at = Heard(started, False)
        take.add(
            CallEvent,
            where,
            at or self.reported,
            reported_at=None if self.reported is None else self.reported.at,
            action=action or CallAction.received,
            call_id=call_id,
            lon=None if place is None else place[0],
            lat=None if place is None else place[1],
            accuracy_m=radius if place is not None else None,
            priority=self.call_priority(calls) if priority is None else priority,
            source_priority=None if number is None else f"{number:g}",
            kind=self.told(incident, "incidentTypeCommonRegistryText", "incidentTypeInternalCode", where),
            times=None if started is None else {"received": started},
        )

    def action(self, incident: dict[str, Any], where: str) -> CallAction | None:
        """What happened, of several states the one that goes furthest."""
        own = [word for word, _ in each(incident.get("incidentStatusInternalText"), "") if str(word) in set(CallAction)]
        if own:
            return CallAction(own[0])
        path = f"{where}.incidentStatusCommonRegistryText"
        words = each(incident.get("incidentStatusCommonRegistryText"), path)
        actions = [self.intake.one_of(word, inner, _ACTIONS) for word, inner in words]
        return max((action for action in actions if action is not None), key=_ORDER.index, default=None)

    def call_priority(self, calls: list[tuple[dict[str, Any], str]]) -> int | None:
        said = [
            self.intake.one_of(call.get("priorityIdentifier"), f"{where}.priorityIdentifier", _CALL_PRIORITY)
            for call, where in calls
        ]
        return min((priority for priority in said if priority is not None), default=None)

    def unit(self, unit: dict[str, Any], where: str, call_id: str | None) -> None:
        take = self.intake
        told = unit.get("emergencyResourceName") or unit.get("$id")
        unit_id = take.needed(told, f"{where}.emergencyResourceName")
        if unit_id is None:
            return
        if isinstance(unit.get("$id"), str):
            self.units[unit["$id"]] = unit_id
        at = take.moment(unit.get("lastUpdateTimeStamp"), f"{where}.lastUpdateTimeStamp") or self.reported
        secondary = []
        for word, path in each(unit.get("secondaryUnitStatusRegistryText"), f"{where}.secondaryUnitStatusRegistryText"):
            known = take.one_of(word, path, EIDO_SECONDARY)
            if known is not None and known not in secondary:
                secondary.append(known)
        primary = take.one_of(
            unit.get("primaryUnitStatusRegistryText"), f"{where}.primaryUnitStatusRegistryText", EIDO_PRIMARY
        )
        own = [
            word.removeprefix(OWN)
            for word, _ in each(unit.get("unitStatusInternal"), "")
            if isinstance(word, str) and word.startswith(OWN)
        ]
        status = UnitStatus(own[0]) if own and own[0] in set(UnitStatus) else from_eido(secondary)
        active = unit.get("activeOnIncidentId")
        if status is not None or primary is not None or secondary:
            take.add(
                UnitStatusEvent,
                where,
                at,
                unit_id=unit_id,
                status=status,
                primary=primary or primary_of(status),
                secondary=tuple(secondary),
                call_id=call_id if active is None else take.identifier(active, f"{where}.activeOnIncidentId"),
                unit_type=self.told(
                    unit, "emergencyResourceTypeCommonRegistryText", "emergencyResourceTypeInternalText", where
                ),
            )  # fmt: skip
        reference = at_path(unit, "unitLocationReference", "$ref")
        place, radius = self.locations.at(reference)
        if place is not None:
            since = self.locations.since(reference) or at
            take.add(UnitPositionEvent, where, since, unit_id=unit_id, lon=place[0], lat=place[1], accuracy_m=radius)

    def told(self, part: dict[str, Any], common: str, internal: str, where: str) -> str | None:
        """Word of a registry, or the local one where it is ours."""
        own = part.get(internal)
        if isinstance(own, str) and own.startswith(OWN):
            return self.intake.code(own.removeprefix(OWN), f"{where}.{internal}")
        word = next((word for word, _ in each(part.get(common), "")), None)
        return self.intake.code(word, f"{where}.{common}")

    def dispatched(self, dispatch: dict[str, Any], where: str, call_id: str | None) -> None:
        """A unit that a dispatch names and that says nothing of itself is notified."""
        said = {event.unit_id for event in self.intake.events if isinstance(event, UnitStatusEvent)}
        at = self.intake.moment(dispatch.get("lastUpdateTimeStamp"), f"{where}.lastUpdateTimeStamp") or self.reported
        for reference, path in each(dispatch.get("emergencyResourceReference"), f"{where}.emergencyResourceReference"):
            target = at_path(reference, "$ref") if isinstance(reference, dict) else reference
            unit_id = self.units.get(str(target)) or (target and self.intake.identifier(target, path))
            if unit_id and unit_id not in said:
                self.intake.add(
                    UnitStatusEvent,
                    path,
                    at,
                    unit_id=unit_id,
                    status=UnitStatus.notified,
                    primary=primary_of(UnitStatus.notified),
                    call_id=call_id,
                )


CODEC = Codec(
    name="eido",
    title="EIDO JSON (NENA-STA-021.1b, STA-024)",
    form="json",
    uses=(
        *(Use(path, word) for path, word in _HEAD.items()),
        *(Use(f"{part}[].{path}", word) for part, uses in _PARTS.items() for path, word in uses.items()),
    ),
    shells=("", *(f"{name}." for name in _WRAPPERS), *(f"{name}.eido." for name in _WRAPPERS), "event.body."),
    recognises=recognises,
    read=read,
    write=write,
    carries=(CallEvent, UnitStatusEvent, UnitPositionEvent),
    drops=(
        "persons, agents and callbacks",
        "notes and additional data",
        "civic addresses",
        "references to other servers",
    ),
)
