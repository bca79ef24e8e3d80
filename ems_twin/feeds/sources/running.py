"""All sources of a configuration, built and run side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from .feed import Feed
from .ingest import Ingest
from .jetstream import NatsSource
from .mqtt import MqttSource
from .polling import PollSource
from .replay import ReplaySource
from .settings import (
    AnySettings,
    MqttSettings,
    NatsSettings,
    PollSettings,
    ReplaySettings,
    WebhookSettings,
    WebsocketSettings,
)
from .webhook import Webhooks
from .websocket import WebsocketSource


class Source(Protocol):
    """What fetches messages, or waits for them, and hands them in."""

    async def run(self, ingest: Ingest) -> None:
        """Go on until cancelled, or until there is nothing more."""


def build(settings: AnySettings, environ: Mapping[str, str], folder: Path = Path()) -> Source | None:
    """The source that was configured; None for a webhook, which others call."""
    match settings:
        case PollSettings():
            return PollSource(settings, environ)
        case ReplaySettings():
            return ReplaySource(settings, folder)
        case MqttSettings():
            return MqttSource(settings, environ)
        case NatsSettings():
            return NatsSource(settings, environ)
        case WebsocketSettings():
            return WebsocketSource(settings, environ)
        case WebhookSettings():
            return None


def feed_of(settings: AnySettings) -> Feed:
    """What the ingest has to know of a source.

    Raises
    ------
    InputError
        There is no such codec.
    """
    return Feed.configured(
        name=settings.name, codec=settings.codec, kind=settings.kind, area=settings.area, timezone=settings.timezone,
        rate_per_s=settings.rate_per_s, queue=settings.queue, max_bytes=settings.max_bytes,
        silent_after_s=settings.silent_after_s, resumes_by_id=isinstance(settings, WebsocketSettings),
    )  # fmt: skip


def webhooks(ingest: Ingest, settings: Iterable[AnySettings], environ: Mapping[str, str]) -> Webhooks:
    """The ASGI application of all webhooks among the sources."""
    return Webhooks(ingest, [one for one in settings if isinstance(one, WebhookSettings)], environ)


async def run_sources(sources: Iterable[Source], ingest: Ingest) -> None:
    """Run them side by side until cancelled, or until all have ended.

    Raises
    ------
    ExceptionGroup
        With the InputError of a source that cannot be started, such as one whose package is missing.
    """
    async with asyncio.TaskGroup() as tasks:
        for source in sources:
            tasks.create_task(source.run(ingest))
