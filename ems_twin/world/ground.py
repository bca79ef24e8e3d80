"""What holds still while a run goes on: streets, travel times and rules, as arrays that compiled code takes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..city import City
from ..routing import Router
from ..routing.customise import Labels
from ..routing.tables import PlaceTables, place_tables
from .rules import Rules


class Ground(NamedTuple):
    """The ground a run stands on. The fixed places are the stations, then the hospitals, in the city's order."""

    labels: Labels
    """Travel times between any two nodes."""
    places: PlaceTables
    """Travel times, ways and metres to and from the stations and hospitals."""
    first_out: NDArray[np.int32]
    """First edge of a node, shape (n + 1,)."""
    head: NDArray[np.int32]
    """Node that an edge enters, shape (m,)."""
    edge_ticks: NDArray[np.int32]
    """Ticks of an edge, shape (rows, m)."""
    length_m: NDArray[np.float64]
    """Metres of an edge, shape (m,)."""
    rules: NDArray[np.void]
    """:data:`~ems_twin.world.rules.RULES`, one row."""


def make_ground(city: City, router: Router, rules: Rules) -> Ground:
    """Put a city's roads, its router's times and the rules together."""
    nodes = [station.node for station in city.stations] + [hospital.node for hospital in city.hospitals]
    roads = router.roads
    return Ground(
        labels=router.labels,
        places=place_tables(router, nodes),
        first_out=roads.first_out,
        head=roads.head,
        edge_ticks=router.edge_ticks,
        length_m=roads.length_m,
        rules=rules.record(),
    )
