"""A URL that is asked every so often: what has not changed is not sent, what comes twice is taken in once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import orjson

from ..extras import needs
from .ingest import Ingest
from .pace import Backoff
from .reconnect import TryAgainError, keep_connected
from .settings import PollSettings
from .window import PollBookmark, filled_in, newest_of, since

if TYPE_CHECKING:
    import httpx

MOST_PAGES = 200
"""Pages of one poll; what is beyond comes with the next."""
MOST_SEEN = 200_000
"""Rows that are remembered, so that those of the overlap are not read again."""


class PollSource:
    """Asks, hands in each row of a list as a message of its own and anything else as one message."""

    def __init__(
        self, settings: PollSettings, environ: Mapping[str, str], *, draw: random.Random | None = None
    ) -> None:
        self.settings = settings
        self._headers = {"Accept-Encoding": "gzip", **settings.headers}
        if settings.token_env is not None:
            token = environ[settings.token_env]
            bearer = settings.token_header.lower() == "authorization"
            self._headers[settings.token_header] = f"Bearer {token}" if bearer else token
        self._draw = draw or random.Random()
        self._seen: dict[bytes, None] = {}

    async def run(self, ingest: Ingest) -> None:
        """Poll until cancelled."""
        httpx = needs("httpx", "feeds", "polling a URL")
        health = ingest.health[self.settings.name]

        async def once() -> None:
            async with httpx.AsyncClient(timeout=self.settings.timeout_s, headers=self._headers) as client:
                while True:
                    await self.poll(client, ingest)
                    health.connected()
                    await asyncio.sleep(self.settings.every_s * (0.95 + 0.1 * self._draw.random()))

        await keep_connected(once, health, Backoff(draw=self._draw))

    async def poll(self, client: httpx.AsyncClient, ingest: Ingest) -> None:
        """Ask once, page after page; returns when everything is safe.

        Raises
        ------
        TryAgainError
            The server is busy, or its answer is of no use.
        """
        settings = self.settings
        ingest.begin(settings.name)
        start = PollBookmark.from_text(await asyncio.to_thread(ingest.journal.bookmark, settings.name))
        begin = since(
            start.newest, settings.overlap_s, first=ingest.clock().astimezone(UTC) - timedelta(seconds=settings.first_s)
        )
        newest, offset = start.newest, 0
        for _ in range(MOST_PAGES):
            params = filled_in(settings.params, since=begin, offset=offset)
            request = client.build_request("GET", settings.url, params=params or None)
            url = str(request.url)
            if offset == 0 and start.url == url:
                request.headers.update(
                    {k: v for k, v in (("If-None-Match", start.etag), ("If-Modified-Since", start.modified)) if v}
                )
            response, body = await self._fetch(client, request)
            if response.status_code == 304:
                return
            rows = _rows(body)
            newest = newest_of(rows or [], settings.cursor_field, newest)
            is_full = settings.page_rows is not None and rows is not None and len(rows) >= settings.page_rows
            mark = start if is_full else PollBookmark(
                url=url if offset == 0 else "", newest=newest,
                etag=response.headers.get("etag"), modified=response.headers.get("last-modified"),
            )  # fmt: skip
            await self._hand_in(ingest, body, rows, response.headers.get("content-type", ""), mark.to_text())
            if rows is None or not is_full:
                return
            offset += len(rows)
        raise TryAgainError(f"more than {MOST_PAGES} pages; ask for less at a time")

    async def _fetch(self, client: httpx.AsyncClient, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        response = await client.send(request, stream=True)
        try:
            if response.status_code == 304:
                return response, b""
            if response.status_code == 429 or response.status_code >= 500:
                wait_s = retry_after_s(response.headers.get("retry-after"), datetime.now(UTC))
                raise TryAgainError(f"the server answered {response.status_code}", wait_s)
            if response.status_code != 200:
                raise TryAgainError(f"the server answered {response.status_code}: check the URL and the token")
            parts: list[bytes] = []
            size = 0
            async for part in response.aiter_bytes():  # unpacked: counts what a packed answer grows to
                size += len(part)
                if size > self.settings.max_bytes:
                    raise TryAgainError(f"the answer is longer than {self.settings.max_bytes:,} bytes (max_bytes)")
                parts.append(part)
            return response, b"".join(parts)
        finally:
            await response.aclose()

    async def _hand_in(
        self, ingest: Ingest, body: bytes, rows: list[Any] | None, content_type: str, bookmark: str
    ) -> None:
        """Hand in what is new; the bookmark goes with the last message, so it never runs ahead of one."""
        name = self.settings.name
        headers = {"content-type": content_type}
        fresh: dict[bytes, bytes] = {}
        for message in [body] if rows is None else (orjson.dumps([row]) for row in rows):
            digest = blake2b(message, digest_size=16).digest()
            if digest not in self._seen:
                fresh[digest] = message
        receipts = []
        for i, message in enumerate(fresh.values()):
            is_last = i == len(fresh) - 1
            receipts.append(await ingest.submit(name, message, headers=headers, bookmark=bookmark if is_last else None))
        await asyncio.gather(*receipts)
        if not fresh:
            await asyncio.to_thread(ingest.journal.set_bookmark, name, bookmark)
        self._seen |= dict.fromkeys(fresh)
        for digest in list(self._seen)[: max(0, len(self._seen) - MOST_SEEN)]:
            del self._seen[digest]


def retry_after_s(value: str | None, now: datetime) -> float:
    """Seconds of a ``Retry-After`` header, at most an hour; 0 if there is none, or nonsense."""
    if value is None:
        return 0.0
    try:
        wait = float(value) if value.strip().isdigit() else (parsedate_to_datetime(value) - now).total_seconds()
    except (TypeError, ValueError):
        return 0.0
    return min(max(wait, 0.0), 3600.0)


def _rows(body: bytes) -> list[Any] | None:
    """The rows of a JSON list; None if it is something else, which is handed in whole."""
    if body.lstrip()[:1] != b"[":
        return None
    try:
        rows = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return rows if isinstance(rows, list) else None
