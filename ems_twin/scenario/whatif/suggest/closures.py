"""Which closures hurt most, what each crossing is worth, and where one more would help: changed one at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ....routing import Router
from ....simulation.statistics import compare_many
from ..prepare import Prepared, Ready
from .arms import FRESH, LATE, MEAN, Arm, Days
from .ask import Ask
from .closure_changes import changes_of, further_crossings
from .closure_words import told_of_closures, told_of_crossings, told_of_further
from .drives import Drives
from .revise import with_closures
from .words import Suggestion

_FEWEST_DAYS, _MOST_DAYS = 12, 40
_MORE = 4  # further crossings that are simulated, of those by which drives get shorter
_SHORTER_S = 0.05  # a crossing must shorten the expected drive by more than so much to be simulated
_MOST_MORE = 150  # streets that are looked at


def suggest_closures(
    prepared: Prepared, ready: Ready, placement: NDArray[np.int64] | None, ask: Ask, days: Days, drives: Drives
) -> list[Suggestion]:
    """Say what each closure and crossing does; nothing where the variant has no closures."""
    placed = None if ready.roads is None else ready.roads.closures
    if placed is None:
        return []
    router = Router.for_city(prepared.city)
    nodes = np.array([station.node for station in ready.city.stations], np.int64)
    units = drives.standing(ready, placement)

    def drive_s(one: Ready) -> float:
        return drives.mean_s(drives.from_nodes_s(one, nodes), units)

    def figures(one: Ready, n: int) -> NDArray[np.float64]:
        return days.figures([Arm(prepared=prepared, ready=one, placement=placement)], FRESH, n)[0]

    # of each change a router is made and thrown away again: together they would fill the memory
    now_s = drive_s(ready)
    further = [
        replace(change, saved_s=now_s - drive_s(with_closures(prepared, router, ready, change.placed)))
        for change in further_crossings(placed)[:_MOST_MORE]
    ]
    shorter = sorted((one for one in further if one.saved_s > _SHORTER_S), key=lambda one: -one.saved_s)
    at_hand = changes_of(placed)
    changes = [*at_hand[: max(ask.budget // _FEWEST_DAYS - 1 - _MORE, 1)], *shorter[:_MORE]]
    n = int(np.clip(ask.budget // (len(changes) + 1), 2, _MOST_DAYS))
    planned = figures(ready, n)
    found = {
        str(i): figures(with_closures(prepared, router, ready, one.placed), n) for i, one in enumerate(changes)
    }  # fmt: skip
    level = prepared.scenario.level
    each = 1 - (1 - level) / 2  # for two figures
    mean, late = (
        compare_many(planned[:, figure], {name: values[:, figure] for name, values in found.items()}, level=each)
        for figure in (MEAN, LATE)
    )
    effects = [
        (change, mean[str(i)].difference, late[str(i)].difference) for i, change in enumerate(changes)
    ]  # fmt: skip
    left_out = len(at_hand) + min(len(shorter), _MORE) - len(changes)
    lifted, crossings, opened = (
        [one for one in effects if one[0].kind in kinds] for kinds in (("lifted",), ("shut", "no delay"), ("opened",))
    )
    told = [told_of_closures(lifted, n, level, left_out)]
    if any(one[0].kind == "shut" for one in crossings):
        told.append(told_of_crossings(crossings, n))
    if any(one.course is not None for one in placed.closures):
        told.append(told_of_further(opened, len(shorter), n))
    return told
