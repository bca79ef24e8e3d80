"""Charts of a comparison: change of late calls with its interval, and late calls against moves. HTML and SVG, no script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .escape import escape_ten

WIDE, HIGH = 420.0, 300.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, 16.0, 12.0, 44.0
_INSET = 14.0  # so that points without moves do not hide the scale
_EDGE, _FARTHEST = 4.0, 2.0  # percent of the track that stay free, and the change beyond which intervals are cut off
_MOVES_TICKS = (0, 1, 2, 5, 10, 20, 50, 100, 200)


def change_chart(results: Sequence[dict[str, Any]], outcome: str, title: str) -> str:
    """A row for each contender: the relative change of an outcome, as a dot on its interval, and in figures.

    Parameters
    ----------
    results
        Rows of a fleet in a contest's record.
    outcome
        Key of the outcome.
    title
        What changes, for readers.
    """
    rows = [(row, row["outcomes"][outcome].get("relative")) for row in results]
    known = [change for _, change in rows if change is not None]
    if not known:
        return ""
    low = min(0.0, *(change["low"] for change in known))
    high = max(0.0, *(change["high"] for change in known))
    low, high = max(low, -_FARTHEST), min(high, _FARTHEST)
    span = max(high - low, 0.02)

    def at(value: float) -> float:
        return _EDGE + (100 - 2 * _EDGE) * min(max((value - low) / span, 0.0), 1.0)

    lines = []
    for row, change in rows:
        if change is None:
            continue
        begin, end = at(change["low"]), at(change["high"])
        kind = "better" if change["high"] < 0 else "worse" if change["low"] > 0 else "unclear"
        lines.append(
            f'<li><span class="who">{escape_ten(row["contender"])}</span>'
            f'<span class="track" aria-hidden="true"><i class="zero" style="left:{at(0):.2f}%"></i>'
            f'<i class="span {kind}" style="left:{begin:.2f}%;width:{end - begin:.2f}%"></i>'
            f'<i class="dot {kind}" style="left:{at(change["mean"]):.2f}%"></i></span>'
            f'<span class="figure">{change_text(change)}</span></li>'
        )
    return (
        f'<figure class="changes"><figcaption>{escape_ten(title)}: change from the baseline, with its interval. '
        "Left of the upright line is less.</figcaption>"
        f"<ul>{''.join(lines)}</ul></figure>"
    )


def change_text(change: dict[str, float] | None) -> str:
    """A relative change with its interval: ``-12.3 % (-15.0 to -9.6)``."""
    if change is None:
        return "-"
    mean, low, high = (_signed(100 * change[key], 1) for key in ("mean", "low", "high"))
    return f"{mean} % ({low} to {high})"


def difference_text(difference: dict[str, float] | None, digits: int) -> str:
    """A difference with its interval: ``-12.3 (-15.0 to -9.6)``."""
    if difference is None:
        return "-"
    mean, low, high = (_signed(difference[key], digits) for key in ("mean", "low", "high"))
    return f"{mean} ({low} to {high})"


def _signed(value: float, digits: int) -> str:
    text = f"{value:+.{digits}f}"
    return f"{0:.{digits}f}" if float(text) == 0 else text.replace("-", "−")


def moves_chart(results: Sequence[dict[str, Any]], numbers: dict[str, int], label: str) -> str:
    """Late calls against moves per unit and day; points of a curve are joined, each contender has its number.

    Parameters
    ----------
    results
        Rows of a fleet in a contest's record.
    numbers
        Number of each contender in the tables.
    label
        What the chart shows, for those who cannot see it.
    """
    points = [(row, *_moves_and_late(row)) for row in results]
    most = max(moves for _, moves, _ in points)
    lates = [late + sign * _half(row) for row, _, late in points for sign in (-1, 1)]
    bottom, top = max(min(lates) * 0.97, 0.0), max(max(lates) * 1.03, 0.1)
    ticks = [tick for tick in _MOVES_TICKS if tick <= most * 1.15] or [0]
    right = math.log1p(max(most * 1.15, 1.0))

    def x(moves: float) -> float:
        return _LEFT + _INSET + (WIDE - _LEFT - _INSET - _RIGHT) * math.log1p(moves) / right

    def y(late: float) -> float:
        return _TOP + (HIGH - _TOP - _BOTTOM) * (top - late) / (top - bottom)

    parts = [_axis_x(x(tick), f"{tick}") for tick in ticks]
    parts += [_axis_y(y(late), f"{late:g} %") for late in _ticks(bottom, top)]
    line = sorted((moves, late) for row, moves, late in points if row["curve"] is not None)
    if len(line) > 1:
        path = " ".join(f"{x(moves):.1f},{y(late):.1f}" for moves, late in line)
        parts.append(f'<polyline class="curve" points="{path}"/>')
    taken: list[tuple[float, float]] = []
    for row, moves, late in sorted(points, key=lambda point: point[0]["curve"] is None):  # numbers above the curve
        half, name = _half(row), escape_ten(row["contender"])
        at_x, at_y = x(moves), y(late)
        parts.append(f"<g><title>{name}: {moves:.1f} moves per unit and day, {late:.1f} % late</title>")
        if half > 0:
            parts.append(f'<path class="bar" d="M{at_x:.1f} {y(late - half):.1f}V{y(late + half):.1f}"/>')
        if row["curve"] is not None:
            parts.append(f'<circle class="point" cx="{at_x:.1f}" cy="{at_y:.1f}" r="3.5"/></g>')
            continue
        at = at_x
        while any(math.hypot(at - other_x, at_y - other_y) < 18 for other_x, other_y in taken):
            at += 19  # beside each other, where they would hide each other
        taken.append((at, at_y))
        parts.append(
            f'<circle class="named" cx="{at:.1f}" cy="{at_y:.1f}" r="9"/>'
            f'<text class="number" x="{at:.1f}" y="{at_y + 4:.1f}" text-anchor="middle">{numbers[row["contender"]]}</text></g>'
        )
    parts.append(
        f'<text x="{(WIDE + _LEFT) / 2:.0f}" y="{HIGH - 6:.0f}" text-anchor="middle">moves per unit and day</text>'
        f'<text x="12" y="{(HIGH - _BOTTOM) / 2:.0f}" text-anchor="middle" '
        f'transform="rotate(-90 12 {(HIGH - _BOTTOM) / 2:.0f})">late calls</text>'
    )
    return (
        f'<svg class="moves" viewBox="0 0 {WIDE:.0f} {HIGH:.0f}" role="img" aria-label="{escape_ten(label)}">'
        f"{''.join(parts)}</svg>"
    )


def _moves_and_late(row: dict[str, Any]) -> tuple[float, float]:
    return row["outcomes"]["moves_per_unit_day"]["mean"], row["outcomes"]["late_share"]["mean"]


def _half(row: dict[str, Any]) -> float:
    """Half the width of the interval of the difference from the baseline."""
    apart = row["outcomes"]["late_share"].get("difference")
    return 0.0 if apart is None else (apart["high"] - apart["low"]) / 2


def _axis_x(x: float, text: str) -> str:
    end = HIGH - _BOTTOM
    return (
        f'<path class="grid" d="M{x:.1f} {_TOP:.0f}V{end:.0f}"/>'
        f'<text x="{x:.1f}" y="{end + 16:.0f}" text-anchor="middle">{text}</text>'
    )


def _axis_y(y: float, text: str) -> str:
    return (
        f'<path class="grid" d="M{_LEFT:.0f} {y:.1f}H{WIDE - _RIGHT:.0f}"/>'
        f'<text x="{_LEFT - 5:.0f}" y="{y + 4:.1f}" text-anchor="end">{text}</text>'
    )


def _ticks(low: float, high: float) -> list[float]:
    """Four to nine round values in a range."""
    rough = (high - low) / 5
    step = 10 ** math.floor(math.log10(rough))
    step *= next(factor for factor in (1, 2, 5, 10) if factor * step >= rough)
    return [round(k * step, 6) for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
