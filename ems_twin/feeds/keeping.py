"""What of a refused message may be kept so that it can be read again: the fields that its codec uses, nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from xml.etree.ElementTree import Element, tostring

import orjson

from .codec import Codec
from .decoded import Decoded, Reading
from .events import Event
from .fields import local
from .hardened import UnreadableError, open_xml, shape, unpack
from .intake import could_be_personal
from .registry import AUTO, CODECS, decode_with, open_message, recognised

MOST_KEPT = 200_000
"""Bytes; of a longer message only the reasons are kept."""
MOST_WORK = 1_000_000
"""Doubtful texts times bytes up to which it is tried for each whether what is read depends on it."""


def keepable(payload: bytes, decoded: Decoded, reading: Reading, *, codec_name: str = AUTO) -> bytes | None:
    """A message without the fields that nobody uses, and without texts that could be personal or free.

    None if it cannot be stripped so: it cannot be opened, is of no known standard, its codec reads it as a whole (tables,
    FHIR bundles, base64), or what is left says something else. Of those only the reasons are kept.

    Parameters
    ----------
    payload, decoded, reading
        The message, what was read of it, and how.
    codec_name
        Who read it.
    """
    if len(payload) > MOST_KEPT:
        return None
    chosen = CODECS.get(codec_name)
    try:
        document, form = open_message(unpack(payload), None if chosen is None else chosen.form)
    except UnreadableError:
        return None
    chosen = chosen or recognised(document, form)
    if chosen is None or chosen.outline is not None:
        return None
    mask = _Mask(decoded.events)
    gist = _gist(decoded)

    def stripped() -> bytes | None:
        """The message as the mask has it now, if it still says the same."""
        kept = _stripped(document, chosen, mask)
        if kept is None:
            return None
        text = bytes(tostring(kept, "utf-8", xml_declaration=True)) if isinstance(kept, Element) else orjson.dumps(kept)
        return text if _gist(decode_with(text, reading, codec_name=codec_name)) == gist else None

    found = stripped()
    if found is not None or not 0 < len(mask.doubtful) * len(payload) < MOST_WORK:
        return found
    # Words of a list, such as 'Code 2 Transport', may have spaces too: kept is a text that what is read depends on.
    mask.allowed = set(mask.doubtful)
    found = stripped()
    for text in sorted(mask.doubtful) if found is not None else ():
        mask.allowed.discard(text)
        without = stripped()
        if without is None:
            mask.allowed.add(text)
        else:
            found = without
    return found


def _gist(decoded: Decoded) -> tuple[set[str], list[str]]:
    return {event.event_id for event in decoded.events}, [refusal.where for refusal in decoded.refused]


def _stripped(document: Any, codec: Codec, mask: Callable[[str], str]) -> Any:
    if isinstance(document, Element):
        name = local(document.tag)
        return codec.used.kept({name: document}, mask).get(name)
    if codec.form == "text":
        return None
    if codec.name == "cloudevents":
        return _envelopes(document, mask)
    return codec.used.kept(document, mask)


def _envelopes(document: Any, mask: Callable[[str], str]) -> Any:
    """Envelopes with what is in them stripped by its own codec; None if one of them cannot be."""
    if isinstance(document, list):
        found = [_envelopes(inner, mask) for inner in document]
        return None if any(inner is None for inner in found) else found
    if not isinstance(document, dict) or "data_base64" in document:
        return None
    data = document.get("data")
    codec = recognised(data, "json")
    if codec is None or codec.outline is not None or codec.name == "cloudevents":
        return None
    envelope = {name: value for name, value in document.items() if name != "data"}
    kept: dict[str, Any] = CODECS["cloudevents"].used.kept(envelope, mask)
    return kept | {"data": codec.used.kept(data, mask)}


class _Mask:
    """Lets texts through that events hold anyway, single words, call signs and what has no letters; of others the shape."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._known = {text for event in events for text in _texts(event.model_dump(mode="json"))}
        self.doubtful: set[str] = set()
        """Texts that were masked although nothing says that they are personal."""
        self.allowed: set[str] = set()

    def __call__(self, text: str) -> str:
        if text.lstrip().startswith("<"):
            return _without_words(text)
        if _TOPIC.match(text):
            return _TOPIC.sub(r"\1-/", text)  # its second step may be a person
        if could_be_personal(text):
            return shape(text)
        if text in self._known or text in self.allowed or _PLAIN.fullmatch(text.strip()):
            return text
        self.doubtful.add(text)
        return shape(text)


_TOPIC = re.compile(r"^(owntracks/)[^/]+/")
_PLAIN = re.compile(r"\S*|[^\W\d_]{1,12}[ -]?\d{1,4}|[\W\d_T]*Z?")


def _without_words(text: str) -> str:
    """XML within a message (EIDO's places) without any word but its marks: coordinates have no letters."""
    try:
        root = open_xml(text)
    except UnreadableError:
        return shape(text)
    for element in root.iter():
        for name, value in element.attrib.items():
            if could_be_personal(value):
                element.set(name, "-")
        for part in ("text", "tail"):
            if re.search(r"[^\W\d_]", getattr(element, part) or ""):
                setattr(element, part, None)
    return str(tostring(root, "unicode"))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value
