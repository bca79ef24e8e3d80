"""Write the result of a run as JEMSS writes it: ``calls``, ``ambulances``, ``hospitals`` and ``events.csv``.

Input columns come from the model. Result columns are handed in under JEMSS's names, with the values that are to
stand in the file: days, kilometres, indices from 1, and -1 for none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .jemss_checksum import crc32c
from .jemss_grammar import EVENT_NAMES
from .jemss_model import JemssModel

Column: TypeAlias = Sequence[str] | NDArray[Any]
"""Values of one column, text or numbers."""

CALL_RESULTS = (
    "dispatchTime",
    "ambArrivalTime",
    "hospitalArrivalTime",
    "numBumps",
    "wasQueued",
    "ambDispatchLoc.x",
    "ambDispatchLoc.y",
    "ambStatusBeforeDispatch",
    "chosenHospitalIndex",
    "queuedDuration",
    "bumpedDuration",
    "waitingForAmbDuration",
    "responseDuration",
    "ambGoingToCallDuration",
    "transportDuration",
    "serviceDuration",
)
"""Result columns of ``calls.csv``, in the order of the file."""

AMBULANCE_STATUSES = (
    "ambSleeping",
    "ambIdleAtStation",
    "ambMobilising",
    "ambGoingToCall",
    "ambAtCall",
    "ambGoingToHospital",
    "ambAtHospital",
    "ambFreeAfterCall",
    "ambReturningToStation",
    "ambMovingUpToStation",
)
"""What an ambulance can be doing."""
_SETS = ("ambWorking", "ambBusy", "ambFree", "ambTravelling", "ambGoingToStation")
_TRAVELLING = ("ambMovingUpToStation", "ambGoingToHospital", "ambGoingToCall", "ambReturningToStation")

AMBULANCE_RESULTS = (
    "numCallsTreated",
    "numCallsTransported",
    "numDispatches",
    "numDispatchesFromStation",
    "numDispatchesWhileMobilising",
    "numDispatchesOnRoad",
    "numDispatchesOnFree",
    "numRedispatches",
    "numMoveUps",
    "numMoveUpsFromStation",
    "numMoveUpsOnRoad",
    "numMoveUpsOnFree",
    "numMoveUpsReturnToPrevStation",
    *(f"statusDurations_{status}" for status in (*AMBULANCE_STATUSES, *_SETS)),
    *(f"statusDistances_{status}" for status in (*_TRAVELLING, *_SETS)),
)
"""Result columns of ``ambulances.csv``, in the order of the file; its ``stationIndex`` is handed in as well."""

EVENT_COLUMNS = ("parentIndex", "time", "eventKey", "ambIndex", "callIndex", "stationIndex")
"""Columns of ``events.csv`` after ``index``, in the order of the file."""


def write_calls(model: JemssModel, rows: Mapping[str, ArrayLike], path: Path) -> None:
    """Write ``calls.csv``.

    Parameters
    ----------
    model
        Model that was run.
    rows
        The columns :data:`CALL_RESULTS`, a value for each call.
    path
        File to write.

    Raises
    ------
    ValueError
        If a column is missing or unknown, has the wrong length, or holds a number that is not finite.
    """
    calls = model.calls
    n = len(calls.x)
    results = _checked(rows, CALL_RESULTS, n)
    columns: dict[str, Column] = {
        "index": np.arange(1, n + 1),
        "priority": calls.priority,
        "x": calls.x,
        "y": calls.y,
        "arrivalTime": calls.arrival_days,
        "dispatchDelay": calls.dispatch_delay_days,
        "onSceneDuration": calls.on_scene_days,
        "transport": calls.transport,
        "hospitalIndex": np.where(calls.hospital >= 0, calls.hospital + 1, -1),
        "handoverDuration": calls.handover_days,
        "attributes": calls.attributes,
        **results,
    }
    start = _table("miscData", {"startTime": np.array([calls.start_days])})
    _write(path, start + _table("calls", columns))


def write_ambulances(model: JemssModel, rows: Mapping[str, ArrayLike], path: Path) -> None:
    """Write ``ambulances.csv``; ``rows`` holds ``stationIndex`` (the last station) and :data:`AMBULANCE_RESULTS`.

    Raises as :func:`write_calls` does.
    """
    ambulances = model.ambulances
    n = len(ambulances.station)
    results = _checked(rows, ("stationIndex", *AMBULANCE_RESULTS), n)
    columns: dict[str, Column] = {
        "index": np.arange(1, n + 1),
        "stationIndex": results.pop("stationIndex"),
        "class": ambulances.ambulance_class,
        "attributes": ambulances.attributes,
        **results,
    }
    _write(path, _table("ambulances", columns))


def write_hospitals(model: JemssModel, rows: Mapping[str, ArrayLike], path: Path) -> None:
    """Write ``hospitals.csv``; ``rows`` holds ``numCalls``, the patients brought.

    Raises as :func:`write_calls` does.
    """
    hospitals = model.hospitals
    n = len(hospitals.x)
    results = _checked(rows, ("numCalls",), n)
    columns: dict[str, Column] = {
        "index": np.arange(1, n + 1),
        "x": hospitals.x,
        "y": hospitals.y,
        "attributes": hospitals.attributes,
        **results,
    }
    _write(path, _table("hospitals", columns))


def write_events(model: JemssModel, rows: Mapping[str, ArrayLike], path: Path) -> None:
    """Write ``events.csv`` with the checksums of the model's files; times are rounded to 1e-5 days, as JEMSS does.

    Parameters
    ----------
    model
        Model that was run. If its configuration has an ``eventsFileFilter``, only those events are written; the
        others keep their numbers.
    rows
        The columns :data:`EVENT_COLUMNS`, a value for each event in the order of JEMSS.
    path
        File to write.

    Raises
    ------
    OSError
        If an input file of the model cannot be read any more.
    ValueError
        As :func:`write_calls` does.
    """
    events = _checked(rows, EVENT_COLUMNS, len(np.asarray(rows.get("eventKey", ()))))
    wanted = model.config.events_filter
    written = np.array([wanted is None or name in wanted for name in EVENT_NAMES])
    files = sorted(model.config.sim_files.items())
    sums = _table(
        "inputFiles",
        {"name": [name for name, _ in files], "checksum": [f"'{crc32c(file.read_bytes())}'" for _, file in files]},
    )
    names = _table("eventDict", {"key": np.arange(len(EVENT_NAMES)), "name": EVENT_NAMES, "filter": written})
    columns = (np.asarray(events[name]).tolist() for name in EVENT_COLUMNS)
    lines = [
        f"{index},{parent},{days:.5f},{key},{unit},{call},{station},\r\n"
        for index, (parent, days, key, unit, call, station) in enumerate(zip(*columns, strict=True), start=1)
        if written[key]
    ]
    _write(path, f"{sums}{names}events,\r\nindex,{','.join(EVENT_COLUMNS)},\r\n{''.join(lines)}end,\r\n")


def _checked(rows: Mapping[str, ArrayLike], names: Sequence[str], n: int) -> dict[str, NDArray[Any]]:
    """Columns in the order of the file."""
    missing, unknown = sorted(set(names) - set(rows)), sorted(set(rows) - set(names))
    if missing or unknown:
        raise ValueError(f"missing columns: {missing}; unknown columns: {unknown}")
    columns = {name: np.asarray(rows[name]) for name in names}
    for name, values in columns.items():
        if values.shape != (n,):
            raise ValueError(f"column '{name}' has shape {values.shape} instead of ({n},)")
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise ValueError(f"column '{name}' holds a number that is not finite; JEMSS writes -1 for none")
    return columns


def _table(name: str, columns: Mapping[str, Column]) -> str:
    """Text of a table in JEMSS's dialect: only the lines it adds itself end in a comma and CR LF."""
    rows = zip(*(_texts(values) for values in columns.values()), strict=True)
    body = "".join(f"{','.join(row)}\n" for row in rows)
    return f"{name},,,\r\n{','.join(columns)},\r\n{body},\r\n"


def _texts(values: Column) -> list[str]:
    """Shortest texts that read back as the same values; booleans as 0 and 1, as JEMSS has them."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "b":
        return ["1" if value else "0" for value in values]
    if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
        return [repr(value) for value in values.tolist()]
    return [_quoted(str(value)) for value in values]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"\r\n') else text


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
