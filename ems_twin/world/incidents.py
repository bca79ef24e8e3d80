"""From drawn calls to the rows of the call table: one row for each unit that a call may need."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .schema import CALL, TRANSPORT_SKILL, CallStatus, Role


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
    rows["n_units"] = 1
    return rows
