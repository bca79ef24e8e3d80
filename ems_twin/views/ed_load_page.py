"""The load of emergency rooms, what it was and what is expected, as one page without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from .escape import escape_ten
from .page import write_atomically
from .plain_page import plain_page

_WIDE, _HIGH = 520, 210
_LEFT, _RIGHT, _TOP, _LOW = 40, 8, 10, 30
_STYLE = """
.rooms { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 480px), 1fr)); gap: 24px; }
.rooms figure { min-width: 0; } .rooms figcaption { font-size: 15px; font-weight: 600; margin-bottom: 4px; }
.rooms svg { width: 100%; } text { fill: var(--soft); font-size: 12px; } .grid { stroke: var(--rule); }
.full { stroke: var(--orange); stroke-dasharray: 5 4; } .now { stroke: var(--soft); stroke-dasharray: 2 3; }
@media (max-width: 520px) { text { font-size: 17px; } }
.past { fill: none; stroke: var(--ink); stroke-width: 1.6; } .median { fill: none; stroke: var(--blue); stroke-width: 2; }
.outer { fill: var(--blue); fill-opacity: 0.16; } .inner { fill: var(--blue); fill-opacity: 0.3; }
.key { display: flex; flex-wrap: wrap; gap: 4px 18px; } .key span { display: inline-flex; align-items: center; gap: 6px; }
"""
_KEY = (
    ('<line class="past" x1="0" x2="24" y1="7" y2="7"/>', "published"),
    ('<line class="median" x1="0" x2="24" y1="7" y2="7"/>', "median"),
    ('<rect class="inner" width="24" height="14"/>', "50 % interval"),
    ('<rect class="outer" width="24" height="14"/>', "90 % interval"),
)
_FULL = '<line class="full" x1="0" x2="24" y1="7" y2="7"/>', "every stretcher in use"
_UNITS = {"occupancy": "stretchers in use, percent of those there are", "waiting": "patients who wait to be seen"}


def write_ed_load_page(record: Mapping[str, Any], path: str | Path) -> Path:
    """Write a forecast of emergency rooms' load.

    Parameters
    ----------
    record
        Of ``ems-twin forecast ed-load``: ``file``, ``model``, ``measure``, ``origin``, ``notes``, ``report``, ``rooms``
        with their ``past`` and ``forecast``, and ``backtest`` if there was one.
    path
        File to write.
    """
    origin = datetime.fromisoformat(record["origin"])
    key = "".join(
        f'<span><svg width="24" height="14" aria-hidden="true">{shape}</svg>{words}</span>'
        for shape, words in (*_KEY, *([_FULL] if record["measure"] == "occupancy" else []))
    )
    parts = [
        f"<p>{escape_ten(record['file'])}: {_UNITS[record['measure']]}, forecast of {escape_ten(record['model'])} from "
        f"{origin:%A %Y-%m-%d %H:%M} ({escape_ten(record['timezone'])}).</p>",
        *(f"<p>{escape_ten(note)}</p>" for note in record["notes"]),
        f'<p class="note key">{key}</p>',
        '<div class="rooms">',
        *(_chart(room, origin, record["measure"]) for room in record["rooms"]),
        "</div>",
    ]
    if record.get("backtest"):
        parts.append(_scores(record["backtest"]))
    told = "".join(f"<li>{escape_ten(line)}</li>" for line in record["report_lines"])
    parts.append(f"<h2>What was found in the file</h2><ul>{told}</ul>")
    return write_atomically(plain_page("Load of emergency rooms", "".join(parts), style=_STYLE), path)


def _chart(room: Mapping[str, Any], origin: datetime, measure: str) -> str:
    past, ahead = room["past"], room["forecast"]
    first = min((entry["hours_ago"] for entry in past), default=0)
    last = ahead[-1]["hours_ahead"]
    values = [entry["value"] for entry in past] + [
        entry[name] for entry in ahead for name in ("median", "high_90") if entry[name] is not None
    ]
    top = max([*values, 120.0 if measure == "occupancy" else 10.0]) * 1.05
    span = max(last - first, 1)

    def x(hour: float) -> float:
        return round(_LEFT + (hour - first) / span * (_WIDE - _LEFT - _RIGHT), 1)

    def y(value: float) -> float:
        return round(_HIGH - _LOW - value / top * (_HIGH - _TOP - _LOW), 1)

    shapes = []
    step = _step(top)
    for value in range(0, int(top) + 1, step):
        shapes.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDE - _RIGHT}" y1="{y(value)}" y2="{y(value)}"/>')
        shapes.append(f'<text x="{_LEFT - 6}" y="{y(value) + 4}" text-anchor="end">{value}</text>')
    shapes += _days(origin, first, last, x)
    if measure == "occupancy":
        shapes.append(f'<line class="full" x1="{_LEFT}" x2="{_WIDE - _RIGHT}" y1="{y(100)}" y2="{y(100)}"/>')
    for kind, low, high in (("outer", "low_90", "high_90"), ("inner", "low_50", "high_50")):
        known = [entry for entry in ahead if entry[low] is not None]
        if known:
            edge = [f"{x(entry['hours_ahead'])},{y(entry[high])}" for entry in known]
            edge += [f"{x(entry['hours_ahead'])},{y(entry[low])}" for entry in reversed(known)]
            shapes.append(f'<polygon class="{kind}" points="{" ".join(edge)}"/>')
    shapes.append(f'<line class="now" x1="{x(0)}" x2="{x(0)}" y1="{_TOP}" y2="{_HIGH - _LOW}"/>')
    shapes += _lines("past", [(entry["hours_ago"], entry["value"]) for entry in past], x, y)
    shapes += _lines(
        "median", [(entry["hours_ahead"], entry["median"]) for entry in ahead if entry["median"] is not None], x, y
    )
    name = escape_ten(room["room"])
    label = f"{name}: {_in_words(ahead)}"
    return (
        f'<figure><figcaption>{name}</figcaption><svg viewBox="0 0 {_WIDE} {_HIGH}" role="img" '
        f'aria-label="{label}">{"".join(shapes)}</svg></figure>'
    )


def _days(origin: datetime, first: int, last: int, x: Any) -> list[str]:
    """A line at each midnight, and the day where there is room for it."""
    shapes = []
    begin = origin + timedelta(hours=first)
    midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(1, (last - first) // 24 + 2):
        hour = first + ((midnight + timedelta(days=day)) - begin).total_seconds() / 3600
        if hour <= last:
            shapes.append(f'<line class="grid" x1="{x(hour)}" x2="{x(hour)}" y1="{_TOP}" y2="{_HIGH - _LOW}"/>')
        if hour <= last - 8:
            at = midnight + timedelta(days=day)
            shapes.append(f'<text x="{x(hour) + 3}" y="{_HIGH - _LOW + 16}">{at:%a} {at.day}</text>')
    return shapes


def _lines(kind: str, points: Sequence[tuple[float, float]], x: Any, y: Any) -> list[str]:
    """A line through points an hour apart, broken where hours are missing."""
    pieces: list[list[tuple[float, float]]] = []
    for point in points:
        if pieces and point[0] - pieces[-1][-1][0] <= 1:
            pieces[-1].append(point)
        else:
            pieces.append([point])
    drawn = []
    for piece in pieces:
        ends = piece if len(piece) > 1 else [piece[0], (piece[0][0] + 0.3, piece[0][1])]
        drawn.append(f'<polyline class="{kind}" points="{" ".join(f"{x(a)},{y(b)}" for a, b in ends)}"/>')
    return drawn


def _in_words(ahead: Sequence[Mapping[str, Any]]) -> str:
    entry = ahead[-1]
    if entry["median"] is None:
        return "nothing is known"
    words = f"{entry['median']:.0f} expected in {entry['hours_ahead']} h"
    return (
        words if entry["low_90"] is None else f"{words}, 90 % between {entry['low_90']:.0f} and {entry['high_90']:.0f}"
    )


def _step(top: float) -> int:
    return next(step for step in (5, 10, 20, 50, 100, 200, 500, 1000) if top / step <= 6)


def _scores(backtest: Mapping[str, Any]) -> str:
    head = "".join(f'<th scope="col">{hour} h</th>' for hour in backtest["horizons_h"])
    rows = []
    for name, found in backtest["models"].items():
        for score, words, form in (
            ("mean_absolute_error", "mean absolute error", "{:.2f}"),
            ("coverage_90", "in 90 % interval", "{:.1%}"),
            ("coverage_50", "in 50 % interval", "{:.1%}"),
        ):
            cells = "".join(f"<td>{'-' if x is None else form.format(x)}</td>" for x in found[score])
            rows.append(f'<tr><th scope="row">{escape_ten(name)}, {words}</th>{cells}</tr>')
    return (
        f"<h2>How good such forecasts were</h2><p>Every hour from {escape_ten(backtest['from'])} to "
        f"{escape_ten(backtest['to'])}, all rooms alike, fitted once before.</p>"
        f'<div class="wide"><table><thead><tr><th scope="col">Hours ahead</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
