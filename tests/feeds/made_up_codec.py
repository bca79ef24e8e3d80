"""A codec for tests of what carries messages: ``{"id": "m1", "unit": "a", "s": 12.5, "lon": -73.9}`` or a list of them."""

import json
from datetime import timedelta
from hashlib import blake2b

from made_up_messages import NOON

from ems_twin.feeds import Decoded, Refusal, UnitPositionEvent
from ems_twin.feeds.sources import Feed


def decode(payload, reading):
    digest = blake2b(payload, digest_size=16).hexdigest()
    try:
        given = json.loads(payload)
    except ValueError:
        refused = Refusal(reason="is no JSON", where="", remedy="Send JSON.")
        return Decoded(codec="made_up", message_id=digest, refused=(refused,))
    rows = given if isinstance(given, list) else [given]
    message_id = reading.message_id or digest
    if isinstance(given, dict):
        message_id = given.get("id", message_id)
    events, refused = [], []
    for i, row in enumerate(rows):
        if row["unit"] == "defect":
            raise ZeroDivisionError
        if not -180 <= row.get("lon", 0) <= 180:
            refused.append(Refusal(reason="is no longitude", where=f"[{i}].lon", remedy="Send degrees."))
            continue
        events.append(
            UnitPositionEvent.make(
                source=reading.source,
                message_id=message_id,
                occurred_at=NOON + timedelta(seconds=row["s"]),
                known_at=reading.received_at,
                unit_id=row["unit"],
                lon=row.get("lon", 0),
                lat=40.7,
            )
        )
    return Decoded(codec="made_up", message_id=message_id, events=tuple(events), refused=tuple(refused))


def said(unit, s, **more):
    """A message of one position."""
    return json.dumps({"id": f"{unit}-{s}", "unit": unit, "s": s} | more).encode()


def feed(name="avl", **more):
    return Feed(name=name, codec="made_up", decode=decode, **more)
