"""The smallest fleet that keeps a target: found by bisection on training days, confirmed on days of its own.

Confirmation goes from a size that is safely large downward and stops at the first size whose one-sided upper confidence
bound is not below the target. Tests in an order that was fixed beforehand need no correction for their number (Maurer,
Hothorn and Lehmacher 1995): the chance that the size which is told does not keep the target is at most one minus the level.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....simulation.statistics import mean_interval_of
from ..prepare import Prepared, Ready
from .arms import FRESH, LATE, MEAN, TRAINING, Arm, Days
from .ask import Ask
from .revise import with_fleet
from .words import Suggestion, nothing_told, share_of, signed

_MOST_FRESH = 60
_SIZES = 6  # for whose confirmation half of the budget is meant; more are confirmed if anything is left
_TRAINING = 25  # looks that the budget is meant for if all had as many days; there are about ten
_MARGIN = 0.03  # of the size that training found: from so much above it confirmation goes down


@dataclass(frozen=True, eq=False, kw_only=True)
class Target:
    """What the fleet shall keep."""

    figure: int
    """Row of :data:`~.arms.FIGURES`."""
    value: float | None
    """Seconds or percent; None: that of an ordinary day, day by day."""
    ordinary: Arm | None
    """The ordinary day."""

    def excess(self, days: Days, arm: Arm, first: int, n: int) -> NDArray[np.float64]:
        """By how much an arm exceeds it on each day, shape (n,)."""
        if self.value is not None:
            return days.figures([arm], first, n)[0, :, self.figure] - self.value
        assert self.ordinary is not None
        found = days.figures([arm, self.ordinary], first, n)[:, :, self.figure]
        apart: NDArray[np.float64] = found[0] - found[1]
        return apart


def upper_bound(excess: NDArray[np.float64], level: float) -> float:
    """One-sided upper confidence bound of a mean (Student's t)."""
    return mean_interval_of(excess, level=2 * level - 1).high


def suggest_fleet(
    prepared: Prepared, ready: Ready, placement: NDArray[np.int64] | None, ask: Ask, days: Days, ordinary: Arm | None
) -> Suggestion:
    """Say which is the smallest fleet that keeps the target. ``ordinary`` is needed where no target is given."""
    level = prepared.scenario.level
    target = _target(ask, ordinary)
    if ready.crews.plan is not None:
        return nothing_told(
            "fleet",
            "The fleet comes from files, with units that are not alike: give 'units' in 'resources' to ask for its size.",
        )
    now = ready.crews.n_units
    least = max((w.count for w in ready.sections.resources.withdrawn), default=0) + 1
    most = max(ask.most_units or 2 * now, least)
    arms: dict[int, Arm] = {}

    def arm(units: int) -> Arm:
        if units not in arms:
            found, at = with_fleet(prepared, ready, units, placement)
            arms[units] = Arm(prepared=prepared, ready=found, placement=at)
        return arms[units]

    per_size = 1 if target.value is not None else 2
    n_fresh = int(np.clip(ask.budget // (2 * (_SIZES + per_size - 1)), 5, _MOST_FRESH))
    n_training = int(np.clip(ask.budget // _TRAINING, 5, n_fresh))
    tried: dict[int, float] = {}

    def keeps(units: int) -> bool:
        if units not in tried:
            tried[units] = upper_bound(target.excess(days, arm(units), TRAINING, n_training), level)
        return tried[units] <= 0

    smallest = smallest_that(keeps, start=min(max(now, least), most), least=least, most=most)
    if smallest is None:
        return _not_reached(target, arm(most), days, n_fresh, most, level)
    top = min(smallest + max(1, math.ceil(_MARGIN * smallest)), most)
    rows: list[tuple[str, ...]] = []
    facts: list[dict[str, Any]] = []
    confirmed = None
    for units in range(top, least - 1, -1):
        if days.used + n_fresh * per_size > ask.budget and facts:
            break
        excess = target.excess(days, arm(units), FRESH, n_fresh)
        found = days.figures([arm(units)], FRESH, n_fresh)[0]
        bound = upper_bound(excess, level)
        kept = bound <= 0
        mean = mean_interval_of(found[:, target.figure], level=level)
        rows.append((
            f"{units}", _value(target, mean.mean), f"{_value(target, mean.low)} to {_value(target, mean.high)}",
            f"{_apart(target, float(excess.mean()))} (at most {_apart(target, bound)})", share_of(excess <= 0),
            "kept" if kept else "not shown to be kept",
        ))  # fmt: skip
        facts.append(
            {"units": units, "mean": mean.to_dict(), "excess": float(excess.mean()), "upper_bound": bound, "kept": kept}
        )
        if not kept:
            break
        confirmed = units
    text = _text(target, confirmed, now, top, n_fresh, level, rows, sorted(tried), n_training)
    return Suggestion(
        question="fleet", title="The smallest fleet that keeps the target", text=text,
        columns=("units", "mean", f"{100 * level:.0f} % interval", "beside the target", "days on which it was kept", "verdict"),
        rows=tuple(rows),
        facts={"units": confirmed, "units_now": now, "days": n_fresh, "level": level, "sizes": facts,
               "target": target.value, "figure": "late_share" if target.figure == LATE else "response_s",
               "training": {str(units): bound for units, bound in sorted(tried.items())}},
    )  # fmt: skip


def smallest_that(keeps: Callable[[int], bool], *, start: int, least: int, most: int) -> int | None:
    """Smallest number for which something holds that holds from there on: gallop from ``start``, then bisect.

    None where it does not hold at ``most``. The neighbours of what bisection finds are looked at: where a smaller one holds
    too, it goes on from there.
    """
    step = max(start // 16, 1)
    high = low = start
    if keeps(start):
        while low > least and keeps(low):
            high, low = low, max(low - step, least)
            step *= 2
        if keeps(low):
            return low
    else:
        while high < most and not keeps(high):
            low, high = high, min(high + step, most)
            step *= 2
        if not keeps(high):
            return None
    while high - low > 1:
        middle = (low + high) // 2
        if keeps(middle):
            high = middle
        else:
            low = middle
    while high - 2 >= least and keeps(high - 2):
        high -= 2
    return high


def _target(ask: Ask, ordinary: Arm | None) -> Target:
    if ask.target_late is not None:
        return Target(figure=LATE, value=ask.target_late, ordinary=None)
    value = None if ask.target_mean_min is None else 60.0 * ask.target_mean_min
    return Target(figure=MEAN, value=value, ordinary=ordinary)


def _value(target: Target, value: float) -> str:
    return f"{value:.2f} %" if target.figure == LATE else f"{value / 60:.2f} min"


def _apart(target: Target, value: float) -> str:
    return f"{signed(value, 2)} points" if target.figure == LATE else f"{signed(value)} s"


def _words(target: Target) -> str:
    if target.value is None:
        return "the mean response is no longer than on an ordinary day under usual practice"
    if target.figure == LATE:
        return f"at most {target.value:g} % of calls are late"
    return f"the mean response is at most {target.value / 60:g} min"


def _text(
    target: Target,
    confirmed: int | None,
    now: int,
    top: int,
    n: int,
    level: float,
    rows: list[tuple[str, ...]],
    tried: list[int],
    n_training: int,
) -> str:
    sure = f"{100 * level:.0f} %"
    if confirmed is None:
        return (
            f"Not shown: no fleet was confirmed for which {_words(target)}. On {n_training} training days it seemed to need about "
            f"{top}, but on {n} other days the upper bound of {top} units is above the target ({rows[0][3]}). More days "
            f"(--budget) may tell."
        )
    change = confirmed - now
    beside = (
        "as many as there are"
        if change == 0
        else f"{abs(change)} {'more' if change > 0 else 'fewer'} than the {now} there are"
    )
    text = (
        f"With {confirmed} units, {beside}, {_words(target)}: with {sure} confidence, for the one-sided upper bound over {n} days "
        f"is on the right side of the target."
    )
    if rows[-1][5] != "kept":
        text += f" With {rows[-1][0]} that could not be shown."
    else:
        text += f" Sizes below {rows[-1][0]} were not judged; fewer may do."
    return text + (
        f" Sizes of {tried[0]} to {tried[-1]} were looked at on {n_training} other days first. A mean that keeps a target is not "
        f"every day: see how many days did."
    )


def _not_reached(target: Target, arm: Arm, days: Days, n: int, most: int, level: float) -> Suggestion:
    excess = target.excess(days, arm, FRESH, n)
    bound = upper_bound(excess, level)
    return Suggestion(
        question="fleet", title="The smallest fleet that keeps the target",
        text=f"Not reachable up to {most} units: with so many it was not shown that {_words(target)}. They are "
             f"{_apart(target, float(excess.mean()))} beside the target on {n} days (upper bound {_apart(target, bound)}).",
        columns=("units", "beside the target", "days on which it was kept"),
        rows=((f"{most}", f"{_apart(target, float(excess.mean()))} (at most {_apart(target, bound)})", share_of(excess <= 0)),),
        facts={"units": None, "most": most, "days": n, "upper_bound": bound, "level": level},
    )  # fmt: skip
