"""A process that takes signed messages over HTTP into a journal and applies them: what the bench loads, and kills.

``python -m ems_twin.benchmarks.journal_server JOURNAL PORT`` serves ``POST /load``; with ``--apply`` a consumer counts the
events, and puts a message for each into the outbox.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from ..feeds.journal import Journal, OutboxMessage, StoredEvent, open_journal
from ..feeds.sources import Feed, Ingest, Webhooks
from ..feeds.sources.settings import WebhookSettings

SECRET = "of the bench, on this machine only"
CONSUMER = "bench"
SOURCE = "load"
TOGETHER = 500


def counted(state: dict[str, Any], events: Sequence[StoredEvent]) -> None:
    """Count events into a state in which each leaves its trace, whatever their order.

    Of each unit the number of events and the sum of their digests: one that is missing, or applied twice, shows.
    """
    for stored in events:
        row = state.setdefault(stored.event.subject, [0, 0])
        row[0] += 1
        row[1] = (row[1] + int.from_bytes(blake2b(stored.event.event_id.encode(), digest_size=6).digest())) % 2**48


def apply_new(journal: Journal, state: dict[str, Any], after: int) -> int:
    """Apply what is new, state and outbox in one transaction; returns the position."""
    while events := journal.events(after=after, limit=TOGETHER):
        counted(state, events)
        outbox = [OutboxMessage(key=stored.event.event_id, topic="seen", body=b"{}") for stored in events]
        position = events[-1].position
        journal.apply(position, json.dumps(state).encode(), outbox, after=after, consumer=CONSUMER)
        after = position
    return after


async def serve(journal: Journal, port: int, *, apply: bool) -> None:
    """Serve until the process is told to end."""
    import uvicorn

    feed = Feed.configured(name=SOURCE, codec="owntracks", rate_per_s=100_000.0, queue=20_000)
    async with Ingest(journal, [feed]) as ingest:
        settings = WebhookSettings(kind="webhook", name=SOURCE, codec="owntracks", secret_env="SECRET")
        app: Any = Webhooks(ingest, [settings], {"SECRET": SECRET})
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", ws="none"))
        applying = asyncio.create_task(_keep_applying(ingest)) if apply else None
        await server.serve()
        if applying is not None:
            applying.cancel()


async def _keep_applying(ingest: Ingest) -> None:
    written = asyncio.Event()
    ingest.on_written(lambda _position: written.set())
    begin = await asyncio.to_thread(ingest.journal.applied, consumer=CONSUMER)
    state = {} if begin.snapshot is None else json.loads(begin.snapshot)
    position = begin.position
    while True:
        written.clear()
        position = await asyncio.to_thread(apply_new, ingest.journal, state, position)
        await written.wait()


def main() -> None:
    """Run the process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("journal")
    parser.add_argument("port", type=int)
    parser.add_argument("--apply", action="store_true")
    arguments = parser.parse_args()
    with open_journal(arguments.journal) as journal:
        asyncio.run(serve(journal, arguments.port, apply=arguments.apply))


if __name__ == "__main__":
    main()
