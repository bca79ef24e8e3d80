"""Where an ambulance may drive, as data: read against a way's OpenStreetMap tags.

A car's profile is the wrong one: it refuses private roads, bus roads and emergency accesses, all of which an
ambulance uses.
"""

from __future__ import annotations

from collections.abc import Mapping

from .raw import CLASS_INDEX

DRIVABLE: dict[str, str] = {
    **{name: name for name in CLASS_INDEX if name != "unknown"},
    "road": "unknown",  # mapped, not yet classified
    "busway": "service",
    "bus_guideway": "service",
}
"""Class in ``ROAD_CLASSES`` of each ``highway`` value that is driven on without further permission."""

DRIVABLE_IF_EMERGENCY: dict[str, str] = {
    "pedestrian": "living_street",
    "footway": "service",
    "path": "service",
    "track": "service",
    "cycleway": "service",
}
"""Ways that are driven on only where ``emergency`` says so."""

EMERGENCY_YES = frozenset({"yes", "designated", "official", "destination"})
"""Values of ``emergency`` on a way that open it to ambulances, whatever else it says."""

SHUT = frozenset({"no", "agricultural", "forestry", "military"})
"""Values of ``access``, ``vehicle`` and ``motor_vehicle`` that shut a way. Not among them, on purpose: private,
customers, destination, delivery, permit, residents."""

ACCESS_KEYS = ("motor_vehicle", "vehicle", "access")
"""Access tags from the most to the least specific; the first that is there decides."""

SERVICE_LEFT_OUT = frozenset({"parking_aisle", "driveway", "drive-through", "slipway", "spur", "siding"})
"""Kinds of ``highway=service`` that lead to one door only; trips end on the street before it."""

_REVERSED = frozenset({"-1", "reverse"})
_ONEWAY = frozenset({"yes", "true", "1"})
_ROUNDABOUTS = frozenset({"roundabout", "circular"})


def drivable_class(tags: Mapping[str, str]) -> str | None:
    """Class of a way in ``ROAD_CLASSES``, or None where an ambulance may not drive."""
    highway = tags.get("highway", "")
    open_to_us = tags.get("emergency") in EMERGENCY_YES
    if open_to_us and highway in DRIVABLE_IF_EMERGENCY:
        return DRIVABLE_IF_EMERGENCY[highway]
    name = DRIVABLE.get(highway)
    if name is None or tags.get("area") == "yes":
        return None
    if highway == "service" and tags.get("service") in SERVICE_LEFT_OUT and not open_to_us:
        return None
    access = next((tags[key] for key in ACCESS_KEYS if key in tags), "yes")
    return None if access in SHUT and not open_to_us else name


def directions(tags: Mapping[str, str]) -> tuple[bool, bool]:
    """Whether a way may be driven forwards and backwards, in the order of its points."""
    oneway = tags.get("oneway:emergency") or tags.get("oneway", "")
    if oneway in _REVERSED:
        return False, True
    if oneway in _ONEWAY:
        return True, False
    implied = tags.get("junction") in _ROUNDABOUTS or tags.get("highway") == "motorway"
    return True, not (implied and oneway != "no")
