"""Read where a JEMSS model expects calls: demand modes and sets, their rasters, cover times."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .jemss_columns import Columns
from .jemss_faults import Faults, JemssError
from .jemss_grammar import PRIORITY_NAMES, short
from .jemss_model import N_PRIORITIES, Coverage, Demand, DemandRaster
from .jemss_rules import read_timing
from .jemss_tables import need_table, read_tables, read_text


def read_demand(path: Path, *, need_rasters: bool) -> tuple[Demand, tuple[str, ...]]:
    """Read tables ``demandRasters``, ``demandModes``, ``demandSets`` and ``demandSetsTiming``.

    Parameters
    ----------
    path
        File; rasters are named relative to it.
    need_rasters
        Whether a raster that cannot be read is a fault. If not, it is left out with a note: JEMSS models keep
        GeoTIFF here even when their move-up module never looks at demand.

    Returns
    -------
    Demand
    tuple of str
        Notes on rasters left out.
    """
    faults = Faults()
    tables = read_tables(path)
    named = Columns(need_table(tables, "demandRasters", path), faults)
    named.at_least(1)
    named.index("rasterIndex")
    rasters, notes = _rasters(named, path.parent, faults, need_rasters)
    modes = Columns(need_table(tables, "demandModes", path), faults)
    modes.at_least(1)
    modes.index("modeIndex")
    mode_raster = modes.ints("rasterIndex", low=1, high=max(len(rasters), 1)) - 1
    mode_priority = modes.priorities("priority")
    rate = modes.floats("arrivalRate", at_least=0)
    sets = Columns(need_table(tables, "demandSets", path), faults)
    sets.at_least(1)
    sets.index("setIndex")
    set_mode = _set_modes(sets, mode_priority)
    timing = Columns(need_table(tables, "demandSetsTiming", path), faults)
    start, timing_set = read_timing(timing, "setIndex", len(set_mode))
    faults.raise_if_any()
    return (
        Demand(rasters, mode_raster.astype(np.int32), mode_priority, rate, set_mode, start, timing_set),
        notes,
    )


def _rasters(
    named: Columns, folder: Path, faults: Faults, need: bool
) -> tuple[tuple[DemandRaster | None, ...], tuple[str, ...]]:
    rasters: list[DemandRaster | None] = []
    notes = []
    for name in filter(None, named.texts("rasterFilename")):
        if need:
            rasters.append(faults.attempt(partial(_named_raster, folder, name)))
            continue
        try:
            rasters.append(_named_raster(folder, name))
        except JemssError:
            rasters.append(None)
            notes.append(f"demand raster '{short(name)}' cannot be read; the move-up module does not need it")
    return tuple(rasters), tuple(notes)


def _named_raster(folder: Path, name: str) -> DemandRaster:
    if "$" in name:
        problem = f"the raster '{short(name)}' has a folder that only JEMSS knows"
        raise JemssError([InputError(problem, file=folder, remedy="Write its path out.")])
    return read_raster(folder / name.replace("\\", "/"))


def _set_modes(sets: Columns, mode_priority: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Demand mode by set and priority; each set must name exactly one mode a priority."""
    set_mode = np.full((max(sets.table.n_rows, 1), N_PRIORITIES), -1, dtype=np.int32)
    for row, listed in enumerate(sets.lists("modeIndices")):
        for number in listed:
            if number != round(number) or not 1 <= number <= len(mode_priority):
                sets.fault(f"there is no demand mode {number:g}", row, "modeIndices", "Name modes of demandModes.")
                continue
            priority = int(mode_priority[int(number) - 1])
            if priority and set_mode[row, priority - 1] != -1:
                name = PRIORITY_NAMES[priority - 1]
                sets.fault(f"has two modes for {name}", row, "modeIndices", "Name one mode a priority.")
            elif priority:
                set_mode[row, priority - 1] = int(number) - 1
        for missing in np.flatnonzero(set_mode[row] == -1) if listed and mode_priority.all() else ():
            sets.fault(f"has no mode for {PRIORITY_NAMES[missing]}", row, "modeIndices", "Name one mode a priority.")
    return set_mode


def read_raster(path: Path) -> DemandRaster:
    """Read a raster from ``x y z`` text: a line for each cell, with the centre of the cell and its demand.

    Cells of the grid that have no line hold no demand. A first line of column names is skipped.
    """
    try:
        text = read_text(path).replace(",", " ").replace(";", " ")
    except JemssError as error:
        if path.is_file():
            raise _fault("is not x y z text", path) from error
        raise
    first = text.split("\n", 1)[0].split()
    if first and first[0].isalpha():
        text = text.partition("\n")[2]
    if not text.strip():
        raise _fault("holds no cell", path)
    try:
        cells = np.loadtxt(io.StringIO(text), dtype=np.float64, ndmin=2)
    except ValueError as error:
        raise _fault(f"is not x y z text ({str(error).splitlines()[0]})", path) from None
    if cells.shape[1] != 3:
        raise _fault(f"has {cells.shape[1]} numbers a line instead of 3", path)
    for row in np.flatnonzero(~np.isfinite(cells).all(axis=1) | (cells[:, 2] < 0)):
        raise _fault(f"demand must be 0 or more, not {cells[row, 2]:g}", path, int(row) + 1)
    if not cells[:, 2].any():
        raise _fault("all demand is 0", path)
    x, column = np.unique(cells[:, 0], return_inverse=True)
    y, row_of = np.unique(cells[:, 1], return_inverse=True)
    dx, dy = _spacing(x, "x", path), _spacing(y, "y", path)
    place = row_of.ravel() * len(x) + column.ravel()
    if len(np.unique(place)) < len(place):
        raise _fault("a cell comes twice", path)
    z = np.zeros(len(y) * len(x))
    z[place] = cells[:, 2]
    return DemandRaster(path, x, y, z.reshape(len(y), len(x)), dx, dy)


def _spacing(values: NDArray[np.float64], axis: str, path: Path) -> float:
    if len(values) < 2:
        raise _fault(f"has one {axis} only, so the size of its cells is unknown", path)
    step = float(values[-1] - values[0]) / (len(values) - 1)
    if np.abs(np.diff(values) - step).max() > 1e-3 * step:
        raise _fault(f"the {axis} of its cells are not evenly spaced", path)
    return step


def _fault(problem: str, path: Path, row: int | None = None) -> JemssError:
    remedy = "Give a line 'x y z' for each cell of a regular grid; `gdal_translate -of XYZ` writes such a file."
    return JemssError([InputError(problem, file=path, row=row, remedy=remedy)])


def read_coverage(path: Path) -> Coverage:
    """Read tables ``coverTimes`` and ``demandRasterCellNumPoints``."""
    faults = Faults()
    tables = read_tables(path)
    times = Columns(need_table(tables, "coverTimes", path), faults)
    priority = times.priorities("demandPriority")
    days = times.floats("coverTime", at_least=0)
    cover = np.full(N_PRIORITIES, np.nan)
    seen: set[int] = set()
    for row in np.flatnonzero(priority):
        at = int(priority[row]) - 1
        if at in seen:
            times.fault(f"{PRIORITY_NAMES[at]} comes twice", int(row), "demandPriority", "Keep one of the rows.")
        seen.add(at)
        cover[at] = days[row]
    for at in sorted(set(range(N_PRIORITIES)) - seen):
        times.fault(f"{PRIORITY_NAMES[at]} has no cover time", column="demandPriority", remedy="Add its row.")
    points = Columns(need_table(tables, "demandRasterCellNumPoints", path), faults)
    points.one_row()
    counts = [points.ints(name, low=1, high=1000) for name in ("rows", "cols")]
    faults.raise_if_any()
    return Coverage(cover, int(counts[0][0]), int(counts[1][0]))
