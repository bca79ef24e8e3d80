"""Forecast the emergency rooms of Montreal in the second half of 2024, and score the forecasts.

Run from the repository, one measure at a time (about ten minutes each on one core)::

    python experiments/ed_load/study.py --data ../shared/data --measure occupancy

It writes ``occupancy.json`` and ``occupancy.txt`` beside itself. Source of the series: Données Québec / MSSS, hourly
emergency-room figures, licence CC-BY 4.0. Rooms are numbered by column; no hospital is named.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))
from montreal import CHANGES, ZONE, read_montreal

from ems_twin.demand.ed_load import (
    LEVELS,
    Blend,
    Climatology,
    EDBacktest,
    EDHistory,
    Persistence,
    Relabelling,
    backtest,
    repair_labels,
    stretchers_of,
)

HERE = Path(__file__).parent
HORIZONS = (1, 2, 6, 24, 72)
REFITS = [datetime(2024, month, 1, tzinfo=ZONE) for month in (7, 10)]
TARGETS = {"occupancy": (5.5, 7.75, 12.0, 16.7, 18.6)}
"""Mean absolute errors to be reached, points."""
SOURCE = "Données Québec / MSSS, hourly emergency-room figures of Montreal 2023-2024, CC-BY 4.0"


class Watched(Blend):
    """A blend that keeps what its members say, so that they can be scored without being fitted again."""

    def __init__(self, measure: str) -> None:
        super().__init__(measure)
        self.said: list[NDArray[np.float32]] = []
        self.weights_by_fit: list[list[list[float]]] = []

    def quantiles(self, origin: NDArray[np.intp], horizons_h: NDArray[np.intp]) -> NDArray[np.float64]:
        """Quantiles of the blend; medians of the members are kept."""
        self.said.append(np.stack([m.medians(origin, horizons_h).astype(np.float32) for m in self.members]))
        self.weights_by_fit.append(np.round(self.weights, 3).tolist())
        return super().quantiles(origin, horizons_h)


def scores(result: EDBacktest) -> dict[str, list[float]]:
    """Scores by horizon, rounded."""
    return {
        "mean_absolute_error": result.absolute_error().round(3).tolist(),
        "crps": result.crps().round(3).tolist(),
        "coverage_90": result.coverage().round(4).tolist(),
        "width_90": result.width().round(2).tolist(),
        "share_below_5_50_95": result.below()[:, [0, len(LEVELS) // 2, -1]].round(3).tolist(),
    }


def repaired_labels(published: EDHistory, repaired: EDHistory, found: list[Relabelling]) -> list[dict[str, object]]:
    """What the repair did, and how many rooms kept their number of stretchers over each change before and after it."""
    rows = []
    for change in found:
        row = published.row(change.at) + 1
        kept = {}
        for name, history in (("as_published", published), ("repaired", repaired)):
            before, after = (
                stretchers_of(history.occupancy[part]) for part in (slice(row - 1000, row), slice(row, row + 1000))
            )
            kept[name] = int((before == after).sum())
        rows.append(
            {
                "at": change.at.isoformat(), "rooms_moved": change.moved, "new_column": change.column.tolist(),
                "gain": round(change.gain, 2), "least_margin": round(float(change.margin.min()), 2),
                "rooms_with_the_same_stretchers": kept,
            }
        )  # fmt: skip
    return rows


def table(record: dict[str, object], measure: str) -> str:
    """Scores as text."""
    lines = [SOURCE, f"{measure}: origins every hour from 2024-07-01, all rooms alike; columns are hours ahead", ""]
    lines += [f"{'':44}" + "".join(f"{hour:>9}" for hour in HORIZONS)]
    for name, found in record["models"].items():
        for score in ("mean_absolute_error", "crps", "coverage_90"):
            if score in found:
                lines.append(f"{name:22}{score:22}" + "".join(f"{value:9.3f}" for value in found[score]))
    if measure in TARGETS:
        lines.append(f"{'to be reached':22}{'mean_absolute_error':22}" + "".join(f"{x:9.3f}" for x in TARGETS[measure]))
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run the study of one measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--measure", choices=["occupancy", "waiting"], default="occupancy")
    given = parser.parse_args()
    begin = time.perf_counter()
    try:
        published = read_montreal(given.data / "montreal_ed")
    except FileNotFoundError as error:
        raise SystemExit(f"The series of Montreal are not there: {error}. Give their folder with --data.") from None
    history, found = repair_labels(published, CHANGES)
    blend = Watched(given.measure)
    models = {}
    for model in (Persistence(given.measure), Climatology(given.measure), blend):
        result = backtest(model, history, refits=REFITS, horizons_h=HORIZONS)
        models[model.name] = scores(result)
    said = np.concatenate(blend.said, axis=1)
    for name, medians in zip(("boosted, median", "boosted, mean"), said[2:], strict=True):
        error = np.nanmean(np.abs(medians.astype(np.float64) - result.actual), axis=(0, 2))
        models[name] = {"mean_absolute_error": error.round(3).tolist()}
    record = {
        "source": SOURCE,
        "measure": given.measure,
        "horizons_h": HORIZONS,
        "refits": [at.isoformat() for at in REFITS],
        "origins": len(result.actual),
        "labels": repaired_labels(published, history, found),
        "models": models,
        "weights_by_fit": blend.weights_by_fit,
        "members": ["persistence", "climatology", "boosted, median", "boosted, mean"],
    }
    (HERE / f"{given.measure}.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    text = table(record, given.measure)
    (HERE / f"{given.measure}.txt").write_text(text, encoding="utf-8")
    print(text)
    print(f"{time.perf_counter() - begin:.0f} s")


if __name__ == "__main__":
    main()
