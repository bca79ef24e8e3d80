"""Arms: ways in which the day may go, simulated on numbered days that all of them meet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....simulation import Run
from ...figures import figures_of
from ...replicate import replicate
from ...trial import TRAIN, VALIDATE
from ..prepare import Prepared, Ready
from ..run_day import Night, Runner, draw_night, night_key
from ..store import Store, key_of

FIGURES = ("response_s", "late_share")
"""Figures of a day, in the order of the last axis of :meth:`Days.figures`: seconds and percent."""
MEAN, LATE = range(2)
TRAINING = TRAIN - VALIDATE + 500_000
"""First of the days to choose by; the search for a placement uses earlier ones."""
FRESH = 200_000
"""First of the days to judge by: beyond those that a scenario may ask for, and none that anything was chosen by."""


class NothingCountsError(Exception):
    """On some day no call counts, so that there is no mean to compare."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Arm:
    """A variant that was changed in one way."""

    prepared: Prepared
    ready: Ready
    placement: NDArray[np.int64] | None = None
    """Units at each station, shape (stations,), in place of where they are based."""

    @cached_property
    def key(self) -> str:
        """Key under which its days are kept."""
        units = self.ready.crews.at_station if self.placement is None else self.placement
        facts = f"{key_of(self.prepared, self.ready)} {units.tolist()} {self.placement is None}"
        return sha256(facts.encode()).hexdigest()[:16]

    def run(self, night: Night) -> Run:
        """One day; what simulates it is made at the first."""
        with self._lock:
            runner = self._runner
        return runner.run(night, keep_trace=False)

    @cached_property
    def _runner(self) -> Runner:
        return Runner(self.prepared, self.ready, self.placement)

    @cached_property
    def _lock(self) -> Any:
        return Lock()


class Days:
    """Simulates arms on numbered days, keeps what they amount to, and counts.

    Parameters
    ----------
    prepared
        The scenario.
    store
        Where figures are kept.
    threads
        Days at a time; results do not depend on it.
    tell
        Told the number of days that have been asked for since :meth:`begin`, each once.
    """

    def __init__(
        self,
        prepared: Prepared,
        store: Store,
        *,
        threads: int | None = None,
        tell: Callable[[int], None] | None = None,
    ) -> None:
        self.prepared, self.store, self.threads = prepared, store, threads
        self.tell = tell or (lambda _used: None)
        self.used = 0
        self.reused = 0
        self._nights: dict[tuple[object, int], Night] = {}
        self._found: dict[tuple[str, int], NDArray[np.float64]] = {}
        self._lock = Lock()
        self._one_cell = np.zeros(prepared.city.roads.n_nodes, np.int64)

    def begin(self) -> None:
        """Count anew, for another question."""
        self.used = 0

    def figures(self, arms: Sequence[Arm], first: int, n: int) -> NDArray[np.float64]:
        """Figures of some arms on days ``first``, ``first + 1``, ..., shape (arms, n, figures).

        A day that an arm has met before costs nothing; one that was kept on disk costs what it did then, or the answer
        would depend on what is there.

        Raises
        ------
        NothingCountsError
            On a day no call counts.
        """
        missing: list[tuple[Arm, int]] = []
        seen: set[tuple[str, int]] = set()
        for arm in arms:  # arm by arm: tables of travel times are made once for each
            for k in range(first, first + n):
                which = (arm.key, k)
                if which not in self._found and which not in seen:
                    seen.add(which)
                    missing.append((arm, k))

        def one(row: int) -> NDArray[np.float64]:
            arm, k = missing[row]
            values = self._figures(arm, k)
            with self._lock:
                self.used += 1
                self.tell(self.used)
            return values

        for (arm, k), values in zip(missing, replicate(one, len(missing), threads=self.threads), strict=True):
            self._found[arm.key, k] = values
        return np.array([[self._found[arm.key, k] for k in range(first, first + n)] for arm in arms])

    def _figures(self, arm: Arm, k: int) -> NDArray[np.float64]:
        values = self.store.get_figures(arm.key, k)
        if values is not None and values.shape == (len(FIGURES),):
            with self._lock:
                self.reused += 1
            return values
        run = arm.run(self._night(arm.ready, k))
        found = figures_of(
            run, self._one_cell, 1, warm_up_s=self.prepared.count_from_s, until_s=self.prepared.count_to_s
        ).values  # fmt: skip
        values = np.array([found[key] for key in FIGURES])
        if not np.isfinite(values).all():
            raise NothingCountsError
        self.store.put_figures(arm.key, k, values)
        return values

    def _night(self, ready: Ready, k: int) -> Night:
        which = (night_key(ready), k)
        night = self._nights.get(which)
        if night is None:
            night = self._nights[which] = draw_night(self.prepared, ready, k)
        return night
