"""The cover bound: how much any redeployment could do at most (after Maxwell, Ni, Tong, Henderson and Topaloglu 2014).

A call is in time at most with the chance that the best placement of the units then idle gives it. The number of idle
units is bounded from above path by path: a call keeps a unit from its notification for at least its time on scene and,
with a patient, the drive to the nearest hospital, offload and clearing; while it waits for a unit nobody is idle. So at
most p - N(t) units are idle at t, N(t) being the calls whose least time is not over (an infinite-server queue on the
same calls). Turnout counts nowhere: a unit that is on the road leaves at once.

It holds for units that, when idle, stand at the sites given, all alike and always on duty, and for rules that send idle
units only. Two things make it less than a theorem: demand is taken together at points, and the number idle is taken as
independent of the call's own delay before the drive. And units on their way between sites are idle elsewhere: where
sites are few, these may cover more for a moment than the best sites do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..demand import DemandPoints
from ..errors import InputError
from ..policies.idle_cover import best_cover_by_idle
from ..routing import ORDINARY, SIRENS
from ..simulation.statistics import Estimate, mean_interval_of
from .trial import Trial


@dataclass(frozen=True, eq=False, kw_only=True)
class CoverBound:
    """Upper bound on the share of calls in time."""

    on_time: Estimate
    """The bound, over the replications."""
    cover_by_idle: NDArray[np.float64]
    """At most this share is in time when k units are idle, shape (units + 1,)."""
    idle_share: NDArray[np.float64]
    """How often at least so few units are idle when one is chosen, by k, summing to 1, shape (units + 1,)."""

    def gap(self, policy: float, static: float) -> float:
        """What a policy leaves of the way from the static placement to the bound: (bound - policy)/(bound - static).

        1 for the static placement itself, 0 at the bound; NaN if the static placement is at the bound already.
        """
        way = self.on_time.mean - static
        return (self.on_time.mean - policy) / way if way > 0 else float("nan")

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "on_time": self.on_time.to_dict(),
            "cover_by_idle": self.cover_by_idle.tolist(),
            "idle_share": self.idle_share.tolist(),
        }


def cover_bound(trial: Trial, points: DemandPoints, units: int, replications: range) -> CoverBound:
    """Bound the share of calls in time that any redeployment of some units could reach in a trial.

    Parameters
    ----------
    trial
        City, calls, rules and targets; its stations are the sites.
    points
        Demand of the city.
    units
        Units in all, at least 1.
    replications
        Replications to average over, at least 2.

    Raises
    ------
    InputError
        The rules let a call wait for a unit that is not idle, take one under way, or count bays: then it does not hold.
    """
    rules = trial.rules
    if rules.soon_free or rules.preempt or rules.reassign_gain_s is not None or rules.count_bays:
        raise InputError(
            "the cover bound holds for rules that send idle units only, and for offload times that are drawn",
            field="rules",
            remedy="Leave soon_free, preempt, reassign_gain_s and count_bays out.",
        )
    calls = np.concatenate([trial.calls(k) for k in replications])
    chance, at_once = _chances(trial, points, calls)
    cover = np.concatenate([[at_once], best_cover_by_idle(points.weight, chance, units)])
    cover[1:] = np.minimum(cover[1:], at_once)
    means, idle_of_all = [], []
    for k in replications:
        drawn = trial.calls(k)
        idle = _most_idle(trial, drawn, units)[trial.counts(drawn) & (drawn["cancel_s"] == 0)]
        if len(idle) == 0:
            raise InputError("no call counts", field="hours", remedy="Simulate longer, or count more hours.")
        means.append(float(cover[idle].mean()))
        idle_of_all.append(idle)
    share = np.bincount(np.concatenate(idle_of_all), minlength=units + 1)
    return CoverBound(on_time=mean_interval_of(means), cover_by_idle=cover, idle_share=share / share.sum())


def _chances(trial: Trial, points: DemandPoints, calls: NDArray[np.void]) -> tuple[NDArray[np.float64], float]:
    """Chance of a call at a point to be met in time from a site, shape (sites, points), and without any drive."""
    sites = np.array([station.node for station in trial.city.stations])
    left_s = trial.targets_s(calls["priority"]) - calls["dispatch_delay_s"]
    drive_s = {metric: trial.router.matrix_s(sites, points.node, metric=metric) for metric in (SIRENS, ORDINARY)}
    chance = np.zeros(drive_s[SIRENS].shape)
    for priority in np.unique(calls["priority"]):
        left = np.sort(left_s[calls["priority"] == priority])
        drive = drive_s[SIRENS if priority <= trial.rules.sirens_to_priority else ORDINARY]
        chance += (len(left) - np.searchsorted(left, drive)) / len(calls)
    return np.minimum(chance, 1.0), float((left_s >= 0).mean())


def _most_idle(trial: Trial, calls: NDArray[np.void], units: int) -> NDArray[np.int64]:
    """Most units that can be idle when each call's unit is chosen, shape (calls,)."""
    rooms = [hospital.node for hospital in trial.city.hospitals]
    with_sirens, without = (
        trial.router.to_nearest_s(rooms, metric=metric)[calls["node"]] for metric in (SIRENS, ORDINARY)
    )
    transport_s = np.where(calls["priority"] <= trial.rules.transport_sirens_to_priority, with_sirens, without)
    at_hospital_s = calls["offload_s"] + calls["clear_s"]
    least_s = calls["scene_s"] + np.where(calls["transport"] > 0, transport_s + at_hospital_s, 0.0)
    # these may keep a unit for less: they are left out, which only makes more units idle
    least_s[(calls["cancel_s"] > 0) | (calls["worsens_s"] > 0) | (calls["n_units"] > 1)] = 0.0
    chosen = calls["t_received"] + calls["dispatch_delay_s"]
    begun = np.searchsorted(np.sort(chosen), chosen, side="right")
    over = np.searchsorted(np.sort(chosen + least_s), chosen, side="right")
    others = begun - over - (least_s > 0)
    return np.maximum(units - others, 0).astype(np.int64)
