"""A planner of a small city that was saved for it, asked over HTTP as a page would."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "views"))

from planner_client import served, small_plan


@pytest.fixture(scope="session")
def city_folder(tmp_path_factory):
    from made_up_run import small_city

    from ems_twin.city import save_city

    return save_city(small_city(), tmp_path_factory.mktemp("cities") / "chessboard")


@pytest.fixture(scope="session")
def runs_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="session")
def client(city_folder, runs_folder):
    with served(str(city_folder), runs_folder) as asking:
        yield asking


@pytest.fixture
def plan(city_folder):
    return small_plan()
