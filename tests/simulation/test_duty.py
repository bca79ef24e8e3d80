"""Shifts, overruns, meal breaks, breakdowns and diversions, on nights that are worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from nights import fixed_calls
from row_worlds import BLOCK_S, SIRENS_S, agenda, row_city, simulated, what_unit_did

from ems_twin.city.sample import grid_city
from ems_twin.errors import InputError
from ems_twin.simulation import DRIVERS, summarise
from ems_twin.world import EventKind, Rules, UnitStatus

BEGINS, ENDS, BREAK = EventKind.DUTY_BEGINS, EventKind.DUTY_ENDS, EventKind.BREAK_DUE
OUT, DIVERSION = EventKind.OUT_OF_SERVICE, EventKind.DIVERSION
FREE_AT_4 = 30 + 4 * SIRENS_S + 100  # a call at 0 at node 4 that is not transported


@pytest.fixture(params=DRIVERS)
def driver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_call_waits_for_the_shift_to_begin_and_the_crew_still_has_to_turn_out(driver: str) -> None:
    plan = agenda((1000, BEGINS, 0, 50_000), (50_000, ENDS, 0, 0))
    run = simulated(row_city(), fixed_calls((0, 4, 1)), driver, agenda=plan)
    assert run.calls["was_queued"].tolist() == [1]
    assert run.calls["t_notified"][0] == 1000
    assert run.calls["t_en_route"][0] == 1020
    assert run.calls["queued_s"][0] == pytest.approx(990)
    assert run.units["status"].tolist() == [UnitStatus.OFF_DUTY]  # the agenda is followed to the end of the day
    assert run.trace["time"][-1] == 50_000
    off_s = 1000 + 86_400 - 50_000
    assert summarise(run)["unit_states"][UnitStatus.OFF_DUTY]["hours"] == pytest.approx(off_s / 3600)
    assert summarise(run)["utilisation"]["unit_hours_on_duty"] == pytest.approx(49_000 / 3600)


def test_a_shift_ends_at_the_base_and_work_past_its_end_is_counted(driver: str) -> None:
    """The call at 900 is the most urgent kind, which any unit takes whose shift has not ended."""
    plan = agenda((0, BEGINS, 0, 1000), (1000, ENDS, 0, 0), (90_000, BEGINS, 0, np.inf))
    calls = fixed_calls((900, 4, 1), (1005, 5, 1), transport=False)
    run = simulated(row_city(), calls, driver, agenda=plan)
    back = 930 + 4 * SIRENS_S + 100 + 4 * BLOCK_S
    assert run.units["overrun_s"][0] == pytest.approx(back - 1000, abs=1e-3)
    assert run.calls["t_notified"].tolist() == pytest.approx([910, 90_000])
    statuses = [UnitStatus(s) for s in run.trace["status"][run.trace["unit"] == 0]]
    assert UnitStatus.OFF_DUTY in statuses


def test_a_unit_does_not_start_what_it_cannot_finish_before_the_grace_ends(driver: str) -> None:
    """Shift to 5000, grace 30 min, a job an hour: ordinary calls until 3200, the most urgent ones until 5000."""
    plan = agenda((0, BEGINS, 0, 5000), (5000, ENDS, 0, 0), (20_000, BEGINS, 0, np.inf))
    for received, priority, sent in ((3180, 2, 3190), (3195, 2, 20_000), (3195, 1, 3205), (4995, 1, 20_000)):
        run = simulated(row_city(), fixed_calls((received, 4, priority), transport=False), driver, agenda=plan)
        assert run.calls["t_notified"][0] == sent, (received, priority)
    lax = Rules(expected_job_s=0.0, overrun_grace_s=0.0, overrun_to_priority=0)
    run = simulated(row_city(), fixed_calls((4900, 4, 3), transport=False), driver, agenda=plan, rules=lax)
    assert run.calls["t_notified"][0] == 4910


def test_a_unit_away_from_its_base_drives_there_when_the_shift_is_over(driver: str) -> None:
    city = grid_city(1, 10, stations=((0, 0), (0, 9)), hospitals=((0, 5),), sirens_factor=2.0)
    plan = agenda((0, BEGINS, 0, 5000), (5000, ENDS, 0, 0), (0, BEGINS, 1, np.inf))
    run = simulated(city, fixed_calls((4900, 4, 1), (9000, 1, 1), transport=False), driver, agenda=plan)
    assert run.calls["unit"].tolist() == [0, 1]
    assert run.units["station"][0] == 0
    assert run.units["status"][0] == UnitStatus.OFF_DUTY


def test_a_meal_break_is_taken_at_the_station_and_only_urgent_calls_interrupt_it(driver: str) -> None:
    plan = agenda((0, BREAK, 0, 1800, 3600))
    quiet = simulated(row_city(), fixed_calls((100, 4, 2), transport=False), driver, agenda=plan)
    assert quiet.calls["t_notified"].tolist() == [1800]
    assert quiet.units[["n_breaks", "n_breaks_missed"]][0].tolist() == (1, 0)
    assert quiet.calls["t_en_route"][0] == 1820  # the crew leaves the table as from rest
    urgent = simulated(row_city(), fixed_calls((100, 4, 1), transport=False), driver, agenda=plan)
    assert urgent.calls["t_notified"].tolist() == [110]
    again = 130 + 4 * SIRENS_S + 100 + 4 * BLOCK_S  # home at 350: the whole break begins anew
    assert ("BREAK_ENDS", pytest.approx(again + 1800, abs=1e-3)) in what_unit_did(urgent, 0)
    never = simulated(
        row_city(), fixed_calls((100, 4, 1), transport=False), driver, agenda=plan, rules=Rules(break_to_priority=0)
    )
    assert never.calls["t_notified"].tolist() == [1800]


def test_a_break_that_cannot_begin_in_time_is_missed(driver: str) -> None:
    plan = agenda((50, BREAK, 0, 1800, 200))
    run = simulated(row_city(), fixed_calls((0, 9, 1)), driver, agenda=plan)
    assert run.units[["n_breaks", "n_breaks_missed"]][0].tolist() == (0, 1)
    assert summarise(run)["crews"]["breaks_missed"] == 1


def test_a_unit_that_breaks_down_loses_its_call_and_stays_where_it_is(driver: str) -> None:
    """At 55 it is half-way between nodes 2 and 3; it stops at node 3 at 60 and is repaired by 1060."""
    plan = agenda((55, OUT, 0, 1000, 1))
    run = simulated(row_city(), fixed_calls((0, 6, 1), transport=False), driver, agenda=plan)
    call = run.calls[0]
    assert (call["n_bumps"], call["was_queued"]) == (1, 1)
    assert call["bumped_s"] == pytest.approx(45)
    assert call["t_notified"] == pytest.approx(1060, abs=1e-3)
    assert call["t_on_scene"] == pytest.approx(1060 + 3 * SIRENS_S, abs=1e-3)  # from node 3, without turnout
    assert run.calls["status"][0] == 7


def test_what_can_wait_is_done_when_the_unit_is_free(driver: str) -> None:
    plan = agenda((50, OUT, 0, 500, 0))
    run = simulated(row_city(), fixed_calls((0, 4, 1), (60, 5, 1), transport=False), driver, agenda=plan)
    assert run.calls["t_notified"].tolist() == pytest.approx([10, FREE_AT_4 + 500], abs=1e-3)
    assert run.units["n_calls"].tolist() == [2]


def test_a_repair_while_off_duty_holds_up_the_shift_only_for_its_rest(driver: str) -> None:
    plan = agenda((1000, BEGINS, 0, np.inf), (400, OUT, 0, 1600, 0))
    run = simulated(row_city(), fixed_calls((0, 4, 1), transport=False), driver, agenda=plan)
    assert run.calls["t_notified"][0] == 2000


def test_a_hospital_that_diverts_by_its_own_word_is_passed_over(driver: str) -> None:
    city = grid_city(1, 10, hospitals=((0, 5), (0, 9)), sirens_factor=2.0, units_per_station=3)
    plan = agenda((100, DIVERSION, 0, 1), (1000, DIVERSION, 0, 0))
    run = simulated(city, fixed_calls((0, 4, 1), (200, 4, 1), (2000, 4, 1)), driver, agenda=plan)
    assert run.calls["hospital"].tolist() == [1, 1, 0]
    everywhere = agenda((100, DIVERSION, 0, 1), (100, DIVERSION, 1, 1))
    assert simulated(city, fixed_calls((200, 4, 1)), driver, agenda=everywhere).calls["hospital"].tolist() == [0]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((0, BEGINS, 7, 1), "unit 7 does not exist"),
        ((0, DIVERSION, 3, 1), "hospital 3 does not exist"),
        ((0, EventKind.ON_SCENE, 0, 1), "not a kind of the agenda"),
        ((np.nan, BEGINS, 0, 1), "time nan"),
        ((0, BREAK, 0, -5), "value -5"),
    ],
)
def test_an_agenda_that_cannot_be_is_refused(row: tuple[float, EventKind, int, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        simulated(row_city(), fixed_calls((0, 4, 1)), "compiled", agenda=agenda(row))
