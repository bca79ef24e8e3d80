"""The twin's own events as JSON: one, a list of them, or lines; as another twin, or a recording, sends them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..codec import Codec
from ..events import EVENTS, Event
from ..fields import Use
from ..intake import Intake, could_be_personal
from ..vocabulary import Record

_HEAD = ("event", "event_id", "source", "message_id", "occurred_at", "reported_at", "known_at", "time_uncertain")
_IDS = ("call_id", "unit_id", "hospital_id", "road_event_id", "alert_id", "organisation", "station_id")


def recognises(document: Any) -> bool:
    """Whether a message, or the first of a list, is an event."""
    if isinstance(document, list):
        document = document[0] if document else None
    return isinstance(document, dict) and str(document.get("event")) in EVENTS and "occurred_at" in document


def read(document: Any, intake: Intake) -> None:
    """Read every event; who sent it and when it was known is the reader's business, not the sender's."""
    for told, where in intake.objects(document, ""):
        read_one(told, f"{where}." if where else "", intake)


def read_one(told: dict[str, Any], where: str, intake: Intake) -> None:
    """Read one event."""
    kind = EVENTS.get(str(told.get("event")))
    if kind is None:
        intake.refuse("is no event", f"{where}event", f"Send one of {', '.join(EVENTS)}.", told.get("event"))
        return
    at = intake.moment(told.get("occurred_at"), f"{where}occurred_at")
    if at is None:
        if told.get("occurred_at") in (None, ""):
            intake.refuse("is missing", f"{where}occurred_at", "Send when it was so.")
        return
    fields = {name: value for name, value in told.items() if name in kind.model_fields and name not in _HEAD}
    for name in _IDS:
        if isinstance(fields.get(name), str):
            fields[name] = intake.identifier(fields[name], f"{where}{name}")
    for name in [name for name, value in fields.items() if name not in _IDS and _has_personal(value)]:
        intake.refuse("could be personal", f"{where}{name}", "Send codes; names and numbers of persons are not kept.")
        del fields[name]
    if "lon" in fields or "lat" in fields:
        place = intake.place(fields.pop("lon", None), fields.pop("lat", None), where.removesuffix("."))
        if place is not None:
            fields |= {"lon": place[0], "lat": place[1]}
        elif kind.model_fields["lon"].is_required():
            return
    intake.add(
        kind,
        where.removesuffix("."),
        at._replace(is_uncertain=at.is_uncertain or told.get("time_uncertain") is True),
        reported_at=intake.instant(told.get("reported_at"), f"{where}reported_at"),
        **fields,
    )


def _has_personal(value: Any) -> bool:
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, str) and could_be_personal(here):
            return True
        waiting.extend(here if isinstance(here, list) else here.values() if isinstance(here, dict) else ())
    return False


def write(events: Sequence[Event]) -> bytes:
    """One event as an object, several as lines."""
    return b"\n".join(event.to_json() for event in events)


def _names() -> list[str]:
    names = list(_HEAD)
    for kind in EVENTS.values():
        for name, info in kind.model_fields.items():
            holds = str(info.annotation)
            names.append(
                f"{name}.**" if any(f".{each.__name__}" in holds for each in Record.__subclasses__()) else name
            )
    return list(dict.fromkeys(names))


USES = tuple(Use(name, name.removesuffix(".**")) for name in _names())

CODEC = Codec(
    name="ems-twin",
    title="The twin's own events",
    form="json",
    uses=USES,
    recognises=recognises,
    read=read,
    write=write,
    carries=(Event,),
)
