"""WZDx 3 and 4 and CWZ 1.0, work zones of North American road authorities, read through ``streetworks``.

Versions and dialects (fields flat or under ``core_details``, in snake_case or camelCase) are that library's business; what
the words mean for driving is ours. Closures far from the area are counted, not kept: feeds cover whole states.
"""

from __future__ import annotations

from typing import Any

from ...errors import InputError
from ..codec import Codec
from ..events import RoadEvent
from ..fields import Use
from ..intake import Intake, as_number, at_path, each
from ..vocabulary import MOST_POINTS, Impact, Phase
from .impact import WZDX, by_lanes
from .roads import Geometry, phase_of, touches
from .wzdx_write import write

MOST_FEATURES = 50_000
_INFO = ("feed_info", "feedInfo", "road_event_feed_info", "roadEventFeedInfo")
_PHASES = {
    "planned": Phase.planned, "pending": Phase.planned, "active": Phase.active, "completed": Phase.completed,
    "cancelled": Phase.cancelled, "canceled": Phase.cancelled,
}  # fmt: skip
_TYPES = ("work-zone", "detour", "restriction", "special-event", "incident")


def recognises(document: Any) -> bool:
    """Whether a message is a feed of road events, or of devices beside roads."""
    if not isinstance(document, dict) or not isinstance(document.get("features"), list):
        return False
    if any(name in document for name in _INFO):
        return True
    first = next(iter(document["features"]), None)
    properties = at_path(first, "properties")
    return isinstance(properties, dict) and any(
        name in properties
        for name in ("core_details", "coreDetails", "vehicle_impact", "vehicleImpact", "road_event_id")
    )


def read(document: Any, intake: Intake) -> None:
    """Read every feature that is a road event."""
    try:
        from streetworks.wzdx import parse_road_events
    except ImportError:
        raise InputError(
            "WZDx is read through the package 'streetworks'",
            field="codec",
            remedy="Install it with pip install 'ems-twin[feeds]'.",
        ) from None
    features = at_path(document, "features")
    if not isinstance(features, list) or len(features) > MOST_FEATURES:
        intake.refuse(f"has no list of up to {MOST_FEATURES:,} features", "features", "Send fewer.", features)
        return
    info: Any = next((document[name] for name in _INFO if isinstance(document.get(name), dict)), {})
    updated = info.get("update_date") or info.get("updateDate")
    outside = devices = 0
    for number, feature in enumerate(features):
        where = f"features[{number}]"
        if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
            intake.refuse("is no feature", where, "Send a GeoJSON feature with properties.", feature)
            continue
        if _raw(feature, "device_type") is not None:
            devices += 1
            continue
        geometry = Geometry.of_geojson(feature.get("geometry"))
        if geometry is None:
            intake.refuse("has no usable geometry", f"{where}.geometry", f"Send up to {MOST_POINTS:,} points.")
            continue
        if not touches(geometry, intake.reading.area):
            outside += 1
            continue
        try:
            (road,) = parse_road_events({"features": [feature | {"geometry": None}]})
        except (TypeError, ValueError, AttributeError, KeyError):
            intake.refuse("is no road event of WZDx", where, "Check the types of its fields against the schema.")
            continue
        _road(road, feature, geometry, updated, where, intake)
    if outside:
        intake.refuse(f"{outside:,} road events lie outside the area", "features", "Nothing to do.")
    if devices:
        intake.refuse(f"{devices:,} devices beside roads close nothing", "features", "No need to send them.")


def _raw(feature: dict[str, Any], name: str) -> Any:
    """A property of a feature in any dialect."""
    words = name.split("_")
    camel = words[0] + "".join(word.capitalize() for word in words[1:])
    properties = feature.get("properties")
    for holder in (at_path(properties, "core_details"), at_path(properties, "coreDetails"), properties):
        for spelt in (name, camel):
            if isinstance(holder, dict) and holder.get(spelt) is not None:
                return holder[spelt]
    return None


def _road(
    road: Any, feature: dict[str, Any], geometry: Geometry, updated: Any, where: str, intake: Intake
) -> None:  # fmt: skip
    told = road.id if isinstance(road.id, str | int) and road.id != "" else _raw(feature, "road_event_id")
    road_event_id = intake.needed(told, f"{where}.id")
    if road_event_id is None:
        return
    path = f"{where}.properties"
    own = intake.moment(_raw(feature, "update_date"), f"{path}.update_date")
    at = own or intake.moment(updated, "feed_info.update_date")
    from_at = intake.instant(_raw(feature, "start_date"), f"{path}.start_date")
    until_at = intake.instant(_raw(feature, "end_date"), f"{path}.end_date")
    phase = intake.one_of(road.event_status, f"{path}.event_status", _PHASES) or phase_of(
        from_at, until_at, intake.reading.received_at
    )
    impact, share = intake.one_of(road.vehicle_impact, f"{path}.vehicle_impact", WZDX) or (Impact.unknown, None)
    lanes = [lane for lane in road.lanes if isinstance(lane, dict)]
    driven = [
        lane for lane in lanes if "shoulder" not in str(lane.get("type")) and "sidewalk" not in str(lane.get("type"))
    ]
    lanes_open = sum(lane.get("status") != "closed" for lane in driven)
    if impact is Impact.slowed and driven and 0 < lanes_open < len(driven) and "closed" in str(road.vehicle_impact):
        share = by_lanes(lanes_open, len(driven))
    if intake.one_of(road.event_type, f"{path}.event_type", _TYPES) == "detour":
        impact, share = Impact.none, None
    intake.add(
        RoadEvent,
        where,
        at,
        reported_at=None if own is None else own.at,
        road_event_id=road_event_id,
        phase=phase,
        impact=impact,
        speed_factor=share,
        from_at=from_at,
        until_at=until_at,
        lines=geometry.lines,
        is_line=geometry.is_line,
        roads=tuple(
            dict.fromkeys(name for said, _ in each(_raw(feature, "road_names"), "") if (name := intake.title(said)))
        )[:64],
        direction=intake.code(road.direction, f"{path}.direction"),
        lanes_open=lanes_open if driven else None,
        lanes_total=len(driven) if driven else None,
        restrictions=tuple(_restrictions(_raw(feature, "restrictions"), f"{path}.restrictions", intake)),
    )


def _restrictions(told: Any, where: str, intake: Intake) -> list[str]:
    """Words of the restrictions, with the limit behind those that have one (metres, kilograms and the like as told)."""
    found: list[str] = []
    for each_one, path in each(told, where):
        if isinstance(each_one, dict):
            word = intake.code(at_path(each_one, "type"), path)
            value, unit = as_number(at_path(each_one, "value")), intake.code(at_path(each_one, "unit"), path)
            if word is not None and value is not None:
                word = f"{word}={value:g}{f' {unit}' if unit else ''}"
        else:
            word = intake.code(each_one, path)
        if word is not None and word not in found and len(found) < 64:
            found.append(word)
    return found


def _uses() -> tuple[Use, ...]:
    rows = {
        "event_type": "impact (a detour has none)", "road_names": "roads", "direction": "direction",
        "update_date": "occurred_at, reported_at", "start_date": "from_at", "end_date": "until_at",
        "event_status": "phase", "vehicle_impact": "impact, speed_factor", "lanes[].status": "lanes_open, speed_factor",
        "lanes[].type": "lanes_total (no shoulders)", "restrictions[].type": "restrictions",
        "restrictions[].value": "restrictions", "restrictions[].unit": "restrictions",
        "road_event_id": "road_event_id (3.1)",
    }  # fmt: skip
    return (
        Use("features[].id", "road_event_id"),
        Use("features[].geometry.coordinates", "lines"),
        Use("features[].geometry.type", "is_line"),
        *(Use(f"{info}.update_date", "occurred_at") for info in ("feed_info", "road_event_feed_info")),
        *(
            Use(f"features[].properties.{shell}{path}", word)
            for shell in ("", "core_details.")
            for path, word in rows.items()
        ),
    )


CODEC = Codec(
    name="wzdx",
    title="WZDx 3 and 4, CWZ 1.0",
    form="json",
    uses=_uses(),
    recognises=recognises,
    read=read,
    write=write,
    carries=(RoadEvent,),
    drops=("contacts of the feed", "descriptions", "workers and their equipment"),
)
