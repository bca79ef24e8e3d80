"""A websocket that we open: one message a frame, going on after the last one when it breaks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..extras import needs
from .ingest import Ingest
from .reconnect import keep_connected
from .settings import WebsocketSettings

if TYPE_CHECKING:
    import websockets.asyncio.client


class WebsocketSource:
    """Listens, with pings that notice when the other side is gone."""

    def __init__(self, settings: WebsocketSettings, environ: Mapping[str, str]) -> None:
        self.settings = settings
        self._token = None if settings.token_env is None else environ[settings.token_env]

    async def run(self, ingest: Ingest) -> None:
        """Listen until cancelled."""
        library = needs("websockets.asyncio.client", "feeds", "listening to a websocket")
        await keep_connected(lambda: self._once(library, ingest), ingest.health[self.settings.name])

    async def _once(self, library: Any, ingest: Ingest) -> None:
        settings = self.settings
        ingest.begin(settings.name)
        last_id = await asyncio.to_thread(ingest.journal.bookmark, settings.name) or ""
        headers = {} if self._token is None else {"Authorization": f"Bearer {self._token}"}
        connection: websockets.asyncio.client.ClientConnection
        async with library.connect(
            settings.url.replace("{last_id}", quote(last_id, safe="")), additional_headers=headers,
            max_size=settings.max_bytes, ping_interval=settings.ping_s, ping_timeout=settings.ping_s, open_timeout=10,
        ) as connection, asyncio.TaskGroup() as tasks:  # fmt: skip
            if settings.subscribe is not None:
                # inside a JSON text: quotes of an identifier must not end it
                await connection.send(settings.subscribe.replace("{last_id}", json.dumps(last_id)[1:-1]))
            ingest.health[settings.name].connected()
            async for message in connection:
                payload = message if isinstance(message, bytes) else message.encode()
                tasks.create_task(_safe(await ingest.submit(settings.name, payload)))


async def _safe(receipt: asyncio.Future[Any]) -> None:
    """Wait for the journal; if it cannot write, the connection ends and begins again after the last that is safe."""
    await receipt
