"""The places of a city: stations where units stand and hospitals that take patients."""

from __future__ import annotations

from dataclasses import dataclass

SPECIALITIES = ("trauma", "stroke", "pci", "paediatric", "burns", "maternity")
"""What a hospital may be named for: patients who need it go there (PCI opens blocked arteries of the heart)."""


@dataclass(frozen=True, kw_only=True)
class Station:
    """A place where units stand: a station with quarters, or a street post."""

    id: str
    """Short id, unique in the city."""
    name: str
    """Name shown to people."""
    lon: float
    """Degrees east."""
    lat: float
    """Degrees north."""
    node: int
    """Nearest node of the road network."""
    units: int = 0
    """Ambulances of the default fleet that are at home here."""
    kind: str = "station"
    """``station`` (quarters) or ``post`` (street corner)."""
    source: str = ""
    """Where the facts come from."""


@dataclass(frozen=True, kw_only=True)
class Hospital:
    """An acute hospital with an emergency room that takes ambulances."""

    id: str
    """Short id, unique in the city."""
    name: str
    """Name shown to people."""
    lon: float
    """Degrees east."""
    lat: float
    """Degrees north."""
    node: int
    """Nearest node of the road network."""
    beds: int
    """Hospital beds; 0 where unknown."""
    bays: int
    """Treatment bays of the emergency room."""
    specialities: tuple[str, ...] = ()
    """Names from :data:`SPECIALITIES`."""
    source: str = ""
    """Where the facts come from."""

    @property
    def speciality_bits(self) -> int:
        """``specialities`` as bits, the first of :data:`SPECIALITIES` being bit 0."""
        return sum(1 << SPECIALITIES.index(name) for name in self.specialities)
