"""OwnTracks JSON over MQTT or HTTP, as telephones and simple trackers of vehicles send it.

The unit is the device of the topic ``owntracks/user/device``, which the source hands over as the header ``topic``, else the
tracker's ``tid``. The user, who may be a person, is not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from ..codec import Codec
from ..events import Event, UnitPositionEvent
from ..fields import Use
from ..intake import Intake

_KMH = 3.6
_TIMES = ("tst", "timestamp", "time")


def recognises(document: Any) -> bool:
    """Whether a message says that it is of OwnTracks, or has a tracker's latitude, longitude and time."""
    if isinstance(document, list):
        document = document[0] if document else None
    return isinstance(document, dict) and (
        isinstance(document.get("_type"), str)
        or ("lat" in document and "lon" in document and any(name in document for name in _TIMES[:1]))
    )


def read(document: Any, intake: Intake) -> None:
    """Read one location, or a list of them."""
    if isinstance(document, dict):
        intake.call_it(document.get("_id"))
    for entry, path in intake.objects(document, ""):
        where = f"{path}." if path else ""
        sort = entry.get("_type", "location")
        if sort == "encrypted":
            intake.refuse("is encrypted", f"{where}_type", "Send it in the clear over TLS.")
        elif sort != "location":
            intake.refuse("is no location", f"{where}_type", "Only _type 'location' says where a unit is.", sort)
        else:
            _location(entry, where, intake)


def _location(entry: dict[str, Any], where: str, intake: Intake) -> None:
    topic = entry.get("topic") or intake.reading.headers.get("topic")
    steps = [step for step in str(topic or "").split("/") if step]
    device = steps[2] if len(steps) >= 3 and steps[0] == "owntracks" else steps[-1] if steps else None
    told = device or intake.reading.headers.get("x-limit-d") or entry.get("tid")
    unit_id = intake.needed(told, f"{where}topic" if device else f"{where}tid")
    place = intake.place(entry.get("lon"), entry.get("lat"), f"{where}lat")
    if place is None and entry.get("lon") is None and entry.get("lat") is None:
        intake.refuse("is missing", f"{where}lat", "Send lat and lon in degrees.")
    if unit_id is None or place is None:
        return
    stamp = next((entry[name] for name in _TIMES if entry.get(name) is not None), None)
    at = intake.moment(stamp, f"{where}tst", epoch=not isinstance(stamp, str) or stamp.strip().isdecimal())
    speed = intake.number(entry.get("vel"), f"{where}vel", -1, 500)
    heading = intake.number(entry.get("cog"), f"{where}cog", -1, 360)
    accuracy = intake.number(entry.get("acc"), f"{where}acc", -1, 1e7)
    intake.add(
        UnitPositionEvent,
        where.removesuffix("."),
        at,
        unit_id=unit_id,
        lon=place[0],
        lat=place[1],
        speed_mps=None if speed is None or speed < 0 else speed / _KMH,  # -1: the device does not know
        heading_deg=None if heading is None or heading < 0 else heading % 360,
        accuracy_m=None if accuracy is None or accuracy < 0 else accuracy,
    )


def write(events: Sequence[Event]) -> bytes:
    """One location as an object, several as a list; times in whole seconds, speed in km/h."""
    entries = [_entry(event) for event in events if isinstance(event, UnitPositionEvent)]
    return orjson.dumps(entries[0] if len(entries) == 1 else entries)


def _entry(event: UnitPositionEvent) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "_type": "location",
        "topic": f"owntracks/ems-twin/{event.unit_id.replace('/', '_')}",
        "tid": event.unit_id[-2:],
        "tst": round(event.occurred_at.timestamp()),
        "lat": event.lat,
        "lon": event.lon,
    }
    if event.speed_mps is not None:
        entry["vel"] = round(event.speed_mps * _KMH)
    if event.heading_deg is not None:
        entry["cog"] = round(event.heading_deg) % 360
    if event.accuracy_m is not None:
        entry["acc"] = round(event.accuracy_m)
    return entry


CODEC = Codec(
    name="owntracks",
    title="OwnTracks JSON (AVL)",
    form="json",
    uses=tuple(
        Use(path, becomes)
        for path, becomes in (
            ("_type", "(only location)"), ("_id", "message_id"), ("topic", "unit_id"), ("tid", "unit_id (without a topic)"), ("lat", "lat"),
            ("lon", "lon"), ("tst", "occurred_at"), ("vel", "speed_mps (from km/h)"), ("cog", "heading_deg"),
            ("acc", "accuracy_m"),
        )
    ),
    recognises=recognises,
    read=read,
    write=write,
    carries=(UnitPositionEvent,),
    drops=("the user", "battery, networks and places visited"),
)  # fmt: skip
