"""What every source of roads yields: arrays in the source's own order, not yet cleaned, and candidates for places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .roads import ROAD_CLASSES

CLASS_INDEX: dict[str, int] = {name: i for i, name in enumerate(ROAD_CLASSES)}
"""Row of each highway class in :data:`ROAD_CLASSES`."""

UNKNOWN_CLASS = CLASS_INDEX["unknown"]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A hospital or an ambulance station that the source knows of."""

    kind: str
    """``hospital`` or ``station``."""
    id: str
    """The source's id, such as ``way/123``."""
    name: str
    """Name; empty when the source has none."""
    lon: float
    """Degrees east."""
    lat: float
    """Degrees north."""
    beds: int = 0
    """Hospital beds; 0 where unknown."""
    emergency: bool | None = None
    """Whether the source says that it takes emergencies; None when it does not say."""


@dataclass(frozen=True, eq=False, kw_only=True)
class RawRoads:
    """Nodes and directed edges as a source gives them; n nodes, m edges."""

    osm_id: NDArray[np.int64]
    """The source's id of node v, unique."""
    lon: NDArray[np.float64]
    """Longitude of node v, degrees."""
    lat: NDArray[np.float64]
    """Latitude of node v, degrees."""
    tail: NDArray[np.int32]
    """Row of the node that edge e leaves."""
    head: NDArray[np.int32]
    """Row of the node that edge e enters."""
    length_m: NDArray[np.float64]
    """Length of edge e, metres; NaN where the source has none, then its geometry is measured."""
    tagged_kmh: NDArray[np.float64]
    """Speed that the source gives for edge e, km/h; NaN where it gives none."""
    road_class: NDArray[np.uint8]
    """Index of edge e's class in :data:`ROAD_CLASSES`."""
    name_id: NDArray[np.int32]
    """Index of edge e's street name in ``names``."""
    names: tuple[str, ...]
    """Street names; ``names[0]`` is the empty name."""
    shape_first: NDArray[np.int32]
    """First inner shape point of edge e, length m + 1."""
    shape_lon: NDArray[np.float64]
    """Longitudes of inner shape points, degrees."""
    shape_lat: NDArray[np.float64]
    """Latitudes of inner shape points, degrees."""
    source: str
    """What was read, for the report and for SOURCE.md."""
    attribution: str = "© OpenStreetMap contributors"
    """Notice that the source asks for."""
    candidates: tuple[Candidate, ...] = ()
    """Hospitals and stations found in the same source."""
    notes: tuple[str, ...] = ()
    """What the source left out or repaired, in words, for the report."""


class NameTable:
    """Collects street names and hands out their ids; 0 is the empty name."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {"": 0}

    def id_of(self, name: str | None) -> int:
        """Id of a name (white space made single), new names being added at the end."""
        return self._ids.setdefault(" ".join((name or "").split()), len(self._ids))

    @property
    def names(self) -> tuple[str, ...]:
        """All names by id."""
        return tuple(self._ids)
