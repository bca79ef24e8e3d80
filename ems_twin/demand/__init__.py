"""What will happen: calls, drawn from a city's rates, read from a file or imported from records, and patients who walk into hospitals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .calls import CALL_DRAW as CALL_DRAW
from .calls import WALK_IN_DRAW as WALK_IN_DRAW

if TYPE_CHECKING:
    from .bay_load import ambulance_load as ambulance_load
    from .bay_load import walk_in_rate as walk_in_rate
    from .bay_load import walk_in_rates as walk_in_rates
    from .case_mix import CaseMix as CaseMix
    from .case_mix import Chance as Chance
    from .default import defaults_for as defaults_for
    from .delay import Delay as Delay
    from .generate import expected_calls as expected_calls
    from .generate import generate_calls as generate_calls
    from .generate_forecast import generate_from_forecast as generate_from_forecast
    from .history import CALL_HISTORY as CALL_HISTORY
    from .history import NEMSIS_TIMES as NEMSIS_TIMES
    from .history import CallHistory as CallHistory
    from .import_report import ImportReport as ImportReport
    from .importing import import_calls as import_calls
    from .load import load_demand as load_demand
    from .model import Demand as Demand
    from .model import node_weights as node_weights
    from .points import DemandPoints as DemandPoints
    from .points import demand_points as demand_points
    from .replay import CallFile as CallFile
    from .replay import read_calls as read_calls
    from .rooms import EmergencyRooms as EmergencyRooms
    from .walk_ins import draw_stays as draw_stays
    from .walk_ins import generate_walk_ins as generate_walk_ins

_HOME = {
    "CALL_HISTORY": "history",
    "CallFile": "replay",
    "CallHistory": "history",
    "CaseMix": "case_mix",
    "Chance": "case_mix",
    "Delay": "delay",
    "Demand": "model",
    "DemandPoints": "points",
    "EmergencyRooms": "rooms",
    "ImportReport": "import_report",
    "NEMSIS_TIMES": "history",
    "ambulance_load": "bay_load",
    "defaults_for": "default",
    "demand_points": "points",
    "draw_stays": "walk_ins",
    "expected_calls": "generate",
    "generate_calls": "generate",
    "generate_from_forecast": "generate_forecast",
    "generate_walk_ins": "walk_ins",
    "import_calls": "importing",
    "load_demand": "load",
    "node_weights": "model",
    "read_calls": "replay",
    "walk_in_rate": "bay_load",
    "walk_in_rates": "bay_load",
}

__all__ = ["CALL_DRAW", "WALK_IN_DRAW", *_HOME]  # noqa: PLE0604


def __getattr__(name: str) -> Any:  # the world's schema imports this room for CALL_DRAW alone
    if name not in _HOME:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f".{_HOME[name]}", __name__), name)
