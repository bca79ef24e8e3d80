"""All codecs by name, and reading a message with the one that knows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from ..errors import InputError
from .codec import Codec
from .codecs import (
    cap,
    cloudevents,
    datex,
    eido,
    fhir,
    have,
    hub_sante,
    nemsis,
    nemsis_csv,
    own,
    owntracks,
    socrata,
    wzdx,
)
from .decoded import Box, Decoded, Reading, Refusal
from .events import Event
from .fields import local
from .hardened import UnreadableError, open_json, open_xml, unpack
from .intake import Intake

CODECS: dict[str, Codec] = {
    module.CODEC.name: module.CODEC
    for module in (
        cloudevents, own, eido, hub_sante, fhir, wzdx, socrata, owntracks, cap, have, datex, nemsis, nemsis_csv,
    )
}  # fmt: skip
"""By name; the first that recognises a message reads it."""

AUTO = "auto"
"""In place of a codec's name: whichever recognises a message reads it."""


def codec(name: str) -> Codec:
    """A codec by its name.

    Raises
    ------
    InputError
        There is none.
    """
    if name not in CODECS:
        raise InputError(f"there is no codec '{name}'", field="codec", remedy=f"There are auto, {', '.join(CODECS)}.")
    return CODECS[name]


def sniff(payload: bytes) -> str | None:
    """Name of the codec that recognises a message, None if none does."""
    try:
        document, form = open_message(unpack(payload))
    except UnreadableError:
        return None
    found = recognised(document, form)
    return None if found is None else found.name


def decode(
    payload: bytes,
    *,
    received_at: datetime,
    source: str,
    headers: Mapping[str, str] | None = None,
    codec_name: str = AUTO,
    area: Box | None = None,
    timezone: str | None = None,
) -> Decoded:
    """Read a message, whatever it holds.

    Parameters
    ----------
    payload
        Its bytes, packed by gzip or not.
    received_at, source, headers, area, timezone
        See :class:`~ems_twin.feeds.decoded.Reading`.
    codec_name
        Name of the codec, or ``auto``.

    Raises
    ------
    InputError
        What *we* were told is wrong (the area, the zone, the codec's name); never for what the sender did.
    """
    reading = Reading(received_at=received_at, source=source, headers=headers or {}, area=area, timezone=timezone)
    return decode_with(payload, reading, codec_name=codec_name)


def decode_with(payload: bytes, reading: Reading, *, codec_name: str = AUTO) -> Decoded:
    """The same with a reading that is made already."""
    wanted = None if codec_name == AUTO else codec(codec_name)
    intake = Intake(reading, reading.message_id or blake2b(payload, digest_size=16).hexdigest())
    intake.call_it(cloudevents.identity(*(unquote(reading.headers.get(name, "")) for name in ("ce-source", "ce-id"))))
    chosen = wanted
    try:
        document, form = open_message(unpack(payload), None if wanted is None else wanted.form)
        chosen = wanted or recognised(document, form)
        if chosen is None:
            intake.refuse("is in no standard that is known", "", f"Send one of {', '.join(CODECS)}.")
        else:
            chosen.read(document, intake)
            intake.dropped.update(chosen.used.dropped((chosen.outline or rooted)(document)))
    except UnreadableError as error:
        intake.refuse(error.reason, "", error.remedy)
    except InputError as error:  # a package is not installed
        intake.refuse(error.problem, "", error.remedy or "Install it.")
    except Exception as error:  # nothing that a source sends may stop the twin
        intake.refuse(
            f"could not be read to its end: {DEFECT} {type(error).__name__}", "", "Report it with the message's form."
        )
    if intake.refusals_not_kept:
        more = f"{intake.refusals_not_kept:,} more parts were refused"
        intake.refused.append(Refusal(reason=more, where="", remedy="Mend those that are listed and send it again."))
    events = tuple(intake.events)
    if reading.message_id is None and not intake.is_called and intake.has_no_time:
        # Nothing but its bytes tells it from others, and a state may return: it is the same message for a minute only.
        intake.message_id = f"{intake.message_id}@{reading.received_at:%Y%m%dT%H%M}"
        events = tuple(event.model_copy(update={"message_id": intake.message_id}) for event in events)
    return Decoded(
        codec="unknown" if chosen is None else chosen.name,
        message_id=intake.message_id,
        events=events,
        refused=tuple(intake.refused),
        dropped_fields=tuple(sorted(intake.dropped)),
    )


DEFECT = "a defect of the codec,"
"""In the reason of a refusal that is our fault, not the sender's."""


def encode(name: str, events: Sequence[Event]) -> bytes:
    """Write events in a standard.

    Raises
    ------
    InputError
        See :meth:`~ems_twin.feeds.codec.Codec.encode`.
    """
    return codec(name).encode(events)


def open_message(payload: bytes, form: str | None = None) -> tuple[Any, str]:
    """What a message holds, and its form: ``json``, ``xml`` or ``text``; JSON of many lines is a list.

    Raises
    ------
    UnreadableError
        It cannot be opened.
    """
    start = payload.lstrip()[:1]
    if form is None:
        form = "json" if start in (b"{", b"[") else "xml" if start == b"<" else "text"
    if form == "xml":
        return open_xml(payload), form
    if form == "json":
        try:
            return open_json(payload), form
        except UnreadableError:
            lines = [_line(line) for line in payload.splitlines() if line.strip()]
            if start != b"{" or len(lines) < 2 or sum(isinstance(line, dict) for line in lines) * 2 < len(lines):
                raise
            return lines, form
    try:
        return payload.decode("utf-8"), form
    except UnicodeDecodeError:
        raise UnreadableError("is no UTF-8 text", "Send JSON, XML or CSV in UTF-8.") from None


def _line(line: bytes) -> Any:
    """What a line of JSON holds; None, which no codec takes, where it is torn."""
    try:
        return open_json(line)
    except UnreadableError:
        return None


def recognised(document: Any, form: str) -> Codec | None:
    """The first codec that recognises what a message holds."""
    return next((each for each in CODECS.values() if each.form == form and each.recognises(document)), None)


def rooted(document: Any) -> Any:
    """An element under its own name, so that paths begin with it."""
    return {local(document.tag): document} if isinstance(document, Element) else document
