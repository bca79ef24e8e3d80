"""From drawn calls to the rows of the call table, one for each unit that a call may need, and back."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from .schema import CALL, TRANSPORT_SKILL, CallStatus, Role

_GOLDEN = 0.6180339887498949  # the golden ratio's fraction: k times it, modulo 1, is far from all before


def incident_rows(calls: NDArray[np.void], *, carried_always: bool) -> NDArray[np.void]:
    """Rows of :data:`~ems_twin.world.CALL` for drawn calls, none of which has been received yet.

    A call has its own row, FIRST, then a row ASSIST for each further unit it asks for, then, if its patient goes to
    hospital and a unit might come that cannot take him, a row TRANSPORT that sleeps until it is asked for. Rows of one
    call stand one after the other.

    Parameters
    ----------
    calls
        :data:`~ems_twin.demand.CALL_DRAW` rows in order of time.
    carried_always
        Whether every unit of the fleet can take patients to hospital.

    Returns
    -------
    CALL[rows]
    """
    carried = (calls["transport"] > 0) & (calls["refused"] == 0)
    n_assist = np.maximum(calls["n_units"].astype(np.int64), 1) - 1
    n_backup = np.where(carried & (not carried_always), 1, 0)
    n_rows = 1 + n_assist + n_backup
    source = np.repeat(np.arange(len(calls)), n_rows)
    first = np.cumsum(n_rows) - n_rows
    rows = np.zeros(len(source), CALL)
    for name in calls.dtype.names or ():
        rows[name] = calls[name][source]
    for name in CALL.names or ():
        if name.startswith("t_") and name != "t_received":
            rows[name] = np.nan
    rows["transport"] = carried[source]
    rows["status"] = CallStatus.EXPECTED
    rows["unit"] = rows["hospital"] = rows["hospital_wanted"] = -1
    rows["incident"] = first[source]
    rows["n_rows"] = n_rows[source]
    rows["first_priority"] = rows["priority"]
    place = np.arange(len(source)) - rows["incident"]
    backup = (place > 0) & (place == n_rows[source] - 1) & (n_backup[source] > 0)
    rows["role"] = np.where(place == 0, Role.FIRST, np.where(backup, Role.TRANSPORT, Role.ASSIST))
    rows["needs"][place > 0] = 0
    rows["needs"][backup] = TRANSPORT_SKILL
    assist = rows["role"] == Role.ASSIST
    rows["transport"][assist] = 0
    # one more unit meets its own luck: uniform again, and not the first unit's
    for name in ("u_travel", "u_transport"):
        rows[name] = np.where(rows[name] > 0, (rows[name] + place * _GOLDEN) % 1.0, 0.0)
    rows["n_units"] = 1
    return rows


class Disposition(IntEnum):
    """How a call ended (after NEMSIS eDisposition)."""

    OPEN = 0  # not yet
    TRANSPORTED = 1  # patient taken to hospital
    RELEASED = 2  # treated and released on scene
    NO_TREATMENT = 3  # nobody found, or care refused
    CANCELLED = 4  # called off after a unit was asked for
    HUNG_UP = 5  # called off while the call was being taken
    HANDED_OVER = 6  # to a neighbouring service


def calls_of(rows: NDArray[np.void]) -> NDArray[np.void]:
    """One row a call, from the call table's one row a response; the very same array if no call has several.

    A call's row tells of the response that reached the scene first (``unit`` and the times up to ``t_on_scene``) and of
    the one that took the patient (``hospital`` and the times from ``t_left_scene``); ``t_ended`` is when the last ended.
    """
    if not (rows["n_rows"] > 1).any():
        return rows
    first = np.flatnonzero(rows["role"] == Role.FIRST)
    calls = rows[first].copy()
    call_of = np.repeat(np.arange(len(first)), calls["n_rows"])
    came = np.where(np.isnan(rows["t_on_scene"]), np.inf, rows["t_on_scene"])
    quickest = rows[np.lexsort((came, call_of))[first]]  # sorted within each call, so its first row stays the first
    for name in ("unit", "t_notified", "t_en_route", "t_on_scene", "status"):
        calls[name] = quickest[name]
    carried = np.flatnonzero(rows["hospital"] >= 0)
    for name in ("hospital", "t_left_scene", "t_at_hospital", "t_bay", "t_transfer"):
        calls[name][call_of[carried]] = rows[name][carried]
    calls["t_ended"] = np.fmax.reduceat(rows["t_ended"], first)
    return calls


def disposition(calls: NDArray[np.void]) -> NDArray[np.uint8]:
    """:class:`Disposition` of each call of :func:`calls_of`, shape (calls,)."""
    ended = ~np.isnan(calls["t_ended"])
    seen = ~np.isnan(calls["t_on_scene"])
    handed = calls["status"] == CallStatus.HANDED_OVER
    how = np.select(
        [
            ~ended,
            seen & (calls["hospital"] >= 0),
            seen & (calls["refused"] > 0),
            seen,
            handed,
            np.isnan(calls["t_needed"]),
        ],
        [
            Disposition.OPEN,
            Disposition.TRANSPORTED,
            Disposition.NO_TREATMENT,
            Disposition.RELEASED,
            Disposition.HANDED_OVER,
            Disposition.HUNG_UP,
        ],
        Disposition.CANCELLED,
    )
    return how.astype(np.uint8)
