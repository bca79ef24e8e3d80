"""What people see: maps that are single files and need no network.

Folium draws the map, our own scripts in ``static`` make it move. Names are loaded when first used, because Folium
takes half a second to import.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "MapServer": "server",
    "print_contest": "contest_table",
    "print_instant": "instant_table",
    "print_stationing": "stationing_table",
    "print_summary": "summary_table",
    "print_whatif": "whatif_table",
    "serve": "server",
    "write_backtest_page": "backtest_page",
    "write_city_map": "city_map",
    "write_closure_map": "closure_map",
    "write_contest_page": "contest_page",
    "write_ed_load_page": "ed_load_page",
    "write_hotspot_map": "hotspot_map",
    "write_run_map": "run_map",
    "write_stationing_map": "stationing_map",
    "write_travel_page": "travel_page",
    "write_whatif_page": "whatif_page",
}

__all__ = [  # noqa: PLE0604 - the names are strings
    *_HOME
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value
