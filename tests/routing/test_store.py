"""Labels on disk are used only for the city they belong to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numba
import numpy as np
import pytest

from ems_twin.city.sample import grid_city
from ems_twin.routing import Router, store


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "user_cache_root", lambda: tmp_path / "cache")


def test_labels_are_stored_beside_the_bundle_and_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    city = replace(grid_city(6, 7), directory=tmp_path)
    first = Router.for_city(city)
    assert (tmp_path / f"labels-{city.content_hash}.npz").exists()
    monkeypatch.setattr(store, "_write", lambda *_: pytest.fail("built anew although the labels fit"))
    again = Router.for_city(city)
    assert numba.typeof(again.labels) == numba.typeof(first.labels)  # else every kernel compiles a second time
    everywhere = np.arange(42)
    np.testing.assert_array_equal(again.matrix_s(everywhere, everywhere), first.matrix_s(everywhere, everywhere))
    np.testing.assert_array_equal(again.from_nearest_s([3]), first.from_nearest_s([3]))
    assert again.path(0, 41).duration_s == first.path(0, 41).duration_s


def test_other_speeds_get_other_labels(tmp_path: Path) -> None:
    slow = replace(grid_city(4, 4, speed_kmh=18), directory=tmp_path)
    fast = replace(grid_city(4, 4, speed_kmh=36), directory=tmp_path)
    assert slow.content_hash != fast.content_hash
    assert Router.for_city(slow).travel_s(0, 15) == pytest.approx(2 * Router.for_city(fast).travel_s(0, 15), abs=1e-3)


def test_another_sirens_factor_is_not_taken_for_the_stored_one(tmp_path: Path) -> None:
    city = replace(grid_city(4, 4), directory=tmp_path)
    ordinary = Router.for_city(city).travel_s(0, 15)
    assert Router.for_city(replace(city, sirens_factor=2.6)).travel_s(0, 15) == pytest.approx(ordinary / 2, abs=1e-3)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 nonsense", b"not a zip at all"])
def test_a_damaged_file_is_built_anew(tmp_path: Path, damage: bytes) -> None:
    city = replace(grid_city(4, 4), directory=tmp_path)
    good = Router.for_city(city).travel_s(0, 15)
    file = tmp_path / f"labels-{city.content_hash}.npz"
    file.write_bytes(damage)
    assert Router.for_city(city).travel_s(0, 15) == good
    assert file.stat().st_size > len(damage)


def test_a_folder_that_cannot_be_written_falls_back_to_the_cache(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    city = replace(grid_city(4, 4), directory=blocked)
    Router.for_city(city)
    assert (tmp_path / "cache" / "labels" / f"labels-{city.content_hash}.npz").exists()
