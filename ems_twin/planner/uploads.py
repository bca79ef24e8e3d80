"""Files that a planner brings along: courses and scenarios, read by the readers that the command line uses."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from ..city import City
from ..city.closures import read_course
from ..errors import InputError
from ..faults import Faults, faults_of
from ..scenario.whatif import ScenarioError
from .plain import read_plain

_COURSES = (".gpx", ".geojson", ".json")
_SCENARIOS = (".yaml", ".yml", ".json")
_MOST_POINTS = 2000
_TOLERANCE_M = 2.0


def course_of(name: str, body: bytes) -> dict[str, Any]:
    """Points of a course in a file; one of very many points is drawn with fewer, none of its own 2 m off.

    Raises
    ------
    InputError
        It is no GPX or GeoJSON file, or holds no line.
    """
    with TemporaryDirectory() as folder:
        points = np.array(_named(lambda: read_course(_written(folder, name, body, _COURSES)), name))
    n = len(points)
    if n > _MOST_POINTS:
        import shapely

        squeeze = float(np.cos(np.radians(points[:, 1].mean())))
        line = shapely.linestrings(points * (squeeze, 1.0))
        points = shapely.get_coordinates(shapely.simplify(line, _TOLERANCE_M / 111_320.0)) / (squeeze, 1.0)
    return {"name": PurePosixPath(name).stem, "line": np.round(points, 6).tolist(), "points_read": n}


def opened(name: str, body: bytes, city: City) -> dict[str, Any]:
    """Plain values of a scenario's file.

    Raises
    ------
    InputError
        It cannot be read, or names files that were not brought along: with all faults, by path.
    """
    with TemporaryDirectory() as folder:
        return _named(lambda: read_plain(_written(folder, name, body, _SCENARIOS), city), name)


def _written(folder: str, name: str, body: bytes, endings: tuple[str, ...]) -> Path:
    ending = PurePosixPath(name).suffix.lower()
    if ending not in endings:
        raise InputError(f"'{ending}' is no ending of such a file", remedy=f"Use {', '.join(endings)}.")
    file = Path(folder) / f"file{ending}"
    file.write_bytes(body)
    return file


def _named(read: Any, name: str) -> Any:
    """What is read; faults name the file as the planner knows it."""
    try:
        return read()
    except InputError as error:
        faults = Faults(ScenarioError)
        for one in faults_of(error):
            faults.add(one.problem, file=name, row=one.row, field=one.field, remedy=one.remedy)
        faults.raise_if_any()
    raise AssertionError  # an error has a fault
