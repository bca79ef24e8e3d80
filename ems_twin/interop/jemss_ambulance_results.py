"""What each ambulance did, in JEMSS's columns and units: counts, days and kilometres."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .jemss_history import (
    AT_CALL,
    AT_HOSPITAL,
    FREE,
    GOING_TO_CALL,
    GOING_TO_HOSPITAL,
    IDLE,
    MOBILISING,
    MOVING_UP,
    RETURNING,
    TRAVELLING,
    JemssHistory,
)
from .jemss_write import AMBULANCE_STATUSES

_SETS = {
    "ambWorking": tuple(range(1, len(AMBULANCE_STATUSES))),  # all but asleep
    "ambBusy": (MOBILISING, GOING_TO_CALL, AT_CALL, GOING_TO_HOSPITAL, AT_HOSPITAL),
    "ambFree": (IDLE, FREE, RETURNING, MOVING_UP),
    "ambTravelling": TRAVELLING,
    "ambGoingToStation": (RETURNING, MOVING_UP),
}
_ON_ROAD = (GOING_TO_CALL, RETURNING, MOVING_UP)
_LOSES_CALL = (MOBILISING, GOING_TO_CALL)


def ambulance_results(history: JemssHistory) -> dict[str, Any]:
    """Result columns of ``ambulances.csv`` of a run, ``stationIndex`` included."""
    spells, dispatches, moves = history.spells, history.dispatches, history.moves
    return {
        "stationIndex": history.station + 1,
        "numCallsTreated": _count(history, spells, AT_CALL),
        "numCallsTransported": _count(history, spells, AT_HOSPITAL),
        "numDispatches": _count(history, dispatches, IDLE, MOBILISING, *_ON_ROAD, FREE),
        "numDispatchesFromStation": _count(history, dispatches, IDLE),
        "numDispatchesWhileMobilising": _count(history, dispatches, MOBILISING),
        "numDispatchesOnRoad": _count(history, dispatches, *_ON_ROAD),
        "numDispatchesOnFree": _count(history, dispatches, FREE),
        "numRedispatches": _count(history, dispatches, *_LOSES_CALL),
        "numMoveUps": _count(history, moves, IDLE, RETURNING, MOVING_UP, FREE),
        "numMoveUpsFromStation": _count(history, moves, IDLE),
        "numMoveUpsOnRoad": _count(history, moves, RETURNING, MOVING_UP),
        "numMoveUpsOnFree": _count(history, moves, FREE),
        "numMoveUpsReturnToPrevStation": _count(history, moves[moves["back"]], MOVING_UP),
        **_by_status("statusDurations", history, spells["to_days"] - spells["from_days"], AMBULANCE_STATUSES),
        **_by_status("statusDistances", history, spells["km"], [AMBULANCE_STATUSES[i] for i in TRAVELLING]),
    }


def _count(history: JemssHistory, rows: NDArray[np.void], *statuses: int) -> NDArray[np.int64]:
    """Number of rows by unit that have one of the states."""
    of_them = rows[np.isin(rows["status"], statuses)]
    return np.bincount(of_them["unit"], minlength=len(history.station))


def _by_status(
    title: str, history: JemssHistory, amount: NDArray[np.float64], names: list[str] | tuple[str, ...]
) -> dict[str, NDArray[np.float64]]:
    """Sums of an amount over spells by unit: columns of the named states, then of JEMSS's sets of states."""
    total = np.zeros((len(history.station), len(AMBULANCE_STATUSES)))
    np.add.at(total, (history.spells["unit"], history.spells["status"]), amount)
    columns = {f"{title}_{name}": total[:, AMBULANCE_STATUSES.index(name)] for name in names}
    return columns | {f"{title}_{name}": total[:, list(members)].sum(axis=1) for name, members in _SETS.items()}
