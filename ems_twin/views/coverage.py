"""Coverage now: how long the nearest free unit would drive to each place, step by step through a run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..city.hexagons import HexGrid
from ..errors import InputError

if TYPE_CHECKING:
    from ..routing import Router
    from ..simulation import Run
    from .timeline import Paths, UnitTimeline, Window

BIN_S = 15.0
"""Seconds a code of the packed drive times stands for."""
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
"""One character a drive time in bins of :data:`BIN_S`; the last means that much or more, or nobody free."""

_MAX_CODES = 450_000
_MIN_STEP_S = 60.0
_SIRENS = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Coverage:
    """Drive times from the nearest available unit, lights and sirens, at evenly spaced times."""

    step_s: float
    """Seconds between two pictures; the first is at the beginning of the window."""
    drive_s: NDArray[np.float64]
    """Demand-weighted mean of each hexagon at each step, seconds, shape (steps, hexagons); inf when nobody is free."""
    covered: NDArray[np.float64]
    """Share of demand within ``limit_s``, shape (steps,)."""
    limit_s: float
    """Drive time that still meets the response-time target."""

    def packed(self) -> dict[str, Any]:
        """The same as the scripts read it: one character a hexagon and step, shares in tenths of a percent."""
        return {
            "step": self.step_s,
            "limit": round(self.limit_s),
            "bin": BIN_S,
            "alphabet": ALPHABET,
            "steps": ["".join(ALPHABET[code] for code in row) for row in _codes(self.drive_s)],
            "covered": np.rint(1000.0 * self.covered).astype(int).tolist(),
        }


def _codes(drive_s: NDArray[np.float64]) -> NDArray[np.int64]:
    top = len(ALPHABET) - 1
    return np.minimum(np.where(np.isfinite(drive_s), drive_s, np.inf) / BIN_S, top).astype(np.int64)


def drive_limit_s(run: Run) -> float:
    """Longest drive that meets the most urgent target: target less the median call taking and turnout, and the start-up.

    The medians are those of the run's priority-1 calls, or of all calls when there are none.
    """
    calls = run.calls[run.calls["priority"] == 1]
    if len(calls) == 0:
        calls = run.calls
    before_drive_s = float(np.median(calls["dispatch_delay_s"] + calls["turnout_s"])) if len(calls) else 0.0
    return max(run.city.target_s[0] - before_drive_s - run.city.start_up_s, 60.0)


def demand_by_node(run: Run, given: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Weight of each node, length n: given, or the calls that the run has there (1 everywhere without any).

    Raises
    ------
    InputError
        When the given weights are not n finite numbers >= 0 with a positive sum.
    """
    if given is not None:
        usable = given.shape == (run.city.roads.n_nodes,) and np.all(np.isfinite(given) & (given >= 0)) and given.any()
        if not usable:
            raise InputError(
                "these cannot be weights of the city's nodes",
                field="demand_weight",
                remedy=f"Give {run.city.roads.n_nodes} finite numbers >= 0, not all 0.",
            )
        return given
    weight = np.bincount(run.calls["node"], minlength=run.city.roads.n_nodes).astype(np.float64)
    return weight if weight.any() else np.ones(run.city.roads.n_nodes)


def coverage_through(
    run: Run, window: Window, timelines: list[UnitTimeline], paths: Paths, grid: HexGrid, weight: NDArray[np.float64]
) -> Coverage:
    """Coverage at every step of a window.

    A unit on its way counts from the next junction that it reaches. The step is a minute, or longer where the
    window and the city are large.

    Parameters
    ----------
    run, window, timelines, paths
        What happens.
    grid
        The hexagons.
    weight
        Demand of each node, length n.
    """
    limit_s = drive_limit_s(run)
    span_s = window.to_s - window.from_s
    step_s = max(_MIN_STEP_S, 30.0 * math.ceil(span_s * len(grid.cells) / _MAX_CODES / 30.0))
    times = window.from_s + step_s * np.arange(math.floor(span_s / step_s) + 1, dtype=np.float64)
    free = np.array([line.available(times) for line in timelines]).reshape(len(timelines), -1)
    node = np.array([line.next_node(times, paths) for line in timelines]).reshape(len(timelines), -1)
    drive = np.empty((len(times), len(grid.cells)))
    covered = np.empty(len(times))
    for i in range(len(times)):
        drive[i], covered[i] = coverage_from(
            run.router,
            np.unique(node[free[:, i], i]),
            grid=grid,
            weight=weight,
            limit_s=limit_s,
            metric=_SIRENS if run.roads is None else 2 * int(run.roads.set_at(times[i])) + _SIRENS,
        )
    return Coverage(step_s=step_s, drive_s=drive, covered=covered, limit_s=limit_s)


def coverage_from(
    router: Router,
    nodes: NDArray[np.int32],
    *,
    grid: HexGrid,
    weight: NDArray[np.float64],
    limit_s: float,
    metric: int = _SIRENS,
) -> tuple[NDArray[np.float64], float]:
    """Coverage by units at some nodes.

    Returns
    -------
    drive_s
        Demand-weighted mean drive time of each hexagon, seconds (plain mean where there is no demand).
    covered
        Share of demand within ``limit_s``.
    """
    n_cells = len(grid.cells)
    if len(nodes) == 0:
        return np.full(n_cells, np.inf), 0.0
    seconds = router.from_nearest_s(nodes, metric=metric)
    reached = np.minimum(seconds, 1e6)
    small = weight + 1e-6
    total = np.bincount(grid.cell_of_node, small, minlength=n_cells)
    drive_s = np.bincount(grid.cell_of_node, small * reached, minlength=n_cells) / total
    return drive_s, float(weight[seconds <= limit_s].sum() / weight.sum())
