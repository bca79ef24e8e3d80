"""Run a scenario: every variant of every case meets the same days, and what is done is kept at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..replicate import replicate
from .day import Day, day_of
from .placement import search_placement
from .prepare import Prepared, Ready
from .run_day import Runner, draw_night, night_key
from .store import Store, key_of

Say = Callable[[str, float], None]
"""Told what is being done and the share done."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer:
    """What was found: days by case and variant, in the same order of replications for all."""

    prepared: Prepared
    days: dict[tuple[str, str], tuple[Day, ...]]
    placements: dict[tuple[str, str], NDArray[np.int64]]
    """Units at each station, where a search has placed them."""
    seconds: dict[str, float]
    """Time that was taken: ``searching``, ``simulating`` of the variants without rollout, ``rollout``."""
    reused: int
    """Days that were kept from before."""
    notes: tuple[str, ...] = field(default=())


def answer(
    prepared: Prepared,
    *,
    out: Path | None = None,
    threads: int | None = None,
    say: Say | None = None,
) -> Answer:
    """Simulate all days of a scenario.

    Parameters
    ----------
    prepared
        The scenario, ready.
    out
        Folder in which days are kept, so that an interrupted run goes on and a changed one redoes only what changed.
    threads
        Days at a time; by default as many as there are processors. Results do not depend on it.
    say
        Told what is being done and the share done.

    Raises
    ------
    InputError
        The folder cannot be written to, or a policy needs the other driver.
    """
    say = say or (lambda _text, _share: None)
    store = Store(out)
    began = perf_counter()
    placements = _placements(prepared, store, say)
    seconds = {"searching": perf_counter() - began, "simulating": 0.0, "rollout": 0.0}
    days: dict[tuple[str, str], tuple[Day, ...]] = {}
    total = sum(one.replications for one in prepared.ready)
    done, reused, lock = 0, 0, Lock()

    def told(case: str, rolls: bool) -> str:
        what = "trying moves in sampled futures" if rolls else "simulating"
        return f"{what}, {case}" if case else what

    for case in prepared.cases:
        for rolls in (False, True):
            group = [
                one for one in prepared.ready
                if one.case == case and (one.sections.policy.rollout is not None) == rolls
            ]  # fmt: skip
            if not group:
                continue
            began = perf_counter()
            runners = [Runner(prepared, one, placements.get((case, one.variant))) for one in group]
            keys = [key_of(prepared, one) for one in group]

            def meet(
                k: int, runners: list[Runner] = runners, keys: list[str] = keys, case: str = case, rolls: bool = rolls
            ) -> list[Day | None]:
                nonlocal done, reused
                nights: dict[Any, Any] = {}
                found: list[Day | None] = []
                for runner, key in zip(runners, keys, strict=True):
                    if k >= runner.ready.replications:
                        found.append(None)
                        continue
                    day = store.get(key, k)
                    kept = day is not None
                    if day is None:
                        which = night_key(runner.ready)
                        if which not in nights:
                            nights[which] = draw_night(prepared, runner.ready, k)
                        run = runner.run(nights[which])
                        day = day_of(
                            run, prepared.areas, count_from_s=prepared.count_from_s, count_to_s=prepared.count_to_s
                        )
                        store.put(key, k, day)
                    found.append(day)
                    with lock:
                        done, reused = done + 1, reused + kept
                        say(told(case, rolls), done / total)
                return found

            rows = replicate(meet, max(one.replications for one in group), threads=threads)
            seconds["rollout" if rolls else "simulating"] += perf_counter() - began
            for i, one in enumerate(group):
                days[case, one.variant] = tuple(row[i] for row in rows if row[i] is not None)  # type: ignore[misc]
    return Answer(prepared=prepared, days=days, placements=placements, seconds=seconds, reused=reused)


def _placements(prepared: Prepared, store: Store, say: Say) -> dict[tuple[str, str], NDArray[np.int64]]:
    """Where a search bases the units of the variants that ask for one; alike ones are searched for once."""
    wanted = [one for one in prepared.ready if one.sections.resources.placement != "own"]
    found: dict[tuple[str, str], NDArray[np.int64]] = {}
    for i, one in enumerate(wanted):
        day = prepared.placing[one.case, one.variant]
        key = key_of(prepared, day)
        units = store.get_placement(key)
        if units is None:
            said = f"searching where units are best based for {_whose(one)}"
            best = search_placement(
                prepared,
                day,
                progress=lambda share, i=i, said=said: say(  # type: ignore[misc]
                    said, (i + share) / len(wanted)
                ),
            )
            units = best.units
            store.put_placement(key, units)
        found[one.case, one.variant] = units
    return found


def _whose(ready: Ready) -> str:
    which = "an ordinary day" if ready.sections.resources.placement == "ordinary" else "the event"
    return f"{which}, {ready.case}" if ready.case else which
