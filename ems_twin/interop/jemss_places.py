"""Read stations, hospitals, ambulances and calls of a JEMSS model.

A reader is given what its file refers to, or None where that could not be read: then the file is checked as far as
it goes without. Nearest nodes are filled in by :mod:`.jemss_read`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .jemss_columns import Columns
from .jemss_faults import Faults
from .jemss_model import N_PRIORITIES, Ambulances, Calls, MapBox, Places
from .jemss_network import check_inside
from .jemss_tables import need_table, read_tables


def read_stations(path: Path, box: MapBox | None) -> Places:
    """Read table ``stations``; nearest nodes are still -1."""
    faults = Faults()
    columns = Columns(need_table(read_tables(path), "stations", path), faults)
    places = _places(columns, columns.ints("capacity", low=0, high=2**31 - 1), box)
    faults.raise_if_any()
    return places


def read_hospitals(path: Path, box: MapBox | None) -> Places:
    """Read table ``hospitals``; nearest nodes are still -1."""
    faults = Faults()
    columns = Columns(need_table(read_tables(path), "hospitals", path), faults)
    places = _places(columns, np.zeros(columns.table.n_rows, dtype=np.int64), box)
    faults.raise_if_any()
    return places


def _places(columns: Columns, capacity: NDArray[np.int64], box: MapBox | None) -> Places:
    columns.at_least(1)
    columns.index()
    n = columns.table.n_rows
    x, y = columns.floats("x"), columns.floats("y")
    check_inside(columns, x, y, box)
    return Places(
        x,
        y,
        capacity.astype(np.int32),
        np.full(n, -1, dtype=np.int32),
        np.full(n, np.nan),
        columns.attributes(),
    )


def read_ambulances(path: Path, stations: Places | None) -> Ambulances:
    """Read table ``ambulances``, whose stations must exist if they are known."""
    faults = Faults()
    columns = Columns(need_table(read_tables(path), "ambulances", path), faults)
    columns.at_least(1)
    columns.index()
    station = columns.ints("stationIndex", low=1, high=2**31 - 1)
    _check_exists(columns, station, "stationIndex", "station", stations)
    ambulances = Ambulances(
        (station - 1).astype(np.int32),
        columns.ints("class", low=1, high=2).astype(np.uint8),
        columns.attributes(),
    )
    faults.raise_if_any()
    return ambulances


def _check_exists(columns: Columns, index: NDArray[np.int64], column: str, what: str, places: Places | None) -> None:
    if places is None:
        return
    there = len(places.x)
    for row in np.flatnonzero(index > there):
        columns.fault(
            f"there is no {what} {index[row]}, only {there}", int(row), column, f"Give the index of a {what}."
        )


def read_calls(path: Path, box: MapBox | None, hospitals: Places | None) -> Calls:
    """Read tables ``miscData`` and ``calls``; nearest nodes are still -1.

    Points are compared with the map and hospitals with the list of them, if these are known.
    """
    faults = Faults()
    tables = read_tables(path)
    misc = Columns(need_table(tables, "miscData", path), faults)
    misc.one_row()
    start = misc.floats("startTime", above=-1)
    columns = Columns(need_table(tables, "calls", path), faults)
    columns.at_least(1)
    columns.index()
    n = columns.table.n_rows
    transport = columns.bools(columns.pick("transport", "transfer"))
    hospital = columns.ints("hospitalIndex", low=-1, high=2**31 - 1)
    for row in np.flatnonzero((hospital == 0) & _readable(columns, "hospitalIndex")):
        columns.fault("there is no hospital 0", int(row), "hospitalIndex", "Give its index, or -1 for the nearest.")
    _check_exists(columns, hospital, "hospitalIndex", "hospital", hospitals)
    handover = columns.floats(columns.pick("handoverDuration", "transferDuration"), at_least=0)
    x, y = columns.floats("x"), columns.floats("y")
    check_inside(columns, x, y, box)
    calls = Calls(
        start_days=float(start[0]) if len(start) else 0.0,
        priority=columns.ints("priority", low=1, high=N_PRIORITIES).astype(np.uint8),
        x=x,
        y=y,
        arrival_days=columns.floats("arrivalTime", at_least=0),
        dispatch_delay_days=columns.floats("dispatchDelay", at_least=0),
        on_scene_days=columns.floats("onSceneDuration", at_least=0),
        transport=transport,
        hospital=np.where(hospital > 0, hospital - 1, -1).astype(np.int32),
        handover_days=np.where(transport, handover, 0.0),
        node=np.full(n, -1, dtype=np.int32),
        node_km=np.full(n, np.nan),
        attributes=columns.attributes(),
    )
    _check_order(columns, calls)
    faults.raise_if_any()
    return calls


def _readable(columns: Columns, name: str) -> NDArray[np.bool_]:
    """Rows whose cell says 0, and not something unreadable that 0 stands in for."""
    if name not in columns.table:
        return np.zeros(columns.table.n_rows, dtype=np.bool_)
    return np.array([cell.strip("0.") == "" and cell != "" for cell in columns.table.cells(name)], dtype=np.bool_)


def _check_order(columns: Columns, calls: Calls) -> None:
    arrival = calls.arrival_days
    for row in np.flatnonzero(arrival[1:] < arrival[:-1]) + 1:
        columns.fault(
            f"arrives at {arrival[row]:g}, before the call above it", int(row), "arrivalTime", "Sort the calls by time."
        )
    if len(arrival) and arrival[0] < calls.start_days:
        columns.fault(
            f"arrives at {arrival[0]:g}, before the start at {calls.start_days:g}",
            0,
            "arrivalTime",
            "Remove the calls before startTime, or start earlier.",
        )
    together = np.flatnonzero(arrival[1:] == arrival[:-1]) + 1
    if len(together) and not (calls.dispatch_delay_days > 0).all():
        columns.fault(
            "arrives together with the call above it, and some call has no dispatch delay",
            int(together[0]),
            "arrivalTime",
            "Part the two, or give every call a dispatch delay above 0.",
        )
