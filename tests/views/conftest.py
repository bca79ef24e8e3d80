"""Lets the tests of this room import the made-up run beside them."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from made_up_run import made_up_run


@pytest.fixture(scope="session")
def run():
    return made_up_run()
