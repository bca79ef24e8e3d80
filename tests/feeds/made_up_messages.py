"""Messages as codecs would read them, without a codec."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from ems_twin.feeds import CallEvent, Decoded, Refusal, UnitPositionEvent
from ems_twin.feeds.journal import Message

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def position(unit, occurred_s, *, known_s=None, source="avl", lon=-73.9):
    return UnitPositionEvent.make(
        source=source,
        message_id=f"{unit}-{occurred_s}",
        occurred_at=NOON + timedelta(seconds=occurred_s),
        known_at=NOON + timedelta(seconds=occurred_s if known_s is None else known_s),
        unit_id=unit,
        lon=lon,
        lat=40.7,
    )


def call(name, occurred_s, action="received", *, known_s=None, source="cad"):
    return CallEvent.make(
        source=source,
        message_id=f"{name}-{action}-{occurred_s}",
        occurred_at=NOON + timedelta(seconds=occurred_s),
        known_at=NOON + timedelta(seconds=occurred_s if known_s is None else known_s),
        call_id=name,
        action=action,
    )


def message(name, *events, source="avl", refused=(), content=None, kept=None, received_s=0, bookmark=None):
    return Message(
        source=source,
        message_id=name,
        digest=blake2b((content or name).encode(), digest_size=16).digest(),
        received_at=NOON + timedelta(seconds=received_s),
        decoded=Decoded(codec="made_up", message_id=name, events=tuple(events), refused=tuple(refused)),
        keep=lambda: kept,
        bookmark=bookmark,
    )


REFUSAL = Refusal(reason="is no position", where="position[0].lat", remedy="Send degrees.", fragment="946")
