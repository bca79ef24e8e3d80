"""EDXL-HAVE 1.0 and 2.0 (OASIS), status of hospitals: traffic, offload, triage counts and beds.

Drafts and producers spell the namespaces differently and nest differently, so elements are found by their local names.
"""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from ..codec import Codec
from ..events import HospitalEvent
from ..fields import Use
from ..intake import Intake
from ..vocabulary import Diversion
from .elements import child, every, first, named, text
from .have_write import write

_TRAFFIC = {
    "normal": Diversion.normal, "advisory": Diversion.advisory, "closed": Diversion.closed, "notapplicable": None,
}  # fmt: skip
_OFFLOAD = {"normal": False, "delayed": True}
_COLOURS = ("red", "yellow", "green", "black")
_FACILITY, _ID = ("facility", "hospital"), ("facilityid", "organizationid", "hospitalid")
_NAME = ("facilityname", "organizationname", "organisationname")
_TIME = ("lastupdatetime", "lastupdated", "reportdatetime", "timestamp")
_MOST_OFFLOAD_MIN = 2880


def recognises(root: Any) -> bool:
    """Whether hospitals of the standard stand in a message."""
    return named(root) in ("have", "hospitalstatus") or first(root, "have", "hospitalstatus") is not None


def read(root: Any, intake: Intake) -> None:
    """Read every hospital."""
    facilities = [inner for inner in every(root, *_FACILITY) if first(inner, *_ID) is not None]
    if not facilities:
        intake.refuse("holds no facility with an identifier", "HAVE", "Send facility/facilityInformation/facilityID.")
    for number, facility in enumerate(facilities):
        _facility(facility, f"HAVE.facility[{number}]", root, intake)


def _facility(facility: Element, where: str, root: Element, intake: Intake) -> None:
    hospital_id = intake.needed(text(first(facility, *_ID)), f"{where}.facilityID")
    if hospital_id is None:
        return
    position = (text(first(facility, "pos", "coordinates")) or "").replace(",", " ").split()
    place = intake.place(position[1], position[0], f"{where}.pos") if len(position) >= 2 else None
    department = first(facility, "emergencydepartmentstatus")
    traffic = intake.one_of(text(first(department, "emstrafficstatus")), f"{where}.emsTrafficStatus", _TRAFFIC)
    ground = first(department, "emsambulancestatus")
    offload = department if ground is None or not len(ground) else ground
    delayed = intake.one_of(text(first(offload, "emsoffloadstatus")), f"{where}.emsOffloadStatus", _OFFLOAD)
    minutes = intake.number(
        text(first(offload, "emsoffloadminutes")), f"{where}.emsOffloadMinutes", 0, _MOST_OFFLOAD_MIN
    )
    triage = _triage(department, where, intake)
    at = intake.moment(text(first(facility, *_TIME)) or text(child(root, *_TIME)), f"{where}.lastUpdateTime")
    intake.add(
        HospitalEvent,
        where,
        at,
        hospital_id=hospital_id,
        name=intake.title(text(first(facility, *_NAME))),
        lon=None if place is None else place[0],
        lat=None if place is None else place[1],
        diversion=traffic,
        offload_delayed=delayed,
        offload_s=None if minutes is None else 60 * minutes,
        triage=triage,
        beds=_beds(facility, where, intake),
    )


def _triage(department: Element | None, where: str, intake: Intake) -> tuple[dict[str, Any], ...]:
    counts: dict[str, dict[str, Any]] = {}
    for side, name in (("capacity", "emscapacity"), ("census", "emscensus")):
        for group in every(department, name):
            for entry in every(group, "triagecode"):
                path = f"{where}.{name}.triageCode"
                colour = intake.one_of(text(first(entry, "triagecodevalue")), path, _COLOURS)
                count = intake.count(text(first(entry, "triagecountquantity", "count")), path)
                if colour is not None and count is not None:
                    counts.setdefault(colour, {"colour": colour})[side] = count
            for colour in _COLOURS:  # HAVE 1.0
                count = intake.count(text(first(group, f"triage{colour}")), f"{where}.{name}.triage{colour}")
                if count is not None:
                    counts.setdefault(colour, {"colour": colour})[side] = count
    return tuple(counts.values())


def _beds(facility: Element, where: str, intake: Intake) -> tuple[dict[str, Any], ...]:
    beds = []
    for number, item in enumerate(every(facility, "servicelistitem", "bedcapacity")):
        path = f"{where}.serviceListItem[{number}]"
        sort = text(first(item, "servicetaxonomykeyvalue", "bedtype"))
        available = intake.count(text(first(item, "availablecount")), f"{path}.availableCount")
        total = intake.count(text(first(item, "baselinecount")), f"{path}.baselineCount")
        if sort is None or (available is None and total is None):
            continue
        known = intake.code(sort, f"{path}.serviceTaxonomyKeyValue")
        if known is not None:
            occupied = total - available if available is not None and total is not None and total >= available else None
            beds.append({"sort": known, "available": available, "occupied": occupied, "total": total})
    return tuple(beds[:200])


CODEC = Codec(
    name="edxl-have",
    title="EDXL-HAVE 1.0 and 2.0",
    form="xml",
    uses=tuple(
        Use(f"**.{name}", becomes)
        for name, becomes in (
            ("facilityID", "hospital_id"), ("OrganizationID", "hospital_id (1.0)"), ("facilityName", "name"),
            ("OrganizationName", "name (1.0)"), ("pos", "lon, lat"), ("emsTrafficStatus", "diversion"),
            ("emsOffloadStatus", "offload_delayed"), ("emsOffloadMinutes", "offload_s"),
            ("triageCodeValue", "triage.colour"), ("triageCountQuantity", "triage.census, triage.capacity"),
            ("serviceTaxonomyKeyValue", "beds.sort"), ("BedType", "beds.sort (1.0)"),
            ("availableCount", "beds.available"), ("baselineCount", "beds.total"), ("LastUpdateTime", "occurred_at"),
            *((f"Triage{colour.capitalize()}", "triage (1.0)") for colour in _COLOURS),
        )
    ),
    recognises=recognises,
    read=read,
    write=write,
    carries=(HospitalEvent,),
    drops=("contacts and addresses", "comments, reasons and notes", "colours and stability of services"),
)  # fmt: skip
