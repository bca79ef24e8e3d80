"""The law, on nights that are worked out by hand and on random ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nights import MEAN_S, START, fixed_calls, night

from ems_twin.city import City
from ems_twin.city.sample import grid_city
from ems_twin.errors import InputError, RoutingError
from ems_twin.routing import ORDINARY, Router
from ems_twin.simulation import DRIVERS, Run, simulate
from ems_twin.world import CallStatus, EventKind, Rules, UnitStatus

BLOCK_S = 20.0  # 200 m at 36 km/h
SIRENS_S = BLOCK_S / 2


@pytest.fixture(scope="module")
def row_city() -> City:
    """Ten junctions in a row, and a second row beside it: station at node 0, hospital at node 9."""
    return grid_city(2, 10, hospitals=((0, 9),), sirens_factor=2.0)


@pytest.fixture(params=DRIVERS)
def driver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def simulated(city: City, calls: np.ndarray, driver: str, **options: object) -> Run:
    return simulate(city, calls, start=START, duration_s=86_400.0, driver=driver, **options)  # type: ignore[arg-type]


def times(run: Run, call: int) -> list[float]:
    names = ["received", "needed", "notified", "en_route", "on_scene", "left_scene", "at_hospital", "transfer", "ended"]
    return [float(run.calls[f"t_{name}"][call]) for name in names]


def test_one_call_from_ring_to_station(row_city: City, driver: str) -> None:
    run = simulated(row_city, fixed_calls((1000, 4, 1)), driver)
    on_scene = 1030 + 4 * SIRENS_S
    at_hospital = on_scene + 100 + 5 * BLOCK_S
    assert times(run, 0) == pytest.approx(
        [1000, 1010, 1010, 1030, on_scene, on_scene + 100, at_hospital, at_hospital + 50, at_hospital + 80], abs=1e-3
    )
    assert run.trace["kind"].tolist() == list(EventKind)[: EventKind.AT_STATION + 1]
    assert run.trace["time"][-1] == pytest.approx(at_hospital + 80 + 9 * BLOCK_S, abs=1e-3)
    assert run.units["status"].tolist() == [UnitStatus.AT_STATION]
    assert run.hospitals["n_arrivals"].tolist() == [1]


def test_a_patient_who_is_not_transported_is_released_on_scene(row_city: City, driver: str) -> None:
    run = simulated(row_city, fixed_calls((0, 3, 1), transport=False), driver)
    left = 30 + 3 * SIRENS_S + 100
    assert run.calls["t_left_scene"][0] == run.calls["t_ended"][0] == pytest.approx(left, abs=1e-3)
    assert np.isnan(run.calls["t_at_hospital"][0])
    assert run.calls["hospital"][0] == -1
    assert run.trace["time"][-1] == pytest.approx(left + 3 * BLOCK_S, abs=1e-3)


def test_ordinary_speed_to_calls_that_are_not_urgent(row_city: City, driver: str) -> None:
    run = simulated(row_city, fixed_calls((0, 4, 3)), driver, rules=Rules(sirens_to_priority=2))
    assert run.calls["t_on_scene"][0] == pytest.approx(30 + 4 * BLOCK_S, abs=1e-3)


def test_the_queue_is_served_by_priority_then_time(row_city: City, driver: str) -> None:
    calls = fixed_calls((0, 2, 2), (10, 2, 3), (20, 2, 2), (30, 2, 1), (40, 2, 1), transport=False)
    run = simulated(row_city, calls, driver)
    assert run.calls["was_queued"].tolist() == [0, 1, 1, 1, 1]
    assert np.argsort(run.calls["t_on_scene"]).tolist() == [0, 3, 4, 2, 1]
    # the unit stands at the next scene already: no turnout, no drive
    assert run.calls["t_on_scene"][3] == pytest.approx(run.calls["t_ended"][0], abs=1e-9)


def test_a_unit_on_its_way_back_turns_at_the_next_junction(row_city: City, driver: str) -> None:
    """After 45 s of the way home from node 4 it is a quarter past node 2 (left at 40 s), so it turns at node 1."""
    first = fixed_calls((0, 4, 1), transport=False)
    free = 30 + 4 * SIRENS_S + 100
    calls = np.concatenate([first, fixed_calls((free + 35, 6, 1), transport=False)])  # needed 10 s later
    run = simulated(row_city, calls, driver)
    turned = free + 3 * BLOCK_S
    assert run.calls["t_notified"][1] == run.calls["t_en_route"][1] == pytest.approx(free + 45, abs=1e-3)
    assert run.calls["t_on_scene"][1] == pytest.approx(turned + 5 * SIRENS_S, abs=1e-3)
    assert EventKind.AT_STATION not in run.trace["kind"][:-1]  # the old arrival at the station never happened
    row = run.trace[run.trace["kind"] == EventKind.EN_ROUTE][1]
    assert (row["from_node"], row["to_node"]) == (1, 6)
    assert row["t_from"] == pytest.approx(turned, abs=1e-3)


def test_the_unit_that_will_be_there_first_is_sent_turnout_counted(driver: str) -> None:
    """A unit at its station three blocks off loses against one that drives by four blocks off: turnout takes 60 s."""
    city = grid_city(1, 12, stations=((0, 0), (0, 11)), hospitals=((0, 5),), sirens_factor=1.0)
    calls = np.concatenate([fixed_calls((0, 1, 1), transport=False), fixed_calls((140.0, 9, 1), transport=False)])
    calls["turnout_s"] = 0.0
    # unit 0 serves node 1 next door; unit 1 stands at node 11, two blocks from node 9
    assert simulated(city, calls, driver).calls["unit"].tolist() == [0, 1]
    calls[0]["node"] = 10  # now unit 1 goes, is free on scene at 10 + 20 + 100 s and drives home past node 11
    run = simulated(city, calls, driver, rules=Rules(expected_turnout_s=1e4))
    assert run.calls["unit"].tolist() == [1, 1]  # on the road, however far, beats a crew that needs hours to leave


def test_the_nearest_hospital_is_by_road(driver: str) -> None:
    city = grid_city(1, 12, hospitals=((0, 2), (0, 11)))
    run = simulated(city, fixed_calls((0, 6, 1), (5000, 7, 1)), driver)
    assert run.calls["hospital"].tolist() == [0, 1]  # node 6 is 4 blocks from one and 5 from the other


def test_unlimited_units_answer_as_fast_as_the_streets_allow(driver: str) -> None:
    """With a unit for every call, response is delay + turnout + the drive from the nearest station."""
    city = grid_city(9, 9, stations=((2, 2), (6, 6)), units_per_station=150)
    calls = night(city, 200, gap_s=60)
    run = simulated(city, calls, driver)
    router = Router(city.roads, sirens_factor=city.sirens_factor)
    stations = [s.node for s in city.stations]
    nearest = np.where(
        calls["priority"] <= 2, router.from_nearest_s(stations)[calls["node"]],
        router.from_nearest_s(stations, metric=ORDINARY)[calls["node"]],
    )  # fmt: skip
    bound = calls["dispatch_delay_s"] + calls["turnout_s"] + nearest
    response = run.calls["t_on_scene"] - run.calls["t_received"]
    from_station = run.calls["t_en_route"] - run.calls["t_notified"] > 0
    np.testing.assert_allclose(response[from_station], bound[from_station], atol=1e-6)
    assert from_station.mean() > 0.5


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 60), st.integers(1, 4), st.floats(5, 2000), st.integers(0, 10_000), st.sampled_from(DRIVERS))
def test_nothing_is_lost_and_nobody_is_in_two_places(n: int, units: int, gap_s: float, seed: int, driver: str) -> None:
    city = grid_city(5, 6, stations=((0, 0), (4, 5)), hospitals=((2, 2), (0, 5)))
    calls = night(city, n, gap_s=gap_s, seed=seed)
    run = simulated(city, calls, driver, units=units)
    assert (run.calls["status"] == CallStatus.ENDED).all()
    assert (run.units["status"] == UnitStatus.AT_STATION).all()
    assert run.world.clock["n_ended"][0] == n
    assert run.world.clock["n_queued"][0] == run.world.clock["n_pending"][0] == 0
    assert np.all(np.diff(run.trace["time"]) >= 0)
    for first, last in [("t_received", "t_needed"), ("t_needed", "t_notified"), ("t_notified", "t_en_route"),
                        ("t_en_route", "t_on_scene"), ("t_on_scene", "t_left_scene"), ("t_left_scene", "t_ended")]:  # fmt: skip
        assert np.all(run.calls[last] >= run.calls[first])
    for name in MEAN_S:  # the luck is never changed
        np.testing.assert_array_equal(run.calls[name], calls[name])
    for u in range(units):  # a unit's calls follow each other
        own = run.calls[run.calls["unit"] == u]
        own = own[np.argsort(own["t_notified"])]
        assert np.all(own["t_notified"][1:] >= own["t_ended"][:-1])
    assert run.units["n_calls"].sum() == n
    assert run.units["n_transports"].sum() == run.hospitals["n_arrivals"].sum() == calls["transport"].sum()
    assert (run.hospitals["inbound"] == 0).all()
    assert (run.hospitals["offloading"] == 0).all()
    np.testing.assert_allclose(run.units["status_s"].sum(axis=1), run.end_s)


def test_a_fleet_that_serves_one_place_is_a_queue_with_c_servers() -> None:
    """Without streets to cross and with exponential service this is M/M/c: waiting follows Erlang C within noise."""
    city = grid_city(1, 2, stations=((0, 0),), hospitals=((0, 1),), units_per_station=3)
    n, gap_s, service_s = 60_000, 400.0, 600.0  # offered load 1.5 on 3 units
    calls = night(city, n, gap_s=gap_s, transport=0.0, seed=5)
    calls["node"], calls["priority"] = 0, 1
    calls["dispatch_delay_s"] = calls["turnout_s"] = 0.0
    calls["scene_s"] = np.random.default_rng(8).exponential(service_s, n)
    run = simulated(city, calls, "compiled", keep_trace=False)
    waited = run.calls["t_notified"] - run.calls["t_received"]
    erlang_c = 0.236842
    # standard errors grow with the queue's memory: 4 % of the value is about three of them at this length
    assert (waited > 0).mean() == pytest.approx(erlang_c, rel=0.04)
    assert waited.mean() == pytest.approx(erlang_c * service_s / (3 - 1.5), rel=0.08)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"units": 0}, "fleet of 0 units"),
        ({"driver": "steam"}, "no driver 'steam'.*compiled or mesa"),
        ({"start": START.replace(tzinfo=None)}, "no time zone"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(row_city: City, change: dict[str, object], message: str) -> None:
    options: dict[str, object] = {"start": START, "duration_s": 3600.0} | change
    with pytest.raises(InputError, match=message):
        simulate(row_city, fixed_calls((0, 1, 1)), **options)  # type: ignore[arg-type]


def test_calls_that_cannot_be_used_are_refused(row_city: City) -> None:
    good = fixed_calls((0, 1, 1), (5, 1, 1))
    for field, value, message in [
        ("node", 20, "row 2, field 'node': node 20 is not in the city"),
        ("scene_s", -1.0, "row 2, field 'scene_s': is -1.0"),
        ("offload_s", np.nan, "row 2, field 'offload_s': is nan"),
        ("t_received", -3.0, "row 2, field 't_received': received before the call above it"),
    ]:
        calls = good.copy()
        calls[1][field] = value
        with pytest.raises(InputError) as caught:
            simulated(row_city, calls, "compiled")
        assert message in str(caught.value)


def test_a_call_behind_closed_roads_is_refused_before_anything_happens(row_city: City) -> None:
    router = Router(row_city.roads)
    router = router.with_closures(np.flatnonzero(row_city.roads.head == 5))
    with pytest.raises(RoutingError, match=r"row 2, field 'node': the scene cannot be reached"):
        simulated(row_city, fixed_calls((0, 1, 1), (5, 5, 1)), "compiled", router=router)
