"""The report of a calibration: drawings and figures of what it learnt, in a page without scripts."""

import numpy as np
import pytest

from ems_twin.city.sample import grid_city
from ems_twin.demand.travel import calibrate
from ems_twin.demand.travel.trips import Trips
from ems_twin.views import write_travel_page
from ems_twin.views.travel_charts import density_chart, rank_chart


def made_up(city, n, source="trips.csv"):
    """Trips that take a minute and their free-flow time, over four weeks."""
    rng = np.random.default_rng(1)
    node = rng.integers(city.roads.n_nodes, size=n).astype(np.int32)
    t = 1704067200.0 + np.sort(rng.uniform(0, 28 * 86_400, n))
    metres = city.roads.x[node] - city.roads.x[0] + city.roads.y[node] - city.roads.y[0]
    return Trips(
        row=np.arange(1, n + 1), departed=t, clock_s=t, took_s=np.round(60 + metres / 13 * rng.lognormal(0, 0.3, n)),
        from_node=np.zeros(n, np.int32), to_node=node, lon=city.roads.lon[node], lat=city.roads.lat[node],
        sirens=np.ones(n, bool), priority=np.ones(n, np.uint8), unit_kind=np.zeros(n, np.int32), unit_kinds=("<b>ALS",),
        resolution_s=1.0, source=source, dropped=((3, "unknown station: '<i>'"),),
    )  # fmt: skip


@pytest.fixture(scope="module")
def city():
    return grid_city(12, 12, spacing_m=300.0)


def test_the_page_holds_scores_drawings_and_dropped_rows(city, tmp_path):
    done = calibrate(made_up(city, 900, "<script>.csv"), city, resamples=2)
    html = write_travel_page(done, tmp_path / "travel.html").read_text("utf-8")
    assert html.count("<svg") == 6
    assert "<script" not in html
    assert "&lt;b&gt;ALS" in html
    assert "Free flow, no sirens factor" in html
    assert "unknown station" in html
    assert city.attribution in html
    assert f"{done.scores.to_dict()['coverage_90']:.1%} of the later trips" in html


def test_with_too_few_trips_it_says_so(city, tmp_path):
    html = write_travel_page(calibrate(made_up(city, 50), city), tmp_path / "travel.html").read_text("utf-8")
    assert "own speeds stand" in html
    assert "<svg" not in html


def test_drawings_say_in_words_what_they_show():
    drawn = density_chart(np.array([1.0, 2.0, 30.0]), np.array([2.0, 2.0, 3.0]), 10.0, "Calibrated")
    assert "3 trips" in drawn
    assert "1 are longer than the drawing" in drawn
    assert "10.0% to 10.0% in each" in rank_chart((np.arange(1000) + 0.5) / 1000)
