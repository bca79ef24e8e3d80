"""Emergency calls of Montgomery County, Pennsylvania (``911.csv``): one row a title, with its place but no priority."""

from .layout import Layout

LAYOUT = Layout(
    name="montgomery",
    title="Montgomery County 911 calls",
    columns={
        "time": ("timestamp",),
        "lon": ("lng",),
        "lat": ("lat",),
        "zone": ("zip",),
        "kind": ("title",),
    },
    marks=("time", "lon", "lat", "kind", "zone"),
    timezone="America/New_York",
    box=(-75.8, 39.8, -74.8, 40.6),
)
"""Description and address are not read."""
