"""PIDF-LO (RFC 4119, RFC 5491), the XML in which next-generation 911 writes where something is; only its position."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from ..fields import local
from ..hardened import UnreadableError, open_xml
from ..intake import Intake, as_number

_FIRST_LONGITUDE = ("crs84", "ogc:1.3:crs84")


def position(text: Any, where: str, intake: Intake) -> tuple[tuple[float, float] | None, float | None]:
    """Position of a location in degrees (longitude, latitude) and its radius in metres, each None if there is none.

    A civic address is not read: it may be somebody's home.
    """
    if isinstance(text, dict) and text.get("type") == "Point":  # GeoJSON, as some write it
        pair = text.get("coordinates")
        return (intake.place(pair[0], pair[1], where) if isinstance(pair, list) and len(pair) >= 2 else None), None
    if not isinstance(text, str) or not text.strip():
        intake.refuse("is no location", where, "Send a PIDF-LO document as text.", text)
        return None, None
    try:
        root = open_xml(text.strip())
    except UnreadableError as error:
        intake.refuse(f"is no location: {error.reason}", where, error.remedy)
        return None, None
    places: list[tuple[Element, str]] = []
    systems = {root: root.get("srsName", "")}
    for element in root.iter():
        for inner in element:
            systems[inner] = inner.get("srsName", "") or systems[element]
        if isinstance(element.tag, str) and local(element.tag) in ("pos", "posList", "coordinates"):
            places.append((element, systems[element]))
    radius = next(
        (as_number(element.text) for element in root.iter() if isinstance(element.tag, str) and local(element.tag) == "radius"),
        None,
    )  # fmt: skip
    for element, system in places:
        numbers = (element.text or "").replace(",", " ").split()
        pairs = list(zip(numbers[::2], numbers[1::2], strict=False)) if local(element.tag) == "posList" else [numbers]
        if not pairs or len(pairs[0]) < 2:
            continue
        first, second = _middle(pairs)
        if system.lower().endswith(_FIRST_LONGITUDE):
            first, second = second, first
        return intake.place(second, first, where), radius if radius is None or radius >= 0 else None
    return None, None


def _middle(pairs: list[Any]) -> tuple[Any, Any]:
    """The only pair, or the middle of the corners of a polygon."""
    corners = [(as_number(pair[0]), as_number(pair[1])) for pair in pairs]
    known = [(a, b) for a, b in corners if a is not None and b is not None]
    if not known:
        return pairs[0][0], pairs[0][1]
    corner = known[:-1] if len(known) > 1 and known[0] == known[-1] else known
    return sum(a for a, _ in corner) / len(corner), sum(b for _, b in corner) / len(corner)


def written(lon: float, lat: float, radius_m: float | None = None) -> str:
    """A PIDF-LO of a position, about nobody."""
    inside = (
        f'<gml:Point xmlns:gml="http://www.opengis.net/gml" srsName="urn:ogc:def:crs:EPSG::4326">'
        f"<gml:pos>{lat:.7f} {lon:.7f}</gml:pos></gml:Point>"
        if radius_m is None
        else '<gs:Circle xmlns:gs="http://www.opengis.net/pidflo/1.0" xmlns:gml="http://www.opengis.net/gml" '
        f'srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>{lat:.7f} {lon:.7f}</gml:pos>'
        f'<gs:radius uom="urn:ogc:def:uom:EPSG::9001">{radius_m:.1f}</gs:radius></gs:Circle>'
    )
    return (
        '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" '
        'entity="pres:unlinked@ems-twin.invalid"><tuple id="p"><status><gp:geopriv><gp:location-info>'
        f"{inside}</gp:location-info><gp:usage-rules/></gp:geopriv></status></tuple></presence>"
    )
