"""The report of a backtest as one page without scripts: scores, whether the laws fit, and where forecasts gained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..demand.forecast import laws
from ..demand.forecast.backtest import Backtest
from ..demand.forecast.cells import Cells
from .cell_shapes import cell_bounds, cell_geometries
from .escape import escape_ten
from .page import write_atomically
from .plain_page import plain_page

_STYLE = """
.pits { display: flex; flex-wrap: wrap; gap: 16px; margin-bottom: 20px; } .bar { fill: var(--blue); } .flat { stroke: var(--ink); stroke-dasharray: 4 3; }
.better { fill: var(--blue); } .worse { fill: var(--orange); stroke-dasharray: 3 3; } .cell { stroke: var(--ink); stroke-width: 0.6; }
"""
_COLUMNS = (
    ("MSE / mean", "mse_over_mean", "{:.4f}"),
    ("log density, nats a call", "log_density", "{:.4f}"),
    ("log-score, nats", "count_log_score", "{:.4f}"),
    ("CRPS", "crps", "{:.4f}"),
    ("in 90 % interval", "cover_90", "{:.1%}"),
    ("PAI 5 %", "pai_5", "{:.2f}"),
    ("calls forecast a call", "bias", "{:.3f}"),
    ("operational error", "coverage_error", "{:.2%}"),
)
_USUAL = "hour_of_week"
_MAP_PX = 420.0


def write_backtest_page(
    record: Mapping[str, Any],
    backtests: Mapping[int, Backtest],
    cells: Cells,
    path: str | Path,
    *,
    model: str,
    attribution: str = "© OpenStreetMap contributors",
) -> Path:
    """Write what a backtest found.

    Parameters
    ----------
    record, backtests
        Of a :class:`~ems_twin.demand.forecast.studies.BacktestReport`; ``record`` may have ``source`` and ``notes``.
    cells
        Where calls were counted; zones without areas get no map.
    path
        File to write.
    model
        The one that the map sets against the hour of the week.
    attribution
        Credit under the map.
    """
    parts = [f"<p>{escape_ten(note)}</p>" for note in record.get("notes", ())]
    for horizon, found in record["horizons"].items():
        parts += [
            f"<h2>Periods of {int(horizon)} h</h2>",
            f"<p>Forecast every {found['issued_every_h']} h over {found['weeks']} weeks; "
            f"{found['calls_a_cell_and_period']:.3g} calls a cell and period.</p>",
            _table(found["models"]),
            f'<div class="pits">{"".join(_pit(name, entry["pit"]["bins"]) for name, entry in found["models"].items())}</div>',
        ]
        told = backtests[int(horizon)]
        if model != _USUAL and model in told.mean[int(horizon)]:
            parts.append(_gain_map(told, int(horizon), cells, model, attribution))
    source = escape_ten(str(record.get("source", "calls")))
    intro = f"<p>{source}: {record['calls']:,} calls in {record['cells']} cells, test from {record['start']}.</p>"
    html = plain_page("Backtest of forecasts", intro + "".join(parts), style=_STYLE)
    return write_atomically(html, path)


def gain_by_cell(found: Backtest, horizon: int, model: str, other: str = _USUAL) -> NDArray[np.float64]:
    """Nats by which a model's law of the counts foretold each cell better than another's, over the test, length c."""
    counts, means, spreads = found.counts[horizon], found.mean[horizon], found.dispersion[horizon]
    said, rival = (laws.log_pmf(counts, means[name], spreads[name]) for name in (model, other))
    return np.asarray((said - rival).sum(1), np.float64)


def _table(models: Mapping[str, Mapping[str, Any]]) -> str:
    columns = [column for column in _COLUMNS if all(column[1] in entry for entry in models.values())]
    head = "".join(f'<th scope="col">{title}</th>' for title, _, _ in columns)
    rows = []
    for name, entry in models.items():
        against = entry["mse"]["against"].get(_USUAL)
        change = "-"
        if against is not None:
            low, high = against["interval"]
            change = f"{against['change']:+.2%} [{low:+.2%}, {high:+.2%}]"
        cells = "".join(f"<td>{form.format(entry[score]['value'])}</td>" for _, score, form in columns)
        rows.append(f'<tr><th scope="row">{escape_ten(name)}</th><td>{change}</td>{cells}</tr>')
    return (
        f'<div class="wide"><table><thead><tr><th scope="col">Model</th><th scope="col">MSE against the hour of the week'
        f"</th>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        '<p class="note">95 % intervals by drawing whole weeks. PIT below: flat at 10 % where the law of the counts fits.</p>'
    )


def _pit(name: str, bins: Sequence[float]) -> str:
    top = max(0.2, *bins)
    bars = "".join(
        f'<rect class="bar" x="{14 * i + 1}" width="12" y="{70 - 66 * share / top:.1f}" height="{66 * share / top:.1f}"/>'
        for i, share in enumerate(bins)
    )
    wide, level = 14 * len(bins), 70 - 66 * 0.1 / top
    label = escape_ten(f"{name}: PIT from {min(bins):.1%} to {max(bins):.1%} in ten bins")
    return (
        f'<figure><svg width="{wide}" height="72" role="img" aria-label="{label}">{bars}'
        f'<line class="flat" x1="0" x2="{wide}" y1="{level:.1f}" y2="{level:.1f}"/></svg>'
        f"<figcaption>{escape_ten(name)}</figcaption></figure>"
    )


def _gain_map(found: Backtest, horizon: int, cells: Cells, model: str, attribution: str) -> str:
    if cells.resolution < 0 and not cells.size_m and not cells.polygons:
        return ""
    geometries = cell_geometries(cells)
    (south, west), (north, east) = cell_bounds(geometries)
    across = np.cos(np.radians((south + north) / 2))
    scale = _MAP_PX / max((east - west) * across, north - south, 1e-9)
    gain = gain_by_cell(found, horizon, model)
    highest = max(float(np.abs(gain).max()), 1e-12)
    shapes = []
    for name, geometry, nats in zip(cells.names, geometries, gain.tolist(), strict=True):
        rings = (
            geometry["coordinates"]
            if geometry["type"] == "Polygon"
            else [ring for polygon in geometry["coordinates"] for ring in polygon]
        )
        path = " ".join(
            "M" + "L".join(f"{(x - west) * across * scale:.1f} {(north - y) * scale:.1f}" for x, y in ring) + "Z"
            for ring in rings
        )
        kind = "better" if nats > 0 else "worse"
        shapes.append(
            f'<path class="cell {kind}" fill-opacity="{0.1 + 0.8 * abs(nats) / highest:.2f}" d="{path}">'
            f"<title>{escape_ten(name)}: {nats:+.2f} nats</title></path>"
        )
    wide, high = (east - west) * across * scale, (north - south) * scale
    better = int((gain > 0).sum())
    caption = escape_ten(
        f"Where {model} foretold the counts better than the hour of the week (blue, solid edge) and where not (orange, "
        f"dashed edge), the stronger the more nats: better in {better} of {len(cells)} cells, {gain.sum():+.1f} nats in all."
    )
    return (
        f'<figure><svg width="{wide:.0f}" height="{high:.0f}" viewBox="-2 -2 {wide + 4:.0f} {high + 4:.0f}" role="img" '
        f'aria-label="{caption}">{"".join(shapes)}</svg><figcaption>{caption}</figcaption>'
        f'<p class="note">{escape_ten(attribution)}</p></figure>'
    )
