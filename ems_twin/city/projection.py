"""From degrees to metres and back to the one metric coordinate system of a city: a UTM zone.

The projection is written out (Krüger's series to the third order in the third flattening, good to a millimetre
within 20 degrees of the central meridian; Karney 2011, J. Geodesy 85:475-485) because it is a page of arithmetic,
vectorises, and saves every start-up the loading of a projection library and its database.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import CityError
from .roads import RoadNetwork

_A = 6_378_137.0  # WGS 84 semi-major axis, m
_F = 1 / 298.257223563  # WGS 84 flattening
_N = _F / (2 - _F)
_K0 = 0.9996  # scale on the central meridian
_RADIUS = _A / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_ALPHA = (
    _N / 2 - 2 * _N**2 / 3 + 5 * _N**3 / 16,
    13 * _N**2 / 48 - 3 * _N**3 / 5,
    61 * _N**3 / 240,
)
_FALSE_EASTING_M = 500_000.0
_FALSE_NORTHING_SOUTH_M = 10_000_000.0


def utm_crs(lon: float, lat: float) -> str:
    """Name of the UTM zone of a point, such as ``EPSG:32618``."""
    zone = int(np.floor((lon + 180) / 6)) % 60 + 1
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def project(
    roads_or_crs: RoadNetwork | str, lon: ArrayLike, lat: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Project points to a city's metric coordinates.

    Parameters
    ----------
    roads_or_crs
        A road network, or the name of a UTM zone on WGS 84 (``EPSG:326xx`` or ``EPSG:327xx``).
    lon, lat
        Degrees, any shape.

    Returns
    -------
    x, y
        Easting and northing, metres, of the shape of the input.

    Raises
    ------
    CityError
        The coordinate system is not a UTM zone on WGS 84.
    """
    crs = roads_or_crs if isinstance(roads_or_crs, str) else roads_or_crs.crs
    zone, south = _zone(crs)
    phi = np.radians(np.asarray(lat, dtype=np.float64))
    dlam = np.radians(np.asarray(lon, dtype=np.float64) - (6 * zone - 183))
    e = 2 * np.sqrt(_N) / (1 + _N)  # first eccentricity
    t = np.sinh(np.arctanh(np.sin(phi)) - e * np.arctanh(e * np.sin(phi)))  # tangent of the conformal latitude
    xi0 = np.arctan2(t, np.cos(dlam))
    eta0 = np.arcsinh(np.sin(dlam) / np.hypot(t, np.cos(dlam)))
    xi, eta = xi0.copy(), eta0.copy()
    for j, alpha in enumerate(_ALPHA, start=1):
        xi += alpha * np.sin(2 * j * xi0) * np.cosh(2 * j * eta0)
        eta += alpha * np.cos(2 * j * xi0) * np.sinh(2 * j * eta0)
    x = _FALSE_EASTING_M + _K0 * _RADIUS * eta
    y = _K0 * _RADIUS * xi + (_FALSE_NORTHING_SOUTH_M if south else 0.0)
    return x, y


def _zone(crs: str) -> tuple[int, bool]:
    code = crs.upper().removeprefix("EPSG:")
    if code.isdigit() and len(code) == 5 and code[:3] in ("326", "327") and 1 <= int(code[3:]) <= 60:
        return int(code[3:]), code[2] == "7"
    raise CityError(
        f"'{crs}' is not a UTM zone on WGS 84",
        field="crs",
        remedy="Give EPSG:326xx (north) or EPSG:327xx (south), xx being the zone.",
    )


def haversine_m(lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> NDArray[np.float64]:
    """Great-circle distance in metres on a sphere of 6,371,009 m (as OSMnx), element by element."""
    p, q = np.radians(np.asarray(lat1, float)), np.radians(np.asarray(lat2, float))
    dlon = np.radians(np.asarray(lon2, float) - np.asarray(lon1, float))
    h = np.sin((q - p) / 2) ** 2 + np.cos(p) * np.cos(q) * np.sin(dlon / 2) ** 2
    distance: NDArray[np.float64] = 2 * 6_371_009.0 * np.arcsin(np.sqrt(np.minimum(h, 1.0)))
    return distance
