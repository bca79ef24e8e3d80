"""Rollout for a variant: candidate moves are tried in futures drawn from the demand that is expected then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...city import City
from ...simulation.proposals import covering_moves
from ...simulation.rollout_twin import Adviser, RolloutTwin

if TYPE_CHECKING:
    from .run_day import Runner


def rolling_twin(runner: Runner) -> Any:
    """What makes the twin of a run, for :func:`~ems_twin.simulation.simulate`."""
    ready, clock = runner.ready, runner.prepared.clock
    ask = ready.sections.policy.rollout
    assert ask is not None
    target_s, weights = ready.city.target_s[0], runner.rate

    def propose(world: Any, ground: Any) -> Any:
        hour = min(int(float(world.clock["now"][0]) // 3600.0), len(weights) - 1)
        rate = weights[hour]
        return covering_moves(world, ground, rate / max(float(rate.sum()), 1e-300), n=ask.candidates, target_s=target_s)

    def twin(city: City, calls: NDArray[np.void], *, ground: Any, **options: Any) -> RolloutTwin:
        return RolloutTwin(
            city, calls, ground=ground, demand=runner.demand_at, volume=runner.volume_at, start=clock.start,
            adviser=Adviser(
                horizon_s=60.0 * ask.horizon_min, n_futures=ask.futures, every_s=60.0 * ask.every_min,
                seed=runner.prepared.scenario.seed + 1, threads=1,
            ),
            propose=propose, skill_names=ready.crews.skill_names, **options,
        )  # fmt: skip

    return twin
