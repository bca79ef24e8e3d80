"""What can be wrong with the tables of policies that review where units stand, in words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def faults_of_list(order: NDArray[np.int64]) -> list[str]:
    """Faults of a priority list, shape (places,): places count from 1."""
    if order.ndim != 1 or order.size == 0:
        return ["priority_list names no stations"]
    if not np.issubdtype(order.dtype, np.integer):
        return ["priority_list does not hold whole numbers"]
    return [f"place {place + 1} of priority_list is {order[place]}" for place in np.flatnonzero(order < 0)]


def faults_of_compliance(wanted: NDArray[np.int64]) -> list[str]:
    """Faults of a compliance table, shape (rows, stations): rows count from 1, as in a file."""
    if wanted.ndim != 2 or wanted.size == 0:
        return ["comp_table has no rows or no stations"]
    if not np.issubdtype(wanted.dtype, np.integer):
        return ["comp_table does not hold whole numbers"]
    faults = [f"row {row + 1} of comp_table has a number below 0" for row in np.flatnonzero((wanted < 0).any(axis=1))]
    if faults:
        return faults
    counts = wanted.sum(axis=1)
    faults = [f"row {row + 1} of comp_table wants no unit" for row in np.flatnonzero(counts == 0)]
    there = set(counts.tolist())
    gaps = [k for k in range(1, min(int(counts.max()), len(counts)) + 1) if k not in there]
    if gaps:
        faults.append(f"comp_table has no row for {_listed(gaps)} units")
    return faults


def faults_of_slots(benefit: NDArray[np.float64]) -> list[str]:
    """Faults of marginal benefits, shape (stations, slots), NaN where a station has no such slot."""
    if benefit.ndim != 2 or benefit.size == 0 or np.isnan(benefit).all():
        return ["slot_benefit has no slots"]
    faults = []
    for station, row in enumerate(benefit):
        there = ~np.isnan(row)
        last = int(there.sum())
        if not there[:last].all():
            faults.append(f"the slots of station {station + 1} have a gap")
        elif np.isinf(row[:last]).any():
            faults.append(f"a slot of station {station + 1} has an infinite benefit")
        elif (np.diff(row[:last]) > 0).any():
            slot = int(np.argmax(np.diff(row[:last]) > 0)) + 2
            faults.append(
                f"the benefits of station {station + 1} do not decrease: slot {slot} is worth {row[slot - 1]:g}, "
                f"the one before it {row[slot - 2]:g}"
            )
    return faults


def misfits(
    comp_table: NDArray[np.int64],
    comp_first: NDArray[np.int64],
    slot_benefit: NDArray[np.float64],
    n_units: int,
    n_stations: int,
) -> list[str]:
    """What keeps those of the tables that are not empty from serving so many units and stations."""
    faults = [
        f"{name} is for {given} stations and the city has {n_stations}"
        for name, table, given in (
            ("comp_table", comp_table, comp_table.shape[1]),
            ("slot_benefit", slot_benefit, slot_benefit.shape[0]),
        )
        if table.size and given != n_stations
    ]
    if comp_table.size:
        rows = np.diff(comp_first)
        missing = [k for k in range(1, n_units + 1) if k >= len(rows) or rows[k] == 0]
        if missing:
            faults.append(f"comp_table has no row for {_listed(missing)} units")
    slots = int((~np.isnan(slot_benefit)).sum())
    if slot_benefit.size and slots < n_units:
        faults.append(f"the stations have {slots} slots and there are {n_units} units")
    return faults


def _listed(numbers: list[int]) -> str:
    """The first ten of some numbers, and how many more there are."""
    more = f" and {len(numbers) - 10} more" if len(numbers) > 10 else ""
    return ", ".join(map(str, numbers[:10])) + more
