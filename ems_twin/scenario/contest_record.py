"""What a contest found as plain values and files: every figure with its interval, every input that it rests on."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..simulation import check_writable
from ..simulation.outcomes import RESPONSE_CLOCK
from ..simulation.statistics import Estimate
from .comparison import Comparison
from .contest import Contest
from .figures import OUTCOMES, SURVIVAL_MODEL, Outcome
from .verdict import ALPHA, answer, verdicts

FORMAT = 1
"""Version of the record; it grows when a key changes its meaning."""
_ONLY_WITH_BAYS = ("bay_wait_min",)


def told_outcomes(contest: Contest) -> list[Outcome]:
    """Outcomes that every contender has a figure for, at every size and in every replication."""
    return [
        outcome
        for outcome in OUTCOMES
        if (contest.comparisons[0].bays or outcome.key not in _ONLY_WITH_BAYS)
        and all(one.estimate(c.name, outcome.key) is not None for one in contest.comparisons for c in one.contenders)
    ]


def contest_record(contest: Contest, **facts: Any) -> dict[str, Any]:
    """Plain values for JSON.

    Parameters
    ----------
    contest
        What was found.
    facts
        More to say, such as the demand's title and how long it took.
    """
    first, outcomes = contest.comparisons[0], told_outcomes(contest)
    adjusted = {outcome.key: contest.adjusted(outcome.key) for outcome in outcomes}
    said = verdicts(contest)
    return {
        "format": FORMAT,
        "city": first.city.name,
        "title": first.city.title,
        "content_hash": first.city.content_hash,
        "start": first.start.isoformat(),
        "days": first.duration_s / 86_400,
        "warm_up_h": first.warm_up_s / 3600,
        "seed": first.seed,
        "first_replication": first.replications[0],
        "volume_factor": first.volume,
        "bays": first.bays,
        "clock": RESPONSE_CLOCK,
        "target_s": list(first.city.target_s),
        "survival_model": SURVIVAL_MODEL,
        "level": first.level,
        "family_wise_alpha": ALPHA,
        "baseline": contest.baseline,
        "contenders": [one.to_dict() for one in first.contenders if one.name not in contest.curve],
        "curve": None
        if contest.curve_of is None
        else {"parameter": contest.curve_of.parameter, "values": contest.curve},
        "outcomes": [asdict(outcome) for outcome in outcomes],
        "answer": answer(contest),
        "fleets": [
            {
                "units": one.units,
                "replications": len(one.replications),
                "why_stopped": one.why_stopped,
                "calls": float(one.calls_by_cell().sum()) / len(one.replications),
                "results": [_result(one, c.name, outcomes, adjusted, said, contest) for c in one.contenders],
            }
            for one in contest.comparisons
        ],
        "searched": [
            {"contender": name, "units": units} | found.to_dict() for (name, units), found in contest.placements.items()
        ],
        "notes": list(contest.notes),
        "versions": {name: version(name) for name in ("ems-twin", "numba", "numpy")},
    } | facts


def _result(
    one: Comparison,
    name: str,
    outcomes: list[Outcome],
    adjusted: dict[str, dict[tuple[str, int], float]],
    said: dict[tuple[str, int], str],
    contest: Contest,
) -> dict[str, Any]:
    """What a contender came to at one size."""
    figures: dict[str, Any] = {}
    for outcome in outcomes:
        pair = one.paired(name, outcome.key)
        assert pair is not None  # or it would not be told
        figures[outcome.key] = _interval(pair.other)
        if name != contest.baseline:
            change = one.relative(name, outcome.key)
            figures[outcome.key] |= {
                "difference": _interval(pair.difference),
                "relative": None if change is None else _interval(change),
                "p_adjusted": adjusted[outcome.key].get((name, one.units)),
                "variance_factor": pair.variance_factor if np.isfinite(pair.variance_factor) else None,
            }
    verdict = "baseline" if name == contest.baseline else said.get((name, one.units))
    return {"contender": name, "curve": contest.curve.get(name), "verdict": verdict, "outcomes": figures}


def _interval(estimate: Estimate) -> dict[str, float]:
    return {"mean": estimate.mean, "low": estimate.low, "high": estimate.high}


def write_contest(contest: Contest, record: dict[str, Any], folder: Path) -> list[Path]:
    """Write ``compare.json`` and ``replications.parquet``: contender, units, replication, outcome and value, tidy.

    Raises
    ------
    InputError
        They cannot be written there.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    check_writable(folder)
    keys = [outcome.key for outcome in told_outcomes(contest)]
    rows = [
        (c.name, one.units, k, key, found.values[key])
        for one in contest.comparisons
        for c in one.contenders
        for k, found in zip(one.replications, one.found[c.name], strict=True)
        for key in keys
    ]
    names = ("contender", "units", "replication", "outcome", "value")
    table = pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    written = [folder / "compare.json", folder / "replications.parquet"]
    try:
        written[0].write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", "utf-8")
        pq.write_table(table, written[1], compression="zstd")
    except OSError as error:
        raise InputError(
            f"could not be written: {error.strerror or error}", file=folder, remedy="Is the disk full?"
        ) from error
    return written
