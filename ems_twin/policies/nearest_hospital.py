"""Hospital choice: the nearest emergency room by travel time, however full it is."""

from __future__ import annotations

from .._compiled import lean_kernel


@lean_kernel
def nearest_hospital(world, ground, c):  # type: ignore[no-untyped-def]
    """Row of the hospital with the shortest drive from the scene of call ``c``; of equals the first."""
    call = world.calls[c]
    rules = ground.rules[0]
    row = ground.labels.metrics[0 if call.priority <= rules.transport_sirens_to_priority else 1].row
    n_stations = len(world.stations)
    best, best_ticks = 0, ground.places.to_ticks[row, n_stations, call.node]
    for h in range(1, len(world.hospitals)):
        t = ground.places.to_ticks[row, n_stations + h, call.node]
        if t < best_ticks:
            best, best_ticks = h, t
    return best
