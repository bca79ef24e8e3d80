"""The door of every server of ours: who may ask and how much, and headers that hold a browser back.

A plain ASGI application around another one, whatever that is made with.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any

from .hosts import OWN_NAMES, is_own_name, is_same_origin
from .policy import NOTHING

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST = 5_000_000
"""Bytes that a request may bring, unless something else is said."""
_SLOWEST_S = 30.0  # for the whole of a request's body
_SAFE = frozenset({"GET", "HEAD"})
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
    "content-security-policy": NOTHING,
}
"""Set where the application behind the door says nothing else."""
_REFUSALS = {
    403: "This request does not come from the page that this program serves.",
    408: "The request took too long to arrive.",
    413: "The request is too large.",
    421: "This program answers only under the names of this computer.",
}


class Guard:
    """Lets requests through that name this computer, come from our own page, and are not too large.

    Parameters
    ----------
    app
        The application behind the door.
    names
        Host names that are answered, a guard against DNS rebinding.
    largest
        Most bytes of a body.
    """

    def __init__(self, app: App, *, names: Collection[str] = OWN_NAMES, largest: int = LARGEST) -> None:
        self.app, self.names, self.largest = app, names, largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the application do so."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return  # nobody here speaks over websockets
        send = _with_headers(send)
        status, body = await self._admitted(scope, receive)
        if status is not None:
            await _refuse(status, send)
            return
        await self.app(scope, _replay(body, receive), send)

    async def _admitted(self, scope: Scope, receive: Receive) -> tuple[int | None, bytes]:
        """Status of a refusal, or None and the request's body."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get("host", "")
        if not is_own_name(host, self.names):
            return 421, b""
        if scope["method"] in _SAFE:
            return None, b""
        if not is_same_origin(host, headers.get("origin"), headers.get("sec-fetch-site")):
            return 403, b""
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self.largest:
            return 413, b""
        parts: list[bytes] = []
        try:
            async with asyncio.timeout(_SLOWEST_S):
                more = True
                while more:
                    message = await receive()
                    parts.append(message.get("body", b""))
                    if sum(map(len, parts)) > self.largest:
                        return 413, b""
                    more = message["type"] == "http.request" and message.get("more_body", False)
        except TimeoutError:
            return 408, b""
        return None, b"".join(parts)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", ()))
            known = {name.lower() for name, _ in given}
            given += [(k.encode(), v.encode()) for k, v in _HEADERS.items() if k.encode() not in known]
            message = {**message, "headers": given}
        await send(message)

    return sending


def _replay(body: bytes, receive: Receive) -> Receive:
    """What the application receives: the body that was read already, then whatever comes."""
    told = False

    async def receiving() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiving


async def _refuse(status: int, send: Send) -> None:
    body = json.dumps({"error": _REFUSALS[status]}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
