"""Suggestions for a variant, question by question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..engine import Answer, Say
from ..prepare import Prepared, prepare
from ..spec import Scenario, Variant
from ..store import Store
from .arms import Arm, Days, NothingCountsError
from .ask import Ask, refuse_rollout
from .closures import suggest_closures
from .drives import Drives
from .extra_crews import suggest_crews
from .fleet import suggest_fleet
from .words import Suggestion, nothing_told

_SAID = {
    "crews": "suggesting where extra crews help",
    "closures": "suggesting which closures to change",
    "fleet": "searching for the smallest fleet",
}
_NOTHING = (
    "Nothing can be said: on some of the simulated days no call counts. Simulate a longer window, or count from an earlier "
    "time."
)


def suggest(
    answer: Answer,
    ask: Ask | None = None,
    *,
    out: Path | None = None,
    threads: int | None = None,
    say: Say | None = None,
) -> list[dict[str, Any]]:
    """What could be changed in a scenario, each with what it would bring.

    Whatever is chosen is chosen on training days and judged on others; all that is compared meets the same days. The
    same request gives the same answer, whatever the number of threads and however often it was interrupted.

    Parameters
    ----------
    answer
        The scenario as it was simulated.
    ask
        What is asked for.
    out
        Folder in which the days are kept: the one of the answer.
    threads
        Days at a time; by default as many as there are processors.
    say
        Told what is being done and the share done.

    Returns
    -------
    list of dict
        One for each suggestion: ``question``, ``title``, ``text``, ``table`` (``columns``, ``rows``), ``places`` (``lon``,
        ``lat``, ``label``) for a map, and ``facts``, the same figures as numbers.

    Raises
    ------
    InputError
        There is no such variant or case, or the variant tries moves in sampled futures.
    """
    ask, say = ask or Ask(), say or (lambda _text, _share: None)
    prepared = answer.prepared
    scenario = prepared.scenario
    ask.check(tuple(one.name for one in scenario.variants), prepared.cases)
    case, name = ask.case or prepared.cases[0], ask.variant or scenario.baseline_name
    ready, placement = prepared.of(case, name), answer.placements.get((case, name))
    if ready.sections.policy.rollout is not None:
        raise refuse_rollout(name)
    drives = Drives(prepared, ready, answer.days[case, name])
    asked = [one for one in ("crews", "closures", "fleet") if one in ask.questions]
    found: list[Suggestion] = []
    store = Store(out)
    for number, question in enumerate(asked):

        def tell(used: int, question: str = question, number: int = number) -> None:
            say(_SAID[question], (number + min(used / ask.budget, 1.0)) / len(asked))

        tell(0)
        days = Days(prepared, store, threads=threads, tell=tell)
        try:
            if question == "crews":
                found.append(suggest_crews(prepared, ready, placement, ask, days, drives))
            elif question == "closures":
                found += suggest_closures(prepared, ready, placement, ask, days, drives)
            else:
                found.append(suggest_fleet(prepared, ready, placement, ask, days, _usual(answer, ask, case)))
        except NothingCountsError:
            found.append(nothing_told(question, _NOTHING))
    say("suggestions are ready", 1.0)
    caveat = _caveat(ready.recorded is not None, name, case)
    return [one.to_dict() | {"variant": name, "case": case, "note": caveat} for one in found]


def _usual(answer: Answer, ask: Ask, case: str) -> Arm | None:
    """The ordinary day, where the target is its mean response."""
    return ordinary_day(answer, case) if ask.target_late is None and ask.target_mean_min is None else None


def ordinary_day(answer: Answer, case: str) -> Arm:
    """The ordinary day under usual practice: the scenario's variant without the event, else the baseline without it."""
    prepared = answer.prepared
    scenario = prepared.scenario
    usual = next((one for one in scenario.variants if not one.event), None)
    if usual is not None:
        name, ready = usual.name, prepared.of(case, usual.name)
    else:
        name = scenario.baseline_name
        ready = _without_event(prepared, scenario, name).of(case, name)
    return Arm(prepared=prepared, ready=ready, placement=answer.placements.get((case, name)))


def _without_event(prepared: Prepared, scenario: Scenario, name: str) -> Prepared:
    variant: Variant = next(one for one in scenario.variants if one.name == name).model_copy(update={"event": False})
    alone = scenario.model_copy(update={"variants": (variant,), "baseline": name, "comparisons": ()})
    return prepare(alone, file=prepared.file)


def _caveat(is_recorded: bool, name: str, case: str) -> str:
    of = f"'{name}'" + (f" in the case '{case}'" if case else "")
    text = f"For the variant {of}. Travel times, demand and rules are those of the scenario, and share its assumptions."
    if is_recorded:
        text += " All days have the calls of one real day: intervals tell of the luck that is drawn anew, not of other days."
    return text
