"""Bursts and known events."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ems_twin.demand.forecast.events import KnownEvent, KnownEvents, crowd_multiplier, learnt, near, with_events
from ems_twin.demand.forecast.hour_of_week import HourOfWeek
from ems_twin.demand.forecast.self_exciting import SelfExciting
from ems_twin.demand.forecast.split import VolumeDensity
from ems_twin.errors import InputError

from .conftest import WEEK_S, drawn, grid, true_rates

HOUR_S = 3600.0


def with_children(record, theta: float, omega: float, seed: int):
    """The record with calls that bring others in their cell, and those others in turn."""
    rng = np.random.default_rng(seed)
    time_s, cell = record.time_s, record.cell
    parents = time_s, cell
    while len(parents[0]):
        n = rng.poisson(theta, len(parents[0]))
        born = np.repeat(parents[0], n) + rng.exponential(1 / omega, n.sum())
        keep = born < record.until_s
        parents = born[keep], np.repeat(parents[1], n)[keep]
        time_s, cell = np.concatenate([time_s, parents[0]]), np.concatenate([cell, parents[1]])
    order = np.argsort(time_s)
    return replace(record, time_s=time_s[order], cell=cell[order])


@pytest.fixture(scope="module")
def quiet():
    cells = grid(3)
    return drawn(cells, true_rates(cells, 3.0), 16, seed=11)


def test_bursts_are_found_where_they_are(quiet):
    model = SelfExciting(HourOfWeek(), width_m=50.0)
    model.fit(with_children(quiet, 0.3, 1 / 1800.0, seed=1))
    assert model.theta == pytest.approx(0.3, abs=0.05)
    assert 1 / model.omega == pytest.approx(1800, rel=0.2)
    assert model.kappa == pytest.approx(0.7, abs=0.05)
    assert model.p_value < 1e-6
    assert model.use


def test_and_not_where_there_are_none(quiet):
    model = SelfExciting(HourOfWeek(), width_m=50.0)
    model.fit(quiet)
    assert model.theta < 0.03
    assert not model.use
    np.testing.assert_array_equal(model.predict(quiet.until_s, 24).mean, model.base.predict(quiet.until_s, 24).mean)


def test_a_burst_raises_the_next_hours_near_it(quiet):
    record = with_children(quiet, 0.3, 1 / 1800.0, seed=1)
    model = SelfExciting(HourOfWeek(), width_m=50.0)
    model.fit(record)
    before = model.predict(record.until_s, 6).mean
    at = record.until_s + 60.0
    burst = replace(
        record, time_s=np.full(20, at), cell=np.full(20, 4, np.int32), since_s=record.until_s, until_s=at + 1
    )
    model.update(burst)
    more = model.predict(record.until_s, 6).mean - before
    # a call a minute into the hour has brought all but exp(-59/30) of its children by its end
    assert more[4, 0] == pytest.approx(20 * model.theta * (1 - np.exp(-model.omega * 3539)), abs=0.5)
    assert more[4].sum() == pytest.approx(20 * model.theta, abs=0.6)
    assert np.abs(np.delete(more, 4, 0)).max() < 0.1
    assert more[4, 5] < 0.05


def event_of(calls, multiplier=1.4, doubt=0.2, hours=6.0, **changes):
    start = calls.until_s + 10 * HOUR_S
    given = {
        "name": "marathon",
        "start_s": start,
        "end_s": start + hours * HOUR_S,
        "cells": np.array([2, 5]),
        "multiplier": multiplier,
        "doubt": doubt,
    }
    return KnownEvent(**{**given, **changes})


def test_an_event_multiplies_its_cells_and_hours_and_brings_its_doubt(quiet):
    model = HourOfWeek()
    model.fit(quiet)
    plain = replace(model.predict(quiet.until_s, 24), dispersion=np.array(0.1))
    event = event_of(quiet, end_s=quiet.until_s + 12.5 * HOUR_S)
    changed = with_events(plain, [event])
    factor = np.ones_like(plain.mean)
    factor[[2, 5], 9:14] = [1, 1.4, 1.4, 1.2, 1]
    np.testing.assert_allclose(changed.mean, factor * plain.mean)
    np.testing.assert_allclose(changed.dispersion[[0, 2], 10], [0.1, 1.1 * np.exp(0.2**2) - 1])
    np.testing.assert_allclose(changed.dispersion[2, 9], 0.1)


def test_the_law_of_an_event_is_that_of_drawn_multipliers(quiet):
    model = HourOfWeek()
    model.fit(quiet)
    plain = replace(model.predict(quiet.until_s, 24), dispersion=np.array(0.0))
    event = event_of(quiet, multiplier=3.0, doubt=0.5)
    changed = with_events(plain, [event, replace(event, multiplier=0.8, doubt=0.1)])
    rng = np.random.default_rng(1)
    draws = 400_000
    factor = np.exp(rng.normal(np.log(3) - 0.125, 0.5, draws) + rng.normal(np.log(0.8) - 0.005, 0.1, draws))
    y = rng.poisson(plain.mean[2, 11] * factor)
    mean, alpha = changed.mean[2, 11], changed.dispersion[2, 11]
    assert y.mean() == pytest.approx(mean, rel=0.01)
    assert y.var() == pytest.approx(mean + alpha * mean**2, rel=0.03)


def test_events_add_their_doubt_to_sums_of_hours(quiet):
    model = VolumeDensity()
    model.fit(quiet)
    plain = model.predict(quiet.until_s, 168)
    event = event_of(quiet, hours=20.0)
    whole, changed = plain.summed(24), with_events(plain, [event]).summed(24)
    ordinary, wider = (said.dispersion * said.mean**2 for said in (whole, changed))
    assert np.all(wider >= ordinary - 1e-12)
    row = np.array([2, 5])
    day = (changed.mean - whole.mean)[2].argmax()
    assert np.all(wider[row, day] > ordinary[row, day] + 0.5 * (0.3 * (changed.mean - whole.mean)[row, day]) ** 2)


def test_a_multiplier_is_learnt_from_the_calls(quiet):
    event = event_of(quiet, multiplier=1.4, doubt=0.3)
    same = learnt(event, 0.0, 0.0)
    assert (same.multiplier, same.doubt) == (1.4, 0.3)
    after = learnt(event, 300.0, 100.0)
    assert after.multiplier == pytest.approx(3.0, abs=0.2)
    assert after.doubt < 0.08
    a = 1 / np.expm1(0.09)
    assert after.multiplier == pytest.approx((a + 300) / (a / 1.4 + 100))


def test_a_surge_is_recovered_in_volume_and_place_and_the_ordinary_day_stays():
    cells = grid(4)
    rates = true_rates(cells, 30.0)
    record = drawn(cells, rates, 30, seed=12)
    split = record.since_s + 29 * WEEK_S
    known, coming = record.between(record.since_s, split), record.between(split, record.until_s)
    event = event_of(known, multiplier=1.5, doubt=0.3, hours=8.0)
    rng = np.random.default_rng(5)
    due = rates[event.cells][:, 10:18].sum()
    n = rng.poisson(due)  # the truth is twice the ordinary calls
    extra = event.start_s + rng.uniform(0, 8 * HOUR_S, n)
    time_s = np.concatenate([coming.time_s, extra])
    cell = np.concatenate([coming.cell, rng.choice(event.cells, n).astype(np.int32)])
    order = np.argsort(time_s)
    live = replace(coming, time_s=time_s[order], cell=cell[order])
    model = KnownEvents(VolumeDensity(), [event])
    model.fit(known)
    ordinary = VolumeDensity()
    ordinary.fit(known)
    low, high = event.interval
    assert low < 2.0 < high * 1.2
    for hour in range(24):
        begin = split + hour * HOUR_S
        model.update(live.between(begin, begin + HOUR_S))
        ordinary.update(coming.between(begin, begin + HOUR_S))
    low, high = model.events[0].interval
    assert low < 2.0 < high
    assert high - low < 0.5 * (event.interval[1] - event.interval[0])
    tomorrow = split + 24 * HOUR_S
    assert model.predict(tomorrow, 24).total.sum() == pytest.approx(
        ordinary.predict(tomorrow, 24).total.sum(), rel=0.02
    )


def test_crowds_and_places_of_events():
    assert crowd_multiplier(50_000, 1.0, 100.0, to_city=0.4) == pytest.approx(1.2)
    with pytest.raises(InputError, match="cannot be multiplied"):
        crowd_multiplier(1000, 1.0, 0.0)
    cells = grid(4)
    assert near(cells, cells.lon[3], cells.lat[3], 100.0).tolist() == [3]
    assert len(near(cells, cells.lon[5], cells.lat[5], 1100.0)) == 5


@pytest.mark.parametrize(("change", "match"), [({"end_s": 0.0}, "ends before"), ({"doubt": -1.0}, "has -1.0")])
def test_an_event_says_what_is_wrong(quiet, change, match):
    with pytest.raises(InputError, match=match):
        event_of(quiet, **change)
