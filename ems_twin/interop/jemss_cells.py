"""The values in JEMSS files: numbers with arithmetic, lists, names and distributions, read by a closed grammar.

JEMSS hands such cells to Julia's evaluator. Here nothing is ever evaluated: a text is cut into tokens, and whatever
the grammar does not know is refused by name.

    value  := list | call | name | sum
    list   := '[' [ value { (',' | ';' | blank) value } ] ']'
    call   := name '(' [ value { ',' value } ] ')'
    sum    := product { ('+' | '-') product }
    product:= factor { ('*' | '/') factor }
    factor := ['-' | '+'] ( number | '(' sum ')' )
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_][A-Za-z_0-9]*)|(?P<sign>[-+*/()\[\],;]))"
)
_LONGEST_CELL = 10_000
_DEEPEST = 20

_N_PARAMETERS = {
    "Normal": 2, "Exponential": 1, "Weibull": 2, "Gamma": 2, "LogNormal": 2, "Uniform": 2, "Bernoulli": 1, "Categorical": 1,
}  # fmt: skip


class CellError(ValueError):
    """A cell that the grammar does not know; the text says what it stumbled over."""


@dataclass(frozen=True)
class Distribution:
    """A distribution as Julia's Distributions.jl names it; Exponential, Weibull and Gamma take the scale."""

    name: str
    parameters: tuple[float, ...]

    def mean(self) -> float:
        """Mean of the distribution (of the category's number for Categorical)."""
        p = self.parameters
        match self.name:
            case "Normal" | "Exponential" | "Bernoulli":
                return p[0]
            case "Weibull":
                return p[1] * math.gamma(1 + 1 / p[0])
            case "Gamma":
                return p[0] * p[1]
            case "LogNormal":
                return math.exp(p[0] + p[1] ** 2 / 2)
            case "Uniform":
                return (p[0] + p[1]) / 2
        return sum(k * share for k, share in enumerate(p, start=1))

    def sample(self, rng: np.random.Generator, n: int) -> NDArray[np.float64]:
        """Draw ``n`` values, shape (n,); Julia's own streams cannot be had elsewhere."""
        p = self.parameters
        match self.name:
            case "Normal":
                return rng.normal(p[0], p[1], n)
            case "Exponential":
                return rng.exponential(p[0], n)
            case "Weibull":
                return p[1] * rng.weibull(p[0], n)
            case "Gamma":
                return rng.gamma(p[0], p[1], n)
            case "LogNormal":
                return rng.lognormal(p[0], p[1], n)
            case "Uniform":
                return rng.uniform(p[0], p[1], n)
            case "Bernoulli":
                return (rng.random(n) < p[0]).astype(np.float64)
        return rng.choice(len(p), n, p=np.array(p) / sum(p)).astype(np.float64) + 1.0


Value = float | bool | str | Distribution | list["Value"]
"""What a cell may hold; a name stands for itself."""


def parse_cell(text: str) -> Value:
    """Read one cell.

    Raises
    ------
    CellError
        If the text is not in the grammar.
    """
    if len(text) > _LONGEST_CELL:
        raise CellError(f"is {len(text)} characters long")
    return _Parser(text).whole()


def number(text: str) -> float:
    """Read a cell that must hold a number."""
    value = parse_cell(text)
    if isinstance(value, bool) or not isinstance(value, float):
        raise CellError(f"'{text}' is not a number")
    return value


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise CellError(f"'{text[at:].strip()[:20]}' is not understood")
            kind = str(found.lastgroup)
            self._tokens.append((kind, found.group(kind)))
            at = found.end()
        self._next, self._depth = 0, 0

    def whole(self) -> Value:
        value = self._value()
        if self._next < len(self._tokens):
            raise CellError(f"'{self._tokens[self._next][1]}' was not expected")
        return value

    def _peek(self) -> str:
        return self._tokens[self._next][1] if self._next < len(self._tokens) else ""

    def _take(self, expected: str = "") -> str:
        token = self._peek()
        if not token or (expected and token != expected):
            raise CellError(
                f"'{expected or 'a value'}' is missing" + (f" before '{token}'" if token else " at the end")
            )
        self._next += 1
        return token

    def _value(self) -> Value:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise CellError("is nested too deeply")
        try:
            if self._peek() == "[":
                return self._list()
            if self._next < len(self._tokens) and self._tokens[self._next][0] == "name":
                return self._name()
            return self._sum()
        finally:
            self._depth -= 1

    def _list(self) -> Value:
        self._take("[")
        values: list[Value] = []
        while self._peek() != "]":
            values.append(self._value())
            if self._peek() in (",", ";"):
                self._take()
        self._take("]")
        return values

    def _name(self) -> Value:
        name = self._take()
        if self._peek() != "(":
            return {"true": True, "false": False}.get(name, name)
        if name not in _N_PARAMETERS:
            raise CellError(f"'{name}' is not one of the distributions {', '.join(_N_PARAMETERS)}")
        self._take("(")
        values: list[Value] = []
        while self._peek() != ")":
            values.append(self._value())
            if self._peek() == ",":
                self._take()
        self._take(")")
        if len(values) != _N_PARAMETERS[name]:
            raise CellError(f"'{name}' takes {_N_PARAMETERS[name]} parameters, not {len(values)}")
        if name == "Categorical" and isinstance(values[0], list):
            values = values[0]
        numbers = [value for value in values if isinstance(value, float)]
        if len(numbers) != len(values):
            raise CellError(f"a parameter of '{name}' is not a number")
        return Distribution(name, tuple(numbers))

    def _sum(self) -> float:
        total = self._product()
        while self._peek() in ("+", "-"):
            sign = self._take()
            total = total + self._product() if sign == "+" else total - self._product()
        return total

    def _product(self) -> float:
        total = self._factor()
        while self._peek() in ("*", "/"):
            sign, right = self._take(), self._factor()
            if sign == "/" and right == 0:
                raise CellError("divides by 0")
            total = total * right if sign == "*" else total / right
        return total

    def _factor(self) -> float:
        sign = 1.0
        while self._peek() in ("-", "+"):
            sign = -sign if self._take() == "-" else sign
        self._depth += 1
        if self._depth > _DEEPEST:
            raise CellError("is nested too deeply")
        if self._peek() == "(":
            self._take("(")
            inner = self._sum()
            self._take(")")
        else:
            token = self._take()
            if self._tokens[self._next - 1][0] != "number":
                raise CellError(f"'{token}' is not a number")
            inner = float(token)
        self._depth -= 1
        return sign * inner
