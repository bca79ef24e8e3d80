"""Local search on the simulation: move one unit to another site as long as that makes the same nights better.

Candidates come in the order of a model's opinion, and those of which it thinks too little are not tried (pruning). A
candidate meets the replications one after the other and is dropped when it looks no better after a few (racing). The
first that is better by more than its doubt is taken (first improvement).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

Units = NDArray[np.int64]

_RACE = 3  # replications after which a candidate that is no better is dropped


@dataclass(frozen=True, kw_only=True)
class Step:
    """One move that was taken."""

    from_site: int
    to_site: int
    value: float
    """Mean over the replications afterwards."""
    evaluations: int
    """Runs until then."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Search:
    """Where a search began, what it did and where it ended."""

    start: Units
    """Units by site at the start, shape (sites,)."""
    units: Units
    """Units by site at the end, shape (sites,)."""
    start_value: float
    """Mean over the replications at the start; the steps say how it went on."""
    steps: tuple[Step, ...]
    evaluations: int
    """Runs in all."""
    why: str
    """Why it ended, for people."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "start": self.start.tolist(),
            "units": self.units.tolist(),
            "start_value": self.start_value,
            "steps": [vars(step) for step in self.steps],
            "evaluations": self.evaluations,
            "why": self.why,
        }


def local_search(
    value: Callable[[Units, int], float],
    start: Units,
    *,
    room: Units,
    opinion: Callable[[Units], float],
    replications: int = 5,
    max_drop: float = 0.02,
    evaluations: int = 2000,
    seconds: float = np.inf,
    seed: int = 1,
    progress: Callable[[float], None] | None = None,
) -> Search:
    """Improve a placement by moves of one unit. Deterministic unless ``seconds`` end it.

    Parameters
    ----------
    value
        Figure of a placement in a replication, smaller is better: a pure function, such as a simulated mean response.
    start
        Units by site, shape (sites,).
    room
        Most units of each site, shape (sites,).
    opinion
        What a model thinks of a placement, greater is better, such as its expected cover.
    replications
        Replications 0, 1, ... that each candidate must meet, at least 2.
    max_drop
        Candidates whose opinion is lower by more than this share are not tried.
    evaluations, seconds
        Budget: runs and time.
    seed
        Of the order of candidates that the model thinks alike of.
    progress
        Told the share of the budget that is used.

    Raises
    ------
    InputError
        The start does not fit the room, or there are too few replications for a budget.
    """
    if (start > room).any() or (start < 0).any() or start.shape != room.shape:
        raise InputError(
            "the start does not fit the sites", field="start", remedy="Give each site no more than its room."
        )
    if not 2 <= replications <= evaluations:
        raise InputError(
            f"{replications} replications in {evaluations} runs", field="replications", remedy="Give 2 or more of each."
        )
    rng, ends = np.random.default_rng(seed), time.monotonic() + seconds
    now = start.astype(np.int64)
    values = np.array([value(now, k) for k in range(replications)])
    start_value, used = float(values.mean()), replications
    tried = {now.tobytes()}
    steps: list[Step] = []
    why = "no move is better by more than its doubt"
    improved = True
    while improved and why[0] == "n":
        improved = False
        for from_site, to_site in _moves(now, room, opinion, max_drop, rng):
            other = now.copy()
            other[from_site] -= 1
            other[to_site] += 1
            if other.tobytes() in tried:
                continue
            if used + replications > evaluations or time.monotonic() > ends:
                why = f"the budget of {evaluations} runs is spent" if time.monotonic() <= ends else "time is up"
                break
            tried.add(other.tobytes())
            met: list[float] = []
            while len(met) < replications and _may_win(values[: len(met)], met):
                met.append(value(other, len(met)))
            used += len(met)
            if progress is not None:
                progress(min(max(used / evaluations, 1 - max(ends - time.monotonic(), 0) / seconds), 1.0))
            if len(met) == replications and _is_better(values, np.array(met)):
                now, values, improved = other, np.array(met), True
                steps.append(Step(from_site=from_site, to_site=to_site, value=float(values.mean()), evaluations=used))
                break
    return Search(
        start=start.astype(np.int64), units=now, start_value=start_value, steps=tuple(steps), evaluations=used, why=why
    )


def _moves(
    now: Units, room: Units, opinion: Callable[[Units], float], max_drop: float, rng: np.random.Generator
) -> list[tuple[int, int]]:
    """Moves worth trying, those that the model thinks most of first."""
    least = opinion(now) - max_drop * abs(opinion(now))
    rated = []
    for from_site in np.flatnonzero(now > 0):
        for to_site in np.flatnonzero(now < room):
            if from_site != to_site:
                other = now.copy()
                other[from_site] -= 1
                other[to_site] += 1
                rated.append((-opinion(other), rng.random(), int(from_site), int(to_site)))
    return [(a, b) for rate, _, a, b in sorted(rated) if -rate >= least]


def _may_win(values: NDArray[np.float64], met: list[float]) -> bool:
    """Whether a candidate is worth another replication."""
    return len(met) < _RACE or float(np.mean(met)) < float(values.mean())


def _is_better(values: NDArray[np.float64], met: NDArray[np.float64]) -> bool:
    """Whether the mean paired difference is below 0 by more than its standard error."""
    apart = met - values
    return float(apart.mean()) < -float(apart.std(ddof=1)) / np.sqrt(len(apart)) and bool(apart.any())
