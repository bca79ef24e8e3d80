from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("EMS_TWIN_SHARED", Path(__file__).parents[3] / "shared"))


@pytest.fixture(scope="session")
def oracles() -> Path:
    """Folder of the models that JEMSS itself was run on."""
    folder = SHARED / "oracles" / "jemss"
    if not folder.is_dir():
        pytest.skip("needs JEMSS's models and results in ../shared/oracles/jemss")
    return folder
