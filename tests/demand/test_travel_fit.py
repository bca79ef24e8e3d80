"""Travel times learnt from trips whose law is known."""

import numpy as np
import pytest
from observed_trips import TRUTH, board, drive, write_trips
from scipy import stats
from scipy.optimize import approx_fprime

from ems_twin.demand.travel import calibrate, read_trips
from ems_twin.demand.travel.model import N_NUMBERS, design_of, loss, prior_of
from ems_twin.demand.travel.spread import log_chance, share_below, t4_cdf
from ems_twin.errors import InputError
from ems_twin.routing import Router


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    city = board()
    file = write_trips(tmp_path_factory.mktemp("trips") / "minutes.csv", city, drive(city, 4000, 9, seed=1), cut_s=60)
    return calibrate(read_trips(file, city), city, resamples=8, seed=1)


def test_the_law_is_found_again_from_clocks_that_show_minutes(done):
    learnt = done.travel
    assert done.trips.resolution_s == 60
    assert learnt.start_up_s == pytest.approx(60, abs=6)
    (speed,) = set(learnt.speed_by_class.values())
    assert speed == pytest.approx(0.8, rel=0.04)
    assert learnt.sirens_factor == pytest.approx(1.5, rel=0.04)
    assert learnt.spread_of(300.0) == pytest.approx(TRUTH.spread_of(300.0), rel=0.08)
    assert np.ptp(learnt.speed_by_hour) < 0.1
    low, high = learnt.interval_90["start_up_s"]
    assert low < learnt.start_up_s < high


def test_later_weeks_are_scored_and_never_learnt_from(done):
    scored = done.scores.to_dict()
    learnt_until = int(done.trips.week.min()) + 5
    assert done.scores.trips.week.min() == learnt_until + 1
    assert done.travel.n_trips + scored["trips"] == len(done.trips)
    assert abs(scored["errors_min"]["calibrated"]["bias"]) < 0.15
    assert scored["errors_min"]["free_flow"]["bias"] < -1
    assert 0.87 < scored["coverage_90"] < 0.93
    assert 0.46 < scored["coverage_50"] < 0.54
    assert sum(row["trips"] for row in scored["by_distance_km"]) == scored["trips"]


def test_a_rush_hour_is_found(tmp_path):
    city = board()
    file = write_trips(tmp_path / "rush.csv", city, drive(city, 5000, 9, seed=2, rush=0.6))
    by_hour = np.reshape(calibrate(read_trips(file, city), city, resamples=0).travel.speed_by_hour, (7, 24))
    assert by_hour[:5, 8:10].max() < 0.92 < by_hour[:5, 13:].min()


def test_outliers_do_not_move_it(tmp_path):
    city = board()
    trips = drive(city, 3000, 6, seed=3)
    trips["took_s"][::40] += 2400  # somebody forgot to press
    learnt = calibrate(read_trips(write_trips(tmp_path / "odd.csv", city, trips), city), city, resamples=0).travel
    assert learnt.start_up_s == pytest.approx(60, abs=12)
    assert next(iter(learnt.speed_by_class.values())) == pytest.approx(0.8, rel=0.08)


def test_too_few_trips_leave_the_city_as_it_is(tmp_path):
    city = board()
    done = calibrate(read_trips(write_trips(tmp_path / "few.csv", city, drive(city, 200, 6, seed=4)), city), city)
    assert done.fit is None
    assert done.scores is None
    assert done.travel.start_up_s == 0
    assert "at least 300" in done.notes[0]
    assert done.to_dict()["learnt"] is False


def test_without_ordinary_drives_the_sirens_factor_stays(tmp_path):
    city = board()
    trips = drive(city, 2000, 6, seed=5)
    trips["sirens"][:] = True
    done = calibrate(read_trips(write_trips(tmp_path / "loud.csv", city, trips), city), city, resamples=0)
    assert done.travel.sirens_factor == pytest.approx(city.sirens_factor, rel=0.01)
    assert any("sirens" in note for note in done.notes)


def test_the_share_to_learn_from_must_be_one(tmp_path):
    city = board()
    trips = read_trips(write_trips(tmp_path / "t.csv", city, drive(city, 400, 6, seed=4)), city)
    with pytest.raises(InputError, match=r"fit_share.*is 1\.5"):
        calibrate(trips, city, fit_share=1.5)


def test_gradients_are_those_of_the_loss(tmp_path):
    city = board()
    trips = read_trips(write_trips(tmp_path / "g.csv", city, drive(city, 200, 3, seed=6), cut_s=60), city)
    design, _ = design_of(trips, city, Router(city.roads))
    prior = prior_of(city, learn_sirens=True)
    x, weight = prior.mean + 0.1 * np.linspace(-1, 1, N_NUMBERS), np.linspace(0, 2, len(trips))
    near = approx_fprime(x, lambda y: loss(y, design, prior, weight)[0], 1e-6)
    np.testing.assert_allclose(loss(x, design, prior, weight)[1], near, rtol=1e-4, atol=1e-2)


def test_chances_of_cut_off_times_are_those_of_drawn_ones():
    rng = np.random.default_rng(7)
    t = 2.5 * np.exp(0.4 * stats.t(4).rvs(400_000, random_state=rng))
    seen = np.floor(t + rng.random(len(t)))
    for k in (0.0, 1.0, 2.0, 5.0):
        said = np.exp(log_chance(np.array([k]), 1.0, np.array([2.5]), np.array([0.4]))[0][0])
        assert said == pytest.approx(float((seen == k).mean()), abs=0.003)
    rank = share_below(seen[:20_000], 1.0, np.full(20_000, 2.5), np.full(20_000, 0.4), rng.random(20_000))
    assert stats.kstest(rank, "uniform").statistic < 0.015
    np.testing.assert_allclose(t4_cdf(np.array([-3.0, 0.0, 1.2])), stats.t(4).cdf([-3.0, 0.0, 1.2]), atol=1e-12)
