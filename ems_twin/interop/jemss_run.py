"""Run a JEMSS model by our law, with the rules that JEMSS has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ..city import City, Hospital, RoadNetwork, Station
from ..demand import CALL_DRAW
from ..errors import InputError
from ..routing import Router
from ..simulation import Run
from ..simulation.run import close_spells, drive
from ..world import Fleet, Ground, Purpose, Rules, SpeedPlan, World, make_ground, new_world
from ..world.fleet import EVERYTHING
from .jemss_model import JemssModel, Places
from .jemss_stationing import RUN_HERE, stationing_of

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
            start=datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=self.model.calls.start_days),
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

    Raises
    ------
    InputError
        If the model asks for a move-up module that is not run here, or to replay decisions, or the module's tables
        cannot be used for all that may happen.
    """
    _check_known(model)
    city = _city(model)
    router = _router(model, city)
    mobilisation = model.mobilisation
    rules = Rules(
        expected_turnout_s=mobilisation.expected_days * DAY_S if mobilisation.use else 0.0,
        preempt=tuple((int(a) + 1, int(b) + 1) for a, b in np.argwhere(model.redispatch)),
    )
    ground = make_ground(
        city, router, rules, speeds=_speeds(model), stationing=stationing_of(model, router), n_priorities=3
    )
    world = new_world(city, _calls(model, seed), fleet=_fleet(model))
    world.put_off_road(*(1000.0 * places.node_km for places in (model.calls, model.stations, model.hospitals)))
    world.calls["hospital_wanted"] = model.calls.hospital
    world = drive(city, router, world, ground, driver=driver, progress=progress)
    close_spells(world, max(float(world.clock["now"][0]), 1.0))
    return JemssRun(model=model, city=city, router=router, ground=ground, world=world, rules=rules, driver=driver)


def _check_known(model: JemssModel) -> None:
    config = model.config
    if model.move_up.module not in RUN_HERE:
        raise InputError(
            f"the move-up module '{model.move_up.module}' is not run here",
            file=config.config_file,
            field="decision/moveUp/module",
            remedy=f"Use {', '.join(RUN_HERE)}.",
        )
    if config.resim:
        raise InputError(
            "asks to replay the decisions of an events file",
            file=config.config_file,
            field="resim",
            remedy="Set it to false.",
        )


def _city(model: JemssModel) -> City:
    n, m = len(model.nodes.x), len(model.arcs.tail)
    first_out = np.zeros(n + 1, np.int32)
    np.cumsum(np.bincount(model.arcs.tail, minlength=n), out=first_out[1:])
    length_m = np.maximum(1000.0 * model.arcs.distance_km, 1e-3)
    roads = RoadNetwork(
        lon=model.nodes.x, lat=model.nodes.y,
        x=1000.0 * model.map.x_scale * model.nodes.x, y=1000.0 * model.map.y_scale * model.nodes.y,
        osm_id=model.nodes.number.astype(np.int64), first_out=first_out, head=model.arcs.head, length_m=length_m,
        speed_mps=length_m / (model.arcs.time_days[-1] * DAY_S), road_class=np.zeros(m, np.uint8),
        name_id=np.zeros(m, np.int32), names=("",), shape_first=np.zeros(m + 1, np.int32), shape_lon=np.zeros(0),
        shape_lat=np.zeros(0), crs="JEMSS plane",
    )  # fmt: skip
    units = np.bincount(model.ambulances.station, minlength=len(model.stations.x))
    name = model.config.config_file.parent.name or "jemss"

    def rows(places: Places) -> Iterator[tuple[int, float, float, int]]:
        for i, (x, y, node) in enumerate(zip(places.x, places.y, places.node, strict=True)):
            yield i, float(x), float(y), int(node)

    return City(
        name=name,
        title=name,
        timezone="UTC",
        roads=roads,
        stations=tuple(
            Station(id=f"{i + 1}", name=f"Station {i + 1}", lon=x, lat=y, node=node, units=int(units[i]))
            for i, x, y, node in rows(model.stations)
        ),
        hospitals=tuple(
            Hospital(id=f"{i + 1}", name=f"Hospital {i + 1}", lon=x, lat=y, node=node, beds=0, bays=0)
            for i, x, y, node in rows(model.hospitals)
        ),
        content_hash="jemss",
        target_s=tuple(float(days) * DAY_S for days in model.priorities.target_days),
        attribution="",
    )


def _fleet(model: JemssModel) -> Fleet:
    homes = model.ambulances.station
    return Fleet(homes=homes, skills=np.full(len(homes), EVERYTHING, np.int32))


def _router(model: JemssModel, city: City) -> Router:
    edge_s = model.arcs.time_days * DAY_S
    off_road_mps = [float(km_per_day) * 1000.0 / DAY_S for km_per_day in model.travel.off_road_km_per_day]
    if len(edge_s) == 1:  # one mode: both metrics are the same
        return Router(city.roads, edge_s[0], sirens_factor=1.0, off_road_mps=off_road_mps * 2)
    return Router(city.roads, edge_s, off_road_mps=off_road_mps)


def _speeds(model: JemssModel) -> SpeedPlan:
    travel = model.travel
    metric = np.zeros((len(travel.set_mode), len(Purpose), 4), dtype=np.int64)
    for row, modes in enumerate(travel.set_mode):
        metric[row, Purpose.RESPONSE, 1:] = modes[model.priorities.response_travel_priority.astype(int) - 1]
        metric[row, Purpose.TRANSPORT] = metric[row, Purpose.RETURN] = modes[_LOW]
    from_s = (travel.start_days - model.calls.start_days) * DAY_S
    return SpeedPlan(from_s=from_s, set_row=travel.timing_set.astype(np.int64), metric=metric)


def _calls(model: JemssModel, seed: int) -> NDArray[np.void]:
    given = model.calls
    n = len(given.x)
    calls = np.zeros(n, CALL_DRAW)
    calls["t_received"] = (given.arrival_days - given.start_days) * DAY_S
    calls["lon"], calls["lat"], calls["node"] = given.x, given.y, given.node
    calls["priority"], calls["transport"] = given.priority, given.transport
    calls["dispatch_delay_s"] = given.dispatch_delay_days * DAY_S
    calls["scene_s"], calls["offload_s"] = given.on_scene_days * DAY_S, given.handover_days * DAY_S
    law = model.mobilisation.distribution
    if model.mobilisation.use and law is not None:
        calls["turnout_s"] = np.maximum(law.sample(np.random.default_rng(seed), n), 0.0) * DAY_S
    calls["u_travel"] = 0.5
    return calls
