"""What each unit does when, read from a run's trace: rows of one unit, and the way it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..world.schema import AVAILABLE, TRACE

if TYPE_CHECKING:
    from ..routing import Path, Router
    from ..simulation import Run

_DAY_S = 86_400.0


@dataclass(frozen=True)
class Window:
    """The stretch of a run that is shown, seconds since the run's epoch."""

    from_s: float
    to_s: float


def choose_window(run: Run, from_s: float, length_s: float | None) -> Window:
    """Check a wished stretch of a run and complete it.

    Parameters
    ----------
    run
        The run.
    from_s
        Where it begins, seconds since the run's epoch.
    length_s
        How long it is; None takes the rest of the run, at most a day.

    Raises
    ------
    InputError
        When nothing of the run lies in it, or the run kept no trace.
    """
    if len(run.calls) > 0 and len(run.trace) == 0:
        raise InputError(
            "the run was made without a trace, so nothing can be replayed", remedy="Simulate it with keep_trace=True."
        )
    if not 0.0 <= from_s < run.end_s:
        raise InputError(
            f"the replay cannot begin {from_s:g} s after the start of the run",
            field="replay_from_s",
            remedy=f"The run has events from 0 to {run.end_s:.0f} s.",
        )
    if length_s is not None and not length_s > 0.0:
        raise InputError(
            f"a replay of {length_s:g} s shows nothing", field="replay_s", remedy="Give a positive number of seconds."
        )
    return Window(from_s, min(run.end_s, from_s + (_DAY_S if length_s is None else length_s)))


class Paths:
    """Ways through the city, asked of the router once for each pair of ends."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._index: dict[tuple[int, int, int], int] = {}
        self.paths: list[Path] = []
        self.metrics: list[int] = []

    def index(self, from_node: int, to_node: int, metric: int) -> int:
        """Row of the way between two nodes in :attr:`paths`."""
        key = from_node, to_node, metric
        row = self._index.get(key)
        if row is None:
            row = self._index[key] = len(self.paths)
            self.paths.append(self._router.path(from_node, to_node, metric=metric))
            self.metrics.append(metric)
        return row


@dataclass(frozen=True, eq=False)
class UnitTimeline:
    """Trace rows of one unit, the state it starts in first, no two at the same time.

    A row's trip counts from the later of ``time`` and ``t_from``: a unit that is turned round between two
    junctions drives on to the next one first.
    """

    rows: NDArray[np.void]
    path: NDArray[np.int32]
    """Row of each trip in :class:`Paths`, -1 where the unit is parked."""

    def available(self, times_s: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether it can be sent to a call at each of some times."""
        status = self.rows["status"][self._row_at(times_s)]
        return np.isin(status, [int(s) for s in AVAILABLE])

    def next_node(self, times_s: NDArray[np.float64], paths: Paths) -> NDArray[np.int32]:
        """Node where it stands, or the next one on its way, at each of some times."""
        at = self._row_at(times_s)
        node = self.rows["from_node"][at].astype(np.int32)
        for i in np.flatnonzero(self.path[at] >= 0):
            row, path = self.rows[at[i]], paths.paths[self.path[at[i]]]
            share = (times_s[i] - row["t_from"]) / max(row["t_to"] - row["t_from"], 1e-9)
            hop = int(np.searchsorted(path.elapsed_s, share * path.duration_s - 1e-6))
            node[i] = path.nodes[min(hop, len(path.nodes) - 1)]
        return node

    def _row_at(self, times_s: NDArray[np.float64]) -> NDArray[np.intp]:
        row = np.searchsorted(self.rows["time"], times_s, side="right") - 1
        return np.maximum(row, 0)


def unit_timelines(run: Run, window: Window, paths: Paths) -> list[UnitTimeline]:
    """Timelines of all units over a window: the last row before it and every row in it."""
    trace = run.trace
    stop = int(np.searchsorted(trace["time"], window.to_s, side="right"))
    mine = np.flatnonzero(trace["unit"][:stop] >= 0)
    mine = mine[np.argsort(trace["unit"][mine], kind="stable")]
    bounds = np.searchsorted(trace["unit"][mine], np.arange(len(run.units) + 1))
    timelines = []
    for unit in range(len(run.units)):
        rows = np.concatenate([_parked_at_start(run, unit), trace[mine[bounds[unit] : bounds[unit + 1]]]])
        before = int(np.searchsorted(rows["time"], window.from_s, side="right")) - 1
        rows = rows[max(before, 0) :]
        last_of_its_time = np.append(np.diff(rows["time"]) > 0.0, True)
        rows = rows[last_of_its_time]
        moving = (rows["from_node"] != rows["to_node"]) & (rows["t_to"] > rows["t_from"])
        path = np.full(len(rows), -1, dtype=np.int32)
        for i in np.flatnonzero(moving):
            row = rows[i]
            path[i] = paths.index(int(row["from_node"]), int(row["to_node"]), int(row["metric"]))
        timelines.append(UnitTimeline(rows, path))
    return timelines


def _parked_at_start(run: Run, unit: int) -> NDArray[Any]:
    """Row that stands for a unit's state before its first event."""
    home = int(run.units["start_station"][unit])
    row = np.zeros(1, dtype=TRACE)
    row["status"] = run.units["start_status"][unit]
    row["unit"], row["call"], row["serves"], row["hospital"], row["station"] = unit, -1, -1, -1, home
    row["from_node"] = row["to_node"] = run.city.stations[home].node
    return row
