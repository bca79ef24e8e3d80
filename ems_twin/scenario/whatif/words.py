"""The answer in one paragraph of plain words: will it hold, what changes most, what does not, at what price, and who gets worse.

It is made of a record (:func:`~.record.record_of`), so that the words rest on what is written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..verdict import ALPHA
from .findings import way

_NEEDED = ("response_s", "late_share")
_FEW_UNREACHED = 1.0  # percent
_NAMED = 3  # places that are named one by one; of more the number is given


def answer_of_case(case: dict[str, Any], record: dict[str, Any]) -> str:
    """The paragraph for one case of a record."""
    base = variant_of(case, record["baseline"])
    if any(key not in one["outcomes"] for one in case["variants"] for key in _NEEDED):
        return (
            "Nothing can be said: on some of the simulated days no call counts. Simulate a longer window, or count from "
            "an earlier time."
        )
    sentences = [_holds(case, record, base)]
    rivals = [one for one in case["variants"] if one["event"] and one is not base]
    best = _best(case, record, rivals)
    if best is not None:
        sentences += _of_the_best(case, record, best, len(rivals))
    elif rivals:
        who = "None of the others was" if len(rivals) > 1 else f"{_named(rivals[0])} was not"
        sentences.append(f"{who} found to be better than {_named(base)}.")
    sentences += _of_the_others(case, record, rivals, best)
    if best is not None:
        sentences.append(_price(case, record, best))
    if best is not None or len(rivals) == 1:
        sentences.append(_who_gets_worse(case, record, best or rivals[0], of_nobody=True))
    else:
        sentences += [_who_gets_worse(case, record, one, of_nobody=False) for one in rivals]
    return " ".join(sentence for sentence in sentences if sentence)


def answer_of_cases(record: dict[str, Any]) -> str:
    """The paragraph for a record: that of its only case; of several, the first one's and how the others differ from it."""
    first, *others = record["cases"]
    if not others:
        return str(first["answer"])
    text = f"In the case {_named(first)}: {first['answer']}"
    for case in others:
        text += f" In the case {_named(case)}: {_in_short(case, record)}"
    return text


def _in_short(case: dict[str, Any], record: dict[str, Any]) -> str:
    base = variant_of(case, record["baseline"])
    if any(key not in one["outcomes"] for one in case["variants"] for key in _NEEDED):
        return "nothing can be said, too few calls count."
    rivals = [one for one in case["variants"] if one["event"] and one is not base]
    text = f"{_percent(base['outcomes']['late_share'])} of calls are late under {_named(base)}"
    best = _best(case, record, rivals)
    if best is None:
        return f"{text}; no other variant was found to be better." if rivals else f"{text}."
    found = _comparison(case, best["name"], base["name"])["outcomes"]
    return f"{text}; {_named(best)} is the best of the others: {_change_of_mean(found['response_s'], record['level'])}."


def _holds(case: dict[str, Any], record: dict[str, Any], base: dict[str, Any]) -> str:
    """How the day goes under the baseline, beside an ordinary day if there is one."""
    late, mean = base["outcomes"]["late_share"], base["outcomes"]["response_s"]
    told = (
        f"{_percent(late, with_interval=record['level'])} of calls are late and units arrive after "
        f"{_minutes(mean['mean'])} minutes on average{_unreached(base)}"
    )
    if not base["event"]:
        return f"On the ordinary day, under {_named(base)}, {told}."
    ordinary = next((one for one in case["variants"] if not one["event"]), None)
    if ordinary is None:
        return (
            f"Under {_named(base)} {told}. No variant is an ordinary day, so whether that is usual is not known here."
        )
    usual = (
        f"on {_named(ordinary)} {_percent(ordinary['outcomes']['late_share'])} are late after "
        f"{_minutes(ordinary['outcomes']['response_s']['mean'])} minutes"
    )
    found = _comparison(case, ordinary["name"], base["name"])["outcomes"]
    late_way, mean_way = way(found["late_share"]), way(found["response_s"])
    if late_way == 0 and mean_way == 0:
        apart = found["late_share"]["difference"]
        return (
            f"Under {_named(base)} the day was not told apart from an ordinary one{_among(apart)}: {told}; {usual} (late calls "
            f"differ by {_range(-apart['high'], -apart['low'])} percentage points)."
        )
    holds = late_way > 0 or (late_way == 0 and mean_way > 0)
    return f"Under {_named(base)} it {'holds' if holds else 'does not hold as on an ordinary day'}: {told}; {usual}."


def _unreached(variant: dict[str, Any]) -> str:
    """Calls that no unit reached, which no mean response counts; nothing where they are few."""
    share = variant["outcomes"].get("unserved_share")
    if share is None or share["mean"] < _FEW_UNREACHED:
        return ""
    return f" (of the calls that any reached; {_percent(share)} no unit had reached by the end)"


def _best(case: dict[str, Any], record: dict[str, Any], rivals: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The variant that takes most late calls away among those that were found better; else the fastest of the faster ones."""

    def found(one: dict[str, Any], key: str) -> int:
        return way(_comparison(case, one["name"], record["baseline"])["outcomes"][key])

    def change(one: dict[str, Any], key: str) -> float:  # not the mean: some variants may have fewer days
        return float(_comparison(case, one["name"], record["baseline"])["outcomes"][key]["difference"]["mean"])

    for key, other in (("late_share", "response_s"), ("response_s", "late_share")):
        better = [one for one in rivals if found(one, key) < 0 and found(one, other) <= 0]
        if better:
            return min(better, key=lambda one: change(one, key))
    return None


def _of_the_best(case: dict[str, Any], record: dict[str, Any], best: dict[str, Any], n_rivals: int) -> list[str]:
    level = record["level"]
    found = _comparison(case, best["name"], record["baseline"])["outcomes"]
    which = f"The best of the {n_rivals} others is {_named(best)}" if n_rivals > 1 else f"{_named(best)} is better"
    text = f"{which}: beside {quoted(record['baseline'])}, {_change_of_mean(found['response_s'], level)}"
    late = best["outcomes"]["late_share"]
    if way(found["late_share"]) < 0:
        before = {"mean": late["mean"] - found["late_share"]["difference"]["mean"]}  # on the days that both have
        text += (
            f", and late calls fall from {_percent(before)} to {_percent(late)}{_relative(found['late_share'], level)}"
        )
    else:
        text += f"; late calls ({_percent(late)}) are not told apart"
    sentences = [text + "."]
    part = found.get("travel_queue_s")
    if part is not None and part["relative"] is not None and way(part) != 0:
        word = "shorter" if way(part) < 0 else "longer"
        sentences.append(
            f"Waiting for a unit and its drive, the part that can be changed, gets {abs(100 * part['relative']['mean']):.0f} % "
            f"{word}."
        )
    for other in case["comparisons"]:
        if other["variant"] == best["name"] and other["against"] != record["baseline"]:
            usual = not variant_of(case, other["against"])["event"]
            sentences.append(_against(best, other, level, usual=usual))
    return sentences


def _against(best: dict[str, Any], comparison: dict[str, Any], level: float, *, usual: bool) -> str:
    """The best variant beside another that it is compared with; beside an ordinary day, whether it holds."""
    found = comparison["outcomes"]
    told = f"beside {quoted(comparison['against'])}, {_beside(comparison, level)}"
    if not usual:
        return f"{told[0].upper()}{told[1:]}."
    late, mean = way(found["late_share"]), way(found["response_s"])
    if late > 0 or (late == 0 and mean > 0):
        how = "is still worse than an ordinary one"
    elif late < 0 or mean < 0:
        how = "goes better than an ordinary one"
    else:
        how = "is not told apart from an ordinary one"
    return f"With {_named(best)} the day {how}: {told}."


def _of_the_others(
    case: dict[str, Any], record: dict[str, Any], rivals: Sequence[dict[str, Any]], best: dict[str, Any] | None
) -> list[str]:
    """What the variants do that are not the best: better, worse, or not told apart, each said."""
    better, same, sentences = [], [], []
    for one in rivals:
        if one is best:
            continue
        comparison = _comparison(case, one["name"], record["baseline"])
        if comparison["verdict"].startswith("worse"):
            rise = _change_of_mean(comparison["outcomes"]["response_s"], record["level"])
            how = comparison["verdict"].removeprefix(f"worse than {record['baseline']}: ")
            sentences.append(f"{_named(one)} is worse than {quoted(record['baseline'])}: {how} ({rise}).")
        elif comparison["verdict"].startswith("not told apart"):
            same.append(_named(one))
        else:
            better.append(f"{_named(one)} ({_change_of_mean(comparison['outcomes']['response_s'], record['level'])})")
    if better:
        sentences.insert(0, f"Better than {quoted(record['baseline'])} too: {_listed(better)}.")
    if same and (best is not None or better or len(rivals) > 1):
        sentences.append(f"Not told apart from {quoted(record['baseline'])}: {_listed(same)}.")
    return sentences


def _price(case: dict[str, Any], record: dict[str, Any], best: dict[str, Any]) -> str:
    """What the best variant costs beside the baseline: longer drives to hospital, moves, kilometres."""
    found = _comparison(case, best["name"], record["baseline"])["outcomes"]
    costs = []
    if way(found.get("transport_min")) > 0:
        text = f"the drive to hospital gets {found['transport_min']['difference']['mean']:.1f} minutes longer"
        if way(found.get("offload_min")) < 0:
            text += f" (the offload there {-found['offload_min']['difference']['mean']:.1f} minutes shorter)"
        costs.append(text)
    if way(found.get("moves_per_unit_day")) > 0:
        costs.append(f"each unit is moved {best['outcomes']['moves_per_unit_day']['mean']:.1f} times a day")
    if way(found.get("km_per_unit_day")) > 0:
        costs.append(f"a unit drives {found['km_per_unit_day']['difference']['mean']:.0f} km a day more")
    return f"The price of {_named(best)}: {_listed(costs)}." if costs else ""


def _who_gets_worse(case: dict[str, Any], record: dict[str, Any], variant: dict[str, Any], *, of_nobody: bool) -> str:
    """For whom a variant was found to be slower or later than the baseline; that it is nobody is said where asked."""
    name, base = variant["name"], record["baseline"]
    slower, longer, told = [], 0, 0
    for part in case["parts"]:
        found = part["against_baseline"].get(name)
        if found is None or found["response_s"] is None or (part["kind"] == "near" and part["priority"] is not None):
            continue
        told += 1
        apart = found["response_s"]
        longer += apart["mean"] > 0
        late = found["late_share"]
        if _is_found(apart) and apart["mean"] > 0:
            slower.append(f"{_place(part)} ({_minutes(apart['mean'])} minutes longer)")
        elif _is_found(late) and late["mean"] > 0:
            slower.append(f"{_place(part)} (more late calls)")
    urgent = _comparison(case, name, base)["outcomes"].get("urgent_late_share")
    if slower:
        shown = slower[:_NAMED] + ([f"{len(slower) - _NAMED} more"] if len(slower) > _NAMED else [])
        text = f"Not everybody gains with {quoted(name)}: {_listed(shown)}."
    elif not of_nobody:
        text = ""
    elif told:
        text = (
            f"With {quoted(name)} nobody was found to wait longer: no priority and no area of those with enough calls"
        )
        text += f" (in {longer} of these {told} the mean is longer, but not told apart)." if longer else "."
    else:
        text = "There are too few calls to say who gains and who loses."
    if way(urgent) > 0:
        text += f" With {quoted(name)} more calls of the most urgent are late."
    return text.strip()


def _is_found(difference: dict[str, float] | None) -> bool:
    return difference is not None and difference["p_adjusted"] < ALPHA


def _place(part: dict[str, Any]) -> str:
    return f"area {part['name']}" if part["kind"] == "zone" else str(part["name"])


def _comparison(case: dict[str, Any], variant: str, against: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        one for one in case["comparisons"] if (one["variant"], one["against"]) == (variant, against)
    )
    return found


def _beside(comparison: dict[str, Any], level: float) -> str:
    found = comparison["outcomes"]
    text = _change_of_mean(found["response_s"], level)
    late = way(found["late_share"])
    return text + (", late calls not told apart" if late == 0 else f", {'fewer' if late < 0 else 'more'} late calls")


def _change_of_mean(found: dict[str, Any], level: float) -> str:
    """The change of a mean response in words, with the interval of its relative change."""
    relative, apart = found["relative"], found["difference"]
    if relative is None:
        return "the mean response is not told apart"
    if way(found) == 0:
        return (
            f"the mean response is not told apart{_among(apart)} ({_signed(100 * relative['mean'])} %; {100 * level:.0f} % interval "
            f"{_range(100 * relative['low'], 100 * relative['high'])} %)"
        )
    sign = -1 if relative["mean"] < 0 else 1
    low, high = sorted((sign * relative["low"], sign * relative["high"]))
    return (
        f"the mean response is {_minutes(abs(apart['mean']))} minutes {'shorter' if sign < 0 else 'longer'} "
        f"({sign * 100 * relative['mean']:.0f} %; {100 * level:.0f} % interval {_range(100 * low, 100 * high)} %)"
    )


def variant_of(case: dict[str, Any], variant: str) -> dict[str, Any]:
    """A variant in a case of a record."""
    found: dict[str, Any] = next(one for one in case["variants"] if one["name"] == variant)
    return found


def quoted(name: str) -> str:
    """The name of a variant or case within a sentence."""
    return f"\N{LEFT DOUBLE QUOTATION MARK}{name}\N{RIGHT DOUBLE QUOTATION MARK}"


def _named(one: dict[str, Any]) -> str:
    return quoted(str(one["name"]))


def _among(difference: dict[str, float]) -> str:
    """Why a difference is not found although its own interval excludes 0."""
    return " among so many comparisons" if difference["low"] > 0 or difference["high"] < 0 else ""


def _relative(found: dict[str, Any], level: float) -> str:
    """The relative change of late calls in brackets."""
    relative = found["relative"]
    if relative is None:
        return ""
    change, low, high = (_signed(100 * relative[key]) for key in ("mean", "low", "high"))
    return f" ({change} %; {100 * level:.0f} % interval {low} to {high} %)"


def _signed(value: float) -> str:
    digits = 0 if abs(value) >= 9.95 else 1
    return f"{value:+.{digits}f}".replace("-", "\N{MINUS SIGN}")


def _percent(share: dict[str, float], *, with_interval: float | None = None) -> str:
    text = f"{share['mean']:.1f} %"
    if with_interval is None:
        return text
    low, high = max(share["low"], 0.0), min(share["high"], 100.0)
    return f"{text} ({100 * with_interval:.0f} % interval {low:.1f} to {high:.1f})"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f}"


def _range(low: float, high: float) -> str:
    digits = 0 if max(abs(low), abs(high)) >= 9.95 else 1
    return f"{low:.{digits}f} to {high:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
