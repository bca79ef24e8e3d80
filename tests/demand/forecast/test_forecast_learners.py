"""Regression, trees, space-time kernels, and the blend of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from ems_twin.demand.forecast.blend import Blend, best_weights
from ems_twin.demand.forecast.catalogue import BLENDED, MODELS, make_models
from ems_twin.demand.forecast.glm import CallRegression
from ems_twin.demand.forecast.hour_of_week import ConstantShares, HourOfWeek
from ems_twin.demand.forecast.medic import Medic
from ems_twin.demand.forecast.past import past_calls
from ems_twin.demand.forecast.split import VolumeDensity
from ems_twin.demand.forecast.st_kde import SpaceTimeKernel
from ems_twin.demand.forecast.studies import backtest_events
from ems_twin.demand.forecast.trees import FEATURES, BoostedTrees
from ems_twin.errors import InputError

from .conftest import MONDAY_S, WEEK_S, drawn, grid, true_rates


def error_of(model, record, rates) -> float:
    model.fit(record)
    forecast = model.predict(record.until_s, 168)
    assert forecast.mean.shape == (len(record.cells), 168)
    assert np.all(forecast.mean >= 0)
    return float(np.mean((forecast.mean - rates[:, record.clock.hour_of_week(forecast.hour)]) ** 2))


@pytest.mark.parametrize(
    "model",
    [CallRegression(), CallRegression(negative_binomial=True), SpaceTimeKernel(), BoostedTrees(weeks=8, every=4)],
    ids=lambda model: model.name,
)
def test_models_come_closer_to_the_truth_than_the_hour_of_week_does(model, record, rates):
    assert error_of(model, record, rates) < 0.75 * error_of(HourOfWeek(), record, rates)


def test_the_negative_binomial_regression_finds_the_dispersion(cells):
    rng = np.random.default_rng(4)
    shape, hours = 2.0, 20 * 168
    counts = rng.poisson(0.8 * rng.gamma(shape, 1 / shape, (len(cells), hours)))
    cell, hour = np.nonzero(counts)
    n = counts[cell, hour]
    time_s = MONDAY_S + 3600.0 * np.repeat(hour, n) + 1800.0
    record = past_calls(
        time_s,
        cells,
        "America/New_York",
        cell=np.repeat(cell, n),
        since_s=MONDAY_S,
        until_s=MONDAY_S + hours * 3600.0,
    )
    model = CallRegression(negative_binomial=True)
    model.fit(record)
    assert model.dispersion == pytest.approx(1 / shape, rel=0.1)


def test_features_of_the_trees_come_from_before_their_week(record):
    model = BoostedTrees(weeks=8, every=4)
    start = record.since_s + 20 * WEEK_S
    until = start + 4 * WEEK_S
    x, y, expected = model._rows(record.between(record.since_s, until), start)
    assert x.shape == (len(y), len(FEATURES))
    # take all calls of the weeks of training away: the features must not notice
    early = record.time_s < start
    silent = replace(
        record.between(record.since_s, until),
        time_s=record.time_s[early],
        cell=record.cell[early],
        place=None,
    )
    blind, nothing, same = model._rows(silent, start)
    np.testing.assert_array_equal(x, blind)
    np.testing.assert_array_equal(expected, same)
    assert y.sum() > 0
    assert nothing.sum() == 0


def test_rows_that_stand_for_others_keep_the_expectation(record, monkeypatch):
    start, until = record.since_s + 20 * WEEK_S, record.since_s + 24 * WEEK_S
    model = BoostedTrees(weeks=8, every=4)
    whole = model._rows(record.between(record.since_s, until), start)
    monkeypatch.setattr("ems_twin.demand.forecast.trees._MOST_ROWS", 6000)
    some = model._rows(record.between(record.since_s, until), start)
    assert len(some[1]) < len(whole[1])
    assert some[1].sum() == whole[1].sum()
    assert some[2].sum() == pytest.approx(whole[2].sum(), rel=0.05)


def test_the_space_time_kernel_forgets_where_calls_have_moved(cells):
    before = np.full((16, 168), 0.05)
    before[:8] = 0.4
    record = drawn(cells, before, 12, seed=1)
    later = drawn(cells, before[::-1], 24, seed=2)
    later = later.between(later.since_s + 12 * WEEK_S, later.until_s)
    moved = record.followed_by(later)
    model = SpaceTimeKernel()
    model.fit(moved)
    share = model.predict(moved.until_s, 24).share().mean(1)
    assert share[8:].sum() > 0.75


def test_weights_find_the_mixture_that_made_the_calls():
    rng = np.random.default_rng(1)
    members = rng.gamma(1, 1, (3, 20_000))
    truth = np.array([0.6, 0.4, 0.0])
    n = rng.poisson(truth @ members).astype(float)
    hit = n > 0
    found = best_weights(members[:, hit], n[hit], members.sum(1), belief=1.0)
    np.testing.assert_allclose(found, truth, atol=0.03)
    assert found.sum() == pytest.approx(1)


def test_the_blend_leaves_a_bad_member_and_keeps_a_good_one(record, rates):
    blend = Blend({"medic": Medic(), "volume_density": VolumeDensity(), "constant_shares": ConstantShares()})
    error = error_of(blend, record, rates)
    assert blend.weights["volume_density"] > 0.8
    assert blend.weights["medic"] < 0.05
    assert error < 1.2 * error_of(VolumeDensity(), record, rates)
    assert set(blend.parts) == {"medic", "volume_density", "constant_shares"}


def test_the_blend_is_weighed_by_forecasts_made_before_the_calls(record):
    """Members that turn bad are left once their forecasts have been seen to fail, not before."""

    class Turning(HourOfWeek):
        factor = 1.0

        def _mean(self, hours):
            return self.factor * super()._mean(hours)

    turning = Turning()
    blend = Blend({"turning": turning, "plain": HourOfWeek()}, half_life_weeks=1.0)
    week = [record.since_s + k * WEEK_S for k in range(31)]
    blend.fit(record.between(week[0], week[20]))
    assert blend.weights["turning"] == pytest.approx(0.5, abs=0.01)
    turning.factor = 3.0
    for k in range(20, 24):
        blend.predict(week[k], 168)
        blend.update(record.between(week[k], week[k + 1]))
        blend.fit(record.between(week[0], week[k + 1]))
    assert blend.weights["turning"] < 0.05


def test_a_forecast_asked_for_after_the_hour_does_not_count(record):
    blend = Blend({"a": HourOfWeek(), "b": ConstantShares()})
    blend.fit(record)
    given = set(blend._given)
    blend.predict(record.until_s - 24 * 3600, 24)
    assert set(blend._given) == given


def test_models_go_by_name():
    assert set(make_models(MODELS)) == set(MODELS)
    assert set(BLENDED) < set(MODELS)
    with pytest.raises(InputError, match="is not a model"):
        make_models(["oracle"])


def test_a_backtest_of_plain_arrays_reports_every_horizon():
    cells = grid(2)
    record = drawn(cells, true_rates(cells, 4.0), 14, seed=9)
    told = []
    report = backtest_events(
        record.time_s,
        cells,
        "America/New_York",
        start=date(2024, 3, 11),
        cell=record.cell,
        models=("volume_density",),
        horizons_h=(24, 168),
        weeks=3,
        progress=told.append,
    )
    assert set(report.record["horizons"]) == {"24", "168"}
    day = report.record["horizons"]["24"]
    assert day["medic_lags"] == pytest.approx(4, abs=0.1)
    assert day["bound_over_medic"] == pytest.approx(0.2, abs=0.01)
    assert set(day["models"]) == {"medic", "hour_of_week", "volume_density"}
    assert day["models"]["volume_density"]["mse"]["against"]["hour_of_week"]["change"] < 0.05
    assert len(told) == 6
    assert "nothing beats it by more than 1/(L+1) = 20.0 % of MSE" in report.lines[0]
    json.dumps(report.record)
