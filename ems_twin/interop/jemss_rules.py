"""Read the rules of a JEMSS model: priorities, travel modes, redispatch, mobilisation delay, periods of statistics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .jemss_columns import Columns
from .jemss_faults import Faults
from .jemss_grammar import PRIORITY_NAMES
from .jemss_model import N_PRIORITIES, Mobilisation, Priorities, StatsControl, Travel
from .jemss_tables import need_table, read_tables


def read_priorities(path: Path) -> Priorities:
    """Read table ``priorities``: a row for each of JEMSS's three, in order."""
    faults = Faults()
    columns = Columns(need_table(read_tables(path), "priorities", path), faults)
    n = columns.table.n_rows
    if n != N_PRIORITIES:
        columns.fault(f"has {n} rows", remedy=f"Give the rows {', '.join(PRIORITY_NAMES)}, in this order.")
    columns.index("priority")
    named = columns.priorities("name")
    for row in np.flatnonzero((named != 0) & (named != np.arange(1, n + 1))):
        columns.fault(
            f"'{PRIORITY_NAMES[named[row] - 1]}' is priority {named[row]}", int(row), "name", "Put the rows in order."
        )
    target = columns.floats(columns.pick("targetResponseDuration", "targetResponseTime"), above=0)
    own = np.arange(1, n + 1, dtype=np.uint8)
    travel = columns.priorities("responseTravelPriority") if "responseTravelPriority" in columns.table else own
    faults.raise_if_any()
    return Priorities(PRIORITY_NAMES, target, travel)


def read_timing(columns: Columns, set_column: str, n_sets: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Read start times and the sets (rows from 0) that hold from then on; every set must be used.

    JEMSS has two such tables, one for travel and one for demand.
    """
    columns.at_least(1)
    start = columns.floats("startTime", above=-1)
    sets = columns.ints(set_column, low=1, high=n_sets)
    for row in np.flatnonzero(start[1:] <= start[:-1]) + 1:
        columns.fault(
            f"{start[row]:g} is not after the row above it", int(row), "startTime", "Put the times in rising order."
        )
    for unused in sorted(set(range(1, n_sets + 1)) - set(sets.tolist())):
        columns.fault(f"set {unused} is never used", column=set_column, remedy="Give it a time, or remove the set.")
    return start, (sets - 1).astype(np.int32)


def read_travel(path: Path) -> Travel:
    """Read tables ``travelModes``, ``travelSets`` and ``travelSetsTiming``."""
    faults = Faults()
    tables = read_tables(path)
    modes = Columns(need_table(tables, "travelModes", path), faults)
    modes.at_least(1)
    modes.index("travelModeIndex")
    off_road = modes.floats("offRoadSpeed", above=0)
    n_modes = len(off_road)
    sets = Columns(need_table(tables, "travelSets", path), faults)
    sets.at_least(1)
    n_sets = max(sets.table.n_rows, 1)  # a table has at least one row a set
    at = sets.ints("travelSetIndex", low=1, high=n_sets)
    n_sets = int(at.clip(1, n_sets).max(initial=1))
    priority = sets.priorities("priority")
    mode = sets.ints("travelModeIndex", low=1, high=n_modes)
    set_mode = np.full((n_sets, N_PRIORITIES), -1, dtype=np.int32)
    for row in np.flatnonzero((at >= 1) & (at <= n_sets) & (priority > 0)):
        place = int(at[row]) - 1, int(priority[row]) - 1
        if set_mode[place] != -1:
            name = PRIORITY_NAMES[place[1]]
            sets.fault(f"set {at[row]} already has a mode for {name}", int(row), "priority", "Keep one of the rows.")
        set_mode[place] = mode[row] - 1
    _check_sets(sets, set_mode, "travelSetIndex", "travel")
    for unused in sorted(set(range(1, n_modes + 1)) - set(mode.tolist())):
        sets.fault(
            f"travel mode {unused} is in no set",
            column="travelModeIndex",
            remedy="Use it in a set, or remove the mode.",
        )
    timing = Columns(need_table(tables, "travelSetsTiming", path), faults)
    start, timing_set = read_timing(timing, "travelSetIndex", n_sets)
    faults.raise_if_any()
    return Travel(off_road, set_mode, start, timing_set)


def _check_sets(sets: Columns, set_mode: NDArray[np.int32], column: str, kind: str) -> None:
    for at, priority in np.argwhere(set_mode == -1):
        sets.fault(
            f"{kind} set {at + 1} has no mode for {PRIORITY_NAMES[priority]}", column=column, remedy="Add the row."
        )


def read_redispatch(path: Path | None) -> NDArray[np.bool_]:
    """Read which call may lose its unit to which, shape (from, to); without a file, JEMSS's defaults.

    Raises
    ------
    JemssError
        Among other things if the pairs go round in a circle: a unit could be taken to and fro for ever.
    """
    allowed = np.zeros((N_PRIORITIES, N_PRIORITIES), dtype=np.bool_)
    if path is None:
        allowed[1:, 0] = True  # low to high and medium to high
        return allowed
    faults = Faults()
    tables = read_tables(path)
    misc = Columns(need_table(tables, "miscData", path), faults)
    misc.one_row()
    switch = misc.bools("allowRedispatch")
    columns = Columns(need_table(tables, "redispatchConditions", path), faults)
    lost, won = (columns.priorities(name) for name in ("fromCallPriority", "toCallPriority"))
    allow = columns.bools("allowRedispatch")
    seen: set[tuple[int, int]] = set()
    for row in np.flatnonzero((lost > 0) & (won > 0)):
        pair = int(lost[row]) - 1, int(won[row]) - 1
        if pair in seen:
            names = " to ".join(PRIORITY_NAMES[p] for p in pair)
            columns.fault(f"{names} comes twice", int(row), "toCallPriority", "Keep one of the rows.")
        seen.add(pair)
        allowed[pair] = allow[row]
    walks = allowed.astype(np.int64)
    if np.linalg.matrix_power(walks, N_PRIORITIES).any():
        pairs = ", ".join(f"{PRIORITY_NAMES[a]} to {PRIORITY_NAMES[b]}" for a, b in np.argwhere(allowed))
        columns.fault(
            f"the allowed pairs form a cycle: {pairs}",
            column="allowRedispatch",
            remedy="Allow redispatch in one direction only, from less to more urgent calls.",
        )
    faults.raise_if_any()
    return allowed & bool(switch[0])


def read_mobilisation(path: Path | None) -> Mobilisation:
    """Read table ``mobilisationDelay``; without a file there is no delay."""
    if path is None:
        return Mobilisation(False, None, 0.0, 0)
    faults = Faults()
    columns = Columns(need_table(read_tables(path), "mobilisationDelay", path), faults)
    columns.one_row()
    use = columns.bools("use")
    faults.raise_if_any()
    if not use[0]:
        return Mobilisation(False, None, 0.0, 0)
    drawn = columns.distributions("distribution")
    expected = columns.floats("expectedDuration", at_least=0)
    seed = columns.ints("seed")
    faults.raise_if_any()
    return Mobilisation(True, drawn[0], float(expected[0]), int(seed[0]))


def read_stats(path: Path) -> StatsControl:
    """Read tables ``params`` and, if there is one, ``responseDurationHist_params``."""
    faults = Faults()
    tables = read_tables(path)
    columns = Columns(need_table(tables, "params", path), faults)
    columns.one_row()
    warm_up = columns.floats("warmUpDuration", at_least=0)
    periods = columns.lists("periodDurations")
    for row, durations in enumerate(periods):
        if not all(duration > 0 for duration in durations):
            columns.fault("a period must be longer than 0", row, "periodDurations", "Give durations above 0, in days.")
    cycle = columns.bools("doCyclePeriodDurations")
    record, width = False, 0.0
    if "responseDurationHist_params" in tables:
        histogram = Columns(tables["responseDurationHist_params"], faults)
        if histogram.one_row():
            record = bool(histogram.bools("doRecord")[0])
            width = float(histogram.floats("binWidth", above=0)[0])
    faults.raise_if_any()
    return StatsControl(float(warm_up[0]), periods[0], bool(cycle[0]), record, width)
