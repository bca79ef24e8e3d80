"""What is said of closures and crossings that were changed one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....simulation.statistics import Estimate
from .closure_changes import Change
from .words import Suggestion, both_in_words, points, seconds, signed

Effect = tuple[Change, Estimate, Estimate]
"""A change, and what it changes of the mean response and of late calls: with it less as planned."""


def _facts(effects: Sequence[Effect], n: int) -> dict[str, Any]:
    return {
        "days": n,
        "effects": [
            {"change": change.kind, "label": change.label, "response_s": mean.to_dict(), "late_share": late.to_dict()}
            for change, mean, late in effects
        ],
    }


def told_of_closures(effects: Sequence[Effect], n: int, level: float, left_out: int) -> Suggestion:
    """Which closures hurt most, late calls first, for a few calls that wait long upset a mean.

    Parameters
    ----------
    effects
        Of the closures, each lifted alone.
    n
        Days.
    level
        Probability with which all intervals hold together.
    left_out
        Changes of crossings that did not fit into the budget.
    """
    ranked = _ranked(effects)
    worst, mean, late = ranked[0]
    if _helps(mean, late):
        text = f"'{worst.label}' hurts most: without it {both_in_words(mean, late)}."
    else:
        text = f"No closure was found to hurt. Without '{worst.label}', whose effect is largest, {both_in_words(mean, late)}."
    text += (
        f" Each closure was lifted alone on the same {n} days. All intervals of closures and crossings together hold at "
        f"{100 * level:.0f} %."
    )
    if left_out:
        text += f" {left_out} changes of crossings were left out: too many for the budget."
    return Suggestion(
        question="closures", title="Which closures hurt most", text=text,
        columns=("without the closure", "mean response changes by", "late calls change by"),
        rows=tuple((change.label, seconds(a), points(b)) for change, a, b in ranked), facts=_facts(ranked, n),
    )  # fmt: skip


def told_of_crossings(effects: Sequence[Effect], n: int) -> Suggestion:
    """What each crossing is worth: shut, and without its delay."""
    shut = _ranked([one for one in effects if one[0].kind == "shut"])[::-1]
    at_once = {change.key: (mean, late) for change, mean, late in effects if change.kind == "no delay"}
    rows = []
    for change, mean, late in shut:
        quick = at_once.get(change.key)
        rows.append((change.label, seconds(mean), points(late), *(("-", "-") if quick is None else
                                                                   (seconds(quick[0]), points(quick[1])))))  # fmt: skip
    first, mean, late = shut[0]
    if mean.low > 0 or late.low > 0:
        text = f"The crossing that is needed most is {first.label}: were it shut, {both_in_words(mean, late)}."
    else:
        text = f"No crossing was found to be needed by itself: were {first.label} shut, {both_in_words(mean, late)}."
    quickest = _ranked([one for one in effects if one[0].kind == "no delay"])[:1]
    for change, mean, late in quickest:
        if _helps(mean, late):
            text += f" Were units not held up at {change.label}, {both_in_words(mean, late)}."
        else:
            text += " That units are held up was not found to matter at any single one of them."
    return Suggestion(
        question="closures", title="What each crossing is worth", text=text,
        columns=("crossing", "shut: mean response changes by", "shut: late calls change by",
                 "without delay: mean response changes by", "without delay: late calls change by"),
        rows=tuple(rows), facts=_facts(effects, n),
    )  # fmt: skip


def told_of_further(effects: Sequence[Effect], n_shorter: int, n: int) -> Suggestion:
    """Where one more crossing would help; ``n_shorter`` streets would shorten drives, by travel times alone."""
    ranked = _ranked(effects)
    if not ranked:
        text = "No street was found where one more crossing would shorten the drives of units to calls."
    else:
        change, mean, late = ranked[0]
        if _helps(mean, late):
            text = f"One more crossing helps most at {change.label}: {both_in_words(mean, late)}."
        else:
            text = (
                f"No suggestion: with one more crossing at {change.label}, the best found, {both_in_words(mean, late)}."
            )
        streets = "1 street" if n_shorter == 1 else f"{n_shorter} streets"
        text += f" By travel times alone {streets} would shorten drives"
        text += f"; the best {len(ranked)} were simulated" if n_shorter > len(ranked) else ""
        text += f". Judged on {n} days."
    helps = [one for one in ranked if _helps(one[1], one[2])]
    return Suggestion(
        question="closures", title="Where one more crossing would help", text=text,
        columns=("crossing at", "expected drive changes by", "mean response changes by", "late calls change by"),
        rows=tuple((change.label, f"{signed(-change.saved_s)} s", seconds(a), points(b)) for change, a, b in ranked),
        facts=_facts(ranked, n), places=_places(helps),
    )  # fmt: skip


def _ranked(effects: Sequence[Effect]) -> list[Effect]:
    """Those first with which fewest calls are late, then those with the shortest mean response."""
    return sorted(effects, key=lambda one: (one[2].mean, one[1].mean))


def _helps(mean: Estimate, late: Estimate) -> bool:
    """Whether a change was found to make one of the two better, and neither worse."""
    return (mean.high < 0 or late.high < 0) and not (mean.low > 0 or late.low > 0)


def _places(effects: Sequence[Effect]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {"lon": change.place[0], "lat": change.place[1], "label": f"One more crossing: {change.label}"}
        for change, _, _ in effects
        if change.place is not None
    )
