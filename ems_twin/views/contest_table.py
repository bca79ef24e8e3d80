"""A comparison for the terminal: a table for each size of fleet, and the answer in words."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from .summary_table import clock, new_table


def print_contest(record: dict[str, Any], console: Console | None = None) -> None:
    """Print what :func:`ems_twin.scenario.contest_record` gives."""
    console = console or Console()
    for fleet in record["fleets"]:
        table = new_table(
            f"{record['title']}, {fleet['units']} units: {fleet['replications']} times {record['days']:g} days, "
            f"{fleet['calls']:,.0f} calls each",
            "contender", "late", "late calls", "mean", "seconds", "moves", f"beside {record['baseline']}",
        )  # fmt: skip
        table.columns[0].max_width = 24
        table.columns[-1].justify, table.columns[-1].overflow = "left", "fold"
        for row in fleet["results"]:
            table.add_row(*_cells(row))
        console.print(table)
    console.print(
        "Late: no unit on scene by the target of the call's priority, share of calls and change of their number. Mean response "
        f"from {record['clock']}, and seconds of difference. Moves per unit and day. ± {record['level']:.0%} intervals, pair "
        f"by pair; the words on the right hold for all rows taken together (Holm, {record['family_wise_alpha']:.0%}).",
        highlight=False,
    )
    for line in (*record["answer"], *(f"Note: {note}" for note in record["notes"])):
        console.print(line, highlight=False)


def _cells(row: dict[str, Any]) -> list[str]:
    late, mean = row["outcomes"]["late_share"], row["outcomes"]["response_s"]
    return [
        row["contender"],
        f"{late['mean']:.1f} %",
        _plus_minus(late.get("relative"), 100.0, " %"),
        clock(mean["mean"]),
        _plus_minus(mean.get("difference"), 1.0, ""),
        f"{row['outcomes']['moves_per_unit_day']['mean']:.1f}",
        row["verdict"] or "point of the curve",
    ]


def _plus_minus(difference: dict[str, float] | None, factor: float, unit: str) -> str:
    if difference is None:
        return ""
    half = (difference["high"] - difference["low"]) / 2
    return f"{factor * difference['mean']:+.1f} ±{factor * half:.1f}{unit}"
