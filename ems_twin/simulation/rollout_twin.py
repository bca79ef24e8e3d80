"""Rollout as a policy: a twin that tries candidate moves in sampled futures before it makes one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..demand import Demand, node_weights
from ..world import Ground, World
from .candidates import Candidate
from .futures import draw_futures
from .model import EmergencyTwin
from .own_answers import with_reviews
from .proposals import covering_moves
from .rollout import Rollout, rollout
from .rollout_kernel import order_in

Propose = Callable[[World, Ground], Sequence[Candidate]]
"""Names orders worth trying in a world; going on as it is need not be among them."""


@dataclass(frozen=True, kw_only=True)
class Adviser:
    """What the twin asks, and when."""

    horizon_s: float = 3600.0
    """Length of the futures, seconds."""
    n_futures: int = 200
    """Most futures a candidate is tried in."""
    every_s: float = 300.0
    """Least time between two rollouts, seconds: a review follows every dispatch, and one does as well as three."""
    by: str = "response_s"
    """Measure that decides."""
    level: float = 0.95
    """Probability with which the intervals of one rollout hold together."""
    seed: int = 1
    """Of the futures; the k-th rollout of a run is replication k."""
    threads: int | None = None
    """As :func:`~ems_twin.simulation.rollout.rollout`."""


class RolloutTwin(EmergencyTwin):
    """A twin that makes, at reviews, the move that is clearly best in sampled futures, if one is.

    The futures follow the compiled policies of the ground as it was given. They know nothing of what the night holds
    (:func:`~ems_twin.simulation.futures.draw_futures`), nor of policies in Python.

    Parameters
    ----------
    city, calls
        As :class:`EmergencyTwin` takes them, and so is all that is not named here.
    ground
        What it stands on; reviews are switched on here, so that the policy in force need not have any.
    demand
        What to expect.
    start
        Epoch of the run, with its zone.
    adviser
        How to ask.
    propose
        Names the candidates; by default the ten moves that add most coverage
        (:func:`~ems_twin.simulation.proposals.covering_moves`).
    """

    def __init__(
        self,
        city: City,
        calls: NDArray[np.void],
        *,
        ground: Ground,
        demand: Demand,
        start: datetime,
        adviser: Adviser | None = None,
        propose: Propose | None = None,
        **options: Any,
    ) -> None:
        self.base = ground
        """The ground of the futures."""
        self.demand, self.start, self.adviser = demand, start, adviser or Adviser()
        self.propose = propose or CoveringMoves(demand, city)
        self.asked: list[tuple[float, Rollout]] = []
        """Second of the run and answer of each rollout."""
        super().__init__(city, calls, ground=with_reviews(ground), **options)

    def review(self) -> None:
        """Ask, unless that was done just now, and give the order that is clearly best."""
        best = Candidate.nothing()
        now = float(self.world.clock["now"][0])
        if not self.asked or now >= self.asked[-1][0] + self.adviser.every_s:
            best = self._ask(now)
        order_in(self.handle, best.kind, best.unit, best.target)

    def _ask(self, now: float) -> Candidate:
        ask = self.adviser
        candidates = [Candidate.nothing(), *self.propose(self.world, self.base)]
        if len(candidates) < 2:
            return candidates[0]
        futures = draw_futures(
            self.demand, self.city, self.world, self.base, start=self.start, horizon_s=ask.horizon_s, n=ask.n_futures,
            seed=ask.seed, replication=len(self.asked),
        )  # fmt: skip
        found = rollout(
            candidates, self.world, self.base, futures, target_s=self.city.target_s, by=ask.by, level=ask.level,
            threads=ask.threads,
        )  # fmt: skip
        self.asked.append((now, found))
        return candidates[found.best] if found.is_clear else candidates[0]


class CoveringMoves:
    """:func:`~ems_twin.simulation.proposals.covering_moves` for a city's demand and targets."""

    def __init__(self, demand: Demand, city: City, *, n: int = 10) -> None:
        self._weights, self._target_s, self._n = node_weights(demand), city.target_s[0], n

    def __call__(self, world: World, ground: Ground) -> Sequence[Candidate]:
        """The moves."""
        return covering_moves(world, ground, self._weights, n=self._n, target_s=self._target_s)
