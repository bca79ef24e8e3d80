"""Response times by place and variant, as the page's maps and tables show them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h3
import numpy as np
from numpy.typing import NDArray

from ..scenario.whatif import Answer
from ..views.page import write_atomically

FILE = "pictures.json"
"""File in a run's folder."""
_FEWEST_CALLS = 3.0  # over all replications: the mean of fewer says nothing


def write_pictures(answer: Answer, folder: Path) -> Path:
    """Write responses by hexagon and by zone, of every variant in every case."""
    prepared = answer.prepared
    outlines = [
        [[round(lon, 5), round(lat, 5)] for lat, lon in h3.cell_to_boundary(cell)] for cell in prepared.grid.cells
    ]
    zones = [str(name) for name in prepared.demand.zone_names]
    views: list[dict[str, Any]] = []
    for (case, variant), days in answer.days.items():
        ready = prepared.of(case, variant)
        by_cell = [np.sum([getattr(day, f"cell_{key}") for day in days], axis=0) for key in ("calls", "response_s")]
        by_zone = [
            np.sum([getattr(day, f"zone_{key}").sum(axis=1) for day in days], axis=0)
            for key in ("calls", "response_s", "late")
        ]
        views.append(
            {
                "case": case,
                "variant": variant,
                "days": len(days),
                "cell_mean_s": _ratio(by_cell[1], by_cell[0]),
                "zone_calls": [round(float(n) / len(days), 1) for n in by_zone[0]],
                "zone_mean_s": _ratio(by_zone[1], by_zone[0]),
                "zone_late": _ratio(by_zone[2], by_zone[0], 3),
                "posts": [
                    {"name": s.name, "lat": s.lat, "lon": s.lon}
                    for s in ready.city.stations[len(prepared.city.stations) :]
                ],
            }
        )
    data = {"cells": outlines, "zones": zones, "target_s": prepared.city.target_s[0], "views": views}
    return write_atomically(json.dumps(data, separators=(",", ":"), allow_nan=False), folder / FILE)


def _ratio(total: NDArray[np.float64], count: NDArray[np.float64], digits: int = 0) -> list[float | None]:
    """Means, None where there are too few calls."""
    return [
        round(float(t) / float(n), digits) if n >= _FEWEST_CALLS else None for t, n in zip(total, count, strict=True)
    ]
