"""Topics of an MQTT broker, at least once: a message is acknowledged when it is safe."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..extras import needs
from .ingest import Ingest
from .reconnect import keep_connected
from .settings import MqttSettings

if TYPE_CHECKING:
    import aiomqtt


class MqttSource:
    """Subscribes with quality of service 1 in a session that the broker keeps while we are away.

    A broker that is asked anew sends the last position of each unit if it was published to be retained; one that is
    known already is a repeat.
    """

    def __init__(self, settings: MqttSettings, environ: Mapping[str, str]) -> None:
        self.settings = settings
        self._password = None if settings.password_env is None else environ[settings.password_env]

    async def run(self, ingest: Ingest) -> None:
        """Listen until cancelled."""
        library = needs("aiomqtt", "feeds", "listening to MQTT")
        await keep_connected(lambda: self._once(library, ingest), ingest.health[self.settings.name])

    async def _once(self, library: Any, ingest: Ingest) -> None:
        settings = self.settings
        parts = urlsplit(settings.url)
        is_safe = parts.scheme == "mqtts"
        client: aiomqtt.Client = library.Client(
            parts.hostname, parts.port or (8883 if is_safe else 1883), identifier=settings.client_id,
            username=settings.username, password=self._password, clean_session=False, keepalive=settings.keepalive_s,
            tls_context=ssl.create_default_context() if is_safe else None,
        )  # fmt: skip
        # aiomqtt has no door to paho's own acknowledgements; without them a message counts as received before it is safe
        paho = client._client
        paho.manual_ack_set(True)
        async with client, asyncio.TaskGroup() as tasks:
            for topic in settings.topics:
                await client.subscribe(topic, qos=1)
            ingest.health[settings.name].connected()
            async for message in client.messages:
                payload = message.payload if isinstance(message.payload, bytes) else str(message.payload or "").encode()
                if not payload:  # clears a retained message
                    paho.ack(message.mid, message.qos)
                    continue
                receipt = await ingest.submit(settings.name, payload, headers={"topic": str(message.topic)})
                tasks.create_task(_acknowledge(paho, message.mid, message.qos, receipt))


async def _acknowledge(client: Any, number: int, qos: int, receipt: asyncio.Future[Any]) -> None:
    """Acknowledge once it is safe; if it cannot be written the connection ends, and the broker sends it again."""
    await receipt
    client.ack(number, qos)
