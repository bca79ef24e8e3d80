from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from ems_twin.demand.forecast import laws, scores
from ems_twin.demand.forecast.bootstrap import ratio, ratio_change, week_draws
from ems_twin.demand.forecast.metrics import week_sums


@pytest.mark.parametrize(
    ("y", "mean", "expected"), [(0, 0.05, 0.002380), (1, 0.05, 0.904839), (3, 2.2, 0.564339), (9, 4, 3.914230)]
)
def test_crps_of_poisson_forecasts(y, mean, expected):
    assert float(scores.crps(y, mean)) == pytest.approx(expected, abs=1e-6)


def test_crps_of_a_negative_binomial_forecast():
    assert float(scores.crps(3, 2.2, 0.3)) == pytest.approx(0.691620, abs=1e-6)


def test_crps_of_a_narrow_negative_binomial_is_that_of_poisson():
    y, mean = np.arange(30.0), np.linspace(0.1, 25, 30)
    np.testing.assert_allclose(scores.crps(y, mean, 1e-7), scores.crps(y, mean), atol=1e-4)


def test_laws_agree_with_scipy():
    y, mean, alpha = np.arange(12.0), 3.4, 0.7
    law = stats.nbinom(1 / alpha, 1 / (1 + alpha * mean))
    np.testing.assert_allclose(laws.log_pmf(y, mean, alpha), law.logpmf(y), rtol=1e-10)
    np.testing.assert_allclose(laws.cdf(y, mean, alpha), law.cdf(y), rtol=1e-10)
    np.testing.assert_allclose(laws.log_pmf(y, mean), stats.poisson(mean).logpmf(y), rtol=1e-10)
    np.testing.assert_allclose(laws.cdf(y - 1, mean), stats.poisson(mean).cdf(y - 1), rtol=1e-10)
    assert laws.quantile(0.9, mean, alpha) == law.ppf(0.9)


def test_a_law_of_mean_zero_expects_nothing():
    assert laws.log_pmf(0, 0.0) == pytest.approx(0)
    assert laws.log_pmf(1, 0.0) < -600


def test_dispersion_by_moments_finds_what_was_drawn():
    mean = np.full(200_000, 3.0)
    y = stats.nbinom(1 / 0.4, 1 / (1 + 0.4 * 3)).rvs(len(mean), random_state=1)
    assert laws.moment_dispersion(y, mean) == pytest.approx(0.4, abs=0.01)
    assert laws.moment_dispersion(np.array([3.0, 3.0]), np.array([3.0, 3.0])) == 0


def test_levels_and_clumps_are_told_apart():
    rng = np.random.default_rng(3)
    mean = np.repeat([0.5, 3.0, 40.0], 60_000)
    drawn = laws.Spread(level=0.02, clumps=0.5)
    y = rng.poisson(mean * rng.gamma(1 / drawn.dispersion(mean), drawn.dispersion(mean)))
    found = laws.moment_spread(y, mean)
    assert found.level == pytest.approx(0.02, abs=0.003)
    assert found.clumps == pytest.approx(0.5, abs=0.03)
    np.testing.assert_allclose(found.dispersion([0.0, 2.0]), [found.level, found.level + found.clumps / 2])
    for mean_of_one in (0.0, 3.0):
        flat = np.full(4, mean_of_one)
        assert laws.moment_spread(flat, flat) == laws.Spread()


def test_a_spread_has_no_part_below_nothing():
    rng = np.random.default_rng(4)
    mean = np.repeat([0.5, 40.0], 50_000)
    level_only = laws.moment_spread(rng.poisson(mean * rng.gamma(1 / 0.1, 0.1, len(mean))), mean)
    assert level_only.level == pytest.approx(0.1, abs=0.01)
    assert 0 <= level_only.clumps < 0.05
    orderly = laws.moment_spread(np.rint(mean), mean)  # closer to the mean than Poisson
    assert orderly == laws.Spread()


def test_deviances_are_twice_the_gain_of_a_perfect_forecast():
    y, mean, alpha = np.array([0.0, 1, 5]), np.array([0.5, 2, 4]), 0.3
    poisson = 2 * (stats.poisson.logpmf(y, np.maximum(y, 1e-12)) - stats.poisson.logpmf(y, mean))
    np.testing.assert_allclose(scores.poisson_deviance(y, mean), poisson, atol=1e-9)
    nb2 = 2 * (laws.log_pmf(y, np.maximum(y, 1e-12), alpha) - laws.log_pmf(y, mean, alpha))
    np.testing.assert_allclose(scores.nb2_deviance(y, mean, alpha), nb2, atol=1e-6)
    np.testing.assert_allclose(scores.nb2_deviance(y, mean, 1e-7), scores.poisson_deviance(y, mean), atol=1e-5)


@pytest.mark.parametrize(("mean", "alpha"), [(0.05, 0.0), (3.0, 0.0), (3.0, 0.5)])
def test_a_right_forecast_is_calibrated(mean, alpha):
    rng = np.random.default_rng(1)
    law = stats.nbinom(1 / alpha, 1 / (1 + alpha * mean)) if alpha else stats.poisson(mean)
    y = law.rvs(100_000, random_state=2)
    pit = scores.randomised_pit(y, mean, alpha, rng)
    assert stats.kstest(pit, "uniform").pvalue > 0.01
    assert scores.coverage(y, mean, alpha).mean() == pytest.approx(0.9, abs=0.005)
    inside = (pit > 0.05) & (pit < 0.95)
    assert inside.mean() == pytest.approx(scores.coverage(y, mean, alpha).mean(), abs=0.005)


def test_pai_and_pei_of_a_small_example():
    counts = np.array([[6.0], [3.0], [1.0], [0.0]])
    area = np.array([1.0, 1.0, 1.0, 1.0])
    forecast = np.array([[1.0], [9.0], [2.0], [0.0]])
    found, best, everything = scores.captured(counts, forecast, area, 0.25)
    assert (found[0], best[0], everything[0]) == (3, 6, 10)  # PAI 0.3 / 0.25, PEI 0.5
    found, best, _ = scores.captured(counts, forecast, area, 0.375)
    assert (found[0], best[0]) == (3.5, 7.5)  # half of the second cell


def test_log_density_is_per_call_and_km2():
    counts = np.array([[2.0, 0.0], [0.0, 1.0]])
    mean = np.array([[3.0, 0.0], [1.0, 0.0]])
    sums = week_sums(counts, mean, np.zeros_like(mean), np.array([0, 1]), np.array([2.0, 0.5]), seed=1)
    by_area = np.log(0.2 / 0.5)  # nothing was forecast for the second period: its call falls by area
    assert sums.value("log_density") == pytest.approx((2 * np.log(0.75 / 2) + by_area) / 3)
    assert sums.value("mse") == pytest.approx((1 + 1 + 0 + 1) / 4)
    assert sums.value("mse_nonzero") == pytest.approx(1.0)
    assert sums.value("bias") == pytest.approx(4 / 3)


def test_operational_error_is_the_gap_in_the_covered_share():
    counts, mean = np.array([[3.0], [1.0]]), np.array([[1.0], [1.0]])
    covered = np.array([1.0, 0.0])
    sums = week_sums(counts, mean, np.zeros_like(mean), np.array([0]), np.ones(2), seed=1, covered=covered)
    assert sums.value("coverage_error") == pytest.approx(0.25)


def test_bootstrap_covers_a_known_ratio_and_pairs_weeks():
    rng = np.random.default_rng(3)
    top, bottom = rng.gamma(50, 1, 60), np.full(60, 100.0)
    draws = week_draws(60, seed=1)
    found = ratio(top, bottom, draws)
    half = 1.96 * np.sqrt(50) / 100 / np.sqrt(60)
    assert found.value == pytest.approx(top.sum() / 6000)
    assert found.high - found.low == pytest.approx(2 * half, rel=0.25)
    same = ratio_change(top, bottom, top, bottom, draws, relative=True)
    assert (same.value, same.low, same.high) == (0, 0, 0)
    better = ratio_change(0.9 * top, bottom, top, bottom, draws, relative=True)
    assert better.value == pytest.approx(-0.1)
    assert better.excludes_zero()
