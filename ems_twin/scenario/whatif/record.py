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
from .day import ALL_OUTCOMES, KEYS
from .engine import Answer
from .store import key_of

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
    a, b = values_of(answer, case, against, key), values_of(answer, case, variant, key)
    n = min(len(a), len(b))
    a, b, level = a[:n], b[:n], answer.prepared.scenario.level
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return None
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
    return {
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
        "seed": scenario.seed,
        "baseline": scenario.baseline_name,
        "outcomes": [asdict(outcome) for outcome in outcomes],
        "cases": [_case(answer, name, outcomes) for name in prepared.cases],
        "notes": [*prepared.notes, *answer.notes],
        "seconds": {name: round(value, 1) for name, value in answer.seconds.items()},
        "days_reused": answer.reused,
        "scenario": scenario.model_dump(mode="json", exclude_unset=True),
        "keys": {f"{one.case}/{one.variant}": key_of(prepared, one) for one in prepared.ready},
        "content_hash": prepared.city.content_hash,
        "demand": {"title": prepared.demand.title, "source": prepared.demand.source},
        "versions": {name: version(name) for name in ("ems-twin", "numba", "numpy")},
    } | facts


def _case(answer: Answer, case: str, outcomes: list[Outcome]) -> dict[str, Any]:
    scenario = answer.prepared.scenario
    names = [variant.name for variant in scenario.variants]
    pairs = [(name, scenario.baseline_name) for name in names if name != scenario.baseline_name]
    pairs += [
        (pair.variant, pair.against)
        for pair in scenario.comparisons
        if (pair.variant, pair.against) not in pairs
    ]  # fmt: skip
    return {
        "name": case,
        "description": next((one.description for one in scenario.cases if one.name == case), ""),
        "variants": [_variant(answer, case, name, outcomes) for name in names],
        "comparisons": [_comparison(answer, case, a, b, outcomes) for a, b in pairs],
    }


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


def _comparison(answer: Answer, case: str, variant: str, against: str, outcomes: list[Outcome]) -> dict[str, Any]:
    found = {}
    for outcome in outcomes:
        apart = difference_of(answer, case, variant, against, outcome.key)
        if apart is not None:
            found[outcome.key] = {"difference": _interval(apart[0]), "relative": _interval(apart[1])}
    pairs = min(len(answer.days[case, variant]), len(answer.days[case, against]))
    return {"variant": variant, "against": against, "pairs": pairs, "outcomes": found}


def _interval(estimate: Estimate | None) -> dict[str, float] | None:
    return None if estimate is None else {"mean": estimate.mean, "low": estimate.low, "high": estimate.high}


def write_answer(answer: Answer, record: dict[str, Any], folder: Path) -> list[Path]:
    """Write ``results.json`` and ``replications.parquet``: case, variant, replication, outcome and value, tidy.

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
    written = [folder / "results.json", folder / "replications.parquet"]
    try:
        written[0].write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", "utf-8")
        pq.write_table(table, written[1], compression="zstd")
    except OSError as error:
        raise InputError(
            f"could not be written: {error.strerror or error}", file=folder, remedy="Is the disk full?"
        ) from error
    return written
