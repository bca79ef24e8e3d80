"""Write CAP 1.2, for exercises and tests only: the twin warns nobody in earnest."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from ...errors import InputError
from ..events import Event, WeatherAlertEvent
from ..vocabulary import Phase

_CAP = "urn:oasis:names:tc:emergency:cap:1.2"
_ATOM = "http://www.w3.org/2005/Atom"
_SENDER = "ems-twin.invalid"


def write(events: Sequence[Event]) -> bytes:
    """One alert, several in an Atom feed.

    Raises
    ------
    InputError
        An alert is meant for the world.
    """
    alerts = [_alert(event) for event in events if isinstance(event, WeatherAlertEvent)]
    if len(alerts) == 1:
        root = alerts[0]
    else:
        root = Element("feed", xmlns=_ATOM)
        SubElement(root, "title").text = "Exercise alerts of ems_twin"
        for event, alert in zip(events, alerts, strict=True):
            entry = SubElement(root, "entry")
            SubElement(entry, "id").text = f"urn:ems-twin:{event.event_id}"
            SubElement(entry, "updated").text = event.occurred_at.isoformat(timespec="seconds")
            SubElement(entry, "content", type="text/xml").append(alert)
    return tostring(root, encoding="utf-8", xml_declaration=True)


def _alert(event: WeatherAlertEvent) -> Element:
    if event.status == "actual":
        raise InputError(
            "an alert with the status 'actual' is not written",
            field="events",
            remedy="Only those with authority warn the public; write an exercise or a test.",
        )
    alert = Element("alert", xmlns=_CAP)
    _say(alert, "identifier", event.alert_id)
    _say(alert, "sender", _SENDER)
    _say(alert, "sent", event.occurred_at.isoformat(timespec="seconds"))
    _say(alert, "status", event.status.capitalize())
    _say(alert, "msgType", "Cancel" if event.phase is Phase.cancelled else "Update" if event.replaces else "Alert")
    _say(alert, "scope", "Private")
    _say(alert, "addresses", _SENDER)
    if event.status == "exercise":
        _say(alert, "note", "Exercise of a digital twin. Nothing has happened.")
    if event.replaces:
        sent = event.occurred_at.isoformat(timespec="seconds")
        _say(alert, "references", " ".join(f"{_SENDER},{identity},{sent}" for identity in event.replaces))
    info = SubElement(alert, "info")
    for category in event.categories or ("Other",):
        _say(info, "category", category)
    _say(info, "event", event.hazard or "Exercise")
    for name in ("urgency", "severity", "certainty"):
        _say(info, name, getattr(event, name) or "Unknown")
    for name, at in (("onset", event.from_at), ("expires", event.until_at)):
        if at is not None:
            _say(info, name, at.isoformat(timespec="seconds"))
    if event.polygons or event.circles or event.geocodes:
        area = SubElement(info, "area")
        _say(area, "areaDesc", "Area of the exercise")
        for ring in event.polygons:
            closed = ring if ring[0] == ring[-1] else (*ring, ring[0])
            _say(area, "polygon", " ".join(f"{lat:.6f},{lon:.6f}" for lon, lat in closed))
        for circle in event.circles:
            _say(area, "circle", f"{circle.lat:.6f},{circle.lon:.6f} {circle.radius_m / 1000:g}")
        for word in event.geocodes:
            name, _, value = word.partition("=")
            code = SubElement(area, "geocode")
            _say(code, "valueName", name)
            _say(code, "value", value)
    return alert


def _say(parent: Element, name: str, value: str) -> None:
    SubElement(parent, name).text = value
