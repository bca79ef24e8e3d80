"""The hours of the simulated days as a tidy table: a row for each case, variant, replication and hour."""

from __future__ import annotations

from typing import Any

import numpy as np

from .engine import Answer

_COLUMNS = ("hour_calls", "hour_response_s", "hour_late", "hour_busy_s", "hour_duty_s")


def hour_columns(answer: Answer) -> dict[str, list[Any]]:
    """Columns of the table by name.

    ``calls`` are those received in the hour that a unit reached, ``mean_response_s`` and ``late`` are theirs;
    ``busy_share`` is of the time on duty. ``transports`` left a scene in the hour, ``mean_transport_s`` is their drive.
    What has no calls is missing.
    """
    rows: dict[str, list[Any]] = {
        name: []
        for name in (
            "case", "variant", "replication", "hour", "time", "calls", "mean_response_s", "late", "busy_share",
            "transports_near", "mean_transport_near_s", "transports_elsewhere", "mean_transport_elsewhere_s", "moves",
        )
    }  # fmt: skip
    clock = answer.prepared.clock
    for (case, variant), days in answer.days.items():
        for k, day in enumerate(days):
            calls, response, late, busy, duty = (getattr(day, name) for name in _COLUMNS)
            moved = np.bincount(day.moves[:, 0], minlength=len(calls))
            for hour in range(len(calls)):
                elsewhere, near = (day.near_transports[row, hour] for row in (0, 1))
                rows["case"].append(case)
                rows["variant"].append(variant)
                rows["replication"].append(k)
                rows["hour"].append(hour)
                rows["time"].append(clock.at(3600.0 * hour).isoformat())
                rows["calls"].append(float(calls[hour]))
                rows["mean_response_s"].append(_over(response[hour], calls[hour]))
                rows["late"].append(float(late[hour]))
                rows["busy_share"].append(_over(busy[hour], duty[hour]))
                rows["transports_near"].append(float(near))
                rows["mean_transport_near_s"].append(_over(day.near_transport_s[1, hour], near))
                rows["transports_elsewhere"].append(float(elsewhere))
                rows["mean_transport_elsewhere_s"].append(_over(day.near_transport_s[0, hour], elsewhere))
                rows["moves"].append(int(moved[hour]))
    return rows


def _over(total: float, count: float) -> float | None:
    return float(total / count) if count > 0 else None
