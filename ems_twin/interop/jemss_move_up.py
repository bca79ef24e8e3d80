"""Read what a JEMSS model's move-up module needs: compliance tables, a priority list, or Zhang's parameters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .jemss_columns import Columns
from .jemss_config import JemssConfig
from .jemss_faults import Faults
from .jemss_model import Ambulances, MoveUp, Places, ZhangParameters
from .jemss_tables import need_table, read_tables


def read_move_up(config: JemssConfig, ambulances: Ambulances, stations: Places) -> MoveUp:
    """Read the module that the configuration names, and the file it names for it."""
    module, path = config.module, config.module_file
    n_units, n_stations = len(ambulances.station), len(stations.x)
    if module == "dmexclp":
        return MoveUp(module, busy_fraction=config.busy_fraction)
    if module == "ddsm":
        return MoveUp(module, ddsm=config.ddsm)
    if path is None:
        return MoveUp(module)
    if module == "comp_table":
        return MoveUp(module, comp_table=read_comp_table(path, n_units, n_stations))
    if module == "multi_comp_table":
        return MoveUp(module, multi_comp_table=read_multi_comp_table(path, n_units, n_stations))
    if module == "priority_list":
        return MoveUp(module, priority_list=read_priority_list(path, n_units, n_stations))
    return MoveUp(module, zhang=read_zhang(path, stations))


def read_comp_table(path: Path, n_units: int, n_stations: int) -> NDArray[np.int32]:
    """Read table ``compTable``: units wanted at each station (column) for k movable units (row k - 1)."""
    faults = Faults()
    columns = Columns(need_table(read_tables(path), "compTable", path), faults)
    count, wanted = _compliance_rows(columns, n_stations)
    for row, k in enumerate(count):
        if k > 0 and k in count[:row]:
            columns.fault(f"there are two rows for {k} units", row, "numAmbs", "Keep one of them.")
    _check_counts(columns, count, n_units)
    faults.raise_if_any()
    return wanted[np.argsort(count)].astype(np.int32)


def read_multi_comp_table(path: Path, n_units: int, n_stations: int) -> tuple[NDArray[np.int32], ...]:
    """Read tables ``miscData`` and ``multiCompTable``: entry k - 1 has the rows for k movable units."""
    faults = Faults()
    tables = read_tables(path)
    misc = Columns(need_table(tables, "miscData", path), faults)
    misc.one_row()
    for name, there in (("numAmbs", n_units), ("numStations", n_stations)):
        for row in np.flatnonzero(misc.ints(name) != there):
            misc.fault(f"the model has {there}", int(row), name, "Correct the number, or take another file.")
    columns = Columns(need_table(tables, "multiCompTable", path), faults)
    count, wanted = _compliance_rows(columns, n_stations)
    _check_counts(columns, count, n_units)
    faults.raise_if_any()
    return tuple(wanted[count == k].astype(np.int32) for k in range(1, int(count.max()) + 1))


def _compliance_rows(columns: Columns, n_stations: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Column ``numAmbs`` and the station columns, shape (row, station); a row must add up to its count."""
    columns.at_least(1)
    count = columns.ints("numAmbs", low=1, high=2**31 - 1)
    wanted = np.column_stack([columns.ints(f"station_{s}", low=0, high=2**31 - 1) for s in range(1, n_stations + 1)])
    if f"station_{n_stations + 1}" in columns.table:
        columns.fault(
            f"the model has {n_stations} stations", column=f"station_{n_stations + 1}", remedy="Remove the column."
        )
    for row in np.flatnonzero((wanted.sum(axis=1) != count) & (count > 0)):
        columns.fault(
            f"the stations add up to {wanted[row].sum()}, not to {count[row]}", int(row), "numAmbs", "Correct the row."
        )
    return count, wanted


def _check_counts(columns: Columns, count: NDArray[np.int64], n_units: int) -> None:
    """Rows for every number of movable units there can be."""
    there = set(count.tolist())
    highest = max(n_units, max(there, default=0) if max(there, default=0) <= 10 * len(count) else 0)
    missing = [k for k in range(1, highest + 1) if k not in there]
    if missing:
        shown = ", ".join(map(str, missing[:10])) + (f" and {len(missing) - 10} more" if len(missing) > 10 else "")
        columns.fault(f"there is no row for {shown} units", column="numAmbs", remedy="Give rows for 1 to all units.")


def read_priority_list(path: Path, n_units: int, n_stations: int) -> NDArray[np.int32]:
    """Read table ``priorityList``: a station for each ambulance, most wanted first; stations from 0."""
    faults = Faults()
    columns = Columns(need_table(read_tables(path), "priorityList", path), faults)
    columns.index(columns.pick("item", "numAmbs"))
    station = columns.ints("stationIndex", low=1, high=n_stations)
    if len(station) != n_units:
        columns.fault(
            f"has {len(station)} items and the model {n_units} ambulances", remedy="Give one item an ambulance."
        )
    faults.raise_if_any()
    return (station - 1).astype(np.int32)


def read_zhang(path: Path, stations: Places) -> ZhangParameters:
    """Read tables ``miscParams``, ``stationCapacities`` and ``stationMarginalBenefits``."""
    faults = Faults()
    tables = read_tables(path)
    misc = Columns(need_table(tables, "miscParams", path), faults)
    misc.one_row()
    handover = misc.pick("expectedHospitalHandoverDuration", "expectedHospitalTransferDuration")
    names = ("travelTimeCost", "onRoadMoveUpDiscountFactor", "regretTravelTimeThreshold", handover)
    params = [misc.floats(name, at_least=0) for name in names]
    n = len(stations.x)
    slots = Columns(need_table(tables, "stationCapacities", path), faults)
    slots.index("stationIndex")
    capacity = slots.ints("capacity", low=0, high=100_000)
    gains = Columns(need_table(tables, "stationMarginalBenefits", path), faults)
    gains.index("stationIndex")
    for columns in (slots, gains):
        if columns.table.n_rows != n:
            columns.fault(
                f"has {columns.table.n_rows} rows and the model {n} stations", remedy="Give one row a station."
            )
    faults.raise_if_any()
    for row in np.flatnonzero(capacity > stations.capacity):
        slots.fault(
            f"{capacity[row]} is more than the {stations.capacity[row]} of the stations file",
            int(row),
            "capacity",
            "Lower it, or raise the station's capacity.",
        )
    benefit = np.full((n, int(capacity.max(initial=0))), np.nan)
    for slot in range(benefit.shape[1]):
        name = f"slot_{slot + 1}"
        values = gains.floats(name, blank=np.nan)
        held = capacity > slot
        for row in np.flatnonzero(held & np.isnan(values)) if name in gains.table else ():
            gains.fault("the slot's benefit is missing", int(row), name, "Give it, or lower the capacity.")
        benefit[held, slot] = values[held]
    faults.raise_if_any()
    cost, discount, threshold, expected = (float(values[0]) for values in params)
    return ZhangParameters(cost, discount, threshold, expected, capacity.astype(np.int32), benefit)
