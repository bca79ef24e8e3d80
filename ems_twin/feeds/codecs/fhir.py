"""FHIR R4, and R5 where it differs: bed counts, stays in emergency departments, hospitals and their beds.

Read are MeasureReport (US SAFR, SANER), Encounter and Location, single, as a list, as lines or in a Bundle.
Of a patient nothing is read. A stay is known by a digest of the identifier of its Encounter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..codec import Codec
from ..events import HospitalEvent
from ..fields import Use
from ..intake import Intake, at_path, digest, each
from ..moments import Heard
from ..vocabulary import Stay
from .fhir_locations import tell_locations
from .fhir_parts import codes, reference
from .fhir_write import write
from .safr import BEDS, ED, SANER

_KINDS = ("MeasureReport", "Encounter", "Location")
_STAYS = {
    "planned": Stay.expected, "arrived": Stay.arrived, "triaged": Stay.arrived, "in-progress": Stay.in_treatment,
    "onleave": Stay.in_treatment, "on-hold": Stay.in_treatment, "finished": Stay.left, "discharged": Stay.left,
    "completed": Stay.left, "cancelled": Stay.cancelled, "entered-in-error": Stay.cancelled,
    "discontinued": Stay.cancelled, "unknown": None,
}  # fmt: skip


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
    hospital_of = tell_locations(found["Location"], intake)
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


def _report(report: dict[str, Any], where: str, intake: Intake) -> None:
    told = reference(report.get("subject")) or reference(report.get("reporter"))
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
    entries = [(codes(group.get("code")), group, populations[0] if populations else ({}, f"{where}.population[0]"))]
    entries += [(codes(population.get("code")), {}, (population, path)) for population, path in populations]
    for words, outer, (population, path) in entries:
        known = next((code for code in words if code in BEDS or code in ED or code in SANER), None)
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
    span = encounter.get("period") or encounter.get("actualPeriod")
    begin = intake.moment(at_path(span, "start"), f"{period}.start")
    end = intake.moment(at_path(span, "end"), f"{period}.end")
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
    told = reference(encounter.get("serviceProvider"))
    places = [reference(at_path(step, "location")) for step, _ in each(encounter.get("location"), "")]
    hospital = next((hospital_of[str(place)] for place in places if str(place) in hospital_of), None) or told
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
    return [str(at_path(value, "code") or "").lower(), *codes(value)]


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
        "period.end": "occurred_at", "actualPeriod.start": "occurred_at", "actualPeriod.end": "occurred_at",
        "serviceProvider.reference": "hospital_id",
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
