"""Where roads and places come from: one file a source, each yielding the same raw arrays."""

from __future__ import annotations

from pathlib import Path

from ...errors import CityError
from ..raw import RawRoads

KINDS: dict[str, tuple[str, ...]] = {
    "osm": (".osm", ".osm.pbf", ".pbf", ".osm.gz", ".osm.bz2"),
    "graphml": (".graphml", ".graphml.gz"),
    "hive": (".json",),
    "aequilibrae": (".sqlite", ".zip"),
}
"""Kinds of source and the endings that tell them; wheels are told by their name."""


def source_kind(path: str | Path) -> str:
    """Kind of a source by its file name.

    Raises
    ------
    CityError
        The ending tells no kind that can be read.
    """
    name = Path(path).name.lower()
    if name.endswith(".whl"):
        kinds = [kind for kind, start in (("hive", "nrel"), ("aequilibrae", "aequilibrae")) if name.startswith(start)]
    else:
        kinds = [kind for kind, endings in KINDS.items() if name.endswith(endings)]
    if not kinds:
        endings = ", ".join(ending for group in KINDS.values() for ending in group)
        raise CityError("no source of roads ends like this", file=path, remedy=f"Known endings: {endings}.")
    return kinds[0]


def read_source(path: str | Path, kind: str | None = None) -> RawRoads:
    """Read roads (and candidates for places) from a file.

    Parameters
    ----------
    path
        The file.
    kind
        A key of :data:`KINDS`; by default told by the file's name.

    Raises
    ------
    CityError
        The file is missing, of no known kind, or malformed.
    """
    path = Path(path)
    kind = kind or source_kind(path)
    if not path.is_file():
        raise CityError("there is no such file", file=path, remedy="Check the path.")
    if kind == "osm":
        from .osm import read_osm

        return read_osm(path)
    if kind == "graphml":
        from .graphml import read_graphml

        return read_graphml(path)
    if kind == "hive":
        from .hive import read_hive

        return read_hive(path)
    if kind == "aequilibrae":
        from .aequilibrae import read_aequilibrae

        return read_aequilibrae(path)
    raise CityError(f"there is no kind of source '{kind}'", remedy=f"Known kinds: {', '.join(KINDS)}.")
