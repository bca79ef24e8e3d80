"""What a comparison says, in words: better, worse, or not told apart."""

from __future__ import annotations

from ..simulation.statistics import Estimate
from .comparison import Comparison
from .contest import Contest
from .figures import OUTCOMES

_OUTCOME = {outcome.key: outcome for outcome in OUTCOMES}
ALPHA = 0.05
"""Chance of any false finding among all contenders and sizes of fleet, of one outcome (Holm)."""


def verdicts(contest: Contest) -> dict[tuple[str, int], str]:
    """For each rival and size of fleet whether it is better or worse than the baseline, in words.

    Late calls decide, the mean response and the late calls of the most urgent are beside them. A finding counts if its p-value, adjusted for all rivals and sizes
    by Holm's method, is below :data:`ALPHA`.
    """
    adjusted = {key: contest.adjusted(key) for key in ("late_share", "response_s", "urgent_late_share")}
    return {
        (name, one.units): verdict(
            *(_way(one, name, key, found) for key, found in adjusted.items()), baseline=contest.baseline
        )
        for one in contest.comparisons
        for name in contest.rivals
    }


def verdict(late: int, mean: int, urgent: int, *, baseline: str) -> str:
    """Words for findings: -1 less, 1 more, 0 not told apart.

    Parameters
    ----------
    late, mean, urgent
        Of late calls, of the mean response, and of late calls among the most urgent.
    baseline
        Its name.
    """
    if late < 0:
        text = "better: fewer late calls" + (", though slower on average" if mean > 0 else "")
    elif late > 0:
        text = f"worse than {baseline}: more late calls" + (", though faster on average" if mean < 0 else "")
    elif mean < 0:
        text = "faster on average; late calls not told apart"
    elif mean > 0:
        text = f"worse than {baseline}: slower on average"
    else:
        text = f"not told apart from {baseline}"
    if urgent > 0 and late <= 0:
        text += "; but more of the most urgent are late"
    return text


def _way(one: Comparison, name: str, outcome: str, adjusted: dict[tuple[str, int], float]) -> int:
    pair = one.paired(name, outcome)
    if pair is None or adjusted[name, one.units] >= ALPHA:
        return 0
    return -1 if pair.difference.mean < 0 else 1


def answer(contest: Contest) -> list[str]:
    """The answer in plain sentences, one for each size of fleet."""
    said = verdicts(contest)
    return [_answer(one, contest, said) for one in contest.comparisons]


def _answer(one: Comparison, contest: Contest, said: dict[tuple[str, int], str]) -> str:
    head = f"With {one.units} units"
    base = one.values(one.baseline, "late_share").mean()
    if not contest.rivals:
        return f"{head}, {base:.1f} % of calls are late under {one.baseline}."
    better = [name for name in contest.rivals if said[name, one.units].startswith("better")]
    worse = [name for name in contest.rivals if said[name, one.units].startswith("worse")]
    text = f"{head}, {base:.1f} % of calls are late under {one.baseline}. "
    if better:
        best = min(better, key=lambda name: float(one.values(name, "late_share").mean()))
        pair, change = one.paired(best, "response_s"), one.relative(best, "late_share")
        assert pair is not None  # else it would not be better
        text += f"{best} has the fewest: {one.values(best, 'late_share').mean():.1f} %"
        if change is not None:
            text += f", {_change(change)}"
        moves = float(one.values(best, "moves_per_unit_day").mean())
        faster = "sooner" if pair.difference.mean < 0 else "later"
        text += f", and units come {abs(pair.difference.mean):.1f} s {faster} on average"
        text += f"; it takes {moves:.1f} moves per unit and day. " if moves > 0 else ". "
    else:
        text += f"None of the others was found to have fewer late calls than {one.baseline}. "
    if worse:
        text += f"{' and '.join(worse)} {'is' if len(worse) == 1 else 'are'} worse than {one.baseline}. "
    return text.strip()


def _change(change: Estimate) -> str:
    word = "fewer" if change.mean < 0 else "more"
    sign = -1 if change.mean < 0 else 1
    low, high = sorted((sign * change.low, sign * change.high))
    return f"{100 * sign * change.mean:.0f} % {word} ({change.level * 100:.0f} % interval {100 * low:.0f} to {100 * high:.0f} %)"
