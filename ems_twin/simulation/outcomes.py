"""What a run amounts to: response times, intervals, utilisation and the load of the hospitals.

Clocks are NEMSIS v3 times. *Response time* is always from the call received (eTimes.01) to the first unit on scene
(eTimes.06): what the patient waits, call taking and queueing included.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..world import Disposition, disposition
from ..world.schema import AVAILABLE, N_UNIT_STATUSES, UNSTAFFED, CallStatus, UnitStatus
from .distance import driven_m
from .run import Run

RESPONSE_CLOCK = "call received (eTimes.01) to first unit on scene (eTimes.06)"
"""What response time means everywhere in this project."""

INTERVALS: tuple[tuple[str, str, str, str, str], ...] = (
    ("call_processing", "t_received", "t_notified", ".01 to .03", "call received to unit notified, queueing included"),
    ("turnout", "t_notified", "t_en_route", ".03 to .05", "unit notified to en route"),
    ("travel", "t_en_route", "t_on_scene", ".05 to .06", "en route to on scene"),
    ("scene", "t_on_scene", "t_left_scene", ".06 to .09", "on scene to left scene"),
    ("transport", "t_left_scene", "t_at_hospital", ".09 to .11", "left scene to at hospital"),
    ("offload", "t_at_hospital", "t_transfer", ".11 to .12", "at hospital to transfer of care"),
    ("clear", "t_transfer", "t_ended", ".12 to .13", "transfer of care to back in service"),
)
"""Name, first time, last time, their NEMSIS numbers (eTimes) and meaning of each interval of a call."""

_BLOCK_S = 6 * 3600.0  # long against the minutes for which two calls feel each other
_LEAST_BLOCKS = 8


def response_s(calls: NDArray[np.void]) -> NDArray[np.float64]:
    """Response time of every call (:attr:`Run.calls`) in seconds, NaN where no unit arrived, shape (calls,)."""
    response: NDArray[np.float64] = calls["t_on_scene"] - calls["t_received"]
    return response


def target_s(run: Run, priority: int) -> float:
    """Response-time target of a priority; the city's last target serves all further priorities."""
    return float(run.city.targets_s(np.array([priority]))[0])


def summarise(run: Run) -> dict[str, Any]:
    """All figures of a run as plain numbers and texts, ready for JSON. Times in seconds unless the name says else."""
    from .survival import survivors_per_1000  # it stands on this file

    calls = run.calls
    response = response_s(calls)
    targets = run.city.targets_s(calls["priority"])
    everybody = _spread(response, within=response <= targets)
    everybody["mean_95"] = mean_interval(calls["t_received"], response)
    return {
        "city": run.city.name,
        "content_hash": run.city.content_hash,
        "start": run.start.isoformat(),
        "duration_h": run.duration_s / 3600,
        "end_h": run.end_s / 3600,
        "driver": run.driver,
        "seed": run.seed,
        "rules": asdict(run.rules) | {"preempt": [list(pair) for pair in run.rules.preempt]},
        **({} if run.roads is None else {"roads": run.roads.to_dict()}),
        "units": len(run.units),
        "calls": len(calls),
        "events": int(run.world.clock["n_events"][0]),
        "response_s": {
            "clock": RESPONSE_CLOCK,
            "all": everybody,
            "by_priority": [
                {"priority": int(p), "target_s": target_s(run, int(p))}
                | _spread(
                    response[calls["priority"] == p], within=response[calls["priority"] == p] <= target_s(run, int(p))
                )
                for p in np.unique(calls["priority"])
            ],
        },
        "intervals_s": [
            {"interval": name, "clocks": clocks, "meaning": meaning}
            | _spread(run.responses[last] - run.responses[first])
            for name, first, last, clocks, meaning in INTERVALS
        ],
        "queued": {
            "calls": int(calls["was_queued"].sum()),
            "share": _share(calls["was_queued"] > 0),
            "waited_s": _spread(calls["queued_s"][calls["was_queued"] > 0]),
        },
        "handed_over": {"calls": int((calls["status"] == CallStatus.HANDED_OVER).sum())},
        "dispositions": {
            how.name.lower(): int(n)
            for how, n in zip(Disposition, np.bincount(disposition(calls), minlength=len(Disposition)), strict=True)
        },
        "responses": {
            "units_sent": int(np.isfinite(run.responses["t_notified"]).sum()),
            "second_units": int((np.isfinite(run.responses["t_notified"]) & (run.responses["role"] > 0)).sum()),
            "stood_down": int(((run.responses["status"] == CallStatus.CANCELLED) & (run.responses["unit"] >= 0)).sum()),
            "worsened": int((calls["priority"] < calls["first_priority"]).sum()),
        },
        "crews": {
            "breaks_taken": int(run.units["n_breaks"].sum()),
            "breaks_missed": int(run.units["n_breaks_missed"].sum()),
            "overrun_h": float(run.units["overrun_s"].sum() / 3600),
            "relocations": int(run.units["n_moves"].sum()),
            "relocations_per_unit_day": float(run.units["n_moves"].sum() / (len(run.units) * run.duration_s / 86_400)),
        },
        "bumped": {
            "calls": int((calls["n_bumps"] > 0).sum()),
            "times": int(calls["n_bumps"].sum()),
            "lost_s": _spread(calls["bumped_s"][calls["n_bumps"] > 0]),
        },
        "transported_share": _share(calls["hospital"] >= 0),
        "survival": survivors_per_1000(run) if np.isfinite(response[calls["priority"] == 1]).any() else None,
        "utilisation": utilisation(run),
        "unit_states": unit_states(run),
        "hospitals": hospital_load(run),
    }


def mean_interval(when_s: NDArray[np.float64], value: NDArray[np.float64]) -> list[float] | None:
    """95 % interval of a mean by the batch means of six-hour blocks; None for fewer than eight blocks.

    Neighbouring calls share queues and busy units, so they are not independent; blocks of hours nearly are. The
    mean is that of all calls, which is a ratio of block sums: its spread is that of the ratio estimator.
    """
    ok = np.isfinite(value)
    block = (when_s[ok] // _BLOCK_S).astype(int)
    n = np.bincount(block)
    total = np.bincount(block, weights=value[ok])
    total, n = total[n > 0], n[n > 0]
    k = len(n)
    if k < _LEAST_BLOCKS:
        return None
    from scipy.stats import t

    mean = total.sum() / n.sum()
    spread = total - mean * n
    half = float(t.ppf(0.975, k - 1) * math.sqrt(k / (k - 1) * (spread**2).sum()) / n.sum())
    return [float(mean - half), float(mean + half)]


def status_spells(
    run: Run, until_s: float
) -> tuple[NDArray[np.intp], NDArray[np.uint8], NDArray[np.float64], NDArray[np.float64]]:
    """Unit, state, begin and end of each spell in [0, ``until_s``], by unit, then time. Needs the trace.

    The spells of a unit follow each other without a hole from 0 to ``until_s``; some have no length.
    """
    trace = run.trace[run.trace["unit"] >= 0]
    n = len(run.units)
    unit = np.concatenate([np.arange(n), trace["unit"]])
    order = np.argsort(unit, kind="stable")
    unit = unit[order]
    status = np.concatenate([run.units["start_status"], trace["status"]])[order]
    from_s = np.minimum(np.concatenate([np.zeros(n), trace["time"]])[order], until_s)
    to_s = np.append(from_s[1:], until_s)
    to_s[np.append(unit[1:] != unit[:-1], True)] = until_s
    return unit, status, from_s, to_s


def status_seconds(run: Run, until_s: float) -> NDArray[np.float64]:
    """Seconds that each unit spent in each state in [0, ``until_s``], shape (units, states). Needs the trace.

    Rows sum to ``until_s``: a unit is always in exactly one state.
    """
    unit, status, from_s, to_s = status_spells(run, until_s)
    out = np.zeros((len(run.units), N_UNIT_STATUSES))
    np.add.at(out, (unit, status), to_s - from_s)
    return out


def utilisation(run: Run) -> dict[str, float]:
    """How busy the fleet was while calls came in."""
    hours = run.duration_s / 3600
    unit_hours = len(run.units) * hours
    seconds = _seconds_by_state(run).sum(axis=0)
    on_duty_h = float((seconds.sum() - seconds[UnitStatus.OFF_DUTY]) / 3600)
    busy_h = float(np.delete(seconds, [*AVAILABLE, *UNSTAFFED]).sum() / 3600)
    received = run.responses["t_at_hospital"] <= run.duration_s
    return {
        "unit_hours": unit_hours,
        "unit_hours_on_duty": on_duty_h,
        "busy_unit_hours": busy_h,
        "busy_share": busy_h / on_duty_h if on_duty_h else 0.0,
        "calls_per_unit_hour": len(run.calls) / on_duty_h if on_duty_h else 0.0,
        "transports_per_unit_hour": float(received.sum() / on_duty_h) if on_duty_h else 0.0,
    }


def unit_states(run: Run) -> list[dict[str, Any]]:
    """Hours, share of time and kilometres by state; hours over the time in which calls came in, km over the run."""
    seconds = _seconds_by_state(run).sum(axis=0)
    km = driven_m(run.world, run.ground).sum(axis=0) / 1000 if len(run.trace) else np.full(N_UNIT_STATUSES, np.nan)
    return [
        {
            "state": status.name.lower(),
            "hours": float(seconds[status] / 3600),
            "share": float(seconds[status] / seconds.sum()),
            "km": None if math.isnan(km[status]) else float(km[status]),
        }
        for status in UnitStatus
    ]


def hospital_load(run: Run) -> list[dict[str, Any]]:
    """Arrivals, offload times and crowding of each hospital.

    ``offload_p90_s`` is California's APOT-1: the 90th percentile from hospital arrival to transfer of care.
    """
    offload = run.responses["t_transfer"] - run.responses["t_at_hospital"]
    bay_wait = run.responses["t_bay"] - run.responses["t_at_hospital"]
    rows = []
    for h, hospital in enumerate(run.city.hospitals):
        here = _spread(offload[run.responses["hospital"] == h])
        waited = _spread(bay_wait[run.responses["hospital"] == h])
        rows.append(
            {
                "hospital": hospital.name,
                "arrivals": int(run.hospitals["n_arrivals"][h]),
                "arrivals_per_day": float(run.hospitals["n_arrivals"][h] / (run.duration_s / 86_400)),
                "offload_mean_s": here["mean"],
                "offload_p90_s": here["p90"],
                "bay_wait_mean_s": waited["mean"],
                "bay_wait_p90_s": waited["p90"],
                "peak_offloading": int(run.hospitals["peak_offloading"][h]),
                "peak_occupied": int(run.hospitals["peak_occupied"][h]),
                "bays": hospital.bays,
            }
        )
    return rows


def _seconds_by_state(run: Run) -> NDArray[np.float64]:
    if len(run.trace) or not len(run.calls):
        return status_seconds(run, run.duration_s)
    spells: NDArray[np.float64] = run.units["status_s"] * (run.duration_s / run.end_s)  # no trace: the run's average
    return spells


def _spread(seconds: NDArray[np.float64], *, within: NDArray[np.bool_] | None = None) -> dict[str, Any]:
    """Number, mean, median and 90th percentile of the finite values; None where there are none."""
    seconds = seconds[np.isfinite(seconds)]
    n = len(seconds)
    out: dict[str, Any] = {
        "n": n,
        "mean": float(seconds.mean()) if n else None,
        "median": float(np.median(seconds)) if n else None,
        "p90": float(np.quantile(seconds, 0.9)) if n else None,
    }
    if within is not None:
        out["within_target"] = _share(within)
    return out


def _share(yes: NDArray[np.bool_]) -> float | None:
    return float(yes.mean()) if len(yes) else None
