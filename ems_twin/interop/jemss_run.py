"""Run a JEMSS model by our law, with the rules that JEMSS has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ..city import City, Hospital, RoadNetwork, Station
from ..demand import CALL_DRAW
from ..routing import Router
from ..simulation import Run
from ..simulation.lifecycle import close_spells
from ..simulation.run import drive
from ..world import Ground, Purpose, Rules, SpeedPlan, Stationing, StationPolicy, World, make_ground, new_world
from .jemss_model import JemssModel

DAY_S = 86_400.0
_LOW = 2  # column of the low priority, whose speeds transports and returns are driven at


@dataclass(frozen=True, eq=False, kw_only=True)
class JemssRun:
    """A model that has been run."""

    model: JemssModel
    """What was run."""
    city: City
    """Its roads and places."""
    router: Router
    """Its travel times."""
    ground: Ground
    """What the run stood on."""
    world: World
    """The world at the end; second 0 is the model's start."""
    rules: Rules
    """The rules it was run by."""
    driver: str
    """Who applied them."""

    def as_run(self) -> Run:
        """The same as a :class:`~ems_twin.simulation.Run`, for outcomes. JEMSS knows no dates: its day 0 is 2000-01-01."""
        calls, now_s = self.world.calls, float(self.world.clock["now"][0])
        duration_s = float(calls["t_received"].max(initial=0.0))
        return Run(
            city=self.city,
            router=self.router,
            rules=self.rules,
            start=datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=self.model.start),
            duration_s=max(duration_s, 1.0),
            end_s=max(now_s, duration_s, 1.0),
            ground=self.ground,
            world=self.world,
            driver=self.driver,
        )


def run_jemss(
    model: JemssModel,
    *,
    driver: str = "compiled",
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> JemssRun:
    """Run a model until its last call has ended and every unit is parked.

    Parameters
    ----------
    model
        What :func:`~ems_twin.interop.read_jemss` gives.
    driver
        ``compiled`` or ``mesa``.
    seed
        Of the mobilisation delays, if the model has them; nothing else is drawn.
    progress
        Told the share that is done.
    """
    city = _city(model)
    router = _router(model, city)
    rules = Rules(expected_turnout_s=model.expected_turnout * DAY_S, preempt=model.preempt)
    ground = make_ground(
        city, router, rules, speeds=_speeds(model), stationing=_stationing(model, router), n_priorities=3
    )
    world = new_world(city, _calls(model, seed), homes=model.ambulance_station.astype(np.int32))
    world.put_off_road(*(1000.0 * places.node_km for places in (model.calls, model.stations, model.hospitals)))
    world.calls["hospital_wanted"] = model.call_hospital
    world = drive(city, router, world, ground, driver=driver, progress=progress)
    close_spells(world, max(float(world.clock["now"][0]), 1.0))
    return JemssRun(model=model, city=city, router=router, ground=ground, world=world, rules=rules, driver=driver)


def _city(model: JemssModel) -> City:
    n, m = len(model.node_x), len(model.tail)
    first_out = np.zeros(n + 1, np.int32)
    np.cumsum(np.bincount(model.tail, minlength=n), out=first_out[1:])
    length_m = np.maximum(1000.0 * model.arc_km, 1e-3)
    roads = RoadNetwork(
        lon=model.node_x, lat=model.node_y,
        x=1000.0 * model.scale_km[0] * model.node_x, y=1000.0 * model.scale_km[1] * model.node_y,
        osm_id=np.arange(1, n + 1), first_out=first_out, head=model.head.astype(np.int32), length_m=length_m,
        speed_mps=length_m / (model.arc_days[-1] * DAY_S), road_class=np.zeros(m, np.uint8),
        name_id=np.zeros(m, np.int32), names=("",), shape_first=np.zeros(m + 1, np.int32), shape_lon=np.zeros(0),
        shape_lat=np.zeros(0), crs="JEMSS plane",
    )  # fmt: skip
    units = np.bincount(model.ambulance_station, minlength=len(model.stations.x))
    name = model.config.file.parent.name or "jemss"
    return City(
        name=name,
        title=name,
        timezone="UTC",
        roads=roads,
        stations=tuple(
            Station(id=f"{i + 1}", name=f"Station {i + 1}", lon=float(x), lat=float(y), node=int(node), units=int(k))
            for i, (x, y, node, k) in enumerate(zip(model.stations.x, model.stations.y, model.stations.node, units, strict=True))
        ),
        hospitals=tuple(
            Hospital(id=f"{i + 1}", name=f"Hospital {i + 1}", lon=float(x), lat=float(y), node=int(node), beds=0, bays=0)
            for i, (x, y, node) in enumerate(zip(model.hospitals.x, model.hospitals.y, model.hospitals.node, strict=True))
        ),
        content_hash="jemss",
        target_s=tuple(float(days) * DAY_S for days in model.target_days),
        attribution="",
    )  # fmt: skip


def _router(model: JemssModel, city: City) -> Router:
    edge_s = model.arc_days * DAY_S
    off_road_mps = [float(km_per_day) * 1000.0 / DAY_S for km_per_day in model.off_road_km_per_day]
    if len(edge_s) == 1:  # one mode: both metrics are the same
        return Router(city.roads, edge_s[0], sirens_factor=1.0, off_road_mps=off_road_mps * 2)
    return Router(city.roads, edge_s, off_road_mps=off_road_mps)


def _speeds(model: JemssModel) -> SpeedPlan:
    metric = np.zeros((len(model.set_mode), len(Purpose), 4), dtype=np.int64)
    for row, modes in enumerate(model.set_mode):
        metric[row, Purpose.RESPONSE, 1:] = modes[model.response_priority - 1]
        metric[row, Purpose.TRANSPORT] = metric[row, Purpose.RETURN] = modes[_LOW]
    return SpeedPlan(from_s=(model.set_start - model.start) * DAY_S, set_row=model.set_row, metric=metric)


def _stationing(model: JemssModel, router: Router) -> Stationing:
    if model.priority_list is not None:
        return Stationing(policy=StationPolicy.PRIORITY_LIST, priority_list=model.priority_list)
    if model.demand is None:
        return Stationing()
    points, stations = model.demand.points, model.stations
    covers = np.zeros((len(router.metrics), 3, len(points.x), len(stations.x)), dtype=np.bool_)
    for metric, off_road in enumerate(router.metrics["off_road_s_per_m"]):
        drive_s = router.matrix_s(stations.node, points.node, metric=metric).T
        total_s = drive_s + 1000.0 * off_road * (stations.node_km[None, :] + points.node_km[:, None])
        for p in range(3):
            covers[metric, p] = total_s <= model.demand.cover_days[p] * DAY_S
    return Stationing(
        policy=StationPolicy.DMEXCLP,
        busy_share=float(model.config.parameters.get("busyFraction", "0.3")),
        covers=covers,
        weight=model.demand.weight,
        priority=np.arange(1, 4),
    )


def _calls(model: JemssModel, seed: int) -> NDArray[np.void]:
    table = model.call_table
    n = len(model.calls.x)
    calls = np.zeros(n, CALL_DRAW)
    calls["t_received"] = (table["arrivalTime"] - model.start) * DAY_S
    calls["lon"], calls["lat"], calls["node"] = model.calls.x, model.calls.y, model.calls.node
    calls["priority"], calls["transport"] = table["priority"], table["transport"]
    calls["dispatch_delay_s"] = table["dispatchDelay"] * DAY_S
    calls["scene_s"], calls["offload_s"] = table["onSceneDuration"] * DAY_S, table["handoverDuration"] * DAY_S
    if model.turnout is not None:
        calls["turnout_s"] = np.maximum(model.turnout.sample(np.random.default_rng(seed), n), 0.0) * DAY_S
    calls["u_travel"] = 0.5
    return calls
