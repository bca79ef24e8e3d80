"""A JEMSS model as it stands in its files: plain, read-only arrays in JEMSS's own units.

Units: days, km, km a day; x is longitude and y latitude in degrees. Nodes, stations, hospitals, modes, sets and
rasters are rows from 0, and -1 is none (the files count from 1). Priorities as *values* are JEMSS's numbers 1 (high),
2 and 3 (low); in arrays *by* priority, priority p has row or column p - 1.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .jemss_config import DdsmParameters, JemssConfig
from .jemss_distribution import Distribution

N_PRIORITIES = 3
"""JEMSS has exactly these: high, medium, low."""


class _ReadOnly:
    """Makes the arrays of a frozen dataclass read-only."""

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            for array in value if isinstance(value, tuple) else (value,):
                if isinstance(array, np.ndarray):
                    array.setflags(write=False)


@dataclass(frozen=True)
class MapBox:
    """The map: its box in degrees and its scales."""

    x_min: float
    x_max: float
    y_min: float
    y_max: float
    x_scale: float
    """Kilometres a degree of x."""
    y_scale: float
    """Kilometres a degree of y."""

    def distance_km(self, ax: ArrayLike, ay: ArrayLike, bx: ArrayLike, by: ArrayLike) -> NDArray[np.float64]:
        """Distance as JEMSS measures it everywhere: straight, in degrees times the two scales."""
        dx = (np.asarray(ax) - np.asarray(bx)) * self.x_scale
        dy = (np.asarray(ay) - np.asarray(by)) * self.y_scale
        return np.asarray(np.sqrt(dx**2 + dy**2), dtype=np.float64)

    def inside(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which points are in the box, its border included."""
        return (self.x_min <= x) & (x <= self.x_max) & (self.y_min <= y) & (y <= self.y_max)


@dataclass(frozen=True, eq=False)
class Nodes(_ReadOnly):
    """Crossings of the road network, one a row."""

    number: NDArray[np.int32]
    """Index in the file; row + 1 unless unreachable nodes were left out."""
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    off_road_access: NDArray[np.bool_]
    """Whether a trip may leave or enter the network here."""


@dataclass(frozen=True, eq=False)
class Arcs(_ReadOnly):
    """Directed arcs, sorted by tail, then head; an undirected one of the file is two."""

    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    distance_km: NDArray[np.float64]
    time_days: NDArray[np.float64]
    """Travel time by mode and arc, shape (mode, arc)."""


@dataclass(frozen=True, eq=False)
class Places(_ReadOnly):
    """Stations or hospitals."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    capacity: NDArray[np.int32]
    """Ambulances that a station holds; the simulation does not enforce it. 0 for hospitals, which have none."""
    node: NDArray[np.int32]
    """Nearest node with off-road access."""
    node_km: NDArray[np.float64]
    """Distance to it."""
    attributes: tuple[str, ...]
    """JSON objects as text."""


@dataclass(frozen=True, eq=False)
class Ambulances(_ReadOnly):
    """The fleet."""

    station: NDArray[np.int32]
    """Home station at the start."""
    ambulance_class: NDArray[np.uint8]
    """1 advanced, 2 basic life support; JEMSS never uses it."""
    attributes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Calls(_ReadOnly):
    """Calls in the order of their arrival."""

    start_days: float
    """Start of the simulation."""
    priority: NDArray[np.uint8]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    arrival_days: NDArray[np.float64]
    dispatch_delay_days: NDArray[np.float64]
    on_scene_days: NDArray[np.float64]
    transport: NDArray[np.bool_]
    hospital: NDArray[np.int32]
    """Hospital that the call must go to; -1 for the nearest."""
    handover_days: NDArray[np.float64]
    """0 without transport."""
    node: NDArray[np.int32]
    """Nearest node with off-road access."""
    node_km: NDArray[np.float64]
    attributes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Travel(_ReadOnly):
    """Travel modes and when each of their sets holds; times are absolute, no week repeats."""

    off_road_km_per_day: NDArray[np.float64]
    """Off-road speed by mode."""
    set_mode: NDArray[np.int32]
    """Mode by set and priority, shape (set, 3)."""
    start_days: NDArray[np.float64]
    """Times from which the sets of ``timing_set`` hold, ascending."""
    timing_set: NDArray[np.int32]

    def mode(self, priority: int, t_days: float) -> int:
        """Mode of a trip of a priority (1 to 3) that starts at a time."""
        at = max(int(np.searchsorted(self.start_days, t_days, side="right")) - 1, 0)
        return int(self.set_mode[self.timing_set[at], priority - 1])


@dataclass(frozen=True, eq=False)
class Priorities(_ReadOnly):
    """Targets by priority."""

    names: tuple[str, ...]
    target_days: NDArray[np.float64]
    """Response within this time counts as in time."""
    response_travel_priority: NDArray[np.uint8]
    """Priority (1 to 3) whose travel mode a response has."""


@dataclass(frozen=True)
class Mobilisation:
    """Delay between dispatch from a station and departure."""

    use: bool
    distribution: Distribution | None
    expected_days: float
    """Delay that the choice of a unit reckons with."""
    seed: int
    """Seed of JEMSS's stream, which cannot be had elsewhere."""


@dataclass(frozen=True, eq=False)
class DemandRaster(_ReadOnly):
    """Cells of a regular grid with the demand of each."""

    file: Path
    x: NDArray[np.float64]
    """Cell centres, ascending, length nx."""
    y: NDArray[np.float64]
    """Cell centres, ascending, length ny."""
    z: NDArray[np.float64]
    """Demand in any unit, shape (ny, nx); 0 where the file has no cell."""
    dx: float
    dy: float


@dataclass(frozen=True, eq=False)
class Demand(_ReadOnly):
    """Where and how often calls are expected; only some move-up modules use it."""

    rasters: tuple[DemandRaster | None, ...]
    """None for a raster that could not be read and that the model's move-up module does not need."""
    mode_raster: NDArray[np.int32]
    mode_priority: NDArray[np.uint8]
    mode_rate_per_day: NDArray[np.float64]
    set_mode: NDArray[np.int32]
    """Demand mode by set and priority, shape (set, 3)."""
    start_days: NDArray[np.float64]
    timing_set: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Coverage(_ReadOnly):
    """What covered means, and how finely demand is looked at."""

    cover_days: NDArray[np.float64]
    """Cover time by priority."""
    cell_rows: int
    """Demand points in a raster cell: ``cell_rows`` times ``cell_cols``."""
    cell_cols: int


@dataclass(frozen=True)
class StatsControl:
    """Periods of JEMSS's statistics."""

    warm_up_days: float
    period_days: tuple[float, ...]
    cycle: bool
    """The periods repeat until the end of the simulation."""
    record_histogram: bool
    bin_days: float
    """Width of the histogram's bins; 0 if the file does not say."""


@dataclass(frozen=True, eq=False)
class ZhangParameters(_ReadOnly):
    """Parameters of the move-up module ``zhang_ip``."""

    travel_time_cost: float
    on_road_discount: float
    regret_threshold_days: float
    expected_handover_days: float
    capacity: NDArray[np.int32]
    """Slots by station."""
    benefit: NDArray[np.float64]
    """Marginal benefit by station and slot, shape (station, slot); NaN beyond a station's capacity."""


@dataclass(frozen=True, eq=False)
class MoveUp(_ReadOnly):
    """The move-up module and what it needs; the rest is None."""

    module: str
    """``none``, ``comp_table``, ``multi_comp_table``, ``priority_list``, ``zhang_ip``, ``dmexclp`` or ``ddsm``."""
    comp_table: NDArray[np.int32] | None = None
    """Units wanted by number of movable units k (row k - 1) and station."""
    multi_comp_table: tuple[NDArray[np.int32], ...] | None = None
    """As ``comp_table``, several rows for each k: entry k - 1 has shape (rows, station)."""
    priority_list: NDArray[np.int32] | None = None
    """Stations in the order in which they want a unit."""
    zhang: ZhangParameters | None = None
    busy_fraction: float | None = None
    ddsm: DdsmParameters | None = None


@dataclass(frozen=True, eq=False)
class JemssModel(_ReadOnly):
    """Everything that a JEMSS run reads."""

    config: JemssConfig
    map: MapBox
    nodes: Nodes
    arcs: Arcs
    ambulances: Ambulances
    stations: Places
    hospitals: Places
    calls: Calls
    travel: Travel
    priorities: Priorities
    redispatch: NDArray[np.bool_]
    """May a call of one priority lose its unit to one of another: shape (from, to); all False when switched off."""
    mobilisation: Mobilisation
    demand: Demand | None
    coverage: Coverage | None
    stats: StatsControl | None
    move_up: MoveUp
    notes: tuple[str, ...]
    """What was left unread or left out."""
