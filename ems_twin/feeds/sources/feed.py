"""One source as the ingest knows it: how its messages are read and how many it may send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from ..decoded import Box, Decoded, Reading, Refusal
from ..journal import Message

Decode = Callable[[bytes, Reading], Decoded]
Keep = Callable[[bytes], bytes | None]


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A source's name, codec and bounds."""

    name: str
    codec: str
    decode: Decode
    """Reads a message; never raises for what a sender did."""
    keep: Keep = field(default=lambda _: None)
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

        ``message_id`` is the transport's own; without one the message's own counts, or a digest of it. With
        ``moves_bookmark`` its source goes on after it.
        """
        digest = blake2b(payload, digest_size=16).digest()
        bare = Reading(received_at=received_at, source=self.name)
        if len(payload) > self.max_bytes:
            return self._message(
                self._whole(
                    digest, f"is longer than {self.max_bytes:,} bytes", "Send it in smaller parts, or raise max_bytes."
                ),
                payload,
                message_id,
                digest,
                bare,
                bookmark if moves_bookmark else None,
            )
        try:
            reading = Reading(
                received_at=received_at, source=self.name, headers=headers, area=self.area, timezone=self.timezone
            )
            decoded = self.decode(payload, reading)
            if moves_bookmark and self.resumes_by_id:
                bookmark = message_id or decoded.message_id
            return self._message(decoded, payload, message_id, digest, reading, bookmark if moves_bookmark else None)
        except Exception as error:  # a defect of a codec must not stop the others' messages
            decoded = self._whole(
                digest,
                f"the codec '{self.codec}' failed ({type(error).__name__})",
                "This is a defect of the program: report it with a message like this one.",
            )
            return self._message(decoded, payload, message_id, digest, bare, bookmark if moves_bookmark else None)

    def _whole(self, digest: bytes, reason: str, remedy: str) -> Decoded:
        """A message of which nothing is taken."""
        refusal = Refusal(reason=reason, where="", remedy=remedy)
        return Decoded(codec=self.codec, message_id=digest.hex(), refused=(refusal,))

    def _message(
        self, decoded: Decoded, payload: bytes, given: str | None, digest: bytes, reading: Reading, bookmark: str | None
    ) -> Message:
        name = given or decoded.message_id
        if name != decoded.message_id:
            events = tuple(event.model_copy(update={"message_id": name}) for event in decoded.events)
            decoded = Decoded(
                codec=decoded.codec, message_id=name, events=events, refused=decoded.refused,
                dropped_fields=decoded.dropped_fields,
            )  # fmt: skip
        return Message(
            source=self.name,
            message_id=name,
            digest=digest,
            received_at=reading.received_at,
            decoded=decoded,
            keep=lambda: self.keep(payload),
            headers={key: value for key, value in reading.headers.items() if key in KEPT_HEADERS},
            bookmark=bookmark,
        )


KEPT_HEADERS = frozenset({"content-type", "ce-id", "ce-source", "ce-type", "ce-time", "ce-specversion"})
"""Headers that reading a dead letter again needs."""
