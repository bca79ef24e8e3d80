"""Write EDXL-HAVE 2.0, one facility for each event."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from ..events import Event, HospitalEvent

_HAVE = "urn:oasis:names:tc:emergency:edxl:have:2.0"
_GML = "http://www.opengis.net/gml/3.2"
_CT = "urn:oasis:names:tc:emergency:edxl:ct:1.0"


def write(events: Sequence[Event]) -> bytes:
    """A report of all hospitals; what EDXL-HAVE has no element for (the census of an ED, stays) is left out."""
    root = Element("HAVE", {"xmlns": _HAVE, "xmlns:gml": _GML, "xmlns:edxl-ct": _CT})
    SubElement(root, "organizationInformation")
    for event in events:
        if isinstance(event, HospitalEvent):
            _facility(root, event)
    return tostring(root, encoding="utf-8", xml_declaration=True)


def _facility(root: Element, event: HospitalEvent) -> None:
    facility = SubElement(root, "facility")
    about = SubElement(facility, "facilityInformation")
    _say(about, "facilityID", event.hospital_id)
    _say(about, "facilityName", event.name or event.hospital_id)
    if event.lon is not None and event.lat is not None:
        place = SubElement(SubElement(about, "facilityGeoLocation"), "edxl-ct:EDXLGeoLocation")
        point = SubElement(place, "gml:Point", {"gml:id": f"p{event.event_id}"})
        _say(point, "gml:pos", f"{event.lat:.7f} {event.lon:.7f}")
    _say(about, "lastUpdateTime", event.occurred_at.isoformat())
    department = SubElement(about, "emergencyDepartmentStatus")
    if event.diversion is not None:
        _say(SubElement(department, "emsTraffic"), "emsTrafficStatus", event.diversion.value.capitalize())
    for name, side in (("emsCapacity", "capacity"), ("emsCensus", "census")):
        told = [(row.colour, getattr(row, side)) for row in event.triage if getattr(row, side) is not None]
        group = SubElement(department, name) if told else None
        for colour, count in told:
            if group is not None:
                code = SubElement(group, "triageCode")
                _say(code, "triageCodeValue", colour.capitalize())
                _say(code, "triageCountQuantity", str(count))
    if event.offload_delayed is not None or event.offload_s is not None:
        offload = SubElement(department, "emsAmbulanceStatus")
        if event.offload_delayed is not None:
            _say(offload, "emsOffloadStatus", "Delayed" if event.offload_delayed else "Normal")
        if event.offload_s is not None:
            _say(offload, "emsOffloadMinutes", str(round(event.offload_s / 60)))
    if event.beds:
        services = SubElement(facility, "serviceList")
        for row in event.beds:
            item = SubElement(services, "serviceListItem")
            _say(item, "serviceTaxonomyKeyValue", row.sort)
            capacity = SubElement(item, "serviceBedCapacity")
            if row.available is not None:
                _say(capacity, "availableCount", str(row.available))
            total = row.total
            if total is None and row.available is not None and row.occupied is not None:
                total = row.available + row.occupied
            if total is not None:
                _say(capacity, "baselineCount", str(total))


def _say(parent: Element, name: str, value: str) -> None:
    SubElement(parent, name).text = value
