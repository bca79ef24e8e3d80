"""A stream of NATS JetStream through a durable consumer: the server remembers how far we have come."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..extras import needs
from ..journal import DatabaseUnavailableError
from .ingest import Ingest
from .reconnect import keep_connected
from .settings import NatsSettings

if TYPE_CHECKING:
    import nats.aio.client
    import nats.aio.msg

TOGETHER = 200
"""Messages that are fetched at once."""
WAIT_S = 1.0
"""How long a fetch waits for the first."""
AGAIN_S = 5.0
"""When the server sends a message again that could not be written."""


class NatsSource:
    """Fetches messages and acknowledges each when it is safe."""

    def __init__(self, settings: NatsSettings, environ: Mapping[str, str]) -> None:
        self.settings = settings
        self._password = None if settings.password_env is None else environ[settings.password_env]
        self._token = None if settings.token_env is None else environ[settings.token_env]

    async def run(self, ingest: Ingest) -> None:
        """Listen until cancelled."""
        library = needs("nats", "feeds", "listening to NATS")
        await keep_connected(lambda: self._once(library, ingest), ingest.health[self.settings.name])

    async def _once(self, library: Any, ingest: Ingest) -> None:
        settings = self.settings
        credentials = {"user": settings.username, "password": self._password, "token": self._token}
        client: nats.aio.client.Client = await library.connect(
            settings.url, allow_reconnect=False, connect_timeout=10, name="ems_twin",
            error_cb=_quiet, **{name: value for name, value in credentials.items() if value is not None},
        )  # fmt: skip
        try:
            stream = client.jetstream()
            # one consumer has one filter: several subjects are several consumers
            several = len(settings.subjects) > 1
            consumers = [
                await stream.pull_subscribe(
                    subject, durable=f"{settings.durable}-{i}" if several else settings.durable, stream=settings.stream
                )
                for i, subject in enumerate(settings.subjects)
            ]
            ingest.health[settings.name].connected()
            async with asyncio.TaskGroup() as tasks:
                for consumer in consumers:
                    tasks.create_task(self._fetch(consumer, ingest))
        finally:
            await client.close()

    async def _fetch(self, consumer: Any, ingest: Ingest) -> None:
        while True:
            try:
                messages: list[nats.aio.msg.Msg] = await consumer.fetch(TOGETHER, timeout=WAIT_S)
            except TimeoutError:  # there was nothing
                continue
            receipts: list[tuple[nats.aio.msg.Msg, asyncio.Future[Any]]] = []
            for message in messages:
                headers = dict(message.headers or {})
                identifier = headers.get("Nats-Msg-Id")
                receipts.append(
                    (message, await ingest.submit(
                        self.settings.name, message.data, message_id=identifier[:200] if identifier else None,
                        headers=headers,
                    ))
                )  # fmt: skip
            for message, receipt in receipts:
                try:
                    await receipt
                except DatabaseUnavailableError:
                    await message.nak(delay=AGAIN_S)
                else:
                    await message.ack()


async def _quiet(_error: Exception) -> None:
    """What goes wrong shows where the connection is used."""
