"""What one replication amounts to: the outcomes that comparisons are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..simulation import Run, response_s
from ..simulation.distance import driven_m
from ..simulation.survival import MODELS as SURVIVAL
from ..simulation.survival import survivors_by_model
from ..world import N_PRIORITIES
from ..world.schema import AVAILABLE, UNSTAFFED, CallStatus

SURVIVAL_MODEL = "de_maio_2003"
_OTHER_MODELS = tuple(name for name in SURVIVAL if name != SURVIVAL_MODEL)
_LESS_URGENT = tuple(range(2, N_PRIORITIES + 1))
_DAY_S = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A figure of a replication."""

    key: str
    title: str
    unit: str
    better: int
    """-1: less is better; 1: more is; 0: neither."""
    digits: int = 1


def _words(model: str) -> str:
    author, year = model.rsplit("_", 1)
    return f"{author.replace('_', ' ').title()} {year}"


OUTCOMES: tuple[Outcome, ...] = (
    Outcome(key="response_s", title="mean response", unit="s", better=-1),
    Outcome(key="response_p50_s", title="median response", unit="s", better=-1),
    Outcome(key="response_p90_s", title="90th percentile of the response", unit="s", better=-1),
    Outcome(key="urgent_response_s", title="mean response, most urgent", unit="s", better=-1),
    Outcome(key="late_share", title="late calls", unit="%", better=-1, digits=2),
    Outcome(key="urgent_late_share", title="late calls, most urgent", unit="%", better=-1, digits=2),
    *(Outcome(key=f"response_p{p}_s", title=f"mean response, priority {p}", unit="s", better=-1) for p in _LESS_URGENT),
    *(Outcome(key=f"late_share_p{p}", title=f"late calls, priority {p}", unit="%", better=-1, digits=2)
      for p in _LESS_URGENT),
    Outcome(key="waited_s", title="mean wait for a unit", unit="s", better=-1),
    Outcome(key="turnout_s", title="mean turnout", unit="s", better=0),
    Outcome(key="travel_s", title="mean drive to the scene", unit="s", better=-1),
    Outcome(key="offload_min", title="mean offload", unit="min", better=-1),
    Outcome(key="offload_30_share", title="offloads over 30 min", unit="%", better=-1),
    Outcome(key="bay_wait_min", title="mean wait for a treatment bay", unit="min", better=-1),
    Outcome(key="survivors_per_1000", title=f"survivors of 1,000 arrests ({_words(SURVIVAL_MODEL)})", unit="", better=1),
    *(Outcome(key=f"survivors_{name}", title=f"survivors of 1,000 arrests ({_words(name)})", unit="", better=1)
      for name in _OTHER_MODELS),
    Outcome(key="unserved_share", title="calls that no unit reached", unit="%", better=-1, digits=2),
    Outcome(key="handed_over_share", title="calls left to neighbouring services", unit="%", better=-1, digits=2),
    Outcome(key="busy_share", title="time that units are busy", unit="%", better=0),
    Outcome(key="moves_per_unit_day", title="moves a unit and day", unit="", better=-1, digits=2),
    Outcome(key="km_per_unit_day", title="km a unit and day", unit="", better=-1),
)  # fmt: skip
"""All outcomes; shares are in percent. Late: as :func:`is_late` says. The units' hours, moves and kilometres are those of
the whole run, its warm-up included."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Replication:
    """One contender on one replication."""

    values: dict[str, float]
    """By key of :data:`OUTCOMES`; NaN where nothing counts, such as offloads where nobody is taken to hospital."""
    cell_response_s: NDArray[np.float64]
    """Sum of the responses of the calls in each cell, shape (cells,)."""
    cell_late: NDArray[np.float64]
    """Late calls in each cell, shape (cells,)."""
    cell_calls: NDArray[np.float64]
    """Calls in each cell that a unit reached, shape (cells,)."""


def is_late(calls: NDArray[np.void], target_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether no unit was on scene of each call when its target had passed.

    A call that was called off before then is not late; one that was left to a neighbouring service is.

    Parameters
    ----------
    calls
        Of :attr:`Run.calls <ems_twin.simulation.Run.calls>`.
    target_s
        Of each call, seconds.
    """
    response = response_s(calls)
    waited = np.where(calls["status"] == CallStatus.HANDED_OVER, np.inf, calls["t_ended"] - calls["t_received"])
    late: NDArray[np.bool_] = np.where(np.isfinite(response), response, waited) > target_s
    return late


def figures_of(
    run: Run, cell_of_node: NDArray[np.integer[Any]], n_cells: int, *, warm_up_s: float, until_s: float = np.inf
) -> Replication:
    """The outcomes of a run, over the calls received after the warm-up.

    Parameters
    ----------
    run
        Its trace is used for the kilometres; without one they are NaN.
    cell_of_node
        Cell of each road node, shape (n,).
    n_cells
        Number of cells.
    warm_up_s
        Calls received before do not count: every unit is idle when a run begins.
    until_s
        Nor do calls received from then on.
    """
    received = run.calls["t_received"]
    calls = run.calls[(received >= warm_up_s) & (received < until_s)]
    response = response_s(calls)
    reached = np.isfinite(response)
    priority = calls["priority"]
    late = is_late(calls, run.city.targets_s(priority))
    urgent = reached & (priority == 1)
    offload_s = (calls["t_transfer"] - calls["t_at_hospital"])[np.isfinite(calls["t_transfer"])]
    bay_wait_s = (calls["t_bay"] - calls["t_at_hospital"])[np.isfinite(calls["t_bay"])]
    survivors = survivors_by_model(response[urgent]) if urgent.any() else dict.fromkeys(SURVIVAL, float("nan"))
    status_s = run.units["status_s"].sum(axis=0)
    staffed_s = float(np.delete(status_s, list(UNSTAFFED)).sum())
    unit_days = len(run.units) * run.duration_s / _DAY_S
    cell = cell_of_node[calls["node"][reached]]
    values = {
        "response_s": _mean(response[reached]),
        "response_p50_s": _quantile(response[reached], 0.5),
        "response_p90_s": _quantile(response[reached], 0.9),
        "urgent_response_s": _mean(response[urgent]),
        "late_share": 100 * _mean(late),
        "urgent_late_share": 100 * _mean(late[priority == 1]),
        "waited_s": _mean(calls["queued_s"][reached]),
        "travel_s": _mean((calls["t_on_scene"] - calls["t_en_route"])[reached]),
        "turnout_s": _mean((calls["t_en_route"] - calls["t_notified"])[reached]),
        "offload_min": _mean(offload_s) / 60,
        "bay_wait_min": _mean(bay_wait_s) / 60,
        "offload_30_share": 100 * _mean(offload_s > 1800.0),
        "survivors_per_1000": survivors[SURVIVAL_MODEL],
        "unserved_share": 100 * _mean(~reached),
        "handed_over_share": 100 * _mean(calls["status"] == CallStatus.HANDED_OVER),
        "busy_share": 100 * (1 - float(status_s[list(AVAILABLE)].sum()) / staffed_s) if staffed_s else np.nan,
        "moves_per_unit_day": float(run.units["n_moves"].sum()) / unit_days,
        "km_per_unit_day": float(driven_m(run.world, run.ground).sum()) / 1000 / unit_days
        if len(run.trace)
        else np.nan,
    }
    for p in _LESS_URGENT:
        values[f"response_p{p}_s"] = _mean(response[reached & (priority == p)])
        values[f"late_share_p{p}"] = 100 * _mean(late[priority == p])
    return Replication(
        values=values | {f"survivors_{name}": survivors[name] for name in _OTHER_MODELS},
        cell_response_s=np.bincount(cell, response[reached], n_cells).astype(np.float64),
        cell_late=np.bincount(cell, late[reached], n_cells).astype(np.float64),
        cell_calls=np.bincount(cell, minlength=n_cells).astype(np.float64),
    )


def _mean(values: NDArray[Any]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")


def _quantile(values: NDArray[Any], share: float) -> float:
    return float(np.quantile(values, share)) if len(values) else float("nan")
