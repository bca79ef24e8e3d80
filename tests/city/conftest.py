from pathlib import Path

import pytest


@pytest.fixture
def shared_data():
    folder = Path(__file__).resolve().parents[3] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the data beside the checkout (../shared/data) are absent")
    return folder
