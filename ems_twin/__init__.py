"""The open digital twin of a city's emergency medical response.

Names are loaded when first used: Mesa and Folium take half a second each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .city import City as City
    from .city import load_city as load_city
    from .demand import generate_calls as generate_calls
    from .demand import load_demand as load_demand
    from .demand import read_calls as read_calls
    from .routing import Router as Router
    from .scenario.compare import compare_policies
    from .simulation import EmergencyTwin as EmergencyTwin
    from .simulation import Run as Run
    from .simulation import simulate as simulate
    from .simulation import summarise as summarise
    from .simulation import write_results as write_results
    from .views import write_city_map as write_city_map
    from .views import write_run_map as write_run_map
    from .world import Fleet as Fleet
    from .world import Rules as Rules
    from .world import read_fleet as read_fleet

    compare = compare_policies

__version__ = "0.1.0"

_HOME = {
    "City": "city",
    "EmergencyTwin": "simulation",
    "Fleet": "world",
    "Router": "routing",
    "Rules": "world",
    "Run": "simulation",
    "compare": "scenario",
    "generate_calls": "demand",
    "load_city": "city",
    "load_demand": "demand",
    "read_calls": "demand",
    "read_fleet": "world",
    "simulate": "simulation",
    "summarise": "simulation",
    "write_city_map": "views",
    "write_results": "simulation",
    "write_run_map": "views",
}
_FULL_NAME = {"compare": "compare_policies"}  # where the room's own name says more

__all__ = ["__version__", *_HOME]  # noqa: PLE0604 - the names are strings


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f".{_HOME[name]}", __name__), _FULL_NAME.get(name, name))
