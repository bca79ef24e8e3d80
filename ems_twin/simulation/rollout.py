"""Rollout: try each order in many sampled futures of the present, and say which is best and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..world import Ground, World
from ..world.schema import CALL, HEAP_ENTRY, HOSPITAL, STATION, TRACE, UNIT, WALK_IN
from .candidates import Candidate
from .futures import Futures
from .handle import make_handle
from .measures import MORE_IS_BETTER, Measures, gain, ratio
from .own_answers import Boundary
from .rollout_kernel import run_futures
from .statistics import Estimate
from .survival import ArrestTimes
from .threads import cores

_FIRST_LOOK = 50
_CHUNK = 100  # futures a thread runs in one go: some 20 ms of compiled work


@dataclass(frozen=True, eq=False, kw_only=True)
class Outlook:
    """What is to be expected of one candidate."""

    candidate: Candidate
    means: dict[str, float]
    """Each of :attr:`Measures.names <ems_twin.simulation.measures.Measures>` over its futures."""
    gains: dict[str, Estimate]
    """How much better each measure is than under the first candidate, in the same futures; above 0 is better."""
    n_futures: int
    """Futures that were run: fewer than others' if it was clearly not the best."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Rollout:
    """The answer."""

    outlooks: tuple[Outlook, ...]
    """One a candidate, in their order."""
    best: int
    """Place of the candidate with the best mean of the measure that was asked for, of those not given up."""
    by: str
    """That measure."""
    is_clear: bool
    """Whether the best is another than the first, and better than it with the interval's level."""
    level: float
    """Probability with which the intervals of all candidates hold together."""
    n_futures: int
    """Most futures that a candidate was run in."""
    seconds: float
    """Wall time, drawing of the futures not included."""


def rollout(
    candidates: Sequence[Candidate],
    world: World,
    ground: Ground,
    futures: Futures,
    *,
    target_s: tuple[float, ...],
    by: str = "response_s",
    survival: str = "de_maio_2003",
    times: ArrestTimes | None = None,
    longest_s: float = 3600.0,
    level: float = 0.95,
    stop_early: bool = True,
    threads: int | None = None,
) -> Rollout:
    """Run every candidate through the same futures under the compiled policies, and compare.

    Of the calls received until the end of the horizon and those that wait now, all are followed until a unit is on scene,
    at most ``longest_s`` beyond the horizon: who is not reached then counts with the time waited so far, who was handed
    over to a neighbouring service with ``longest_s``.

    Candidates are looked at after 50 futures, 100, 200 and so on; one whose paired difference to the best so far
    excludes 0 is given up, and all ends when one is left. Looking often and at many finds differences by chance: every
    interval has the level 1 - (1 - ``level``) / (looks x (candidates - 1)), so that all together hold at ``level``
    (Bonferroni). Results do not depend on the number of threads.

    Parameters
    ----------
    candidates
        What could be done; the first is what the others are compared with, as a rule nothing.
    world, ground
        The world, which is not changed, and the ground: its rules and policies are in force in the futures.
    futures
        :func:`~ems_twin.simulation.futures.draw_futures` of that world now.
    target_s
        Response-time targets by priority, the last for all further ones, seconds.
    by
        Measure that decides, one of :class:`~ems_twin.simulation.measures.Measures`.
    survival, times
        Which of :data:`~ems_twin.simulation.survival.MODELS`, and its clocks.
    longest_s
        See above, seconds.
    level
        Probability with which all intervals hold together.
    stop_early
        Whether to give candidates up.
    threads
        Threads that work side by side; by default one for each core.

    Raises
    ------
    InputError
        If there is no candidate or one cannot be carried out, there are fewer than two futures, or the measure is
        unknown.
    """
    begin = perf_counter()
    if not candidates:
        raise InputError("there are no candidates", field="candidates", remedy="Give at least one.")
    for candidate in candidates:
        candidate.check(world)
    if futures.n < 2:
        raise InputError(f"{futures.n} futures", field="futures", remedy="An interval needs 2 at least.")
    measures = Measures(futures, target_s, survival=survival, times=times)
    if by not in measures.names:
        raise InputError(f"there is no measure '{by}'", field="by", remedy=f"Use {', '.join(measures.names)}.")
    looks = _looks(futures.n)
    each = 1 - (1 - level) / (len(looks) * max(len(candidates) - 1, 1))
    runner = Runner(ground, futures, longest_s=longest_s)
    orders = [candidate.order(futures.present) for candidate in candidates]
    answers = [runner.answers() for _ in candidates]
    sums = [np.zeros((len(measures.names), 2, futures.n)) for _ in candidates]
    done = [0] * len(candidates)
    alive, column, lo = list(range(len(candidates))), measures.names.index(by), 0

    def play(task: tuple[int, int, int]) -> None:
        i, a, b = task
        runner.run(orders[i], a, b, *answers[i])
        sums[i][:, :, a:b] = measures.sums(*answers[i], a, b)

    with ThreadPoolExecutor(threads or cores()) as pool:
        for hi in looks:
            chunks = [(a, min(a + _CHUNK, hi)) for a in range(lo, hi, _CHUNK)]
            running = sorted({0, *alive})  # the first goes on even when given up: all others are compared with it
            list(pool.map(play, [(i, a, b) for a, b in chunks for i in running]))
            for i in running:
                done[i] = hi
            best = _best([sums[i][column, :, :hi] for i in alive], by)
            lo, leader = hi, alive[best]
            if stop_early:
                alive = [i for i in alive if not _is_worse(sums[leader], sums[i], column, by, hi, each)]
            if len(alive) < 2 <= len(candidates) and stop_early:
                break
    outlooks = tuple(
        _outlook(candidate, measures.names, sums[0], sums[i], done[i], each) for i, candidate in enumerate(candidates)
    )
    gained = outlooks[leader].gains.get(by)
    return Rollout(
        outlooks=outlooks, best=leader, by=by, is_clear=leader > 0 and gained is not None and gained.low > 0,
        level=level, n_futures=max(done), seconds=perf_counter() - begin,
    )  # fmt: skip


class Runner:
    """Runs futures of one present, in arrays of its own for each call, so that threads do not meet."""

    def __init__(self, ground: Ground, futures: Futures, *, longest_s: float = 3600.0) -> None:
        self._ground, self._futures, self._longest_s = ground, futures, longest_s
        self._present = make_handle(futures.present.world, ground)

    def answers(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Room for responses and times at hospital, NaN in every row of the futures."""
        nothing = np.full(len(self._futures.rows), np.nan)
        return nothing, nothing.copy()

    def run(
        self,
        order: NDArray[np.int64],
        lo: int,
        hi: int,
        response_s: NDArray[np.float64],
        offload_s: NDArray[np.float64],
    ) -> World:
        """Run futures ``lo`` to ``hi`` under an order; answers go into their rows. Returns the last one's world."""
        f = self._futures
        world = room_for(f, self._ground)
        try:
            run_futures(
                make_handle(world, self._ground), self._present, f.rows, f.first, f.walk_ins, f.walk_first, f.keys, order,
                lo, hi, f.until_s, self._longest_s, response_s, offload_s,
            )  # fmt: skip
        except Exception as error:
            if refused := Boundary().explain(error, world, self._ground):
                raise refused from error
            raise
        return world


def room_for(futures: Futures, ground: Ground) -> World:
    """An empty world in which each of the futures has room."""
    present = futures.present.world
    n_units, n_calls = len(present.units), int(np.diff(futures.first).max(initial=0)) + 1
    n_pending = 3 * n_calls + 4 * n_units + int((present.hospitals["bays"] + 1).sum()) + len(present.calendar) + 8
    n_walk_ins = int((futures.walk_first[:, -1] - futures.walk_first[:, 0]).max(initial=0))
    return World(
        units=np.zeros(n_units, UNIT),
        calls=np.zeros(n_calls, CALL),
        hospitals=np.zeros(len(present.hospitals), HOSPITAL),
        stations=np.zeros(len(present.stations), STATION),
        calendar=np.zeros(n_pending, HEAP_ENTRY),
        queue=np.zeros(n_calls + 1, HEAP_ENTRY),
        clock=present.clock.copy(),
        walk_ins=np.zeros(n_walk_ins, WALK_IN),
        agenda=present.agenda,
        scratch=np.zeros(ground.stationing.scratch_needed(n_units, len(present.stations))),
        trace=np.zeros(0, TRACE),
    )


def _looks(n: int) -> list[int]:
    """After how many futures to look: 50 and twice as many each time."""
    looks = []
    at = _FIRST_LOOK
    while at < n:
        looks.append(at)
        at *= 2
    return [*looks, n]


def _best(sums: list[NDArray[np.float64]], by: str) -> int:
    """Place of the best; of equals the first."""
    sign = 1.0 if MORE_IS_BETTER.get(by, True) else -1.0
    values = [sign * ratio(one) for one in sums]
    return int(np.argmax(np.where(np.isnan(values), -np.inf, values)))


def _is_worse(
    best: NDArray[np.float64], other: NDArray[np.float64], column: int, by: str, n: int, level: float
) -> bool:
    found = gain(by, other[column, :, :n], best[column, :, :n], level=level)
    return found is not None and found.low > 0


def _outlook(
    candidate: Candidate,
    names: tuple[str, ...],
    base: NDArray[np.float64],
    own: NDArray[np.float64],
    n: int,
    level: float,
) -> Outlook:
    gains = {}
    for i, name in enumerate(names):
        found = gain(name, base[i, :, :n], own[i, :, :n], level=level)
        if found is not None:
            gains[name] = found
    means = {name: ratio(own[i, :, :n]) for i, name in enumerate(names)}
    return Outlook(candidate=candidate, means=means, gains=gains, n_futures=n)
