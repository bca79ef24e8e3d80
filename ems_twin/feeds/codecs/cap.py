"""CAP 1.0 to 1.2 (OASIS), warnings of weather and other hazards, bare, in Atom or RSS, or in an EDXL distribution.

Blocks of an alert in further languages repeat the first and are passed over. A second block of the same language is a
warning of its own: its ``alert_id`` is that of the alert with ``/2`` behind it, and whatever replaces an alert replaces all
its blocks.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element

from ..codec import Codec
from ..events import WeatherAlertEvent
from ..fields import Use
from ..intake import Intake, as_number
from ..vocabulary import MOST_POINTS, Phase
from .cap_write import write
from .elements import child, children, every, named, text

_STATUS = ("actual", "exercise", "system", "test", "draft")
_TYPES = {
    "alert": Phase.active, "update": Phase.active, "cancel": Phase.cancelled, "ack": None, "error": None,
}  # fmt: skip
_WORDS = {
    "urgency": ("immediate", "expected", "future", "past", "unknown"),
    "severity": ("extreme", "severe", "moderate", "minor", "unknown"),
    "certainty": ("observed", "likely", "possible", "unlikely", "unknown", "very likely"),
}


def recognises(root: Any) -> bool:
    """Whether an alert stands somewhere in a message."""
    return named(root) == "alert" or any(True for _ in _alerts(root))


def _alerts(root: Element) -> list[Element]:
    """Alerts in the order of the message; an entry of a feed that holds none may be one itself."""
    if named(root) == "alert":
        return [root]
    found = []
    for element in every(root, "alert", "entry", "item"):
        is_entry = named(element) != "alert"
        if not is_entry or (child(element, "msgtype") is not None and next(every(element, "alert"), None) is None):
            found.append(element)
    return found


def read(root: Any, intake: Intake) -> None:
    """Read every alert of a message."""
    alerts = _alerts(root)
    if not alerts:
        intake.refuse("holds no alert", "", "Send a CAP alert, or a feed of them.")
    if len(alerts) == 1:
        intake.call_it(text(child(alerts[0], "identifier")))
    for number, alert in enumerate(alerts):
        _alert(alert, "alert" if len(alerts) == 1 else f"alert[{number}]", intake)


def _alert(alert: Element, where: str, intake: Intake) -> None:
    alert_id = intake.needed(text(child(alert, "identifier", "id")), f"{where}.identifier")
    status = intake.one_of(text(child(alert, "status")), f"{where}.status", _STATUS)
    kind = text(child(alert, "msgtype"))
    phase = intake.one_of(kind, f"{where}.msgType", _TYPES)
    if phase is None or status is None or alert_id is None:
        if kind is None or (phase is None and kind.lower() in _TYPES):
            intake.refuse("warns of nothing", f"{where}.msgType", "Only Alert, Update and Cancel are used.", kind or "")
        elif status is None and child(alert, "status") is None:
            intake.refuse("is missing", f"{where}.status", "Send Actual, Exercise, System, Test or Draft.")
        return
    sent = intake.moment(text(child(alert, "sent", "updated", "published")), f"{where}.sent")
    replaces = []
    for reference in (text(child(alert, "references")) or "").split():
        parts = reference.split(",")
        known = intake.identifier(parts[1] if len(parts) == 3 else reference, f"{where}.references")
        if known is not None:
            replaces.append(known)
    infos = children(alert, "info")
    language = _language(infos[0]) if infos else None
    blocks: list[Element] = [info for info in infos if _language(info) == language] or [alert]
    for number, info in enumerate(blocks, start=1):
        inner = f"{where}.info[{number - 1}]" if infos else where
        since = [
            intake.instant(text(child(info, name)), f"{inner}.{name}") for name in ("onset", "effective")
        ]  # fmt: skip
        intake.add(
            WeatherAlertEvent,
            inner,
            sent,
            reported_at=None if sent is None else sent.at,
            alert_id=alert_id if number == 1 else f"{alert_id[:190]}/{number}",
            phase=phase,
            status=status,
            hazard=intake.title(text(child(info, "event"))),
            categories=tuple(
                word for each in children(info, "category") if (word := intake.code(text(each), f"{inner}.category"))
            ),
            **{name: _word(info, name, inner, intake) for name in _WORDS},
            from_at=_first_of(since) or (None if sent is None else sent.at),
            until_at=intake.instant(text(child(info, "expires")), f"{inner}.expires"),
            replaces=tuple(replaces),
            **_area(info, inner, intake),
        )


def _language(info: Element) -> str:
    return (text(child(info, "language")) or "en-US").lower()


def _first_of(times: list[datetime | None]) -> datetime | None:
    return next((at for at in times if at is not None), None)


def _word(info: Element, name: str, where: str, intake: Intake) -> str | None:
    told = intake.one_of(text(child(info, name)), f"{where}.{name}", _WORDS[name])
    return None if told is None else "Likely" if told == "very likely" else str(told).capitalize()


def _area(info: Element, where: str, intake: Intake) -> dict[str, Any]:
    """Polygons, circles and codes of all areas of a block."""
    polygons, circles, codes = [], [], []
    areas = children(info, "area") or [info]
    for area in areas:
        for polygon in children(area, "polygon"):
            ring = _ring(text(polygon), f"{where}.area.polygon", intake)
            if ring:
                polygons.append(ring)
        for circle in children(area, "circle"):
            parts = (text(circle) or "").replace(",", " ").split()
            lat, lon, radius = (*map(as_number, parts), None, None, None)[:3]
            if radius is None or lat is None or lon is None or radius < 0 or abs(lat) > 90 or abs(lon) > 180:
                intake.refuse("is no circle", f"{where}.area.circle", "Send 'lat,lon kilometres'.", text(circle) or "")
            else:
                circles.append({"lon": lon, "lat": lat, "radius_m": 1000 * radius})
        for geocode in children(area, "geocode"):
            names, values = (list(every(geocode, name)) for name in ("valuename", "value"))
            for name, value in zip(names, values, strict=False):
                for word in (text(value) or "").split():
                    known = intake.code(f"{text(name)}={word}", f"{where}.area.geocode")
                    if known is not None and known not in codes:
                        codes.append(known)
    return {"polygons": tuple(polygons), "circles": tuple(circles), "geocodes": tuple(codes[:64])}


def _ring(told: str | None, where: str, intake: Intake) -> tuple[tuple[float, float], ...]:
    """Corners of 'lat,lon lat,lon'; none where one of them is no place on earth."""
    ring: list[tuple[float, float]] = []
    for pair in (told or "").split():
        lat, lon = (*map(as_number, pair.split(",")), None, None)[:2]
        if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180 or len(ring) == MOST_POINTS:
            intake.refuse("is no polygon", where, "Send 'lat,lon lat,lon ...' in degrees.", pair)
            return ()
        ring.append((lon, lat))
    if told and len(ring) < 3:
        intake.refuse("is a polygon of less than three corners", where, "Send a closed ring.")
        return ()
    return tuple(ring)


def _uses() -> tuple[Use, ...]:
    head = {
        "identifier": "alert_id, message_id", "sent": "occurred_at, reported_at", "status": "status",
        "msgType": "phase", "references": "replaces",
    }  # fmt: skip
    info = {
        "language": "(the first is read)", "category": "categories", "event": "hazard", "urgency": "urgency",
        "severity": "severity", "certainty": "certainty", "effective": "from_at", "onset": "from_at",
        "expires": "until_at", "area.polygon": "polygons", "area.circle": "circles",
        "area.geocode.valueName": "geocodes", "area.geocode.value": "geocodes",
    }  # fmt: skip
    alert = {**head, **{f"info.{name}": word for name, word in info.items()}}
    entry = {
        **head, **info, "id": "alert_id", "updated": "occurred_at", "polygon": "polygons", "circle": "circles",
        "geocode.valueName": "geocodes", "geocode.value": "geocodes",
        **{f"content.alert.{name}": word for name, word in alert.items()},
    }  # fmt: skip
    return (
        *(Use(f"alert.{name}", word) for name, word in alert.items()),
        *(Use(f"feed.entry.{name}", word) for name, word in entry.items()),
    )


CODEC = Codec(
    name="cap",
    title="CAP 1.0 to 1.2, bare or in Atom",
    form="xml",
    uses=_uses(),
    recognises=recognises,
    read=read,
    write=write,
    carries=(WeatherAlertEvent,),
    drops=("headlines, descriptions and instructions", "contacts and senders", "names of areas", "resources"),
)
