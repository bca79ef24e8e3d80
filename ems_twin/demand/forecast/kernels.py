"""Kernel densities of past calls on the plane and along the roads, with a bandwidth of their own where calls are few.

Adaptive bandwidths follow Abramson 1982 (Annals of Statistics 10:1217-1223): a call's kernel is wider by the square
root of how much sparser its surroundings are than the geometric mean. Kernels are cut at the edge of the service area
and scaled up again, or the density would leak out of it. The common factor is the one that foretells weeks left out
best.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, sparse
from scipy.sparse.linalg import splu

from ...city.city import City
from ...city.nearest import nearest_nodes
from ...errors import InputError
from ..volume import street_length_m
from .cells import Cells
from .counting import binned
from .past import PastCalls

BANDWIDTHS_M = (100.0, 200.0, 400.0, 800.0)
_FOLDS = 6
_LEVELS = 2.0 ** np.arange(-1, 3.01, 0.5)  # factors to which Abramson's are rounded
_STEPS = 4
_PIXELS_A_CELL = 6
_UNSEEN = 1e-9


class CallKernel(ABC):
    """Density of calls as shares of cells; called with a record it answers the share of each cell, length c."""

    def __init__(self, bandwidths_m: tuple[float, ...] = BANDWIDTHS_M, *, adaptive: bool = True) -> None:
        self.bandwidths_m = bandwidths_m
        self.adaptive = adaptive
        self.bandwidth_m = bandwidths_m[0]
        """The one chosen at the last call."""

    def __call__(self, calls: PastCalls) -> NDArray[np.float64]:
        """Share of each cell, length c, summing to 1."""
        spot, n_spots = self._spots(calls)
        week = ((calls.until_s - calls.time_s) // (168 * 3600)).astype(np.int64) % _FOLDS
        by_fold = binned(week * n_spots + spot, _FOLDS * n_spots).reshape(_FOLDS, n_spots)
        everything = by_fold.sum(0)
        if len(self.bandwidths_m) > 1:
            fits = [
                sum(self._fit(y, self._density(everything - y, width)) for y in by_fold) for width in self.bandwidths_m
            ]
            self.bandwidth_m = self.bandwidths_m[int(np.argmax(fits))]
        share = self._to_cells(self._density(everything, self.bandwidth_m))
        return np.asarray(share / share.sum(), np.float64)

    def _fit(self, y: NDArray[np.float64], mass: NDArray[np.float64]) -> float:
        share = self._to_cells(mass)
        return float(self._to_cells(y) @ np.log(np.maximum(share / share.sum(), _UNSEEN)))

    def _density(self, counts: NDArray[np.float64], width_m: float) -> NDArray[np.float64]:
        """Mass at each spot after spreading the counts."""
        pilot = self._spread(counts, width_m)
        if not self.adaptive:
            return pilot
        held = counts > 0
        density = np.maximum(self._per_size(pilot)[held], 1e-12)
        typical = np.exp(np.average(np.log(density), weights=counts[held]))
        factor = np.clip(np.sqrt(typical / density), _LEVELS[0], _LEVELS[-1])
        level = np.abs(np.log(factor[:, None] / _LEVELS)).argmin(1)
        spot = np.flatnonzero(held)
        out = np.zeros_like(pilot)
        for row in np.unique(level):
            part = np.zeros_like(counts)
            part[spot[level == row]] = counts[spot[level == row]]
            out += self._spread(part, width_m * _LEVELS[row])
        return out

    @abstractmethod
    def _spots(self, calls: PastCalls) -> tuple[NDArray[np.int64], int]: ...

    @abstractmethod
    def _spread(self, counts: NDArray[np.float64], width_m: float) -> NDArray[np.float64]: ...

    @abstractmethod
    def _per_size(self, mass: NDArray[np.float64]) -> NDArray[np.float64]: ...

    @abstractmethod
    def _to_cells(self, mass: NDArray[np.float64]) -> NDArray[np.float64]: ...


class PlaneKernel(CallKernel):
    """Gaussian kernels on the plane, on a raster of about six pixels across a cell."""

    _cells: Cells | None = None

    def _spots(self, calls: PastCalls) -> tuple[NDArray[np.int64], int]:
        from pyproj import Transformer

        from ...city.projection import project, utm_crs

        cells = calls.cells
        if not np.all(np.isfinite(cells.lon)):
            raise InputError("cells without places have no kernel density", field="cells")
        crs = cells.crs or utm_crs(float(np.nanmean(cells.lon)), float(np.nanmean(cells.lat)))
        if self._cells is not cells:
            x, y = cells.metres()
            side = float(np.sqrt(cells.area_km2.max())) * 1000
            self._pixel_m = float(np.sqrt(cells.area_km2.min())) * 1000 / _PIXELS_A_CELL
            self._left, self._low = float(x.min()) - side, float(y.min()) - side
            self._shape = (
                int((y.max() + side - self._low) / self._pixel_m) + 1,
                int((x.max() + side - self._left) / self._pixel_m) + 1,
            )
            row, column = np.indices(self._shape).reshape(2, -1)
            middle = self._left + (column + 0.5) * self._pixel_m, self._low + (row + 0.5) * self._pixel_m
            lon, lat = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(*middle)
            self._cell = cells.locate(lon, lat).astype(np.int64)
            self._inside = (self._cell >= 0).astype(np.float64).reshape(self._shape)
            self._cells = cells
        if calls.place is None:
            x, y = cells.metres()
            x, y = x[calls.cell], y[calls.cell]
        else:
            x, y = project(crs, calls.place[:, 0], calls.place[:, 1])
        column = np.clip(((x - self._left) / self._pixel_m).astype(np.int64), 0, self._shape[1] - 1)
        row = np.clip(((y - self._low) / self._pixel_m).astype(np.int64), 0, self._shape[0] - 1)
        return row * self._shape[1] + column, self._shape[0] * self._shape[1]

    def _spread(self, counts: NDArray[np.float64], width_m: float) -> NDArray[np.float64]:
        width = width_m / self._pixel_m
        kept = ndimage.gaussian_filter(self._inside, width, mode="constant")
        scaled = counts.reshape(self._shape) / np.maximum(kept, 0.05)
        out = ndimage.gaussian_filter(scaled, width, mode="constant") * self._inside
        return np.asarray(out.ravel(), np.float64)

    def _per_size(self, mass: NDArray[np.float64]) -> NDArray[np.float64]:
        return mass

    def _to_cells(self, mass: NDArray[np.float64]) -> NDArray[np.float64]:
        assert self._cells is not None
        return binned(np.maximum(self._cell, 0), len(self._cells), np.where(self._cell >= 0, mass, 0.0))


class RoadKernel(CallKernel):
    """Kernels along the streets: calls spread like heat over the road graph, both ways of a street alike.

    ``M du/dt = -K u`` with the streets' metres M at each node and conductances 1/length in K, run for ``width²/2``:
    on a straight street that is the Gaussian of that width, and on
    any network one whose mean squared distance from the call is about ``width²`` (McSwiggan, Baddeley & Nair 2017, Scandinavian Journal of
    Statistics 44:324-345). Solved by implicit Euler steps, which keep every call.

    Parameters
    ----------
    city
        Whose roads; calls go to the node nearest to them.
    bandwidths_m, adaptive
        As of :class:`CallKernel`.
    """

    def __init__(self, city: City, bandwidths_m: tuple[float, ...] = BANDWIDTHS_M, *, adaptive: bool = True) -> None:
        super().__init__(bandwidths_m, adaptive=adaptive)
        self._roads = roads = city.roads
        n = roads.n_nodes
        self._metres = np.maximum(street_length_m(roads), 1.0)
        conductance = 1 / np.maximum(np.asarray(roads.length_m, np.float64), 1.0)
        one_way = sparse.csr_array((conductance, (roads.tail, roads.head)), shape=(n, n))
        both = one_way.maximum(one_way.T)
        self._stiffness = sparse.csc_array(sparse.diags_array(both.sum(1)) - both)
        self._solvers: dict[float, object] = {}
        self._cells: Cells | None = None

    def _spots(self, calls: PastCalls) -> tuple[NDArray[np.int64], int]:
        if self._cells is not calls.cells:
            self._cells = calls.cells
            self._cell = calls.cells.locate(self._roads.lon, self._roads.lat).astype(np.int64)
        lon, lat = calls.cells.lon[calls.cell], calls.cells.lat[calls.cell]
        if calls.place is not None:
            lon, lat = calls.place[:, 0], calls.place[:, 1]
        return nearest_nodes(self._roads, lon, lat)[0].astype(np.int64), self._roads.n_nodes

    def _spread(self, counts: NDArray[np.float64], width_m: float) -> NDArray[np.float64]:
        solver = self._solvers.get(width_m)
        if solver is None:
            step = width_m**2 / 2 / _STEPS
            solver = splu(sparse.csc_array(sparse.diags_array(self._metres) + step * self._stiffness))
            self._solvers[width_m] = solver
        mass = counts
        for _ in range(_STEPS):
            mass = self._metres * solver.solve(mass)  # type: ignore[attr-defined]
        return np.maximum(mass, 0.0)

    def _per_size(self, mass: NDArray[np.float64]) -> NDArray[np.float64]:
        return mass / self._metres

    def _to_cells(self, mass: NDArray[np.float64]) -> NDArray[np.float64]:
        assert self._cells is not None
        return binned(np.maximum(self._cell, 0), len(self._cells), np.where(self._cell >= 0, mass, 0.0))


def cell_kernel(cells: Cells, width_m: float) -> NDArray[np.float64]:
    """Share of each cell's calls (columns) that a Gaussian of that width spreads to each cell (rows), by middles.

    Columns sum to 1: nothing leaves the service area. Cells without places keep all of theirs.
    """
    x, y = cells.metres() if np.all(np.isfinite(cells.lon)) else (None, None)
    if x is None or y is None or width_m <= 0:
        return np.eye(len(cells))
    apart = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    weight = np.exp(-0.5 * apart / width_m**2) * cells.area_km2[:, None]
    return np.asarray(weight / weight.sum(0), np.float64)
