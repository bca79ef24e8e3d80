"""The closed grammar of JEMSS's cells: it reads what it knows and evaluates nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems_twin.interop.jemss_cells import CellError, Distribution, parse_cell

NUMBERS = st.floats(0, 1e9, allow_nan=False).map(lambda x: round(x, 6))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1/60/24", 1 / 60 / 24),
        ("-(2 + 3) * 4", -20.0),
        ("1.5e-3", 0.0015),
        ("[1; 2; 3]", [1.0, 2.0, 3.0]),
        ("[1 2 3]", [1.0, 2.0, 3.0]),
        ("[7, 30/2]", [7.0, 15.0]),
        ("[]", []),
        ("true", True),
        ("false", False),
        ("highPriority", "highPriority"),
        ("[ambDispatched ambMobilised]", ["ambDispatched", "ambMobilised"]),
        ("Normal(1/24, 0.1)", Distribution("Normal", (1 / 24, 0.1))),
        ("Categorical([0.2, 0.8])", Distribution("Categorical", (0.2, 0.8))),
    ],
)
def test_cells_that_jemss_writes_are_read(text: str, value: object) -> None:
    assert parse_cell(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "", "1 +", "1/0", "(((1)", "[1, 2", "exit()", "run(`rm -rf /`)", "__import__('os')", "a.b", "x -> x", "1 2",
        "Normal(1)", "Normal(a, b)", "Poisson(3)", "'text'", '"text"', "[" * 50 + "]" * 50, "(" * 5000 + "1", "9" * 20_000,
    ],
)  # fmt: skip
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(CellError):
        parse_cell(text)


@given(st.text(max_size=60))
def test_no_text_does_anything_but_parse_or_be_refused(text: str) -> None:
    try:
        value = parse_cell(text)
    except CellError:
        return
    assert isinstance(value, float | bool | str | list | Distribution)


@given(NUMBERS, NUMBERS, NUMBERS.filter(lambda x: x > 1e-3))
def test_arithmetic_is_arithmetic(a: float, b: float, c: float) -> None:
    assert parse_cell(f"{a!r} + {b!r} * {c!r} - {a!r} / {c!r}") == pytest.approx(a + b * c - a / c)


@pytest.mark.parametrize(
    "law",
    [
        Distribution("Normal", (5.0, 2.0)),
        Distribution("Exponential", (3.0,)),  # Julia's parameter is the scale
        Distribution("Weibull", (1.5, 18.0)),
        Distribution("Gamma", (2.0, 4.0)),
        Distribution("LogNormal", (1.0, 0.5)),
        Distribution("Uniform", (1.0, 4.0)),
        Distribution("Bernoulli", (0.3,)),
        Distribution("Categorical", (0.2, 0.5, 0.3)),
    ],
)
def test_samples_have_the_mean_of_their_law(law: Distribution) -> None:
    drawn = law.sample(np.random.default_rng(1), 40_000)
    assert drawn.mean() == pytest.approx(law.mean(), abs=4 * drawn.std() / math.sqrt(len(drawn)))
