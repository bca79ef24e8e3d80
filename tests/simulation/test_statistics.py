"""Intervals hold what they promise, pairs are paired, and replication stops for a reason."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nights import START, night

from ems_twin.city.sample import grid_city
from ems_twin.routing import Router
from ems_twin.simulation import response_s, simulate
from ems_twin.simulation.statistics import (
    compare,
    compare_many,
    compare_percentiles,
    mean_interval_of,
    percentile_interval,
    until_half_width,
    warm_up,
)


def rng_calls() -> list[tuple[np.ndarray, np.ndarray]]:
    """Ten replications of 200 response times, and the same nights answered a tenth slower."""
    rng = np.random.default_rng(4)
    nights = [rng.exponential(400.0, 200) for _ in range(10)]
    return [(night, 1.1 * night) for night in nights]


def test_the_interval_is_students() -> None:
    """Mean 5, s = 2.58199, t(3; 0.975) = 3.18245: half-width 4.10853."""
    estimate = mean_interval_of([2.0, 4.0, 6.0, 8.0])
    assert estimate.mean == 5.0
    assert estimate.half_width == pytest.approx(4.10853, abs=1e-5)
    assert str(estimate) == "5 (95% interval 0.8915 to 9.109, n = 4)"
    assert not mean_interval_of([-1.0, 1.0]).excludes_zero()
    assert mean_interval_of([9.0, 10.0, 11.0]).excludes_zero()


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    held = held_percentile = 0
    true_p90 = -math.log(0.1)
    for _ in range(800):
        estimate = mean_interval_of(rng.normal(3.0, 2.0, 8), level=0.9)
        held += estimate.low <= 3.0 <= estimate.high
        of_calls = percentile_interval(rng.exponential(1.0, (8, 400)), 0.9, level=0.9)
        held_percentile += of_calls.low <= true_p90 <= of_calls.high
    # four standard errors of a share of 0.9 over 800 are 0.042
    assert held / 800 == pytest.approx(0.9, abs=0.042)
    assert held_percentile / 800 == pytest.approx(0.9, abs=0.05)


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=2, max_size=30))
def test_a_difference_is_that_of_the_pairs(pairs: list[tuple[float, float]]) -> None:
    a, b = np.array(pairs).T
    paired = compare(a, b)
    assert paired.difference.mean == pytest.approx(paired.other.mean - paired.baseline.mean, abs=1e-6)
    turned = compare(b, a)
    assert turned.difference.low == pytest.approx(-paired.difference.high, abs=1e-6)


def test_the_same_nights_make_a_difference_sharper() -> None:
    """A fleet of 12 against one of 10 on the same calls: pairs need fewer replications than strangers."""
    city = grid_city(9, 9, stations=((1, 1), (7, 7)), hospitals=((4, 4),))
    router = Router(city.roads)

    def mean_response(units: int, replication: int) -> float:
        calls = night(city, 250, gap_s=300, seed=replication)
        run = simulate(city, calls, start=START, duration_s=7.5e4, router=router, units=units, keep_trace=False)
        return float(response_s(run.calls).mean())

    ten, twelve = ([mean_response(units, k) for k in range(12)] for units in (10, 12))
    paired = compare(ten, twelve)
    assert paired.difference.mean < 0
    assert paired.difference.excludes_zero()
    assert paired.variance_factor > 1.3
    assert paired.relative == pytest.approx(paired.difference.mean / np.mean(ten))
    same = compare(ten, ten)
    assert same.difference.mean == same.difference.half_width == 0
    assert math.isinf(same.variance_factor)
    sampled = rng_calls()
    late = compare_percentiles([s[0] for s in sampled], [s[1] for s in sampled], 0.9)
    assert late.difference.mean == pytest.approx(
        np.mean([np.quantile(b, 0.9) - np.quantile(a, 0.9) for a, b in sampled]), rel=1e-12
    )
    assert late.difference.excludes_zero()
    many = compare_many(ten, {"twelve": twelve, "ten": ten})
    assert many["twelve"].difference.half_width > paired.difference.half_width  # two promises at once cost width
    assert many["twelve"].difference.level == pytest.approx(0.975)


def test_replication_stops_when_the_interval_is_narrow_enough() -> None:
    draws = np.random.default_rng(4).normal(10.0, 2.0, 500)
    seen: list[int] = []
    stopped = until_half_width(lambda k: draws[k], 0.5, at_most=500, progress=lambda n, _: seen.append(n))
    assert stopped.reached
    assert stopped.estimate.half_width <= 0.5
    assert mean_interval_of(stopped.values[:-1]).half_width > 0.5  # not one more than needed
    assert seen == list(range(5, len(stopped.values) + 1))
    assert "is within 0.5" in stopped.why
    given_up = until_half_width(lambda k: draws[k], 0.001, relative=True, at_most=20)
    assert not given_up.reached
    assert len(given_up.values) == 20
    assert "still above" in given_up.why


def test_the_warm_up_is_where_the_drift_ends() -> None:
    rng = np.random.default_rng(5)
    settled = rng.normal(5.0, 1.0, 1000)
    assert warm_up(settled) <= 100
    filling = settled + 30 * np.exp(-np.arange(1000) / 30)
    assert 60 <= warm_up(filling) <= 260
    with pytest.raises(ValueError, match="too short"):
        warm_up(np.linspace(100, 0, 200))
    with pytest.raises(ValueError, match="too few"):
        warm_up(np.ones(12))


def test_what_has_no_doubt_to_tell_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 replications; there are 1"):
        mean_interval_of([3.0])
    with pytest.raises(ValueError, match="replication 1 gave nan"):
        mean_interval_of([3.0, float("nan")])
    with pytest.raises(ValueError, match="3 replications of the baseline and 2"):
        compare([1.0, 2.0, 3.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="level is 95"):
        mean_interval_of([1.0, 2.0], level=95)
    with pytest.raises(ValueError, match="share is 90"):
        percentile_interval([[1.0], [2.0]], 90)
    with pytest.raises(ValueError, match="half_width is 0"):
        until_half_width(float, 0.0)
    with pytest.raises(ValueError, match="give 2 or more, in order"):
        until_half_width(float, 1.0, at_least=10, at_most=5)
