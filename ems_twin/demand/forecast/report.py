"""What a backtest found, as a table for people and as a record for machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .bootstrap import Estimate, ratio, ratio_change, week_draws
from .metrics import RELATIVE, WeekSums

SHOWN = ("mse", "log_density")
_DASH = "-"


def compare(
    scored: Mapping[str, WeekSums], against: tuple[str, ...], *, seed: int
) -> dict[str, dict[str, dict[str, Any]]]:
    """Every score of every model, and its change against the models named, with week-block intervals.

    Parameters
    ----------
    scored
        Sums by model, for one length of period.
    against
        Models to compare with.
    seed
        For the draws of weeks; the same weeks are drawn for all.

    Returns
    -------
    dict
        By model and score: ``value``, ``interval`` and ``against``, which holds ``change`` and ``interval`` by model.
        Changes of errors are relative (-0.01 is one per cent less), those of the others differences.
    """
    some = next(iter(scored.values()))
    draws = week_draws(len(some.top["mse"]), seed=seed)
    out: dict[str, dict[str, dict[str, Any]]] = {}
    for name, mine in scored.items():
        out[name] = {}
        for score in mine.top:
            entry = _plain(ratio(mine.top[score], mine.bottom[score], draws), "value")
            entry["against"] = {
                other: _plain(change(mine, scored[other], score, draws), "change")
                for other in against
                if other in scored and other != name
            }
            out[name][score] = entry
        out[name]["pit"] = {"bins": mine.pit.tolist()}
    return out


def change(mine: WeekSums, other: WeekSums, score: str, draws: Any) -> Estimate:
    """Change of one score against another model's, paired by week."""
    return ratio_change(
        mine.top[score],
        mine.bottom[score],
        other.top[score],
        other.bottom[score],
        draws,
        relative=score in RELATIVE,
    )


def table(compared: Mapping[str, Mapping[str, Mapping[str, Any]]], opponent: str) -> list[str]:
    """Lines of a table: each model's main scores and its change against one opponent."""
    head = (
        f"{'model':<20}{'MSE/mean':>9}{'MSE against ' + opponent:>32}{'ln density':>11}{'nats a call more':>28}"
        f"{'log-score':>10}{'CRPS':>8}{'cover':>7}{'PAI 5%':>7}{'PEI 5%':>7}{'bias':>7}"
    )
    lines = [head]
    for name, entry in compared.items():
        lines.append(
            f"{name:<20}{entry['mse_over_mean']['value']:>9.4f}"
            f"{_shown(entry['mse'], opponent, 100, '%', 2):>32}"
            f"{entry['log_density']['value']:>11.4f}"
            f"{_shown(entry['log_density'], opponent, 1, '', 4):>28}"
            f"{entry['count_log_score']['value']:>10.4f}{entry['crps']['value']:>8.4f}"
            f"{100 * entry['cover_90']['value']:>7.1f}{entry['pai_5']['value']:>7.2f}{entry['pei_5']['value']:>7.3f}"
            f"{100 * (entry['bias']['value'] - 1):>+7.1f}"
        )
    return lines


def coverage_table(compared: Mapping[str, Mapping[str, Mapping[str, Any]]], opponent: str) -> list[str]:
    """Lines of a table: how far each model's share of calls within reach lies from that of the calls that came."""
    lines = [f"{'model':<20}{'operational error, points':>30}{'against ' + opponent + ', points':>36}"]
    for name, entry in compared.items():
        error = entry["coverage_error"]
        low, high = (100 * bound for bound in error["interval"])
        shown = f"{100 * error['value']:.2f} [{low:.2f}, {high:.2f}]"
        lines.append(f"{name:<20}{shown:>30}{_shown(error, opponent, 100, '', 3):>36}")
    return lines


def _shown(entry: Mapping[str, Any], opponent: str, scale: float, unit: str, digits: int) -> str:
    other = entry["against"].get(opponent)
    if other is None:
        return _DASH
    low, high = (scale * value for value in other["interval"])
    return f"{scale * other['change']:+.{digits}f}{unit} [{low:+.{digits}f}, {high:+.{digits}f}]"


def _plain(found: Estimate, name: str) -> dict[str, Any]:
    return {name: _rounded(found.value), "interval": [_rounded(found.low), _rounded(found.high)]}


def _rounded(value: float) -> float:
    return float(f"{value:.6g}") if np.isfinite(value) else float("nan")
