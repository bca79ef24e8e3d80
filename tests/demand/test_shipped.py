"""The tables that ship, beside the raw records they were computed from."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from ems_twin.city import list_cities, load_city
from ems_twin.demand import load_demand, node_weights

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "experiments" / "demand"


@pytest.fixture(scope="module")
def manhattan():
    return load_demand(load_city(ROOT / "maps" / "manhattan"))


@pytest.fixture
def scripts(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    yield
    for name in ("bundle", "intervals", "manhattan", "coquimbo", "zones"):
        sys.modules.pop(name, None)


def test_manhattan(manhattan):
    assert manhattan.calls_per_day == pytest.approx(1072.7, abs=0.1)
    np.testing.assert_allclose(manhattan.priority_share, [0.338, 0.570, 0.092], atol=5e-4)
    assert manhattan.zone_share.max() < 0.07
    assert node_weights(manhattan).sum() == pytest.approx(1)
    assert 15 < manhattan.hour_of_week.min() < manhattan.hour_of_week.max() < 70


def test_coquimbo():
    if "coquimbo" not in list_cities():
        pytest.skip("maps/coquimbo is not built")
    demand = load_demand(load_city(ROOT / "maps" / "coquimbo"))
    assert demand.calls_per_day == pytest.approx(448_784 * 56 / 1000 / 365.25)
    assert len(demand.zone_names) == 133
    assert "assumed" in " ".join(demand.notes)


@pytest.mark.parametrize("folder", sorted((ROOT / "maps").glob("*/demand")), ids=lambda path: path.parent.name)
def test_each_folder_names_its_sources(folder):
    assert (folder / "SOURCE.md").read_text().startswith("# Where")


@pytest.mark.shared
def test_volume_agrees_with_the_hourly_counts(manhattan, shared, scripts):
    from manhattan import hour_of_week

    rates, n_calls = hour_of_week(shared)
    np.testing.assert_allclose(manhattan.hour_of_week, rates, atol=1e-4)
    days = 365 + 365 - 0.5  # twice six hours of 1 January are left out
    assert manhattan.calls_per_day == pytest.approx(n_calls / days, rel=2e-3)


@pytest.mark.shared
def test_places_and_priorities_agree_with_the_sample(manhattan, shared, scripts):
    from manhattan import JUNK_ZIPS, incidents

    rows = incidents(shared)
    share = rows.p.value_counts(normalize=True).sort_index().to_numpy()
    np.testing.assert_allclose(manhattan.priority_share, share, atol=1e-4)
    usable = rows[~rows.ZIPCODE.isin(JUNK_ZIPS)]
    by_zone = dict(zip(manhattan.zone_names, manhattan.zone_share * len(usable), strict=True))
    assert (len(rows), len(rows) - len(usable)) == (46_787, 1_491)
    for zone in ("10035", "10027", "10032"):  # areas that took in no other ZIP
        assert by_zone[zone] == pytest.approx((zone == usable.ZIPCODE).sum())
    assert by_zone["10029"] == pytest.approx(usable.ZIPCODE.isin(["10029", "10129"]).sum())


@pytest.mark.shared
def test_times_agree_with_the_unit_records(manhattan, shared, scripts):
    from intervals import delays_by_step, fit_all

    fits, transport, _ = fit_all(shared)
    np.testing.assert_allclose(manhattan.transport_share, transport, atol=5e-4)
    for step, delays in delays_by_step(fits).items():
        for shipped, fitted in zip(getattr(manhattan, step), delays, strict=True):
            assert shipped.median_s == pytest.approx(fitted.median_s, rel=2e-3)
            assert shipped.sigma == pytest.approx(fitted.sigma, abs=2e-3)


@pytest.mark.shared
def test_halves_add_up_to_the_hospital_time(manhattan, shared, scripts):
    from intervals import fit_all

    hospital = [one for one in fit_all(shared)[0] if one.step == "hospital"]
    u = np.random.default_rng(1).random((2, 400_000))
    for one, offload, clear in zip(hospital, manhattan.offload, manhattan.clear, strict=True):
        total = offload.quantile_s(u[0]) + clear.quantile_s(u[1])
        np.testing.assert_allclose(np.quantile(total, [0.5, 0.9]), one.delay.quantile_s([0.5, 0.9]), rtol=0.01)
