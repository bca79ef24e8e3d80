"""Figures of suggestions in words: differences with their intervals, places, and times of the day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....city import RoadNetwork
from ....simulation.statistics import Estimate
from ..times import Clock


@dataclass(frozen=True, eq=False, kw_only=True)
class Suggestion:
    """One answer, for people and programs."""

    question: str
    """One of :data:`~.ask.QUESTIONS`."""
    title: str
    text: str
    """Plain words, with intervals."""
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    places: tuple[dict[str, Any], ...] = ()
    """Where on the map: ``lon``, ``lat``, ``label``."""
    facts: dict[str, Any] = field(default_factory=dict)
    """The same figures as numbers, and what to write into a scenario."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "question": self.question, "title": self.title, "text": self.text,
            "table": {"columns": list(self.columns), "rows": [list(row) for row in self.rows]},
            "places": list(self.places), "facts": self.facts,
        }  # fmt: skip


_TITLES = {
    "crews": "Where extra crews would help most",
    "closures": "Which closures hurt most",
    "fleet": "The smallest fleet that keeps the target",
}


def nothing_told(question: str, text: str) -> Suggestion:
    """An answer without figures: why there are none."""
    return Suggestion(question=question, title=_TITLES[question], text=text, columns=(), rows=())


def seconds(found: Estimate) -> str:
    """A difference in seconds with its interval, for a table."""
    return _with_interval(found, 1, "s")


def points(found: Estimate) -> str:
    """A difference in percentage points with its interval, for a table."""
    return _with_interval(found, 2, "points")


def _with_interval(found: Estimate, digits: int, unit: str) -> str:
    if _is_nothing(found):
        return f"0 {unit}"
    return f"{signed(found.mean, digits)} {unit} ({signed(found.low, digits)} to {signed(found.high, digits)})"


def signed(value: float, digits: int = 1) -> str:
    """A number with its sign; minus is no hyphen."""
    return f"{value:+.{digits}f}".replace("-", "\N{MINUS SIGN}")


def both_in_words(mean: Estimate, late: Estimate) -> str:
    """What a change does to the mean response and to late calls, as the end of a sentence.

    Such as ``the mean response would be 12.3 s shorter (8.1 to 16.5), and no change of late calls was found (-0.4 to +1.1
    percentage points)``.
    """
    if _is_nothing(mean):
        first = "the mean response would be exactly the same"
    elif not mean.excludes_zero():
        first = f"no change of the mean response was found ({signed(mean.low)} to {signed(mean.high)} s)"
    else:
        size, low, high = _sizes(mean)
        word = "shorter" if mean.mean < 0 else "longer"
        first = f"the mean response would be {size:.1f} s {word} ({low:.1f} to {high:.1f})"
    if _is_nothing(late):
        second = "exactly as many calls would be late"
    elif not late.excludes_zero():
        second = f"no change of late calls was found ({signed(late.low)} to {signed(late.high)} percentage points)"
    else:
        size, low, high = _sizes(late)
        word = "fewer" if late.mean < 0 else "more"
        second = f"{size:.1f} percentage points {word} of the calls would be late ({low:.1f} to {high:.1f})"
    return f"{first}, and {second}"


def _is_nothing(found: Estimate) -> bool:
    return found.mean == found.low == found.high == 0


def _sizes(found: Estimate) -> tuple[float, float, float]:
    """Size of a difference and its interval, without sign."""
    low, high = sorted((abs(found.low), abs(found.high)))
    return abs(found.mean), low, high


def street_corner(roads: RoadNetwork, node: int) -> str:
    """A junction by the names of its streets, empty where they have none."""
    edges = np.flatnonzero((roads.tail == node) | (roads.head == node))
    names = [roads.names[int(i)] for i in dict.fromkeys(roads.name_id[edges].tolist())]
    return " and ".join([name for name in names if name][:2])


def span(clock: Clock, from_s: float, to_s: float) -> str:
    """A stretch of the run on the city's clock."""
    begin, end = clock.at(from_s), clock.at(to_s)
    if begin.date() == end.date() == clock.start.date():
        return f"{begin:%H:%M} to {end:%H:%M}"
    return f"{begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"


def share_of(kept: NDArray[np.bool_]) -> str:
    """Days out of all."""
    return f"{int(kept.sum())} of {len(kept)}"
