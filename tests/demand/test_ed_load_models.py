from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from ed_rooms import STRETCHERS, made_up
from threadpoolctl import threadpool_limits

from ems_twin.demand.ed_load import (
    LEVELS,
    QUICK,
    Blend,
    Boosted,
    Climatology,
    EDForecast,
    EDModel,
    Inbound,
    Persistence,
    Trees,
    backtest,
    boosted,
)
from ems_twin.demand.ed_load.blend import stacking_weights
from ems_twin.demand.ed_load.boosted import features
from ems_twin.demand.ed_load.intervals import autocorrelation_time, error_quantiles
from ems_twin.demand.ed_load.labels import filled
from ems_twin.demand.ed_load.model import between_knots
from ems_twin.demand.ed_load.rolling import rolling_of
from ems_twin.errors import InputError

FEW = Trees(n=25, leaves=15, in_leaf=30, step=0.2, features=0.5)
HORIZONS = (1, 6, 24)
DAYS = 150


def small_blend(measure="occupancy"):
    members = [Persistence(measure), Climatology(measure), Boosted(measure, trees=FEW)]
    return Blend(measure, members=members)


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    """Small forests on a busy machine: threads would wait for each other."""
    import sklearn.ensemble  # noqa: F401  # only threads of what is loaded can be limited

    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def history():
    return made_up(DAYS)


@pytest.fixture(scope="module")
def fitted(history):
    """A blend for all horizons; tests leave it as it is."""
    return small_blend().fit(history)


@pytest.fixture(scope="module")
def tested(history):
    """Backtests of the last 30 days."""
    refits = [history.time((DAYS - 30) * 24), history.time((DAYS - 15) * 24)]
    models = {"persistence": Persistence(), "climatology": Climatology(), "blend": small_blend()}
    return {name: backtest(model, history, refits=refits, horizons_h=HORIZONS) for name, model in models.items()}


def test_the_blend_is_better_than_its_members(tested):
    blend = tested["blend"].absolute_error()
    assert (blend <= 1.01 * tested["persistence"].absolute_error()).all()
    assert (blend[1:] < 0.9 * tested["persistence"].absolute_error()[1:]).all()
    assert (blend < tested["climatology"].absolute_error()).all()
    assert (np.diff(blend) > 0).all()
    assert (tested["blend"].crps() < tested["persistence"].crps()).all()


def test_intervals_cover_what_they_promise(tested):
    for result in tested.values():
        np.testing.assert_allclose(result.coverage(), 0.9, atol=0.07)
        np.testing.assert_allclose(result.below()[:, [1, 9, 17]], [[0.1, 0.5, 0.9]] * 3, atol=0.09)
    assert (tested["blend"].width() < tested["climatology"].width()).all()


def test_scores_are_what_they_say(tested):
    result = tested["persistence"]
    error = np.abs(result.actual - result.quantiles[..., 9])
    np.testing.assert_allclose(result.absolute_error()[1], np.nanmean(error[:, 1].astype(float)))
    one = replace(result, actual=np.full((1, 1, 1), 3, np.float32), quantiles=np.full((1, 1, 1, 19), 5, np.float32))
    assert one.crps() == pytest.approx([2.0])  # of a forecast that is sure of one value: the absolute error
    assert one.coverage().tolist() == [0]
    assert one.below().tolist() == [[1.0] * 19]


@pytest.mark.parametrize("make", [Persistence, Climatology, lambda: Boosted(trees=FEW), small_blend])
def test_a_forecast_uses_nothing_from_after_its_origin(history, make):
    """The same origin, with the figures after it there, changed, or not there: the same forecast."""
    model, row = make().fit(history.until(2600), (1, 24)), 2500
    expected = model.predict(history.time(row), (1, 24)).quantiles
    changed = {name: getattr(history, name).copy() for name in ("occupancy", "present", "waiting")}
    for table in changed.values():
        table[row + 1 :] = 3
    for other in (history.until(row + 1), replace(history, **changed)):
        model.follow(rolling_of(other))
        np.testing.assert_allclose(model.predict(history.time(row), (1, 24)).quantiles, expected, atol=1e-6)


def test_training_rows_are_built_from_what_was_known_then(history):
    origin, ahead = np.arange(400, 900, 11), np.full(46, 24)
    whole, names = features(rolling_of(history), 0, origin, ahead)
    for i in (0, 20, 45):
        part, _ = features(rolling_of(history.until(int(origin[i]) + 1)), 0, origin[i : i + 1], ahead[:1])
        np.testing.assert_allclose(part[0], whole[i], atol=1e-3)
    assert len(set(names)) == len(names) == whole.shape[-1]


def test_what_the_boosted_trees_learn_is_before_the_held_out_weeks(history):
    changed = {name: getattr(history, name).copy() for name in ("occupancy", "present", "waiting")}
    for table in changed.values():
        table[-24 * 30 :] = 7
    usual, other = (Boosted(trees=FEW).fit(item, (1,)) for item in (history, replace(history, **changed)))
    other.follow(usual.rolling)
    origin = np.arange(1000, 1100)
    ahead = np.array([1])
    np.testing.assert_array_equal(usual.medians(origin, ahead), other.medians(origin, ahead))


def test_update_takes_figures_in_without_learning(history):
    model = small_blend().fit(history.until(3000), (1,))
    weights = model.weights
    later = history.until(3010)
    tables = {name: getattr(later, name)[3000:] for name in ("occupancy", "present", "waiting")}
    with pytest.raises(InputError, match="not within"):
        model.predict(history.time(3009), (1,))
    model.update(replace(later, start=history.time(3000), **tables))
    forecast = model.predict(history.time(3009), (1,))
    assert forecast.origin == history.time(3009)
    np.testing.assert_array_equal(model.weights, weights)
    last = filled(history.occupancy[:3010])[-1]
    assert np.abs(forecast.median[0] - last).mean() < 8


def test_medians_are_whole_stretchers_and_whole_patients(history, fitted):
    beds = fitted.predict(history.end, HORIZONS).median * np.array(STRETCHERS) / 100
    assert np.abs(beds - np.round(beds)).max() < 0.3  # what is left is the rounding to whole percent
    waiting = small_blend("waiting").fit(history, (6,)).predict(history.end, (6,))
    assert waiting.measure == "waiting"
    np.testing.assert_array_equal(waiting.median, np.round(waiting.median))


def test_a_short_history_is_left_to_a_simpler_model_and_the_forecast_says_so(history):
    blend = small_blend().fit(history.until(24 * 30))
    forecast = blend.predict(history.time(24 * 29))
    assert forecast.model == "climatology"
    assert forecast.note == "blend needs 84 days of history and has 30.0: climatology"
    same = Climatology().fit(history.until(24 * 30)).predict(history.time(24 * 29))
    np.testing.assert_array_equal(forecast.quantiles, same.quantiles)
    assert same.note == ""
    few = Boosted().fit(history.until(30)).predict(history.time(29))
    assert few.model == "persistence"
    np.testing.assert_array_equal(few.median, np.tile(filled(history.occupancy[:30])[-1], (72, 1)))
    assert np.isnan(few.interval()[0]).all()  # too few errors to learn intervals from


def test_quantiles_do_not_cross_and_are_not_negative(history, fitted):
    forecast = fitted.predict(history.end)
    assert forecast.quantiles.shape == (72, 4, len(LEVELS))
    assert (np.diff(forecast.quantiles, axis=-1) >= 0).all()
    assert forecast.quantiles.min() >= 0
    low, high = forecast.interval(0.5)
    assert (low <= forecast.median).all()
    assert (high >= forecast.median).all()
    np.testing.assert_array_equal(forecast.of("room_1"), forecast.quantiles[:, 1])
    with pytest.raises(InputError, match="no room 'room_9'"):
        forecast.of("room_9")
    with pytest.raises(InputError, match="no quantiles"):
        forecast.interval(0.95)


def test_a_room_in_a_gap_keeps_its_last_figure_and_one_that_never_reported_has_none(history):
    tables = {name: getattr(history, name).copy() for name in ("occupancy", "present", "waiting")}
    for table in tables.values():
        table[-10:, 0] = np.nan
        table[:, 1] = np.nan
    gappy = replace(history, **tables)
    forecast = Persistence().fit(gappy).predict(gappy.end, (1, 2))
    assert (forecast.median[:, 0] == filled(history.occupancy[:-10])[-1, 0]).all()
    assert np.isnan(forecast.median[:, 1]).all()
    blend = small_blend().fit(gappy, (1,)).predict(gappy.end, (1,))
    assert np.isfinite(blend.median[0, [0, 2, 3]]).all()
    assert np.isnan(blend.median[0, 1])


def test_ambulances_on_their_way_add_their_patients(history):
    expected, usual = np.zeros((3, 4)), np.zeros((3, 4))
    expected[1, 2], usual[2, 0] = 2, 1
    stretchers = np.array([14, 23, 31, np.nan])
    inbound = Inbound(expected=expected, usual=usual, stretchers=stretchers, stay_h=5, wait_h=2)
    added = inbound.added(np.array([1, 2, 7]), "occupancy")
    np.testing.assert_allclose(added[:, 2], [0, 200 / 31, 200 / 31 * np.exp(-1)])
    np.testing.assert_allclose(added[:, 0], [0, 0, -100 / 14 * np.exp(-4 / 5)])
    assert (added[:, [1, 3]] == 0).all()
    np.testing.assert_allclose(inbound.added(np.array([4]), "waiting")[0, 2], 2 * np.exp(-1))
    model = Persistence().fit(history)
    with_them = model.predict(history.end, (2,), inbound=inbound).quantiles
    np.testing.assert_allclose(with_them[0, 2], model.predict(history.end, (2,)).quantiles[0, 2] + 200 / 31)


def test_inbound_refuses_what_does_not_fit():
    good = {"expected": np.ones((2, 3)), "usual": np.ones(3), "stretchers": np.ones(3)}
    for change in ({"expected": -np.ones((2, 3))}, {"usual": np.ones(2)}, {"stretchers": np.ones(4)}, {"stay_h": 0}):
        with pytest.raises(InputError):
            Inbound(**good | change)


def test_stacking_finds_the_weights_of_a_mixture():
    random = np.random.default_rng(3)
    parts = random.normal(size=(3, 2000, 2)) * 10
    actual = 0.25 * parts[0] + 0.5 * parts[1] + 0.25 * parts[2] + random.laplace(size=(2000, 2))
    actual[::50] = np.nan
    found = stacking_weights(actual, parts, lambda mean: mean)
    np.testing.assert_allclose(found, [0.25, 0.5, 0.25], atol=0.06)
    assert found.sum() == pytest.approx(1)
    assert stacking_weights(np.full((5, 2), np.nan), parts[:, :5], lambda mean: mean).tolist() == [1, 0, 0]


def test_intervals_of_whole_steps_hold_what_they_promise():
    random = np.random.default_rng(5)
    step = np.array([7.0, 3.0, 1.0])
    error = np.round(random.normal(size=(4000, 3)) * 1.2) * step
    found = error_quantiles(error, step)
    inside = (error >= found[:, 0]) & (error <= found[:, -1])
    assert 0.88 <= inside.mean() <= 0.93
    assert np.isnan(error_quantiles(error[:40], step)).all()
    assert (error_quantiles(np.zeros((100, 1)), np.zeros(1)) == 0).all()


def test_intervals_allow_for_errors_that_last():
    """Of the same length, a slow series holds fewer independent errors, and the interval from it must be wider."""
    random = np.random.default_rng(7)
    held = []
    for keep in (0.0, 0.95):
        error = random.normal(size=(3000, 60))
        for i in range(1, len(error)):
            error[i] = keep * error[i - 1] + np.sqrt(1 - keep**2) * error[i]
        found = error_quantiles(error[:1000], np.zeros(60))
        later = error[1200:]
        held.append(float(((later >= found[:, 0]) & (later <= found[:, -1])).mean()))
    np.testing.assert_allclose(held, 0.9, atol=0.012)
    assert autocorrelation_time(error > 1.5) > 5 * autocorrelation_time(random.normal(size=(1000, 60)) > 1.5)
    assert autocorrelation_time(np.zeros((100, 2), dtype=bool)) == 1


def test_values_between_knots_are_interpolated():
    found = between_knots(np.array([1, 3, 9]), np.array([[1.0], [3.0], [6.0]]), np.array([1, 2, 3, 6, 72]))
    np.testing.assert_allclose(found[:, 0], [1, 2, 3, 4.5, 6])


def test_bad_input_is_refused(history):
    with pytest.raises(InputError, match="cannot be forecast"):
        Persistence("present")
    with pytest.raises(InputError, match="not been fitted"):
        Blend().predict(history.end)
    model = Persistence().fit(history)
    for horizons in ((0,), (73,), ()):
        with pytest.raises(InputError, match="not within 1 to 72"):
            model.predict(history.end, horizons)
    with pytest.raises(InputError, match="48 h was not fitted"):
        Boosted(trees=FEW).fit(history, (1,)).predict(history.end, (1, 48))
    with pytest.raises(InputError, match="do not ascend"):
        backtest(model, history, refits=[history.time(2000), history.time(1000)])
    with pytest.raises(InputError, match="not within"):
        model.predict(history.start - timedelta(hours=1))


def test_all_models_answer_alike_and_soon(history, fitted):
    models: list[EDModel] = [Persistence().fit(history), Climatology().fit(history), fitted]
    for model in models:
        begin = time.process_time()
        forecast = model.predict(history.end)
        assert time.process_time() - begin < 0.5
        assert isinstance(forecast, EDForecast)
        assert forecast.model == model.name
        assert np.isfinite(forecast.quantiles).all()


@pytest.mark.parametrize("trees", [Trees(), QUICK], ids=["whole", "quick"])
def test_forests_serve_every_hour_once(trees):
    assert [hour for first, last in trees.spans_h for hour in range(first, last + 1)] == list(range(1, 73))


def test_quick_forests_learn_from_fewer_origins(monkeypatch):
    seen = []
    whole = boosted.features
    monkeypatch.setattr(boosted, "features", lambda *given: seen.append(given[2]) or whole(*given))
    trees = replace(QUICK, n=2, leaves=4)
    Boosted(trees=trees).train(rolling_of(made_up(100)), 100 * 24, np.array([1, 6]))
    assert np.diff(seen[0]).tolist() == [1] * (len(seen[0]) - 1)
    assert np.diff(seen[1]).tolist() == [2] * (len(seen[1]) - 1)
