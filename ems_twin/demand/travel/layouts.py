"""Files of observed trips: one row a drive with its two ends and two times."""

from __future__ import annotations

from ..formats.layout import Layout
from ..formats.san_francisco import LAYOUT as UNITS

PLAIN = Layout(
    name="trips",
    title="table of trips",
    columns={
        "departed": ("departed", "en_route"),
        "arrived": ("arrived", "on_scene"),
        "station": ("station", "from_station"),
        "from_lon": ("from_lon",),
        "from_lat": ("from_lat",),
        "lon": ("to_lon",),
        "lat": ("to_lat",),
        "priority": ("priority",),
        "sirens": ("sirens",),
        "unit_kind": ("unit_kind",),
    },
    marks=("departed", "arrived", "station|from_lon", "lon", "lat"),
    timezone=None,
)
"""Our own columns. ``station`` is an id of stations.csv; where it is empty, ``from_lon`` and ``from_lat`` say where the
drive began. ``sirens`` (yes or no) goes before what ``priority`` (1, most urgent, and up) says of it."""

SAN_FRANCISCO = Layout(
    name="san-francisco",
    title=UNITS.title,
    columns={
        "departed": UNITS.columns["en_route"],
        "arrived": UNITS.columns["on_scene"],
        "available": UNITS.columns["back_in_service"],
        "lon": UNITS.columns["lon"],
        "lat": UNITS.columns["lat"],
        "point": UNITS.columns["point"],
        "priority": ("final_priority", "priority"),
        "unit": ("unit_id",),
        "area": ("station_area",),
        "unit_kind": ("unit_type",),
    },
    marks=("departed", "arrived", "unit", "area", "lon|point"),
    timezone=UNITS.timezone,
)
"""Rows of units. None says where a unit stood; see :mod:`~ems_twin.demand.travel.first_due` for what is made of that."""

PINGS = Layout(
    name="pings",
    title="table of positions",
    columns={
        "unit": ("unit", "unit_id", "vehicle", "vehicle_id", "call_sign"),
        "time": ("time", "timestamp", "datetime"),
        "lon": ("lon", "longitude"),
        "lat": ("lat", "latitude"),
        "priority": ("priority",),
        "sirens": ("sirens",),
        "unit_kind": ("unit_kind",),
    },
    marks=("unit", "time", "lon", "lat"),
    timezone=None,
)
"""Where units were, one row a unit and moment."""

LINKS = Layout(
    name="links",
    title="table of link times",
    columns={
        "from_lon": ("from_lon",),
        "from_lat": ("from_lat",),
        "lon": ("to_lon",),
        "lat": ("to_lat",),
        "days": ("days", "day"),
        "from_hour": ("from_hour", "hour"),
        "to_hour": ("to_hour",),
        "speed_kmh": ("speed_kmh", "kmh"),
        "seconds": ("seconds",),
    },
    marks=("from_lon", "from_lat", "lon", "lat", "speed_kmh|seconds"),
    timezone=None,
)
"""One row a link (or corridor) and hours. ``days`` is weekday, saturday, sunday or all; ``to_hour`` is the end, so 7 and 9 are
two hours; without hours a row counts for the whole day, with a first alone for one hour."""
