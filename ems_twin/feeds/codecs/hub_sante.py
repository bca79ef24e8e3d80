"""Hub Santé, the exchange of French emergency medical services: cases, engaged units, their states and positions.

Read are RC-EDA and RS-EDA (cases), RS-RI (engaged units), RS-SR (a unit's state), GEO-POS, GEO-RES and RS-RPIS, bare or in
the envelope of the exchange. The schemas are those of github.com/ansforge/SAMU-Hub-Modeles.
"""

from __future__ import annotations

from typing import Any

from ..codec import Codec
from ..events import CallEvent, UnitPositionEvent, UnitStatusEvent
from ..fields import Use
from ..intake import Intake, at_path
from ..statuses import from_position_status, from_resource_status, primary_of
from ..vocabulary import CallAction, Primary
from .hub_sante_write import KMH, write

_CASE = ("createCase", "createCaseHealth")
_ROOTS = (
    *_CASE, "resourcesInfo", "resourcesStatus", "geoPositionsUpdate", "geoResourcesDetails", "geoResourcesRequest",
    "rpis", "resourcesRequest", "resourcesResponse", "resourcesEngagement", "emsi",
)  # fmt: skip
_PRIORITY = {"p0": 1, "p1": 1, "p2": 2, "p3": 3, "nr": None}
"""P0 (an immediate threat to life) and P1 go out at once, P2 within a time, P3 is advice."""
_RPIS_TIMES = {
    "departSmur": "en_route", "arrivedSmur": "on_scene", "departLocation": "left_scene",
    "arrivedDestination": "at_hospital", "teamAvailable": "back_in_service", "returnSmur": "at_station",
}  # fmt: skip
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_SLOTS = {"DISPONIBLE": Primary.available, "INDISPONIBLE": Primary.not_available, "INCONNU": None}


def _uses() -> tuple[Use, ...]:
    case = [
        ("caseId", "call_id"), ("creation", "reported_at"), ("initialAlert.reception", "occurred_at, times.received"),
        ("qualification.healthMotive.code", "kind"), ("qualification.whatsHappen.code", "kind"),
        ("qualification.details.priority", "priority"), ("qualification.victims.count", "patients"),
        ("location.geometry.point.coord.lat", "lat"), ("location.geometry.point.coord.lon", "lon"),
        ("location.city.inseeCode", "zone"),
    ]  # fmt: skip
    state = [("datetime", "occurred_at"), ("status", "status"), ("availability", "primary")]
    rows = [(f"{root}.{path}", becomes) for root in _CASE for path, becomes in case]
    rows += [("resourcesStatus.caseId", "call_id"), ("resourcesStatus.resourceId", "unit_id")]
    rows += [(f"resourcesStatus.state.{path}", becomes) for path, becomes in state]
    rows += [("resourcesInfo.caseId", "call_id")]
    for path, becomes in (
        ("resourceId", "unit_id"), ("orgId", "organisation"), ("vehicleType", "unit_type"), ("datetime", "reported_at"),
        *((f"state[].{path}", becomes) for path, becomes in state),
    ):  # fmt: skip
        rows.append((f"resourcesInfo.resource[].{path}", becomes))
    for path, becomes in (
        ("resourceId", "unit_id"), ("datetime", "occurred_at"), ("coord.lat", "lat"), ("coord.lon", "lon"),
        ("speed", "speed_mps (from km/h)"), ("cap", "heading_deg"), ("move", "is_moving"), ("status", "primary"),
        ("engagedStatus", "status"),
    ):  # fmt: skip
        rows.append((f"geoPositionsUpdate.position[].{path}", becomes))
    for path, becomes in (("resourceId", "unit_id"), ("orgId", "organisation"), ("resourceType", "unit_type")):
        rows.append((f"geoResourcesDetails.resource[].{path}", becomes))
    rows += [("rpis.context.senderCaseId", "call_id"), ("rpis.context.creationDate", "times.received")]
    rows += [("rpis.regulation.healthMotive.code", "kind")]
    rows += [(f"rpis.intervention.smurStatus.{path}", f"times.{name}") for path, name in _RPIS_TIMES.items()]
    rows += [("messageId", "message_id"), ("distributionID", "message_id")]
    return tuple(Use(path, becomes) for path, becomes in rows)


def recognises(document: Any) -> bool:
    """Whether a message, or the first of a list of them, has a root of the exchange."""
    if isinstance(document, list):
        document = document[0] if document else None
    return isinstance(document, dict) and (
        any(root in document for root in _ROOTS)
        or at_path(document, "content", "jsonContent", "embeddedJsonContent", "message") is not None
    )


def read(document: Any, intake: Intake) -> None:
    """Read one message, or a list of them."""
    for message, where in intake.objects(document, ""):
        outer = at_path(message, "distributionID")
        inner = at_path(message, "content", "jsonContent", "embeddedJsonContent", "message")
        prefix = f"{where}." if where else ""
        if isinstance(inner, dict):
            message, prefix = inner, f"{prefix}content[0].jsonContent.embeddedJsonContent.message."
        if not isinstance(document, list):
            intake.call_it(at_path(message, "messageId") or outer)
        found = [root for root in _ROOTS if root in message]
        if not found:
            intake.refuse("has no known root", where, f"Send one of {', '.join(_ROOTS[:6])}.", message)
        for root in found:
            for body, path in intake.objects(message[root], f"{prefix}{root}"):
                reader = _READERS.get(root)
                if reader is None:
                    intake.refuse(
                        "is a message that says nothing of calls, units or hospitals", path, "No need to send it."
                    )
                else:
                    reader(body, path, intake)


def _case(body: dict[str, Any], where: str, intake: Intake) -> None:
    call_id = intake.needed(body.get("caseId") or body.get("senderCaseId"), f"{where}.caseId")
    if call_id is None:
        return
    reported = intake.moment(body.get("creation"), f"{where}.creation")
    at = intake.moment(at_path(body, "initialAlert", "reception"), f"{where}.initialAlert.reception") or reported
    coord = at_path(body, "location", "geometry", "point", "coord")
    place = intake.place(at_path(coord, "lon"), at_path(coord, "lat"), f"{where}.location.geometry.point.coord")
    told = at_path(body, "qualification", "details", "priority")
    kind = at_path(body, "qualification", "healthMotive", "code") or at_path(
        body, "qualification", "whatsHappen", "code"
    )
    victims = at_path(body, "qualification", "victims", "count")
    if isinstance(victims, str) and not victims.isdecimal():
        victims = None  # 'PLUSIEURS' and the like: how many is not known
    intake.add(
        CallEvent,
        where,
        at,
        reported_at=None if reported is None else reported.at,
        action=CallAction.received,
        call_id=call_id,
        lon=None if place is None else place[0],
        lat=None if place is None else place[1],
        zone=intake.code(at_path(body, "location", "city", "inseeCode"), f"{where}.location.city.inseeCode"),
        priority=intake.one_of(told, f"{where}.qualification.details.priority", _PRIORITY),
        source_priority=intake.code(told, f"{where}.qualification.details.priority")
        if str(told).lower() in _PRIORITY
        else None,
        kind=intake.code(kind, f"{where}.qualification.healthMotive.code"),
        patients=intake.count(victims, f"{where}.qualification.victims.count"),
        times=None if at is None else {"received": at.at},
    )


def _state(
    state: dict[str, Any], where: str, intake: Intake, *, unit_id: str, call_id: str | None, **more: Any
) -> None:
    word = str(state.get("status") or "").strip().upper()
    status = from_resource_status(word)
    available = state.get("availability")
    primary = {True: Primary.available, False: Primary.not_available}.get(
        intake.one_of(available, f"{where}.availability", _BOOLEANS)
    )
    if status is None and word != "DECISION":
        intake.refuse(
            "is no state of RS-SR", f"{where}.status", "Send DECLENCHE, DEPART, ARRIVEE ...", state.get("status")
        )
        if primary is None:
            return
    intake.add(
        UnitStatusEvent,
        where,
        intake.moment(state.get("datetime"), f"{where}.datetime"),
        unit_id=unit_id,
        call_id=call_id,
        status=status,
        primary=primary or primary_of(status),
        **more,
    )


def _resource_status(body: dict[str, Any], where: str, intake: Intake) -> None:
    unit_id = intake.needed(body.get("resourceId"), f"{where}.resourceId")
    call_id = intake.identifier(body.get("caseId"), f"{where}.caseId")
    if unit_id is None:
        return
    for state, path in intake.objects(body.get("state"), f"{where}.state"):
        _state(state, path, intake, unit_id=unit_id, call_id=call_id)


def _resource_info(body: dict[str, Any], where: str, intake: Intake) -> None:
    call_id = intake.identifier(body.get("caseId"), f"{where}.caseId")
    for resource, path in intake.objects(body.get("resource"), f"{where}.resource"):
        unit_id = intake.needed(resource.get("resourceId"), f"{path}.resourceId")
        if unit_id is None:
            continue
        about = {
            "unit_type": intake.code(resource.get("vehicleType"), f"{path}.vehicleType"),
            "organisation": intake.identifier(resource.get("orgId"), f"{path}.orgId"),
            "reported_at": intake.instant(resource.get("datetime"), f"{path}.datetime"),
        }
        states = list(intake.objects(resource.get("state"), f"{path}.state"))
        for state, inner in sorted(states, key=lambda pair: str(pair[0].get("datetime"))):
            _state(state, inner, intake, unit_id=unit_id, call_id=call_id, **about)
        if not states:
            at = intake.moment(resource.get("datetime"), f"{path}.datetime")
            intake.add(UnitStatusEvent, path, at, unit_id=unit_id, call_id=call_id, **about)


def _positions(body: dict[str, Any], where: str, intake: Intake) -> None:
    for position, path in intake.objects(body.get("position"), f"{where}.position"):
        unit_id = intake.needed(position.get("resourceId"), f"{path}.resourceId")
        if unit_id is None:
            continue
        at = intake.moment(position.get("datetime"), f"{path}.datetime")
        coord = position.get("coord")
        place = intake.place(at_path(coord, "lon"), at_path(coord, "lat"), f"{path}.coord")
        if place is not None:
            speed = intake.number(position.get("speed"), f"{path}.speed", 0, 500)
            heading = intake.number(position.get("cap"), f"{path}.cap", 0, 360)
            intake.add(
                UnitPositionEvent,
                path,
                at,
                unit_id=unit_id,
                lon=place[0],
                lat=place[1],
                speed_mps=None if speed is None else speed / KMH,
                heading_deg=None if heading is None else heading % 360,
                is_moving=intake.one_of(
                    position.get("move"), f"{path}.move", {"mobile": True, "statique": False}
                ),
            )  # fmt: skip
        slot = intake.one_of(
            position.get("status"), f"{path}.status", {word.lower(): slot for word, slot in _SLOTS.items()}
        )
        engaged = position.get("engagedStatus")
        status = from_position_status(str(engaged).strip().upper())
        if engaged is not None and status is None:
            intake.refuse(
                "is no engagedStatus of GEO-POS", f"{path}.engagedStatus", "Send ALERTEE, PARTIE ...", engaged
            )
        if slot is not None or status is not None:
            intake.add(UnitStatusEvent, path, at, unit_id=unit_id, status=status, primary=slot or primary_of(status))


def _resources(body: dict[str, Any], where: str, intake: Intake) -> None:
    for resource, path in intake.objects(body.get("resource"), f"{where}.resource"):
        unit_id = intake.needed(resource.get("resourceId"), f"{path}.resourceId")
        if unit_id is not None:
            intake.add(
                UnitStatusEvent,
                path,
                None,
                unit_id=unit_id,
                unit_type=intake.code(resource.get("resourceType"), f"{path}.resourceType"),
                organisation=intake.identifier(resource.get("orgId"), f"{path}.orgId"),
            )


def _rpis(body: dict[str, Any], where: str, intake: Intake) -> None:
    call_id = intake.needed(at_path(body, "context", "senderCaseId"), f"{where}.context.senderCaseId")
    if call_id is None:
        return
    received = intake.moment(at_path(body, "context", "creationDate"), f"{where}.context.creationDate")
    path = f"{where}.intervention.smurStatus"
    told = at_path(body, "intervention", "smurStatus")
    times = {
        name: intake.instant(at_path(told, word), f"{path}.{word}")
        for word, name in _RPIS_TIMES.items()
        if at_path(told, word)
    }
    intake.add(
        CallEvent,
        where,
        received,
        action=CallAction.updated,
        call_id=call_id,
        kind=intake.code(at_path(body, "regulation", "healthMotive", "code"), f"{where}.regulation.healthMotive.code"),
        times={"received": None if received is None else received.at} | times,
    )


_READERS = {
    "createCase": _case,
    "createCaseHealth": _case,
    "resourcesStatus": _resource_status,
    "resourcesInfo": _resource_info,
    "geoPositionsUpdate": _positions,
    "geoResourcesDetails": _resources,
    "rpis": _rpis,
}

CODEC = Codec(
    name="hub-sante",
    title="Hub Santé (RC-EDA, RS-EDA, RS-RI, RS-SR, GEO-POS, GEO-RES, RS-RPIS)",
    form="json",
    uses=_uses(),
    shells=("", "content[].jsonContent.embeddedJsonContent.message."),
    recognises=recognises,
    read=read,
    write=write,
    carries=(UnitStatusEvent, UnitPositionEvent),
    drops=("callers, callbacks and contacts", "patients and their names", "addresses and access codes", "free text"),
)
