"""The law, the two drivers that apply it, and what a run amounts to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .candidates import Candidate as Candidate
from .futures import Futures as Futures
from .futures import draw_futures as draw_futures
from .instant import Instant as Instant
from .instant import state_at as state_at
from .outcomes import response_s as response_s
from .outcomes import summarise as summarise
from .own_answers import AnswerError as AnswerError
from .own_answers import refuse_python as refuse_python
from .results import check_writable as check_writable
from .results import read_run as read_run
from .results import write_results as write_results
from .rollout import Outlook as Outlook
from .rollout import Rollout as Rollout
from .rollout import rollout as rollout
from .rollout_words import reasons as reasons
from .run import DRIVERS as DRIVERS
from .run import Run as Run
from .run import simulate as simulate
from .survival import ArrestTimes as ArrestTimes
from .survival import survivors_per_1000 as survivors_per_1000

if TYPE_CHECKING:
    from .agents import Ambulance as Ambulance
    from .agents import Caller as Caller
    from .agents import EmergencyRoom as EmergencyRoom
    from .model import EmergencyTwin as EmergencyTwin
    from .rollout_twin import Adviser as Adviser
    from .rollout_twin import RolloutTwin as RolloutTwin

_MESA = {
    "Adviser": "rollout_twin",
    "Ambulance": "agents",
    "Caller": "agents",
    "EmergencyRoom": "agents",
    "EmergencyTwin": "model",
    "RolloutTwin": "rollout_twin",
}


def __getattr__(name: str) -> Any:  # Mesa takes half a second to import: only who asks for it pays
    if name not in _MESA:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f".{_MESA[name]}", __name__), name)
