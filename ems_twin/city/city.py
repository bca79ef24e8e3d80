"""A city: the ground on which everything else happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .fingerprint import content_hash
from .places import Hospital, Station
from .roads import ROAD_CLASSES, RoadNetwork
from .travel import Travel


@dataclass(frozen=True, eq=False, kw_only=True)
class City:
    """Roads and places of one city, as read from its bundle. Never written to after it is built."""

    name: str
    """Name of the bundle, lower case: ``manhattan``."""
    title: str
    """Name shown to people: ``Manhattan, New York``."""
    timezone: str
    """IANA name of the civil time zone: ``America/New_York``."""
    roads: RoadNetwork
    """The road graph."""
    stations: tuple[Station, ...]
    """Stations and street posts; rows of the world's ``stations`` array in this order."""
    hospitals: tuple[Hospital, ...]
    """Hospitals; rows of the world's ``hospitals`` array in this order."""
    content_hash: str
    """SHA-256 (first 16 hex digits) of the road arrays; labels are kept under this name."""
    directory: Path | None = None
    """The bundle's folder; None for a city made in memory."""
    sirens_factor: float = 1.3
    """Lights-and-sirens speed over ordinary speed (Ho & Casey 1998 give 1.68, Ho & Lindquist 2001 1.43; 1.3 is
    the cautious default, sensible range 1.1 to 1.7)."""
    target_s: tuple[float, ...] = field(default=(480.0,))
    """Response-time target (received to on scene) by priority, seconds; the last entry serves all further ones."""
    attribution: str = "© OpenStreetMap contributors"
    """Notice that every map of this city carries."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where roads, places and settings come from, as written in city.toml."""

    travel: Travel | None = None
    """What observed trips have taught; ``roads`` and ``sirens_factor`` are as it says then."""

    @property
    def start_up_s(self) -> float:
        """Part of a response's drive that does not depend on the way, seconds."""
        return 0.0 if self.travel is None else self.travel.start_up_s

    def calibrated(self, travel: Travel) -> City:
        """The city with the speeds that were learnt in place of its own."""
        factor = np.array([travel.speed_by_class.get(name, 1.0) for name in ROAD_CLASSES])
        roads = replace(self.roads, speed_mps=self.roads.speed_mps * factor[self.roads.road_class])
        sirens = self.sirens_factor if travel.sirens_factor is None else travel.sirens_factor
        return replace(self, roads=roads, content_hash=content_hash(roads), sirens_factor=sirens, travel=travel)

    def targets_s(self, priority: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Response-time target of each of some priorities (1 and up), seconds."""
        targets = np.array(self.target_s, dtype=np.float64)
        return targets[np.minimum(priority, len(targets)) - 1]
