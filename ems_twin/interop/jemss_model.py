"""A JEMSS model folder as arrays, checked. Times in days, distances in kilometres, rows counted from 0."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .jemss_cells import Distribution
from .jemss_config import JemssConfig, read_config
from .jemss_demand import JemssDemand, read_demand
from .jemss_tables import Faults, Table, read_tables, table

PRIORITIES = ("highPriority", "medPriority", "lowPriority")
"""JEMSS's three priorities; the first is number 1."""
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Places:
    """Points with the nearest node that has access off the road."""

    x: Floats
    """Degrees east."""
    y: Floats
    """Degrees north."""
    node: Ints
    """Nearest node with access."""
    node_km: Floats
    """Distance to it."""


@dataclass(frozen=True, eq=False, kw_only=True)
class JemssModel:
    """Everything a simulation reads."""

    config: JemssConfig
    start: float
    """When it begins, days."""
    scale_km: tuple[float, float]
    """Kilometres a degree east and north."""
    node_x: Floats
    node_y: Floats
    tail: Ints
    """Node that a directed arc leaves; sorted by tail, then head."""
    head: Ints
    arc_km: Floats
    arc_days: Floats
    """Travel time, shape (modes, arcs)."""
    off_road_km_per_day: Floats
    """Speed off the road, shape (modes,)."""
    set_mode: Ints
    """Mode by (set, priority - 1)."""
    set_start: Floats
    """When a set comes into force, days."""
    set_row: Ints
    """Which set does."""
    response_priority: Ints
    """Priority whose mode a response to a call of priority k + 1 is driven in, 1 to 3."""
    target_days: Floats
    """Target response by priority."""
    preempt: tuple[tuple[int, int], ...]
    """Pairs (from, to) of priorities."""
    turnout: Distribution | None
    """Mobilisation delay, days."""
    expected_turnout: float
    """Mean of it, days."""
    ambulance_station: Ints
    ambulance_class: Ints
    stations: Places
    hospitals: Places
    calls: Places
    call_table: dict[str, Floats]
    """Columns of the calls: priority, arrivalTime, dispatchDelay, onSceneDuration, transport, handoverDuration."""
    call_hospital: Ints
    """Hospital that is laid down, -1 for the nearest."""
    call_attributes: list[str]
    """Attributes as they stand, empty where there are none."""
    priority_list: Ints | None
    """Station of the first, second, ... available ambulance."""
    demand: JemssDemand | None
    """Demand points, when the move-up module reads them."""


def read_jemss(path: Path) -> JemssModel:
    """Read and check a model.

    Parameters
    ----------
    path
        A ``sim_config.xml``, or the folder that holds one.

    Raises
    ------
    InputError
        If a file cannot be read; :class:`~ems_twin.errors.ManyFaultsError` lists all that is wrong inside them.
    """
    config = read_config(path)
    faults = Faults()
    files = {name: read_tables(file, faults) for name, file in config.files.items() if name in _READ}

    def part(name: str, table_name: str) -> Table:
        return table(files[name], table_name, config.files[name])

    box = part("map", "map")
    limits = {
        name: float(box.numbers(name)[0]) if len(box) else 0.0
        for name in ("xMin", "xMax", "yMin", "yMax", "xScale", "yScale")
    }
    if (
        limits["xMin"] >= limits["xMax"]
        or limits["yMin"] >= limits["yMax"]
        or limits["xScale"] <= 0
        or limits["yScale"] <= 0
    ):
        faults.add("the box or the scales are empty", file=box.file, name="map", remedy="min < max, scales above 0.")
    faults.raise_if_any()
    scale = (limits["xScale"], limits["yScale"])

    nodes = part("nodes", "nodes")
    nodes.check_index()
    node_x, node_y = _points(nodes, limits)
    near = _Nearest(node_x, node_y, nodes.flags("offRoadAccess", default="1"), scale)
    arcs = _arcs(files["arcs"], config.files["arcs"], node_x, node_y, scale, faults)
    travel = _travel(files["travel"], config.files["travel"], arcs["days"].shape[0], faults)
    priorities = part("priorities", "priorities")
    response = np.arange(1, 4)
    if priorities.has("responseTravelPriority"):
        response = np.array(
            [_priority(str(value), priorities) for value in priorities.values("responseTravelPriority")]
        )
    places = {}
    for name in ("stations", "hospitals", "calls"):
        one = part(name, name)
        one.check_index()
        x, y = _points(one, limits)
        places[name] = near.places(x, y)
    ambulances, calls = part("ambulances", "ambulances"), part("calls", "calls")
    ambulances.check_index()
    n_stations, n_hospitals = len(places["stations"].x), len(places["hospitals"].x)
    for one, what in (
        (ambulances, "ambulance"),
        (part("stations", "stations"), "station"),
        (part("hospitals", "hospitals"), "hospital"),
    ):
        if len(one) == 0:
            faults.add(f"there is no {what}", file=one.file, remedy="A simulation needs one at least.")
    start_table = part("calls", "miscData").numbers("startTime")
    start = float(start_table[0]) if len(start_table) else 0.0
    columns = _calls(calls, start, faults)
    turnout, expected = _turnout(files.get("mobilisationDelay"), config, faults)
    n_ambulances = len(ambulances)
    order = None
    if config.move_up == "priority_list":
        order = _priority_list(config, n_stations, n_ambulances, faults)
    demand = None
    if config.move_up == "dmexclp":
        demand = read_demand(config, files, near.places, faults)
    model = JemssModel(
        config=config, start=start, scale_km=scale, node_x=node_x, node_y=node_y,
        tail=arcs["tail"].astype(np.int64), head=arcs["head"].astype(np.int64), arc_km=arcs["km"], arc_days=arcs["days"],
        off_road_km_per_day=travel["off"], set_mode=travel["modes"].astype(np.int64), set_start=travel["start"],
        set_row=travel["row"].astype(np.int64), response_priority=response, target_days=priorities.numbers("targetResponseDuration", "targetResponseTime"),
        preempt=_preempt(files.get("redispatch"), config, faults), turnout=turnout, expected_turnout=expected,
        ambulance_station=ambulances.rows_of(n_stations, "stationIndex"), ambulance_class=ambulances.integers("class", default="1"),
        stations=places["stations"], hospitals=places["hospitals"], calls=places["calls"], call_table=columns,
        call_hospital=calls.rows_of(n_hospitals, "hospitalIndex", null=True), call_attributes=calls.text("attributes", default=""),
        priority_list=order, demand=demand,
    )  # fmt: skip
    faults.raise_if_any()
    return model


_READ = {
    "ambulances", "calls", "hospitals", "stations", "nodes", "arcs", "travel", "map", "priorities", "redispatch",
    "mobilisationDelay", "demand", "demandCoverage",
}  # fmt: skip


class _Nearest:
    """Nearest node with access off the road, in JEMSS's scaled plane; exact."""

    def __init__(self, x: Floats, y: Floats, access: NDArray[np.bool_], scale: tuple[float, float]) -> None:
        from scipy.spatial import cKDTree

        self._scale = np.array(scale)
        self._rows = np.flatnonzero(access)
        self._tree = cKDTree(np.column_stack([x, y])[self._rows] * self._scale) if len(self._rows) else None

    def places(self, x: Floats, y: Floats) -> Places:
        """Attach points."""
        if self._tree is None or len(x) == 0:
            return Places(x=x, y=y, node=np.zeros(len(x), np.int64), node_km=np.zeros(len(x)))
        km, found = self._tree.query(np.column_stack([x, y]) * self._scale)
        return Places(x=x, y=y, node=self._rows[found], node_km=km)


def _points(one: Table, limits: dict[str, float]) -> tuple[Floats, Floats]:
    x, y = one.numbers("x"), one.numbers("y")
    outside = (x < limits["xMin"]) | (x > limits["xMax"]) | (y < limits["yMin"]) | (y > limits["yMax"])
    for i in np.flatnonzero(outside):
        one.faults.add(
            f"the point ({x[i]:g}, {y[i]:g}) lies outside the map box", file=one.file, row=one.lines[i], name="x, y",
            remedy="Widen the box in the map file, or move the point.",
        )  # fmt: skip
    return x, y


def _arcs(
    tables: dict[str, Table], file: Path, node_x: Floats, node_y: Floats, scale: tuple[float, float], faults: Faults
) -> dict[str, Floats]:
    misc, arcs = table(tables, "miscData", file), table(tables, "arcs", file)
    form = misc.text("arcForm")[0] if len(misc) else ""
    n_modes = int(misc.integers("numModes")[0]) if len(misc) else 1
    if form not in ("directed", "undirected"):
        faults.add(f"arcForm is '{form}'", file=file, name="arcForm", remedy="It must be 'directed' or 'undirected'.")
    arcs.check_index()
    tail, head = arcs.rows_of(len(node_x), "fromNode"), arcs.rows_of(len(node_x), "toNode")
    straight = np.hypot((node_x[tail] - node_x[head]) * scale[0], (node_y[tail] - node_y[head]) * scale[1])
    km = arcs.numbers("distance", least=0.0) if arcs.has("distance") else straight
    days = np.array([arcs.numbers(f"mode_{mode + 1}") for mode in range(n_modes)])
    for i in np.flatnonzero((days <= 0).any(axis=0)):
        faults.add("a travel time is not above 0", file=file, row=arcs.lines[i], name="mode_1")
    for i in np.flatnonzero(tail == head):
        faults.add("the arc begins and ends at one node", file=file, row=arcs.lines[i], name="fromNode, toNode")
    if form == "undirected":
        tail, head = np.concatenate([tail, head]), np.concatenate([head, tail])
        km, days = np.concatenate([km, km]), np.concatenate([days, days], axis=1)
    order = np.lexsort((head, tail))
    tail, head = tail[order], head[order]
    for i in np.flatnonzero((np.diff(tail) == 0) & (np.diff(head) == 0)):
        faults.add(f"two arcs lead from node {tail[i] + 1} to node {head[i] + 1}", file=file, name="fromNode, toNode")
    _check_connected(len(node_x), tail, head, file, faults)
    return {"tail": tail.astype(np.float64), "head": head.astype(np.float64), "km": km[order], "days": days[:, order]}


def _check_connected(n: int, tail: Ints, head: Ints, file: Path, faults: Faults) -> None:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    if faults.found:
        return
    graph = csr_array((np.ones(len(tail)), (tail, head)), shape=(n, n))
    count, label = connected_components(graph, connection="strong")
    if count > 1:
        lost = np.flatnonzero(label != np.bincount(label).argmax())
        faults.add(
            f"{len(lost)} of {n} nodes cannot be driven to and from, node {lost[0] + 1} among them", file=file,
            remedy="Remove them and their arcs, or join them.",
        )  # fmt: skip


def _travel(tables: dict[str, Table], file: Path, n_modes: int, faults: Faults) -> dict[str, Floats]:
    modes, sets, timing = (table(tables, name, file) for name in ("travelModes", "travelSets", "travelSetsTiming"))
    off = modes.numbers("offRoadSpeed")
    if len(off) != n_modes or (off <= 0).any():
        faults.add(f"there are {len(off)} travel modes with speed above 0 off the road; arcs have {n_modes}", file=file)
    set_index, priority = sets.integers("travelSetIndex"), sets.text("priority")
    mode = sets.rows_of(n_modes, "travelModeIndex")
    table_of_modes = np.full((max(1, int(set_index.max(initial=1))), 3), -1, dtype=np.int64)
    for i, name in enumerate(priority):
        table_of_modes[max(set_index[i], 1) - 1, _priority(name, sets, i) - 1] = mode[i]
    if (table_of_modes < 0).any():
        faults.add("a set does not give a mode for each priority", file=file, name="travelSets")
    start, row = timing.numbers("startTime"), timing.rows_of(len(table_of_modes), "travelSetIndex")
    if len(start) == 0 or (np.diff(start) <= 0).any():
        faults.add("the start times of the sets do not ascend", file=file, name="startTime")
    return {"off": off, "modes": table_of_modes.astype(np.float64), "start": start, "row": row.astype(np.float64)}


def _priority(name: str, one: Table, row: int = 0) -> int:
    if name not in PRIORITIES:
        one.faults.add(
            f"'{name}' is not a priority",
            file=one.file,
            row=one.lines[row],
            name="priority",
            remedy=f"Use {', '.join(PRIORITIES)}.",
        )
        return 1
    return PRIORITIES.index(name) + 1


def _calls(calls: Table, start: float, faults: Faults) -> dict[str, Floats]:
    columns = {
        "priority": calls.numbers("priority"),
        "arrivalTime": calls.numbers("arrivalTime"),
        "dispatchDelay": calls.numbers("dispatchDelay", least=0.0),
        "onSceneDuration": calls.numbers("onSceneDuration", least=0.0),
        "transport": calls.flags("transport", "transfer").astype(np.float64),
        "handoverDuration": calls.numbers("handoverDuration", "transferDuration", least=0.0),
    }
    columns["handoverDuration"] = np.where(columns["transport"] > 0, columns["handoverDuration"], 0.0)
    for i in np.flatnonzero(~np.isin(columns["priority"], (1, 2, 3))):
        faults.add(
            f"is {columns['priority'][i]:g}; priorities are 1 to 3",
            file=calls.file,
            row=calls.lines[i],
            name="priority",
        )
    arrival = columns["arrivalTime"]
    for i in np.flatnonzero(np.diff(arrival) < 0):
        faults.add(
            "the call arrives before the one above it",
            file=calls.file,
            row=calls.lines[i + 1],
            name="arrivalTime",
            remedy="Sort the calls.",
        )
    if len(arrival) and arrival[0] < start:
        faults.add("the first call arrives before startTime", file=calls.file, row=calls.lines[0], name="arrivalTime")
    return columns


def _preempt(tables: dict[str, Table] | None, config: JemssConfig, faults: Faults) -> tuple[tuple[int, int], ...]:
    if tables is None:
        return ((3, 1), (2, 1))  # JEMSS's own default
    file = config.files["redispatch"]
    allowed = table(tables, "miscData", file).flags("allowRedispatch")
    conditions = table(tables, "redispatchConditions", file)
    source, target, yes = (
        conditions.text("fromCallPriority"),
        conditions.text("toCallPriority"),
        conditions.flags("allowRedispatch"),
    )
    pairs = [(_priority(source[i], conditions, i), _priority(target[i], conditions, i)) for i in range(len(conditions))]
    if len(set(pairs)) < len(pairs):
        faults.add("a pair of priorities stands here twice", file=file, name="redispatchConditions")
    return tuple(pair for pair, ok in zip(pairs, yes, strict=True) if ok) if len(allowed) and allowed[0] else ()


def _turnout(tables: dict[str, Table] | None, config: JemssConfig, faults: Faults) -> tuple[Distribution | None, float]:
    if tables is None:
        return None, 0.0
    one = table(tables, "mobilisationDelay", config.files["mobilisationDelay"])
    if len(one) == 0 or not one.flags("use")[0]:
        return None, 0.0
    law = one.values("distribution")[0]
    if not isinstance(law, Distribution):
        faults.add("is not a distribution", file=one.file, row=one.lines[0], name="distribution")
        return None, 0.0
    expected = one.numbers("expectedDuration")[0] if one.has("expectedDuration") else law.mean()
    return law, float(expected)


def _priority_list(config: JemssConfig, n_stations: int, n_ambulances: int, faults: Faults) -> Ints:
    file = config.input_folder / config.parameters.get("filename", "")
    items = table(read_tables(file, faults), "priorityList", file)
    if len(items) != n_ambulances:
        faults.add(f"the list has {len(items)} items for {n_ambulances} ambulances", file=file, name="priorityList")
    return items.rows_of(n_stations, "stationIndex")
