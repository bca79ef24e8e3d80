"""A city as GeoDataFrames and on disk for other programs."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest

from ems_twin.city import export_city, load_city, places_frame, roads_frame
from ems_twin.city.sample import grid_city
from ems_twin.errors import CityError


def test_frames_hold_the_arrays_of_the_city() -> None:
    city = load_city("coquimbo")
    roads = roads_frame(city)
    assert len(roads) == city.roads.n_edges
    metres = roads.to_crs(city.roads.crs).length.to_numpy()
    assert np.median(np.abs(metres - city.roads.length_m) / city.roads.length_m) < 0.01
    assert set(roads["road_class"]) > {"primary", "residential"}
    places = places_frame(city)
    assert list(places["kind"]).count("hospital") == len(city.hospitals)
    assert places["units"].sum() == sum(station.units for station in city.stations)


@pytest.mark.parametrize("ending", ["gpkg", "geojson"])
def test_an_export_reads_back(tmp_path: Path, ending: str) -> None:
    city = grid_city(3, 4)
    for _ in range(2):  # writing over an older export leaves no second copy
        first = export_city(city, tmp_path / f"grid.{ending}")
    roads = geopandas.read_file(first, layer="roads")
    places = geopandas.read_file(first if ending == "gpkg" else tmp_path / "grid-places.geojson", layer="places")
    assert len(roads) == city.roads.n_edges
    assert list(places["name"]) == ["Station 0", "Hospital 0"]
    assert roads["speed_kmh"].unique() == pytest.approx([36.0])


def test_formats_that_are_not_known_and_places_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CityError, match=r"'\.shp' is not a format.*\.gpkg"):
        export_city(grid_city(2, 2), tmp_path / "x.shp")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CityError, match="cannot be written"):
        export_city(grid_city(2, 2), tmp_path / "file" / "x.gpkg")
