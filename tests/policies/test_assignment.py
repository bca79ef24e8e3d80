"""The assignment kernel against scipy's, on any table of costs."""

from __future__ import annotations

import numpy as np
import pytest
from doors import assign
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linear_sum_assignment

from ems_twin.world.stationing import assignment_numbers

UNTOUCHED = -12345.0


def assigned(costs: np.ndarray, at: int = 3) -> tuple[float, list[int]]:
    """Total cost and columns; the space around what the kernel may use must stay as it was."""
    n, m = costs.shape
    end = at + assignment_numbers(n, m)
    flat = np.full(end + 5, UNTOUCHED)
    flat[at : at + n * m] = costs.ravel()
    total = assign(flat, at, n, m)
    assert (flat[:at] == UNTOUCHED).all()
    assert (flat[end:] == UNTOUCHED).all()
    assert np.array_equal(flat[at : at + n * m], costs.ravel())
    return total, flat[at + n * m : at + n * m + n].astype(int).tolist()


@st.composite
def tables(draw: st.DrawFn) -> np.ndarray:
    """Rows and at least as many columns; few values, so that there are ties, some cells forbidden."""
    n = draw(st.integers(1, 7))
    m = draw(st.integers(n, 9))
    cell = st.one_of(
        st.integers(-5, 5).map(float), st.floats(-1e3, 1e3), st.just(np.inf), st.sampled_from((0.0, 1.0, 1e6))
    )
    return draw(arrays(np.float64, (n, m), elements=cell))


@given(tables())
@settings(max_examples=300, deadline=None)
def test_the_total_is_the_least_there_is(costs: np.ndarray) -> None:
    total, columns = assigned(costs)
    try:
        rows, best = linear_sum_assignment(costs)
    except ValueError:  # every assignment has a forbidden cell
        assert total == np.inf
        return
    assert len(set(columns)) == len(columns)
    assert total == pytest.approx(costs[range(len(costs)), columns].sum())
    assert total == pytest.approx(costs[rows, best].sum(), abs=1e-6)


@pytest.mark.parametrize(("n", "m"), [(40, 40), (30, 200)])
def test_large_tables_too(n: int, m: int) -> None:
    rng = np.random.default_rng(n)
    costs = np.where(rng.random((n, m)) < 0.3, np.inf, rng.exponential(100.0, (n, m)))
    rows, best = linear_sum_assignment(costs)
    assert assigned(costs)[0] == pytest.approx(costs[rows, best].sum())


def test_of_equals_the_first_rows_get_the_first_columns() -> None:
    assert assigned(np.zeros((3, 5))) == (0.0, [0, 1, 2])
    assert assigned(np.array([[1.0, 1.0], [1.0, 1.0]]))[1] == assigned(np.array([[1.0, 1.0], [1.0, 1.0]]))[1]


def test_a_row_that_nothing_is_open_to_makes_the_total_infinite() -> None:
    assert assigned(np.array([[1.0, 2.0], [np.inf, np.inf]]))[0] == np.inf
    assert assigned(np.array([[1.0, np.inf], [1.0, np.inf]]))[0] == np.inf
