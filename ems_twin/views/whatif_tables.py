"""Tables of a what-if report: variants, comparisons, who gains and who loses by priority and place, cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from ..scenario.whatif.findings import way
from .contest_charts import change_text, difference_text
from .contest_tables import html_table
from .escape import escape_ten
from .summary_table import clock

_MAIN = {
    "response_s": "Mean response, min:s",
    "travel_queue_s": "of which wait and drive",
    "response_p90_s": "90th percentile",
    "late_share": "Late calls, %",
    "urgent_late_share": "Late, most urgent, %",
    "busy_counted_share": "Units busy, %",
    "offload_min": "Offload, min",
    "transport_min": "Drive to hospital, min",
    "moves_per_unit_day": "Moves / unit / day",
    "km_per_unit_day": "km / unit / day",
}


def variants_table(record: dict[str, Any], case: dict[str, Any]) -> str:
    """A row for each variant: the main figures, and what it is beside the baseline in words."""
    base = record["baseline"]
    titles = {one["key"]: one for one in record["outcomes"]}
    keys = [key for key in _MAIN if key in titles]
    found = {one["variant"]: one for one in case["comparisons"] if one["against"] == base}
    rows = []
    for one in case["variants"]:
        comparison = found.get(one["name"])
        verdict = "baseline" if comparison is None else comparison["verdict"]
        rows.append([one["name"], verdict, *(_value(titles[key], one["outcomes"][key]["mean"]) for key in keys)])
    head = ("Variant", f"Beside {base}", *(_MAIN[key] for key in keys))
    return html_table(f"Variants{_of(case)}", head, rows, kind="figures")


def comparisons_table(record: dict[str, Any], case: dict[str, Any]) -> str:
    """A row for each pair that is compared: changes of the mean response, of wait and drive, and of late calls."""
    rows = []
    for one in case["comparisons"]:
        found = one["outcomes"]
        rows.append(
            [
                f"{one['variant']} against {one['against']}",
                one["verdict"],
                difference_text(found.get("response_s", {}).get("difference"), 0),
                change_text(found.get("response_s", {}).get("relative")),
                change_text(found.get("travel_queue_s", {}).get("relative")),
                change_text(found.get("response_p90_s", {}).get("relative")),
                change_text(found.get("late_share", {}).get("relative")),
                f"{one['pairs']}",
            ]
        )
    head = (
        "Pair", "Finding", "Mean response, s", "Mean response", "Wait and drive", "90th percentile", "Late calls", "Days",
    )  # fmt: skip
    caption = f"Differences with {100 * record['level']:.0f} % intervals{_of(case)}"
    return html_table(caption, head, rows, kind="figures")


def full_table(record: dict[str, Any], case: dict[str, Any]) -> str:
    """Every outcome of every variant, with the difference from the baseline."""
    found = {one["variant"]: one["outcomes"] for one in case["comparisons"] if one["against"] == record["baseline"]}
    rows = []
    for outcome in record["outcomes"]:
        for one in case["variants"]:
            own, digits = one["outcomes"][outcome["key"]], outcome["digits"]
            apart = found.get(one["name"], {}).get(outcome["key"], {})
            p = apart.get("p_adjusted")
            rows.append(
                [
                    _title(outcome),
                    one["name"],
                    f"{own['mean']:.{digits}f} ({own['low']:.{digits}f} to {own['high']:.{digits}f})",
                    difference_text(apart.get("difference"), digits),
                    change_text(apart.get("relative")),
                    "-" if p is None else "below 0.001" if p < 0.001 else f"{p:.3f}",
                ]
            )
    head = ("Outcome", "Variant", "Mean", "Difference", "Relative change", "P, adjusted")
    return html_table(f"Every outcome{_of(case)}", head, rows, kind="figures")


def parts_table(
    record: dict[str, Any], case: dict[str, Any], kinds: tuple[str, ...], key: str, name_of: Callable[[str], str]
) -> str:
    """A row for each part: a figure under each variant, and for whom it gets better or worse.

    Parameters
    ----------
    record, case
        What was found.
    kinds
        Which parts.
    key
        ``response_s`` or ``late_share``.
    name_of
        Name of a part for people.
    """
    base = record["baseline"]
    names = [one["name"] for one in case["variants"]]
    rows = []
    for part in case["parts"]:
        if part["kind"] not in kinds:
            continue
        name = name_of(part["name"]) if part["kind"] == "zone" else part["name"].capitalize()
        apart = part["against_baseline"]
        cells = [_part_cell(part["variants"][one][key], apart.get(one, {}).get(key), key) for one in names]
        rows.append([name, f"{part['variants'][base]['calls']:.1f}", *cells])
    what = "Mean response, min:s" if key == "response_s" else "Late calls of those reached, %"
    where = "area" if "zone" in kinds else "priority and place"
    return html_table(f"{what}, by {where}{_of(case)}", ("Part", "Calls a day", *names), rows, kind="parts")


def _part_cell(own: dict[str, float] | None, apart: dict[str, float] | None, key: str) -> str:
    if own is None:
        return "too few calls"
    text = clock(own["mean"]) if key == "response_s" else f"{own['mean']:.1f}"
    if apart is None:
        return text
    unit, digits = (" s", 0) if key == "response_s" else ("", 1)
    word = {-1: "better", 0: "not told apart", 1: "worse"}[
        way({"p_adjusted": apart["p_adjusted"], "difference": apart})
    ]
    half = (apart["high"] - apart["low"]) / 2
    if half == 0 and apart["mean"] == 0:
        return f"{text}\nthe same"
    sign = "+" if apart["mean"] > 0 else "\N{MINUS SIGN}"
    return f"{text}\n{sign}{abs(apart['mean']):.{digits}f} ± {half:.{digits}f}{unit}\n{word}"


def cases_table(record: dict[str, Any]) -> str:
    """A row for each case and variant, so that circumstances can be compared."""
    rows = []
    for case in record["cases"]:
        found = {one["variant"]: one for one in case["comparisons"] if one["against"] == record["baseline"]}
        for one in case["variants"]:
            comparison = found.get(one["name"])
            apart = {} if comparison is None else comparison["outcomes"]
            outcomes = one["outcomes"]
            rows.append(
                [
                    f"{case['name']}: {one['name']}",
                    "baseline" if comparison is None else comparison["verdict"],
                    clock(outcomes["response_s"]["mean"]) if "response_s" in outcomes else "-",
                    change_text(apart.get("response_s", {}).get("relative")),
                    change_text(apart.get("travel_queue_s", {}).get("relative")),
                    f"{outcomes['late_share']['mean']:.1f} %" if "late_share" in outcomes else "-",
                    change_text(apart.get("late_share", {}).get("relative")),
                    f"{outcomes['busy_counted_share']['mean']:.0f} %" if "busy_counted_share" in outcomes else "-",
                ]
            )
    head = (
        "Case and variant", f"Beside {record['baseline']}", "Mean response", "Change", "Change of wait and drive", "Late calls",
        "Change of late calls", "Units busy",
    )  # fmt: skip
    return html_table("Cases compared", head, rows, kind="figures")


def suggestions_html(record: dict[str, Any]) -> str:
    """What the twin suggests, where it was asked: each with its words and its table."""
    suggestions = record.get("suggestions") or []
    parts = []
    for one in suggestions:
        table = one.get("table")
        shown = "" if not table or not table["rows"] else html_table(
            one["title"], table["columns"], [[str(cell) for cell in row] for row in table["rows"]], kind="figures"
        )  # fmt: skip
        parts.append(f"<h3>{escape_ten(one['title'])}</h3><p>{escape_ten(one['text'])}</p>{shown}{_to_write(one)}")
    notes = dict.fromkeys(one["note"] for one in suggestions if one.get("note"))
    parts += [f'<p class="note">{escape_ten(note)}</p>' for note in notes]
    return f'<section id="suggestions"><h2>What the twin suggests</h2>{"".join(parts)}</section>' if parts else ""


def _to_write(suggestion: dict[str, Any]) -> str:
    """What to write into a variant of the scenario to have what was suggested."""
    facts = suggestion.get("facts") or {}
    if not facts.get("resources") or not facts["suggested"]:
        return ""
    text = yaml.safe_dump({"resources": facts["resources"]}, sort_keys=False, allow_unicode=True)
    return f"<details><summary>To write into a variant</summary><pre>{escape_ten(text)}</pre></details>"


def _title(outcome: dict[str, Any]) -> str:
    title: str = outcome["title"][0].upper() + outcome["title"][1:]
    unit = {"s": "min:s", "": ""}.get(outcome["unit"], outcome["unit"])
    return f"{title}, {unit}" if unit else title


def _value(outcome: dict[str, Any], value: float) -> str:
    return clock(value) if outcome["unit"] == "s" else f"{value:.{outcome['digits']}f}"


def _of(case: dict[str, Any]) -> str:
    return f", {case['name']}" if case["name"] else ""
