"""A plain table: ``time``, ``lon`` and ``lat`` or ``zone``, and whatever else there is, by its usual names."""

from .layout import AFTER, Layout

_NEMSIS = {
    "notified": "etimes_03",
    "en_route": "etimes_05",
    "on_scene": "etimes_06",
    "left_scene": "etimes_09",
    "at_hospital": "etimes_11",
    "transfer": "etimes_12",
    "back_in_service": "etimes_13",
}

LAYOUT = Layout(
    name="plain",
    title="plain table of calls",
    columns={
        "time": ("time", "received", "etimes_01", "datetime", "date_time", "timestamp", "call_time", "time_received"),
        "lon": ("lon", "longitude", "lng", "long", "x"),
        "lat": ("lat", "latitude", "y"),
        "point": ("point", "location", "geometry", "wkt"),
        "zone": ("zone", "zip", "zipcode", "zip_code", "postcode", "postal_code"),
        "priority": ("priority",),
        "kind": ("kind", "call_type", "type", "nature", "edispatch_01"),
        "incident": ("incident", "incident_number", "incident_id", "call_number", "call_id", "eresponse_03"),
        "unit": ("unit", "unit_id", "eresponse_13"),
        "hospital": ("hospital", "hospital_code", "edisposition_02"),
        **{name: (name, code, f"{name}_time", f"t_{name}") for name, code in _NEMSIS.items()},
        **{f"{name}{AFTER}": (f"{name}_s", f"{name}{AFTER}") for name in _NEMSIS},
    },
    marks=("time", "lon|point|zone", "lat|point|zone"),
    timezone=None,
    month_first=False,
)
