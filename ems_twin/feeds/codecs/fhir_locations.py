"""FHIR Locations: hospitals, their wings and beds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..events import HospitalEvent
from ..intake import Intake, at_path, each
from ..moments import Heard
from .fhir_parts import codes, reference

_BED_STATES = {"o": "occupied", "u": "available", "c": None, "h": None, "i": "occupied", "k": None}
"""v2-0116: closed, housekeeping and contaminated beds take nobody; an isolated one has its patient."""
_BUILDINGS = ("bu", "si")


def tell_locations(found: list[tuple[dict[str, Any], str]], intake: Intake) -> dict[str, str]:
    """Tell of hospitals and of their beds together; answers the hospital of each location by its address."""
    above: dict[str, str] = {}
    for place, where in found:
        told = reference(place.get("partOf")) or reference(place.get("managingOrganization"))
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
        if "bd" not in codes(place.get("physicalType")) + codes(place.get("form")):
            continue
        told = next((code for code in codes(at_path(place, "type")) if code), "bed")
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
    forms = codes(place.get("physicalType")) + codes(place.get("form"))
    is_hospital = any("hosp" in codes(kind) for kind, _ in each(place.get("type"), ""))
    return any(code in _BUILDINGS for code in forms) or (is_hospital and not forms)


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
