"""What a codec works with while it reads a message: readers of values that refuse politely, and the events so far."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from .decoded import Reading, Refusal
from .events import Event
from .hardened import shape
from .moments import Heard, read_epoch, read_moment

MOST_EVENTS = 100_000
"""Events of one message."""
MOST_REFUSALS = 1000
"""Refusals of one message that are kept."""

E = TypeVar("E", bound=Event)

_CODE = re.compile(r"[^\W_][\w.:/#+=|()-]{0,79}")
_PERSONAL = re.compile(
    r"(?<!\w)(tel|sips?|mailto|xmpp|pres):"  # an address of somebody
    r"|\S@\S"
    r"|(?<!\w)(\+|00)\d[\d\s().-]{7,}"  # a telephone number with its country
    r"|\d{3}[\s.-]\d{3}[\s.-]\d{4}",
    re.IGNORECASE,
)
_TIME_REMEDY = "Send ISO 8601 with an offset from UTC, such as 2026-03-01T12:00:00+01:00."


class Intake:
    """One message being read.

    Parameters
    ----------
    reading
        How it is read.
    message_id
        Its identifier, until the codec finds a better one.
    zone
        Civil time of what has no zone, where the reading names none.
    """

    def __init__(self, reading: Reading, message_id: str, *, zone: ZoneInfo | None = None) -> None:
        self.reading = reading
        self.message_id = message_id
        self.is_called = False
        """Whether the message said what it is called."""
        self.zone = reading.zone or zone
        self.events: list[Event] = []
        self.refused: list[Refusal] = []
        self.refusals_not_kept = 0
        self.dropped: set[str] = set()
        """Unused fields that the message's own outline does not show, such as those inside an envelope."""
        self.has_no_time = False
        """Whether an event was added that only its receipt dates."""

    def call_it(self, identity: Any) -> None:
        """Take an identifier for the message's, if it can be one; the outermost counts."""
        if self.is_called or not isinstance(identity, str | int) or isinstance(identity, bool):
            return
        text = str(identity).strip()
        if 0 < len(text) <= 200 and text.isprintable():
            self.message_id = f"id-{digest(text)}" if _PERSONAL.search(text) else text
            self.is_called = True

    def refuse(self, reason: str, where: str, remedy: str, value: Any = "") -> None:
        """Note that a part is not taken; of ``value`` only numbers and the shapes of texts are kept."""
        if len(self.refused) >= MOST_REFUSALS:
            self.refusals_not_kept += 1
            return
        fragment = "" if isinstance(value, str) and not value else shape(value)
        self.refused.append(Refusal(reason=reason, where=where, remedy=remedy, fragment=fragment))

    def add(self, kind: type[E], where: str, at: Heard | None, /, **fields: Any) -> E | None:
        """Add an event, or refuse what does not fit into it.

        Without ``at`` it happened when the message came, and that is marked as uncertain.
        """
        if len(self.events) >= MOST_EVENTS:
            self.refuse(f"has more than {MOST_EVENTS:,} events", where, "Send it in smaller parts.")
            return None
        self.has_no_time |= at is None
        occurred, is_uncertain = at or Heard(self.reading.received_at, True)
        try:
            event = kind.make(
                source=self.reading.source,
                message_id=self.message_id,
                occurred_at=occurred,
                known_at=self.reading.received_at,
                time_uncertain=is_uncertain,
                **fields,
            )
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_input=False, include_context=False):
                part = ".".join(str(step) for step in fault["loc"])
                self.refuse(f"does not fit into '{part}': {fault['msg']}", where, "Send a value within the bounds.")
            return None
        self.events.append(event)
        return event

    def moment(
        self, value: Any, where: str, *, not_before: datetime | None = None, epoch: bool = False
    ) -> Heard | None:
        """A time; None if there is none, and refused if it is none."""
        if value is None or value == "":
            return None
        heard = read_epoch(value) if epoch else read_moment(value, self.zone, not_before=not_before)
        if heard is None:
            remedy = "Send seconds since 1970." if epoch else _TIME_REMEDY
            self.refuse("is no time between 1970 and 2190", where, remedy, value)
        return heard

    def instant(self, value: Any, where: str, *, not_before: datetime | None = None) -> datetime | None:
        """The same without the doubt."""
        heard = self.moment(value, where, not_before=not_before)
        return None if heard is None else heard.at

    def number(self, value: Any, where: str, low: float = -math.inf, high: float = math.inf) -> float | None:
        """A finite number within bounds, also written as text; None if there is none, and refused if it is none."""
        if value is None or value == "":
            return None
        read = as_number(value)
        if read is None or not low <= read <= high:
            bounds = f" from {low:g} to {high:g}" if math.isfinite(low + high) else ""
            self.refuse(f"is no number{bounds}", where, "Send a number, or leave the field out.", value)
            return None
        return read

    def count(self, value: Any, where: str, most: int = 1_000_000) -> int | None:
        """A whole number from 0 on."""
        if value is None or value == "":
            return None
        read = as_number(value)
        if read is None or not 0 <= read <= most or read != int(read):
            self.refuse("is no whole number from 0 on", where, "Send how many there are.", value)
            return None
        return int(read)

    def code(self, value: Any, where: str) -> str | None:
        """A word of a list; refused if it has spaces or could be a telephone number, as free text has and can."""
        if value is None or value == "":
            return None
        text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if not _CODE.fullmatch(text) or re.search(r"\d{7}", text) or _PERSONAL.search(text):
            self.refuse("is no code", where, "Send a word of the standard's list; free text is not kept.", value)
            return None
        return text

    def one_of(self, value: Any, where: str, words: Mapping[str, Any] | Collection[str]) -> Any:
        """What a word of a list stands for, the word itself where ``words`` is no mapping.

        Letters' case does not count. None if there is none, and refused if it is another word.
        """
        if value is None or value == "":
            return None
        text = value.strip().lower() if isinstance(value, str) else str(value).lower()
        if isinstance(words, Mapping):
            if text in words:
                return words[text]
        elif text in words:
            return text
        self.refuse("is not in the standard's list", where, f"Send one of {', '.join(sorted(words)[:24])}.", value)
        return None

    def title(self, value: Any) -> str | None:
        """Public name of a building, road or hazard; None where it could hold something personal or is too long."""
        if not isinstance(value, str):
            return None
        text = " ".join(value.split())
        if not 0 < len(text) <= 80 or _PERSONAL.search(text) or re.search(r"\d{5}", text) or not text.isprintable():
            return None
        return text

    def identifier(self, value: Any, where: str) -> str | None:
        """Identifier of a call, unit or building; one that could be a telephone number or an address is digested."""
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str):
            text = value.strip()
            if 0 < len(text) <= 200 and text.isprintable():
                return f"id-{digest(self.reading.source, text)}" if _PERSONAL.search(text) else text
        if value is not None:
            self.refuse("is no identifier", where, "Send a text of 1 to 200 characters.", value)
        return None

    def objects(self, value: Any, where: str) -> Iterator[tuple[dict[str, Any], str]]:
        """Objects of a list with their paths, or the one that stands without a list; anything else is refused."""
        for inner, path in each(value, where):
            if isinstance(inner, dict):
                yield inner, path
            else:
                self.refuse("is no object", path, "Send an object with the standard's fields.", inner)

    def needed(self, value: Any, where: str) -> str | None:
        """An identifier without which a part means nothing."""
        if value is None or value == "":
            self.refuse("is missing", where, "Send it: without it nobody knows what the part is about.")
            return None
        return self.identifier(value, where)

    def place(self, lon: Any, lat: Any, where: str) -> tuple[float, float] | None:
        """Longitude and latitude; None if there are none, and refused outside the area or without sense."""
        if lon is None and lat is None:
            return None
        east, north = as_number(lon), as_number(lat)
        if east is None or north is None or not (-180 <= east <= 180 and -90 <= north <= 90):
            self.refuse("is no position", where, "Send longitude and latitude in degrees (EPSG:4326).", f"{lat} {lon}")
            return None
        if east == 0 and north == 0:
            self.refuse("is the position 0, 0, which devices send without a fix", where, "Leave it out.")
            return None
        area = self.reading.area
        if area is not None and not _within(east, north, area):
            swapped = _within(north, east, area)
            self.refuse(
                f"lies outside the area at {north:.3f} {east:.3f} (latitude, longitude)",
                where,
                "Exchange longitude and latitude: then it lies inside."
                if swapped
                else "Check for a missing digit or sign, or widen the area of the feed.",
            )
            return None
        return east, north


def could_be_personal(text: str) -> bool:
    """Whether a text could hold a telephone number or an address of a person."""
    return _PERSONAL.search(text) is not None


def as_number(value: Any) -> float | None:
    """A finite number, also one written as text with commas between thousands; None if it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        if not re.fullmatch(r"\s*[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][+-]?\d+)?\s*", value, re.ASCII):
            return None
        try:
            value = float(value.replace(",", ""))
        except ValueError:
            return None
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    return None


def digest(*parts: str) -> str:
    """Twelve characters that stand for texts which are not kept."""
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def each(value: Any, where: str) -> Iterator[tuple[Any, str]]:
    """Items of a list with their paths; of anything else the one item that it is, and of nothing none."""
    if isinstance(value, list):
        for i, inner in enumerate(value):
            yield inner, f"{where}[{i}]"
    elif value is not None:
        yield value, where


def at_path(value: Any, *names: str) -> Any:
    """What stands at the end of a path of objects, of a list its first item on the way; None if nothing does."""
    for name in names:
        if isinstance(value, list):
            value = value[0] if value else None
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _within(lon: float, lat: float, area: tuple[float, float, float, float]) -> bool:
    west, south, east, north = area
    return west <= lon <= east and south <= lat <= north
