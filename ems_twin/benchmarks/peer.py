"""A router under test, and how it is asked; the twin's own router is one of them.

All questions are about travel *to* a call. A search from a call on the reversed graph answers for all units at once,
so the single question is asked that way wherever it is faster; 2,000 calls in one batch are better answered by one
search from each of the 80 units. Node numbers are converted to what a router wants before the clock starts, and its
answer is turned into seconds after the clock has stopped.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..routing import ORDINARY, Router
from .machine import version
from .questions import Questions


class Peer(ABC):
    """A router under test: made from the questions' graph (which is timed), then asked."""

    name: ClassVar[str]
    package: ClassVar[str]
    """Distribution to install, whose version is printed."""
    how: ClassVar[str]
    """How it is asked, for the reader."""
    searches_one_by_one: ClassVar[bool] = False
    """Whether its batch is one search after another, so that some of them may be timed for all."""
    can_customise: ClassVar[bool] = False
    """Whether weights are put on a structure that is built before."""

    def __init__(self, questions: Questions) -> None:
        self.q = questions

    @classmethod
    def version(cls) -> str | None:
        """Version of its package, None where it is not installed."""
        return version(cls.package)

    def reverse(self) -> None:  # noqa: B027
        """Make the reversed graph, where single questions need one; not timed."""

    def customise(self) -> None:
        """Put all weights on the structure again."""
        raise TypeError(f"{self.name} keeps no structure apart from its weights")

    @abstractmethod
    def single(self, call: int) -> Any:
        """Ask for the way of every unit to call number ``call``."""

    @abstractmethod
    def batch(self, n_units: int) -> Any:
        """Ask for the ways of the first ``n_units`` units to all calls."""

    @abstractmethod
    def one_to_all(self, unit: int) -> Any:
        """Ask for the ways of unit number ``unit`` to all nodes."""

    @abstractmethod
    def close(self) -> None:
        """Close the streets; later answers go round them."""

    def seconds(self, answer: Any) -> NDArray[np.float64]:
        """An answer as seconds, infinite where there is no way."""
        return np.asarray(answer, dtype=np.float64)


class Ours(Peer):
    """The twin's own router."""

    name = "ems_twin"
    package = "ems-twin"
    how = "many_to_one_s, matrix_s, from_nearest_s"
    can_customise = True

    def __init__(self, questions: Questions) -> None:
        super().__init__(questions)
        self.router = Router(questions.roads, questions.edge_s)

    def customise(self) -> None:
        self.router = self.router.with_edge_times(self.q.edge_s)

    def single(self, call: int) -> Any:
        return self.router.many_to_one_s(self.q.units, self.q.calls[call], metric=ORDINARY)

    def batch(self, n_units: int) -> Any:
        return self.router.matrix_s(self.q.units[:n_units], self.q.calls, metric=ORDINARY)

    def one_to_all(self, unit: int) -> Any:
        return self.router.from_nearest_s(self.q.units[unit : unit + 1], metric=ORDINARY)

    def close(self) -> None:
        self.router = self.router.with_closures(self.q.closed_edges)
