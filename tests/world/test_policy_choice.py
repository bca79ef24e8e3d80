"""A policy by its name: defaults, parameters and files, and the tables that come of them for a city."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from ems_twin.city.sample import grid_city
from ems_twin.demand import defaults_for, demand_points, node_weights
from ems_twin.errors import InputError
from ems_twin.faults import ModelError
from ems_twin.routing import ORDINARY, SIRENS, Router
from ems_twin.world import POLICY_NAMES, Objective, PolicyChoice, StationPolicy, hourly_forecast, plan_stationing

CITY = grid_city(6, 8, stations=((0, 0), (5, 7)), hospitals=((3, 3),))
ROUTER, DEMAND = Router(CITY.roads), defaults_for(CITY)


def test_each_name_has_its_tables() -> None:
    points = demand_points(DEMAND, CITY)
    plans = {name: plan_stationing(CITY, ROUTER, DEMAND, name, cover_s=60.0) for name in POLICY_NAMES}
    nodes = [station.node for station in CITY.stations]
    for plan in plans.values():
        assert plan.objective is not None
        np.testing.assert_allclose(plan.objective.weight[0, 0], points.weight)
    best, kept = (
        StationPolicy.BEST_STATION,
        (StationPolicy.PRIORITY_LIST, StationPolicy.COMP_TABLE, StationPolicy.ZHANG),
    )
    assert [plans[name].policy for name in POLICY_NAMES] == [StationPolicy.HOME, best, best, best, *kept]
    assert [name for name in POLICY_NAMES if plans[name].moves is not None] == ["best-move"]
    assert plans["dmexclp"].travel_discount_per_min == 0.0
    for metric in (SIRENS, ORDINARY):
        drive_s = ROUTER.matrix_s(nodes, points.node, metric=metric).T
        response, coverage = (plans[name].objective for name in ("best-move", "dmexclp"))
        assert response is not None
        assert coverage is not None
        np.testing.assert_allclose(response.penalty[metric, 0], drive_s, rtol=1e-6)
        np.testing.assert_array_equal(coverage.penalty[metric, 0], drive_s > 60.0)
    assert 0 < plans["dmexclp"].objective.penalty[SIRENS].mean() < 1


def test_the_s_curve_counts_half_at_the_cover_time_and_more_beyond() -> None:
    steep, flat = (
        plan_stationing(CITY, ROUTER, DEMAND, "best-move", objective="s-curve", cover_s=60.0, s_curve_per_min=beta)
        for beta in (1e3, 2.0)
    )
    points = demand_points(DEMAND, CITY)
    drive_s = ROUTER.matrix_s([station.node for station in CITY.stations], points.node, metric=SIRENS).T
    off = np.abs(drive_s - 60.0) > 1.0
    np.testing.assert_allclose(steep.objective.penalty[SIRENS, 0][off], (drive_s > 60.0)[off], atol=1e-6)
    np.testing.assert_allclose(flat.objective.penalty[SIRENS, 0], 1 / (1 + np.exp(2 - drive_s / 30)), atol=1e-6)


@pytest.mark.parametrize("objective", ["response", "coverage"])
def test_orders_of_stations_are_the_greedy_ones_and_say_how_many_units_they_reach(objective: str) -> None:
    plans = {
        name: PolicyChoice.named(name, objective=objective, cover_s=60.0).stationing(CITY, ROUTER, DEMAND, units=44)
        for name in ("priority-list", "compliance", "zhang")
    }
    order = plans["priority-list"].priority_list
    assert len(order) == 44
    target = plans["zhang"].objective
    worth = [unpreparedness(target, order[:k]) for k in range(45)]
    for k in range(5):  # no other station would have been a better next one
        others = [unpreparedness(target, np.append(order[:k], s)) for s in range(2)]
        assert worth[k + 1] == pytest.approx(min(others))
    table = plans["compliance"].comp_table
    np.testing.assert_array_equal(table.sum(axis=1), np.arange(1, 45))
    np.testing.assert_array_equal(table[9], np.bincount(order[:10], minlength=2))
    slots = plans["zhang"].slot_benefit
    assert np.nansum(slots) == pytest.approx(worth[0] - worth[44])


def unpreparedness(objective: Objective, station: np.ndarray) -> float:
    """The objective's formula, written out."""
    q, f = float(np.ravel(objective.busy_share)[0]), np.sort(objective.penalty[SIRENS, 0][:, station], axis=1)
    takes = (1 - q) * q ** np.arange(len(station))
    each = f @ takes + q ** len(station) * objective.nobody
    return float(objective.weight[0, 0] @ each)


def test_the_cover_time_is_the_target_less_what_comes_before_the_drive() -> None:
    before_s = DEMAND.dispatch_delay[0].mean_s + DEMAND.turnout[0].mean_s
    by_default, given = (
        plan_stationing(CITY, ROUTER, DEMAND, "dmexclp", **facts)
        for facts in ({}, {"cover_s": CITY.target_s[0] - before_s})
    )
    np.testing.assert_array_equal(by_default.objective.penalty, given.objective.penalty)


def test_a_forecast_gives_each_hour_its_weights() -> None:
    rng = np.random.default_rng(1)
    node_weight = rng.random((168, CITY.roads.n_nodes))
    start = datetime(2024, 5, 6, 22, 30, tzinfo=UTC)
    forecast = hourly_forecast(CITY, node_weight, start=start, duration_s=3 * 3600.0)
    assert forecast.from_s.tolist() == [0.0, 1800.0, 5400.0, 9000.0]
    assert np.diff(forecast.set_row).tolist() == [1, 1, 1]
    plan = plan_stationing(CITY, ROUTER, DEMAND, "best-move", forecast=forecast, most_points=20)
    points = demand_points(DEMAND, CITY, most=20)
    hour = int(forecast.set_row[2])
    expected = [node_weight[hour, points.point_of_node == i].sum() for i in range(len(points.node))]
    np.testing.assert_allclose(plan.objective.weight[hour, 0], np.array(expected) / sum(expected))
    with pytest.raises(InputError, match=r"not \(168, 48\)"):
        hourly_forecast(CITY, node_weight[:24], start=start, duration_s=10.0)


def test_points_gather_all_demand_near_where_it_is() -> None:
    weight = node_weights(DEMAND)
    for most in (1, 5, 20, 1000):
        points = demand_points(DEMAND, CITY, most=most)
        assert 1 <= len(points.node) <= most
        assert points.weight.sum() == pytest.approx(1.0)
        np.testing.assert_allclose(points.weigh(weight), points.weight)
        inside = points.point_of_node >= 0
        assert inside[weight > 0].all()
        roads, of = CITY.roads, points.node[points.point_of_node[inside]]
        off_m = np.hypot(roads.x[inside] - roads.x[of], roads.y[inside] - roads.y[of])
        assert off_m.max() <= 2.0 * points.grid.edge_m + 1.0
    with pytest.raises(InputError, match="at most 0 points"):
        demand_points(DEMAND, CITY, most=0)
    with pytest.raises(InputError, match=r"not \(\.\.\., 48\)"):
        points.weigh(np.ones(7))


def test_a_file_chooses_a_policy(tmp_path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('policy = "best-move"\nobjective = "coverage"\nmost_moves = 2\nrest_s = 60\nafter_freed = true\n')
    choice = PolicyChoice.from_toml(file)
    assert choice == PolicyChoice.named("best-move", objective="coverage", most_moves=2, rest_s=60, after_freed=True)
    moves = choice.stationing(CITY, ROUTER, DEMAND).moves
    assert moves is not None
    assert (moves.most_moves, moves.rest_s, moves.after_freed, moves.least_gain) == (2, 60, True, 0.005)
    file.write_text('policy = "dmexclp"\n')
    assert PolicyChoice.from_toml(file) == PolicyChoice.named("dmexclp")


def test_the_example_names_every_parameter() -> None:
    file = Path(__file__).parents[2] / "experiments" / "policies" / "best_move.toml"
    assert PolicyChoice.from_toml(file).policy == "best-move"
    assert set(tomllib.loads(file.read_text("utf-8"))) == {field.name for field in fields(PolicyChoice)}


def test_all_faults_of_a_choice_are_one_error(tmp_path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(
        'polcy = "home"\nmost_moves = 1.5\nrest_s = -1\nbusy_share = 1.0\nobjective = "speed"\nafter_freed = 1\n'
    )
    with pytest.raises(ModelError) as caught:
        PolicyChoice.from_toml(file)
    assert {fault.field for fault in caught.value.faults} == {
        "polcy", "most_moves", "rest_s", "busy_share", "objective", "after_freed",
    }  # fmt: skip
    assert all(fault.file == str(file) and fault.remedy for fault in caught.value.faults)
    with pytest.raises(InputError, match=r"'nobody'.*There are home, dmexclp, expected-response, best-move"):
        PolicyChoice.named("nobody")
    with pytest.raises(InputError, match="no policy that can be read"):
        PolicyChoice.from_toml(tmp_path / "none.toml")
