"""Forecasts of demand: how many calls are to come, where and when, and how good such forecasts were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .backtest import Plan as Plan
    from .backtest import run_backtest as run_backtest
    from .blend import Blend as Blend
    from .catalogue import make_models as make_models
    from .cells import Cells as Cells
    from .cells import h3_cells as h3_cells
    from .cells import square_cells as square_cells
    from .cells import zone_cells as zone_cells
    from .events import KnownEvent as KnownEvent
    from .events import KnownEvents as KnownEvents
    from .kernels import PlaneKernel as PlaneKernel
    from .kernels import RoadKernel as RoadKernel
    from .past import PastCalls as PastCalls
    from .past import past_calls as past_calls
    from .protocol import Forecaster as Forecaster
    from .result import DemandForecast as DemandForecast
    from .self_exciting import SelfExciting as SelfExciting
    from .studies import BacktestReport as BacktestReport
    from .studies import backtest_events as backtest_events

_HOME = {
    "BacktestReport": "studies",
    "Blend": "blend",
    "Cells": "cells",
    "DemandForecast": "result",
    "Forecaster": "protocol",
    "KnownEvent": "events",
    "KnownEvents": "events",
    "PastCalls": "past",
    "Plan": "backtest",
    "PlaneKernel": "kernels",
    "RoadKernel": "kernels",
    "SelfExciting": "self_exciting",
    "backtest_events": "studies",
    "h3_cells": "cells",
    "make_models": "catalogue",
    "past_calls": "past",
    "run_backtest": "backtest",
    "square_cells": "cells",
    "zone_cells": "cells",
}

__all__ = [*_HOME]  # noqa: PLE0604


def __getattr__(name: str) -> Any:  # a forecast of the hour of the week needs no regression library
    if name not in _HOME:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f".{_HOME[name]}", __name__), name)
