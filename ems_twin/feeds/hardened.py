"""Open JSON, XML and packed messages that anybody may have sent: bounded in size and depth, no document types."""

from __future__ import annotations

import re
import zlib
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import orjson
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

MOST_BYTES = 50_000_000
"""Bytes of a message, unpacked."""
MOST_RATIO = 100
"""Times a packed message may grow."""
MOST_DEPTH = 64
"""Levels of objects and lists, or of elements."""
MOST_NODES = 2_000_000
"""Values of a message."""


class UnreadableError(Exception):
    """A message as a whole cannot be opened; says why and what to do."""

    def __init__(self, reason: str, remedy: str, where: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy
        self.where = where


_SMALLER = "Send it in smaller parts."


def unpack(payload: bytes) -> bytes:
    """A message without gzip around it and without a byte order mark.

    Raises
    ------
    UnreadableError
        It is too long, unpacks to too much, or is torn.
    """
    if len(payload) > MOST_BYTES:
        raise UnreadableError(f"has {len(payload):,} bytes, more than {MOST_BYTES:,}", _SMALLER)
    if payload[:2] == b"\x1f\x8b":
        budget = min(MOST_BYTES, max(len(payload) * MOST_RATIO, 100_000))
        opener = zlib.decompressobj(wbits=31)
        try:
            payload = opener.decompress(payload, budget + 1)
        except zlib.error:
            raise UnreadableError("its packing is torn", "Send it again, packed with gzip.") from None
        if len(payload) > budget:
            raise UnreadableError(f"unpacks to more than {budget:,} bytes", _SMALLER)
        if not opener.eof:
            raise UnreadableError("its packing is torn", "Send it again, packed with gzip.")
    return payload.removeprefix(b"\xef\xbb\xbf")


def open_json(payload: bytes | str) -> Any:
    """What a JSON text holds.

    Raises
    ------
    UnreadableError
        It is no JSON (RFC 8259, so without NaN and Infinity), too deep, or has too many values.
    """
    try:
        document = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise UnreadableError(
            f"is no JSON (line {error.lineno}, column {error.colno})", "Send UTF-8 JSON after RFC 8259."
        ) from None
    level: list[Any] = [document]
    nodes = 0
    for _ in range(MOST_DEPTH):
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
        nodes += len(level)
        if not level:
            return document
        if nodes > MOST_NODES:
            raise UnreadableError(f"has more than {MOST_NODES:,} values", _SMALLER)
    raise UnreadableError(f"is nested more than {MOST_DEPTH} levels deep", "Send it flatter.")


def open_xml(payload: bytes | str) -> Element:
    """Root element of an XML text.

    Raises
    ------
    UnreadableError
        It is not well-formed, declares a document type (so entities too), or is too deep.
    """
    try:
        root: Element = fromstring(payload, forbid_dtd=True)
    except DefusedXmlException:
        raise UnreadableError("declares a document type or entities", "Send XML without a DOCTYPE.") from None
    except (ParseError, ValueError, LookupError):  # LookupError: an encoding nobody knows
        raise UnreadableError("is no well-formed XML", "Send well-formed XML in UTF-8.") from None
    level = [root]
    nodes = 0
    for _ in range(MOST_DEPTH):
        level = [inner for element in level for inner in element]
        nodes += len(level)
        if not level:
            return root
        if nodes > MOST_NODES:
            raise UnreadableError(f"has more than {MOST_NODES:,} elements", _SMALLER)
    raise UnreadableError(f"is nested more than {MOST_DEPTH} levels deep", "Send it flatter.")


def shape(value: Any) -> str:
    """What a value looks like, without what it says: a number as it is, of a text letters and digits exchanged."""
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return f"{value:.12g}"
    if isinstance(value, str):
        masked = re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "a", value[:40]))
        return repr(masked) + (f" of {len(value):,} characters" if len(value) > 40 else "")
    if isinstance(value, dict):
        return f"an object of {len(value):,} fields"
    if isinstance(value, list):
        return f"a list of {len(value):,}"
    return "an element" if isinstance(value, Element) else type(value).__name__
