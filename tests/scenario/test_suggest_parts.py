"""Parts of suggestions on figures whose answer is known: expected drives, races, and the search for a smallest number."""

import numpy as np
import pytest

from ems_twin.policies.p_median import expected_drive_s
from ems_twin.policies.siting import Placement, SitingProblem
from ems_twin.scenario.whatif.suggest.drives import _LONGEST_S, _expected_s, _saved_s
from ems_twin.scenario.whatif.suggest.fleet import smallest_that
from ems_twin.scenario.whatif.suggest.race import heat_within, race


def test_expected_drives_are_those_of_the_p_median():
    rng = np.random.default_rng(3)
    drive_s = np.concatenate([rng.uniform(60, 900, (5, 7)), np.full((1, 7), _LONGEST_S)])
    units = np.array([2, 0, 1, 3, 1, 0])
    problem = SitingProblem(weight=np.ones(7), drive_s=drive_s, units=7)
    placement = Placement(units=units, objective=0.0, bound=0.0, status="given")
    expected = expected_drive_s(problem, placement, busy_share=0.4)
    assert _expected_s(drive_s, units.astype(float), 0.4) == pytest.approx(expected)


def test_what_a_unit_more_saves_is_the_difference_of_expected_drives():
    rng = np.random.default_rng(4)
    drive_s, new_s = rng.uniform(60, 900, (6, 9)), rng.uniform(0, 1200, (4, 9))
    units = np.array([1.0, 2.0, 0.0, 0.5, 1.0, 0.0])
    before = _expected_s(drive_s, units, 0.45)
    saved = _saved_s(drive_s, units, 0.45, new_s)
    for site in range(4):
        after = _expected_s(np.vstack([drive_s, new_s[site]]), np.append(units, 1.0), 0.45)
        assert saved[site] == pytest.approx(before - after)


class _Known:
    """Figures that are known, with noise that all arms share or not."""

    def __init__(self, means, noise):
        self.means, self.noise, self.days = means, noise, 0

    def figures(self, arms, first, n):
        self.days = max(self.days, n)
        rows = [
            [[self.means[arm] + self.noise * np.random.default_rng([arm, first + k]).normal()] for k in range(n)]
            for arm in arms
        ]
        return np.array(rows)


def test_a_race_finds_the_best_and_keeps_the_order_of_equals():
    known = _Known([5.0, 4.0, 1.0, 3.0, 9.0, 8.0, 7.0, 6.0], 1.0)
    assert race(known, range(8), 0, first=0, n=4) == 2
    assert known.days == 16, "8 meet 4 days, 4 meet 8, 2 meet 16"
    assert race(_Known([1.0] * 5, 0.0), range(5), 0, first=0, n=2) == 0


@pytest.mark.parametrize("budget", [20, 64, 100, 280, 5000])
def test_a_heat_keeps_its_budget(budget):
    heat = heat_within(budget)
    assert heat.arms in (2, 4, 8, 16)
    assert heat.cost <= budget
    counted, left, met = 0, heat.arms, 0
    while left > 1:
        days = heat.days if not met else 2 * met
        counted += left * (days - met)
        left, met = left // 2, days
    assert (counted, met) == (heat.cost, heat.last_days)


@pytest.mark.parametrize("smallest", [1, 2, 7, 40, 63, 100])
@pytest.mark.parametrize("start", [1, 30, 100])
def test_the_smallest_number_is_found(smallest, start):
    asked = []

    def keeps(n):
        asked.append(n)
        return n >= smallest

    assert smallest_that(keeps, start=start, least=1, most=100) == smallest
    assert len(set(asked)) < 25


def test_a_number_that_never_holds_is_none():
    assert smallest_that(lambda _n: False, start=10, least=1, most=64) is None
