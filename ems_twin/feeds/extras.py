"""Packages that only some installations need."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..errors import InputError


def needs(module: str, extra: str, purpose: str) -> Any:
    """A module of an extra.

    Raises
    ------
    InputError
        It is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise InputError(
            f"{purpose} needs the package '{error.name}', which is not installed",
            remedy=f"Install it: pip install 'ems-twin[{extra}]'.",
        ) from error
