"""An instant of a run as tables for the terminal."""

from __future__ import annotations

from rich.console import Console

from ..city import City
from ..simulation import Instant
from .summary_table import STATES, clock, new_table


def print_instant(instant: Instant, city: City, console: Console | None = None) -> None:
    """Print where everybody was: a line, the units, the emergency rooms that had something to do."""
    console = console or Console()
    console.print(
        f"[bold]{city.name}[/bold] at {instant.at.replace('T', ' ')}: {len(instant.calls_open)} calls open, "
        f"{len(instant.calls_waiting)} of them without a unit"
    )
    units = new_table("Units", "unit", "state", "for", "call", "where", "ETA (90 %)", "lon, lat")
    for unit in instant.units:
        where = ""
        if unit.hospital is not None:
            where = city.hospitals[unit.hospital].name
        elif unit.station is not None:
            where = city.stations[unit.station].name
        units.add_row(
            f"{unit.unit + 1}",
            STATES[unit.status],
            clock(instant.t_s - unit.since_s),
            "" if unit.call is None else f"{unit.call + 1}",
            where,
            _eta(unit.eta_s, unit.eta_90_s),
            f"{unit.lon:.5f}, {unit.lat:.5f}",
        )
    console.print(units)
    rooms = new_table("Emergency rooms", "", "inbound", "offloading")
    for hospital, inbound, offloading in zip(city.hospitals, instant.inbound, instant.offloading, strict=True):
        if inbound or offloading:
            rooms.add_row(hospital.name, f"{inbound}", f"{offloading}")
    if rooms.row_count:
        console.print(rooms)


def _eta(eta_s: float | None, bounds: tuple[float, float] | None) -> str:
    """Expected time and its bounds, minutes and seconds."""
    return "" if eta_s is None or bounds is None else f"{clock(eta_s)} ({clock(bounds[0])} to {clock(bounds[1])})"
