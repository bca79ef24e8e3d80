"""What is still found when many are tried."""

import numpy as np
import pytest
from scipy.stats import ttest_rel

from ems_twin.simulation.comparisons import holm, p_value


def test_p_values_are_those_of_a_paired_t_test():
    rng = np.random.default_rng(1)
    a, b = rng.normal(0, 1, (2, 12))
    assert p_value(a, b) == pytest.approx(ttest_rel(b, a).pvalue)
    assert p_value(a, a) == 1.0
    assert p_value(a, a + 1.0) < 1e-9


def test_holm_steps_down_and_never_falls():
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]).tolist() == [1.0, 1.0]
    assert holm([]).tolist() == []
