"""What a what-if report rests on: caveats, and the exact inputs that give the same figures again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from .contest_tables import html_table
from .escape import escape_ten
from .summary_table import civil, clock
from .whatif_asked import listed

if TYPE_CHECKING:
    from ..scenario.whatif import Answer


def caveats_html(answer: Answer, record: dict[str, Any]) -> str:
    """What to bear in mind: what was assumed, what is not modelled, and the notes of the run."""
    prepared = answer.prepared
    ready = prepared.ready
    words = []
    events = [one for one in ready if one.overlay.placed]
    if events:
        most = max(events, key=lambda one: one.overlay.expected_calls(prepared.count_from_s, prepared.count_to_s))
        extra = most.overlay.expected_calls(prepared.count_from_s, prepared.count_to_s)
        usual = _expected(most.demand.hour_of_week, answer) * most.sections.demand.factor
        share = f", {100 * extra / usual:.0f} % of the ordinary ones" if usual > 0 else ""
        words.append(
            f"The extra calls are given, not foretold: the scenario assumes about {extra:.0f} of them in the hours that "
            f"count{share}. Nothing here says that they will come."
        )
    if any(one.overlay.placed and any(c.change.kind == "crowd" for c in one.overlay.placed) for one in ready):
        words.append("Rates of a crowd's patients differ widely between events; each simulated day draws its own.")
    if any(one.sections.policy.knows.of == "event" for one in ready):
        words.append(
            "Where relocation is told of the day's extra calls, it knows their mean by hour and place as the scenario has "
            "them: a real forecast is not as good, unless the scenario says how bad it is."
        )
    if any(crew.kind == "bike" for one in ready for crew in one.sections.resources.crews):
        words.append("Bikes move at the speeds of ambulances: in a crowd they may be faster, on a free street slower.")
    if any(one.rules.count_bays for one in ready):
        words.append(
            "How full emergency rooms are, and how long patients stay, is assumed: gains by the choice of hospital stand and "
            "fall with it."
        )
    if any(one.roads is not None and one.roads.closures is not None for one in ready):
        words.append(
            "Closed streets are closed for everybody but at the crossings; traffic that is pushed aside does not slow down "
            "the streets beside them unless the closures say so."
        )
    few = min(one["replications"] for case in record["cases"] for one in case["variants"])
    if few < 20:
        words.append(f"{few} replications are few: intervals are wide, and what is not told apart may still differ.")
    words += [
        "Travel times are modelled and crews do as they are told: differences between variants are more to be trusted than "
        "the figures themselves.",
        f"Only what the scenario says differs between variants; figures are of calls received from {civil(record['count_from'])} "
        f"to {civil(record['count_to'])}, those of busy time, moves and kilometres aside.",
    ]
    return listed("What was assumed", words) + listed("Notes of the run", record["notes"])


def _expected(hour_of_week: Any, answer: Answer) -> float:
    """Ordinary calls in the hours that count."""
    clock_, total = answer.prepared.clock, 0.0
    at, end = answer.prepared.count_from_s, answer.prepared.count_to_s
    while at < end:
        now = clock_.at(at)
        step = min(3600.0 - (now.minute * 60 + now.second), end - at)
        total += float(hour_of_week[now.weekday() * 24 + now.hour]) * step / 3600.0
        at += step
    return total


def inputs_html(answer: Answer, record: dict[str, Any]) -> str:
    """The scenario as it was run, with hashes, versions, the seed and the command."""
    prepared = answer.prepared
    file = record.get("file")
    rows = [
        ["Command", record.get("command", "run from a program")],
        ["Scenario file", "-" if file is None else f"{file['name']}, SHA-256 {file['sha256']}"],
        ["City", f"{record['title']} ({record['city']}, content {record['content_hash']})"],
        ["Demand", f"{record['demand']['title']} ({record['demand']['source']})"],
        ["Seed", str(record["seed"])],
        ["First instant", record["start"]],
        ["Level of intervals", f"{100 * record['level']:.0f} %"],
        ["Targets by priority", ", ".join(clock(target) for target in record["target_s"])],
        ["Clock of the response", record["clock"]],
        ["Versions", ", ".join(f"{name} {number}" for name, number in record["versions"].items())],
        [
            "Keys of the days that are kept",
            "; ".join(f"{name.lstrip('/')} {key}" for name, key in record["keys"].items()),
        ],
        ["Seconds", ", ".join(f"{name} {value:g}" for name, value in record["seconds"].items())],
        ["Days kept from before", f"{record['days_reused']}"],
    ]
    placed = [
        [f"{case['name']}: {one['name']}" if case["name"] else one["name"], f"{sum(one['placement'].values())}",
         ", ".join(f"{place} {n}" for place, n in one["placement"].items())]
        for case in record["cases"] for one in case["variants"] if one["placement"] is not None
    ]  # fmt: skip
    text = yaml.safe_dump(record["scenario"], sort_keys=False, allow_unicode=True, width=110)
    own = "" if file is None else _text("The file, with its comments", file["text"])
    placements = html_table("Where a search has based units", ("Variant", "Units", "Places"), placed) if placed else ""
    rules = html_table(
        "Rules and policies as they were in force",
        ("Variant", "Rules that are not current practice", "Policy"),
        [[_whose(one), _pairs(_changed(one.rules)) or "none", _policy(one.choice)] for one in prepared.ready],
    )
    table = html_table("Exact inputs", ("Input", "Value"), rows)
    return table + placements + rules + _text("The scenario as it was run, courses read in", text) + own


def _whose(ready: Any) -> str:
    return f"{ready.case}: {ready.variant}" if ready.case else str(ready.variant)


def _policy(choice: Any) -> str:
    """A policy with its parameters as they were in force; units that go home need none."""
    given = {name: getattr(choice, name) for name in choice.__dataclass_fields__ if name != "policy"}
    return choice.policy if choice.policy == "home" else f"{choice.policy}: {_pairs(given)}"


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items() if value is not None and value != {})


def _changed(rules: Any) -> dict[str, Any]:
    usual = type(rules)()
    return {
        name: getattr(rules, name)
        for name in rules.__dataclass_fields__
        if repr(getattr(rules, name)) != repr(getattr(usual, name))
    }


def _text(title: str, text: str) -> str:
    return (
        f"<details><summary>{escape_ten(title)}</summary>"
        f'<pre tabindex="0" role="region" aria-label="{escape_ten(title)}">{escape_ten(text)}</pre></details>'
    )
