"""CloudEvents 1.0 around any other standard, structured or batched in JSON; binary mode needs only its headers.

``(source, id)`` of the envelope names the message: what comes twice under it is taken in once.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import orjson

from ..codec import Codec
from ..decoded import Refusal
from ..events import Event
from ..fields import Use
from ..hardened import UnreadableError
from ..intake import Intake

TYPE = "ems-twin."
"""Before the kind of an event in ``type``."""


def recognises(document: Any) -> bool:
    """Whether a message, or the first of a batch, is an envelope."""
    if isinstance(document, list):
        document = document[0] if document else None
    return isinstance(document, dict) and "specversion" in document and "type" in document


def identity(source: Any, identifier: Any) -> str | None:
    """Identifier of a message from the two that an envelope has."""
    if not isinstance(identifier, str) or not identifier or not isinstance(source, str | None):
        return None
    return f"{source or ''}#{identifier}"[:200]


def read(document: Any, intake: Intake) -> None:
    """Read what every envelope holds, with the codec that recognises it."""
    is_single = isinstance(document, dict)
    for envelope, path in intake.objects(document, ""):
        where = f"{path}." if path else ""
        if is_single:
            intake.call_it(identity(envelope.get("source"), envelope.get("id")))
        if str(envelope.get("specversion")).partition(".")[0] not in ("1", "0"):
            intake.refuse(
                "is no version that is known", f"{where}specversion", "Send 1.0.", envelope.get("specversion")
            )
            continue
        _inside(envelope, where, intake)


def _inside(envelope: Mapping[str, Any], where: str, intake: Intake) -> None:
    from ..registry import open_message, recognised, rooted

    data: Any = envelope.get("data")
    try:
        if envelope.get("data_base64") is not None:
            data = b64decode(str(envelope["data_base64"]), validate=True)
        if isinstance(data, str):
            data = data.encode("utf-8", "replace")
        document, form = open_message(data) if isinstance(data, bytes) else (data, "json")
    except (UnreadableError, binascii.Error, ValueError) as error:
        reason = error.reason if isinstance(error, UnreadableError) else "is no base64"
        intake.refuse(reason, f"{where}data", "Send JSON in data, or bytes in data_base64.")
        return
    codec = recognised(document, form)
    if codec is None or codec.name == CODEC.name:
        intake.refuse(
            "holds no message of a standard that is known", f"{where}data", "Send one of the standards.", data
        )
        return
    before = len(intake.refused)
    codec.read(document, intake)
    intake.refused[before:] = [_under(refusal, f"{where}data") for refusal in intake.refused[before:]]
    intake.dropped.update(f"data.{name}" for name in codec.used.dropped((codec.outline or rooted)(document)))


def _under(refusal: Refusal, where: str) -> Refusal:
    return replace(refusal, where=f"{where}.{refusal.where}" if refusal.where else where)


def write(events: Sequence[Event]) -> bytes:
    """One envelope as an object, several as a batch."""
    envelopes = [{**attributes(event), "data": orjson.loads(event.to_json())} for event in events]
    return orjson.dumps(envelopes[0] if len(envelopes) == 1 else envelopes)


def attributes(event: Event) -> dict[str, str]:
    """What an envelope says of an event."""
    return {
        "specversion": "1.0",
        "id": event.event_id,
        "source": f"/ems-twin/{event.source}",
        "type": f"{TYPE}{event.word}",
        "subject": event.subject,
        "time": event.occurred_at.isoformat(),
        "datacontenttype": "application/json",
    }


def binary(event: Event) -> tuple[dict[str, str], bytes]:
    """Headers and body of an event in binary mode over HTTP; what headers cannot hold is percent-encoded."""
    told = attributes(event)
    headers = {"content-type": told.pop("datacontenttype")}
    headers |= {f"ce-{name}": quote(value, safe=" !#$&'()*+,/:;=?@[]~-._") for name, value in told.items()}
    return headers, event.to_json()


CODEC = Codec(
    name="cloudevents",
    title="CloudEvents 1.0 around any of the others",
    form="json",
    uses=(
        Use("specversion", "(checked)"),
        Use("id", "message_id"),
        Use("source", "message_id"),
        Use("type", "(the content says which codec)"),
        Use("subject", "(the content says it)"),
        Use("time", "(the content's own time counts)"),
        Use("datacontenttype", "(the content shows it)"),
        Use("data.**", "the events"),
        Use("data_base64", "the events"),
    ),
    recognises=recognises,
    read=read,
    write=write,
    carries=(Event,),
)
