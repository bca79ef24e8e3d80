"""What is left of a step that has lasted so long: the law cut off below."""

from __future__ import annotations

import numpy as np
import pytest

from ems_twin.demand import Delay
from ems_twin.demand.delay_tail import longer_than_s, share_within

LAWS = (Delay(median_s=600.0, sigma=0.7, longest_s=7200.0), Delay(median_s=60.0, sigma=0.0, longest_s=60.0))


def zeros(n: int) -> np.ndarray:
    return np.zeros(n, np.intp)


def test_share_within_inverts_the_quantile() -> None:
    u = np.linspace(0.001, 0.999, 50)
    np.testing.assert_allclose(share_within(LAWS, zeros(50), LAWS[0].quantile_s(u)), u, atol=1e-9)
    assert share_within(LAWS, zeros(3), np.array([0.0, 7200.0, 9000.0])).tolist() == [0.0, 1.0, 1.0]


def test_what_lasted_longer_is_what_is_left_of_many() -> None:
    u = np.random.default_rng(1).random(200_000)
    lasted = 900.0
    times = LAWS[0].quantile_s(u)
    left = longer_than_s(LAWS, zeros(len(u)), np.full(len(u), lasted), u)
    assert left.min() >= lasted
    survivors = times[times > lasted]
    for share in (0.1, 0.5, 0.9):
        assert np.quantile(left, share) == pytest.approx(np.quantile(survivors, share), rel=0.01)


def test_a_step_that_has_just_begun_has_its_whole_law() -> None:
    u = np.linspace(0.01, 0.99, 30)
    np.testing.assert_allclose(longer_than_s(LAWS, zeros(30), np.zeros(30), u), LAWS[0].quantile_s(u))


def test_a_step_that_outlasted_its_law_ends_now() -> None:
    assert longer_than_s(LAWS, zeros(1), np.array([8000.0]), np.array([0.5])).tolist() == [8000.0]
    fixed = longer_than_s(LAWS, zeros(2) + 1, np.array([10.0, 70.0]), np.array([0.5, 0.5]))
    assert fixed.tolist() == [60.0, 70.0]
