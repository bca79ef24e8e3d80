"""What the twin costs, measured beside its peers on the same machine, the same streets and the same questions.

Names are loaded when first used: the process that the journal's bench starts and kills needs none of the others.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .run import PARTS as PARTS
    from .run import run_bench as run_bench
    from .table import print_bench as print_bench

_HOME = {"PARTS": "run", "run_bench": "run", "print_bench": "table"}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
