"""What a forecaster says: calls expected by cell and period, how sure it is, and where that falls on the roads."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...city.city import City
from ...city.nearest import nearest_nodes
from ...errors import InputError
from ..volume import street_length_m
from . import laws
from .cells import Cells
from .hours import CivilHours

SPANS_H = (1, 8, 24, 168)
"""Lengths of period, hours, for which models measure how far counts stray."""


@dataclass(frozen=True, eq=False, kw_only=True)
class DemandForecast:
    """Calls expected in c cells over t periods.

    The law of a count is negative-binomial with variance ``mean + dispersion · mean²`` (Poisson where the dispersion
    is 0). How far a count strays from its mean depends on how long it is counted, so the dispersion of a sum of
    periods is not that of its parts: :meth:`summed` takes the one that was measured for that length.
    """

    cells: Cells
    """Where."""
    clock: CivilHours
    """The city's clocks."""
    hour: NDArray[np.int64]
    """First hour of each period, length t."""
    mean: NDArray[np.float64]
    """Calls expected, of shape (c, t)."""
    dispersion: NDArray[np.float64]
    """Dispersion α of each count, >= 0, broadcast to (c, t)."""
    by_span: tuple[laws.Spread, ...] = (laws.Spread(),) * len(SPANS_H)
    """How far counts over each of :data:`SPANS_H` stray. What ``dispersion`` has more is the doubt of events."""

    def __post_init__(self) -> None:
        if self.mean.shape != (len(self.cells), len(self.hour)):
            raise InputError(f"has shape {self.mean.shape}, expected {(len(self.cells), len(self.hour))}", field="mean")

    @property
    def start_s(self) -> NDArray[np.float64]:
        """POSIX time at which each period begins, length t."""
        return self.clock.start_s(self.hour)

    @property
    def total(self) -> NDArray[np.float64]:
        """Calls expected in all cells by period, length t."""
        return np.asarray(self.mean.sum(0), np.float64)

    def quantile(self, p: float) -> NDArray[np.float64]:
        """Count that is not passed with probability ``p``, of shape (c, t)."""
        return laws.quantile(p, self.mean, self.dispersion)

    def log_pmf(self, counts: ArrayLike) -> NDArray[np.float64]:
        """Log-probability of counts, of shape (c, t), nats."""
        return laws.log_pmf(counts, self.mean, self.dispersion)

    def share(self) -> NDArray[np.float64]:
        """Each cell's share of a period's calls, of shape (c, t); by area where none are expected."""
        total = self.total
        flat = np.broadcast_to(self.cells.area_share[:, None], self.mean.shape)
        return np.divide(self.mean, total, out=np.array(flat, dtype=np.float64), where=total > 0)

    def density(self) -> NDArray[np.float64]:
        """Probability density of a call's place, per km², of shape (c, t)."""
        return np.asarray(self.share() / self.cells.area_km2[:, None], np.float64)

    def floored(self, epsilon: float) -> DemandForecast:
        """The forecast with a share ``epsilon`` of its calls spread evenly over the area, so that none is impossible."""
        mean = (1 - epsilon) * self.mean + epsilon * self.total * self.cells.area_share[:, None]
        return self.with_mean(mean)

    def doubt(self) -> NDArray[np.float64]:
        """Dispersion beyond that of ordinary hours with these means, such as that of known events, of shape (c, t)."""
        return np.asarray(np.maximum(self.dispersion - self.by_span[0].dispersion(self.mean), 0.0), np.float64)

    def with_mean(self, mean: NDArray[np.float64]) -> DemandForecast:
        """The forecast with other means, of shape (c, t), which stray as such counts do, and the doubt it had."""
        return replace(self, mean=mean, dispersion=self.by_span[0].dispersion(mean) + self.doubt())

    def summed(self, length_h: int) -> DemandForecast:
        """The forecast of hours, summed over the civil periods of ``length_h`` hours that they make up."""
        block = self.clock.block(self.hour, length_h)
        first = np.unique(block, return_index=True)[1]
        if len(first) == len(self.hour):
            return self
        mean = np.add.reduceat(self.mean, first, axis=1)
        level, clumps = (np.interp(np.log(length_h), np.log(SPANS_H), part) for part in zip(*self.by_span, strict=True))
        dispersion = laws.Spread(float(level), float(clumps)).dispersion(mean)
        doubt = np.add.reduceat(self.doubt() * self.mean**2, first, axis=1)
        dispersion += np.divide(doubt, mean**2, out=np.zeros_like(mean), where=mean > 0)
        return replace(self, hour=self.hour[first], mean=mean, dispersion=dispersion)

    def node_weight(self, city: City, node_cell: NDArray[np.integer] | None = None) -> NDArray[np.float64]:
        """Probability that the next calls of this forecast fall on each road node, length n, summing to 1.

        Within a cell calls fall by metres of street. Calls of a cell without a node go to the node nearest to its
        middle; those of a zone whose middle is not known are spread over the others.

        Parameters
        ----------
        city
            Road network of n nodes.
        node_cell
            Row of each node's cell, -1 for none; by default where the cells say that the nodes lie.
        """
        roads = city.roads
        cell = np.asarray(self.cells.locate(roads.lon, roads.lat) if node_cell is None else node_cell, np.int64)
        by_cell = self.mean.sum(1)
        length = np.maximum(street_length_m(roads), 1e-6)
        inside = cell >= 0
        metres = np.bincount(cell[inside], length[inside], len(self.cells))
        scale = np.divide(by_cell, metres, out=np.zeros(len(self.cells)), where=metres > 0)
        weight = np.where(inside, scale[np.maximum(cell, 0)] * length, 0.0)
        orphan = np.flatnonzero((metres == 0) & (by_cell > 0) & np.isfinite(self.cells.lon))
        if len(orphan):
            near = nearest_nodes(roads, self.cells.lon[orphan], self.cells.lat[orphan])[0]
            np.add.at(weight, near, by_cell[orphan])
        total = float(weight.sum())
        return np.asarray(weight / total if total > 0 else length / length.sum(), np.float64)
