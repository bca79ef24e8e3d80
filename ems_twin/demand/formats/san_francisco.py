"""DataSF "Fire Department Calls for Service" (nuek-vuh3), as CSV, as JSON, or in BigQuery: one row a unit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .layout import Layout
from .records import Records


def _names(*words: str) -> tuple[str, ...]:
    """Names that the portal, its interface and BigQuery give a time."""
    return tuple(f"{word}{ending}" for word in words for ending in ("_dttm", "_timestamp", ""))


def _priority(records: Records) -> NDArray[np.uint8]:
    """1 with lights for a threat to life, 2 for either of the two, else 3; 0 where the code is neither 2 nor 3.

    Code 3 is lights and sirens, code 2 is not; the letters A to E of older records say nothing about that.
    """
    code = records.numbers("priority")
    grave = records.is_in("group", {"potentially life-threatening"})
    lights = code == 3
    known = np.isin(code, (2, 3))
    return np.where(known, np.where(lights & grave, 1, np.where(lights | grave, 2, 3)), 0).astype(np.uint8)


LAYOUT = Layout(
    name="san-francisco",
    title="San Francisco Fire Department Calls for Service",
    columns={
        "time": _names("received"),
        "notified": _names("dispatch"),
        "en_route": _names("response"),
        "on_scene": _names("on_scene"),
        "left_scene": _names("transport"),
        "at_hospital": _names("hospital"),
        "back_in_service": _names("available"),
        "lon": ("lon", "longitude"),
        "lat": ("lat", "latitude"),
        "point": ("case_location", "location"),
        "zone": (
            "neighborhood", "neighborhooods_analysis_boundaries", "neighborhoods_analysis_boundaries",
            "analysis_neighborhoods", "zipcode_of_incident", "zipcode",
        ),
        "priority": ("final_priority", "priority"),
        "kind": ("call_type", "call_type_group"),
        "group": ("call_type_group",),
        "incident": ("call_number",),
        "unit": ("unit_id", "unit_type"),
    },
    marks=("time", "notified", "unit|group", "lon|point"),
    timezone="America/Los_Angeles",
    box=(-123.3, 37.4, -122.1, 38.0),
    priority=_priority,
    one_row_a_unit=True,
)  # fmt: skip
"""Times are the city's, with no offset; the copy in BigQuery calls the same times UTC."""
