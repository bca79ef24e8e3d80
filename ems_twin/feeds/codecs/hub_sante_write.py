"""Write Hub Santé: states of units on a case as RS-SR, positions as one GEO-POS."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from ...errors import InputError
from ..events import Event, UnitPositionEvent, UnitStatusEvent
from ..statuses import to_position_status, to_resource_status
from ..vocabulary import Primary

KMH = 3.6
"""Kilometres an hour of one metre a second."""


def write(events: Sequence[Event]) -> bytes:
    """One message as an object, several as a list of them.

    A position that comes with the state of the same unit at the same time is one entry of GEO-POS. Any other state is an
    RS-SR, which belongs to a case.

    Raises
    ------
    InputError
        A state has no word in RS-SR, or belongs to no case.
    """
    positions = [event for event in events if isinstance(event, UnitPositionEvent)]
    states = {
        (event.unit_id, event.occurred_at): event
        for event in events
        if isinstance(event, UnitStatusEvent) and event.call_id is None
    }
    messages: list[dict[str, Any]] = []
    if positions:
        entries = [_position(event, states.pop((event.unit_id, event.occurred_at), None)) for event in positions]
        messages.append({"geoPositionsUpdate": {"position": entries}})
    beside = set(map(id, states.values()))
    messages += [
        {"resourcesStatus": _status(event)}
        for event in events
        if isinstance(event, UnitStatusEvent) and (event.call_id is not None or id(event) in beside)
    ]
    return orjson.dumps(messages[0] if len(messages) == 1 else messages)


def _status(event: UnitStatusEvent) -> dict[str, Any]:
    word = None if event.status is None else to_resource_status(event.status)
    if word is None or event.call_id is None:
        problem = f"has no word for the status '{event.status}'" if word is None else "needs the call of a status"
        raise InputError(f"RS-SR {problem}", field="events", remedy="Leave it out, or write EIDO.")
    state: dict[str, Any] = {"datetime": _written(event.occurred_at), "status": word}
    if event.primary is not None:
        state["availability"] = event.primary is Primary.available
    return {"caseId": event.call_id, "resourceId": event.unit_id, "state": state}


def _position(event: UnitPositionEvent, state: UnitStatusEvent | None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "resourceId": event.unit_id,
        "datetime": _written(event.occurred_at),
        "coord": {"lat": event.lat, "lon": event.lon},
    }
    if event.speed_mps is not None:
        entry["speed"] = event.speed_mps * KMH
    if event.heading_deg is not None:
        entry["cap"] = event.heading_deg
    if event.is_moving is not None:
        entry["move"] = "MOBILE" if event.is_moving else "STATIQUE"
    if state is not None:
        entry["status"] = {Primary.available: "DISPONIBLE", None: "INCONNU"}.get(state.primary, "INDISPONIBLE")
        word = None if state.status is None else to_position_status(state.status)
        if word is not None:
            entry["engagedStatus"] = word
    return entry


def _written(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
