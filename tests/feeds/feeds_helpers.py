"""Messages of the tests and how they are read."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ems_twin.feeds import Decoded, decode

MESSAGES = Path(__file__).parent / "messages"
FILES = sorted(MESSAGES.iterdir())
SHARED = Path(__file__).parents[3] / "shared" / "data" / "feeds"
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the sample messages are not in ../shared/data/feeds")


def take(payload: bytes | str, **options) -> Decoded:
    options = {"received_at": NOW, "source": "test"} | options
    return decode(payload.encode() if isinstance(payload, str) else payload, **options)


def read(name: str, **options) -> Decoded:
    return take((MESSAGES / name).read_bytes(), **options)


def facts(event, *names: str):
    told = [getattr(event, name) for name in names]
    return told[0] if len(told) == 1 else tuple(told)


def content(event) -> dict:
    """What an event says, without what reading adds."""
    return event.model_dump(mode="json", exclude={"event_id", "source", "message_id", "known_at"}, exclude_none=True)
