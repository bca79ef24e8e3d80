"""The report of a what-if scenario: one page that opens without a network, the answer in words first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..demand import node_weights
from .base import check_theme
from .contest_map import near_words
from .contest_page import NO_BREAK_PERCENT, THEME_BUTTON
from .escape import escape_ten
from .page import render_page, static_text, write_atomically
from .whatif_asked import asked_html
from .whatif_inputs import caveats_html, inputs_html
from .whatif_map import whatif_maps
from .whatif_pictures import Pictures
from .whatif_protocol import odd_html, stress_html
from .whatif_tables import (
    cases_table,
    comparisons_table,
    full_table,
    parts_table,
    suggestions_html,
    variants_table,
)

if TYPE_CHECKING:
    from ..scenario.whatif import Answer

STYLES = ("theme.css", "map.css", "report.css", "whatif.css")
SCRIPTS = ("core.js", "theme.js", "basemap.js", "changes.js", "whatif_map.js", "whatif_charts.js", "whatif.js")


def write_whatif_page(answer: Answer, record: dict[str, Any], path: str | Path, *, theme: str = "light") -> Path:
    """Write the report.

    Parameters
    ----------
    answer, record
        What was found, and what :func:`ems_twin.scenario.whatif.record.record_of` makes of it. ``suggestions`` of the record,
        if there are any, get a section: each with ``title``, ``text`` and ``table`` of ``columns`` and ``rows``.
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
    pictures = Pictures(answer)
    twin_map, shown = whatif_maps(pictures, record.get("suggestions", ()))
    html = render_page(
        twin_map,
        title=record["name"],
        theme=theme,
        body=_body(answer, record),
        styles=[static_text(name) for name in STYLES],
        scripts=[static_text(name) for name in SCRIPTS],
        data={"ems-data": pictures.data() | shown},
    )
    return write_atomically(html, path)


def _body(answer: Answer, record: dict[str, Any]) -> str:
    level = f"{100 * record['level']:.0f} %"
    several = len(record["cases"]) > 1
    name_of = zone_names(answer)
    found = "".join(_case(record, case, name_of, number, several) for number, case in enumerate(record["cases"]))
    return f"""
<main id="report">
<header><h1>{escape_ten(record["name"])}</h1>{THEME_BUTTON}</header>
<section class="answer" aria-label="The answer"><p>{_prose(record["answer"])}</p></section>
<p class="note">Every variant met the same days; differences are taken day by day, intervals are of {level}. Findings in words hold
for all comparisons taken together (Holm, {100 * record["family_wise_alpha"]:.0f} %). A call is late if no unit was on scene by the
target of its priority. Response: {escape_ten(record["clock"])}.</p>
<section id="asked"><h2>What was asked</h2>{asked_html(answer.prepared.scenario, record)}</section>
{f'<section id="cases"><h2>The cases compared</h2>{cases_table(record)}</section>' if several else ""}
<section id="figures"><h2>The figures</h2>
<p {"" if several else "hidden"}><label for="case">Case: </label><select id="case"></select></p>
{found}</section>
{suggestions_html(record)}
{static_text("whatif.html")}
<section id="caveats"><h2>What to bear in mind</h2>{caveats_html(answer, record)}</section>
<section id="inputs"><h2>The exact inputs</h2>{inputs_html(answer, record)}</section>
<section id="protocol"><h2>For researchers</h2>
<details><summary>ODD: overview, design concepts, details</summary>{odd_html(answer, record)}</details>
<details><summary>STRESS-DES: reporting of the simulation</summary>{stress_html(answer, record)}</details>
</section>
</main>
"""


def _case(
    record: dict[str, Any], case: dict[str, Any], name_of: Callable[[str], str], number: int, several: bool
) -> str:
    answer = f"<p>{_prose(case['answer'])}</p>" if several else ""
    title = f"<h3>{escape_ten(case['name'])}</h3>" if case["name"] else ""
    told = f"<p>{escape_ten(case['description'])}</p>" if case["description"] else ""
    places = [
        parts_table(record, case, ("priority", "near"), "response_s", name_of),
        parts_table(record, case, ("priority", "near"), "late_share", name_of),
    ]
    zones = [parts_table(record, case, ("zone",), key, name_of) for key in ("response_s", "late_share")]
    return f"""<div data-case="{number}" {"hidden" if number else ""}>{title}{told}{answer}
{variants_table(record, case)}{comparisons_table(record, case)}
<details><summary>Every outcome</summary>{full_table(record, case)}</details>
<h3>Who gains and who loses</h3>
<p class="note">Beside {escape_ten(record["baseline"])}: difference with half the width of its interval. Near the event: within a
kilometre of closures and extra calls. Of parts with fewer than {record["few_calls"]} calls over all days nothing is said. Better or
worse: for all parts of a variant taken together (Holm).</p>
{"".join(places)}
<details><summary>By area</summary>{"".join(zones)}</details></div>"""


def _prose(text: str) -> str:
    return escape_ten(text).replace(" %", NO_BREAK_PERCENT)


def zone_names(answer: Answer) -> Callable[[str], str]:
    """Names of zones for people: the zone's, and where its demand lies."""
    prepared = answer.prepared
    demand, roads = prepared.demand, prepared.city.roads
    weight = node_weights(demand) + 1e-12
    n = len(demand.zone_names)
    total = np.maximum(np.bincount(demand.node_zone, weight, n), 1e-300)
    lat = np.bincount(demand.node_zone, weight * roads.lat, n) / total
    lon = np.bincount(demand.node_zone, weight * roads.lon, n) / total
    names = {
        name: f"{name}, {near_words(prepared.city, float(lat[i]), float(lon[i]))}"
        for i, name in enumerate(demand.zone_names)
    }  # fmt: skip
    return names.__getitem__
