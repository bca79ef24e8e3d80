"""How long each step of a call takes, from the San Francisco unit times of 31 December 2016 to 7 January 2017.

Run ``python experiments/demand/intervals.py --data ../shared/data`` to print the tables of SOURCE.md.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import ndtri

from ems_twin.demand import Delay

FILE = "san_francisco/units_2016-12-31_2017-01-07.csv.gz"
_TIMES = ["received", "dispatch", "response", "on_scene", "transport", "hospital", "available"]
_FIT_RANGE = (0.10, 0.95)


@dataclass(frozen=True, kw_only=True)
class Fit:
    """One fitted law beside the observed times of one step and priority."""

    step: str
    priority: int
    n: int
    n_left_out: int
    observed_s: tuple[float, float, float]
    """Median, 90th percentile, mean without the largest 1 %."""
    delay: Delay
    distance: float
    """Largest distance between the two distribution functions (Kolmogorov-Smirnov)."""


def read_units(data: Path) -> pd.DataFrame:
    """Ambulances sent to medical incidents, one row a unit, with our priority in ``p``."""
    units = pd.read_csv(data / FILE, parse_dates=_TIMES)
    units = units[units.unit_type.isin(["MEDIC", "PRIVATE"]) & units.call_type.eq("Medical Incident")].copy()
    grave, lights = units.call_type_group.eq("Potentially Life-Threatening"), units.final_priority.eq(3)
    units["p"] = np.where(lights & grave, 1, np.where(lights | grave, 2, 3))
    return units


def step_times(units: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Seconds of each step, columns ``p`` and ``s``; NaN where a time is missing."""

    def seconds(rows: pd.DataFrame, begin: str, end: str) -> pd.DataFrame:
        return pd.DataFrame({"p": rows.p, "s": (rows[end] - rows[begin]).dt.total_seconds()}).dropna()

    first = units.sort_values("dispatch").drop_duplicates("call_number")
    carried = units[units.transport.notna()]
    left = units[units.transport.isna()]
    return {
        "dispatch_delay": seconds(first, "received", "dispatch"),
        "turnout": seconds(units, "dispatch", "response"),
        "scene_transport": seconds(carried, "on_scene", "transport"),
        "scene_no_transport": seconds(left, "on_scene", "available"),
        "hospital": seconds(carried, "hospital", "available"),
    }


def fit(step: str, priority: int, times: pd.DataFrame) -> Fit:
    """Log-normal line through the quantile-quantile plot, between two quantiles so that odd ends do not count.

    The cap is the 99th percentile seen. Times of 0 or less are left out and counted; only the turnout keeps its zeros
    (6 % of the units), as half a second.
    """
    s = times.s[times.p.eq(priority)].to_numpy()
    kept = s[s >= 0] if step == "turnout" else s[s > 0]
    share = np.linspace(*_FIT_RANGE, 200)
    quantile = np.maximum(np.quantile(kept, share), 0.5)  # half the resolution of the clock
    sigma, log_median = np.polyfit(ndtri(share), np.log(quantile), 1)
    longest = float(np.quantile(kept, 0.99))
    delay = Delay(median_s=round(float(np.exp(log_median)), 1), sigma=round(float(sigma), 3), longest_s=round(longest))
    return Fit(
        step=step,
        priority=priority,
        n=len(kept),
        n_left_out=len(s) - len(kept),
        observed_s=(*np.quantile(kept, [0.5, 0.9]), kept[kept <= np.quantile(kept, 0.99)].mean()),
        delay=delay,
        distance=_distance(kept, delay),
    )


def _distance(s: np.ndarray, delay: Delay) -> float:
    x = np.sort(s)
    u = (np.arange(1, 2000) - 0.5) / 1999
    model = np.sort(delay.quantile_s(u))
    grid = np.unique(x)
    seen = np.searchsorted(x, grid, side="right") / len(x)
    fitted = np.searchsorted(model, grid, side="right") / len(model)
    return float(np.abs(seen - fitted).max())


def halves(hospital: Delay) -> Delay:
    """Law of two equal, independent halves whose sum has the median and 90th percentile of ``hospital``.

    San Francisco notes when the ambulance reaches the hospital and when it is available, not the transfer of care
    between. England's standard gives 15 minutes to each part, so each gets half: an assumption.
    """
    u = (np.arange(400) + 0.5) / 400
    want = hospital.quantile_s([0.5, 0.9])

    def miss(parameters: np.ndarray) -> float:
        half = np.exp(parameters[0] + np.exp(parameters[1]) * ndtri(u))
        total = np.quantile(np.add.outer(half, half), [0.5, 0.9])
        return float(np.sum(np.log(total / want) ** 2))

    start = [np.log(hospital.median_s / 2), np.log(hospital.sigma * 1.4)]
    best = minimize(miss, start, method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-12, "maxiter": 400})
    median, sigma = float(np.exp(best.x[0])), float(np.exp(best.x[1]))
    return Delay(median_s=round(median, 1), sigma=round(sigma, 3), longest_s=round(hospital.longest_s / 2))


def transport_share(units: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Share of calls reached by an ambulance that were taken to hospital, and their number, by priority."""
    reached = units[units.on_scene.notna()]
    calls = reached.groupby("call_number").agg(p=("p", "first"), t=("transport", "count"))
    by_priority = calls.t.gt(0).groupby(calls.p)
    return by_priority.mean(), by_priority.size()


def fit_all(data: Path) -> tuple[list[Fit], pd.Series, pd.Series]:
    """All fits, the transport shares and the number of calls behind them."""
    units = read_units(data)
    fits = [fit(step, p, times) for step, times in step_times(units).items() for p in (1, 2, 3)]
    return fits, *transport_share(units)


def delays_by_step(fits: list[Fit]) -> dict[str, list[Delay]]:
    """Delays of priorities 1, 2, 3 for every entry of ``demand.toml``."""
    delays = {fit.step: [other.delay for other in fits if other.step == fit.step] for fit in fits}
    parts = [halves(delay) for delay in delays.pop("hospital")]
    return {**delays, "offload": parts, "clear": parts}


def markdown(fits: list[Fit], share: pd.Series, n_calls: pd.Series) -> str:
    """Tables for SOURCE.md."""
    lines = [
        "| step | priority | n | left out | median s, seen / law | p90 s, seen / law | mean s, seen / law | distance |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in fits:
        law = (*one.delay.quantile_s([0.5, 0.9]), one.delay.mean_s)
        cells = [f"{seen:.0f} / {fitted:.0f}" for seen, fitted in zip(one.observed_s, law, strict=True)]
        lines.append(
            f"| {one.step} | {one.priority} | {one.n} | {one.n_left_out} | {' | '.join(cells)} | {one.distance:.3f} |"
        )
    lines += ["", "| priority | calls reached | taken to hospital |", "|---|---|---|"]
    lines += [f"| {p} | {n_calls[p]} | {share[p]:.3f} |" for p in (1, 2, 3)]
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds san_francisco/")
    everything = fit_all(parser.parse_args().data)
    print(markdown(*everything))
    for step, delays in delays_by_step(everything[0]).items():
        print(step, *delays, sep="\n  ")
