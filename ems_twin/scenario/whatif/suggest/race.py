"""Choose the best of a few arms by simulation: all meet the same few days, the better half meets twice as many, and so on.

Sequential halving (Karnin, Koren and Somekh 2013). What wins was lucky too: how good it is must be seen on other days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .arms import Arm, Days

_MOST = 16
_FIRST = 4
_MOST_FIRST = 10


@dataclass(frozen=True, kw_only=True)
class Heat:
    """How many arms start, and how many days they all meet first."""

    arms: int
    """A power of 2."""
    days: int

    @property
    def cost(self) -> int:
        """Days that are simulated in all."""
        return self.days * _weight(self.arms)

    @property
    def last_days(self) -> int:
        """Days that the last two meet."""
        return self.days * max(self.arms // 2, 1)


def _weight(arms: int) -> int:
    """Days for each first day: every round after the first costs half as much as it."""
    rounds = max(int(np.log2(arms)) - 1, 0)
    return arms + rounds * arms // 2


def heat_within(budget: int) -> Heat:
    """The largest heat that a budget of days allows: many arms first, then more days."""
    arms = _MOST
    while arms > 2 and _FIRST * _weight(arms) > budget:
        arms //= 2
    return Heat(arms=arms, days=int(np.clip(budget // _weight(arms), 2, _MOST_FIRST)))


def race(days: Days, arms: Sequence[Arm], figure: int, *, first: int, n: int) -> int:
    """Row of the arm with the least mean figure.

    Parameters
    ----------
    days
        What simulates.
    arms
        In the order of what is thought of them: it decides between equals.
    figure
        Row of :data:`~.arms.FIGURES`.
    first
        First day.
    n
        Days that all of them meet.
    """
    left = list(range(len(arms)))
    while len(left) > 1:
        values = days.figures([arms[i] for i in left], first, n)[:, :, figure].mean(axis=1)
        best = np.argsort(values, kind="stable")[: (len(left) + 1) // 2]
        left = [left[int(i)] for i in np.sort(best)]
        n *= 2
    return left[0]
