"""What will happen: the calls of a city, drawn from its rates or read from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .calls import CALL_DRAW as CALL_DRAW

if TYPE_CHECKING:
    from .default import defaults_for as defaults_for
    from .delay import Delay as Delay
    from .generate import generate_calls as generate_calls
    from .load import load_demand as load_demand
    from .model import Demand as Demand
    from .model import node_weights as node_weights
    from .replay import CallFile as CallFile
    from .replay import read_calls as read_calls

_HOME = {
    "CallFile": "replay",
    "Delay": "delay",
    "Demand": "model",
    "defaults_for": "default",
    "generate_calls": "generate",
    "load_demand": "load",
    "node_weights": "model",
    "read_calls": "replay",
}

__all__ = ["CALL_DRAW", *_HOME]  # noqa: PLE0604


def __getattr__(name: str) -> Any:  # the world's schema imports this room for CALL_DRAW alone
    if name not in _HOME:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f".{_HOME[name]}", __name__), name)
