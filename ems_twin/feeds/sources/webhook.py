"""Messages posted to us: an ASGI application that answers 202 when a message is safe.

Each is signed with HMAC-SHA256 over its time and body. One that is sent again within the five minutes in which its
signature counts, by a sender that saw no answer or by somebody who listened in, is a repeat and changes nothing: its
identifier comes out of the signed body. That is why headers which could name a message are not taken.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from hashlib import sha256
from typing import Any

import orjson

from ..journal import DatabaseUnavailableError, Outcome
from .ingest import BusyError, Ingest
from .settings import WebhookSettings

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

TIMESTAMP, SIGNATURE = "x-ems-timestamp", "x-ems-signature"
TOLERANCE_S = 300
"""How far a sender's clock may be from ours."""
MOST_IGNORED = 1_000_000
"""Bytes beyond a source's limit that are read and thrown away: most clients read no answer before they have sent all."""
BODY_TIMEOUT_S = 10.0
"""How long a body may take to arrive."""

_JSON, _XML, _TEXT = "application/json", "application/xml", "text/csv"
_TYPES = {"application/json": _JSON, "text/json": _JSON, "application/xml": _XML, "text/xml": _XML, "text/csv": _TEXT,
          "text/plain": _TEXT}  # fmt: skip


def sign(secret: bytes, body: bytes, at: float | None = None) -> dict[str, str]:
    """The headers that a sender adds to a request.

    ``X-EMS-Signature`` is ``sha256=`` and the hexadecimal HMAC-SHA256 of ``X-EMS-Timestamp`` (whole seconds since 1970),
    a dot, and the body's bytes.
    """
    timestamp = str(int(time.time() if at is None else at))
    return {TIMESTAMP: timestamp, SIGNATURE: f"sha256={_digest(secret, timestamp, body)}"}


def _digest(secret: bytes, timestamp: str, body: bytes) -> str:
    return hmac.new(secret, timestamp.encode() + b"." + body, sha256).hexdigest()


class _AnswerError(Exception):
    """An answer other than 202."""

    def __init__(
        self, status: int, error: str, remedy: str, *, retry_after_s: float | None = None, **more: Any
    ) -> None:
        super().__init__(error)
        self.status = status
        self.body: dict[str, Any] = {"error": error, "remedy": remedy, **more}
        self.retry_after_s = retry_after_s


class Webhooks:
    """The ASGI application: ``POST /NAME`` hands a message to the source of that name.

    Mount it in another one, ``app.mount("/feeds", Webhooks(...))``, or serve it by itself.

    Parameters
    ----------
    ingest
        Knows the sources by the same names.
    sources
        The webhooks.
    environ
        Holds their secrets.
    clock
        Seconds since 1970.
    """

    def __init__(
        self,
        ingest: Ingest,
        sources: Iterable[WebhookSettings],
        environ: Mapping[str, str],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ingest = ingest
        self._sources = {settings.name: settings for settings in sources}
        self._secrets = {
            name: environ[settings.secret_env].encode()
            for name, settings in self._sources.items()
            if settings.secret_env is not None
        }
        self._clock = clock
        for name in self._sources:
            ingest.health[name].connected()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            while True:
                kind = (await receive())["type"]
                await send({"type": f"{kind}.complete"})
                if kind == "lifespan.shutdown":
                    return
        name = ""
        extra: list[tuple[bytes, bytes]] = []
        try:
            name, settings = self._source(scope)
            status, body = await self._take(settings, scope, receive)
        except _AnswerError as answer:
            status, body = answer.status, answer.body
            if name:
                self._ingest.health[name].turned_away[str(status)] += 1
            if answer.retry_after_s is not None:
                extra.append((b"retry-after", str(max(1, round(answer.retry_after_s))).encode()))
            if status in (408, 413):
                extra.append((b"connection", b"close"))
            if status == 405:
                extra.append((b"allow", b"POST"))
        content = orjson.dumps(body)
        head = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(content)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            *extra,
        ]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": content})

    def _source(self, scope: Scope) -> tuple[str, WebhookSettings]:
        if scope["type"] != "http":
            raise _AnswerError(404, "there is nothing here", "Send HTTP requests.")
        path: str = scope["path"].removeprefix(scope.get("root_path", "")).strip("/")
        settings = self._sources.get(path)
        if settings is None:
            raise _AnswerError(404, "there is no such source", "Post to the path that ends with the source's name.")
        if scope["method"] != "POST":
            raise _AnswerError(405, f"{scope['method']} is not understood here", "Use POST.")
        return path, settings

    async def _take(self, settings: WebhookSettings, scope: Scope, receive: Receive) -> tuple[int, dict[str, Any]]:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        content_type = _content_type(headers)
        body = await _body(settings, headers, receive)
        self._check_signature(settings, headers, body)
        # a message without a name or a time of its own is named by what was signed, so that a copy of it is a repeat
        signed_as = headers.get(SIGNATURE) if settings.name in self._secrets else None
        try:
            receipt = await (
                await self._ingest.offer(
                    settings.name, body, message_id=signed_as, headers={"content-type": content_type}
                )
            )
        except BusyError as busy:
            raise _AnswerError(
                429, "too many messages", "Send it again later.", retry_after_s=busy.retry_after_s
            ) from None
        except DatabaseUnavailableError:
            raise _AnswerError(
                503, "the message could not be written", "Send it again later.", retry_after_s=5
            ) from None
        answer = receipt.to_dict()
        if receipt.outcome is Outcome.conflict:
            raise _AnswerError(409, receipt.refused[0].reason, receipt.refused[0].remedy, **answer)
        if receipt.is_unread:
            raise _AnswerError(400, "nothing of the message could be taken", "Mend it and send it again.", **answer)
        return 202, answer

    def _check_signature(self, settings: WebhookSettings, headers: Mapping[str, str], body: bytes) -> None:
        secret = self._secrets.get(settings.name)
        if secret is None:
            return
        timestamp, signature = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
        if not signature or not timestamp:
            raise _AnswerError(401, "the message is not signed", f"Send {TIMESTAMP} and {SIGNATURE}.")
        expected = f"sha256={_digest(secret, timestamp, body)}"
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise _AnswerError(401, "the signature is wrong", "Sign 'timestamp.body' with the source's secret.")
        # after the signature, so that nobody learns our clock without the secret
        if not timestamp.isascii() or not timestamp.isdigit() or abs(int(timestamp) - self._clock()) > TOLERANCE_S:
            raise _AnswerError(
                401,
                "the message was signed too long ago, or ahead of time",
                f"Set the clock; {TOLERANCE_S} s are allowed.",
            )


def _content_type(headers: Mapping[str, str]) -> str:
    sent = headers.get("content-type", "").partition(";")[0].strip().lower()
    known = _TYPES.get(sent)
    if known is None and sent.startswith("application/"):
        known = _JSON if sent.endswith("+json") else _XML if sent.endswith("+xml") else None
    if known is None:
        raise _AnswerError(
            415, "the content type is not understood", "Send application/json, application/xml or text/csv."
        )
    if headers.get("content-encoding", "identity").lower() not in ("identity", "gzip"):
        raise _AnswerError(415, "the content encoding is not understood", "Send it as it is, or packed with gzip.")
    return sent


async def _body(settings: WebhookSettings, headers: Mapping[str, str], receive: Receive) -> bytes:
    too_long = _AnswerError(413, f"the message is longer than {settings.max_bytes} bytes", "Send it in smaller parts.")
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit() or int(length[:20]) > settings.max_bytes:
        raise too_long
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _AnswerError(400, "the sender went away", "Send it again.")
                part = message.get("body", b"")
                size += len(part)
                if size <= settings.max_bytes:
                    parts.append(part)
                elif size > settings.max_bytes + MOST_IGNORED:
                    raise too_long
                if not message.get("more_body", False):
                    if size > settings.max_bytes:
                        raise too_long
                    return b"".join(parts)
    except TimeoutError:
        raise _AnswerError(408, f"the message took longer than {BODY_TIMEOUT_S:.0f} s", "Send it again.") from None
