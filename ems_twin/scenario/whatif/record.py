"""What a scenario found, as plain values and files: every figure with its interval, every input that it rests on."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ...simulation import check_writable
from ...simulation.outcomes import RESPONSE_CLOCK
from ...simulation.statistics import Estimate, compare, mean_interval_of
from ..comparison import relative_change
from ..figures import Outcome
from ..verdict import ALPHA
from .day import ALL_OUTCOMES, KEYS
from .engine import Answer
from .findings import Pair, adjusted, paired_values, pairs_of, verdict_of
from .hours import hour_columns
from .parts import FEW_CALLS, part_rows
from .store import key_of
from .words import answer_of_case, answer_of_cases

FORMAT = 1
"""Version of the record; it grows when a key changes its meaning."""


def values_of(answer: Answer, case: str, variant: str, key: str) -> NDArray[np.float64]:
    """A figure of a variant in every replication."""
    return np.array([day.values[KEYS.index(key)] for day in answer.days[case, variant]])


def estimate_of(answer: Answer, case: str, variant: str, key: str) -> Estimate | None:
    """Mean of a figure with its interval; None where it is not known in all replications."""
    values = values_of(answer, case, variant, key)
    return mean_interval_of(values, level=answer.prepared.scenario.level) if np.isfinite(values).all() else None


def difference_of(
    answer: Answer, case: str, variant: str, against: str, key: str
) -> tuple[Estimate, Estimate | None] | None:
    """Difference of two variants, replication by replication, and the relative change; None where it is not known.

    Variants with fewer replications are compared on those that both have.
    """
    values = paired_values(answer, case, variant, against, key)
    if values is None:
        return None
    (a, b), level = values, answer.prepared.scenario.level
    return compare(a, b, level=level).difference, relative_change(a, b, level=level) if a.mean() else None


def told_outcomes(answer: Answer) -> list[Outcome]:
    """Outcomes that every variant has a figure for, in every case and replication."""
    days = [day for found in answer.days.values() for day in found]
    known = np.isfinite(np.array([day.values for day in days])).all(axis=0)
    return [outcome for outcome, is_known in zip(ALL_OUTCOMES, known, strict=True) if is_known]


def record_of(answer: Answer, **facts: Any) -> dict[str, Any]:
    """Plain values for JSON.

    Parameters
    ----------
    answer
        What was found.
    facts
        More to say, such as how long it took.
    """
    prepared = answer.prepared
    scenario, clock = prepared.scenario, prepared.clock
    outcomes = told_outcomes(answer)
    p_values = {outcome.key: adjusted(answer, outcome.key) for outcome in outcomes}
    record: dict[str, Any] = {
        "format": FORMAT,
        "name": scenario.name,
        "question": scenario.question,
        "city": prepared.city.name,
        "title": prepared.city.title,
        "start": clock.start.isoformat(),
        "hours": clock.duration_s / 3600,
        "count_from": clock.at(prepared.count_from_s).isoformat(),
        "count_to": clock.at(prepared.count_to_s).isoformat(),
        "clock": RESPONSE_CLOCK,
        "target_s": list(prepared.city.target_s),
        "level": scenario.level,
        "family_wise_alpha": ALPHA,
        "few_calls": FEW_CALLS,
        "seed": scenario.seed,
        "baseline": scenario.baseline_name,
        "outcomes": [asdict(outcome) for outcome in outcomes],
        "cases": [_case(answer, name, outcomes, p_values) for name in prepared.cases],
        "notes": [*prepared.notes, *answer.notes],
        "seconds": {name: round(value, 1) for name, value in answer.seconds.items()},
        "days_reused": answer.reused,
        "scenario": scenario.model_dump(mode="json", exclude_unset=True),
        "keys": {f"{one.case}/{one.variant}": key_of(prepared, one) for one in prepared.ready},
        "content_hash": prepared.city.content_hash,
        "demand": {"title": prepared.demand.title, "source": prepared.demand.source},
        "versions": {name: version(name) for name in ("ems-twin", "numba", "numpy")},
    } | facts
    for case in record["cases"]:
        case["answer"] = answer_of_case(case, record)
    record["answer"] = answer_of_cases(record)
    return record


def _case(answer: Answer, case: str, outcomes: list[Outcome], p_values: dict[str, dict[Pair, float]]) -> dict[str, Any]:
    scenario = answer.prepared.scenario
    return {
        "name": case,
        "description": next((one.description for one in scenario.cases if one.name == case), ""),
        "variants": [_variant(answer, case, variant.name, outcomes) for variant in scenario.variants],
        "comparisons": [
            _comparison(answer, (case, *pair), outcomes, p_values) for pair in pairs_of(scenario)
        ],
        "parts": part_rows(answer, case),
    }  # fmt: skip


def _variant(answer: Answer, case: str, name: str, outcomes: list[Outcome]) -> dict[str, Any]:
    ready = answer.prepared.of(case, name)
    placement = answer.placements.get((case, name))
    stations = ready.city.stations
    return {
        "name": name,
        "description": next(one.description for one in answer.prepared.scenario.variants if one.name == name),
        "event": ready.is_event,
        "replications": len(answer.days[case, name]),
        "units": ready.crews.n_units,
        "extra_units": len(ready.crews.homes),
        "expected_extra_calls": ready.overlay.expected_calls(answer.prepared.count_from_s, answer.prepared.count_to_s),
        "placement": None
        if placement is None
        else {stations[i].id: int(placement[i]) for i in np.flatnonzero(placement)},
        "outcomes": {
            outcome.key: _interval(estimate_of(answer, case, name, outcome.key)) for outcome in outcomes
        },
    }  # fmt: skip


def _comparison(
    answer: Answer, which: Pair, outcomes: list[Outcome], p_values: dict[str, dict[Pair, float]]
) -> dict[str, Any]:
    case, variant, against = which
    found = {}
    for outcome in outcomes:
        apart = difference_of(answer, case, variant, against, outcome.key)
        if apart is not None:
            found[outcome.key] = {
                "difference": _interval(apart[0]), "relative": _interval(apart[1]),
                "p_adjusted": p_values[outcome.key].get(which),
            }  # fmt: skip
    pairs = min(len(answer.days[case, variant]), len(answer.days[case, against]))
    comparison: dict[str, Any] = {"variant": variant, "against": against, "pairs": pairs, "outcomes": found}
    return comparison | {"verdict": verdict_of(comparison)}


def _interval(estimate: Estimate | None) -> dict[str, float] | None:
    return None if estimate is None else {"mean": estimate.mean, "low": estimate.low, "high": estimate.high}


def write_answer(answer: Answer, record: dict[str, Any], folder: Path) -> list[Path]:
    """Write ``results.json``, ``replications.parquet`` (case, variant, replication, outcome and value) and ``hours.parquet``.

    Raises
    ------
    InputError
        They cannot be written there.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    check_writable(folder)
    rows = [
        (case, variant, k, key, float(day.values[i]))
        for (case, variant), days in answer.days.items()
        for k, day in enumerate(days)
        for i, key in enumerate(KEYS)
    ]
    names = ("case", "variant", "replication", "outcome", "value")
    table = pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    written = [folder / "results.json", folder / "replications.parquet", folder / "hours.parquet"]
    try:
        written[0].write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", "utf-8")
        pq.write_table(table, written[1], compression="zstd")
        pq.write_table(pa.table(hour_columns(answer)), written[2], compression="zstd")
    except OSError as error:
        raise InputError(
            f"could not be written: {error.strerror or error}", file=folder, remedy="Is the disk full?"
        ) from error
    return written
