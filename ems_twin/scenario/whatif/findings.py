"""Which differences between variants are found: p-values adjusted for there being several comparisons, and their words."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...simulation.comparisons import holm, p_value
from ..verdict import ALPHA, verdict
from .day import KEYS
from .engine import Answer
from .spec import Scenario

Pair = tuple[str, str, str]
"""Case, variant, and the variant that it is compared with."""


def pairs_of(scenario: Scenario) -> list[tuple[str, str]]:
    """Variants that are compared: all others with the baseline, then the further pairs that the scenario names."""
    base = scenario.baseline_name
    pairs = [(variant.name, base) for variant in scenario.variants if variant.name != base]
    return list(dict.fromkeys([*pairs, *((pair.variant, pair.against) for pair in scenario.comparisons)]))


def paired_values(
    answer: Answer, case: str, variant: str, against: str, key: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """A figure of the other variant and of this one on the days that both have; None where it is not known."""
    column = KEYS.index(key)
    other, own = (np.array([day.values[column] for day in answer.days[case, name]]) for name in (against, variant))
    n = min(len(other), len(own))
    known = np.isfinite(other[:n]).all() and np.isfinite(own[:n]).all()
    return (other[:n], own[:n]) if known else None


def adjusted(answer: Answer, key: str) -> dict[Pair, float]:
    """P-value of each difference of a figure, adjusted for all comparisons in all cases (Holm)."""
    raw = {
        (case, *pair): p_value(*values)
        for case in answer.prepared.cases
        for pair in pairs_of(answer.prepared.scenario)
        if (values := paired_values(answer, case, *pair, key)) is not None
    }
    return dict(zip(raw, holm(list(raw.values())).tolist(), strict=True))


def way(found: dict[str, Any] | None) -> int:
    """What a comparison of a figure found, from its record: -1 less, 1 more, 0 not told apart or not known."""
    if not found or found["p_adjusted"] is None or found["p_adjusted"] >= ALPHA:
        return 0
    return -1 if found["difference"]["mean"] < 0 else 1


def verdict_of(comparison: dict[str, Any]) -> str:
    """Words for a comparison of a record: late calls decide, the mean and the most urgent are beside them."""
    found = comparison["outcomes"]
    ways = (way(found.get(key)) for key in ("late_share", "response_s", "urgent_late_share"))
    return verdict(*ways, baseline=comparison["against"])
