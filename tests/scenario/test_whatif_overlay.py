"""Changes of a day's demand: what they add, where and when, and that they leave all other calls alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from made_up_scenario import FAIR, given

from ems_twin.city.projection import project
from ems_twin.scenario.whatif import prepare, scenario_from
from ems_twin.scenario.whatif.changes import Place, Runners
from ems_twin.scenario.whatif.knowledge import rate_by_hour
from ems_twin.scenario.whatif.places import nodes_of, runner_weights
from ems_twin.scenario.whatif.run_day import draw_night
from ems_twin.scenario.whatif.spec import Knowledge

NOON = "2024-09-18T12:00"
COURSE = [[-71.337, -29.962], [-71.333, -29.958], [-71.3300, -29.9530]]


def ready_with(*changes, **fields):
    """A scenario with these changes and one variant, ready."""
    window = {"start": "2024-09-18T00:00", "hours": 24}
    made = given(
        demand={"changes": list(changes)}, roads={}, variants=[{"name": "one"}], comparisons=[], window=window, **fields
    )
    prepared = prepare(scenario_from(made))
    return prepared, prepared.of("", "one")


@pytest.fixture(scope="module")
def plain():
    return ready_with()


def calls_of(pair, k=0):
    return draw_night(*pair, k).calls


def surge(**fields):
    return {"id": "fair", "kind": "surge", "calls": 40, "place": FAIR} | fields


def is_part_of(few, many):
    """Whether every row of one array of calls is one of the other, in all fields."""
    return set(few.tolist()) <= set(many.tolist())


def test_ordinary_calls_are_the_same_with_a_change_and_without(plain):
    for change in (
        surge(),
        {"id": "crowd", "kind": "crowd", "place": FAIR, "people": 40_000},
        {"id": "crash", "kind": "mass-casualty", "lon": -71.335, "lat": -29.96, "at": NOON, "patients": 25},
        {"id": "more", "kind": "factor", "factor": 1.5},
    ):
        usual, changed = calls_of(plain), calls_of(ready_with(change))
        assert is_part_of(usual, changed)
        assert len(changed) > len(usual)
        assert (np.diff(changed["t_received"]) >= 0).all()


def test_a_change_keeps_its_luck_beside_others():
    alone, beside = (
        calls_of(ready_with(surge())),
        calls_of(ready_with({"id": "x", "kind": "factor", "factor": 2}, surge())),
    )
    assert is_part_of(alone, beside)


def test_a_factor_below_one_takes_calls_away_and_adds_none(plain):
    usual, fewer, fewest = (
        calls_of(p, 3)
        for p in (plain, *(ready_with({"id": "less", "kind": "factor", "factor": f}) for f in (0.7, 0.3)))
    )
    assert is_part_of(fewer, usual)
    assert is_part_of(fewest, fewer)
    assert len(usual) > len(fewer) > len(fewest) > 0


@pytest.mark.parametrize("profile", ["usual", "even", [[0, 0], [2, 1], [4, 0]]])
def test_a_surge_brings_as_many_calls_as_it_says_where_and_when_it_says(profile, plain):
    pair = ready_with(surge(start="2024-09-18T10:00", end="2024-09-18T14:00", profile=profile))
    usual = set(np.concatenate([calls_of(plain, k) for k in range(40)]).tolist())
    extra = np.array([row for k in range(40) for row in calls_of(pair, k) if row.item() not in usual])
    assert abs(len(extra) - 40 * 40) < 4 * np.sqrt(40 * 40)
    assert (extra["t_received"] >= 10 * 3600).all()
    assert (extra["t_received"] < 14 * 3600).all()
    roads = pair[0].city.roads
    x, y = project(roads, FAIR["lon"], FAIR["lat"])
    assert np.hypot(roads.x[extra["node"]] - x, roads.y[extra["node"]] - y).max() <= FAIR["radius_m"]
    if isinstance(profile, list):  # most in the two hours in the middle: a triangle has three quarters there
        middle = np.abs(extra["t_received"] / 3600 - 12) < 1
        assert middle.mean() == pytest.approx(0.75, abs=0.05)


def test_a_share_of_the_city_is_of_its_calls_in_that_time(plain):
    prepared, one = ready_with(surge(calls=None, city_share=0.4, start=NOON) | {"calls": None})
    usual = rate_by_hour(plain[1].overlay, plain[0].city, plain[0].demand, plain[0].clock, 1.0, Knowledge())
    assert one.overlay.expected_calls(0, 86_400) == pytest.approx(0.4 * usual[12:].sum(), rel=1e-9)
    assert one.overlay.expected_calls(0, 12 * 3600) == 0
    told = rate_by_hour(one.overlay, prepared.city, one.demand, prepared.clock, 1.0, Knowledge(of="event"))
    assert told.sum() == pytest.approx(usual.sum() + 0.4 * usual[12:].sum(), rel=1e-9)


def test_a_doubtful_surge_has_the_same_mean_and_a_wider_spread():
    sure, doubtful = ([len(calls_of(ready_with(surge(calls=60, doubt=d)), k)) for k in range(60)] for d in (0.0, 0.6))
    assert np.std(doubtful) > 1.5 * np.std(sure)
    assert abs(np.mean(doubtful) - np.mean(sure)) < 4 * np.std(doubtful) / np.sqrt(60)


def test_runners_pass_the_first_kilometres_before_the_last(plain):
    city, weight = plain[0].city, np.ones(plain[0].city.roads.n_nodes)
    nodes = nodes_of(Place(line=COURSE, radius_m=300), city, weight)
    runners = Runners(start=NOON, waves=2, wave_gap_min=10, pace_min_per_km=6.0, before_km=10.0)
    middle_s = 60.0 * np.arange(0, 240, 5)
    weights = runner_weights(runners, 0.0, nodes, middle_s)
    mean_km = np.array([np.average(nodes.km, weights=row) if row.sum() > 0 else np.nan for row in weights])
    passing = weights.sum(axis=1) > 0.05 * weights.sum(axis=1).max()
    assert weights[middle_s < 20 * 60].sum() < 1e-6 * weights.sum()  # nobody runs ten kilometres in twenty minutes
    assert np.diff(mean_km[passing]).min() > -0.05
    # the first is there after about 10 km x 6 min, the last wave ten minutes later
    assert 55 <= middle_s[weights.sum(axis=1).argmax()] / 60 <= 85


def test_a_crowd_brings_as_many_calls_as_its_rates_say(plain):
    rates = {"presentations_per_1000": [10, 10], "transports_per_1000": [1, 1]}
    crowd = {"id": "c", "kind": "crowd", "place": FAIR, "people": 20_000, "call_share": 0.25} | rates
    aid = {"first_aid": [{"id": "tent", "lon": FAIR["lon"], "lat": FAIR["lat"], "radius_m": 2000, "treats_share": 0.8}]}
    # 200 patients, 20 for hospital; of the other 180 somebody calls for a quarter, or with a tent for a twentieth
    for resources, calls in (({}, 20 + 45), (aid, 20 + 9)):
        pair = ready_with(crowd, resources=resources)
        extra = [draw_night(*pair, k).calls for k in range(30)]
        more = sum(map(len, extra)) - sum(len(calls_of(plain, k)) for k in range(30))
        assert abs(more / 30 - calls) < 4 * np.sqrt(calls / 30)
        assert pair[1].overlay.expected_calls(0, 86_400) == pytest.approx(calls, rel=1e-6)


def test_rates_of_a_crowd_are_drawn_anew_in_each_replication():
    pair = ready_with({"id": "c", "kind": "crowd", "place": FAIR, "people": 300_000, "event": "marathon"})
    counts = np.array([len(calls_of(pair, k)) for k in range(20)])
    assert counts.std() > 3 * np.sqrt(counts.mean())


def test_a_mass_casualty_incident_has_all_its_patients_in_its_time(plain):
    crash = {"id": "crash", "kind": "mass-casualty", "lon": -71.335, "lat": -29.96, "at": NOON, "patients": 33,
             "within_min": 15}  # fmt: skip
    extra = np.sort(calls_of(ready_with(crash))["t_received"])
    usual = calls_of(plain)["t_received"]
    new = extra[~np.isin(extra, usual)]
    assert len(new) == 33
    assert new.min() >= 12 * 3600
    assert new.max() < 12 * 3600 + 15 * 60


def test_what_a_forecast_misses_it_expects_as_usual_and_late_is_late():
    prepared, one = ready_with(surge(start=NOON, end="2024-09-18T14:00", profile="even"))

    def told(**known):
        return rate_by_hour(one.overlay, prepared.city, one.demand, prepared.clock, 1.0, Knowledge(of="event", **known))

    usual = rate_by_hour(one.overlay, prepared.city, one.demand, prepared.clock, 1.0, Knowledge())
    node = one.overlay.placed[0].mean.node
    good, half, late = told(), told(found=0.5), told(late_min=120)
    assert good.sum() == pytest.approx(half.sum())
    assert (good - usual)[12:14][:, node].sum() == pytest.approx(40)
    assert (half - usual)[12:14][:, node].sum() == pytest.approx(20, rel=0.2)
    assert (late - usual)[14:16].sum() == pytest.approx(40)
    assert (late - usual)[12:14].sum() == pytest.approx(0)
    roads = prepared.city.roads
    apart = told(apart_m=1000) - usual
    centre = (roads.x @ apart[12] / apart[12].sum(), roads.y @ apart[12] / apart[12].sum())
    there = (roads.x @ (good - usual)[12] / 20, roads.y @ (good - usual)[12] / 20)
    assert np.hypot(centre[0] - there[0], centre[1] - there[1]) == pytest.approx(1000, rel=0.35)


CHANGES = st.one_of(
    st.fixed_dictionaries({"kind": st.just("factor"), "factor": st.floats(0.1, 3)}),
    st.fixed_dictionaries({"kind": st.just("surge"), "calls": st.floats(1, 60), "place": st.just(FAIR),
                           "profile": st.sampled_from(["usual", "even"])}),
    st.fixed_dictionaries({"kind": st.just("crowd"), "people": st.integers(100, 100_000), "place": st.just(FAIR)}),
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@drawn(st.lists(CHANGES, max_size=4), st.integers(0, 5))
def test_whatever_changes_calls_stay_in_the_window_in_order_and_known(plain, changes, k):
    named = [change | {"id": f"change {i}"} for i, change in enumerate(changes)]
    calls, usual = calls_of(ready_with(*named), k), calls_of(plain, k)
    assert ((calls["t_received"] >= 0) & (calls["t_received"] < 86_400)).all()
    assert (np.diff(calls["t_received"]) >= 0).all()
    if not any(change["kind"] == "factor" and change["factor"] < 1 for change in named):
        assert is_part_of(usual, calls)
