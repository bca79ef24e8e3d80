"""JEMSS's demand: rasters of places, weighed by priority, which DMEXCLP covers; calls are not drawn from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .jemss_config import JemssConfig
from .jemss_tables import Faults, Table, table

if TYPE_CHECKING:
    from .jemss_model import Places

_NAMES = ("highPriority", "medPriority", "lowPriority")


@dataclass(frozen=True, eq=False, kw_only=True)
class JemssDemand:
    """Demand points of the set in force at the start."""

    points: Places
    """Points with their nearest nodes."""
    weight: NDArray[np.float64]
    """Calls a day at each point, by (priority - 1, point)."""
    cover_days: NDArray[np.float64]
    """Time within which a point counts as covered, by priority - 1."""


def read_demand(
    config: JemssConfig,
    files: dict[str, dict[str, Table]],
    attach: Callable[[NDArray[np.float64], NDArray[np.float64]], Places],
    faults: Faults,
) -> JemssDemand:
    """Read rasters, rates and cover times, and lay points in the cells.

    Raises
    ------
    InputError
        If a file that the module needs is not named.
    """
    for name in ("demand", "demandCoverage"):
        if name not in files:
            raise InputError(
                f"DMEXCLP needs the file '{name}'", file=config.file, field="simFiles", remedy="Name it there."
            )
    file, cover_file = config.files["demand"], config.files["demandCoverage"]
    rasters, modes, sets = (
        table(files["demand"], name, file) for name in ("demandRasters", "demandModes", "demandSets")
    )
    if len(sets) != 1:
        faults.add(f"there are {len(sets)} demand sets; one is read", file=file, name="demandSets")
    points_a_cell = table(files["demandCoverage"], "demandRasterCellNumPoints", cover_file)
    rows, cols = int(points_a_cell.integers("rows")[0]), int(points_a_cell.integers("cols")[0])
    cover = table(files["demandCoverage"], "coverTimes", cover_file)
    cover_days = np.zeros(3)
    for i, name in enumerate(cover.text("demandPriority")):
        if name in _NAMES:
            cover_days[_NAMES.index(name)] = cover.numbers("coverTime")[i]
    grids = [_raster(file.parent / name, faults) for name in rasters.text("rasterFilename")]
    which, rate = modes.rows_of(len(grids), "rasterIndex"), modes.numbers("arrivalRate", least=0.0)
    x, y, z, xy_step = grids[int(which[0])] if len(which) else grids[0]
    if len(set(which.tolist())) > 1:
        faults.add("the modes name different rasters; one is read", file=file, name="rasterIndex")
    c, r = np.meshgrid(np.arange(1, cols + 1), np.arange(1, rows + 1))
    some = np.flatnonzero(z)
    px = (x[some, None] + xy_step[0] * ((c.ravel() - 0.5) / cols - 0.5)).ravel()
    py = (y[some, None] + xy_step[1] * ((r.ravel() - 0.5) / rows - 0.5)).ravel()
    share = np.repeat(z[some] / (rows * cols), rows * cols) / z.sum()
    weight = np.zeros((3, len(px)))
    for i, name in enumerate(modes.text("priority")):
        if name in _NAMES:
            weight[_NAMES.index(name)] = rate[i] * share
    return JemssDemand(points=attach(px, py), weight=weight, cover_days=cover_days)


def _raster(
    file: Path, faults: Faults
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], tuple[float, float]]:
    """Centres and values of the cells of a text raster, and their size in degrees."""
    try:
        cells = np.loadtxt(file, ndmin=2)
    except (OSError, ValueError) as error:
        raise InputError(
            f"is not a text raster 'x y z' ({error})", file=file, remedy="Write one cell a line."
        ) from error
    if cells.shape[1] != 3 or (cells[:, 2] < 0).any() or cells[:, 2].sum() <= 0:
        raise InputError("is not a raster with three columns and values of 0 and more", file=file)
    steps = []
    for column in (cells[:, 0], cells[:, 1]):
        distinct = np.unique(column)
        step = np.diff(distinct)
        if len(step) and np.ptp(step) > 1e-6 * step.mean():
            faults.add("the cells are not on a regular grid", file=file)
        steps.append(float(step.mean()) if len(step) else 0.0)
    return cells[:, 0], cells[:, 1], cells[:, 2], (steps[0], steps[1])
