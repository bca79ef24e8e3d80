"""Calls drawn from a forecast have its volumes, its map and its over-dispersion, and keep their luck."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ems_twin.demand import CALL_DRAW
from ems_twin.demand.forecast.cells import square_cells, zone_cells
from ems_twin.demand.forecast.hours import CivilHours
from ems_twin.demand.forecast.laws import Spread
from ems_twin.demand.forecast.result import DemandForecast
from ems_twin.demand.generate_forecast import (
    ForecastPlaces,
    forecast_arrivals,
    generate_from_forecast,
    level_variances,
    levels,
)
from ems_twin.errors import InputError

HOURS = 168
FIRST = 473_352  # a Monday, midnight UTC


@pytest.fixture(scope="module")
def forecast(city):
    """A week of four squares of 500 m over the chessboard: busier by day, one of them with doubts of its own."""
    cells = square_cells(city.roads.lon, city.roads.lat, 500.0)
    share = np.linspace(4.0, 1.0, len(cells))
    by_day = 1 + 0.8 * np.sin(np.arange(HOURS) / 24 * 2 * np.pi)
    alpha = np.full((len(cells), HOURS), 0.3)
    alpha[0] = 1.0
    alpha[1] = 0.0
    return DemandForecast(
        cells=cells,
        clock=CivilHours("UTC"),
        hour=np.arange(FIRST, FIRST + HOURS),
        mean=np.outer(share / share.sum() * 6, by_day),
        dispersion=alpha,
    )


def counts(forecast, weeks, seed=1):
    c, t = forecast.mean.shape
    table = np.empty((weeks, c, t))
    for week in range(weeks):
        at, cell = forecast_arrivals(forecast, seed=seed, replication=week)
        table[week] = np.bincount(cell * t + (at // 3600).astype(int), minlength=c * t).reshape(c, t)
    return table


def test_many_weeks_have_the_volumes_the_map_and_the_variance_of_the_forecast(forecast):
    weeks = 400
    table = counts(forecast, weeks)
    mean, alpha = forecast.mean, forecast.dispersion
    variance = mean + alpha * mean**2
    z = (table.mean(0) - mean) / np.sqrt(variance / weeks)
    assert abs(z).max() < 5
    assert abs(np.mean(z**2) - 1) < 5 * np.sqrt(2 / z.size)
    # the residuals of all hours of a cell together: their mean square is the variance, and not the Poisson one
    square = ((table - mean) ** 2).mean(0)
    for row in range(len(mean)):
        measured = (square[row] - mean[row]).sum() / (mean[row] ** 2).sum()
        assert measured == pytest.approx(alpha[row, 0], abs=0.06 + 0.04 * alpha[row, 0])
    np.testing.assert_allclose(
        (table == 0).mean((0, 2)), np.exp(forecast.log_pmf(np.zeros_like(mean))).mean(1), atol=0.01
    )
    hourly = table.transpose(1, 0, 2).reshape(len(mean), -1)
    assert abs(np.corrcoef(hourly - np.tile(mean, weeks))[np.triu_indices(len(mean), 1)]).max() < 0.02


def test_sums_over_longer_periods_stray_as_far_as_the_forecast_says(forecast):
    """Busy hours come together: a week strays further than its hours would if each went its own way."""
    spreads = (Spread(0.35, 0.1), Spread(0.15, 0.2), Spread(0.1, 0.3), Spread(0.06, 1.0))
    hourly = replace(forecast, dispersion=spreads[0].dispersion(forecast.mean), by_span=spreads)
    weeks = 1500
    table = counts(hourly, weeks)
    for span in (1, 8, 24, 168):
        told = hourly.summed(span)
        sums = table.reshape(weeks, len(table[0]), -1, span).sum(-1)
        z = (sums - told.mean) / np.sqrt(told.mean + told.dispersion * told.mean**2)
        by_cell = np.mean(z**2, axis=(0, 2))
        # of m = weeks x periods squares with some excess, neighbours going together
        assert np.abs(by_cell - 1).max() < (0.25 if span == 168 else 0.12)
        assert abs(z.mean()) < 0.05
    apart = counts(replace(hourly, by_span=(spreads[0],) + (Spread(),) * 3), 300).sum(-1)
    assert apart.var(axis=0).sum() < 0.5 * table.sum(-1).var(axis=0).sum()


def test_levels_vary_between_nested_periods(forecast):
    spreads = (Spread(0.35), Spread(0.15), Spread(0.1), Spread(0.06))
    hourly = replace(forecast, dispersion=np.asarray(0.35), by_span=spreads)
    hour, third, day, week = level_variances(hourly)
    assert [part.shape[1] for part in (hour, third, day, week)] == [168, 21, 7, 1]
    assert min(part.min() for part in (hour, third, day, week)) >= 0
    np.testing.assert_allclose(  # all levels together make the hour's
        (1 + hour) * np.repeat(1 + third, 8, 1) * np.repeat(1 + day, 24, 1) * np.repeat(1 + week, 168, 1), 1.35
    )


def test_rows_are_whole_calls_on_nodes_of_their_cells(forecast, city, demand):
    calls = generate_from_forecast(forecast, demand, city, seed=3)
    assert calls.dtype == CALL_DRAW
    assert np.all(np.diff(calls["t_received"]) >= 0)
    assert 0 <= calls["t_received"][0] < calls["t_received"][-1] < HOURS * 3600
    np.testing.assert_array_equal(calls["lon"], city.roads.lon[calls["node"]])
    at, cell = forecast_arrivals(forecast, seed=3)
    np.testing.assert_array_equal(calls["t_received"], at)
    np.testing.assert_array_equal(forecast.cells.locate(calls["lon"], calls["lat"]), cell)
    n = len(calls)
    for p in (1, 2, 3):
        share = demand.priority_share[p - 1]
        assert abs((calls["priority"] == p).mean() - share) < 5 * np.sqrt(share * (1 - share) / n)
    assert np.all(calls["scene_s"] > 0)


def test_nodes_have_the_weights_of_the_forecast(forecast, city, demand):
    places = ForecastPlaces.of(forecast, city)
    seen = sum(
        np.bincount(
            generate_from_forecast(forecast, demand, city, seed=4, replication=r, places=places)["node"], minlength=36
        )
        for r in range(20)
    )
    weight = forecast.node_weight(city)
    per_cell = forecast.mean.sum(1)
    spread = 20 * (per_cell + (forecast.dispersion * forecast.mean**2).sum(1))  # of a cell's count over the weeks
    cell = forecast.cells.locate(city.roads.lon, city.roads.lat)
    mean = weight * 20 * per_cell.sum()
    inside = mean / (20 * per_cell[cell])
    deviation = np.sqrt(mean + inside**2 * (spread - 20 * per_cell)[cell])
    assert abs((seen - mean) / deviation).max() < 4.5


def test_calls_keep_their_luck(forecast, city, demand):
    base = generate_from_forecast(forecast, demand, city, seed=5)
    np.testing.assert_array_equal(generate_from_forecast(forecast, demand, city, seed=5), base)
    assert len(generate_from_forecast(forecast, demand, city, seed=5, replication=1)) != len(base)
    day = replace(forecast, hour=forecast.hour[:24], mean=forecast.mean[:, :24], dispersion=forecast.dispersion[:, :24])
    first = generate_from_forecast(day, demand, city, seed=5)
    np.testing.assert_array_equal(first, base[: len(first)])  # a longer forecast only appends
    more = generate_from_forecast(replace(forecast, mean=1.2 * forecast.mean), demand, city, seed=5)
    assert len(more) > len(base)
    for field in ("priority", "transport", "turnout_s", "u_travel"):
        np.testing.assert_array_equal(more[field][: len(base)], base[field])
    nearly = generate_from_forecast(replace(forecast, mean=1.0001 * forecast.mean), demand, city, seed=5)
    assert (nearly["node"][: len(base)] == base["node"]).mean() > 0.97
    assert np.all(more["t_received"][: len(base)] <= base["t_received"])
    np.testing.assert_allclose(
        levels(replace(forecast, dispersion=forecast.dispersion * 1.001), seed=5), levels(forecast, seed=5), atol=0.02
    )


def test_without_dispersion_it_is_a_poisson_process(forecast):
    plain = replace(forecast, dispersion=np.asarray(0.0))
    assert np.all(levels(plain, seed=1) == 1)
    total = counts(plain, 200, seed=2).sum((1, 2))
    assert total.var(ddof=1) / plain.mean.sum() == pytest.approx(1, abs=5 * np.sqrt(2 / 199))


def test_hours_and_cells_without_calls_stay_empty(forecast):
    mean = forecast.mean.copy()
    mean[:, 10:20] = 0
    mean[[0, -1]] = 0
    table = counts(replace(forecast, mean=mean), 50)
    assert table[:, mean == 0].sum() == 0
    assert table.sum() > 0
    assert len(forecast_arrivals(replace(forecast, mean=np.zeros_like(mean)), seed=1)[0]) == 0


def test_what_cannot_be_drawn_is_said(forecast, city, demand):
    with pytest.raises(InputError, match="consecutive hours"):
        generate_from_forecast(forecast.summed(24), demand, city, seed=1)
    with pytest.raises(InputError, match="negative"):
        generate_from_forecast(forecast, demand, city, seed=-1)
    zones = zone_cells(tuple("abcdefghijklmnop"[: len(forecast.cells)]))
    named = replace(forecast, cells=zones)
    node_cell = np.zeros(city.roads.n_nodes, dtype=int)
    with pytest.raises(InputError, match="cell 'b' has calls but neither"):
        generate_from_forecast(named, demand, city, seed=1, places=ForecastPlaces.of(named, city, node_cell))
    with pytest.raises(InputError, match="node_cell"):
        ForecastPlaces.of(named, city, node_cell[:-1])


def test_a_cell_without_a_node_calls_from_the_nearest(forecast, city, demand):
    far = square_cells(np.append(city.roads.lon, 9.03), np.append(city.roads.lat, 45.03), 500.0)
    mean = np.zeros((len(far), HOURS))
    mean[-1] = 1.0
    calls = generate_from_forecast(
        replace(forecast, cells=far, mean=mean, dispersion=np.asarray(0.0)), demand, city, seed=1
    )
    assert set(calls["node"]) == {35}  # the north-eastern corner
