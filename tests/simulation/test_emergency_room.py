"""Treatment bays: who gets one, who waits, who is sent elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nights import START, assert_same, fixed_calls, night

from ems_twin.city import City
from ems_twin.city.sample import grid_city
from ems_twin.errors import InputError
from ems_twin.routing import Router
from ems_twin.simulation import DRIVERS, Run, simulate, summarise
from ems_twin.world import WALK_IN, EventKind, Rules

BLOCK_S = 20.0


@pytest.fixture(params=DRIVERS)
def driver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def small_city(**options: Any) -> City:
    """Ten junctions in a row: station at node 0, hospital at node 9, sirens twice as fast."""
    return grid_city(1, 10, hospitals=((0, 9),), sirens_factor=2.0, **options)


def walk_ins(*rows: tuple[int, float, float]) -> np.ndarray:
    out = np.zeros(len(rows), WALK_IN)
    for i, (hospital, t_arrival, stay_s) in enumerate(rows):
        out[i]["hospital"], out[i]["t_arrival"], out[i]["stay_s"] = hospital, t_arrival, stay_s
    return out


def simulated(city: City, calls: np.ndarray, driver: str, stay_s: Any = 0.0, **options: Any) -> Run:
    calls["stay_s"] = stay_s
    return simulate(city, calls, start=START, duration_s=86_400.0, driver=driver, **options)


def test_an_ambulance_waits_until_a_bay_is_free(driver: str) -> None:
    """One bay: the first patient keeps it from 250 s (50 s handed over, 1000 s stayed) to 1300 s."""
    city = small_city(units_per_station=2, bays=1)
    calls = fixed_calls((0, 8, 1), (60, 8, 1))
    run = simulated(city, calls, driver, rules=Rules(count_bays=True), stay_s=np.full(2, 1000.0))
    arrived = 10 + 20 + 80 + 100 + BLOCK_S
    freed = arrived + 50 + 1000
    assert run.calls["t_at_hospital"].tolist() == pytest.approx([arrived, arrived + 60], abs=1e-2)
    assert run.calls["t_bay"].tolist() == pytest.approx([arrived, freed], abs=1e-2)
    assert run.calls["t_transfer"].tolist() == pytest.approx([arrived + 50, freed + 50], abs=1e-2)
    assert run.hospitals["peak_occupied"].tolist() == [1]
    assert run.hospitals["peak_offloading"].tolist() == [1]  # the first had handed over when the second came
    row = run.trace[run.trace["kind"] == EventKind.BAY_FREED][0]
    assert (row["unit"], row["hospital"], row["call"]) == (1, 0, 1)  # whose wait is over
    without = simulated(city, calls, driver, stay_s=np.full(2, 1000.0))
    assert without.calls["t_transfer"][1] == pytest.approx(arrived + 110, abs=1e-2)


@pytest.mark.parametrize(("first", "order"), [(True, ["ambulance", "walk-in"]), (False, ["walk-in", "ambulance"])])
def test_who_gets_the_next_bay_is_a_rule(driver: str, first: bool, order: list[str]) -> None:
    """The bay is taken from 0 to 500 s; somebody walks in at 100 s, the ambulance comes at 230 s."""
    city = small_city(bays=1)
    patients = walk_ins((0, 0.0, 500.0), (0, 100.0, 300.0))
    run = simulated(
        city, fixed_calls((0, 8, 1)), driver, walk_ins=patients, stay_s=np.full(1, 300.0),
        rules=Rules(count_bays=True, ambulances_first=first),
    )  # fmt: skip
    got = {"walk-in": float(run.world.walk_ins["t_bay"][1]), "ambulance": float(run.calls["t_bay"][0])}
    assert sorted(got, key=got.__getitem__) == order
    assert min(got.values()) == pytest.approx(500.0)
    second = 500 + (50 + 300 if first else 300)
    assert max(got.values()) == pytest.approx(second, abs=1e-2)


def test_a_room_that_diverts_is_passed_over_while_there_is_another(driver: str) -> None:
    city = grid_city(1, 12, hospitals=((0, 6), (0, 11)), bays=1)
    calls = fixed_calls((0, 5, 1), (600, 5, 1), (1200, 5, 1))
    rules = Rules(count_bays=True, divert_above=1.0)
    patients = walk_ins((0, 0.0, 900.0), (1, 1000.0, 5000.0), (0, 1100.0, 5000.0))
    run = simulated(city, calls, driver, rules=rules, walk_ins=patients)
    # the near room is full for the first two; both are for the third, and then the near one is as good
    assert run.calls["hospital"].tolist() == [1, 1, 0]
    blind = simulated(city, calls, driver, rules=Rules(count_bays=True), walk_ins=patients)
    assert blind.calls["hospital"].tolist() == [0, 0, 0]


def test_the_soonest_bay_is_not_always_the_nearest_door(driver: str) -> None:
    city = grid_city(1, 12, hospitals=((0, 6), (0, 11)), bays=1)
    patients = walk_ins((0, 0.0, 4000.0))
    rules = {"count_bays": True, "expected_stay_s": 3600.0}
    near = simulated(city, fixed_calls((0, 5, 1)), driver, walk_ins=patients, rules=Rules(**rules))
    soon = simulated(
        city, fixed_calls((0, 5, 1)), driver, walk_ins=patients, rules=Rules(soonest_hospital=True, **rules)
    )
    assert near.calls["hospital"].tolist() == [0]
    assert soon.calls["hospital"].tolist() == [1]
    assert soon.calls["t_bay"][0] < near.calls["t_bay"][0]


def test_a_room_with_walk_ins_alone_is_a_queue_with_c_servers() -> None:
    """Bays are servers: M/M/c with 5 bays and an offered load of 3 waits as Erlang C says (0.236152)."""
    rng = np.random.default_rng(3)
    n, stay_s = 60_000, 3600.0
    patients = np.zeros(n, WALK_IN)
    patients["t_arrival"] = np.cumsum(rng.exponential(stay_s / 3.0, n))
    patients["stay_s"] = rng.exponential(stay_s, n)
    run = simulated(small_city(bays=5), fixed_calls(), "compiled", walk_ins=patients, rules=Rules(count_bays=True))
    waited = run.world.walk_ins["t_bay"] - run.world.walk_ins["t_arrival"]
    assert (waited > 0).mean() == pytest.approx(0.236152, rel=0.05)
    assert waited.mean() == pytest.approx(0.236152 * stay_s / (5 - 3), rel=0.1)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 60), st.integers(0, 60), st.integers(1, 3), st.integers(0, 10_000), st.booleans(), st.booleans(),
    st.sampled_from([None, 0.7, 1.0]),
)  # fmt: skip
def test_bays_are_never_overfull_and_every_patient_gets_one(
    n: int, walking: int, bays: int, seed: int, first: bool, soonest: bool, divert: float | None
) -> None:
    city = grid_city(4, 5, stations=((0, 0), (3, 4)), hospitals=((1, 1), (2, 4)), units_per_station=2, bays=bays)
    rng = np.random.default_rng(seed)
    calls = night(city, n, gap_s=300, seed=seed)
    patients = walk_ins(
        *((int(rng.integers(2)), float(rng.uniform(0, 20_000)), float(rng.exponential(2000))) for _ in range(walking))
    )
    options: dict[str, Any] = {
        "rules": Rules(count_bays=True, ambulances_first=first, soonest_hospital=soonest, divert_above=divert),
        "walk_ins": patients, "stay_s": rng.exponential(3000, n), "router": Router(city.roads),
    }  # fmt: skip
    run, twin = (simulated(city, calls, driver, **options) for driver in DRIVERS)
    assert_same(run.trace, twin.trace)  # what was written: the world's own array has room for more
    for part in ("calls", "walk_ins", "hospitals"):
        assert_same(getattr(run.world, part), getattr(twin.world, part))
    assert (run.hospitals["peak_occupied"] <= bays).all()
    assert (run.hospitals["occupied"] == 0).all()
    assert (run.hospitals["units_waiting"] == 0).all()
    seated = run.world.walk_ins
    assert (seated["t_bay"] >= seated["t_arrival"]).all()
    carried = run.calls[run.calls["transport"] > 0]
    np.testing.assert_allclose(carried["t_transfer"], carried["t_bay"] + carried["offload_s"], atol=1e-6)
    assert (carried["t_bay"] >= carried["t_at_hospital"]).all()
    busy = [(h, t, 1) for h, t in zip(carried["hospital"], carried["t_bay"], strict=True)]
    busy += [(h, t, -1) for h, t in zip(carried["hospital"], carried["t_transfer"] + carried["stay_s"], strict=True)]
    busy += [(h, t, 1) for h, t in zip(seated["hospital"], seated["t_bay"], strict=True)]
    busy += [(h, t, -1) for h, t in zip(seated["hospital"], seated["t_bay"] + seated["stay_s"], strict=True)]
    for h in range(2):  # counted again from the records alone
        steps = sorted((round(t, 6), step) for hospital, t, step in busy if hospital == h)
        assert max(np.cumsum([step for _, step in steps]), default=0) <= bays


def test_the_summary_tells_how_long_ambulances_waited_for_a_bay() -> None:
    city = small_city(units_per_station=2, bays=1)
    run = simulated(
        city, fixed_calls((0, 8, 1), (60, 8, 1)), "compiled", rules=Rules(count_bays=True), stay_s=np.full(2, 1000.0)
    )
    room = summarise(run)["hospitals"][0]
    assert room["bay_wait_mean_s"] == pytest.approx((0 + 990) / 2, abs=0.1)
    assert room["offload_p90_s"] == pytest.approx(np.quantile([50, 1040], 0.9), abs=0.1)
    assert room["peak_occupied"] == 1


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((3, 0.0, 1.0), "hospital 3 does not exist"),
        ((0, -1.0, 1.0), "'t_arrival': is -1.0"),
        ((0, 1.0, np.nan), "'stay_s'"),
    ],
)
def test_walk_ins_that_cannot_be_are_refused(row: tuple[int, float, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        simulated(small_city(), fixed_calls((0, 1, 1)), "compiled", walk_ins=walk_ins(row))


def test_a_hospital_without_bays_cannot_count_them() -> None:
    with pytest.raises(InputError, match="'Hospital 0' has no treatment bay"):
        simulated(small_city(bays=0), fixed_calls((0, 1, 1)), "compiled", rules=Rules(count_bays=True))
