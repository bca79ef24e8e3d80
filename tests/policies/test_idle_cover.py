"""The best cover by idle units, as a bound for every number of them."""

import itertools

import numpy as np
import pytest

from ems_twin.errors import InputError
from ems_twin.policies.idle_cover import best_cover_by_idle


@pytest.mark.parametrize("seed", range(8))
def test_no_placement_covers_more(seed):
    rng = np.random.default_rng(seed)
    n_sites, n_points, units = int(rng.integers(1, 7)), int(rng.integers(2, 12)), int(rng.integers(1, 10))
    weight = rng.uniform(size=n_points)
    chance = np.clip(rng.normal(0.4, 0.5, (n_sites, n_points)), 0.0, 1.0)
    bound = best_cover_by_idle(weight, chance, units)
    assert bound.shape == (units,)
    assert (np.diff(bound) >= -1e-9).all()
    for k in range(1, units + 1):
        best = max(
            float(weight @ chance[list(chosen)].max(axis=0)) / weight.sum()
            for chosen in itertools.combinations(range(n_sites), min(k, n_sites))
        )
        assert best <= bound[k - 1] + 1e-9
        assert bound[k - 1] <= best + 0.1  # and it is not far
    assert bound[-1] <= chance.max(axis=0).max() + 1e-9


def test_what_is_no_chance_is_refused():
    with pytest.raises(InputError, match="a chance is not from 0 to 1"):
        best_cover_by_idle(np.ones(2), np.full((1, 2), 1.1), 1)
    with pytest.raises(InputError, match="there is no demand"):
        best_cover_by_idle(np.zeros(2), np.ones((1, 2)), 1)
