"""Worlds in the middle of a night, and what to expect of their cities, for the tests of rollouts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from row_worlds import row_city
from test_conservation import random_setting

from ems_twin.city import City
from ems_twin.demand import CALL_DRAW, CaseMix, Chance, Delay, Demand, defaults_for
from ems_twin.routing import Router
from ems_twin.simulation.handle import make_handle, run
from ems_twin.world import Fleet, Ground, Rules, World, make_ground, new_world

SOON = Delay(median_s=300.0, sigma=0.8, longest_s=3000.0)


def demand_of(city: City, rate: float, *, plain: bool = False) -> Demand:
    """``rate`` calls an hour, with every turn that a call can take."""
    mix = CaseMix(
        cancelled=Chance(share=0.3, after=SOON), refused=0.2, units={2: 0.2, 3: 0.1}, skills={"als": 0.2},
    )  # fmt: skip
    worse = replace(mix, worsens=Chance(share=0.3, after=SOON), worse_priority=1)
    mixes = {} if plain else {"case_mix": (mix, worse, worse)}
    return replace(defaults_for(city), hour_of_week=np.full(168, rate), **mixes)


def new_night(city: City, calls: np.ndarray, options: dict[str, Any]) -> tuple[World, Ground]:
    """A random setting before its first event."""
    ground = make_ground(city, options["router"], options["rules"], stationing=options["stationing"])
    world = new_world(
        city, calls, fleet=options["fleet"], walk_ins=options["walk_ins"], horizon_s=float(calls["t_received"][-1]),
        keep_trace=False,
    )  # fmt: skip
    return world.with_scratch(ground.stationing.scratch_needed(len(world.units), len(world.stations))), ground


def random_present(seed: int) -> tuple[City, Fleet, World, Ground]:
    """A random night with random rules, after some number of events: often within an instant."""
    rng = np.random.default_rng([seed, 1])
    city, calls, options = random_setting(seed, int(rng.integers(1, 80)), float(rng.uniform(20, 900)))
    world, ground = new_night(city, calls, options)
    run(make_handle(world, ground), np.inf, int(rng.integers(1, 700)))
    return city, options["fleet"], world, ground


def lopsided(calls_at: int) -> tuple[City, Demand, World, Ground]:
    """Three units at one end of a row of ten junctions, an empty station at the other, all calls at one node."""
    city = row_city(stations=((0, 0), (0, 9)))
    weight = np.zeros(city.roads.n_nodes)
    weight[calls_at] = 1.0
    demand = replace(demand_of(city, 4.0, plain=True), node_weight=weight)
    ground = make_ground(city, Router.for_city(city), Rules())
    fleet = Fleet(homes=np.zeros(3, np.int32), skills=np.full(3, 1, np.int32))
    return city, demand, new_world(city, np.zeros(0, CALL_DRAW), fleet=fleet, keep_trace=False), ground
