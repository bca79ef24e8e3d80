"""What of a refused message may be kept so that it can be read again: the fields that its codec uses, nothing else."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, tostring

import orjson

from .codec import Codec
from .fields import local
from .hardened import UnreadableError, shape, unpack
from .intake import could_be_personal
from .registry import CODECS, open_message, recognised

MOST_KEPT = 1_000_000
"""Bytes; of a longer message only the reasons are kept."""


def keepable(payload: bytes, codec_name: str = "auto") -> bytes | None:
    """A message without the fields that nobody uses, and without texts that could be personal.

    None if it cannot be stripped so: it cannot be opened, is of no known standard, or its codec reads it as a whole
    (tables, FHIR bundles, base64). Of those only the reasons are kept.
    """
    if len(payload) > MOST_KEPT:
        return None
    try:
        document, form = open_message(unpack(payload), None if codec_name not in CODECS else CODECS[codec_name].form)
    except UnreadableError:
        return None
    codec = CODECS.get(codec_name) or recognised(document, form)
    if codec is None or codec.outline is not None:
        return None
    kept = _stripped(document, codec)
    if kept is None:
        return None
    if isinstance(kept, Element):
        return bytes(tostring(kept, encoding="utf-8", xml_declaration=True))
    return orjson.dumps(kept)


def _stripped(document: Any, codec: Codec) -> Any:
    if isinstance(document, Element):
        return codec.used.kept({local(document.tag): document}, _mask).get(local(document.tag))
    if codec.form == "text":
        return None
    if codec.name == "cloudevents":
        return _envelopes(document)
    return codec.used.kept(document, _mask)


def _envelopes(document: Any) -> Any:
    """Envelopes with what is in them stripped by its own codec; None if one of them cannot be."""
    if isinstance(document, list):
        found = [_envelopes(inner) for inner in document]
        return None if any(inner is None for inner in found) else found
    if not isinstance(document, dict) or "data_base64" in document:
        return None
    data = document.get("data")
    codec = recognised(data, "json")
    if codec is None or codec.outline is not None or codec.name == "cloudevents":
        return None
    envelope = {name: value for name, value in document.items() if name != "data"}
    kept: dict[str, Any] = CODECS["cloudevents"].used.kept(envelope, _mask)
    return kept | {"data": codec.used.kept(data, _mask)}


def _mask(text: str) -> str:
    return shape(text) if could_be_personal(text) else text
