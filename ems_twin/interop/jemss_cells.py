"""What one cell of a JEMSS model must be: a number, a list, a priority, a distribution.

Each function reads one kind by the closed grammar of :mod:`.jemss_grammar` and raises
:class:`~ems_twin.interop.jemss_grammar.CellError` with the cell's text if it is something else.
"""

from __future__ import annotations

import math

from .jemss_distribution import Distribution
from .jemss_grammar import EVENT_NAMES, PRIORITY_NAMES, CellError, Name, Value, parse_cell, short


def parse_number(text: str) -> float:
    """Read a finite number or a sum of numbers such as ``1/60/24``."""
    value = parse_cell(text)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise CellError(f"'{short(text)}' is not a number")
    return float(value)


def parse_numbers(text: str) -> tuple[float, ...]:
    """Read a list of finite numbers, at least one; a number alone is a list of one."""
    value = parse_cell(text)
    items = value if isinstance(value, tuple) else (value,)
    numbers = [
        float(item)
        for item in items
        if isinstance(item, int | float) and not isinstance(item, bool) and math.isfinite(item)
    ]
    if not items or len(numbers) != len(items):
        raise CellError(f"'{short(text)}' is not a list of numbers")
    return tuple(numbers)


def parse_bool(text: str) -> bool:
    """Read ``true``, ``false``, 1 or 0."""
    value = parse_cell(text)
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    raise CellError(f"'{short(text)}' is neither true nor false")


def parse_priority(text: str) -> int:
    """Read a priority's name; 1 is high, 3 is low."""
    return _priority(parse_cell(text), text)


def parse_priorities(text: str) -> tuple[int, ...]:
    """Read a list of priorities' names, or a single one."""
    value = parse_cell(text)
    return tuple(_priority(item, text) for item in (value if isinstance(value, tuple) else (value,)))


def parse_events(text: str) -> tuple[str, ...]:
    """Read a list of events' names, with or without its brackets."""
    bare = text.strip()
    value = parse_cell(bare if bare.startswith("[") else f"[{bare}]")
    names = [item.text for item in value if isinstance(item, Name)] if isinstance(value, tuple) else []
    if not isinstance(value, tuple) or len(names) != len(value) or not set(names) <= set(EVENT_NAMES):
        raise CellError(f"'{short(text)}' is not a list of events")
    return tuple(names)


def parse_distribution(text: str) -> Distribution:
    """Read a distribution such as ``Normal(1/60/24, 0)``."""
    value = parse_cell(text)
    if not isinstance(value, Distribution):
        raise CellError(f"'{short(text)}' is not a distribution")
    return value


def _priority(value: Value, text: str) -> int:
    if not isinstance(value, Name) or value.text not in PRIORITY_NAMES:
        raise CellError(f"'{short(text)}' is not a priority ({', '.join(PRIORITY_NAMES)})")
    return PRIORITY_NAMES.index(value.text) + 1
