"""Moves worth a rollout: those that add most expected coverage, reckoned in a moment."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..world import Ground, Purpose, UnitStatus, World
from .candidates import Candidate


def covering_moves(
    world: World,
    ground: Ground,
    weights: NDArray[np.float64],
    *,
    n: int = 10,
    target_s: float = 480.0,
    busy_share: float = 0.3,
    longest_move_s: float = 1200.0,
) -> list[Candidate]:
    """Moves of one unit from its station to another, the most promising first.

    Scored as Jagtenberg, Bhulai and van der Mei (2015) reckon coverage: a point that k units cover is worth 1 - q^k of
    its demand, so a unit that goes from x to y gains (1 - q) q^k at the points that only y covers, and loses
    (1 - q) q^(k - 1) at those that only x does.

    Parameters
    ----------
    world, ground
        The world now, and its ground.
    weights
        Share of the calls at each road node (:func:`~ems_twin.demand.node_weights`), shape (nodes,).
    n
        Most moves to name.
    target_s
        Drive that counts as covered, at the speeds of the most urgent calls, seconds.
    busy_share
        q: share of the time that a unit is busy.
    longest_move_s
        No move whose drive is longer, seconds (20 min: longer ones are not known to pay).
    """
    parked = np.flatnonzero(world.units["status"] == UnitStatus.AT_STATION)
    at = world.units["station"][parked]
    n_stations = len(world.stations)
    i = max(int(np.searchsorted(ground.speeds_from_s, world.clock["now"][0], side="right")) - 1, 0)
    of_set = ground.speeds_metric[ground.speeds_set[i]]
    there = ground.labels.metrics[int(of_set[Purpose.RESPONSE, 1])]
    back = ground.labels.metrics[int(of_set[Purpose.RETURN, 0])]
    covers = ground.places.from_ticks[there["row"], :, :n_stations] * there["tick_s"] <= target_s
    units = covers @ np.bincount(at, minlength=n_stations)
    gains = (1 - busy_share) * weights * busy_share**units
    more = (gains[:, None] * covers).sum(axis=0) - (covers.T.astype(np.float64) @ (gains[:, None] * covers))
    losses = np.where(units > 0, gains / busy_share, 0.0)
    less = (losses[:, None] * covers).sum(axis=0)[:, None] - (covers.T.astype(np.float64) @ (losses[:, None] * covers))
    score = more - less  # by (from, to): both terms leave out what both stations cover
    drive_s = ground.places.to_ticks[back["row"], :n_stations][:, world.stations["node"]].T * back["tick_s"]
    score[(drive_s > longest_move_s) | np.eye(n_stations, dtype=np.bool_)] = -np.inf
    unit_at = np.full(n_stations, -1)
    unit_at[at[::-1]] = parked[::-1]
    score[unit_at < 0] = -np.inf
    order = np.argsort(-score, axis=None, kind="stable")[:n]
    pairs = np.unravel_index(order, score.shape)
    return [Candidate.move(int(unit_at[x]), int(y)) for x, y in zip(*pairs, strict=True) if np.isfinite(score[x, y])]
