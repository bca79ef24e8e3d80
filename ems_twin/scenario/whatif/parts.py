"""The answer by priority and by area: who waits how long, and for whom a variant changes what.

Means are over all calls of a part in all replications; a difference's interval is that of the linearised ratio, and
p-values are adjusted for all parts of a comparison together (Holm).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...simulation.comparisons import holm
from ...world import N_PRIORITIES
from ..comparison import weighed_difference
from .day import Day
from .engine import Answer

FEW_CALLS = 50
"""Of a part with fewer calls over all replications nothing is said."""
Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Sums:
    """Sums over the calls of each part in each replication, shape (replications, parts)."""

    calls: Array
    response_s: Array
    late: Array

    def first(self, n: int) -> Sums:
        """Those of the first replications."""
        return Sums(calls=self.calls[:n], response_s=self.response_s[:n], late=self.late[:n])


def parts_of(answer: Answer) -> list[dict[str, Any]]:
    """The parts, in the order of :func:`sums_of`: priorities, then near the event and elsewhere, then zones."""
    numbers = range(1, N_PRIORITIES + 1)
    found = [{"kind": "priority", "name": f"priority {p}", "priority": p} for p in numbers]
    for where in ("elsewhere", "near the event"):
        found.append({"kind": "near", "name": where, "priority": None})
        found += [{"kind": "near", "name": f"{where}, priority {p}", "priority": p} for p in numbers]
    return found + [{"kind": "zone", "name": name, "priority": None} for name in answer.prepared.demand.zone_names]


def sums_of(days: tuple[Day, ...]) -> Sums:
    """Sums of a variant by part."""

    def stacked(name: str) -> Array:
        near = np.array([getattr(day, f"near_{name}") for day in days])  # replication, elsewhere or near, priority
        zone = np.array([getattr(day, f"zone_{name}") for day in days]).sum(axis=2)
        by_place = np.concatenate([near.sum(axis=2, keepdims=True), near], axis=2).reshape(len(days), -1)
        return np.concatenate([near.sum(axis=1), by_place, zone], axis=1)

    return Sums(calls=stacked("calls"), response_s=stacked("response_s"), late=stacked("late"))


def part_rows(answer: Answer, case: str) -> list[dict[str, Any]]:
    """Parts with their figures for a record: of every variant, and of its difference from the baseline.

    Parts with few calls under every variant have no figures. ``late_share`` is in percent of the calls that a unit
    reached.
    """
    scenario = answer.prepared.scenario
    names = [variant.name for variant in scenario.variants]
    sums = {name: sums_of(answer.days[case, name]) for name in names}
    parts = parts_of(answer)
    event = answer.prepared.areas.near.any()
    kept = [
        i for i, part in enumerate(parts)
        if (part["kind"] != "near" or event) and max(one.calls[:, i].sum() for one in sums.values()) > 0
    ]  # fmt: skip
    rows = [parts[i] | {"variants": {}, "against_baseline": {}} for i in kept]
    for name in names:
        figures = _figures(sums[name], scenario.level)
        for row, i in zip(rows, kept, strict=True):
            row["variants"][name] = figures[i]
        if name != scenario.baseline_name:
            apart = _differences(sums[scenario.baseline_name], sums[name], kept, scenario.level)
            for row, one in zip(rows, apart, strict=True):
                row["against_baseline"][name] = one
    return rows


def _figures(sums: Sums, level: float) -> list[dict[str, Any]]:
    """Calls a replication, mean response and share of late calls of each part, with their intervals."""
    zero, one = np.zeros_like(sums.calls), np.ones_like(sums.calls)
    found = [
        weighed_difference(zero, one, total, sums.calls, level=level) for total in (sums.response_s, 100 * sums.late)
    ]
    few = sums.calls.sum(axis=0) < FEW_CALLS
    return [
        {"calls": round(float(sums.calls[:, i].mean()), 3)}
        | {
            key: None if few[i] else interval(mean[i], half[i])
            for key, (mean, half) in zip(("response_s", "late_share"), found, strict=True)
        }
        for i in range(len(few))
    ]


def _differences(base: Sums, other: Sums, kept: list[int], level: float) -> list[dict[str, Any]]:
    """Differences of each kept part from the baseline; with p-values that are adjusted for all parts."""
    n = min(len(base.calls), len(other.calls))
    base, other = base.first(n), other.first(n)
    told = [i for i in kept if min(base.calls[:, i].sum(), other.calls[:, i].sum()) >= FEW_CALLS]
    rows: dict[int, dict[str, Any]] = {i: {"response_s": None, "late_share": None} for i in kept}
    for key, scale in (("response_s", 1.0), ("late_share", 100.0)):
        name = "response_s" if key == "response_s" else "late"
        apart, half = weighed_difference(
            scale * getattr(base, name), base.calls, scale * getattr(other, name), other.calls, level=level
        )
        p = holm([p_of(apart[i], half[i], n, level) for i in told]) if told else np.zeros(0)
        for i, adjusted in zip(told, p.tolist(), strict=True):
            rows[i][key] = interval(apart[i], half[i]) | {"p_adjusted": adjusted}
    return [rows[i] for i in kept]


def p_of(apart: float, half: float, n: int, level: float) -> float:
    """P-value of a difference from its interval (Student's t)."""
    from scipy.stats import t

    if half == 0:
        return 1.0 if apart == 0 else 0.0
    return float(2 * t.sf(abs(apart) / half * t.ppf((1 + level) / 2, n - 1), n - 1))


def interval(mean: float, half: float) -> dict[str, float]:
    """A mean with its interval, for a record."""
    return {"mean": float(mean), "low": float(mean - half), "high": float(mean + half)}
