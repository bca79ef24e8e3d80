"""Survival of cardiac arrest by response time, after the published functions, each with the clock it was fitted on.

The origin of t is the classic mistake: collapse to arrival is not call to arrival. A response runs from the call
received to the unit on scene; the settings say what to add before and after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .outcomes import response_s
from .run import Run

Minutes = NDArray[np.float64] | float


@dataclass(frozen=True, kw_only=True)
class ArrestTimes:
    """How the clocks of the functions follow from a response; minutes, assumptions all."""

    collapse_to_call_min: float = 1.0
    """From collapse to the call (about a minute, methods of the field)."""
    scene_to_shock_min: float = 1.0
    """From the unit on scene to the first shock."""
    scene_to_als_min: float = 2.0
    """From the unit on scene to advanced care (drugs, airway)."""
    bystander_cpr_min: float | None = None
    """From collapse to resuscitation by a bystander; None: it begins when the unit arrives."""


def de_maio_2003(call_to_arrival: Minutes) -> NDArray[np.float64]:
    """S = 1 / (1 + exp(0.679 + 0.262 t)), t minutes from the call to arrival on scene (Ontario, OPALS)."""
    return 1.0 / (1.0 + np.exp(0.679 + 0.262 * np.asarray(call_to_arrival)))


def larsen_1993(cpr: Minutes, shock: Minutes, als: Minutes) -> NDArray[np.float64]:
    """S = 0.67 - 0.023 t_CPR - 0.011 t_defib - 0.021 t_ACLS, not below 0; minutes from collapse (King County, VF)."""
    return np.maximum(0.67 - 0.023 * np.asarray(cpr) - 0.011 * np.asarray(shock) - 0.021 * np.asarray(als), 0.0)


def valenzuela_1997(cpr: Minutes, shock: Minutes) -> NDArray[np.float64]:
    """S = 1 / (1 + exp(-0.260 + 0.106 t_CPR + 0.139 t_defib)); minutes from collapse (witnessed VF)."""
    return 1.0 / (1.0 + np.exp(-0.260 + 0.106 * np.asarray(cpr) + 0.139 * np.asarray(shock)))


def waalewijn_2001(cpr: Minutes, ems: Minutes) -> NDArray[np.float64]:
    """Model I: S = 1 / (1 + exp(0.04 + 0.3 t_CPR + 0.14 (t_EMS - t_CPR))); minutes from collapse (witnessed)."""
    cpr, ems = np.asarray(cpr), np.asarray(ems)
    return 1.0 / (1.0 + np.exp(0.04 + 0.3 * cpr + 0.14 * (ems - cpr)))


def _of_response(name: str) -> Callable[[NDArray[np.float64], ArrestTimes], NDArray[np.float64]]:
    def survival(response_min: NDArray[np.float64], times: ArrestTimes) -> NDArray[np.float64]:
        arrival = times.collapse_to_call_min + response_min
        shock = arrival + times.scene_to_shock_min
        cpr = arrival if times.bystander_cpr_min is None else np.minimum(times.bystander_cpr_min, arrival)
        match name:
            case "larsen_1993":
                return larsen_1993(cpr, shock, arrival + times.scene_to_als_min)
            case "valenzuela_1997":
                return valenzuela_1997(cpr, shock)
            case "waalewijn_2001":
                return waalewijn_2001(cpr, arrival)
        return de_maio_2003(response_min)

    return survival


MODELS: dict[str, Callable[[NDArray[np.float64], ArrestTimes], NDArray[np.float64]]] = {
    name: _of_response(name) for name in ("de_maio_2003", "larsen_1993", "valenzuela_1997", "waalewijn_2001")
}
"""Survival as a function of the response in minutes (call received to on scene) and the arrest's other times."""


def survivors_by_model(response_s: NDArray[np.float64], times: ArrestTimes | None = None) -> dict[str, float]:
    """Expected survivors of 1,000 cardiac arrests by each of :data:`MODELS`, if they met these responses, seconds."""
    times = times or ArrestTimes()
    return {name: 1000.0 * float(model(response_s / 60.0, times).mean()) for name, model in MODELS.items()}


def survivors_per_1000(run: Run, *, priority: int | None = 1, times: ArrestTimes | None = None) -> dict[str, Any]:
    """Expected survivors per 1,000 cardiac arrests, if they met the responses of a run; the range over the models.

    No statement about lives saved: about one or two calls in a hundred are arrests, and the models disagree.

    Parameters
    ----------
    run
        The run.
    priority
        Calls whose responses count; None takes all.
    times
        How the clocks follow from a response.

    Raises
    ------
    InputError
        If no call of that priority was reached.
    """
    mine = np.ones(len(run.calls), dtype=np.bool_) if priority is None else run.calls["priority"] == priority
    response = response_s(run.calls)[mine]
    response = response[np.isfinite(response)]
    if len(response) == 0:
        raise InputError(f"no call of priority {priority} was reached", field="priority", remedy="Name one that was.")
    by_model = survivors_by_model(response, times)
    return {
        "what": "expected survivors per 1,000 cardiac arrests that meet these responses",
        "clock": "call received (eTimes.01) to first unit on scene (eTimes.06), turned into each model's own clock",
        "priority": priority,
        "calls": len(response),
        "by_model": by_model,
        "range": [min(by_model.values()), max(by_model.values())],
    }
