"""Demand points of a JEMSS model: where its coverage rules look for demand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .jemss_faults import JemssError
from .jemss_model import DemandRaster, JemssModel
from .jemss_network import NearestNode


@dataclass(frozen=True, eq=False)
class DemandPoints:
    """Points of one demand raster."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    weight: NDArray[np.float64]
    """Demand of each point, in the unit of the raster."""
    total: float
    """Sum of the raster: calls a day at a point are arrival rate times weight over this."""
    node: NDArray[np.int32]
    """Nearest node with off-road access."""
    node_km: NDArray[np.float64]
    """Distance to it, km."""


def demand_points(model: JemssModel) -> tuple[DemandPoints, ...]:
    """Points of every demand raster.

    A cell with demand z, not 0, gives rows times cols points with z / (rows cols) each, at
    ``x + dx ((c - 1/2) / cols - 1/2)`` and ``y + dy ((r - 1/2) / rows - 1/2)`` for r = 1 … rows, c = 1 … cols
    (JEMSS's demand coverage). Points are in the order of the cells, x running fastest, then r, then c.

    Raises
    ------
    JemssError
        If the model has no demand or no demand coverage, if a raster was left unread, or if points lie outside the
        map.
    """
    demand, coverage = model.demand, model.coverage
    if demand is None or coverage is None:
        missing = "demand" if demand is None else "demandCoverage"
        raise _fault("the model has no such file", model.config.config_file, f"simFiles/{missing}", "Name the file.")
    nearest = NearestNode(model.map, model.nodes)
    points = []
    for number, raster in enumerate(demand.rasters, start=1):
        if raster is None:
            raise _fault(
                f"demand raster {number} could not be read",
                model.config.sim_files["demand"],
                "rasterFilename",
                "Name a file of x y z text.",
            )
        points.append(_points(model, raster, coverage.cell_rows, coverage.cell_cols, nearest))
    return tuple(points)


def _points(model: JemssModel, raster: DemandRaster, rows: int, cols: int, nearest: NearestNode) -> DemandPoints:
    at_y, at_x = np.nonzero(raster.z)
    r, c = np.repeat(np.arange(rows), cols), np.tile(np.arange(cols), rows)
    x = (raster.x[at_x][:, None] + raster.dx * ((c + 0.5) / cols - 0.5)).ravel()
    y = (raster.y[at_y][:, None] + raster.dy * ((r + 0.5) / rows - 0.5)).ravel()
    outside = int((~model.map.inside(x, y)).sum())
    if outside:
        raise _fault(
            f"{outside} of {len(x)} demand points are outside the map",
            raster.file,
            None,
            "Crop the raster, or widen the box of the map file.",
        )
    weight = np.repeat(raster.z[at_y, at_x] / (rows * cols), rows * cols)
    node, node_km = nearest(x, y)
    return DemandPoints(x, y, weight, float(raster.z.sum()), node, node_km)


def _fault(problem: str, file: object, field: str | None, remedy: str) -> JemssError:
    return JemssError([InputError(problem, file=str(file), field=field, remedy=remedy)])
