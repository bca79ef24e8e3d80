"""Ordinary driving speeds: what a vehicle without lights and sirens averages on a street, junctions included.

A speed limit is not a travel speed, and tagged speeds are sometimes absurd. So a class table gives the speed; a
plausible tagged limit moves it within bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .raw import RawRoads
from .roads import ROAD_CLASSES

ORDINARY_KMH: dict[str, float] = {
    "motorway": 97.0,
    "motorway_link": 60.0,
    "trunk": 64.0,
    "trunk_link": 45.0,
    "primary": 52.0,
    "primary_link": 43.0,
    "secondary": 43.0,
    "secondary_link": 40.0,
    "tertiary": 40.0,
    "tertiary_link": 36.0,
    "unclassified": 36.0,
    "residential": 36.0,
    "living_street": 15.0,
    "service": 20.0,
    "unknown": 36.0,
}
"""Ordinary speed by class, km/h. Motorway to residential: Utrecht's regular traffic in the JEMSS city models
(Apache-2.0). Ramps, living streets and service roads: assumptions between the classes they join."""

SHARE_OF_LIMIT = 0.8
"""Ordinary speed over the speed limit (the ``speed_reduction`` of OSRM's car profile)."""

PLAUSIBLE_LIMIT_KMH = (10.0, 140.0)
"""Tagged speeds outside are taken for mistakes and ignored."""

BOUNDS = (0.5, 1.4)
"""Ordinary speed by tag stays within these multiples of its class's speed."""


@dataclass(frozen=True, kw_only=True)
class SpeedReport:
    """How the speeds of a network came about; counts of directed edges."""

    from_class: int
    """Untagged, or tags ignored on purpose: the class's speed."""
    from_tag: int
    """A plausible tag, used as it is."""
    clamped: int
    """A plausible tag that was too far from its class's speed."""
    implausible: int
    """A tag that was ignored: zero, negative or absurd."""
    tagged_min_kmh: float
    """Slowest tag, NaN without tags."""
    tagged_max_kmh: float
    """Fastest tag, NaN without tags."""


def ordinary_speeds_mps(
    raw: RawRoads, *, kmh_by_class: Mapping[str, float] | None = None, use_tags: bool = True
) -> tuple[NDArray[np.float64], SpeedReport]:
    """Give each raw edge its ordinary speed, metres a second.

    Parameters
    ----------
    raw
        The source's arrays; ``tagged_kmh`` holds speed limits.
    kmh_by_class
        Speeds that replace entries of :data:`ORDINARY_KMH`, km/h.
    use_tags
        Whether tagged limits count; without, the class alone decides.
    """
    table = {**ORDINARY_KMH, **(kmh_by_class or {})}
    base = np.array([table[name] for name in ROAD_CLASSES])[raw.road_class]
    tagged = np.isfinite(raw.tagged_kmh)
    low, high = PLAUSIBLE_LIMIT_KMH
    implausible = tagged & ~((raw.tagged_kmh >= low) & (raw.tagged_kmh <= high))
    used = tagged & ~implausible & use_tags
    wish = np.where(used, SHARE_OF_LIMIT * np.nan_to_num(raw.tagged_kmh), base)
    kmh = np.clip(wish, BOUNDS[0] * base, BOUNDS[1] * base)
    clamped = used & (np.abs(kmh - wish) > 1e-9)
    tags = raw.tagged_kmh[tagged]
    report = SpeedReport(
        from_class=int((~used).sum()),
        from_tag=int((used & ~clamped).sum()),
        clamped=int(clamped.sum()),
        implausible=int(implausible.sum()),
        tagged_min_kmh=float(tags.min()) if len(tags) else float("nan"),
        tagged_max_kmh=float(tags.max()) if len(tags) else float("nan"),
    )
    return kmh / 3.6, report
