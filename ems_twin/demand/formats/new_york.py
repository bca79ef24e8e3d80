"""New York "EMS Incident Dispatch Data" (76xm-jjuj): one row an incident, its place a ZIP code."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .layout import Layout
from .records import Records


def _priority(records: Records) -> NDArray[np.uint8]:
    """Severity 1-3, 4-6, 7-9 as priority 1, 2, 3, the thirds that the demand of Manhattan takes too."""
    severity = records.numbers("priority")
    known = np.isin(severity, np.arange(1, 10))
    return np.where(known, (np.nan_to_num(severity) + 2) // 3, 0).astype(np.uint8)


LAYOUT = Layout(
    name="new-york",
    title="New York EMS Incident Dispatch Data",
    columns={
        "time": ("incident_datetime",),
        "notified": ("first_assignment_datetime",),
        "notified_after_s": ("dispatch_response_seconds_qy",),
        "notified_valid": ("valid_dispatch_rspns_time_indc",),
        "en_route": ("first_activation_datetime",),
        "on_scene": ("first_on_scene_datetime",),
        "on_scene_after_s": ("incident_response_seconds_qy",),
        "on_scene_valid": ("valid_incident_rspns_time_indc",),
        "left_scene": ("first_to_hosp_datetime",),
        "at_hospital": ("first_hosp_arrival_datetime",),
        "back_in_service": ("incident_close_datetime",),
        "zone": ("zipcode",),
        "priority": ("initial_severity_level_code",),
        "kind": ("initial_call_type",),
        "incident": ("cad_incident_id",),
    },
    marks=("time", "kind", "zone", "incident"),
    timezone="America/New_York",
    priority=_priority,
)
"""The incident closes when its last unit is available, so that stands for back in service."""
