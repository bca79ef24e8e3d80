from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from ed_rooms import made_up

from ems_twin.demand.ed_load import repair_labels, stretchers_of
from ems_twin.demand.ed_load.stretchers import shares_of_values, whole_stretchers
from ems_twin.errors import InputError

SIZES = (14, 15, 16, 22, 23, 31, 38, 46)
MEASURES = ("occupancy", "present", "waiting")


def mixed(history, row, column):
    """Columns from ``row`` on: room i moves to column[i]."""
    tables = {name: getattr(history, name).copy() for name in MEASURES}
    for table in tables.values():
        table[row:, column] = table[row:].copy()
    return replace(history, **tables)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_columns_that_changed_owner_twice_are_put_back(seed):
    truth = made_up(120, seed=seed, stretchers=SIZES)
    random = np.random.default_rng(seed)
    first, second = random.permutation(8), random.permutation(8)
    published = mixed(mixed(truth, 1000, first), 2000, second)
    repaired, found = repair_labels(published, [truth.time(999), truth.time(1999)])
    np.testing.assert_array_equal(found[0].column, first)
    np.testing.assert_array_equal(found[1].column, second)
    assert found[0].moved == (first != np.arange(8)).sum()
    assert found[0].gain > 0
    assert (found[0].margin >= 0).all()
    for name in MEASURES:  # labels are those of the end
        np.testing.assert_array_equal(getattr(repaired, name)[:, second[first]], getattr(truth, name))


def test_columns_that_stayed_are_left_alone():
    truth = made_up(80, stretchers=SIZES)
    repaired, (found,) = repair_labels(truth, [truth.time(900)])
    assert found.moved == 0
    assert found.gain == 0
    np.testing.assert_array_equal(repaired.occupancy, truth.occupancy)


def test_a_column_without_figures_does_not_stop_the_others():
    truth = made_up(80, stretchers=SIZES)
    column = np.array([1, 0, 2, 3, 4, 6, 5, 7])
    published = mixed(truth, 900, column)
    tables = {name: getattr(published, name).copy() for name in MEASURES}
    for table in tables.values():
        table[:, 3] = np.nan
    _, (found,) = repair_labels(replace(published, **tables), [truth.time(899)])
    np.testing.assert_array_equal(found.column, column)


def test_changes_near_the_ends_are_refused():
    truth = made_up(10)
    with pytest.raises(InputError, match="hours before"):
        repair_labels(truth, [truth.time(5)])
    with pytest.raises(InputError, match="not within"):
        repair_labels(truth, [truth.time(5000)])


def test_stretchers_are_counted_from_percentages():
    history = made_up(60, stretchers=SIZES)
    np.testing.assert_array_equal(stretchers_of(history.occupancy), SIZES)
    assert np.isnan(stretchers_of(np.random.default_rng(1).uniform(0, 200, (500, 1)))).all()
    assert np.isnan(stretchers_of(history.occupancy[:20])).all()


def test_rounding_takes_the_nearest_that_a_room_can_show():
    rounded = whole_stretchers(np.array([[10.0, 10.0], [22.0, 22.3]]), np.array([14.0, np.nan]))
    assert rounded.tolist() == [[7, 10.0], [21, 22.3]]


def test_shares_of_values_sum_to_one():
    shares = shares_of_values(np.array([[7.0, np.nan], [7.0, np.nan], [14.0, np.nan], [900.0, np.nan]]))
    assert shares[0, [7, 14, 600]].tolist() == [0.5, 0.25, 0.25]
    assert shares[1].sum() == 0
