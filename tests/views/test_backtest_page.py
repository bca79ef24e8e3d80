"""The report of a backtest: who gained where, in a page without scripts."""

from datetime import date

import numpy as np
import pytest

from ems_twin.demand.forecast.backtest import Backtest, Plan
from ems_twin.demand.forecast.cells import square_cells, zone_cells
from ems_twin.demand.forecast.report import compare
from ems_twin.views import write_backtest_page
from ems_twin.views.backtest_page import gain_by_cell

CELLS = square_cells(-74 + 0.012 * np.arange(3), np.full(3, 40.7), 1000.0)


@pytest.fixture
def found():
    """The blend knows the rate of cell 0, is as good in cell 1, and is twice too high in cell 2."""
    rng = np.random.default_rng(1)
    counts = rng.poisson(np.array([[4.0], [2.0], [3.0]]), (3, 56)).astype(float)
    usual = np.tile([[2.0], [2.0], [3.0]], 56)
    blend = np.tile([[4.0], [2.0], [6.0]], 56)
    return Backtest(
        plan=Plan(start=date(2024, 1, 1), periods_h=(24,)),
        n_weeks=8,
        counts={24: counts},
        week={24: np.repeat(np.arange(8), 7)},
        mean={24: {"hour_of_week": usual, "blend": blend}},
        dispersion={24: {"hour_of_week": np.zeros((3, 56)), "blend": np.zeros((3, 56))}},
        seconds={},
    )


def record_of(found, source="calls.csv"):
    scored = found.scores(CELLS.area_km2)[24]
    horizon = {
        "issued_every_h": 24, "weeks": 8, "calls_a_cell_and_period": 3.0,
        "models": compare(scored, ("hour_of_week",), seed=1),
    }  # fmt: skip
    return {"source": source, "calls": 500, "cells": 3, "start": "2024-01-01", "notes": [], "horizons": {"24": horizon}}


def test_gain_is_the_difference_of_log_probabilities(found):
    gain = gain_by_cell(found, 24, "blend")
    n = found.counts[24].sum(1)
    np.testing.assert_allclose(gain, [n[0] * np.log(2) - 2 * 56, 0, n[2] * np.log(2) - 3 * 56], atol=1e-9)
    assert gain[0] > 0 > gain[2]


def test_the_page_shows_scores_laws_and_places(found, tmp_path):
    page = write_backtest_page(
        record_of(found, "<script>x</script>"), {24: found}, CELLS, tmp_path / "report.html", model="blend"
    )
    text = page.read_text("utf-8")
    assert "<script" not in text
    assert "© OpenStreetMap contributors" in text or "&copy; OpenStreetMap" in text
    assert text.count('class="cell better"') == 1
    assert text.count('class="cell worse"') == 2
    assert "better in 1 of 3 cells" in text
    assert text.count('aria-label="blend: PIT from ') == 1
    zones = write_backtest_page(
        record_of(found), {24: found}, zone_cells(("a", "b", "c")), tmp_path / "zones.html", model="blend"
    )
    assert "<path" not in zones.read_text("utf-8")
