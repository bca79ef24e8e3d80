"""Policies against units that return home, on Manhattan: response, late share and moves, on the same nights.

Run it with ``python experiments/policies/first_look.py``; it takes some minutes. The parameters are the defaults and were
not tuned to these nights. Calls are drawn from the city's own demand.
"""

from __future__ import annotations

import argparse
from datetime import datetime
from time import perf_counter
from zoneinfo import ZoneInfo

import numpy as np

from ems_twin import Router, generate_calls, load_city, load_demand, simulate
from ems_twin.simulation.statistics import compare_many, mean_interval_of
from ems_twin.world import PolicyChoice, Stationing

POLICIES = {
    "dmexclp": PolicyChoice.named("dmexclp"),
    "expected-response": PolicyChoice.named("expected-response"),
    "best-move": PolicyChoice.named("best-move"),
    "best-move, coverage": PolicyChoice.named("best-move", objective="coverage"),
    "best-move, also when free": PolicyChoice.named("best-move", after_freed=True),
}
DAY_S, LATE_S = 86_400.0, 480.0


def main() -> None:
    """Print a table for each size of the fleet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, nargs="+", default=[60, 70, 80])
    parser.add_argument("--replications", type=int, default=10)
    parser.add_argument("--days", type=float, default=2.0)
    arguments = parser.parse_args()
    city = load_city("manhattan")
    demand, router = load_demand(city), Router.for_city(city)
    start, duration_s = datetime(2024, 5, 6, tzinfo=ZoneInfo(city.timezone)), arguments.days * DAY_S
    nights = [
        generate_calls(demand, city, start=start, duration_s=duration_s, seed=1, replication=k)
        for k in range(arguments.replications)
    ]
    plans: dict[str, Stationing | None] = {"home": None}
    plans |= {name: choice.stationing(city, router, demand) for name, choice in POLICIES.items()}
    for units in arguments.units:
        mean_s, late, moves, took_s = ({name: [] for name in plans} for _ in range(4))
        for calls in nights:
            for name, plan in plans.items():
                begin = perf_counter()
                run = simulate(
                    city, calls, start=start, duration_s=duration_s, router=router, units=units, stationing=plan,
                    keep_trace=False,
                )  # fmt: skip
                took_s[name].append(perf_counter() - begin)
                response_s = run.calls["t_on_scene"] - run.calls["t_received"]
                urgent = run.calls["first_priority"] == 1
                mean_s[name].append(np.nanmean(response_s))
                late[name].append(100 * np.mean(response_s[urgent & ~np.isnan(response_s)] > LATE_S))
                moves[name].append(run.units["n_moves"].sum() / units / arguments.days)
        print(
            f"\n{units} units, {arguments.replications} pairs of {arguments.days:g} days; difference with 95 % intervals"
        )
        print(
            f"{'policy':27} {'mean s':>7} {'difference':>22}   {'P1 > 8 min':>10} {'difference':>22}   moves/unit/day   s/run"
        )
        for name in plans:
            line = f"{name:27} {np.mean(mean_s[name]):7.1f}"
            for values, width, unit in ((mean_s, 0, ""), (late, 10, " %")):
                if values is late:
                    line += f"   {np.mean(late[name]):{width - 2}.2f}{unit}"
                line += f" {difference(values, name):>22}"
            print(f"{line}   {np.mean(moves[name]):14.2f}   {np.mean(took_s[name]):5.2f}", flush=True)


def difference(values: dict[str, list[float]], name: str) -> str:
    """Difference from units that return home, with its interval."""
    if name == "home":
        half = mean_interval_of(values[name]).half_width
        return f"(+-{half:.2f})"
    paired = compare_many(values["home"], {name: values[name]})[name].difference
    return f"{paired.mean:+.2f} +- {paired.half_width:.2f}"


if __name__ == "__main__":
    main()
