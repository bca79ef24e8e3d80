"""A short name for the content of a road network, under which its routing labels are kept."""

from __future__ import annotations

from hashlib import sha256

import numpy as np

from .roads import RoadNetwork

STORED: tuple[str, ...] = (
    "lon",
    "lat",
    "osm_id",
    "first_out",
    "head",
    "length_m",
    "speed_mps",
    "road_class",
    "name_id",
    "shape_first",
    "shape_lon",
    "shape_lat",
)
"""Arrays of a network that a bundle keeps; ``x`` and ``y`` follow from ``lon``, ``lat`` and ``crs``."""


def content_hash(roads: RoadNetwork) -> str:
    """First 16 hex digits of the SHA-256 over the stored road arrays (street names do not count)."""
    digest = sha256(roads.crs.encode())
    for name in STORED:
        array = np.ascontiguousarray(getattr(roads, name))
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()[:16]
