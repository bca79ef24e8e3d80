"""Skills, several units a call, a second unit for transport, and calls that change while they wait."""

from __future__ import annotations

import numpy as np
import pytest
from nights import fixed_calls
from row_worlds import ALS, BLOCK_S, CARRIES, SIRENS_S, fleet, row_city, simulated, what_unit_did

from ems_twin.city.sample import grid_city
from ems_twin.errors import InputError
from ems_twin.simulation import DRIVERS, response_s, summarise
from ems_twin.world import CallStatus, Disposition, Role, Rules, UnitStatus, disposition


@pytest.fixture(params=DRIVERS)
def driver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_call_gets_a_unit_with_the_skills_it_needs(driver: str) -> None:
    calls = fixed_calls((0, 4, 1), (5, 5, 1), transport=False)
    calls["needs"] = [ALS, 0]
    run = simulated(row_city(), calls, driver, fleet=fleet(CARRIES, CARRIES, CARRIES | ALS))
    assert run.calls["unit"].tolist() == [2, 0]


def test_the_queue_is_searched_for_a_call_that_the_unit_can_serve(driver: str) -> None:
    """The first of the queue needs ALS: the basic unit takes the second, and the first waits for the other."""
    calls = fixed_calls((0, 4, 1), (1, 8, 1), (20, 5, 1), (30, 5, 3), transport=False)
    calls["needs"] = [0, 0, ALS, 0]
    run = simulated(row_city(), calls, driver, fleet=fleet(CARRIES, CARRIES | ALS))
    assert run.calls["unit"].tolist() == [0, 1, 1, 0]
    assert run.calls["was_queued"].tolist() == [0, 0, 1, 1]
    assert run.calls["t_notified"][3] < run.calls["t_notified"][2]


def test_needs_that_nobody_meets_are_refused_before_anything_happens() -> None:
    calls = fixed_calls((0, 4, 1), (5, 5, 1))
    calls["needs"] = [0, ALS]
    with pytest.raises(InputError, match="row 2, field 'needs': needs als, which no unit has"):
        simulated(row_city(), calls, "compiled", fleet=fleet(CARRIES))
    with pytest.raises(InputError, match="no unit can take a patient to hospital"):
        simulated(row_city(), fixed_calls((0, 4, 1)), "compiled", fleet=fleet(ALS))
    calls = fixed_calls((0, 4, 1))
    calls["speciality"] = 0b110
    with pytest.raises(InputError, match="needs stroke and pci, which no hospital offers"):
        simulated(row_city(), calls, "compiled")


def test_several_units_come_and_leave_together(driver: str) -> None:
    """The second unit arrives while the first treats; when the first leaves with the patient it is free."""
    city = row_city(units_per_station=2)
    calls = fixed_calls((0, 4, 1))
    calls["n_units"] = 2
    run = simulated(city, calls, driver)
    assert len(run.responses) == 2
    assert run.responses["role"].tolist() == [Role.FIRST, Role.ASSIST]
    assert run.responses["unit"].tolist() == [0, 1]
    left = 30 + 4 * SIRENS_S + 100
    np.testing.assert_allclose(run.responses["t_left_scene"], left, atol=1e-3)
    assert run.responses["t_ended"][1] == pytest.approx(left, abs=1e-3)
    assert run.responses["hospital"].tolist() == [0, -1]
    assert len(run.calls) == 1
    assert run.calls["t_ended"][0] == run.responses["t_ended"][0]
    assert disposition(run.calls).tolist() == [Disposition.TRANSPORTED]
    summary = summarise(run)
    assert (summary["calls"], summary["responses"]["units_sent"]) == (1, 2)


def test_who_assists_waits_for_the_first_and_the_first_on_scene_stops_the_clock(driver: str) -> None:
    """Unit 0 (ALS) is sent as the FIRST because only it may be; the basic unit next door is there sooner."""
    city = row_city(stations=((0, 0), (0, 8)))
    calls = fixed_calls((0, 8, 1), transport=False)
    calls["needs"], calls["n_units"] = ALS, 2
    run = simulated(city, calls, driver, fleet=fleet(CARRIES | ALS, CARRIES, homes=(0, 1)))
    assert run.responses["unit"].tolist() == [0, 1]
    assert run.responses["t_on_scene"].tolist() == pytest.approx([30 + 8 * SIRENS_S, 30], abs=1e-3)
    assert response_s(run.calls).tolist() == pytest.approx([30], abs=1e-3)
    assert run.calls["unit"].tolist() == [1]
    np.testing.assert_allclose(run.responses["t_left_scene"], 30 + 8 * SIRENS_S + 100, atol=1e-3)


def test_who_is_still_under_way_when_the_first_leaves_is_stood_down(driver: str) -> None:
    city = row_city(stations=((0, 4), (0, 0)))
    calls = fixed_calls((0, 5, 1), transport=False)
    calls["n_units"], calls["scene_s"] = 2, 20
    run = simulated(city, calls, driver)
    assert run.responses["status"].tolist() == [CallStatus.ENDED, CallStatus.CANCELLED]
    assert ("STOOD_DOWN", pytest.approx(60, abs=1e-3)) in what_unit_did(run, 1)
    assert summarise(run)["responses"]["stood_down"] == 1
    assert (run.units["status"] == UnitStatus.AT_STATION).all()


def test_a_rapid_responder_asks_for_a_unit_to_take_the_patient(driver: str) -> None:
    """The responder is on scene at 40 and treats till 140; the ambulance, asked for at 40, comes at 40 + 20 + 80."""
    city = row_city(stations=((0, 7), (0, 0)))
    run = simulated(city, fixed_calls((0, 8, 1)), driver, fleet=fleet(ALS, CARRIES, homes=(0, 1)))
    assert run.responses["role"].tolist() == [Role.FIRST, Role.TRANSPORT]
    responder, ambulance = run.responses
    assert responder["unit"] == 0
    assert ambulance["unit"] == 1
    assert ambulance["t_needed"] == pytest.approx(40, abs=1e-3)
    assert ambulance["t_on_scene"] == pytest.approx(60 + 8 * SIRENS_S, abs=1e-3)
    leaves = 60 + 8 * SIRENS_S + Rules().takeover_scene_s
    assert responder["t_left_scene"] == ambulance["t_left_scene"] == pytest.approx(leaves, abs=1e-3)
    assert responder["t_ended"] == responder["t_left_scene"]
    assert (responder["hospital"], ambulance["hospital"]) == (-1, 0)
    assert ambulance["t_at_hospital"] == pytest.approx(leaves + BLOCK_S, abs=1e-3)
    assert run.units["n_transports"].tolist() == [0, 1]
    assert len(run.calls) == 1
    assert run.calls["t_at_hospital"][0] == ambulance["t_at_hospital"]
    assert run.calls["t_on_scene"][0] == responder["t_on_scene"]


def test_nobody_is_asked_for_when_the_unit_can_carry_or_nobody_goes_to_hospital(driver: str) -> None:
    city = row_city(stations=((0, 0), (0, 7)))
    crew = fleet(CARRIES, ALS, homes=(0, 1))
    carried = simulated(city, fixed_calls((0, 1, 1)), driver, fleet=crew)
    assert carried.responses["status"].tolist() == [CallStatus.ENDED, CallStatus.NOT_NEEDED]
    treated = simulated(city, fixed_calls((0, 8, 1), transport=False), driver, fleet=crew)
    assert treated.responses["status"].tolist() == [CallStatus.ENDED]


def test_a_call_that_is_called_off(driver: str) -> None:
    calls = fixed_calls((0, 8, 1), (2000, 8, 1), (4000, 8, 1))
    calls["cancel_s"] = [5, 60, 1000]  # while the call is taken; under way at node 3; too late
    run = simulated(row_city(), calls, driver)
    assert run.calls["status"].tolist() == [CallStatus.CANCELLED, CallStatus.CANCELLED, CallStatus.ENDED]
    assert disposition(run.calls).tolist() == [
        Disposition.HUNG_UP, Disposition.CANCELLED, Disposition.TRANSPORTED,
    ]  # fmt: skip
    assert run.calls["t_ended"][:2].tolist() == pytest.approx([5, 2060])
    assert np.isnan(run.calls["t_notified"][0])
    events = what_unit_did(run, 0)
    assert ("STOOD_DOWN", pytest.approx(2060)) in events
    assert ("AT_STATION", pytest.approx(2060 + 3 * BLOCK_S, abs=1e-3)) in events
    assert run.units["n_calls"].tolist() == [1]


def test_a_call_is_called_off_in_the_queue_and_at_the_station_door(driver: str) -> None:
    calls = fixed_calls((0, 4, 1), (20, 8, 1), (900, 8, 1), transport=False)
    calls["cancel_s"] = [0, 50, 20]
    run = simulated(row_city(), calls, driver)
    assert run.calls["status"].tolist() == [CallStatus.ENDED, CallStatus.CANCELLED, CallStatus.CANCELLED]
    assert run.calls["queued_s"][1] == pytest.approx(40)
    assert what_unit_did(run, 0)[-1] == ("STOOD_DOWN", pytest.approx(920))  # it never left
    assert run.units["station"].tolist() == [0]


def test_a_unit_stood_down_serves_the_next_call_that_waits(driver: str) -> None:
    calls = fixed_calls((0, 8, 1), (20, 2, 1), transport=False)
    calls["cancel_s"] = [65, 0]
    run = simulated(row_city(), calls, driver)
    assert run.calls["t_notified"][1] == pytest.approx(65)
    assert run.calls["t_on_scene"][1] == pytest.approx(70 + 2 * SIRENS_S, abs=1e-3)  # it turned at node 4


def test_a_condition_that_worsens_moves_the_call_ahead_in_the_queue(driver: str) -> None:
    calls = fixed_calls((0, 4, 1), (10, 4, 2), (20, 4, 3), transport=False)
    calls["worsens_s"], calls["worse_priority"] = [0, 0, 50], [0, 0, 1]
    run = simulated(row_city(), calls, driver)
    assert np.argsort(run.calls["t_on_scene"]).tolist() == [0, 2, 1]
    assert run.calls["priority"].tolist() == [1, 2, 1]
    assert run.calls["first_priority"].tolist() == [1, 2, 3]
    assert run.calls["queued_s"][2] == pytest.approx(run.calls["t_notified"][2] - 30, abs=1e-6)
    assert summarise(run)["responses"]["worsened"] == 1


def test_a_condition_that_worsens_turns_the_sirens_on(driver: str) -> None:
    """At ordinary speed from 30 on; at 80 it is half-way from node 2 to 3, where it goes on with sirens."""
    calls = fixed_calls((0, 8, 3), transport=False)
    calls["worsens_s"], calls["worse_priority"] = 80, 1
    run = simulated(row_city(), calls, driver)
    assert run.calls["t_on_scene"][0] == pytest.approx(30 + 3 * BLOCK_S + 5 * SIRENS_S, abs=1e-3)
    assert run.calls["t_en_route"][0] == 30
    km = {row["state"]: row["km"] for row in summarise(run)["unit_states"]}
    assert km["en_route"] == pytest.approx(1.6)


def test_a_condition_that_worsens_may_take_a_unit_from_another_call(driver: str) -> None:
    calls = fixed_calls((0, 8, 2), (10, 4, 3), transport=False)
    calls["worsens_s"], calls["worse_priority"] = [0, 50], [0, 1]
    run = simulated(row_city(), calls, driver, rules=Rules(preempt=((2, 1), (3, 1), (3, 2))))
    assert run.calls["n_bumps"].tolist() == [1, 0]
    assert run.calls["t_on_scene"][1] < run.calls["t_on_scene"][0]


def test_a_patient_goes_where_his_speciality_is(driver: str) -> None:
    city = grid_city(1, 10, hospitals=((0, 5), (0, 9)), units_per_station=2)
    far = city.hospitals[1].__class__(**(vars(city.hospitals[1]) | {"specialities": ("stroke",)}))
    city = city.__class__(**(vars(city) | {"hospitals": (city.hospitals[0], far)}))
    calls = fixed_calls((0, 4, 1), (500, 4, 1))
    calls["speciality"] = [0b10, 0]
    assert simulated(city, calls, driver).calls["hospital"].tolist() == [1, 0]


def test_a_patient_goes_where_he_is_known_if_that_costs_little(driver: str) -> None:
    """The hospitals are one and five blocks from the scene: 80 s apart at 20 s a block."""
    city = grid_city(1, 10, hospitals=((0, 5), (0, 9)), units_per_station=2)
    calls = fixed_calls((0, 4, 1), (900, 4, 1), (1800, 4, 1))
    calls["known_at"] = [2, 1, 0]  # the far one, the near one, none
    apart_s = 4 * 200.0 / city.roads.speed_mps.min() if hasattr(city.roads, "speed_mps") else 80.0
    for allowed_s, goes_to in ((apart_s + 1, [1, 0, 0]), (apart_s - 1, [0, 0, 0]), (0.0, [0, 0, 0])):
        run = simulated(city, calls, driver, rules=Rules(continuity_s=allowed_s))
        assert run.calls["hospital"].tolist() == goes_to


def test_refused_care_ends_on_scene(driver: str) -> None:
    calls = fixed_calls((0, 4, 1))
    calls["refused"] = 1
    run = simulated(row_city(), calls, driver)
    assert disposition(run.calls).tolist() == [Disposition.NO_TREATMENT]
    assert run.hospitals["n_arrivals"].tolist() == [0]
