"""Write and read ``roads.npz``: plain arrays, never pickles, and everything is checked on the way in."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import CityError
from .fingerprint import STORED
from .projection import project
from .reach import strongly_reached
from .roads import ROAD_CLASSES, RoadNetwork

_REBUILD = "Build the city again with `ems-twin city build`."
_FLOATS = ("lon", "lat", "length_m", "speed_mps", "shape_lon", "shape_lat")
_INTEGERS = {"osm_id": np.int64, "first_out": np.int32, "head": np.int32, "road_class": np.uint8}


def write_roads(path: Path, roads: RoadNetwork) -> None:
    """Write a network; street names go in as one text in UTF-8, a line each."""
    arrays = {name: getattr(roads, name) for name in STORED}
    names = np.frombuffer("\n".join(roads.names).encode(), dtype=np.uint8)
    np.savez_compressed(path, allow_pickle=False, names=names, **arrays)


def read_roads(path: Path, crs: str) -> RoadNetwork:
    """Read ``roads.npz`` into a network in the UTM zone ``crs``.

    Raises
    ------
    CityError
        The file is missing or broken, an array is missing or cannot be part of a road network, or the network is not
        strongly connected.
    """
    arrays: dict[str, Any] = {}
    try:
        with np.load(path, allow_pickle=False) as file:
            for name in (*STORED, "names"):
                if name not in file.files:
                    raise CityError("the array is missing", file=path, field=name, remedy=_REBUILD)
                arrays[name] = file[name]
        names = tuple(arrays.pop("names").tobytes().decode().split("\n"))
    except FileNotFoundError:
        raise CityError("the file is missing", file=path, remedy=_REBUILD) from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        if isinstance(error, CityError):
            raise
        raise CityError(f"cannot be read ({error})", file=path, remedy=_REBUILD) from error
    for name, array in arrays.items():
        kind = "f" if name in _FLOATS else "iu"
        if array.ndim != 1 or array.dtype.kind not in kind:
            raise CityError(f"is a {array.ndim}-d array of {array.dtype}", file=path, field=name, remedy=_REBUILD)
        wanted = np.float64 if name in _FLOATS else _INTEGERS.get(name, np.int32)
        arrays[name] = np.ascontiguousarray(array, dtype=wanted)
    _check_arrays(path, arrays, len(names))
    x, y = project(crs, arrays["lon"], arrays["lat"])
    roads = RoadNetwork(x=x, y=y, names=names, crs=crs, **arrays)
    lost = int((~strongly_reached(roads)).sum())
    if lost:
        raise CityError(
            f"the road graph is not connected: {lost} of {roads.n_nodes} nodes cannot be driven to and from",
            file=path,
            remedy=_REBUILD,
        )
    return roads


def _check_arrays(path: Path, arrays: dict[str, Any], n_names: int) -> None:
    """Refuse arrays whose lengths, offsets or values cannot be a road network."""
    n, m, k = len(arrays["lon"]), len(arrays["head"]), len(arrays["shape_lon"])
    lengths = {"lat": n, "osm_id": n, "first_out": n + 1, "shape_first": m + 1, "shape_lat": k}
    lengths |= dict.fromkeys(("length_m", "speed_mps", "road_class", "name_id"), m)
    for name, wanted in lengths.items():
        if len(arrays[name]) != wanted:
            raise CityError(
                f"has {len(arrays[name])} entries, {wanted} are expected", file=path, field=name, remedy=_REBUILD
            )
    if n == 0 or m == 0:
        raise CityError("the road graph is empty", file=path, remedy=_REBUILD)
    for name, last in (("first_out", m), ("shape_first", k)):
        if arrays[name][0] != 0 or arrays[name][-1] != last or (np.diff(arrays[name]) < 0).any():
            raise CityError(f"offsets do not rise from 0 to {last}", file=path, field=name, remedy=_REBUILD)
    for name, below in (("head", n), ("name_id", n_names), ("road_class", len(ROAD_CLASSES))):
        if arrays[name].min() < 0 or arrays[name].max() >= below:
            raise CityError(f"an entry is not in 0..{below - 1}", file=path, field=name, remedy=_REBUILD)
    for name, limit in (("lon", 180.0), ("shape_lon", 180.0), ("lat", 90.0), ("shape_lat", 90.0)):
        if not (np.abs(arrays[name]) <= limit).all():
            raise CityError(f"an entry is not within ±{limit:g} degrees", file=path, field=name, remedy=_REBUILD)
    for name in ("length_m", "speed_mps"):
        bad = ~((arrays[name] > 0) & np.isfinite(arrays[name]))
        if bad.any():
            row = int(np.argmax(bad)) + 1
            raise CityError("is not a number above 0", file=path, row=row, field=name, remedy=_REBUILD)
