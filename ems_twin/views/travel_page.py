"""The report of a calibration as one page without scripts: predicted against observed travel times, and where they err."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..demand.travel import Calibration, Scores
from .escape import escape_ten
from .page import write_atomically
from .plain_page import plain_page
from .travel_charts import bias_chart, density_chart, error_map, rank_chart

_STYLE = """
.pair { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 420px), 1fr)); gap: 24px; }
text { fill: var(--soft); font-size: 12px; } .grid { stroke: var(--rule); } .even { stroke: var(--ink); stroke-dasharray: 5 4; }
.many { fill: var(--blue); } .fit { fill: var(--blue); } .free { fill: none; stroke: var(--orange); stroke-width: 1.6; }
.whisker { stroke: var(--ink); } .long { fill: var(--orange); stroke: var(--ink); stroke-width: 0.5; stroke-dasharray: 2 2; }
.short { fill: var(--blue); stroke: var(--ink); stroke-width: 0.5; } .street { fill: none; stroke: var(--rule); stroke-width: 0.7; }
.base { fill: var(--ink); }
"""
_NAMES = {
    "calibrated": "Calibrated, mean of the law",
    "calibrated_median": "Calibrated, median",
    "free_flow": "Free flow, sirens factor where driven with sirens",
    "free_flow_without_sirens": "Free flow, no sirens factor",
}
_NUMBERS = {
    "start_up_s": "Start-up, seconds",
    "sirens_factor": "Sirens factor",
    "spread.b0": "Spread b0, minutes squared",
    "spread.b2": "Spread b2",
}


def write_travel_page(done: Calibration, path: str | Path) -> Path:
    """Write what a calibration learnt and how good it is; of trips that were too few, why nothing was learnt."""
    record, scores = done.to_dict(), done.scores
    parts = [
        f"<p>{escape_ten(record['source'])}: {record['trips']:,} trips of {escape_ten(done.city.title)}, "
        f"{record['period']}.</p>",
        *(f"<p>{escape_ten(note)}</p>" for note in record["notes"]),
    ]
    if scores is not None:
        scored = record["scored"]
        parts += [
            f"<p>Learnt from {record['fitted']['trips']:,} trips of {record['fitted']['period']}; scored on "
            f"{scored['trips']:,} later ones, {scored['period']}. Errors are predicted minus observed.</p>",
            _scores(scored),
            f"<p>The 90 % interval holds {scored['coverage_90']:.1%} of the later trips "
            f"[{scored['coverage_90_interval'][0]:.1%}, {scored['coverage_90_interval'][1]:.1%}], the 50 % interval "
            f"{scored['coverage_50']:.1%}; the first is {scored['median_width_90_min']:.1f} min wide in the middle.</p>",
            *_charts(scores, scored),
            "<h2>Where it errs</h2>",
            error_map(scores, done.city),
            "<h2>What was learnt</h2>",
            _numbers(record["fitted"]),
        ]
    parts += [f"<h2>{'Pings and drives' if record['pings'] else 'Rows'} that are no trips</h2>", _dropped(record)]
    return write_atomically(plain_page("Travel times, predicted and observed", "".join(parts), style=_STYLE), path)


def _charts(scores: Scores, scored: Mapping[str, Any]) -> list[str]:
    took = scores.trips.took_s / 60
    top = float(np.ceil(np.quantile(took, 0.98) + 1))
    return [
        "<h2>Predicted against observed</h2>",
        '<div class="pair">',
        density_chart(scores.mean_s / 60, took, top, "Calibrated"),
        density_chart(scores.free_s / 60, took, top, "Free flow"),
        "</div>",
        "<h2>Bias by hour of the day and by distance</h2>",
        '<div class="pair">',
        bias_chart(scored["by_hour"], "hour of the day"),
        bias_chart(scored["by_distance_km"], "kilometres along the way, from"),
        "</div>",
        '<p class="note">Bars: mean error of the calibrated prediction, whiskers: 1.96 standard errors; open circles: free '
        "flow. Below 0 predictions are too short.</p>",
        "<h2>By sirens and kind of unit</h2>",
        _parts([*scored["by_sirens"], *scored["by_unit_kind"]]),
        "<h2>Does the spread fit?</h2>",
        rank_chart(scores.rank),
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    titles = "".join(f'<th scope="col">{title}</th>' for title in head)
    body = "".join(
        f'<tr><th scope="row">{escape_ten(first)}</th>{"".join(f"<td>{escape_ten(cell)}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return f'<div class="wide"><table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>'


def _scores(scored: Mapping[str, Any]) -> str:
    rows = [
        (
            _NAMES[name], f"{found['bias']:+.2f} [{found['bias_interval'][0]:+.2f}, {found['bias_interval'][1]:+.2f}]",
            f"{found['sd']:.2f} [{found['sd_interval'][0]:.2f}, {found['sd_interval'][1]:.2f}]",
            f"{found['median_error']:+.2f}", f"{found['mean_absolute_error']:.2f}",
        )
        for name, found in scored["errors_min"].items()
    ]  # fmt: skip
    head = ("Prediction", "Bias, min", "SD of error, min", "Median error, min", "Mean absolute error, min")
    return _table(head, rows) + '<p class="note">95 % intervals by drawing whole weeks.</p>'


def _parts(parts: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (
            f"{row['part']} sirens" if row["part"] in ("with", "without") else str(row["part"]), f"{row['trips']:,}",
            f"{row['observed_mean_min']:.2f}", f"{row['bias_min']:+.2f}", f"{row['sd_min']:.2f}",
            f"{row['free_flow_bias_min']:+.2f}", f"{row['coverage_90']:.1%}",
        )
        for row in parts
    ]  # fmt: skip
    head = ("Part", "Trips", "Observed mean, min", "Bias, min", "SD, min", "Free flow bias, min", "In 90 % interval")
    return _table(head, rows)


def _numbers(fitted: Mapping[str, Any]) -> str:
    values = {
        "start_up_s": fitted["start_up_s"], "sirens_factor": fitted["sirens_factor"], "spread.b0": fitted["spread"][0],
        "spread.b2": fitted["spread"][2],
    } | {f"speed.{name}": value for name, value in fitted["speed_by_class"].items()}  # fmt: skip
    rows = []
    for key, value in values.items():
        pair = fitted["interval_90"].get(key)
        name = _NUMBERS.get(key, f"Speed over the bundle's, {key.removeprefix('speed.')}")
        rows.append((name, f"{value:.3f}", "-" if pair is None else f"{pair[0]:.3f} to {pair[1]:.3f}"))
    hours = fitted["speed_by_hour"]
    rows.append(
        ("Speed over the week's usual, slowest and fastest hour", f"{min(hours):.3f} and {max(hours):.3f}", "-")
    )
    return _table(("Number", "Value", "90 % interval"), rows)


def _dropped(record: Mapping[str, Any]) -> str:
    if not record["dropped"]:
        return "<p>None.</p>"
    rows = [(reason, f"{count:,}") for reason, count in record["dropped_because"].items()]
    return _table(("Reason", "Rows"), rows) + '<p class="note">Each is in travel_dropped.csv with its row.</p>'
