"""The law against queueing theory: where streets are short against service, a fleet is a system that has a formula.

Each figure is estimated over replications; the exact one must lie in the 99 % interval, and the interval must be
narrow (half-width under 1 %), so that the test would notice an error of a per cent.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from scipy.stats import t as student_t

from ems_twin.city import City
from ems_twin.city.sample import city_from_drawing
from ems_twin.demand import CALL_DRAW
from ems_twin.routing import Router
from ems_twin.simulation import simulate
from ems_twin.world import CallStatus, Rules

pytestmark = pytest.mark.shared

START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = 3600.0
WARM_UP = 0.05  # share of the calls that meet a system which still remembers that it began empty


def one_place(units: int) -> City:
    """A city of two nodes a metre apart: no drive takes a tenth of a second."""
    return city_from_drawing([(0, 0), (1, 0)], [(0, 1, 1.0), (1, 0, 1.0)], units_per_station=units)


def poisson_calls(rng: np.random.Generator, n: int, per_hour: float, service_s: np.ndarray) -> np.ndarray:
    calls = np.zeros(n, CALL_DRAW)
    calls["t_received"] = np.cumsum(rng.exponential(HOUR / per_hour, n))
    calls["priority"], calls["u_travel"], calls["scene_s"] = 1, 0.5, service_s
    return calls


def estimate(one: Callable[[np.random.Generator], Any], replications: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and half-width of the 99 % interval of each figure that a replication gives."""
    streams = np.random.SeedSequence(seed).spawn(replications)
    figures = np.array([one(np.random.default_rng(stream)) for stream in streams])
    half = student_t.ppf(0.995, replications - 1) * figures.std(axis=0, ddof=1) / np.sqrt(replications)
    return figures.mean(axis=0), half


def assert_agrees(exact: Any, mean: np.ndarray, half: np.ndarray) -> None:
    exact = np.asarray(exact)
    assert (half / exact < 0.01).all(), f"half-widths {half / exact} are too wide to say anything"
    assert (np.abs(mean - exact) <= half).all(), f"{mean} +- {half} does not hold {exact}"


def run(city: City, router: Router, calls: np.ndarray, **rules: Any) -> np.ndarray:
    """Calls of a run after the warm-up."""
    rules = {"expected_turnout_s": 0.0} | rules
    end = simulate(
        city, calls, start=START, duration_s=float(calls["t_received"][-1]), router=router, rules=Rules(**rules),
        keep_trace=False,
    )  # fmt: skip
    return end.calls[int(WARM_UP * len(calls)) :]


@pytest.mark.parametrize("service", ["exponential", "lognormal"])
@pytest.mark.parametrize(("case", "replications"), [("3,1.5", 24), ("10,7", 60)])
def test_the_share_of_lost_calls_is_erlang_b_whatever_the_service(
    theory: Any, case: str, replications: int, service: str
) -> None:
    c, a = (float(part) for part in case.split(","))
    city = one_place(int(c))
    router = Router(city.roads)
    n = 60_000

    def lost(rng: np.random.Generator) -> float:
        if service == "exponential":
            took = rng.exponential(HOUR, n)
        else:  # mean 1 h, coefficient of variation 1.3
            sigma = np.sqrt(np.log(1 + 1.3**2))
            took = rng.lognormal(np.log(HOUR) - sigma**2 / 2, sigma, n)
        calls = run(city, router, poisson_calls(rng, n, a, took), queue_limit=0)
        return float((calls["status"] == CallStatus.HANDED_OVER).mean())

    assert_agrees(theory["erlang"]["B"][case], *estimate(lost, replications, seed=11))


@pytest.mark.parametrize(("case", "replications"), [("3,1.5", 40), ("12,8.4", 180)])
def test_the_share_of_calls_that_wait_is_erlang_c(theory: Any, case: str, replications: int) -> None:
    c, a = (float(part) for part in case.split(","))
    city = one_place(int(c))
    router = Router(city.roads)
    n = 60_000

    def waits(rng: np.random.Generator) -> float:
        calls = run(city, router, poisson_calls(rng, n, a, rng.exponential(HOUR, n)))
        return float((calls["was_queued"] > 0).mean())

    assert_agrees(theory["erlang"]["C"][case], *estimate(waits, replications, seed=12))


def test_waits_by_priority_are_cobhams(theory: Any) -> None:
    exact = theory["cobham_nonpreemptive_priority_MMc"]["c=4,mu=1,lam=(1,1,1)"]
    city = one_place(4)
    router = Router(city.roads)
    n = 60_000

    def waits(rng: np.random.Generator) -> list[float]:
        calls = poisson_calls(rng, n, 3.0, rng.exponential(HOUR, n))
        calls["priority"] = rng.integers(1, 4, n)
        calls = run(city, router, calls)
        waited_h = (calls["t_notified"] - calls["t_received"]) / HOUR
        return [
            float((calls["was_queued"] > 0).mean()),
            *(float(waited_h[calls["priority"] == k].mean()) for k in (1, 2, 3)),
        ]

    assert_agrees([exact["delay_prob"], *exact["Wq"]], *estimate(waits, 420, seed=13))


def three_stations() -> tuple[City, list[int]]:
    """Three stations and four areas; roads so short that only the order of the distances matters.

    From each area the stations are 1, 2 and 3 m away in the order of its preferences (Larson and Odoni's example).
    """
    preferences = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (2, 0, 1)]
    points = [(float(i), 0.0) for i in range(7)]
    edges = []
    for area, order in enumerate(preferences):
        for metres, station in enumerate(order, start=1):
            edges += [(station, 3 + area, float(metres)), (3 + area, station, float(metres))]
    return city_from_drawing(points, edges, stations=(0, 1, 2), hospitals=(3,)), [3, 4, 5, 6]


@pytest.mark.parametrize(("line", "limit"), [("infinite_line", None), ("zero_line", 0)])
def test_workloads_are_those_of_larson_and_odonis_hypercube(theory: Any, line: str, limit: int | None) -> None:
    example = theory["hypercube_3server"]
    city, areas = three_stations()
    router = Router(city.roads)
    rates = np.array(list(example["lambda_groups"].values()))
    n = 60_000

    def workloads(rng: np.random.Generator) -> np.ndarray:
        calls = poisson_calls(rng, n, rates.sum(), rng.exponential(HOUR, n))
        calls["node"] = np.array(areas)[rng.choice(4, n, p=rates / rates.sum())]
        served = run(city, router, calls, queue_limit=limit)
        span = served["t_received"][-1] - served["t_received"][0]
        return np.array([served["scene_s"][served["unit"] == u].sum() for u in range(3)]) / span

    mean, half = estimate(workloads, 30, seed=14)
    # a drive of up to 3 m at 36 km/h is 0.3 s of an hour: the theory's drives take no time at all
    assert_agrees(example[line]["workloads"], mean, half + 0.0002)
