"""The cover bound: no placement and no redeployment that is simulated is in time more often."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from ems_twin.demand import demand_points
from ems_twin.errors import InputError
from ems_twin.scenario import cover_bound
from ems_twin.simulation import response_s
from ems_twin.world import Rules
from ems_twin.world.schema import AVAILABLE

REPLICATIONS = range(10, 14)


@pytest.fixture(scope="module")
def bound(trial, city, demand):
    return cover_bound(trial, demand_points(demand, city), 6, REPLICATIONS)


@pytest.mark.parametrize("units", [(2, 2, 2), (1, 1, 4), (6, 0, 0), (1, 2, 3)])
def test_no_placement_is_in_time_more_often(trial, bound, units):
    on_time = np.mean([1 - trial.figures(np.array(units), k).late_share for k in REPLICATIONS])
    assert on_time <= bound.on_time.mean
    assert bound.gap(on_time, on_time) == pytest.approx(1.0)


def test_fewer_units_are_bounded_lower(trial, bound, city, demand):
    few = cover_bound(trial, demand_points(demand, city), 2, REPLICATIONS)
    assert few.on_time.mean < bound.on_time.mean
    assert (np.diff(bound.cover_by_idle[1:]) >= -1e-9).all()
    assert bound.idle_share.sum() == pytest.approx(1.0)
    assert bound.gap(bound.on_time.mean, 0.5) == 0.0
    assert np.isnan(bound.gap(0.9, bound.on_time.mean))


def test_never_are_more_units_idle_than_reckoned(trial):
    """Path by path: when a unit is chosen, at least the calls whose least time is not over keep theirs."""
    from ems_twin.scenario.cover_bound import _most_idle

    run = trial.run(np.array([2, 1, 1]), 3, keep_trace=True)
    reckoned = _most_idle(trial, trial.calls(3), 4)
    trace = run.trace[run.trace["unit"] >= 0]
    for c, call in enumerate(run.calls):
        chosen = call["t_received"] + call["dispatch_delay_s"]
        state = run.units["start_status"].copy()
        before = trace[trace["time"] < chosen]
        state[before["unit"]] = before["status"]
        assert np.isin(state, [int(s) for s in AVAILABLE]).sum() <= reckoned[c]


@pytest.mark.parametrize("rules", [{"soon_free": True}, {"reassign_gain_s": 60.0}, {"count_bays": True}])
def test_rules_under_which_it_does_not_hold_are_refused(trial, city, demand, rules):
    other = SimpleNamespace(**vars(trial) | {"rules": replace(Rules(), **rules)})
    with pytest.raises(InputError, match="field 'rules'"):
        cover_bound(other, demand_points(demand, city), 6, REPLICATIONS)


def test_a_trial_counts_what_it_says(trial):
    units = np.array([2, 2, 2])
    found = trial.figures(units, 0)
    calls = trial.run(units, 0).calls
    used = calls[calls["t_received"] >= trial.warm_up_s]
    response = response_s(used)
    assert found.mean_s == pytest.approx(response.mean())
    targets = np.array(trial.city.target_s)[np.minimum(used["priority"], len(trial.city.target_s)) - 1]
    assert found.late_share == pytest.approx((response > targets).mean())
    assert trial.calls(0) is trial.calls(0)
