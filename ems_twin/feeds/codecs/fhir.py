"""FHIR R4, and R5 where it differs: bed counts, stays in emergency departments, hospitals and their beds.

Read are MeasureReport (US SAFR, SANER), Encounter and Location, single, as a list, as lines or in a Bundle. Of a patient nothing is read. A stay is known by a digest of the identifier of its Encounter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..codec import Codec
from ..events import HospitalEvent
from ..fields import Use
from ..intake import Intake, at_path, digest, each
from ..moments import Heard
from ..vocabulary import Stay
from .fhir_write import write
from .safr import BEDS, ED, SANER

_KINDS = ("MeasureReport", "Encounter", "Location")
_STAYS = {
    "planned": Stay.expected, "arrived": Stay.arrived, "triaged": Stay.arrived, "in-progress": Stay.in_treatment,
    "onleave": Stay.in_treatment, "on-hold": Stay.in_treatment, "finished": Stay.left, "discharged": Stay.left,
    "completed": Stay.left, "cancelled": Stay.cancelled, "entered-in-error": Stay.cancelled,
    "discontinued": Stay.cancelled, "unknown": None,
}  # fmt: skip
_BED_STATES = {"o": "occupied", "u": "available", "c": None, "h": None, "i": "occupied", "k": None}
"""v2-0116: closed, housekeeping and contaminated beds take nobody; an isolated one has its patient."""
_ADDRESS = re.compile(r"(?:.*/)?[A-Z][A-Za-z]+/([A-Za-z0-9.\-]{1,64})(?:/_history/.*)?")
_BUILDINGS = ("bu", "si")


def recognises(document: Any) -> bool:
    """Whether a message, or the first of a list, is a resource."""
    if isinstance(document, list):
        document = document[0] if document else None
    return isinstance(document, dict) and isinstance(document.get("resourceType"), str)


def read(document: Any, intake: Intake) -> None:
    """Read every resource that says something of hospitals."""
    found: dict[str, list[tuple[dict[str, Any], str]]] = {kind: [] for kind in _KINDS}
    for resource, where in _resources(document):
        kind = resource.get("resourceType")
        if isinstance(kind, str) and kind in found:
            found[kind].append((resource, where))
        else:
            intake.refuse("says nothing of hospitals", f"{where}resourceType", f"Used are {', '.join(_KINDS)}.", kind)
    for resource, where in found["MeasureReport"]:
        _report(resource, where, intake)
    hospital_of = _locations(found["Location"], intake)
    for resource, where in found["Encounter"]:
        _encounter(resource, where, hospital_of, intake)


def _resources(document: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Resources with the beginning of their paths, those of Bundles in their places."""
    waiting = list(each(document, ""))
    while waiting:
        resource, where = waiting.pop(0)
        if not isinstance(resource, dict):
            continue
        prefix = f"{where}." if where else ""
        if resource.get("resourceType") == "Bundle":
            entries = each(resource.get("entry"), f"{prefix}entry")
            waiting += [(at_path(entry, "resource"), f"{path}.resource") for entry, path in entries]
        else:
            yield resource, prefix


def outline(document: Any) -> dict[str, list[Any]]:
    """The resources under their types, so that the same name in two types is two fields."""
    found: dict[str, list[Any]] = {}
    for resource, _ in _resources(document):
        found.setdefault(str(resource.get("resourceType")), []).append(resource)
    return found


def _reference(value: Any) -> Any:
    """Identifier of what a reference names, alike whether its address is relative, absolute or logical."""
    address = at_path(value, "reference")
    found = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
    return found.group(1) if found is not None else address or at_path(value, "identifier", "value")


def _codes(concept: Any) -> list[str]:
    return [str(at_path(coding, "code") or "").lower() for coding, _ in each(at_path(concept, "coding"), "")]


def _report(report: dict[str, Any], where: str, intake: Intake) -> None:
    told = _reference(report.get("subject")) or _reference(report.get("reporter"))
    hospital_id = intake.needed(told, f"{where}subject")
    if hospital_id is None:
        return
    counts: dict[str, int] = {}
    beds: dict[str, dict[str, int]] = {}
    for group, path in intake.objects(report.get("group"), f"{where}group"):
        _group(group, path, counts, beds, intake)
    for name in ("ed_census", "ed_boarders"):
        parts = [counts[f"{name}_{age}"] for age in ("adult", "peds") if f"{name}_{age}" in counts]
        if name not in counts and len(parts) == 2:
            counts[name] = sum(parts)
    if not counts and not beds:
        intake.refuse("counts nothing that is known", f"{where}group", "Send LOINC codes of US SAFR, or SANER's words.")
        return
    stamped = intake.moment(report.get("date"), f"{where}date")
    begin = intake.instant(at_path(report, "period", "start"), f"{where}period.start")
    end = intake.moment(at_path(report, "period", "end"), f"{where}period.end")
    inside = stamped is not None and (begin is None or begin <= stamped.at) and (end is None or stamped.at <= end.at)
    intake.add(
        HospitalEvent,
        where.removesuffix("."),
        stamped if inside else end or stamped,
        reported_at=None if stamped is None else stamped.at,
        hospital_id=hospital_id,
        name=intake.title(at_path(report, "subject", "display") or at_path(report, "reporter", "display")),
        ed_census=counts.get("ed_census"),
        ed_boarders=counts.get("ed_boarders"),
        beds=tuple({"sort": sort, **sides} for sort, sides in beds.items()),
    )


def _group(
    group: dict[str, Any], where: str, counts: dict[str, int], beds: dict[str, dict[str, int]], intake: Intake
) -> None:
    """Counts of a group, under its own code (SAFR) or those of its populations (SANER)."""
    populations = list(intake.objects(group.get("population"), f"{where}.population"))
    entries = [(_codes(group.get("code")), group, populations[0] if populations else ({}, f"{where}.population[0]"))]
    entries += [(_codes(population.get("code")), {}, (population, path)) for population, path in populations]
    for codes, outer, (population, path) in entries:
        known = next((code for code in codes if code in BEDS or code in ED or code in SANER), None)
        if known is None:
            continue
        told = population.get("count")
        if told is None:
            told = at_path(outer, "measureScore", "value") if isinstance(outer.get("measureScore"), dict) else None
        count = intake.count(told, f"{path}.count")
        if count is None:
            continue
        if known in ED:
            counts[ED[known]] = count
        else:
            sort, side = BEDS.get(known) or SANER[known]
            beds.setdefault(sort, {})[side] = count


def _locations(found: list[tuple[dict[str, Any], str]], intake: Intake) -> dict[str, str]:
    """Tell of hospitals and of their beds together; answers the hospital of each location by its address."""
    above: dict[str, str] = {}
    for place, where in found:
        told = _reference(place.get("partOf")) or _reference(place.get("managingOrganization"))
        own = place.get("id")
        if isinstance(own, str) and told is not None and not _is_building(place):
            known = intake.identifier(told, f"{where}partOf")
            if known is not None:
                above[own] = known
    buildings = [place.get("id") for place, _ in found if _is_building(place)]
    only = buildings[0] if len(buildings) == 1 and isinstance(buildings[0], str) else None
    hospital_of: dict[str, str] = {}
    beds: dict[str, Counter[tuple[str, str]]] = {}
    stamps: dict[str, Heard] = {}
    for place, where in found:
        hospital_id, own = _tell_place(place, where, above, only, intake)
        if hospital_id is None:
            continue
        if own is not None:
            hospital_of[own] = hospital_id
        if "bd" not in _codes(place.get("physicalType")) + _codes(place.get("form")):
            continue
        told = next((code for code in _codes(at_path(place, "type")) if code), "bed")
        sort = intake.code(told, f"{where}type") or "bed"
        state = at_path(place, "operationalStatus", "code")
        side = intake.one_of(state, f"{where}operationalStatus.code", _BED_STATES)
        counter = beds.setdefault(hospital_id, Counter())
        if place.get("status", "active") == "active":
            counter[sort, "total"] += 1
            counter[sort, "known"] += state is not None
            if side is not None:
                counter[sort, str(side)] += 1
        at = intake.moment(at_path(place, "meta", "lastUpdated"), f"{where}meta.lastUpdated")
        if at is not None and (hospital_id not in stamps or stamps[hospital_id].at < at.at):
            stamps[hospital_id] = at
    for hospital_id, counter in beds.items():
        rows = []
        for sort in dict.fromkeys(sort for sort, _ in counter):
            row: dict[str, Any] = {"sort": sort, "total": counter[sort, "total"]}
            if counter[sort, "known"] == counter[sort, "total"] > 0:
                row |= {"occupied": counter[sort, "occupied"], "available": counter[sort, "available"]}
            rows.append(row)
        intake.add(HospitalEvent, "Location", stamps.get(hospital_id), hospital_id=hospital_id, beds=tuple(rows[:200]))
    return hospital_of


def _is_building(place: dict[str, Any]) -> bool:
    return any(code in _BUILDINGS for code in _codes(place.get("physicalType")) + _codes(place.get("form")))


def _tell_place(
    place: dict[str, Any], where: str, above: dict[str, str], only: str | None, intake: Intake
) -> tuple[str | None, str | None]:
    """Hospital of a location, its own identifier, and an event where it says where the hospital is."""
    own = intake.needed(place.get("id") or at_path(place, "identifier", "value"), f"{where}id")
    if own is None:
        return None, None
    hospital_id, climbed = (own if _is_building(place) else above.get(own) or only), {own}
    while hospital_id is not None and hospital_id in above and hospital_id not in climbed:
        climbed.add(hospital_id)
        hospital_id = above[hospital_id]
    if hospital_id is None:
        intake.refuse("belongs to no hospital", f"{where}partOf", "Send partOf, managingOrganization or the building.")
        return None, own
    position = place.get("position")
    spot = intake.place(at_path(position, "longitude"), at_path(position, "latitude"), f"{where}position")
    if spot is not None or _is_building(place):
        intake.add(
            HospitalEvent,
            where.removesuffix("."),
            intake.moment(at_path(place, "meta", "lastUpdated"), f"{where}meta.lastUpdated"),
            hospital_id=hospital_id,
            name=intake.title(place.get("name")) if _is_building(place) else None,
            lon=None if spot is None else spot[0],
            lat=None if spot is None else spot[1],
        )
    return hospital_id, own


def _encounter(encounter: dict[str, Any], where: str, hospital_of: dict[str, str], intake: Intake) -> None:
    identity = encounter.get("id") or at_path(encounter, "identifier", "value")
    if not isinstance(identity, str | int):
        intake.refuse("is missing", f"{where}id", "Send the identifier of the Encounter; only its digest is kept.")
        return
    now = {code for each_class, _ in each(encounter.get("class"), "") for code in _class(each_class)}
    history = [step for step, _ in intake.objects(encounter.get("classHistory"), f"{where}classHistory")]
    was = any("emer" in _class(step.get("class")) for step in history)
    if "emer" not in now and not was:
        intake.refuse("is no stay in an emergency department", f"{where}class", "Send Encounters of class EMER.")
        return
    stay = intake.one_of(encounter.get("status"), f"{where}status", _STAYS)
    period = f"{where}period"
    begin = intake.moment(at_path(encounter, "period", "start"), f"{period}.start")
    end = intake.moment(at_path(encounter, "period", "end"), f"{period}.end")
    at = begin
    if "emer" not in now:  # it went on as another stay, in a ward say
        moved = [step for step in history if "emer" not in _class(step.get("class"))]
        stay = Stay.left
        at = intake.moment(at_path(moved[:1], "period", "start"), f"{where}classHistory.period.start") or end or begin
    elif stay is Stay.left:
        at = end or begin
    elif encounter.get("status") not in ("arrived", "planned"):
        steps = [step for step, _ in intake.objects(encounter.get("statusHistory"), f"{where}statusHistory")]
        starts = [at_path(step, "period", "start") for step in steps if step.get("status") == encounter.get("status")]
        updated = at_path(encounter, "meta", "lastUpdated")
        since = intake.moment(starts[-1] if starts else updated, f"{where}statusHistory.period.start")
        at = since or (None if begin is None else Heard(begin.at, True))
    if stay is None:
        return
    told = _reference(encounter.get("serviceProvider"))
    places = [_reference(at_path(step, "location")) for step, _ in each(encounter.get("location"), "")]
    hospital = next((hospital_of[place] for place in places if place in hospital_of), None) or told
    hospital_id = intake.identifier(hospital or next((place for place in places if place), None), f"{where}location")
    if hospital_id is None:
        intake.refuse(
            "belongs to no hospital", f"{where}serviceProvider", "Send serviceProvider or a location's reference."
        )
        return
    intake.add(
        HospitalEvent,
        where.removesuffix("."),
        at,
        hospital_id=hospital_id,
        stay=stay,
        stay_id=digest(intake.reading.source, str(identity)),
    )


def _class(value: Any) -> list[str]:
    """Codes of a class, a Coding in R4 and a CodeableConcept in R5."""
    return [str(at_path(value, "code") or "").lower(), *_codes(value)]


_USES = {
    "MeasureReport": {
        "resourceType": "(which reader)", "date": "occurred_at, reported_at", "period.start": "occurred_at",
        "period.end": "occurred_at", "subject.reference": "hospital_id", "subject.display": "name",
        "subject.identifier.value": "hospital_id", "reporter.reference": "hospital_id", "reporter.display": "name",
        "group[].code.coding[].code": "ed_census, ed_boarders, beds", "group[].population[].count": "the count",
        "group[].population[].code.coding[].code": "beds (SANER)", "group[].measureScore.value": "the count",
    },
    "Encounter": {
        "resourceType": "(which reader)", "id": "stay_id (a digest)", "meta.lastUpdated": "occurred_at",
        "status": "stay", "class.code": "(only EMER)", "class.coding[].code": "(only EMER)",
        "classHistory[].class.code": "stay", "classHistory[].period.start": "occurred_at",
        "statusHistory[].status": "stay", "statusHistory[].period.start": "occurred_at", "period.start": "occurred_at",
        "period.end": "occurred_at", "serviceProvider.reference": "hospital_id",
        "location[].location.reference": "hospital_id",
    },
    "Location": {
        "resourceType": "(which reader)", "id": "hospital_id", "meta.lastUpdated": "occurred_at",
        "name": "name (of a building)", "status": "whether a bed counts", "operationalStatus.code": "beds",
        "physicalType.coding[].code": "building or bed", "form.coding[].code": "building or bed",
        "type.coding[].code": "beds.sort", "partOf.reference": "hospital_id",
        "managingOrganization.reference": "hospital_id", "position.longitude": "lon", "position.latitude": "lat",
    },
}  # fmt: skip

CODEC = Codec(
    name="fhir",
    title="FHIR R4: MeasureReport (US SAFR, SANER), Encounter, Location",
    form="json",
    uses=tuple(Use(f"{kind}[].{path}", word) for kind, uses in _USES.items() for path, word in uses.items()),
    outline=outline,
    recognises=recognises,
    read=read,
    write=write,
    carries=(HospitalEvent,),
    drops=("patients, practitioners and their names", "narratives", "telephones and addresses", "diagnoses"),
)
