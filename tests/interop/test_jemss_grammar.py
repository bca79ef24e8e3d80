from __future__ import annotations

import builtins
import math
import os
import string
import subprocess

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ems_twin.interop.jemss_cells import (
    parse_bool,
    parse_distribution,
    parse_events,
    parse_number,
    parse_numbers,
    parse_priorities,
    parse_priority,
)
from ems_twin.interop.jemss_distribution import DISTRIBUTIONS, Distribution
from ems_twin.interop.jemss_grammar import CellError, Name, parse_cell


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1/60/24", 1 / 60 / 24),
        ("1 + 250*40 + 0.1", 1 + 250 * 40 + 0.1),
        ("-(2 - 5) * +.5e1", 15.0),
        ("--3", 3),
        ("2965649135", 2965649135),
        ("[1; 2; 3]", (1, 2, 3)),
        ("[1 2 3]", (1, 2, 3)),
        ("[ 1, 2,3, ]", (1, 2, 3)),
        ("[1 -2]", (1, -2)),
        ("[1 - 2]", (-1,)),
        ("[1-2 3]", (-1, 3)),
        ("[]", ()),
        ("true", True),
        ("-Inf", -math.inf),
        ("[highPriority, lowPriority]", (Name("highPriority"), Name("lowPriority"))),
        ("Normal(50/60/60/24, 0)", Distribution("Normal", (50 / 60 / 60 / 24, 0))),
        ("Categorical([0.57, 0.245, 0.185])", Distribution("Categorical", (0.57, 0.245, 0.185))),
        ("truncated(Normal(1, 0.2), 0, Inf)", Distribution("truncated", (1, 0.2, 0, math.inf))),
    ],
)
def test_what_a_cell_may_say(text, value):
    assert parse_cell(text) == value


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "empty"),
        ("1 2", "'2' in"),
        ("1//2", "'/' in"),
        ("1 +", "ends too early"),
        ("(1", "ends too early"),
        ("[1 2", "ends too early"),
        ("1/0", "divides by zero"),
        ("1e999", "too large"),
        ("[1; 2, 3]", "mixes"),
        ("[[1], [2]]", "list inside a list"),
        ("[1x]", "'x' in"),
        ("1_000", "'_' in"),
        ("2^3", "'^' in"),
        ("1:3", "':' in"),
        ("pi", "'pi'"),
        ("true + 1", "reckons with something"),
        ("Cauchy(0, 1)", "'Cauchy'"),
        ("Normal(1)", "takes 2 numbers"),
        ("Normal(1, -1)", "must not be negative"),
        ("Normal(true, 1)", "numbers only"),
        ("Categorical(0.5, 0.5)", "one list"),
        ("Categorical([0.5, 0.4])", "add up to 1"),
        ("truncated(Gamma(1, 1), 0, 1)", "takes a Normal"),
        ("run(`rm -rf /`)", "'run'"),
        ("Base.run(1)", "'Base'"),
        ('open("/etc/passwd")', "'open'"),
        ("@eval 1", "'@' in"),
        ("x = 1; x", "'x'"),
        ("__import__('os')", "'_' in"),
        ("(" * 100 + "1" + ")" * 100, "brackets inside"),
        ("1+" * 20_000 + "1", "characters"),
        ("highPriority\x1b[2J", "?"),
    ],
)
def test_everything_else_is_refused_by_name(text, named):
    with pytest.raises(CellError) as caught:
        parse_cell(text)
    assert named in str(caught.value)
    assert str(caught.value).isprintable()


def test_long_sums_and_signs_need_no_deep_stack():
    assert parse_cell("1" + "+1" * 5000) == 5001
    assert parse_cell("-" * 10_000 + "1") == 1


def test_kinds_of_cells():
    assert parse_number("3") == 3.0
    assert parse_numbers("7") == (7.0,)
    assert [parse_bool(text) for text in ("true", "0", "1.0", "false")] == [True, False, True, False]
    assert parse_priority("medPriority") == 2
    assert parse_priorities("lowPriority") == (3,)
    assert parse_events("ambDispatched, callArrives") == ("ambDispatched", "callArrives")
    assert parse_events("[ambDispatched; callArrives]") == ("ambDispatched", "callArrives")
    assert parse_distribution("Exponential(12/60/24)").mean() == 12 / 60 / 24


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (parse_number, "true"),
        (parse_number, "[1]"),
        (parse_number, "Inf"),
        (parse_numbers, "[]"),
        (parse_numbers, "[1, true]"),
        (parse_bool, "2"),
        (parse_bool, "highPriority"),
        (parse_priority, "1"),
        (parse_priority, "callArrives"),
        (parse_events, "highPriority"),
        (parse_events, "1"),
        (parse_distribution, "3"),
    ],
)
def test_the_right_grammar_for_the_wrong_column(read, text):
    with pytest.raises(CellError):
        read(text)


numbers = st.one_of(
    st.integers(0, 10**6).map(lambda n: (str(n), n)),
    st.floats(1e-6, 1e6).map(lambda x: (repr(x), x)),
)


def _sums(inner):
    spaces = st.sampled_from(["", " ", "  "])

    def joined(a, sign, b, left, right):
        value = {"+": lambda: a[1] + b[1], "-": lambda: a[1] - b[1], "*": lambda: a[1] * b[1]}
        if sign == "/":
            assume(b[1] != 0)
            return f"({a[0]}){left}/{right}({b[0]})", a[1] / b[1]
        return f"({a[0]}){left}{sign}{right}({b[0]})", value[sign]()

    return st.builds(joined, inner, st.sampled_from("+-*/"), inner, spaces, spaces)


@given(st.recursive(numbers, _sums, max_leaves=8))
def test_sums_come_out_as_reckoned(case):
    text, value = case
    assume(abs(value) < 2**62)
    assert math.isclose(parse_number(text), value, rel_tol=1e-15, abs_tol=0)


@given(st.lists(numbers, min_size=1, max_size=8), st.sampled_from([",", ";", " ", " , ", "; "]))
def test_lists_keep_their_items(items, separator):
    assert parse_numbers(f"[{separator.join(text for text, _ in items)}]") == tuple(float(x) for _, x in items)


@given(st.sampled_from(["Normal", "Weibull", "Gamma", "LogNormal"]), st.floats(1e-3, 50), st.floats(1e-3, 50))
def test_distributions_keep_their_parameters(name, a, b):
    assert parse_distribution(f"{name}({a!r}, {b!r})") == Distribution(name, (a, b))


hostile = st.one_of(
    st.text(max_size=40),
    st.text(alphabet=string.printable, max_size=60),
    st.lists(
        st.sampled_from(
            [
                "__import__('os')",
                ".system('x')",
                "eval(",
                "exec(",
                "run(`x`)",
                "open(",
                ")",
                "[",
                "]",
                "(",
                "1",
                ",",
                "+",
            ]
        ),
        max_size=8,
    ).map("".join),
)


@given(hostile)
def test_hostile_text_is_read_or_refused_and_never_run(text):
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("a cell was run")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builtins, "eval", refuse)
        patch.setattr(builtins, "exec", refuse)
        patch.setattr(builtins, "open", refuse)
        patch.setattr(os, "system", refuse)
        patch.setattr(subprocess, "Popen", refuse)
        try:
            value = parse_cell(text)
        except CellError:
            return
    for item in value if isinstance(value, tuple) else (value,):
        assert isinstance(item, int | float | Name | Distribution)


@given(st.text(alphabet=string.ascii_letters, min_size=1, max_size=12))
def test_only_the_named_distributions_can_be_called(name):
    assume(name not in DISTRIBUTIONS)
    with pytest.raises(CellError, match=name):
        parse_cell(f"{name}(1)")
