"""What a build read, repaired, dropped and assumed: printed by the command line, kept by nobody."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from .assemble import Dropped
from .speeds import SpeedReport


@dataclass(frozen=True, kw_only=True)
class BuildReport:
    """Account of one build."""

    source: str
    """What was read."""
    nodes_read: int
    """Nodes of the source's graph."""
    edges_read: int
    """Directed edges of the source's graph."""
    nodes: int
    """Nodes of the city's network."""
    edges: int
    """Directed edges of the city's network."""
    km: float
    """Length of all directed edges, km."""
    shape_merged: int
    """Nodes that became mere points of a street's shape."""
    dropped: Dropped
    """What was left out."""
    speeds: SpeedReport
    """How the speeds came about."""
    stations: int
    """Stations and posts."""
    units: int
    """Ambulances."""
    hospitals: int
    """Hospitals."""
    notes: tuple[str, ...]
    """Everything else that was repaired, left out or assumed."""
    seconds: float
    """Wall time of the build."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    def lines(self) -> list[str]:
        """The account in sentences, for the terminal."""
        d, s = self.dropped, self.speeds
        text = [
            f"Read {self.source}: {self.nodes_read:,} nodes, {self.edges_read:,} directed edges.",
            f"Built {self.nodes:,} nodes, {self.edges:,} directed edges, {self.km:,.0f} km in {self.seconds:.1f} s.",
        ]
        if self.shape_merged:
            text.append(f"Joined: {self.shape_merged:,} nodes without a junction became points of a street's shape.")
        if d.nodes or d.edges or d.self_loops:
            text.append(
                f"Dropped: {d.nodes:,} nodes and {d.edges:,} edges outside the largest of {d.components:,} strongly "
                f"connected parts, {d.self_loops:,} self-loops; {d.km:,.1f} km in all."
            )
        else:
            text.append("Dropped nothing: the graph is strongly connected and has no self-loops.")
        text.append(
            f"Speeds: {s.from_class:,} edges by class, {s.from_tag:,} by their tagged limit, {s.clamped:,} limits "
            f"clamped to their class, {s.implausible:,} implausible tags ignored."
        )
        if s.tagged_max_kmh == s.tagged_max_kmh:
            text.append(f"The source's speeds ran from {s.tagged_min_kmh:g} to {s.tagged_max_kmh:g} km/h.")
        text.append(f"Places: {self.stations} stations with {self.units} units, {self.hospitals} hospitals.")
        text.extend(f"Note: {note}." for note in self.notes)
        return text
