"""A city as GeoDataFrames, for people who work with GeoPandas, QGIS or anything that reads a GeoPackage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import CityError
from .city import City
from .places import Hospital, Station
from .roads import ROAD_CLASSES

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

FORMATS = {".gpkg": "GPKG", ".geojson": "GeoJSON"}
"""File endings that :func:`export_city` writes, and their drivers."""


def roads_frame(city: City) -> GeoDataFrame:
    """One row a directed edge in the order of the arrays: ends, street, class, metres, km/h; lines in EPSG:4326."""
    import geopandas
    import shapely

    roads = city.roads
    lines = [shapely.linestrings(roads.edge_lonlat(edge)) for edge in range(roads.n_edges)]
    return geopandas.GeoDataFrame(
        {
            "from_node": roads.tail,
            "to_node": roads.head,
            "street": np.array(roads.names, dtype=object)[roads.name_id],
            "road_class": np.array(ROAD_CLASSES, dtype=object)[roads.road_class],
            "length_m": roads.length_m,
            "speed_kmh": roads.speed_mps * 3.6,
        },
        geometry=lines,
        crs="EPSG:4326",
    )


def places_frame(city: City) -> GeoDataFrame:
    """One row a station, then one a hospital: kind, id, name, units, beds, bays, source; points in EPSG:4326."""
    import geopandas

    places: list[Station | Hospital] = [*city.stations, *city.hospitals]
    return geopandas.GeoDataFrame(
        {
            "kind": [*(station.kind for station in city.stations), *("hospital" for _ in city.hospitals)],
            "id": [place.id for place in places],
            "name": [place.name for place in places],
            "node": [place.node for place in places],
            "units": [getattr(place, "units", 0) for place in places],
            "beds": [getattr(place, "beds", 0) for place in places],
            "bays": [getattr(place, "bays", 0) for place in places],
            "source": [place.source for place in places],
        },
        geometry=geopandas.points_from_xy([place.lon for place in places], [place.lat for place in places]),
        crs="EPSG:4326",
    )


def export_city(city: City, file: Path) -> Path:
    """Write roads and places: two layers of a GeoPackage, or two GeoJSON files NAME-roads and NAME-places.

    Returns the file written first.

    Raises
    ------
    CityError
        For another file ending, or a place that cannot be written to.
    """
    driver = FORMATS.get(file.suffix.lower())
    if driver is None:
        raise CityError(f"'{file.suffix}' is not a format to export to", file=file, remedy="Use .gpkg or .geojson.")
    layers = {"roads": roads_frame(city), "places": places_frame(city)}
    targets = {
        name: file if driver == "GPKG" else file.with_name(f"{file.stem}-{name}{file.suffix}") for name in layers
    }
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)  # layers of an older export would stay in the package
        for name, frame in layers.items():
            frame.to_file(targets[name], layer=name, driver=driver)
    except (OSError, RuntimeError) as error:
        raise CityError(
            f"cannot be written: {error}", file=file, remedy="Choose another file, or mend its permissions."
        ) from error
    return targets["roads"]
