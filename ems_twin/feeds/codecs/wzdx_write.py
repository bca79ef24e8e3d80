"""Write WZDx 4.1, the last version that says whether an event is planned, active or over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson

from ..events import Event, RoadEvent
from ..vocabulary import Impact

_IMPACT = {
    Impact.closed: "all-lanes-closed", Impact.slowed: "some-lanes-closed",
    Impact.none: "all-lanes-open", Impact.unknown: "unknown",
}  # fmt: skip
_OPEN_ENDED = timedelta(days=1)
"""An event until further notice gets this end, marked as estimated; the next feed moves it on."""
_PUBLISHER = "ems_twin"


def write(events: Sequence[Event]) -> bytes:
    """A feed of all road events."""
    updated = max(event.known_at for event in events).isoformat()
    source = {"data_source_id": _PUBLISHER, "organization_name": _PUBLISHER, "update_date": updated}
    return orjson.dumps(
        {
            "feed_info": {
                "publisher": _PUBLISHER, "version": "4.1", "update_date": updated, "data_sources": [source],
            },
            "type": "FeatureCollection",
            "features": [_feature(event) for event in events if isinstance(event, RoadEvent)],
        }
    )  # fmt: skip


def _feature(event: RoadEvent) -> dict[str, Any]:
    start = event.from_at or event.occurred_at
    end = event.until_at or max(start, event.occurred_at) + _OPEN_ENDED
    properties: dict[str, Any] = {
        "core_details": {
            "data_source_id": _PUBLISHER,
            "event_type": "work-zone",
            "road_names": list(event.roads) or ["unnamed"],
            "direction": event.direction or "unknown",
            "update_date": (event.reported_at or event.occurred_at).isoformat(),
        },
        "start_date": start.isoformat(),
        "end_date": end.isoformat(),
        "is_start_date_verified": False,
        "is_end_date_verified": False,
        "is_start_position_verified": False,
        "is_end_position_verified": False,
        "location_method": "other",
        "event_status": event.phase.value,
        "vehicle_impact": _IMPACT[event.impact],
    }
    if event.lanes_total:
        closed = event.lanes_total - (event.lanes_open or 0)
        properties["lanes"] = [
            {"order": order, "type": "general", "status": "closed" if order <= closed else "open"}
            for order in range(1, event.lanes_total + 1)
        ]
    words = [word.partition("=")[0] for word in event.restrictions]
    if words:
        properties["restrictions"] = [{"type": word} for word in words]
    return {"id": event.road_event_id, "type": "Feature", "properties": properties, "geometry": _geometry(event)}


def _geometry(event: RoadEvent) -> dict[str, Any]:
    if len(event.lines) == 1:
        kind = "LineString" if event.is_line and len(event.lines[0]) > 1 else "MultiPoint"
        return {"type": kind, "coordinates": event.lines[0]}
    if event.is_line:
        return {"type": "MultiLineString", "coordinates": event.lines}
    return {"type": "MultiPoint", "coordinates": [point for line in event.lines for point in line]}
