"""Other simulators' formats: JEMSS models are read, run by our law, and written about as JEMSS writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .jemss_ambulance_results import ambulance_results as ambulance_results
    from .jemss_call_results import call_results as call_results
    from .jemss_config import JemssConfig as JemssConfig
    from .jemss_config import read_config as read_config
    from .jemss_distribution import Distribution as Distribution
    from .jemss_faults import JemssError as JemssError
    from .jemss_history import JemssHistory as JemssHistory
    from .jemss_history import history_of as history_of
    from .jemss_model import JemssModel as JemssModel
    from .jemss_outputs import JemssOutputs as JemssOutputs
    from .jemss_outputs import read_outputs as read_outputs
    from .jemss_points import DemandPoints as DemandPoints
    from .jemss_points import demand_points as demand_points
    from .jemss_read import read_jemss as read_jemss
    from .jemss_results import event_results as event_results
    from .jemss_results import hospital_results as hospital_results
    from .jemss_results import write_jemss_results as write_jemss_results
    from .jemss_run import JemssRun as JemssRun
    from .jemss_run import run_jemss as run_jemss
    from .jemss_write import AMBULANCE_RESULTS as AMBULANCE_RESULTS
    from .jemss_write import CALL_RESULTS as CALL_RESULTS
    from .jemss_write import EVENT_COLUMNS as EVENT_COLUMNS
    from .jemss_write import write_ambulances as write_ambulances
    from .jemss_write import write_calls as write_calls
    from .jemss_write import write_events as write_events
    from .jemss_write import write_hospitals as write_hospitals

_HOME = {
    "AMBULANCE_RESULTS": "jemss_write",
    "CALL_RESULTS": "jemss_write",
    "EVENT_COLUMNS": "jemss_write",
    "DemandPoints": "jemss_points",
    "Distribution": "jemss_distribution",
    "JemssConfig": "jemss_config",
    "JemssError": "jemss_faults",
    "JemssHistory": "jemss_history",
    "JemssModel": "jemss_model",
    "JemssOutputs": "jemss_outputs",
    "JemssRun": "jemss_run",
    "ambulance_results": "jemss_ambulance_results",
    "call_results": "jemss_call_results",
    "demand_points": "jemss_points",
    "event_results": "jemss_results",
    "history_of": "jemss_history",
    "hospital_results": "jemss_results",
    "read_config": "jemss_config",
    "read_jemss": "jemss_read",
    "read_outputs": "jemss_outputs",
    "run_jemss": "jemss_run",
    "write_ambulances": "jemss_write",
    "write_calls": "jemss_write",
    "write_events": "jemss_write",
    "write_hospitals": "jemss_write",
    "write_jemss_results": "jemss_results",
}

__all__ = [*_HOME]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f".{_HOME[name]}", __name__), name)
