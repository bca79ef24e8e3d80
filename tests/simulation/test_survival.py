"""Survival functions: golden values, and the clocks they are asked with."""

from __future__ import annotations

import numpy as np
import pytest
from nights import START, fixed_calls

from ems_twin.city.sample import grid_city
from ems_twin.errors import InputError
from ems_twin.simulation import simulate
from ems_twin.simulation.survival import (
    MODELS,
    ArrestTimes,
    de_maio_2003,
    larsen_1993,
    survivors_per_1000,
    valenzuela_1997,
    waalewijn_2001,
)

T = np.array([1.0, 4.0, 8.0, 12.0])


def test_the_published_functions_give_their_published_values() -> None:
    minutes = np.array([0.0, 4, 6, 8, 10, 12])
    np.testing.assert_allclose(de_maio_2003(minutes), [0.3365, 0.1510, 0.0953, 0.0587, 0.0356, 0.0214], atol=5e-5)
    np.testing.assert_allclose(valenzuela_1997(T, T), [0.5037, 0.3274, 0.1545, 0.0642], atol=5e-5)
    np.testing.assert_allclose(valenzuela_1997(1.0, T[1:] + 1), [0.3680, 0.2503, 0.1607], atol=5e-5)
    np.testing.assert_allclose(larsen_1993(T, T, T), [0.615, 0.450, 0.230, 0.010], atol=5e-4)
    np.testing.assert_allclose(waalewijn_2001(1.0, T[1:]), [0.3186, 0.2108, 0.1324], atol=5e-5)
    np.testing.assert_allclose(waalewijn_2001(T[1:], T[1:]), [0.2244, 0.0802, 0.0256], atol=5e-5)
    assert larsen_1993(30.0, 30.0, 30.0) == 0.0


@pytest.mark.parametrize("name", MODELS)
def test_survival_falls_with_every_minute_and_rises_with_a_bystander(name: str) -> None:
    minutes = np.arange(0.0, 15.0)
    alone = MODELS[name](minutes, ArrestTimes())
    assert (np.diff(alone) < 0).all() or (name == "larsen_1993" and (np.diff(alone) <= 0).all())
    helped = MODELS[name](minutes, ArrestTimes(bystander_cpr_min=2.0))
    if name == "de_maio_2003":
        np.testing.assert_array_equal(helped, alone)  # the model has no bystander in it
    else:
        assert (helped[4:12] > alone[4:12]).all()


def test_the_clock_of_the_response_is_turned_into_each_models_own() -> None:
    """One call: 10 s taking, 20 s turnout, 30 s of driving: on scene after a minute."""
    city = grid_city(1, 4, sirens_factor=2.0)
    run = simulate(city, fixed_calls((0, 3, 1), (9000, 3, 2)), start=START, duration_s=1e4)
    told = survivors_per_1000(run)
    assert told["calls"] == 1
    assert told["by_model"]["de_maio_2003"] == pytest.approx(1000 * de_maio_2003(1.0), rel=1e-6)
    assert told["by_model"]["valenzuela_1997"] == pytest.approx(1000 * valenzuela_1997(2.0, 3.0), rel=1e-6)
    assert told["by_model"]["larsen_1993"] == pytest.approx(1000 * larsen_1993(2.0, 3.0, 4.0), rel=1e-6)
    assert told["by_model"]["waalewijn_2001"] == pytest.approx(1000 * waalewijn_2001(2.0, 2.0), rel=1e-6)
    assert told["range"] == [min(told["by_model"].values()), max(told["by_model"].values())]
    assert survivors_per_1000(run, priority=None)["calls"] == 2
    with pytest.raises(InputError, match="no call of priority 3 was reached"):
        survivors_per_1000(run, priority=3)
