"""Stationing: a unit that becomes free goes back to its own station."""

from __future__ import annotations

from .._compiled import lean_kernel


@lean_kernel
def home_station(world, ground, u):  # type: ignore[no-untyped-def] # noqa: ARG001 - every policy takes the same
    """Row of the station that unit ``u`` returns to: its home."""
    return world.units[u].home
