"""Emergency rooms made up for tests: known stretchers, a daily swing, a slow shock to all rooms, noise by patient."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from ems_twin.demand.ed_load import EDHistory

ZONE = ZoneInfo("America/Toronto")
START = datetime(2024, 1, 1, 5, tzinfo=UTC)  # a Monday, 00:00 in civil time
STRETCHERS = (14, 23, 31, 38)


def made_up(
    days: int, *, seed: int = 1, gaps: float = 0.02, stretchers=STRETCHERS, start: datetime = START
) -> EDHistory:
    """History of so many days; occupancy in whole stretchers, some hours missing."""
    random = np.random.default_rng(seed)
    hours, rooms, size = days * 24, len(stretchers), np.array(stretchers, dtype=float)
    hour = np.arange(hours)[:, None]
    base = size * np.linspace(0.7, 1.2, rooms)
    swing = 0.25 * np.sin(2 * np.pi * (hour % 24 - 9) / 24) + 0.08 * (hour % 168 < 24)
    shock = np.zeros((hours, rooms))
    common, own = random.normal(size=(hours, 1)) * 0.03, random.normal(size=(hours, rooms)) * 0.03
    for i in range(1, hours):
        shock[i] = 0.93 * shock[i - 1] + common[i] + own[i]
    beds = np.maximum(np.round(base * (1 + swing + shock)), 0)
    waiting = np.maximum(np.round(0.3 * size * (1 + 2 * swing + shock)), 0)
    occupancy = np.round(100 * beds / size)
    lost = random.random((hours, rooms)) < gaps
    occupancy[lost], waiting[lost] = np.nan, np.nan
    return EDHistory(
        start=start, zone=ZONE, rooms=tuple(f"room_{i}" for i in range(rooms)), occupancy=occupancy,
        present=beds + waiting, waiting=waiting,
    )  # fmt: skip
