from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ems_twin.city.sample import grid_city
from ems_twin.demand.forecast.cells import square_cells, zone_cells
from ems_twin.demand.forecast.kernels import PlaneKernel, RoadKernel, cell_kernel
from ems_twin.demand.forecast.past import past_calls
from ems_twin.demand.forecast.split import VolumeDensity
from ems_twin.errors import InputError

from .conftest import MONDAY_S, WEEK_S


def scattered(n: int, spread: float, seed: int):
    """Calls around a hot spot, in squares of 250 m."""
    rng = np.random.default_rng(seed)
    lon = np.concatenate([rng.normal(-74.0, spread, n), rng.uniform(-74.03, -73.97, n // 4)])
    lat = np.concatenate([rng.normal(40.7, spread, n), rng.uniform(40.68, 40.72, n // 4)])
    side = np.meshgrid(np.linspace(-74.03, -73.97, 60), np.linspace(40.68, 40.72, 60))
    cells = square_cells(side[0].ravel(), side[1].ravel(), 250.0)
    time_s = MONDAY_S + rng.uniform(0, 12 * WEEK_S, len(lon))
    return past_calls(
        time_s, cells, "America/New_York", lon=lon, lat=lat, since_s=MONDAY_S, until_s=MONDAY_S + 12 * WEEK_S
    )


def test_the_plane_kernel_foretells_places_better_than_a_histogram():
    known, new = scattered(300, 0.006, 1), scattered(20_000, 0.006, 2)
    kernel = PlaneKernel()
    share = kernel(known)
    assert share.sum() == pytest.approx(1)
    histogram = (np.bincount(known.cell, minlength=len(share)) + 0.1) / (len(known) + 0.1 * len(share))
    gain = np.log(np.maximum(share, 1e-9))[new.cell].mean() - np.log(histogram)[new.cell].mean()
    assert gain > 0.1


def test_an_adaptive_kernel_is_narrow_where_calls_are_many():
    known = scattered(3000, 0.0012, 3)
    fixed = PlaneKernel((400.0,), adaptive=False)(known)
    adaptive = PlaneKernel((400.0,))(known)
    peak = np.bincount(known.cell, minlength=len(fixed)).argmax()
    assert adaptive[peak] > 1.1 * fixed[peak]


def test_nothing_leaks_out_of_the_service_area():
    known = scattered(200, 0.006, 4)
    edge = past_calls(
        np.full(50, MONDAY_S + 1.0),
        known.cells,
        "America/New_York",
        lon=np.full(50, -74.029),
        lat=np.full(50, 40.681),
        since_s=MONDAY_S,
        until_s=MONDAY_S + WEEK_S,
    )
    kernel = PlaneKernel((400.0,), adaptive=False)
    spot, n = kernel._spots(edge)
    mass = kernel._spread(np.bincount(spot, minlength=n).astype(float), 400.0)
    assert mass.sum() == pytest.approx(50, rel=0.15)


def test_zones_without_places_have_no_kernel():
    calls = past_calls([MONDAY_S], zone_cells(("a", "b")), "UTC", cell=[0])
    with pytest.raises(InputError, match="without places"):
        PlaneKernel()(calls)
    np.testing.assert_array_equal(cell_kernel(calls.cells, 500.0), np.eye(2))


def test_calls_spread_along_the_streets_as_far_as_the_bandwidth_says():
    city = grid_city(40, 40)
    roads = city.roads
    lon, lat = roads.lon, roads.lat
    cells = square_cells(lon, lat, 100.0, crs=roads.crs)
    middle = np.argmin(np.hypot(roads.x - roads.x.mean(), roads.y - roads.y.mean()))
    calls = past_calls([MONDAY_S] * 10, cells, "UTC", lon=np.full(10, lon[middle]), lat=np.full(10, lat[middle]))
    kernel = RoadKernel(city, (400.0,), adaptive=False)
    spot, n = kernel._spots(calls)
    assert set(spot.tolist()) == {int(middle)}
    mass = kernel._spread(np.bincount(spot, minlength=n).astype(float), 400.0)
    assert mass.sum() == pytest.approx(10)
    squared = mass @ ((roads.x - roads.x[middle]) ** 2 + (roads.y - roads.y[middle]) ** 2) / 10
    assert np.sqrt(squared) == pytest.approx(400, rel=0.05)
    assert kernel(calls).sum() == pytest.approx(1)


def test_a_kernel_can_be_the_prior_of_sparse_cells():
    known = scattered(400, 0.006, 5)
    model = VolumeDensity(prior=PlaneKernel())
    model.fit(known)
    plain = VolumeDensity()
    plain.fit(known)
    new = scattered(20_000, 0.006, 6)
    fits = [np.log(np.maximum(m.shares.all_hours, 1e-9))[new.cell].mean() for m in (model, plain)]
    assert fits[0] > fits[1] + 0.05


def test_without_places_calls_lie_in_the_middle_of_their_cells():
    known = scattered(400, 0.006, 7)
    blurred = replace(known, place=None)
    exact, rough = PlaneKernel((400.0,))(known), PlaneKernel((400.0,))(blurred)
    assert np.abs(exact - rough).sum() < 0.2
