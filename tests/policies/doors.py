"""Doors to the policies' functions, which only kernels may call."""

from __future__ import annotations

from ems_twin import policies
from ems_twin._compiled import kernel
from ems_twin.policies import assignment, moves, objective, zhang


@kernel
def review(world, ground):
    policies.review(world, ground)


@kernel
def choose_station(world, ground, u):
    return policies.choose_station(world, ground, u)


@kernel
def times_to_stations(world, ground, u, at):
    moves.times_to_stations(world, ground, u, at)


@kernel
def assign(flat, at, n, m):
    return assignment.assign(flat, at, n, m)


@kernel
def fill_slots(flat, at, n_movable, n, benefit):
    return zhang.fill_slots(flat, at, n_movable, n, benefit)


@kernel
def choose_unit(world, ground, c):
    return policies.choose_unit(world, ground, c)


@kernel
def add_up_gains(world, ground, u, at):
    objective.add_up_gains(world, ground, u, at)


@kernel
def worth_of_move(world, ground, x, y, at):
    return objective.worth_of_move(world, ground, x, y, at)
