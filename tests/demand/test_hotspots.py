"""Hotspots: windows of the next minutes, chances of a call, surprise against the usual, and the words for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from ems_twin.demand.forecast.cells import square_cells
from ems_twin.demand.forecast.events import KnownEvent, KnownEvents
from ems_twin.demand.forecast.hour_of_week import HourOfWeek
from ems_twin.demand.forecast.hours import CivilHours
from ems_twin.demand.forecast.past import past_calls
from ems_twin.demand.forecast.result import DemandForecast
from ems_twin.demand.hotspots import at_least_one, find_hotspots, level_tail, rank_hotspots, window_law
from ems_twin.errors import InputError

MONDAY_S = 1_704_085_200.0  # 2024-01-01 00:00 in New York
HOUR_S = 3600.0
WEEK_S = 168 * HOUR_S
FRIDAY_18_S = MONDAY_S + 12 * WEEK_S + (4 * 24 + 17) * HOUR_S  # the clocks went forward since


@pytest.fixture(scope="module")
def cells():
    return square_cells(-74 + 0.012 * np.arange(3), np.full(3, 40.7), 1000.0)


def of(cells, mean, dispersion=0.0, at_s=FRIDAY_18_S):
    clock = CivilHours("America/New_York")
    mean = np.asarray(mean, float)
    return DemandForecast(
        cells=cells,
        clock=clock,
        hour=int(clock.hour(at_s)) + np.arange(mean.shape[1]),
        mean=mean,
        dispersion=np.asarray(dispersion, float),
    )


def test_a_window_takes_its_part_of_each_hour(cells):
    forecast = of(cells, [[1, 3], [2, 2], [0, 0]], [[0.5, 0.1], [0.5, 0.1], [0.5, 0.1]])
    mean, alpha = window_law(forecast, FRIDAY_18_S + 0.75 * HOUR_S, HOUR_S)
    np.testing.assert_allclose(mean, [0.25 + 2.25, 2, 0])
    np.testing.assert_allclose(alpha, [(0.125 + 0.225) / 2.5, 0.2, 0.2])
    mean, alpha = window_law(forecast, FRIDAY_18_S, HOUR_S / 2)
    np.testing.assert_allclose(mean, [0.5, 1, 0])
    np.testing.assert_allclose(alpha, 0.5)
    with pytest.raises(InputError, match="does not reach"):
        window_law(forecast, FRIDAY_18_S + 1.5 * HOUR_S, HOUR_S)


def test_chances_are_those_of_the_law():
    mean, alpha = np.array([0.0, 0.3, 0.3, 2.0]), np.array([0.4, 0.4, 0.0, 1.5])
    expected = [0, 1 - stats.nbinom.pmf(0, 1 / 0.4, 1 / 1.12), 1 - np.exp(-0.3), 1 - stats.nbinom.pmf(0, 1 / 1.5, 0.25)]
    np.testing.assert_allclose(at_least_one(mean, alpha), expected, atol=1e-12)
    drawn = np.random.default_rng(1).gamma(1 / 0.4, 0.4, 400_000)
    assert level_tail(np.array([1.8]), np.array([0.4]))[0] == pytest.approx((drawn >= 1.8).mean(), abs=0.003)
    np.testing.assert_array_equal(level_tail(np.array([0.9, 1.1]), np.zeros(2)), [1, 0])


def test_cells_are_ranked_by_their_rate_and_say_why(cells):
    usual = of(cells, [[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]], 0.2)
    forecast = of(cells, [[1.1, 1.1], [2.1, 2.1], [0.4, 0.4]], 0.1)
    marathon = KnownEvent(
        name="marathon", start_s=FRIDAY_18_S + 1800, end_s=FRIDAY_18_S + WEEK_S, cells=np.array([1]), multiplier=2,
        doubt=0.1,
    )  # fmt: skip
    over = replace(marathon, name="fair", start_s=FRIDAY_18_S - HOUR_S, end_s=FRIDAY_18_S)
    spots = rank_hotspots(
        forecast, usual, at_s=FRIDAY_18_S, events=[marathon, over], trend=["rising trend", "", "rising trend"]
    )
    assert [spot.rank for spot in spots] == [1, 2, 3]
    assert [spot.cell for spot in spots] == [cells.names[i] for i in (1, 0, 2)]
    assert [spot.why for spot in spots] == [
        "2.1 times the usual of this hour: event marathon",
        "usual for Friday 18 h: rising trend",
        "0.4 times the usual of this hour",
    ]
    top = spots[0]
    assert (top.rate_30, top.rate_60, top.usual, top.ratio) == pytest.approx((2.1, 2.1, 1.0, 2.1))
    assert top.p_60 == pytest.approx(1 - stats.nbinom.pmf(0, 10, 1 / 1.21))
    assert top.p_30 == pytest.approx(1 - stats.nbinom.pmf(0, 10, 1 / 1.105))
    assert top.tail == pytest.approx(stats.gamma.sf(2.1, 5, scale=0.2))
    assert spots[2].tail > 0.9
    assert len(rank_hotspots(forecast, usual, at_s=FRIDAY_18_S, top=2)) == 2
    assert set(top.to_dict()) >= {"rank", "cell", "why", "ratio", "tail"}


def test_nothing_is_called_unusual_of_which_little_is_known(cells):
    usual, forecast = of(cells, [[1.0], [0.1], [0.1]]), of(cells, [[3.0], [0.5], [0.1]])
    spots = rank_hotspots(forecast, usual, at_s=FRIDAY_18_S, weeks=20.0, burst=["", "burst", ""])
    assert [spot.behind for spot in spots] == pytest.approx([20, 2, 2])
    assert [spot.why for spot in spots] == [
        "3.0 times the usual of this hour",
        "few calls are known of Friday 18 h: burst",
        "few calls are known of Friday 18 h",
    ]


def record(cells, weeks=12, growth=1.0, seed=1):
    """One call an hour in each cell until FRIDAY_18_S; growth multiplies the last four weeks of cell 2."""
    rng = np.random.default_rng(seed)
    hours = int((FRIDAY_18_S - MONDAY_S) / HOUR_S)
    rate = np.ones((3, hours)) * [[1.0], [0.5], [0.5]]
    rate[2, -4 * 168 :] *= growth
    cell, hour = np.nonzero(n := rng.poisson(rate))
    times = n[cell, hour]
    at = MONDAY_S + HOUR_S * np.repeat(hour, times) + rng.uniform(0, HOUR_S, times.sum())
    return past_calls(at, cells, "America/New_York", cell=np.repeat(cell, times), since_s=MONDAY_S, until_s=FRIDAY_18_S)


def test_a_rising_cell_is_told_from_a_steady_one(cells):
    spots = find_hotspots(record(cells, growth=2.0), HourOfWeek(weeks=4), HourOfWeek(), at_s=FRIDAY_18_S, hours=3)
    assert len(spots) == 3
    whole = {spot.cell: spot for hour in spots for spot in hour}
    rising, steady = ([spot for hour in spots for spot in hour if spot.cell == cells.names[row]] for row in (2, 0))
    assert any("rising trend: " in spot.why and "calls in 4 weeks" in spot.why for spot in rising)
    assert not any("rising trend" in spot.why for spot in steady)
    assert len(whole) == 3


def test_a_burst_is_told(cells):
    calls = record(cells)
    burst = past_calls(
        np.append(calls.time_s, FRIDAY_18_S - 60 * np.arange(1, 13)),
        cells,
        "America/New_York",
        cell=np.append(calls.cell, np.full(12, 1)),
        since_s=MONDAY_S,
        until_s=FRIDAY_18_S,
    )
    spots = find_hotspots(burst, HourOfWeek(), HourOfWeek(), at_s=FRIDAY_18_S)[0]
    told = {spot.cell: spot.why for spot in spots}
    assert "burst: 1" in told[cells.names[1]]
    assert "in the last 3 h" in told[cells.names[1]]


def test_nothing_after_now_is_looked_at(cells):
    calls = record(cells)
    now = FRIDAY_18_S - 3 * 24 * HOUR_S + 1200.0  # within an hour
    cut = calls.between(MONDAY_S, now)
    whole = find_hotspots(calls, HourOfWeek(), HourOfWeek(), at_s=now, hours=2, top=None)
    assert whole == find_hotspots(cut, HourOfWeek(), HourOfWeek(), at_s=now, hours=2, top=None)
    assert all(spot.ratio == pytest.approx(1) for hour in whole for spot in hour)


def test_an_event_raises_its_cell_and_is_named(cells):
    calls = record(cells)
    fair = KnownEvent(
        name="street fair", start_s=FRIDAY_18_S, end_s=FRIDAY_18_S + 2 * HOUR_S, cells=np.array([1]), multiplier=6.0,
        doubt=0.3,
    )  # fmt: skip
    first, _, third = find_hotspots(
        calls, KnownEvents(HourOfWeek(), [fair]), HourOfWeek(), at_s=FRIDAY_18_S, hours=3, events=[fair]
    )
    assert first[0].cell == cells.names[1]
    assert first[0].ratio == pytest.approx(6, rel=0.01)
    assert first[0].why.startswith("6.0 times the usual of this hour: event street fair")
    assert not any("fair" in spot.why for spot in third)


@pytest.mark.parametrize(
    ("words", "message"),
    [({"hours": 0}, "0 is below 1"), ({"top": 0}, "0 is below 1"), ({"at_s": MONDAY_S + 1e5}, "less than a week")],
)
def test_what_is_wrong_is_said(cells, words, message):
    with pytest.raises(InputError, match=message):
        find_hotspots(record(cells), HourOfWeek(), HourOfWeek(), **{"at_s": FRIDAY_18_S} | words)
