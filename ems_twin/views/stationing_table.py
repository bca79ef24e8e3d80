"""A proposal where units should be based, for the terminal and beside its map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from ..simulation.statistics import Paired
from .summary_table import clock, new_table

if TYPE_CHECKING:
    from ..scenario import StationingStudy

MODEL_NAMES = {
    "mexclp": "most expected cover (MEXCLP)",
    "mclp": "most demand covered (MCLP)",
    "dsm": "double standard (DSM)",
    "p-median": "least expected drive (p-median)",
    "local-search": "local search on the simulation",
}
"""What each model is called."""


def print_stationing(study: StationingStudy, console: Console | None = None) -> None:
    """Print a study: units by site, then how good they are by the model and in the simulation."""
    console = console or Console()
    table = new_table(f"{study.city.title}: {MODEL_NAMES[study.model]}", "site", "now", "proposed", "change")
    rows = zip(study.city.stations, study.now.units.tolist(), study.proposed.units.tolist(), strict=True)
    for site, now, proposed in rows:
        if now or proposed:
            table.add_row(site.name, f"{now}", f"{proposed}", f"{proposed - now:+d}" if proposed != now else "")
    total = f"{int(study.now.units.sum())}"
    table.add_row("all", total, f"{int(study.proposed.units.sum())}", "")
    console.print(table)
    facts = new_table("How good it is", "", "figure")
    facts.columns[0].max_width = None
    for label, text in facts_of(study):
        facts.add_row(label, text)
    console.print(facts)
    console.print(verdict(study), highlight=False)


def facts_of(study: StationingStudy) -> list[list[str]]:
    """Label and value of what a reader should know."""
    placement = study.proposed
    weeks = f"{study.mean_s.difference.n} weeks"
    late_now, late_then = study.late_share.baseline.mean, study.late_share.other.mean
    facts = [
        ["Expected cover, now and proposed", f"{study.cover(study.now):.2%} → {study.cover(placement):.2%}"],
        ["Expected drive, now and proposed", f"{clock(study.drive_s(study.now))} → {clock(study.drive_s(placement))}"],
        ["Objective and how far from the best", f"{placement.status}, at most {placement.gap:.2%} off"],
        [
            f"Mean response in {weeks}",
            f"{clock(study.mean_s.baseline.mean)} → {clock(study.mean_s.other.mean)} "
            f"({_difference(study.mean_s, 1.0, 1)} s)",
        ],
        [
            f"Beyond target in {weeks}",
            f"{late_now:.1%} → {late_then:.1%} ({_difference(study.late_share, 100.0, 2)} points)",
        ],
        ["Units that a call finds busy", f"{study.busy_share:.0%}"],
        ["Drive that is in time, by priority", ", ".join(clock(seconds) for seconds in study.cover_s)],
        ["Hours that count", study.hours],
    ]
    if study.bound is not None:
        gap = "" if study.bound_gap is None else f"; gap {study.bound_gap:.2f} (1: as now, 0: at the bound)"
        facts.append(["In time under any redeployment", f"at most {study.bound.on_time.mean:.1%}{gap}"])
    return facts + [["Note", note] for note in placement.notes]


def verdict(study: StationingStudy) -> str:
    """What the simulation says of the proposal, in a sentence."""
    difference = study.mean_s.difference
    if not difference.excludes_zero():
        return "In the simulation the proposal cannot be told from what there is."
    if difference.mean < 0:
        return f"In the simulation the proposal is better: units come {-difference.mean:.1f} s sooner on average."
    return (
        f"In the simulation the proposal is worse than what there is: units come {difference.mean:.1f} s later on average. "
        "The model takes units to be busy independently and equally; try --model local-search."
    )


def _difference(pair: Paired, factor: float, digits: int) -> str:
    mean, low, high = (factor * x for x in (pair.difference.mean, pair.difference.low, pair.difference.high))
    return f"{mean:+.{digits}f}; 95 % interval {low:+.{digits}f} to {high:+.{digits}f}"
