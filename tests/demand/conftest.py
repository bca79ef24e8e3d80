from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ems_twin.city import City
from ems_twin.city.sample import grid_city
from ems_twin.demand import Demand, defaults_for

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def city() -> City:
    return replace(grid_city(6, 6), timezone="America/New_York")


@pytest.fixture(scope="session")
def demand(city: City) -> Demand:
    plain = defaults_for(city)
    return replace(plain, hour_of_week=plain.hour_of_week * (40 * 168 / plain.hour_of_week.sum()))  # 40 an hour


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("needs the raw records in ../shared/data")
    return SHARED
