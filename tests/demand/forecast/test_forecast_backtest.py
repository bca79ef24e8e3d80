from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from ems_twin.city.sample import grid_city
from ems_twin.demand.forecast.backtest import Plan, run_backtest
from ems_twin.demand.forecast.cells import square_cells
from ems_twin.demand.forecast.hour_of_week import ConstantShares, HourOfWeek
from ems_twin.demand.forecast.medic import Medic
from ems_twin.demand.forecast.report import compare, table
from ems_twin.demand.forecast.result import DemandForecast
from ems_twin.demand.forecast.split import VolumeDensity
from ems_twin.errors import InputError

START = date(2024, 5, 27)


class Watching(HourOfWeek):
    """Notes what it is handed and asked."""

    name = "watching"

    def __init__(self) -> None:
        super().__init__()
        self.known_until: list[float] = []
        self.asked: list[float] = []

    def fit(self, calls):
        assert len(calls) == 0 or calls.time_s.max() < calls.until_s
        self.known_until.append(calls.until_s)
        super().fit(calls)

    def predict(self, start_s, periods):
        self.asked.append(start_s)
        assert start_s >= self.known_until[-1]
        return super().predict(start_s, periods)

    def update(self, new_calls):
        assert new_calls.since_s == self.known_until[-1]
        self.known_until.append(new_calls.until_s)


@pytest.mark.parametrize("issue_h", [8, 168])
def test_no_model_sees_a_call_before_it_is_forecast(record, issue_h):
    model = Watching()
    run_backtest(record, {"watching": model}, Plan(start=START, weeks=3, issue_h=issue_h))
    assert len(model.asked) == 3 * 168 // issue_h
    known = sorted(model.known_until)
    assert [known[np.searchsorted(known, asked, side="right") - 1] for asked in model.asked] == model.asked


def test_calls_after_the_test_week_change_nothing(record):
    plan = Plan(start=START, weeks=2)
    whole = run_backtest(record, {"m": VolumeDensity()}, plan)
    cut = run_backtest(record.between(record.since_s, record.until_s - 5 * 168 * 3600), {"m": VolumeDensity()}, plan)
    np.testing.assert_array_equal(whole.mean[8]["m"], cut.mean[8]["m"])


def test_counts_and_periods_are_those_of_the_record(record):
    found = run_backtest(record, {"m": HourOfWeek()}, Plan(start=START, weeks=4))
    for length in (1, 8, 24, 168):
        assert found.counts[length].shape == (16, 4 * 168 // length)
        assert found.counts[length].shape == found.mean[length]["m"].shape
        np.testing.assert_array_equal(found.counts[length].sum(1), found.counts[1].sum(1))
        np.testing.assert_allclose(found.mean[length]["m"].sum(1), found.mean[1]["m"].sum(1))
        assert np.bincount(found.week[length]).tolist() == [168 // length] * 4


def test_scores_rank_models_and_say_how_sure(record):
    models = {m.name: m for m in (Medic(), HourOfWeek(), ConstantShares(), VolumeDensity())}
    found = run_backtest(record, models, Plan(start=START, weeks=9))
    compared = compare(found.scores(record.cells.area_km2)[8], ("hour_of_week", "medic"), seed=1)
    ours, usual = compared["volume_density"], compared["medic"]
    assert ours["mse"]["against"]["hour_of_week"]["change"] < 0
    assert ours["log_density"]["against"]["hour_of_week"]["interval"][0] > 0
    assert usual["mse"]["against"]["hour_of_week"]["change"] == pytest.approx(0.25, abs=0.12)  # 1/L, L = 4
    for name in ("hour_of_week", "volume_density"):
        assert 0.88 < compared[name]["cover_90"]["value"] < 0.92
    lines = table(compared, "hour_of_week")
    assert len(lines) == 5
    assert all(name in "\n".join(lines) for name in models)


def test_a_floor_keeps_every_place_possible(record):
    found = run_backtest(record, {"m": Medic()}, Plan(start=START, weeks=1, epsilon=0.01))
    total = found.mean[8]["m"].sum(0)
    assert np.all(found.mean[8]["m"] >= 0.01 / 16 * total * (1 - 1e-12))


def test_a_forecast_of_hours_sums_to_civil_periods(record):
    model = VolumeDensity()
    model.fit(record)
    monday = record.clock.first_hour(date(2024, 7, 29))  # an hour before the record ends: the clocks have changed
    hours = model.predict(float(record.clock.start_s(monday)), 168)
    days = hours.summed(24)
    assert days.mean.shape == (16, 7)
    np.testing.assert_allclose(days.mean.sum(), hours.mean.sum())
    np.testing.assert_allclose(days.dispersion, hours.by_span[2].dispersion(days.mean))
    assert np.all(days.quantile(0.95) >= days.quantile(0.5))
    np.testing.assert_allclose((days.density() * days.cells.area_km2[:, None]).sum(0), 1)


def test_a_forecast_falls_on_the_roads(record):
    city = grid_city(6, 6)
    cells = square_cells(city.roads.lon, city.roads.lat, 200.0, crs=city.roads.crs)
    far = square_cells([*city.roads.lon, city.roads.lon[0] + 0.05], [*city.roads.lat, city.roads.lat[0]], 200.0)
    mean = np.linspace(1, 2, len(cells))[:, None]
    forecast = DemandForecast(cells=cells, clock=record.clock, hour=np.array([1]), mean=mean, dispersion=np.zeros(1))
    weight = forecast.node_weight(city)
    assert weight.sum() == pytest.approx(1)
    in_cell = np.bincount(cells.locate(city.roads.lon, city.roads.lat), weight, len(cells))
    np.testing.assert_allclose(in_cell, mean[:, 0] / mean.sum())
    lonely = np.zeros((len(far), 1))
    lonely[np.argmax(far.lon)] = 1.0  # a cell without a node
    weight = replace(forecast, cells=far, mean=lonely).node_weight(city)
    assert weight.max() == 1


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"start": date(2024, 5, 28)}, "not a Monday"),
        ({"issue_h": 5}, "does not divide"),
        ({"periods_h": (1, 9)}, "does not divide"),
        ({"epsilon": 1.0}, "not a share"),
    ],
)
def test_a_plan_says_what_is_wrong(change, match):
    with pytest.raises(InputError, match=match):
        Plan(**{"start": START, **change})


def test_a_test_needs_history(record):
    with pytest.raises(InputError, match="whole week of test"):
        run_backtest(record, {"m": Medic()}, Plan(start=date(2024, 1, 1)))
