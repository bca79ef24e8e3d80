"""The report of a comparison: one page that opens without a network, the answer in words first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .base import check_theme
from .contest_charts import change_chart, moves_chart
from .contest_map import FEW_CALLS, contest_map
from .contest_tables import contenders_table, full_table, inputs_table, short_table
from .escape import escape_ten
from .page import render_page, static_text, write_atomically

if TYPE_CHECKING:
    from ..scenario import Contest

STYLES = ("theme.css", "map.css", "report.css")
NO_BREAK_PERCENT = "\u00a0%"  # figure and sign stay on one line
SCRIPTS = ("core.js", "theme.js", "basemap.js", "changes.js", "contest.js")


def write_contest_page(contest: Contest, record: dict[str, Any], path: str | Path, *, theme: str = "light") -> Path:
    """Write the report.

    Parameters
    ----------
    contest, record
        What was found, and what :func:`ems_twin.scenario.contest_record` makes of it.
    path
        File to write; its folder is made.
    theme
        ``dark`` or ``light``; a reader's own choice on the page goes before it.

    Raises
    ------
    InputError
        For an unknown theme or a file that cannot be written.
    """
    check_theme(theme)
    twin_map, data = contest_map(contest)
    title = f"{record['title']}: policies compared"
    html = render_page(
        twin_map,
        title=title,
        theme=theme,
        body=_body(record, title, has_rivals=bool(contest.rivals)),
        styles=[static_text(name) for name in STYLES],
        scripts=[static_text(name) for name in SCRIPTS],
        data={"ems-data": data},
    )
    return write_atomically(html, path)


def _body(record: dict[str, Any], title: str, *, has_rivals: bool) -> str:
    numbers = {one["name"]: k for k, one in enumerate(record["contenders"], 1)}
    baseline, level = escape_ten(record["baseline"]), f"{100 * record['level']:.0f} %"
    answer = "".join(f"<p>{escape_ten(line).replace(' %', NO_BREAK_PERCENT)}</p>" for line in record["answer"])
    notes = [*record["notes"], *record.get("demand_notes", [])]
    told = "".join(f"<li>{escape_ten(note)}</li>" for note in notes)
    fleets = "".join(_fleet(record, fleet, numbers) for fleet in record["fleets"])
    return f"""
<main id="report">
<header><h1>{escape_ten(title)}</h1>{THEME_BUTTON}</header>
<section class="answer" aria-label="The answer">{answer}</section>
<p class="note">Every contender met the same calls, and differences are taken pair by pair; intervals are of {level}. The words
beside each contender hold for all of them taken together (Holm, {100 * record["family_wise_alpha"]:.0f} %). A call is late if no
unit was on scene by the target of its priority. Response: {escape_ten(record["clock"])}.</p>
{fleets}
<section {"" if has_rivals else "hidden"}><h2>Where each is better</h2>
<p><label for="view">Mean response beside {baseline}: </label><select id="view"></select></p>
<div id="map-slot"></div>
<div id="key"></div>
<p class="note">Cells with fewer than {FEW_CALLS} calls are left empty. Each cell's interval is its own: of a hundred cells without
any difference about five would be coloured all the same.</p>
<p class="note" id="left-out" hidden>Some minor streets are left out.</p>
<details><summary>The map as a table</summary><div class="wide" tabindex="0" role="region" aria-label="Differences by cell">
<table id="cells"></table></div></details>
</section>
<section><h2>In full</h2>
{"".join(f"<details><summary>Every outcome, {fleet['units']} units</summary>{full_table(record, fleet)}</details>" for fleet in record["fleets"])}
<details><summary>Contenders</summary>{contenders_table(record)}</details>
<details open><summary>Exact inputs</summary>{inputs_table(record)}</details>
<h3>What to bear in mind</h3>
<ul>{told}<li>Simulated calls on modelled travel times: differences between policies are more to be trusted than the figures
themselves.</li><li>Moves cost crews rest and fuel; the figures beside late calls say how many and how far.</li></ul>
</section>
</main>
"""


def _fleet(record: dict[str, Any], fleet: dict[str, Any], numbers: dict[str, int]) -> str:
    units = fleet["units"]
    named = [row for row in fleet["results"] if row["curve"] is None]
    points = len(fleet["results"]) - len(named)
    joined = " The line joins the points of the curve." if points else ""
    late = change_chart(named, "late_share", "Late calls")
    mean = change_chart(named, "response_s", "Mean response")
    label = f"Late calls against moves per unit and day, {units} units; figures in the table"
    names = "".join(f"<li>{escape_ten(row['contender'])}</li>" for row in named)
    return (
        f"<section><h2>{units} units</h2>"
        f'<p class="note">{fleet["replications"]} replications of {record["days"]:g} days, {fleet["calls"]:,.0f} calls each.</p>'
        f'<div class="charts">{late}{mean}<figure class="against"><figcaption>Late calls against moves. Bars show the interval of '
        f"the difference from {escape_ten(record['baseline'])}.{joined}</figcaption>"
        f"<div>{moves_chart(fleet['results'], numbers, label)}<ol>{names}</ol></div></figure></div>"
        f"{short_table(record, fleet, numbers)}</section>"
    )


THEME_BUTTON = (
    '<button id="theme" class="icon-button" type="button"><svg viewBox="0 0 24 24" aria-hidden="true">'
    '<path d="M12 3a9 9 0 0 0 0 18z" fill="currentColor"></path><circle cx="12" cy="12" r="9" fill="none" '
    'stroke="currentColor" stroke-width="2"></circle></svg></button>'
)
