"""Local search, on figures whose best placement is known."""

import numpy as np
import pytest

from ems_twin.errors import InputError
from ems_twin.scenario import local_search

GOAL = np.array([1, 0, 3, 2])
START = np.array([6, 0, 0, 0])
ROOM = np.full(4, 6)


def distance(units, k):
    """Moves from the goal, with luck that is the same for all placements of a replication."""
    return float(np.abs(units - GOAL).sum()) + np.random.default_rng(k).normal()


def search(**changed):
    facts = {"room": ROOM, "opinion": lambda units: -float(np.abs(units - GOAL).sum()), "max_drop": 1.0}
    return local_search(changed.pop("value", distance), changed.pop("start", START), **facts | changed)


def test_it_ends_at_the_best():
    found = search(opinion=lambda units: 1.0)
    assert found.units.tolist() == GOAL.tolist()
    assert found.why == "no move is better by more than its doubt"
    values = [found.start_value, *(step.value for step in found.steps)]
    assert np.diff(values).max() < 0
    assert len(found.steps) == 5  # no detour: common luck leaves no doubt


def test_a_good_opinion_saves_runs():
    assert search().evaluations < search(opinion=lambda units: 1.0).evaluations


def test_what_the_model_thinks_little_of_is_not_tried():
    met = []

    def value(units, k):
        met.append(units.copy())
        return distance(units, k)

    found = search(value=value, opinion=lambda units: 10.0 if units[0] >= 5 else 1.0, max_drop=0.1)
    assert all(units[0] >= 5 for units in met)
    assert found.units[0] == 5


def test_noise_is_not_taken_for_progress():
    found = search(value=lambda units, k: float(np.random.default_rng([k, *units]).normal()), opinion=lambda u: 1.0,
                   evaluations=400, replications=8)  # fmt: skip
    assert len(found.steps) <= 6  # of far more candidates, all alike


def test_the_budget_is_kept_and_the_search_repeats_itself():
    shares = []
    found = search(evaluations=23, opinion=lambda units: 1.0, progress=shares.append)
    assert found.evaluations <= 23
    assert found.why == "the budget of 23 runs is spent"
    assert 0 < shares[0] <= shares[-1] <= 1
    again = search(evaluations=23, opinion=lambda units: 1.0)
    assert again.to_dict() == found.to_dict()
    assert search(seconds=1e-9).why == "time is up"


def test_room_is_kept():
    found = search(room=np.array([6, 6, 2, 6]), opinion=lambda units: 1.0)
    assert found.units[2] == 2
    assert found.units.sum() == 6


@pytest.mark.parametrize(
    ("changed", "message"),
    [({"room": np.ones(4, int)}, "the start does not fit"), ({"replications": 1}, "field 'replications'"),
     ({"evaluations": 3}, "5 replications in 3 runs")],
)  # fmt: skip
def test_what_cannot_be_searched_is_refused(changed, message):
    with pytest.raises(InputError, match=message):
        search(**changed)
