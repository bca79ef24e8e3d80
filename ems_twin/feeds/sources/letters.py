"""Read dead letters again, after a codec was mended or a source's settings were."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from ..journal import Journal, Letter, Receipt
from ..registry import AUTO, CODECS
from .feed import Feed


def replay_letters(
    journal: Journal,
    letters: Sequence[Letter],
    feeds: Mapping[str, Feed],
    *,
    now: datetime | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> list[tuple[Letter, Receipt | None]]:
    """Take in what can be read now; a letter stays open with what is still refused.

    What is taken happened when it says, or when its message first came, and is known from now on.

    Parameters
    ----------
    letters
        Of the journal; one without a payload gets no receipt.
    feeds
        Sources by name, as they are configured now; a letter of another one is read by its codec alone.
    """
    at = now or datetime.now(UTC)
    found: list[tuple[Letter, Receipt | None]] = []
    for i, letter in enumerate(letters):
        found.append(
            (letter, None if letter.payload is None else _read_again(journal, letter, letter.payload, feeds, at))
        )
        progress((i + 1) / len(letters))
    return found


def _read_again(journal: Journal, letter: Letter, payload: bytes, feeds: Mapping[str, Feed], now: datetime) -> Receipt:
    feed = feeds.get(letter.source)
    if feed is None:
        feed = Feed.configured(name=letter.source, codec=letter.codec if letter.codec in CODECS else AUTO)
    message = feed.read(
        payload,
        message_id=letter.message_id,
        headers=letter.headers,
        received_at=letter.first_at,
        bookmark=None,
    )
    events = tuple(event.model_copy(update={"known_at": now}) for event in message.decoded.events)
    return journal.settle(letter, replace(message, decoded=replace(message.decoded, events=events)))
