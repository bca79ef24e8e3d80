"""Fitted models in files: the same forecasts after reading, nothing in them that could run, no single calls."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from ems_twin.demand.forecast import kept, recall
from ems_twin.demand.forecast.catalogue import MODELS, make_models
from ems_twin.demand.forecast.grown import GrownTrees
from ems_twin.demand.forecast.kept import FittedModel, calls_digest, read_fitted, write_fitted
from ems_twin.demand.forecast.kernels import PlaneKernel
from ems_twin.demand.forecast.split import VolumeDensity
from ems_twin.errors import InputError

from .conftest import WEEK_S


def kept_model(model, record) -> FittedModel:
    return FittedModel(
        model=model, name=model.name, cells=record.cells, cells_kind="square:1000", timezone="America/New_York",
        since_s=record.since_s, until_s=record.until_s, calls=len(record), digest=calls_digest(record), source="drawn",
        notes=("a note",),
    )  # fmt: skip


def same(a, b) -> None:
    np.testing.assert_allclose(a.mean, b.mean, rtol=1e-12)
    assert a.by_span == b.by_span
    np.testing.assert_array_equal(a.hour, b.hour)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_says_the_same_after_reading(name, record, tmp_path):
    known = record.between(record.since_s, record.since_s + 20 * WEEK_S)
    model = make_models((name,), holidays=(date(2024, 1, 1),))[name]
    model.fit(known)
    write_fitted(kept_model(model, known), tmp_path / "model.npz")
    read = read_fitted(tmp_path / "model.npz")
    assert (read.name, read.calls, read.notes) == (model.name, len(known), ("a note",))
    assert read.cells.names == known.cells.names
    same(read.model.predict(known.until_s, 30), model.predict(known.until_s, 30))
    later = record.between(known.until_s, known.until_s + 40 * 3600)
    for which in (model, read.model):
        which.update(later)
    same(read.model.predict(later.until_s, 24), model.predict(later.until_s, 24))
    read.model.fit(record)  # it can learn anew
    assert read.model.predict(record.until_s, 1).total[0] > 0


def test_trees_as_arrays_are_those_of_the_library():
    from sklearn.ensemble import HistGradientBoostingRegressor

    rng = np.random.default_rng(1)
    x = rng.normal(size=(3000, 4)).astype(np.float32)
    x[::7, 2] = np.nan
    y = rng.poisson(np.exp(0.5 * x[:, 0] + np.where(np.isnan(x[:, 2]), 0.4, 0.0)))
    forest = HistGradientBoostingRegressor(loss="poisson", max_iter=25, max_leaf_nodes=8, random_state=0).fit(x, y)
    grown = GrownTrees.of(forest)
    assert len(grown.first) == 25
    np.testing.assert_allclose(grown.predict(x), forest.predict(x), rtol=1e-12)
    with pytest.raises(InputError, match="keeps its trees otherwise"):
        GrownTrees.of(object())


def test_the_file_holds_no_call_and_no_code(record, tmp_path):
    model = make_models(("volume_density",))["volume_density"]
    placed = replace(record, place=np.full((len(record), 2), 40.0))
    model.fit(placed)
    write_fitted(kept_model(model, placed), tmp_path / "model.npz")
    with np.load(tmp_path / "model.npz", allow_pickle=False) as stored:
        text = json.loads(str(stored["model"]))
        assert text["version"] == kept.version_key()
        assert all(stored[name].dtype != object for name in stored.files)
        assert all(len(record) not in stored[name].shape for name in stored.files)


def test_a_file_of_another_kind_is_refused(record, tmp_path, monkeypatch):
    class Boom:
        def __reduce__(self):
            return print, ("run",)

    file = tmp_path / "model.npz"
    with pytest.raises(InputError, match="is missing"):
        read_fitted(file)
    for content in (b"", b"time,lon\n", pickle.dumps(Boom())):
        file.write_bytes(content)
        with pytest.raises(InputError, match="no model that 'forecast fit' wrote"):
            read_fitted(file)
    np.savez(file, model=np.array([Boom()], dtype=object))
    with pytest.raises(InputError, match="no model that 'forecast fit' wrote"):
        read_fitted(file)
    model = make_models(("hour_of_week",))["hour_of_week"]
    model.fit(record)
    write_fitted(kept_model(model, record), file)
    with np.load(file) as stored:
        arrays = {name: stored[name] for name in stored.files}
    foreign = json.loads(str(arrays["model"]))
    foreign["model"]["class"] = "Popen"
    np.savez(file, **arrays | {"model": np.array(json.dumps(foreign))})
    with pytest.raises(InputError, match="no model that 'forecast fit' wrote"):
        read_fitted(file)
    write_fitted(kept_model(model, record), file)
    monkeypatch.setattr(kept, "version_key", lambda: "another")
    with pytest.raises(InputError, match="another version of the forecasters"):
        read_fitted(file)


def test_what_a_file_cannot_hold_is_said(record, tmp_path):
    model = VolumeDensity(prior=PlaneKernel())
    model.fit(record)
    with pytest.raises(InputError, match="PlaneKernel cannot be kept in a file"):
        write_fitted(kept_model(model, record), tmp_path / "model.npz")
    (tmp_path / "file").write_text("")
    model = make_models(("hour_of_week",))["hour_of_week"]
    model.fit(record)
    with pytest.raises(InputError, match="cannot be written"):
        write_fitted(kept_model(model, record), tmp_path / "file" / "model.npz")
    assert not list(tmp_path.glob(".*"))


def test_a_second_question_takes_no_second_fit(record, tmp_path, monkeypatch):
    monkeypatch.setattr(recall, "user_cache_root", lambda: tmp_path)

    def ask(calls, name="hour_of_week"):
        return recall.fit_or_recall(calls, name, cells_kind="square:1000", source="drawn")

    first, recalled = ask(record)
    assert not recalled
    again, recalled = ask(record)
    assert recalled
    same(first.model.predict(record.until_s, 5), again.model.predict(record.until_s, 5))
    assert not ask(record.between(record.since_s, record.until_s - 3600))[1]
    assert not ask(record, "constant_shares")[1]
    for file in (tmp_path / "forecasts").glob("*.npz"):
        file.write_bytes(b"torn")
    assert not ask(record)[1]
    for hours in range(20):
        ask(record.between(record.since_s, record.until_s - 3600 * hours))
    assert len(list((tmp_path / "forecasts").glob("*.npz"))) == 12
