"""One source as the ingest knows it: how its messages are read and how many it may send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import blake2b
from typing import Any

from ..decoded import Box, Decoded, Reading, Refusal
from ..journal import Message
from ..keeping import keepable
from ..registry import AUTO, decode_with
from ..registry import codec as find_codec

Decode = Callable[[bytes, Reading], Decoded]
Keep = Callable[[bytes, Decoded, Reading], bytes | None]


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A source's name, codec and bounds."""

    name: str
    codec: str
    decode: Decode
    """Reads a message; never raises for what a sender did."""
    keep: Keep = field(default=lambda *_: None)
    """What of a message may be kept for a dead letter."""
    kind: str = "program"
    area: Box | None = None
    timezone: str | None = None
    rate_per_s: float = 2000.0
    queue: int = 2000
    """Messages that may wait to be written."""
    max_bytes: int = 1_000_000
    silent_after_s: float | None = None
    resumes_by_id: bool = False
    """Whether the source goes on after the identifier of the last message."""

    @classmethod
    def configured(cls, *, name: str, codec: str, **more: Any) -> Feed:
        """One that is read by a codec of :data:`~ems_twin.feeds.CODECS`, or by whichever recognises a message (``auto``).

        Raises
        ------
        InputError
            There is no such codec.
        """
        if codec != AUTO:
            find_codec(codec)
        return cls(
            name=name, codec=codec, decode=partial(decode_with, codec_name=codec),
            keep=partial(keepable, codec_name=codec), **more,
        )  # fmt: skip

    def read(
        self,
        payload: bytes,
        *,
        message_id: str | None,
        headers: Mapping[str, str],
        received_at: datetime,
        bookmark: str | None,
        moves_bookmark: bool = True,
    ) -> Message:
        """A message, read; a codec that fails makes a dead letter of it and stops nothing.

        ``message_id`` is the transport's own; the message's own goes before it, and without either a digest counts. With
        ``moves_bookmark`` its source goes on after it.
        """
        digest = blake2b(payload, digest_size=16).digest()
        reading = Reading(
            received_at=received_at, source=self.name, headers=headers, area=self.area, timezone=self.timezone,
            message_id=message_id,
        )  # fmt: skip
        if len(payload) > self.max_bytes:
            decoded = self._nothing(
                digest, f"is longer than {self.max_bytes:,} bytes", "Send it in smaller parts, or raise max_bytes."
            )
        else:
            try:
                decoded = self.decode(payload, reading)
                if not all(event.event_id for event in decoded.events):
                    raise ValueError("an event has no identifier")
            except Exception as error:  # a defect of a codec must not stop the others' messages
                decoded = self._nothing(
                    digest, f"the codec '{self.codec}' failed ({type(error).__name__})",
                    "This is a defect of the program: report it with a message like this one.",
                )  # fmt: skip
            else:
                bookmark = decoded.message_id if self.resumes_by_id else bookmark
        return Message(
            source=self.name,
            message_id=decoded.message_id,
            digest=digest,
            received_at=reading.received_at,
            decoded=decoded,
            keep=lambda: self.keep(payload, decoded, reading),
            headers=kept_headers(reading.headers),
            bookmark=bookmark if moves_bookmark else None,
        )

    def _nothing(self, digest: bytes, reason: str, remedy: str) -> Decoded:
        """A message of which nothing is taken."""
        refusal = Refusal(reason=reason, where="", remedy=remedy)
        return Decoded(codec=self.codec, message_id=digest.hex(), refused=(refusal,))


_KEPT = frozenset({"content-type", "ce-id", "ce-source", "ce-type", "ce-time", "ce-specversion"})


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that reading a dead letter again needs; of a topic ``owntracks/user/device`` without the user."""
    kept = {name: value for name, value in headers.items() if name in _KEPT}
    steps = headers.get("topic", "").split("/")
    if len(steps) >= 3:
        kept["topic"] = "/".join([steps[0], "-", *steps[2:]])
    elif headers.get("topic"):
        kept["topic"] = headers["topic"]
    return kept
