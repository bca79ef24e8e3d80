"""Running a scenario: pairs meet the same days, what does nothing changes nothing, and what is kept is used again."""

from __future__ import annotations

import numpy as np
import pytest
from made_up_scenario import FAIR, given

from ems_twin.scenario.whatif import answer, prepare, scenario_from
from ems_twin.scenario.whatif.run_day import Runner, draw_night
from ems_twin.world.schema import UnitStatus

WINDOW = {"start": "2024-09-18T00:00", "hours": 12, "count_from": "2024-09-18T03:00"}
BUSY = {"factor": 5}


def variants(*given_variants, **fields):
    """A scenario of these variants and nothing else, ready."""
    plain = {"demand": {}, "roads": {}, "comparisons": [], "replications": 3, "window": WINDOW} | fields
    return prepare(scenario_from(given(variants=list(given_variants), **plain)))


def runs(*given_variants, **fields):
    """The first day of each variant."""
    prepared = variants(*given_variants, **fields)
    return [Runner(prepared, one).run(draw_night(prepared, one, 0)) for one in prepared.ready]


def same(one, other):
    """Whether two days are the same, array for array."""
    return all(np.array_equal(a, other.arrays()[name], equal_nan=True) for name, a in one.arrays().items())


def test_what_changes_nothing_gives_the_same_day_to_the_last_bit():
    found = answer(variants(
        {"name": "plain"},
        {"name": "ordinary", "event": False},
        {"name": "nothing", "demand": {"changes": []}, "hospitals": {"surge_beds": {"san-pablo": 0}}},
        {"name": "by one", "demand": {"changes": [{"id": "x", "kind": "factor", "factor": 1.0}]}},
        {"name": "after all", "roads": {"closures": {"closures": [{
            "id": "late", "area": [[-71.337, -29.962], [-71.333, -29.962], [-71.333, -29.958]],
            "start_date": "2024-09-18T11:59:59", "end_date": "2024-09-18T12:00:00"}]}}},
    )).days  # fmt: skip
    plain = found["", "plain"]
    for name in ("ordinary", "nothing", "by one"):
        assert all(same(a, b) for a, b in zip(plain, found["", name], strict=True)), name
    early = [
        np.array_equal(a.hour_response_s[:9], b.hour_response_s[:9])
        for a, b in zip(plain, found["", "after all"], strict=True)
    ]
    assert all(early)


def test_days_are_kept_and_an_interrupted_run_goes_on(tmp_path):
    made = given(replications=4)

    class StopError(Exception):
        pass

    def interrupt(_text, share):
        if share > 0.4:
            raise StopError

    with pytest.raises(StopError):
        answer(prepare(scenario_from(made)), out=tmp_path, threads=1, say=interrupt)
    kept = len(list(tmp_path.glob("days/*.npz")))
    assert 0 < kept < 16
    resumed = answer(prepare(scenario_from(made)), out=tmp_path, threads=2)
    whole = answer(prepare(scenario_from(made)), threads=1)
    assert resumed.reused >= kept - 1
    assert all(same(a, b) for key, days in whole.days.items() for a, b in zip(days, resumed.days[key], strict=True))


def test_a_torn_file_is_made_again(tmp_path):
    made = given(replications=2)
    answer(prepare(scenario_from(made)), out=tmp_path)
    torn = sorted(tmp_path.glob("days/*.npz"))[0]
    torn.write_bytes(torn.read_bytes()[:100])
    again = answer(prepare(scenario_from(made)), out=tmp_path)
    assert again.reused == 7


def test_only_what_changed_is_simulated_again(tmp_path):
    first = given(replications=2)
    answer(prepare(scenario_from(first)), out=tmp_path)
    changed = given(replications=3)
    changed["variants"][2]["policy"]["move"] = "expected-response"
    again = answer(prepare(scenario_from(changed)), out=tmp_path)
    assert again.reused == 2 * 3  # two days of each of the three variants that stayed


def test_extra_crews_work_in_their_shifts_only():
    crew = {
        "id": "x",
        "count": 2,
        "at": "samu-404",
        "shifts": [{"start": "2024-09-18T04:00", "end": "2024-09-18T08:00"}],
    }
    base, more = runs({"name": "a"}, {"name": "b", "resources": {"crews": [crew]}}, demand=BUSY)
    n = len(base.units)
    assert len(more.units) == n + 2
    on_duty = more.duration_s - more.units["status_s"][n:, UnitStatus.OFF_DUTY] + (more.end_s - more.duration_s)
    assert ((on_duty >= 4 * 3600 - 1) & (on_duty < 7 * 3600)).all()
    sent = more.calls["t_notified"][more.calls["unit"] >= n]
    assert len(sent) > 0
    assert ((sent >= 4 * 3600) & (sent < 8 * 3600)).all()


def test_units_that_cannot_carry_never_do():
    crew = {"id": "bikes", "count": 3, "at": "samu-404", "kind": "bike"}
    _, more = runs({"name": "a"}, {"name": "b", "resources": {"crews": [crew]}}, demand=BUSY)
    n = len(more.units) - 3
    assert more.units["n_calls"][n:].sum() > 0
    assert more.units["n_transports"][n:].sum() == 0


def test_withdrawn_units_take_no_calls():
    gone = {"count": 4, "start": "2024-09-18T00:00", "end": "2024-09-18T12:00"}
    base, fewer = runs({"name": "a"}, {"name": "b", "resources": {"withdrawn": [gone]}})
    working = (fewer.units["n_calls"] > 0).sum()
    assert working <= len(base.units) - 4
    assert fewer.units["status_s"][:, UnitStatus.OUT_OF_SERVICE].astype(bool).sum() == 4


def test_a_hospital_that_diverts_gets_no_patient():
    shut = {"hospital": "san-pablo", "start": "2024-09-18T02:00", "end": "2024-09-18T12:00"}
    base, shut_run = runs({"name": "a"}, {"name": "b", "hospitals": {"diversions": [shut]}})

    def arrivals(run):
        calls = run.calls[run.calls["hospital"] == 1]
        return ((calls["t_left_scene"] > 2 * 3600) & (calls["t_left_scene"] < 12 * 3600)).sum()

    assert arrivals(base) > 0
    assert arrivals(shut_run) == 0


def test_extra_bays_bring_no_extra_walk_ins_and_shorter_waits():
    crowded = {"bays_count": True, "occupancy": 0.97}
    base, more = runs(
        {"name": "a", "hospitals": crowded},
        {"name": "b", "hospitals": crowded | {"surge_beds": {"san-pablo": 15, "san-juan-de-dios": 15}}},
    )
    assert np.array_equal(base.world.walk_ins["t_arrival"], more.world.walk_ins["t_arrival"])
    waits = [np.nanmean(run.world.walk_ins["t_bay"] - run.world.walk_ins["t_arrival"]) for run in (base, more)]
    assert waits[1] < waits[0]


def test_relocation_goes_where_the_forecast_says_and_is_counted():
    surge = {"id": "fair", "kind": "surge", "calls": 60, "place": FAIR}
    found = answer(variants(
        {"name": "still"},
        {"name": "moved", "policy": {"move": "best-move", "knows": {"of": "event"}}},
        demand={"changes": [surge]},
    )).days  # fmt: skip
    assert all(len(day.moves) == 0 for day in found["", "still"])
    moves = np.concatenate([day.moves for day in found["", "moved"]])
    assert len(moves) > 0
    assert (moves[:, 1] != moves[:, 2]).all()


def test_a_day_adds_up():
    found = answer(variants({"name": "a", "hospitals": {"bays_count": True}})).days["", "a"]
    for day in found:
        assert day.zone_calls.sum() == day.near_calls.sum() == day.cell_calls.sum()
        assert day.zone_response_s.sum() == pytest.approx(day.cell_response_s.sum())
        assert day.zone_response_s.sum() / day.zone_calls.sum() == pytest.approx(day.value("response_s"))
        assert day.hour_calls[3:].sum() == day.zone_calls.sum()
        assert (day.hour_busy_s <= day.hour_duty_s + 1e-6).all()
        assert (day.standing_s.sum(axis=1) <= day.hour_duty_s + 1e-6).all()
        assert day.room_bays_s.max() <= 3600 * 21 + 1e-6


def test_a_searched_placement_bases_the_same_fleet_and_is_kept(tmp_path):
    made = {"name": "a", "resources": {"placement": "event", "street_posts": 3}}
    found = answer(variants(made, search_runs=60, replications=2), out=tmp_path)
    placed = found.placements["", "a"]
    assert placed.sum() == 8
    assert len(placed) == 7
    again = answer(variants(made, search_runs=60, replications=2), out=tmp_path)
    assert np.array_equal(again.placements["", "a"], placed)
    assert again.reused == 2


def test_rollout_serves_every_call_and_looks_at_futures():
    from ems_twin.scenario.whatif import rolling

    asked = []
    original = rolling._Advised._tried

    def watched(self, own, now):
        asked.append(now)
        return original(self, own, now)

    surge = {"id": "fair", "kind": "surge", "calls": 40, "place": FAIR}
    policy = {"move": "best-move", "knows": {"of": "event"},
              "rollout": {"futures": 10, "every_min": 60, "candidates": 3, "horizon_min": 30}}  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rolling._Advised, "_tried", watched)
        still, rolled = runs({"name": "a"}, {"name": "d", "policy": policy}, demand={"changes": [surge]})
    assert len(asked) >= 3
    assert min(asked) >= 3 * 3600
    assert len(rolled.calls) == len(still.calls)
    assert np.array_equal(rolled.calls["t_received"], still.calls["t_received"])
    assert np.isfinite(rolled.calls["t_ended"]).all()
