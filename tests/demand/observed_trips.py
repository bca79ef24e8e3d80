"""Made-up trips of a chessboard city with known laws."""

from __future__ import annotations

import csv
from datetime import UTC, datetime

import numpy as np

from ems_twin.city import City
from ems_twin.city.sample import grid_city
from ems_twin.city.travel import Travel

MONDAY_S = 1704067200.0  # 2024-01-01 00:00 UTC
WEEK_S = 168 * 3600.0
TRUTH = Travel(start_up_s=60.0, speed_by_class={"residential": 0.8}, sirens_factor=1.5, spread=(0.1, 0.000058, 0.04))


def board() -> City:
    """20 by 20 junctions, 300 m apart, three stations; its time zone is UTC."""
    return grid_city(20, 20, spacing_m=300.0, stations=((0, 0), (10, 10), (19, 5)))


def drive(city: City, n: int, weeks: int, seed: int, *, rush: float = 1.0) -> dict[str, np.ndarray]:
    """Draw trips by :data:`TRUTH`; between 8 and 10 speeds are ``rush`` times as high."""
    rng = np.random.default_rng(seed)
    station = rng.integers(len(city.stations), size=n)
    node = rng.integers(city.roads.n_nodes, size=n)
    start = np.array([s.node for s in city.stations])[station]
    metres = sum(np.abs(axis[start] - axis[node]) for axis in (city.roads.x, city.roads.y))
    departed = MONDAY_S + np.sort(rng.uniform(0, weeks * WEEK_S, n))
    sirens = rng.random(n) < 0.6
    hour = departed / 3600 % 24
    speed = 10.0 * 0.8 * np.where(sirens, 1.5, 1.0) * np.where((hour >= 8) & (hour < 10), rush, 1.0)
    took = TRUTH.quantile_s(60.0 + metres / speed, rng.random(n))
    return {"departed": departed, "took_s": took, "station": station, "node": node, "sirens": sirens}


def write_trips(path, city: City, trips: dict[str, np.ndarray], *, cut_s: int = 1):
    """Write trips as a CSV, times cut off to ``cut_s``."""

    def text(t: float) -> str:
        return datetime.fromtimestamp(t // cut_s * cut_s, UTC).strftime("%Y-%m-%d %H:%M:%S")

    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("departed", "arrived", "station", "to_lon", "to_lat", "priority", "sirens"))
        for t, took, s, v, loud in zip(*trips.values(), strict=True):
            writer.writerow(
                (text(t), text(t + took), city.stations[s].id, city.roads.lon[v], city.roads.lat[v], 1 if loud else 3,
                 "yes" if loud else "no")
            )  # fmt: skip
    return path
