"""The few things that a cell of a JEMSS model may say, read without ever running it.

JEMSS hands such cells to Julia's ``eval``. Here they go through a closed grammar::

    cell   = sum
    sum    = product {("+" | "-") product}
    product = signed {("*" | "/") signed}
    signed = {"+" | "-"} atom
    atom   = number | name | name "(" cells ")" | "(" sum ")" | "[" items "]"

Names are ``true``, ``false``, ``Inf``, the three priorities and the events; calls are the distributions of
:mod:`.jemss_distribution`. A list is separated by commas, by semicolons or by spaces, one kind at a time.
Whatever else a cell holds is refused by name.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from .jemss_distribution import DISTRIBUTIONS, Distribution

PRIORITY_NAMES = ("highPriority", "medPriority", "lowPriority")
"""JEMSS's priorities 1, 2 and 3."""
EVENT_NAMES = (
    "nullEvent",
    "ambGoesToSleep",
    "ambWakesUp",
    "callArrives",
    "considerDispatch",
    "ambDispatched",
    "ambMobilised",
    "ambReachesCall",
    "ambGoesToHospital",
    "ambReachesHospital",
    "ambBecomesFree",
    "ambReturnsToStation",
    "ambReachesStation",
    "considerMoveUp",
    "ambMoveUpToStation",
)
"""JEMSS's events, by key."""

LONGEST = 20_000
"""Characters in a cell."""
DEEPEST = 50
"""Brackets and signs inside each other."""


class CellError(ValueError):
    """A cell says something outside the grammar; the text names what."""


@dataclass(frozen=True)
class Name:
    """A priority's or an event's name."""

    text: str


Value = int | float | bool | Name | Distribution | tuple["Value", ...]

_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?P<name>[A-Za-z]\w*)|(?P<mark>.)", re.A
)


@dataclass(frozen=True)
class _Token:
    kind: str  # number, name, mark, end
    text: str
    space_before: bool
    space_after: bool


def parse_cell(text: str) -> Value:
    """Read a cell.

    Returns
    -------
    int, float, bool, Name, Distribution, or a tuple of them for a list.

    Raises
    ------
    CellError
        If the cell is outside the grammar.
    """
    if len(text) > LONGEST:
        raise CellError(f"the cell has {len(text):,} characters, more than {LONGEST:,}")
    return _Parser(text).whole()


def short(text: str) -> str:
    """A cell as a message may show it: not too long, and nothing in it that steers a terminal."""
    shown = "".join(sign if sign.isprintable() else "?" for sign in text)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0

    def whole(self) -> Value:
        if self._next.kind == "end":
            raise CellError("the cell is empty")
        value = self._sum(spaces_part=False)
        if self._next.kind != "end":
            raise self._unexpected()
        return value

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._next
        self._at += 1
        return token

    def _is(self, *marks: str) -> bool:
        return self._next.kind == "mark" and self._next.text in marks

    def _expect(self, mark: str) -> None:
        if not self._is(mark):
            raise self._unexpected()
        self._at += 1

    def _unexpected(self) -> CellError:
        if self._next.kind == "end":
            return CellError(f"'{short(self._text)}' ends too early")
        return CellError(f"'{short(self._next.text)}' in '{short(self._text)}' is not something a cell may say")

    def _sum(self, *, spaces_part: bool) -> Value:
        """Read a sum; where spaces part the items of a list, ``1 -2`` is two of them and ``1 - 2`` is one."""
        value = self._product()
        while self._is("+", "-"):
            if spaces_part and self._next.space_before and not self._next.space_after:
                break
            value = self._apply(self._take().text, value, self._product())
        return value

    def _product(self) -> Value:
        value = self._signed()
        while self._is("*", "/"):
            value = self._apply(self._take().text, value, self._signed())
        return value

    def _signed(self) -> Value:
        negative = False
        signed = False
        while self._is("+", "-"):
            negative ^= self._take().text == "-"
            signed = True
        value = self._atom()
        return self._apply("*", value, -1 if negative else 1) if signed else value

    def _atom(self) -> Value:
        token = self._next
        if token.kind == "number":
            self._at += 1
            return self._number(token.text)
        if token.kind == "name":
            self._at += 1
            return self._call(token.text) if self._is("(") else self._name(token.text)
        if not self._is("(", "["):
            raise self._unexpected()
        self._depth += 1
        if self._depth > DEEPEST:
            raise CellError(f"'{short(self._text)}' has more than {DEEPEST} brackets inside each other")
        self._at += 1
        if token.text == "(":
            value = self._sum(spaces_part=False)
            self._expect(")")
        else:
            value = self._list()
        self._depth -= 1
        return value

    def _list(self) -> tuple[Value, ...]:
        """Read the rest of a list, its bracket being taken."""
        items: list[Value] = []
        separators: set[str] = set()
        while not self._is("]"):
            if items:
                if not self._is(",", ";") and not self._next.space_before:
                    raise self._unexpected()
                separators.add(self._take().text if self._is(",", ";") else " ")
                if self._is("]"):
                    break
            items.append(self._sum(spaces_part=True))
            if isinstance(items[-1], tuple):
                raise CellError(f"'{short(self._text)}' holds a list inside a list")
        self._expect("]")
        if len(separators) > 1:
            raise CellError(f"the list '{short(self._text)}' mixes commas, semicolons and spaces")
        return tuple(items)

    def _call(self, name: str) -> Distribution:
        """Read the rest of a call, its name being taken."""
        if name not in DISTRIBUTIONS:
            raise CellError(f"'{short(name)}' is not one of the distributions {', '.join(DISTRIBUTIONS)}")
        self._depth += 1
        if self._depth > DEEPEST:
            raise CellError(f"'{short(self._text)}' has more than {DEEPEST} brackets inside each other")
        self._expect("(")
        arguments: list[Value] = []
        while not self._is(")"):
            if arguments:
                self._expect(",")
            arguments.append(self._sum(spaces_part=False))
        self._expect(")")
        self._depth -= 1
        return self._distribution(name, arguments)

    def _distribution(self, name: str, arguments: list[Value]) -> Distribution:
        values: list[Value] = list(arguments)
        if name == "Categorical" and len(values) == 1 and isinstance(values[0], tuple):
            values = list(values[0])
        elif name == "Categorical":
            raise CellError("Categorical takes one list of probabilities")
        if name == "truncated":
            inner = values[0] if values else None
            if not isinstance(inner, Distribution) or inner.name != "Normal":
                raise CellError("truncated takes a Normal and two bounds")
            values = [*inner.parameters, *values[1:]]
        numbers = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
        if len(numbers) != len(values):
            raise CellError(f"{name} takes numbers only")
        try:
            return Distribution(name, tuple(numbers))
        except ValueError as error:
            raise CellError(str(error)) from None

    def _name(self, text: str) -> Value:
        if text in ("true", "false"):
            return text == "true"
        if text == "Inf":
            return math.inf
        if text in PRIORITY_NAMES or text in EVENT_NAMES:
            return Name(text)
        raise CellError(f"'{short(text)}' is not a name that a cell may use")

    def _number(self, text: str) -> int | float:
        value = int(text) if text.isdecimal() and len(text) < 19 else float(text)  # a longer one is past Julia's Int64
        if not math.isfinite(value):
            raise CellError(f"'{short(text)}' is too large")
        return value

    def _apply(self, sign: str, a: Value, b: Value) -> int | float:
        for value in (a, b):
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise CellError(f"'{short(self._text)}' reckons with something that is not a number")
        assert isinstance(a, int | float)
        assert isinstance(b, int | float)
        if sign == "/":
            if b == 0:
                raise CellError(f"'{short(self._text)}' divides by zero")
            return a / b
        result = a + b if sign == "+" else a - b if sign == "-" else a * b
        if math.isnan(result):
            raise CellError(f"'{short(self._text)}' is not a number")
        return float(result) if abs(result) >= 2**63 else result


def _tokens(text: str) -> list[_Token]:
    found = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = _TOKEN.match(text, at)
        assert match is not None  # a mark is any character
        end = match.end()
        found.append(
            _Token(
                str(match.lastgroup),
                match.group(),
                at == 0 or text[at - 1].isspace(),
                end == len(text) or text[end].isspace(),
            )
        )
        at = end
    return [*found, _Token("end", "", True, True)]
