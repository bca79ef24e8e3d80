"""Drawings of how predicted travel times compare with observed ones, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..city import City, project
from ..demand.travel import Scores
from .escape import escape_ten

_WIDE, _HIGH, _LEFT, _LOW, _TOP = 420, 260, 44, 40, 12
_CELL_M = 500.0
"""Side of the squares of the map."""
_FEWEST = 10
"""Squares with fewer trips are left out."""
_MAP_PX = 640.0

Array = NDArray[np.float64]


def density_chart(predicted_min: Array, observed_min: Array, top: float, title: str) -> str:
    """How often each pair of predicted (across) and observed (up) occurs, in cells of half a minute by a minute."""
    size = _WIDE - _LEFT - 8
    nx, ny = round(top * 2), round(top)
    count, _, _ = np.histogram2d(predicted_min, observed_min, bins=(nx, ny), range=((0, top), (0, top)))
    dx, dy = size / nx, (_HIGH - _LOW - _TOP) / ny
    most = max(float(count.max()), 1.0)
    cells = "".join(
        f'<rect class="many" fill-opacity="{np.sqrt(count[i, j] / most):.2f}" x="{_LEFT + i * dx:.1f}" '
        f'y="{_HIGH - _LOW - (j + 1) * dy:.1f}" width="{dx:.1f}" height="{dy:.1f}"/>'
        for i, j in np.argwhere(count > 0)
    )
    even = f'<line class="even" x1="{_LEFT}" y1="{_HIGH - _LOW}" x2="{_LEFT + size}" y2="{_TOP}"/>'
    marks = _across([(k, _LEFT + k / top * size) for k in range(0, int(top) + 1, 2)], "predicted, min")
    outside = int(((predicted_min > top) | (observed_min > top)).sum())
    label = escape_ten(
        f"{title}: predicted and observed minutes of {len(observed_min):,} trips; on the dashed line they are the same. "
        f"{outside} are longer than the drawing."
    )
    ticks = [(k, _HIGH - _LOW - k / top * (_HIGH - _LOW - _TOP)) for k in range(0, int(top) + 1, 2)]
    return _figure(_up(ticks, "observed, min") + marks + cells + even, label)


def bias_chart(parts: Sequence[Mapping[str, Any]], title: str) -> str:
    """Mean error of each part as a bar with whiskers, and that of free flow as a circle."""
    values = [row[key] for row in parts for key in ("bias_min", "free_flow_bias_min")]
    low, high = min(-1.0, *values) - 0.2, max(1.0, *values) + 0.2
    step = (_WIDE - _LEFT - 8) / len(parts)

    def y(value: float) -> float:
        return float(_TOP + (high - np.clip(value, low, high)) / (high - low) * (_HIGH - _LOW - _TOP))

    shapes = []
    for i, row in enumerate(parts):
        x, bias, half = _LEFT + (i + 0.5) * step, row["bias_min"], 1.96 * row["standard_error_min"]
        told = escape_ten(
            f"{row['part']}: {row['trips']:,} trips, {bias:+.2f} min, free flow {row['free_flow_bias_min']:+.2f}"
        )
        shapes.append(
            f'<g><title>{told}</title><rect class="fit" x="{x - step * 0.3:.1f}" width="{step * 0.6:.1f}" '
            f'y="{min(y(0), y(bias)):.1f}" height="{max(abs(y(bias) - y(0)), 0.5):.1f}"/>'
            f'<line class="whisker" x1="{x:.1f}" x2="{x:.1f}" y1="{y(bias - half):.1f}" y2="{y(bias + half):.1f}"/>'
            f'<circle class="free" cx="{x:.1f}" cy="{y(row["free_flow_bias_min"]):.1f}" r="3.2"/></g>'
        )
    every = max(1, len(parts) // 8)
    marks = _across([(row["part"], _LEFT + (i + 0.5) * step) for i, row in enumerate(parts) if i % every == 0], title)
    ticks = [(k, y(k)) for k in range(int(np.ceil(low)), int(high) + 1)]
    zero = f'<line class="whisker" x1="{_LEFT}" x2="{_WIDE - 8}" y1="{y(0):.1f}" y2="{y(0):.1f}"/>'
    worst = max(parts, key=lambda row: abs(row["bias_min"]))
    label = escape_ten(
        f"Mean error by {title.removesuffix(', from')}: at most {worst['bias_min']:+.2f} min, at {worst['part']}."
    )
    return _figure(_up(ticks, "error, min") + marks + zero + "".join(shapes), label)


def rank_chart(rank: Array) -> str:
    """Where within their predicted laws the observations fell, in ten bins; flat if the laws are right."""
    share = np.histogram(rank, bins=10, range=(0, 1))[0] / len(rank)
    top = max(0.2, float(share.max()))
    size = (_WIDE - _LEFT - 8) / 10

    def y(value: float) -> float:
        return float(_HIGH - _LOW - value / top * (_HIGH - _LOW - _TOP))

    bars = "".join(
        f'<rect class="fit" x="{_LEFT + k * size + 1:.1f}" width="{size - 2:.1f}" y="{y(s):.1f}" height="{y(0) - y(s):.1f}"/>'
        for k, s in enumerate(share.tolist())
    )
    level = f'<line class="even" x1="{_LEFT}" x2="{_WIDE - 8}" y1="{y(0.1):.1f}" y2="{y(0.1):.1f}"/>'
    marks = _across(
        [(f"{k / 10:g}", _LEFT + k * size) for k in range(0, 11, 2)], "share of the law below the observation"
    )
    label = escape_ten(
        f"Observations within their laws, in tenths: {share.min():.1%} to {share.max():.1%} in each, 10 % if the law is right."
    )
    return _figure(
        _up([(f"{k} %", y(k / 100)) for k in range(0, int(top * 100) + 1, 5)], "") + marks + bars + level, label
    )


def error_map(scores: Scores, city: City) -> str:
    """Mean error of the trips that ended in each square of half a kilometre, over the streets."""
    trips, roads = scores.trips, city.roads
    x, y = project(roads, trips.lon, trips.lat)
    cell = np.stack([np.floor(x / _CELL_M), np.floor(y / _CELL_M)], axis=1).astype(np.int64)
    cells, which, count = np.unique(cell, axis=0, return_inverse=True, return_counts=True)
    error = np.bincount(which.ravel(), weights=(scores.mean_s - trips.took_s) / 60) / count
    shown = count >= _FEWEST
    if not shown.any():
        return f'<p class="note">No square of {_CELL_M:.0f} m has {_FEWEST} trips.</p>'
    west, south = cells[shown].min(axis=0) * _CELL_M - _CELL_M
    east, north = cells[shown].max(axis=0) * _CELL_M + 2 * _CELL_M
    scale = _MAP_PX / max(east - west, north - south)

    def at(px: float, py: float) -> tuple[float, float]:
        return (px - west) * scale, (north - py) * scale

    inside = (roads.x > west) & (roads.x < east) & (roads.y > south) & (roads.y < north)
    streets = np.flatnonzero((roads.tail < roads.head) & inside[roads.tail] & inside[roads.head])
    lines = []
    for a, b in zip(roads.tail[streets].tolist(), roads.head[streets].tolist(), strict=True):
        (x1, y1), (x2, y2) = at(roads.x[a], roads.y[a]), at(roads.x[b], roads.y[b])
        lines.append(f"M{x1:.0f} {y1:.0f}L{x2:.0f} {y2:.0f}")
    strongest = max(float(np.abs(error[shown]).max()), 1e-9)
    squares = []
    for (i, j), mean, n in zip(cells[shown].tolist(), error[shown].tolist(), count[shown].tolist(), strict=True):
        px, py = at(i * _CELL_M, (j + 1) * _CELL_M)
        squares.append(
            f'<rect class="{"long" if mean > 0 else "short"}" fill-opacity="{0.1 + 0.7 * abs(mean) / strongest:.2f}" '
            f'x="{px:.1f}" y="{py:.1f}" width="{_CELL_M * scale:.1f}" height="{_CELL_M * scale:.1f}">'
            f"<title>{n:,} trips, {mean:+.2f} min</title></rect>"
        )
    bases = "".join(
        f'<circle class="base" r="4" cx="{px:.1f}" cy="{py:.1f}"><title>{escape_ten(s.name)}</title></circle>'
        for s in city.stations
        if inside[s.node]
        for px, py in [at(roads.x[s.node], roads.y[s.node])]
    )
    caption = escape_ten(
        f"Mean error of trips by where they ended, in {int(shown.sum())} squares of {_CELL_M:.0f} m with {_FEWEST} trips or "
        f"more, from {error[shown].min():+.2f} to {error[shown].max():+.2f} min: predicted too short (blue, solid edge) or too "
        "long (orange, dashed edge), the stronger the more. Dots are stations."
    )
    wide, high = (east - west) * scale, (north - south) * scale
    return (
        f'<figure><svg width="{wide:.0f}" height="{high:.0f}" viewBox="0 0 {wide:.0f} {high:.0f}" role="img" '
        f'aria-label="{caption}"><path class="street" d="{"".join(lines)}"/>{"".join(squares)}{bases}</svg>'
        f'<figcaption>{caption}</figcaption><p class="note">{escape_ten(city.attribution)}</p></figure>'
    )


def _across(marks: Sequence[tuple[object, float]], title: str) -> str:
    texts = "".join(
        f'<text x="{x:.1f}" y="{_HIGH - _LOW + 16}" text-anchor="middle">{escape_ten(mark)}</text>' for mark, x in marks
    )
    return f'{texts}<text x="{(_WIDE + _LEFT) / 2:.0f}" y="{_HIGH - 6}" text-anchor="middle">{escape_ten(title)}</text>'


def _up(marks: Sequence[tuple[object, float]], title: str) -> str:
    lines = "".join(
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDE - 8}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{escape_ten(mark)}</text>'
        for mark, y in marks
    )
    middle = (_HIGH - _LOW + _TOP) / 2
    return f'{lines}<text transform="translate(12 {middle:.0f}) rotate(-90)" text-anchor="middle">{escape_ten(title)}</text>'


def _figure(shapes: str, caption: str) -> str:
    return (
        f'<figure><svg width="{_WIDE}" height="{_HIGH}" viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{caption}">'
        f"{shapes}</svg><figcaption>{caption}</figcaption></figure>"
    )
