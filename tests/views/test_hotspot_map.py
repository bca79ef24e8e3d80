"""Cells have their outlines, and what no map can show is said."""

import re
from dataclasses import replace

import numpy as np
import pytest
import shapely
from made_up_run import small_city

from ems_twin.demand.forecast.cells import h3_cells, square_cells, zone_cells
from ems_twin.demand.hotspots import Hotspot
from ems_twin.errors import InputError
from ems_twin.views import write_hotspot_map
from ems_twin.views.cell_shapes import cell_bounds, cell_geometries
from ems_twin.views.hotspot_map import class_limits


def spot(cell, rank=1):
    return Hotspot(
        rank=rank, cell=cell, lon=0.0, lat=0.0, rate_30=1.0, rate_60=1.0, usual=1.0, ratio=1.0, tail=0.5, behind=9.0, p_30=0.4,
        p_60=0.6, why="usual",
    )  # fmt: skip


@pytest.fixture(scope="module")
def city():
    return replace(small_city(), attribution="© OpenStreetMap contributors")


@pytest.mark.parametrize("kind", ["hexagons", "squares", "zones"])
def test_an_outline_holds_the_middle_and_has_the_area_of_its_cell(city, kind):
    roads = city.roads
    cells = {
        "hexagons": lambda: h3_cells(roads.lon, roads.lat, 8),
        "squares": lambda: square_cells(roads.lon, roads.lat, 600.0),
        "zones": lambda: zone_cells(
            ("a", "b"), polygons=(shapely.box(9, 45, 9.01, 45.01), shapely.box(9.01, 45, 9.03, 45.01))
        ),
    }[kind]()
    geometries = cell_geometries(cells)
    shapes = [shapely.geometry.shape(geometry) for geometry in geometries]
    assert len(shapes) == len(cells)
    assert all(
        shape.contains(shapely.Point(lon, lat)) for shape, lon, lat in zip(shapes, cells.lon, cells.lat, strict=True)
    )
    km2 = np.array([shape.area for shape in shapes]) * 111.195**2 * np.cos(np.radians(cells.lat))
    np.testing.assert_allclose(km2, cells.area_km2, rtol=0.02)
    south_west, north_east = cell_bounds(geometries)
    assert south_west[0] <= cells.lat.min() <= cells.lat.max() <= north_east[0]
    assert south_west[1] <= cells.lon.min() < cells.lon.max() <= north_east[1]


def test_limits_double_up_to_half_the_highest():
    assert class_limits(3.2) == [0.1, 0.2, 0.4, 0.8, 1.6]


def test_a_file_stands_alone_and_carries_the_credit(city, tmp_path):
    cells = h3_cells(city.roads.lon, city.roads.lat, 7)
    hour = [spot(name, rank) for rank, name in enumerate(reversed(cells.names), start=1)]
    page = write_hotspot_map([hour, hour], cells, city, tmp_path / "new" / "spots.html", at_s=1.71e9)
    text = page.read_text("utf-8")
    assert "OpenStreetMap contributors" in text
    assert "Content-Security-Policy" in text
    assert '<link rel="stylesheet"' not in text
    assert re.search(r"<(script|img|iframe)[^>]* src=", text) is None


def test_what_no_map_can_show_is_said(city, tmp_path):
    cells = h3_cells(city.roads.lon, city.roads.lat, 7)
    hour = [spot(name) for name in cells.names]
    page = tmp_path / "spots.html"
    for spots, where, options, message in (
        ([], cells, {}, "do not hold every cell"),
        ([hour[1:]], cells, {}, "do not hold every cell"),
        ([hour], cells, {"theme": "pink"}, "pink"),
        ([[replace(hour[0], cell="a")]], zone_cells(("a",)), {}, "areas of these zones are not known"),
    ):
        with pytest.raises(InputError, match=message):
            write_hotspot_map(spots, where, city, page, at_s=0.0, **options)
    assert not page.exists()
