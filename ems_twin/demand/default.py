"""Demand of a city of which we know only the streets: assumed rates, borrowed shape and times, said as such."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..city.city import City
from .build import build
from .model import Demand
from .room_settings import DEFAULT_FILE, read_emergency_rooms
from .settings import read_settings
from .tables import read_hour_of_week
from .volume import rescaled, street_length_m

_FOLDER = Path(__file__).parent / "default"


def default_hour_of_week() -> NDArray[np.float64]:
    """Shape of the week that stands in where none is known, length 168: Manhattan's."""
    return read_hour_of_week(_FOLDER / "hour_of_week.csv")


def defaults_for(city: City) -> Demand:
    """Make a stand-in demand for a city without a demand folder.

    Inhabitants are taken to be as many per kilometre of street as in La Serena-Coquimbo and to call as often as in
    the United States; calls are spread along the streets by length; the shape of the week is Manhattan's and the
    times are San Francisco's (``demand/default/SOURCE.md``). ``notes`` says so.
    """
    settings = read_settings(_FOLDER / "demand.toml")
    hour_of_week = default_hour_of_week()
    return build(
        settings,
        hour_of_week=rescaled(hour_of_week, settings.volume, city, _FOLDER / "demand.toml"),
        zones=("all",),
        zone_weight=np.ones(1),
        node_zone=np.zeros(city.roads.n_nodes, dtype=np.int32),
        node_weight=street_length_m(city.roads),
        emergency_rooms=read_emergency_rooms(DEFAULT_FILE),
    )
