"""Cells in which calls are counted and forecast: squares in metres, H3 hexagons, or zones that a user gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import h3
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ...city.projection import project, utm_crs
from ...errors import InputError

_EARTH_M = 6_371_009.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Cells:
    """A service area cut into c cells.

    Raises
    ------
    InputError
        Arrays do not fit each other, or an area is not above 0.
    """

    names: tuple[str, ...]
    """Name of each cell: the H3 index, ``column/row`` of a square, or the zone's name."""
    area_km2: NDArray[np.float64]
    """Area of each cell, km², length c, > 0."""
    lon: NDArray[np.float64]
    """Longitude of each cell's middle, degrees, length c; nan where it is not known."""
    lat: NDArray[np.float64]
    """Latitude of each cell's middle, degrees, length c."""
    size_m: float = 0.0
    """Side of the squares, metres; 0 for other cells."""
    crs: str = ""
    """Metric coordinates of the squares, a UTM zone."""
    resolution: int = -1
    """H3 resolution; -1 for other cells."""
    polygons: tuple[shapely.Geometry, ...] = ()
    """Zones' areas in degrees, where they are known."""
    row: Mapping[str, int] = field(init=False)
    """Row of each name."""

    def __post_init__(self) -> None:
        for name in ("area_km2", "lon", "lat"):
            if getattr(self, name).shape != (len(self.names),):
                raise InputError(f"has not one entry for each of {len(self.names)} cells", field=name)
        if not np.all(self.area_km2 > 0):
            raise InputError("holds an area that is not above 0", field="area_km2")
        object.__setattr__(self, "row", {name: i for i, name in enumerate(self.names)})

    def __len__(self) -> int:
        return len(self.names)

    @property
    def area_share(self) -> NDArray[np.float64]:
        """Each cell's share of the whole area, length c, summing to 1."""
        return np.asarray(self.area_km2 / self.area_km2.sum(), dtype=np.float64)

    def locate(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int32]:
        """Row of the cell in which each point lies, -1 outside all.

        Raises
        ------
        InputError
            The cells are zones without polygons.
        """
        lon, lat = np.atleast_1d(np.asarray(lon, np.float64)), np.atleast_1d(np.asarray(lat, np.float64))
        if self.size_m:
            x, y = project(self.crs, lon, lat)
            keys = _square_names(x, y, self.size_m)
        elif self.resolution >= 0:
            keys = [h3.latlng_to_cell(b, a, self.resolution) for a, b in zip(lon.tolist(), lat.tolist(), strict=True)]
        elif self.polygons:
            point, zone = shapely.STRtree(self.polygons).query(shapely.points(lon, lat), predicate="intersects")
            found = np.full(len(lon), -1, dtype=np.int32)
            found[point[::-1]] = zone[::-1]  # on a common border the first zone wins
            return found
        else:
            raise InputError("zones without polygons cannot say where a point lies", field="cells")
        return np.array([self.row.get(key, -1) for key in keys], dtype=np.int32)

    def metres(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Middles of the cells in metric coordinates, x and y, metres, each of length c."""
        crs = self.crs or utm_crs(float(np.nanmean(self.lon)), float(np.nanmean(self.lat)))
        return project(crs, self.lon, self.lat)


def square_cells(
    lon: ArrayLike, lat: ArrayLike, size_m: float, *, area: shapely.Geometry | None = None, crs: str | None = None
) -> Cells:
    """Squares that hold at least one of the points, or that touch an area.

    Parameters
    ----------
    lon, lat
        Points, degrees; without ``area`` they span the service area, so they must not come from the test period.
    size_m
        Side, metres, on a grid whose lines are whole multiples of it.
    area
        Service area, degrees; then all squares whose middle or any of whose corners lie in it, and those of the points.
    crs
        UTM zone; by default that of the points' mean.
    """
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    if not size_m > 0:
        raise InputError(f"{size_m} is not above 0", field="size_m")
    crs = crs or utm_crs(float(lon.mean()), float(lat.mean()))
    x, y = project(crs, lon, lat)
    wanted = np.unique(np.stack([np.floor(x / size_m), np.floor(y / size_m)], 1), axis=0)
    if area is not None:
        ring = shapely.get_coordinates(area)
        bx, by = project(crs, ring[:, 0], ring[:, 1])
        outline = shapely.set_coordinates(shapely.from_wkb(shapely.to_wkb(area)), np.stack([bx, by], 1))
        column, line = np.meshgrid(
            np.arange(np.floor(bx.min() / size_m), np.floor(bx.max() / size_m) + 1),
            np.arange(np.floor(by.min() / size_m), np.floor(by.max() / size_m) + 1),
        )
        boxes = shapely.box(column * size_m, line * size_m, (column + 1) * size_m, (line + 1) * size_m).ravel()
        inside = shapely.intersects(boxes, outline)
        found = np.stack([column.ravel()[inside], line.ravel()[inside]], 1)
        wanted = np.unique(np.concatenate([wanted, found]), axis=0)
    middle_x, middle_y = (wanted[:, 0] + 0.5) * size_m, (wanted[:, 1] + 0.5) * size_m
    middle = _degrees(crs, middle_x, middle_y)
    return Cells(
        names=tuple(f"{int(i)}/{int(j)}" for i, j in wanted),
        area_km2=np.full(len(wanted), (size_m / 1000) ** 2),
        lon=middle[0],
        lat=middle[1],
        size_m=float(size_m),
        crs=crs,
    )


def h3_cells(lon: ArrayLike, lat: ArrayLike, resolution: int, *, ring: int = 0) -> Cells:
    """H3 hexagons that hold at least one of the points, with ``ring`` rings of neighbours around them."""
    points = zip(np.atleast_1d(lon).tolist(), np.atleast_1d(lat).tolist(), strict=True)
    held = {h3.latlng_to_cell(b, a, resolution) for a, b in points}
    names = sorted({near for name in held for near in h3.grid_disk(name, ring)})
    middles = np.array([h3.cell_to_latlng(name) for name in names], dtype=np.float64).reshape(-1, 2)
    return Cells(
        names=tuple(names),
        area_km2=np.array([h3.cell_area(name, unit="km^2") for name in names]),
        lon=middles[:, 1].copy(),
        lat=middles[:, 0].copy(),
        resolution=resolution,
    )


def zone_cells(
    names: tuple[str, ...],
    *,
    polygons: tuple[shapely.Geometry, ...] = (),
    area_km2: ArrayLike | None = None,
) -> Cells:
    """Zones by name, such as ZIP areas.

    Parameters
    ----------
    names
        One a zone.
    polygons
        Their areas, degrees; without them points cannot be located and neighbours are not known.
    area_km2
        Their areas, km²; by default from the polygons, else 1 each, so that densities are per zone.
    """
    n = len(names)
    if polygons and len(polygons) != n:
        raise InputError(f"holds {len(polygons)} areas for {n} zones", field="polygons")
    lon = np.array([shape.centroid.x for shape in polygons]) if polygons else np.full(n, np.nan)
    lat = np.array([shape.centroid.y for shape in polygons]) if polygons else np.full(n, np.nan)
    if area_km2 is None:
        area_km2 = (
            [
                shape.area * (np.pi / 180 * _EARTH_M / 1000) ** 2 * np.cos(np.radians(shape.centroid.y))
                for shape in polygons
            ]
            if polygons
            else np.ones(n)
        )
    return Cells(names=tuple(names), area_km2=np.asarray(area_km2, np.float64), lon=lon, lat=lat, polygons=polygons)


def _square_names(x: NDArray[np.float64], y: NDArray[np.float64], size_m: float) -> list[str]:
    columns, lines = np.floor(x / size_m).astype(np.int64), np.floor(y / size_m).astype(np.int64)
    return [f"{i}/{j}" for i, j in zip(columns.tolist(), lines.tolist(), strict=True)]


def _degrees(
    crs: str, x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from pyproj import Transformer

    lon, lat = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(x, y)
    return np.asarray(lon, np.float64), np.asarray(lat, np.float64)
