"""Seattle "Real-Time Fire 911 Calls" (kzjm-xkqj): one row an incident, with its place but no priority."""

from .layout import Layout

LAYOUT = Layout(
    name="seattle",
    title="Seattle Real-Time Fire 911 Calls",
    columns={
        "time": ("datetime",),
        "lon": ("longitude",),
        "lat": ("latitude",),
        "point": ("report_location",),
        "kind": ("type",),
        "incident": ("incident_number",),
    },
    marks=("time", "kind", "incident", "lon|point"),
    timezone="America/Los_Angeles",
    box=(-122.8, 47.2, -121.9, 48.0),
)
"""The address is not read: it may be somebody's home."""
