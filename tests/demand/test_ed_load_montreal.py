"""The study of real emergency rooms: its reader, its labels, and what it says without the data."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from ems_twin.demand.ed_load import repair_labels, stretchers_of

STUDY = Path(__file__).parents[2] / "experiments" / "ed_load"


@pytest.fixture
def montreal(monkeypatch):
    monkeypatch.syspath_prepend(str(STUDY))
    return pytest.importorskip("montreal")


def test_without_the_data_the_study_says_so(tmp_path):
    done = subprocess.run(
        [sys.executable, str(STUDY / "study.py"), "--data", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "The series of Montreal are not there" in done.stderr
    assert "Traceback" not in done.stderr


def test_holidays_are_those_of_quebec(montreal):
    assert montreal.quebec_holidays(2024) == [
        date(2024, 1, 1), date(2024, 1, 2), date(2024, 3, 29), date(2024, 4, 1), date(2024, 5, 20), date(2024, 6, 24),
        date(2024, 7, 1), date(2024, 9, 2), date(2024, 10, 14), date(2024, 12, 25), date(2024, 12, 26),
    ]  # fmt: skip
    assert date(2023, 4, 10) in montreal.quebec_holidays(2023)


@pytest.mark.shared
def test_the_labels_of_the_series_are_repaired(montreal, shared):
    published = montreal.read_montreal(shared / "montreal_ed")
    assert published.occupancy.shape == (16_756, 21)
    repaired, found = repair_labels(published, montreal.CHANGES)
    assert [change.moved for change in found] == [8, 15]
    assert min(change.margin.min() for change in found) > 0.3
    # a room keeps its stretchers over the change, in the repaired columns only
    row = published.row(montreal.CHANGES[1]) + 1
    kept = {
        name: int((stretchers_of(h.occupancy[row - 1000 : row]) == stretchers_of(h.occupancy[row : row + 1000])).sum())
        for name, h in (("published", published), ("repaired", repaired))
    }
    assert kept["repaired"] >= 19 > 8 >= kept["published"]
    total = np.nansum(published.present, axis=1)
    np.testing.assert_allclose(np.nansum(repaired.present, axis=1), total)  # nobody is lost
