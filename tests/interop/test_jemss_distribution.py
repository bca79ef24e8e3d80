from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from ems_twin.interop import Distribution
from ems_twin.interop.jemss_cells import parse_distribution

CASES = [
    (Distribution("Normal", (3.0, 2.0)), stats.norm(3, 2)),
    (Distribution("Exponential", (4.0,)), stats.expon(scale=4)),
    (Distribution("Weibull", (1.5, 2.0)), stats.weibull_min(1.5, scale=2)),
    (Distribution("Gamma", (2.0, 3.0)), stats.gamma(2, scale=3)),
    (Distribution("LogNormal", (0.2, 0.5)), stats.lognorm(0.5, scale=math.exp(0.2))),
    (Distribution("Uniform", (-1.0, 3.0)), stats.uniform(-1, 4)),
    (Distribution("truncated", (1.0, 0.5, 0.0, math.inf)), stats.truncnorm(-2, np.inf, 1, 0.5)),
    (Distribution("truncated", (0.0, 1.0, 2.0, 2.5)), stats.truncnorm(2, 2.5)),
    (Distribution("truncated", (0.0, 1.0, -9.0, -8.0)), stats.truncnorm(-9, -8)),
]


@pytest.mark.parametrize(("ours", "theirs"), CASES, ids=str)
def test_means_and_samples_follow_the_distribution(ours, theirs):
    assert ours.mean() == pytest.approx(float(theirs.mean()), rel=1e-9)
    drawn = ours.sample(np.random.default_rng(7), 4000)
    assert drawn.shape == (4000,)
    assert stats.kstest(drawn, theirs.cdf).pvalue > 1e-3


def test_discrete_ones():
    rng = np.random.default_rng(3)
    coin = Distribution("Bernoulli", (0.3,))
    assert coin.mean() == 0.3
    assert set(coin.sample(rng, 500)) == {0.0, 1.0}
    die = Distribution("Categorical", (0.5, 0.0, 0.5))
    assert die.mean() == 2.0
    drawn = die.sample(rng, 1000)
    assert set(drawn) == {1.0, 3.0}
    assert abs(drawn.mean() - 2.0) < 0.1


def test_one_seed_gives_one_sample():
    gamma = Distribution("Gamma", (2.0, 3.0))
    first, second = (gamma.sample(np.random.default_rng(5), 20) for _ in range(2))
    assert first.tolist() == second.tolist()


@pytest.mark.parametrize(
    "distribution", [case[0] for case in CASES] + [Distribution("Categorical", (0.5, 0.5))], ids=str
)
def test_its_text_reads_back(distribution):
    assert parse_distribution(str(distribution)) == distribution


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("Cauchy", (0.0, 1.0)),
        ("Normal", (0.0,)),
        ("Exponential", (0.0,)),
        ("Gamma", (1.0, -1.0)),
        ("Uniform", (2.0, 2.0)),
        ("Bernoulli", (1.1,)),
        ("Categorical", ()),
        ("LogNormal", (math.inf, 1.0)),
        ("truncated", (0.0, 1.0, 1.0, 0.0)),
        ("truncated", (0.0, 1.0, 60.0, 61.0)),
    ],
)
def test_parameters_out_of_range_are_refused(name, parameters):
    with pytest.raises(ValueError, match=name):
        Distribution(name, parameters)
