"""Where the answers of others lie: another simulator's and the theory's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ORACLES = Path(__file__).parents[3] / "shared" / "oracles"


@pytest.fixture(scope="session")
def theory() -> Any:
    """Exact and published figures of queueing systems."""
    if not ORACLES.is_dir():
        pytest.skip("needs the queueing figures in ../shared/oracles")
    return json.loads((ORACLES / "queueing_numbers.json").read_text("utf-8"))
