"""Rollout for a variant: the policy's own move and others are tried in sampled futures before one is made.

In the futures, units that become free go back to their base, which is the station that they were last sent to: asking
the policy at each of their steps would take a hundred times longer. The futures are drawn from the demand that the policy
is told of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...city import City
from ...simulation.candidates import Candidate
from ...simulation.futures import draw_futures
from ...simulation.handle import review
from ...simulation.model import EmergencyTwin
from ...simulation.proposals import covering_moves
from ...simulation.rollout import rollout
from ...simulation.rollout_kernel import order_in
from ...world import Ground

if TYPE_CHECKING:
    from .run_day import Runner


def rolling_twin(runner: Runner, still: Ground) -> Any:
    """What makes the twin of a run, for :func:`~ems_twin.simulation.simulate`.

    Parameters
    ----------
    runner
        Of the variant.
    still
        The ground of the futures.
    """

    def twin(city: City, calls: NDArray[np.void], **options: Any) -> _Advised:
        return _Advised(city, calls, runner=runner, still=still, **options)

    return twin


class _Advised(EmergencyTwin):
    """A twin that looks into futures at reviews, at most every so often, in the hours that count."""

    def __init__(self, city: City, calls: NDArray[np.void], *, runner: Runner, still: Ground, **options: Any) -> None:
        self.runner, self.still = runner, still
        self.asked_s: list[float] = []
        super().__init__(city, calls, **options)

    def own_move(self) -> Candidate:
        """What the policy in force would do."""
        review(self.handle)
        units = self.world.units
        wanted = np.flatnonzero(units["move_to"] >= 0)
        move = Candidate.nothing()
        if len(wanted):
            move = Candidate.move(int(wanted[0]), int(units["move_to"][wanted[0]]))
        units["move_to"] = -1
        return move

    def review(self) -> None:
        """Give the order that is clearly best in futures, else the policy's own."""
        best = self.own_move()
        ask, prepared = self.runner.ready.sections.policy.rollout, self.runner.prepared
        assert ask is not None
        now = float(self.world.clock["now"][0])
        due = not self.asked_s or now >= self.asked_s[-1] + 60.0 * ask.every_min
        if due and prepared.count_from_s <= now < prepared.count_to_s:
            best = self._tried(best, now)
        order_in(self.handle, best.kind, best.unit, best.target)

    def _tried(self, own: Candidate, now: float) -> Candidate:
        runner = self.runner
        ready, ask = runner.ready, runner.ready.sections.policy.rollout
        assert ask is not None
        rate = runner.rate[min(int(now // 3600.0), len(runner.rate) - 1)]
        more = covering_moves(
            self.world, self.still, rate / max(float(rate.sum()), 1e-300), n=ask.candidates,
            target_s=ready.city.target_s[0],
        )  # fmt: skip
        others = [one for one in (Candidate.nothing(), *more) if one != own]
        if not more:
            return own
        self.asked_s.append(now)
        futures = draw_futures(
            runner.demand_at(now), ready.city, self.world, self.still, start=runner.prepared.clock.start,
            horizon_s=60.0 * ask.horizon_min, n=ask.futures, seed=runner.prepared.scenario.seed + 1,
            replication=len(self.asked_s), volume_factor=runner.volume_at(now), skill_names=ready.crews.skill_names,
        )  # fmt: skip
        found = rollout([own, *others], self.world, self.still, futures, target_s=ready.city.target_s, threads=1)
        return others[found.best - 1] if found.is_clear and found.best > 0 else own
