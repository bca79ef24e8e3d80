"""The figures of a run as tables for the terminal."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

STATES = {
    "at_station": "at station (available)",
    "mobilising": "mobilising",
    "en_route": "en route",
    "on_scene": "on scene",
    "transporting": "transporting",
    "at_hospital": "at hospital, offloading",
    "clearing": "clearing",
    "returning": "returning (available)",
    "relocating": "relocating (available)",
    "off_duty": "off duty",
    "on_break": "on break",
    "out_of_service": "out of service",
}
"""States of a unit for people."""
UNUSUAL = ("relocating", "off_duty", "on_break", "out_of_service")
"""States that are left out of the table when nobody was in them."""


def print_summary(summary: dict[str, Any], console: Console | None = None) -> None:
    """Print what :func:`ems_twin.simulation.summarise` gives: a line, then four tables."""
    console = console or Console()
    use = summary["utilisation"]
    console.print(
        f"[bold]{summary['city']}[/bold]: {summary['calls']:,} calls in {summary['duration_h']:g} h from "
        f"{civil(summary['start'])}, {summary['units']} units busy {use['busy_share']:.0%} of the time, "
        f"{summary['queued']['calls']:,} calls waited for a unit"
    )
    if notable := notable_facts(summary):
        console.print("; ".join(notable) + ".", highlight=False)
    console.print(_responses(summary["response_s"], summary["survival"]))
    console.print(_intervals(summary["intervals_s"]))
    console.print(_states(summary["unit_states"], summary["units"]))
    console.print(_hospitals(summary["hospitals"]))


def notable_facts(summary: dict[str, Any]) -> list[str]:
    """What is worth a word because it did not always happen: calls that ended otherwise, crews' breaks and overruns."""
    how, crews, responses = summary["dispositions"], summary["crews"], summary["responses"]
    counted = (
        (how["cancelled"] + how["hung_up"], "calls called off"),
        (how["no_treatment"], "refused care or were not found"),
        (how["handed_over"], "handed over to a neighbouring service"),
        (responses["second_units"], "second units sent"),
        (responses["stood_down"], "units stood down"),
        (summary["bumped"]["calls"], "calls lost their unit to another"),
        (responses["worsened"], "got worse while they waited"),
        (crews["breaks_taken"], "meal breaks taken"),
        (crews["breaks_missed"], "missed"),
        (round(crews["overrun_h"]), "hours of overrun"),
        (crews["relocations"], "relocations"),
    )
    return [f"{n:,} {words}" for n, words in counted if n > 0]


def clock(seconds: float | None) -> str:
    """Seconds as ``m:ss``, a dash where there is no value."""
    if seconds is None:
        return "-"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def civil(iso: str) -> str:
    """A time in ISO format as day and minute: ``2024-05-06 08:30``."""
    return iso[:16].replace("T", " ")


def new_table(title: str, *columns: str) -> Table:
    """A table in the house's style: text on the left, figures right."""
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, caption_justify="left")
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i == 0 else "right")
    table.columns[0].max_width = 30  # the figures fit a terminal of 80 columns beside it
    table.columns[0].overflow = "fold"
    return table


def _responses(response: dict[str, Any], survival: dict[str, Any] | None) -> Table:
    table = new_table(
        "Response time, min:s",
        "priority", "calls", "mean", "median", "90th perc.", "target", "within target",
    )  # fmt: skip
    rows = [(f"{row['priority']}", row, clock(row["target_s"])) for row in response["by_priority"]]
    for name, row, target in [*rows, ("all", response["all"], "")]:
        share = "-" if row["within_target"] is None else f"{row['within_target']:.1%}"
        table.add_row(name, f"{row['n']:,}", clock(row["mean"]), clock(row["median"]), clock(row["p90"]), target, share)
    interval = response["all"]["mean_95"]
    if interval is None:
        doubt = "No interval for the mean: it takes two days or more."
    else:
        doubt = f"95 % interval of the mean over all: {clock(interval[0])} to {clock(interval[1])}."
    table.caption = f"From {response['clock']}.\n{doubt}"
    if survival is not None:
        low, high = survival["range"]
        table.caption += (
            f"\nCardiac arrests that met priority 1's responses: {low:.0f} to {high:.0f} of 1,000 expected to survive, "
            "by model."
        )
    return table


def _intervals(rows: list[dict[str, Any]]) -> Table:
    table = new_table("Intervals, min:s", "interval (eTimes)", "calls", "mean", "median", "90th perc.")
    for row in rows:
        name = f"{row['interval'].replace('_', ' ')} ({row['clocks']})"
        table.add_row(name, f"{row['n']:,}", clock(row["mean"]), clock(row["median"]), clock(row["p90"]))
    return table


def _states(rows: list[dict[str, Any]], units: int) -> Table:
    table = new_table(f"What {units} units did", "state", "unit-hours", "share of time", "km")
    for row in rows:
        if row["hours"] == 0 and row["state"] in UNUSUAL:
            continue
        km = f"{row['km']:,.0f}" if row["km"] else "-"
        table.add_row(STATES[row["state"]], f"{row['hours']:,.1f}", f"{row['share']:.1%}", km)
    return table


def _hospitals(rows: list[dict[str, Any]]) -> Table:
    table = new_table("Emergency rooms", "", "arrivals", "a day", "offload", "90th p.", "peak", "bays")
    table.caption = "Offload: mean and 90th percentile (APOT-1), min:s. Peak: most ambulances offloading at once."
    for row in rows:
        table.add_row(
            row["hospital"],
            f"{row['arrivals']:,}",
            f"{row['arrivals_per_day']:.1f}",
            clock(row["offload_mean_s"]),
            clock(row["offload_p90_s"]),
            f"{row['peak_offloading']}",
            f"{row['bays']}",
        )
    return table
