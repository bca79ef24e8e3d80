"""Hospital choice when emergency rooms are crowded, on Manhattan: offload times and responses, on the same nights.

``python experiments/policies/crowding.py`` makes ``results/crowding.*`` again. Crowding is set on nights of its own, so that
offload under usual practice is like England's of the week of 18 December 2022, when 41 % of handovers took longer than 30
minutes and 24 % longer than 60 (NHS England, urgent and emergency care daily situation reports).
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ems_twin import Router, Rules, generate_calls, load_city, load_demand, simulate
from ems_twin.city import City
from ems_twin.demand import Demand, draw_stays, generate_walk_ins
from ems_twin.simulation import Run, response_s
from ems_twin.simulation.statistics import Paired, compare, mean_interval_of

RESULTS = Path(__file__).parent / "results"
DAY_S, WARM_UP_S, HALF_HOUR_S, HOUR_S = 86_400.0, 6 * 3600.0, 1800.0, 3600.0
ENGLAND = (0.41, 0.24)
TRAIN, JUDGE = 0, 1_000_000
PRACTICE = "nearest, diverts"
CHOICES = {
    # A room of n bays frees one every four hours / n, so with n / 8 patients waiting the next one waits 30 minutes.
    PRACTICE: Rules(count_bays=True, divert_above=1.125),
    "nearest, never diverts": Rules(count_bays=True),
    "soonest in a bay": Rules(count_bays=True, soonest_hospital=True),
    "soonest, diverts": Rules(count_bays=True, soonest_hospital=True, divert_above=1.125),
}
FIGURES = {
    "response_s": "mean response, s", "late": "late, %", "offload_min": "mean offload, min",
    "over_30": "offload > 30 min, %", "over_60": "offload > 60 min, %", "drive_min": "drive to hospital, min",
    "passed": "not to the nearest, %",
}  # fmt: skip
Night = tuple[NDArray[np.void], NDArray[np.void]]


class Crowd:
    """Nights of a city whose treatment bays are filled to a share."""

    def __init__(self, city: City, demand: Demand, days: float, occupancy: float) -> None:
        assert demand.emergency_rooms is not None
        self.city, self.router = city, Router.for_city(city)
        self.demand = replace(demand, emergency_rooms=replace(demand.emergency_rooms, occupancy=occupancy))
        self.start = datetime(2024, 5, 6, tzinfo=ZoneInfo(city.timezone))
        self.duration_s = days * DAY_S
        self._nearest = np.stack(
            [self.router.to_nearest_s([hospital.node], metric=1) for hospital in city.hospitals]
        ).argmin(axis=0)

    def night(self, replication: int) -> Night:
        """Calls with their stays, and walk-ins."""
        when: dict[str, Any] = {
            "start": self.start, "duration_s": self.duration_s, "seed": 1, "replication": replication,
        }  # fmt: skip
        calls = generate_calls(self.demand, self.city, **when)
        return draw_stays(self.demand, calls, seed=1, replication=replication), generate_walk_ins(
            self.demand, self.city, **when
        )

    def figures(self, night: Night, rules: Rules, units: int) -> dict[str, float]:
        """What a night amounts to under a choice of hospital."""
        run = simulate(
            self.city, night[0], start=self.start, duration_s=self.duration_s, router=self.router, units=units,
            rules=rules, walk_ins=night[1], keep_trace=False,
        )  # fmt: skip
        return self._figures(run)

    def _figures(self, run: Run) -> dict[str, float]:
        calls = run.calls[run.calls["t_received"] >= WARM_UP_S]
        response = response_s(calls)
        reached, late = np.isfinite(response), response > self.city.targets_s(calls["priority"])
        carried = calls[np.isfinite(calls["t_transfer"])]
        offload = carried["t_transfer"] - carried["t_at_hospital"]
        return {
            "response_s": float(response[reached].mean()),
            "late": 100 * float(late[reached].mean()),
            "offload_min": float(offload.mean()) / 60,
            "over_30": 100 * float((offload > HALF_HOUR_S).mean()),
            "over_60": 100 * float((offload > HOUR_S).mean()),
            "drive_min": float((carried["t_at_hospital"] - carried["t_left_scene"]).mean()) / 60,
            "passed": 100 * float((self._nearest[carried["node"]] != carried["hospital"]).mean()),
        }


def crowded(city: City, demand: Demand, units: int, *, nights: int, days: float) -> tuple[float, tuple[float, float]]:
    """Occupancy at which usual practice has offload times nearest to England's, and their shares, on training nights."""
    best: tuple[float, float, tuple[float, float]] | None = None
    for occupancy in (0.85, 0.88, 0.90, 0.92, 0.94, 0.96, 0.98):
        crowd = Crowd(city, demand, days, occupancy)

        def one(k: int, crowd: Crowd = crowd) -> tuple[float, float]:
            found = crowd.figures(crowd.night(TRAIN + k), CHOICES[PRACTICE], units)
            return found["over_30"] / 100, found["over_60"] / 100

        with ThreadPoolExecutor() as pool:
            shares = np.mean(list(pool.map(one, range(nights))), axis=0)
        off = float(np.abs(shares - ENGLAND).sum())
        print(f"  occupancy {occupancy:.2f}: {shares[0]:.1%} over 30 min, {shares[1]:.1%} over 60", flush=True)
        if best is None or off < best[0]:
            best = off, occupancy, (float(shares[0]), float(shares[1]))
    assert best is not None
    return best[1], best[2]


def study(fleets: tuple[int, ...] = (110, 125, 140), n_nights: int = 20, days: float = 3.0) -> None:
    """Set the crowding, judge the choices on other nights, print and write the tables."""
    city = load_city("manhattan")
    demand = load_demand(city)
    record: dict[str, Any] = {"nights": n_nights, "days": days, "fleets": []}
    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)
        print(line, flush=True)

    for units in fleets:
        print(f"{units} units: how full are the bays when offload is as in England?", flush=True)
        occupancy, shares = crowded(city, demand, units, nights=max(n_nights // 4, 2), days=days)
        say(f"{units} units, bays filled to {occupancy:.0%}: {shares[0]:.1%} of offloads over 30 min and {shares[1]:.1%} "
            f"over 60 on training nights (England {ENGLAND[0]:.0%} and {ENGLAND[1]:.0%})")  # fmt: skip
        crowd = Crowd(city, demand, days, occupancy)

        def one(k: int, crowd: Crowd = crowd, units: int = units) -> dict[str, dict[str, float]]:
            night = crowd.night(JUDGE + k)
            return {name: crowd.figures(night, rules, units) for name, rules in CHOICES.items()}

        with ThreadPoolExecutor() as pool:
            nights = list(pool.map(one, range(n_nights)))
        fleet: dict[str, Any] = {"units": units, "occupancy": occupancy, "training_shares": shares, "choices": {}}
        for name in CHOICES:
            pairs = {
                figure: compare(
                    [night[PRACTICE][figure] for night in nights], [night[name][figure] for night in nights]
                )
                for figure in FIGURES
            }
            fleet["choices"][name] = {figure: pair.to_dict() for figure, pair in pairs.items()}
            say(f"  {name}")
            for figure, title in FIGURES.items():
                values = mean_interval_of([night[name][figure] for night in nights])
                say(f"    {title:26} {values.mean:8.1f} +- {values.half_width:<6.1f}{_against(name, pairs[figure])}")
        record["fleets"].append(fleet)
        say("")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "crowding.txt").write_text("\n".join(lines), encoding="utf-8")
    (RESULTS / "crowding.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def _against(name: str, pair: Paired) -> str:
    if name == PRACTICE:
        return ""
    apart = pair.difference
    words = "" if apart.excludes_zero() else ", may be none"
    return f" against usual practice {apart.mean:+.1f} +- {apart.half_width:.1f} ({pair.relative:+.1%}{words})"


if __name__ == "__main__":
    study()
