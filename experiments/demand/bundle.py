"""Write the files of a demand folder; shared by the scripts beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ems_twin.demand import Delay

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def write_hour_of_week(path: Path, rates: NDArray[np.float64]) -> None:
    """Write 168 rates, calls an hour, from Monday 00:00."""
    rows = [f"{_DAYS[i // 24]},{i % 24},{rate:.4f}" for i, rate in enumerate(rates)]
    path.write_text("\n".join(["day,hour,calls_per_hour", *rows]) + "\n", encoding="utf-8")


def write_zones(path: Path, weights: Mapping[str, float]) -> None:
    """Write the weight of each zone."""
    rows = [f"{zone},{weight:g}" for zone, weight in weights.items()]
    path.write_text("\n".join(["zone,weight", *rows]) + "\n", encoding="utf-8")


def write_toml(
    path: Path,
    *,
    title: str,
    source: str,
    notes: Sequence[str],
    volume: Mapping[str, float],
    share: Sequence[float],
    transport_share: Sequence[float],
    delays: Mapping[str, Sequence[Delay]],
) -> None:
    """Write ``demand.toml``; ``share``, ``transport_share`` and every entry of ``delays`` are by priority 1, 2, 3."""
    lines = [
        f'title = "{title}"',
        f'source = "{source}"',
        "notes = [",
        *(f'  "{note}",' for note in notes),
        "]",
        "",
    ]
    if volume:
        lines += [
            "[volume] # scales hour_of_week.csv to this many calls",
            *(f"{key} = {value:g}" for key, value in volume.items()),
            "",
        ]
    for i in range(3):
        lines += [
            f"[[priority]] # {i + 1}{', the most urgent' if i == 0 else ''}",
            f"share = {share[i]:.4f} # of all calls",
            f"transport_share = {transport_share[i]:.3f} # of these patients are taken to hospital",
            "# log-normal: median_s * exp(sigma * z), never above longest_s; seconds",
        ]
        for step, by_priority in delays.items():
            delay = by_priority[i]
            lines.append(
                f"{step} = {{ median_s = {delay.median_s:g}, sigma = {delay.sigma:g}, longest_s = {delay.longest_s:g} }}"
            )
        lines.append("")
    path.write_text("\n".join(lines), encoding="utf-8")
