"""Pings of units that drive known ways of a city."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from ems_twin.city import City
from ems_twin.routing import ORDINARY, Router


@dataclass(frozen=True)
class Driven:
    """One drive as it was."""

    unit: str
    start: int
    end: int
    departed: float
    arrived: float


def drive_about(
    city: City,
    begins: list[float],
    seed: int,
    *,
    unit: str = "A1",
    pace: float = 1.0,
    every_s: float = 10.0,
    noise_m: float = 15.0,
    start_up_s: float = 0.0,
    priority: int = 3,
) -> tuple[list[Driven], list[tuple[str, float, float, float, int]]]:
    """A unit drives at each of some times to a junction at least five blocks away; pings are unit, t, lon, lat, priority.

    ``pace`` is its time over the ordinary time; it stands for ``start_up_s`` after it has been told to go.
    """  # fmt: skip
    rng = np.random.default_rng(seed)
    roads, router = city.roads, Router(city.roads)
    node = int(rng.integers(roads.n_nodes))
    phase = rng.uniform(0, every_s)
    done, pings = [], []
    for k, t in enumerate(begins):
        far = np.flatnonzero(np.hypot(roads.x - roads.x[node], roads.y - roads.y[node]) > 1500.0)
        goal = int(rng.choice(far))
        path = router.path(node, goal, metric=ORDINARY)
        took = path.duration_s * pace
        until = min(t + took + 600.0, begins[k + 1] - 300.0) if k + 1 < len(begins) else t + took + 600.0
        for now in np.arange(np.ceil((t - 300.0 - phase) / every_s) * every_s + phase, until, every_s):
            where = np.clip((now - t - start_up_s) / pace, 0.0, path.duration_s)
            lon, lat = path.at(float(where))
            east, north = rng.normal(0, noise_m, 2) / 111_320.0
            pings.append((unit, now, lon + east / np.cos(np.radians(lat)), lat + north, priority))
        done.append(Driven(unit, node, goal, t + start_up_s, t + start_up_s + took))
        node = goal
    return done, pings


def write_pings(path, pings, *extra: str):
    """Write pings as a CSV, and more lines after them."""
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("unit", "time", "lon", "lat", "priority"))
        for unit, t, lon, lat, priority in pings:
            writer.writerow((unit, datetime.fromtimestamp(t, UTC).isoformat(), f"{lon:.6f}", f"{lat:.6f}", priority))
        stream.writelines(line + "\n" for line in extra)
    return path
