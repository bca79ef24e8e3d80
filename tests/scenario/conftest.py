"""A small city with more calls on one side, and a demand for it."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ems_twin.city.sample import grid_city
from ems_twin.demand import defaults_for
from ems_twin.routing import Router
from ems_twin.scenario import Trial


@pytest.fixture(scope="session")
def city():
    return grid_city(
        20, 20, spacing_m=300.0, stations=((2, 2), (17, 3), (10, 17)), hospitals=((9, 9),), units_per_station=2
    )


@pytest.fixture(scope="session")
def router(city):
    return Router(city.roads, sirens_factor=city.sirens_factor)


@pytest.fixture(scope="session")
def demand(city):
    """About 40 calls a day, nine of ten in the east."""
    plain = defaults_for(city)
    heavy = np.where(city.roads.x > np.median(city.roads.x), 9.0, 1.0)
    return replace(plain, node_weight=heavy, hour_of_week=np.full(168, 40 / 24))


@pytest.fixture(scope="session")
def trial(city, router, demand):
    start = datetime(2024, 5, 6, tzinfo=ZoneInfo(city.timezone))
    return Trial(city, demand, router, start=start, duration_s=3 * 86_400.0, seed=5)
