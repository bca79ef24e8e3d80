"""The study of forecasts, as far as it goes without its data, and with them on a few weeks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ems_twin.demand.forecast.backtest import Plan, run_backtest
from ems_twin.demand.forecast.catalogue import make_models
from ems_twin.demand.forecast.cells import h3_cells
from ems_twin.demand.forecast.kernels import PlaneKernel
from ems_twin.demand.forecast.past import past_calls
from ems_twin.demand.forecast.report import compare

from .conftest import MONDAY_S, WEEK_S

STUDY = Path(__file__).parents[3] / "experiments" / "forecast"
SHARED = Path(__file__).parents[4] / "shared" / "data"


def test_without_data_it_says_what_is_missing(tmp_path):
    run = subprocess.run(
        [sys.executable, str(STUDY / "study.py"), "new_york", "--data", str(tmp_path)], capture_output=True, text=True
    )
    assert run.returncode == 2
    assert "nyc_ems_incidents_2013_2016h1_sample.csv.gz" in run.stderr
    assert "--data" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.shared
@pytest.mark.parametrize("name", ["new_york", "san_francisco"])
def test_real_weeks_are_foretold_better_than_by_the_hour_of_the_week(name, monkeypatch):
    if not SHARED.is_dir():
        pytest.skip("needs the records in ../shared/data")
    monkeypatch.syspath_prepend(str(STUDY))
    import records

    case = records.new_york(SHARED) if name == "new_york" else records.san_francisco(SHARED, 500.0)
    models = make_models(["hour_of_week", "constant_shares", "volume_density"])
    found = run_backtest(case.calls(), models, Plan(start=case.start, weeks=26, periods_h=(1, 8)))
    scored = found.scores(case.cells.area_km2)
    for horizon in (1, 8):
        ours = compare(scored[horizon], ("hour_of_week", "constant_shares"), seed=1)["volume_density"]
        assert ours["mse"]["against"]["hour_of_week"]["interval"][1] < 0
        assert ours["log_density"]["against"]["hour_of_week"]["interval"][0] > 0
        assert ours["log_density"]["against"]["constant_shares"]["change"] > 0
        assert 0.88 <= ours["cover_90"]["value"] <= 0.92


def test_hexagons_are_forecast_with_a_kernel_behind_them():
    rng = np.random.default_rng(1)
    n = 4000
    lon, lat = rng.normal(-74.0, 0.01, n), rng.normal(40.7, 0.01, n)
    cells = h3_cells(lon, lat, 8, ring=1)
    until = MONDAY_S + 12 * WEEK_S
    time_s = rng.uniform(MONDAY_S, until, n)
    calls = past_calls(time_s, cells, "America/New_York", lon=lon, lat=lat, since_s=MONDAY_S, until_s=until)
    model = make_models(["volume_density"], prior=PlaneKernel())["volume_density"]
    model.fit(calls)
    forecast = model.predict(until, 24)
    assert forecast.mean.shape == (len(cells), 24)
    assert forecast.mean.sum() == pytest.approx(n / 84, rel=0.1)
    assert np.all(forecast.mean > 0)
    middle = cells.locate(-74.0, 40.7)[0]
    assert forecast.mean[middle].sum() > 5 * np.median(forecast.mean.sum(1))
