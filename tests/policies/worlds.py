"""Worlds made by hand for the tests of policies: a small chessboard city, units anywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
from doors import review

from ems_twin.city.sample import grid_city
from ems_twin.demand import CALL_DRAW
from ems_twin.routing import Router
from ems_twin.world import Ground, Rules, Stationing, StationPolicy, UnitStatus, World, make_ground, new_world

BLOCK_S = 20.0  # 200 m at 36 km/h
NOW = 10_000.0
SIDE = 7
PLACES = ((0, 0), (1, 5), (4, 2), (6, 6))
NODES = np.array([row * SIDE + col for row, col in PLACES])
CITY = grid_city(SIDE, SIDE, stations=PLACES, hospitals=((3, 3),), units_per_station=2)
ROUTER = Router.for_city(CITY)


def blocks(a: int, b: int) -> int:
    return abs(a // SIDE - b // SIDE) + abs(a % SIDE - b % SIDE)


def seconds(node: int) -> np.ndarray:
    """From a node to the stations."""
    return BLOCK_S * np.array([blocks(node, station) for station in NODES])


def made(stationing: Stationing, calls: np.ndarray | None = None, rules: Rules | None = None) -> tuple[World, Ground]:
    """A world at ``NOW`` with exactly the scratch that the policy says it needs, and guarded."""
    world = new_world(CITY, np.zeros(0, CALL_DRAW) if calls is None else calls)
    world.clock["now"] = NOW
    needed = stationing.scratch_needed(len(world.units), len(CITY.stations))
    guarded = np.full(needed + 10, -7.0)
    return world._replace(scratch=guarded[:needed]), make_ground(CITY, ROUTER, rules or Rules(), stationing=stationing)


def put_on_road(world: World, u: int, node: int, station: int, status: int = UnitStatus.RETURNING) -> None:
    """The unit is at a node just now and began its trip there 1000 s ago: it has driven in circles."""
    unit = world.units[u]
    unit["status"], unit["home"], unit["station"], unit["since"] = status, station, station, NOW - 1000.0
    unit["metric"], unit["from_node"], unit["t_from"] = 1, node, NOW
    unit["trip_node"], unit["t_trip"] = node, NOW - 1000.0
    unit["to_node"], unit["t_to"] = NODES[station], NOW + seconds(node)[station]


def put_at_hospital(world: World, u: int) -> None:
    unit = world.units[u]
    unit["status"], unit["station"], unit["hospital"] = UnitStatus.AT_HOSPITAL, -1, 0
    unit["from_node"] = unit["to_node"] = CITY.hospitals[0].node
    unit["t_from"] = unit["t_to"] = NOW - 60.0


def scatter(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Put units anywhere; returns the movable ones and their seconds to the stations."""
    rows, times = [], []
    for u in range(len(world.units)):
        draw = rng.random()
        station, node = int(rng.integers(len(NODES))), int(rng.integers(SIDE * SIDE))
        if draw < 0.5:
            world.units[u]["home"] = world.units[u]["station"] = station
            world.units[u]["from_node"] = world.units[u]["to_node"] = node = int(NODES[station])
        elif draw < 0.8:
            put_on_road(world, u, node, station, (UnitStatus.RETURNING, UnitStatus.RELOCATING)[u % 2])
        else:
            world.units[u]["status"] = UnitStatus.ON_SCENE
            continue
        rows.append(u)
        times.append(seconds(node))
    return np.array(rows), np.array(times).reshape(-1, len(NODES))


def reviewed(world: World, ground: Ground) -> list[int]:
    """Answer of a review; nothing beside the scratch is written to."""
    world.units["move_to"] = 0  # left over from before
    review(world, ground)
    assert (world.scratch.base[-10:] == -7.0).all()
    return world.units["move_to"].tolist()


def targets(world: World) -> np.ndarray:
    return np.where(world.units["move_to"] >= 0, world.units["move_to"], world.units["home"])


def some_table(rng: np.random.Generator, n_units: int, rows_each: int) -> np.ndarray:
    return np.array([rng.multinomial(k, np.ones(4) / 4) for k in range(1, n_units + 1) for _ in range(rows_each)])


def slots(*rows: tuple[float, ...]) -> np.ndarray:
    widest = max(map(len, rows))
    return np.array([[*row, *[np.nan] * (widest - len(row))] for row in rows])


BENEFIT = slots((9.0, 5.0, 2.0), (8.0, 8.0), (7.0, 6.0, 1.0, 0.5), (3.0, 2.0, 1.0))


def zhang(**changed: Any) -> Stationing:
    facts = {
        "slot_benefit": BENEFIT, "travel_cost_per_s": 0.02, "on_road_discount": 0.5, "regret_limit_s": 600.0,
        "expected_handover_s": 120.0,
    }  # fmt: skip
    return Stationing(policy=StationPolicy.ZHANG, **facts | changed)
