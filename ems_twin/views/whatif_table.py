"""The answer to a what-if scenario for the terminal: a table of the variants, then the paragraph in words."""

from __future__ import annotations

import re
from typing import Any

from rich.console import Console
from rich.markup import escape

from .summary_table import civil, clock, new_table

_SHORT = re.compile(r"^(?:better|worse|faster|not told apart)")


def print_whatif(record: dict[str, Any], console: Console | None = None) -> None:
    """Print what :func:`ems_twin.scenario.whatif.record.record_of` gives."""
    console = console or Console()
    base = record["baseline"]
    for case in record["cases"]:
        title = f"{record['name']}: {case['name']}" if case["name"] else record["name"]
        table = new_table(escape(title), "variant", "mean", "change", "wait, drive", "90th", "late", "busy", "finding")
        table.columns[0].min_width, table.columns[0].max_width = 13, 24
        table.columns[-1].justify, table.collapse_padding = "left", True  # 80 columns hold it
        found = {one["variant"]: one for one in case["comparisons"] if one["against"] == base}
        for one in case["variants"]:
            table.add_row(*_cells(one, found.get(one["name"])))
        console.print(table)
    days = max(one["replications"] for case in record["cases"] for one in case["variants"])
    console.print(
        f"{days} times the same day for all; calls from {civil(record['count_from'])} to {civil(record['count_to'])} count. "
        f"Mean, wait for a unit and its drive, and 90th percentile, min:s: the response from {record['clock']}. Late: no unit "
        f"on scene by the target of the call's priority. ± {record['level']:.0%} intervals, pair by pair; findings are "
        f"beside {base} and hold for all comparisons together (Holm, {record['family_wise_alpha']:.0%}).",
        highlight=False,
        markup=False,
    )
    console.print()
    console.print(record["answer"], highlight=False, markup=False)
    for one in record.get("suggestions") or []:
        _print_suggestion(one, console)


def _print_suggestion(one: dict[str, Any], console: Console) -> None:
    console.print(f"\n{one['title']}. {one['text']}", highlight=False, markup=False)
    table = one.get("table")
    if table and table["rows"]:
        shown = new_table("", *(escape(name) for name in table["columns"]))
        for row in table["rows"]:
            shown.add_row(*(escape(str(cell)) for cell in row))
        console.print(shown)


def _cells(variant: dict[str, Any], comparison: dict[str, Any] | None) -> list[str]:
    found = variant["outcomes"]

    def mean(key: str, form: str = "{:.1f} %") -> str:
        return form.format(found[key]["mean"]) if key in found else "-"

    def time(key: str) -> str:
        return clock(found[key]["mean"] if key in found else None)

    change = None if comparison is None else comparison["outcomes"].get("response_s", {}).get("relative")
    return [
        escape(variant["name"]),
        time("response_s"),
        "" if change is None else f"{100 * change['mean']:+.0f} ±{50 * (change['high'] - change['low']):.0f} %",
        time("travel_queue_s"),
        time("response_p90_s"),
        mean("late_share"),
        mean("busy_counted_share", "{:.0f} %"),
        "baseline" if comparison is None else _SHORT.search(comparison["verdict"])[0],  # type: ignore[index]
    ]
