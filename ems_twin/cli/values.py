"""Values of options: what may stand behind each, in the words that argparse shows."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any

from .shared import DEFAULT_START


def _number(text: str, kind: type[float] | type[int], least: float, words: str) -> Any:
    try:
        value = kind(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not {words}") from None
    if not least <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not {words}")
    return value


def positive(text: str) -> float:
    """A number above 0."""
    value: float = _number(text, float, 0.0, "a number above 0")
    if value == 0:
        raise argparse.ArgumentTypeError("0 is not a number above 0")
    return value


def a_hour(text: str) -> float:
    """A number of 0 or more."""
    return float(_number(text, float, 0.0, "a number of 0 or more"))


def whole(text: str) -> int:
    """A whole number of 0 or more."""
    return int(_number(text, int, 0, "a whole number of 0 or more"))


def count(text: str) -> int:
    """A whole number of 1 or more."""
    return int(_number(text, int, 1, "a whole number of 1 or more"))


def city_size(text: str) -> int:
    """A whole number of 100 or more."""
    return int(_number(text, int, 100, "a whole number of 100 or more"))


def port(text: str) -> int:
    """A port, 0 to 65535."""
    port = whole(text)
    if port > 65_535:
        raise argparse.ArgumentTypeError(f"{port} is not a port: 0 to 65535")
    return port


def a_date(text: str) -> datetime:
    """A day, YYYY-MM-DD."""
    try:
        return datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a day like {DEFAULT_START}") from None


def hours_ahead(text: str) -> int:
    """Hours ahead, 1 to 72."""
    if not text.isdigit() or not 1 <= int(text) <= 72:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number of hours from 1 to 72")
    return int(text)
