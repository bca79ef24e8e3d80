from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from ems_twin.demand.forecast.hour_of_week import ConstantShares, HourOfWeek
from ems_twin.demand.forecast.medic import LAGS_DAYS, Medic
from ems_twin.demand.forecast.shares import ShareTable, week_kernel
from ems_twin.demand.forecast.split import VolumeDensity
from ems_twin.demand.forecast.volume_curve import VolumeCurve, shrunk_ratio
from ems_twin.errors import InputError

from .conftest import WEEK_S, drawn, grid, true_rates


def test_medic_looks_at_the_lags_that_the_service_of_that_name_uses():
    assert (
        *(7, 14, 21, 28, 371, 378, 385, 392, 735, 742),
        *(749, 756, 1099, 1106, 1113, 1120, 1463, 1470, 1477, 1484),
    ) == LAGS_DAYS


def test_medic_is_the_mean_of_the_same_hour_four_weeks_back(record):
    medic = Medic()
    medic.fit(record)
    start = record.until_s
    forecast = medic.predict(start, 24)
    counts = record.counts().toarray()
    columns = counts.shape[1] + np.arange(24)
    expected = np.mean([counts[:, columns - 168 * week] for week in range(1, 5)], axis=0)
    np.testing.assert_allclose(forecast.mean, expected)
    assert medic.lags_used(forecast.hour).tolist() == [4] * 24


def test_medic_keeps_to_the_clocks_when_they_change(cells):
    record = drawn(cells, np.tile(np.arange(168.0), (len(cells), 1)) / 40, 10, seed=3)  # to 11 March, DST from the 10th
    medic = Medic()
    medic.fit(record)
    clock = record.clock
    hour = np.array([clock.first_hour(date(2024, 3, 11)) + 9])
    counts = record.counts()
    back = [clock.first_hour(date(2024, 3, 11 - 7)) + 9 - record.first_hour]
    back += [clock.first_hour(day) + 9 - record.first_hour for day in (date(2024, 2, 26), date(2024, 2, 19))]
    back += [clock.first_hour(date(2024, 2, 12)) + 9 - record.first_hour]
    np.testing.assert_allclose(medic._mean(hour)[:, 0], counts[:, back].toarray().mean(1))


def test_hour_of_week_smooths_the_hour_over_its_neighbours(record):
    model = HourOfWeek()
    model.fit(record)
    table = record.by_hour_of_week() / np.bincount(record.clock.hour_of_week(record.hours), minlength=168)
    expected = 0.25 * table[:, 9] + 0.5 * table[:, 10] + 0.25 * table[:, 11]
    np.testing.assert_allclose(model.rate[:, 10], expected)
    assert HourOfWeek(weeks=4).weeks == 4


def test_constant_shares_do_not_move(record):
    model = ConstantShares()
    model.fit(record)
    share = model.predict(record.until_s, 48).share()
    np.testing.assert_allclose(share, np.repeat(share[:, :1], 48, axis=1))
    np.testing.assert_allclose(share[:, 0], np.bincount(record.cell, minlength=16) / len(record))


def test_a_model_says_when_it_knows_nothing(record):
    with pytest.raises(InputError, match="has not been fitted"):
        Medic().predict(0.0, 1)
    with pytest.raises(InputError, match="too few"):
        Medic().fit(record.between(record.since_s, record.since_s + 3600 * 24))


def test_ratios_of_pure_noise_are_shrunk_to_one_and_real_ones_are_not():
    rng = np.random.default_rng(1)
    expected = np.full(2000, 20.0)
    noise = shrunk_ratio(rng.poisson(expected).astype(float), expected)
    assert np.std(noise) < 0.03
    real = rng.gamma(10, 0.1, 2000)
    found = shrunk_ratio(rng.poisson(expected * real).astype(float), expected)
    raw = rng.poisson(expected * real) / expected
    assert np.mean((found - real) ** 2) < 0.8 * np.mean((raw - real) ** 2)


def test_the_volume_follows_a_growing_city_and_the_week():
    cells = grid(2)
    rates = true_rates(cells, 30.0)
    record = drawn(cells, rates, 60, seed=5, growth=0.4)
    curve = VolumeCurve()
    curve.fit(record)
    hours = record.end_hour + np.arange(168)
    truth = rates.sum(0) * np.exp(0.4 * (60 * 168 + np.arange(168)) / 8766)
    assert curve.half_life_days < 400
    assert curve.at(hours).sum() == pytest.approx(truth.sum(), rel=0.03)


def test_new_calls_raise_the_level():
    cells = grid(2)
    record = drawn(cells, true_rates(cells, 30.0), 20, seed=6)
    curve = VolumeCurve()
    curve.fit(record)
    later = record.end_hour + 200 + np.arange(24)
    before = curve.at(later).sum()
    curve.update(9000, record.until_s + WEEK_S)  # 5,040 were due
    assert curve.at(later).sum() > 1.005 * before
    curve.update(100, record.until_s)  # the past does not come again
    assert curve.at(later).sum() > 1.005 * before


def test_holidays_have_a_factor_of_their_own():
    cells = grid(2)
    rates = true_rates(cells, 30.0)
    record = drawn(cells, rates, 30, seed=7)
    days = [date(2024, 2, 19), date(2024, 5, 27), date(2024, 7, 4)]
    clock = record.clock
    held = np.isin(clock.day(record.hour), [clock.day(np.array([clock.first_hour(d)]))[0] for d in days])
    rng = np.random.default_rng(1)
    keep = ~held | (rng.random(len(record)) < 0.5)  # half of the calls of these days never came
    record = replace(record, time_s=record.time_s[keep], cell=record.cell[keep])
    curve = VolumeCurve([*days, date(2024, 9, 2)])
    curve.fit(record)
    plain = VolumeCurve()
    plain.fit(record)
    hours = clock.first_hour(date(2024, 9, 2)) + np.arange(24)
    assert curve.at(hours).sum() / plain.at(hours).sum() == pytest.approx(0.6, abs=0.06)


def test_shares_of_a_cell_with_many_calls_get_a_profile_and_noise_gets_none(record, rates):
    table = ShareTable()
    table.fit(record, record.cells.area_share)
    truth = np.roll(rates / rates.sum(0), 0, axis=1)
    np.testing.assert_allclose(table.share.sum(0), 1)
    raw = record.by_hour_of_week()
    raw = raw / raw.sum(0)
    assert np.mean((table.share - truth) ** 2) < 0.25 * np.mean((raw - truth) ** 2)
    assert len(table.layers) >= 1
    flat = drawn(record.cells, np.full((16, 168), 0.3), 20, seed=8)
    table.fit(flat, flat.cells.area_share)
    assert np.abs(table.share * 16 - 1).max() < 0.2


def test_the_kernel_of_the_week_knows_days_and_kinds():
    kernel = week_kernel(1.0, 0.5, 0.0)
    assert kernel[10, 10] == 1
    assert kernel[10, 34] == 0.5  # Tuesday for Monday
    assert kernel[10, 5 * 24 + 10] == 0
    assert kernel[23, 0] == pytest.approx(np.exp(-0.5))
    np.testing.assert_allclose(kernel, kernel.T)


def test_volume_times_density_comes_closer_to_the_truth_than_means_do(record, rates):
    later = record.end_hour + np.arange(168)
    truth = rates[:, record.clock.hour_of_week(later)]
    error = {}
    for model in (Medic(), HourOfWeek(), VolumeDensity()):
        model.fit(record)
        error[model.name] = float(np.mean((model.predict(record.until_s, 168).mean - truth) ** 2))
    assert error["volume_density"] < 0.5 * error["hour_of_week"] < error["medic"]
